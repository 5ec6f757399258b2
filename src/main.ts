#!/usr/bin/env node
import { readFileSync } from "node:fs";

const manifest: unknown = JSON.parse(readFileSync(new URL(import.meta.resolve("#package.json")), "utf8"));
if (typeof manifest === "object" && manifest !== null && "version" in manifest) console.log(manifest.version);
