#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { problems } from "#problems.ts";

/** The version of the package that this file came with. */
const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL(import.meta.resolve("#package.json")), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";
};

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  const { says, costs, fix } = problems.oldNode(process.versions.node);
  process.stderr.write(`${says}\n  ${costs}\n  ${fix}\n`);
  process.exitCode = 2;
} else {
  const { enableCompileCache } = await import("node:module");
  enableCompileCache();
  const { main } = await import("#main.ts");
  const { stdout, stderr, env } = process;
  // A reader that has gone (| head) wants no more; it is no error. Anything else, such as a full disk, is one.
  for (const stream of [stdout, stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") {
        const { says, costs, fix } = problems.notWritten(error.code ?? error.message);
        if (stream !== stderr) stderr.write(`${says}\n  ${costs}\n  ${fix}\n`);
        process.exitCode = 2;
      }
      if (stream === stdout) process.exit();
    });
  process.exitCode = await main(process.argv.slice(2), version(), {
    print: (text) => void stdout.write(text),
    warn: (text) => void stderr.write(text),
    columns: stdout.isTTY ? stdout.columns : undefined,
    env,
    watched: stderr.isTTY,
  });
  // Calls that are still on their way would keep a process alive that was told to stop.
  if (process.exitCode === 130) process.exit();
}
