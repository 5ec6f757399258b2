import { mkdirSync, writeFileSync } from "node:fs";
import { account, estate, region } from "./estate.ts";
mkdirSync(`/tmp/est/${account}/${region}`, { recursive: true });
for (const p of estate(10000, 1)) writeFileSync(`/tmp/est/${account}/${region}/${p.name}`, p.json);
