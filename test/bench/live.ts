/**
 * Reads a large account live from a server of its own, and weighs the time against what its buckets and its latency
 * allow: `npm run bench:live [interfaces]`. Answers are checked before anything is told.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stats } from "../live/calls.ts";
import { serveApart } from "../live/apart.ts";

const INTERFACES = Number(process.argv[2] ?? 100_000);
const REGIONS = 17;
const LATENCY = 300;

interface Outcome {
  readonly seconds: number;
  readonly processor: number;
  readonly megabytes: number;
  readonly code: number | null;
}

/** Runs the program as its users do, and asks the system what it took. */
const collect = async (url: string, folder: string, more: readonly string[]): Promise<Outcome> => {
  const script = `
    process.argv = [process.argv[0], "sallyport", ...${JSON.stringify(["collect", "--aws", "--output", folder, ...more])}];
    process.on("exit", () => {
      const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
      process.stderr.write("\\n#" + JSON.stringify({ maxRSS, processor: (userCPUTime + systemCPUTime) / 1e6 }));
    });
    await import(${JSON.stringify(new URL("../../dist/src/bin.js", import.meta.url).href)});`;
  const start = process.hrtime.bigint();
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      PATH: process.env["PATH"],
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: "AKIALARGEESTATE00001",
      AWS_SECRET_ACCESS_KEY: "none",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_REGION: "eu-west-1",
    },
  });
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  const code = await new Promise<number | null>((done) => child.on("close", done));
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const usage: unknown = JSON.parse(told.slice(told.lastIndexOf("#") + 1));
  if (typeof usage !== "object" || usage === null || !("maxRSS" in usage) || !("processor" in usage))
    throw new Error(told);
  return { seconds, code, processor: Number(usage.processor), megabytes: Number(usage.maxRSS) / 1024 };
};

/** How long the calls of one list take at best: what does not fit the bucket waits for it to fill. */
const bucketSeconds = ({ calls }: Stats): number =>
  Math.max(
    ...Object.entries(calls).map(([name, count]) => {
      const [capacity, refill] = name.includes("DescribeStaleSecurityGroups") ? [20, 5] : [100, 20];
      return Math.max(0, count - capacity) / refill;
    }),
  );

/** Answers that wait for others: who asks, the Regions, the groups, the lists that they name, and their further pages. */
const CHAIN = 5;

const interfacesIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.includes("describe-network-interfaces"))
    .map((file): unknown => JSON.parse(readFileSync(join(folder, file), "utf8")))
    .reduce<number>((sum, page) => sum + countIn(page), 0);

const countIn = (page: unknown): number =>
  typeof page === "object" && page !== null && "NetworkInterfaces" in page && Array.isArray(page.NetworkInterfaces)
    ? page.NetworkInterfaces.length
    : 0;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const scratch = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
const server = await serveApart(JSON.stringify({ interfaces: INTERFACES, regions: REGIONS }), {
  throttles: true,
  latency: LATENCY,
});
try {
  for (const [name, more] of [
    ["at full pace", []],
    ["--gentle", ["--gentle"]],
  ] as const) {
    const before = await server.stats();
    const folder = join(scratch, name.replaceAll(/\W/g, ""));
    const { seconds, processor, megabytes, code } = await collect(server.url, folder, more);
    const after = await server.stats();
    const throttled = (after.outcomes["throttled"] ?? 0) - (before.outcomes["throttled"] ?? 0);
    if (code !== 0) throw new Error(`it ended with ${code}`);
    if (throttled !== 0) throw new Error(`${throttled} calls were throttled`);
    if (interfacesIn(folder) !== INTERFACES) throw new Error(`it read ${interfacesIn(folder)} interfaces`);
    const document: unknown = JSON.parse(readFileSync(join(folder, "snapshot.json"), "utf8"));
    const limit = bucketSeconds(before.total === 0 ? after : before) + (CHAIN * LATENCY) / 1000;
    say(
      `${name}: ${INTERFACES} interfaces in ${REGIONS} Regions, ${after.total - before.total} calls, ${throttled} throttled, ${JSON.stringify(callsIn(document))}`,
    );
    say(
      `  ${seconds.toFixed(1)} s, of which ${processor.toFixed(1)} s of processor; buckets and latency alone allow ${limit.toFixed(1)} s: ${(seconds / limit).toFixed(2)} x; against the larger of both ${(seconds / Math.max(limit, processor)).toFixed(2)} x; peak ${megabytes.toFixed(0)} MB`,
    );
    rmSync(folder, { recursive: true });
  }
} finally {
  await server.end();
  rmSync(scratch, { recursive: true, force: true });
}

function callsIn(document: unknown): unknown {
  return typeof document === "object" && document !== null && "calls" in document ? document.calls : undefined;
}
