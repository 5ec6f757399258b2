import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { run } from "../run.ts";
import { STACK } from "../snapshots/ask.ts";
import { emptyFolder, objectsAt, parse } from "../snapshots/folder.ts";
import { shop, wholeEstate } from "./estate.ts";
import {
  type Ended,
  type Signal,
  collect,
  contentOf,
  documentOf,
  environment,
  sallyport,
  sideBySide,
  start,
} from "./program.ts";
import { type LiveServer, serve } from "./server.ts";

let quick: LiveServer | undefined;
let whole = "";
/** How many calls a whole reading takes. */
let all = 0;

beforeAll(async () => {
  quick = await serve(wholeEstate);
  const { folder } = await collect(quick.url, ["--organization"]);
  [whole, all] = [folder, quick.calls.length];
}, 30_000);

afterAll(async () => {
  await quick?.close();
});

const LATENCY = 50;

/** Runs the program against a slow server of its own, and sends a signal when so many calls have come to it. */
const stopped = async (words: readonly string[], calls: number, signal: Signal, TMPDIR = emptyFolder()) => {
  const server = await serve(wholeEstate, { latency: LATENCY });
  try {
    const running = start([...words, "--aws", "--organization"], environment(server.url, { TMPDIR }));
    const over = new AbortController();
    const ended = running.ended.finally(() => over.abort());
    while (!over.signal.aborted && server.calls.length < calls) await sleep(5);
    const begin = performance.now();
    running.signal(signal);
    return { ...(await ended), lasted: performance.now() - begin };
  } finally {
    await server.close();
  }
};

interface Stopped extends Ended {
  readonly folder: string;
  /** What stands beside the folder, or in its place. */
  readonly left: readonly string[];
  /** How long it took from the signal to the end. */
  readonly lasted: number;
}

/** Collects until a part of the calls has come to the server. */
const stoppedAt = async (part: number, signal: Signal): Promise<Stopped> => {
  const folder = join(emptyFolder(), "snapshot");
  const ended = await stopped(["collect", "--output", folder], Math.ceil(part * all), signal);
  return { ...ended, folder, left: readdirSync(dirname(folder)) };
};

describe("killed at any moment", () => {
  const moments = Array.from({ length: 12 }, (_, index) => index / 11);
  let runs: readonly Stopped[] = [];

  beforeAll(async () => {
    runs = await sideBySide(3, moments, (part) => stoppedAt(part, "SIGKILL"));
  }, 60_000);

  const leftovers = (): readonly string[] =>
    runs.flatMap(({ folder, left }) =>
      left.filter((name) => name !== "snapshot").map((name) => join(dirname(folder), name)),
    );

  test("there is never a folder in its place that is not whole", () => {
    expect(runs.filter(({ code }) => code === 137).length).toBeGreaterThan(6);
    for (const { code, folder, left } of runs) {
      if (existsSync(folder)) expect(contentOf(folder)).toEqual(contentOf(whole));
      else expect([code, left]).toEqual([137, left.filter((name) => /^snapshot\.part-\d+$/.test(name))]);
    }
  });

  test("what is left is refused as a snapshot", async () => {
    expect(leftovers().length).toBeGreaterThan(3);
    for (const folder of leftovers()) {
      const { code, out, err } = await run(["audit", "--snapshot", folder]);
      expect([code, out, err]).toEqual([
        2,
        "",
        expect.stringMatching(/was never finished: whoever collected it was stopped/),
      ]);
    }
  });

  test("what is left is passed over, with a warning, where it lies below a snapshot", async () => {
    const folder = join(emptyFolder(), "all");
    cpSync(whole, folder, { recursive: true });
    for (const each of leftovers()) cpSync(each, join(folder, basename(each)), { recursive: true });
    const [between, without] = await Promise.all(
      [folder, whole].map((each) => run(["audit", "--json", "--snapshot", each], 4000)),
    );
    expect(between?.err.match(/was never finished/g)).toHaveLength(leftovers().length);
    expect(objectsAt(parse(between?.out ?? ""), "/findings")).toEqual(
      objectsAt(parse(without?.out ?? ""), "/findings"),
    );
    expect(objectsAt(parse(between?.out ?? ""), "/coverage")).toEqual(
      objectsAt(parse(without?.out ?? ""), "/coverage"),
    );
  });

  test("and collecting again to the same place works", async () => {
    const [some] = runs.filter(({ folder }) => !existsSync(folder));
    const again = await sallyport(quick?.url ?? "", [
      "collect",
      "--aws",
      "--organization",
      "--output",
      some?.folder ?? "",
    ]);
    expect(again.code).toBe(0);
    expect(contentOf(some?.folder ?? "")).toEqual(contentOf(whole));
  }, 20_000);
});

describe.each([
  ["SIGINT", [0.01, 0.2, 0.5, 0.8, 1]],
  ["SIGTERM", [0.1, 0.4, 0.9]],
] as const)("asked to stop by %s", (signal, moments) => {
  let runs: readonly Stopped[] = [];

  beforeAll(async () => {
    runs = await sideBySide(1, moments, (part) => stoppedAt(part, signal));
  }, 60_000);

  test("it ends at once with 130, leaves nothing, and says so in three lines", () => {
    for (const { code, left, out, err } of runs) {
      expect([code, left, out]).toEqual([130, [], ""]);
      expect(err).toBe("Stopped.\n  Nothing is left of what was read.\n  Run the same command again.\n");
    }
    // Other work on the machine may keep one of them waiting, and not all.
    const lasted = runs.map((each) => each.lasted).toSorted((a, b) => a - b);
    expect(lasted[Math.floor(moments.length / 2)]).toBeLessThan(1000);
  });
});

describe("a verb that reads live, asked to stop", () => {
  test.each([["why i-0000000000000001a --from 203.0.113.9"], ["audit"], ["doctor"]])(
    "%s",
    async (words) => {
      const TMPDIR = emptyFolder();
      const { code, out, err } = await stopped(words.split(" "), all / 3, "SIGINT", TMPDIR);
      expect([code, out, err]).toEqual([130, "", expect.stringMatching(/^Stopped\.\n/)]);
      expect(readdirSync(TMPDIR).filter((name) => name.startsWith("sallyport"))).toEqual([]);
    },
    20_000,
  );
});

describe("a place that cannot be written", () => {
  const file = join(emptyFolder(), "file");
  writeFileSync(file, "mine");

  test.each([
    ["below a file", join(file, "snapshot")],
    ["in /proc", "/proc/snapshot"],
    ["deep in /proc", "/proc/a/b/snapshot"],
    ["below a file that is deep", join(file, "a", "b", "snapshot")],
  ])(
    "%s",
    async (_what, folder) => {
      const before = quick?.calls.length;
      const { code, out, err } = await sallyport(quick?.url ?? "", ["collect", "--aws", "--output", folder]);
      expect([code, out, err]).toEqual([2, "", expect.stringContaining(`${folder} could not be written (`)]);
      expect(err).not.toMatch(STACK);
      expect([quick?.calls.length, readFileSync(file, "utf8")]).toEqual([before, "mine"]);
    },
    20_000,
  );

  test("on a disk that takes no more", async () => {
    const folder = join(emptyFolder(), "snapshot");
    const words = ["collect", "--aws", "--organization", "--output", folder];
    // No file may be longer than a few kilobytes: the first pages are written, and others are not.
    const full = ["sh", "-c", 'ulimit -f 4; exec "$@"', "sh"];
    const { code, out, err } = await start(words, environment(quick?.url ?? ""), full).ended;
    expect([code, out, err]).toEqual([2, "", expect.stringMatching(/snapshot could not be written \(EFBIG/)]);
    expect(err).not.toMatch(STACK);
    expect(readdirSync(dirname(folder))).toEqual([]);
  }, 20_000);

  test("that goes while it is written", async () => {
    const server = await serve(wholeEstate, { latency: LATENCY });
    const folder = join(emptyFolder(), "snapshot");
    const running = start(["collect", "--aws", "--organization", "--output", folder], environment(server.url));
    const part = async (): Promise<string> => {
      const found = readdirSync(dirname(folder))[0];
      if (found !== undefined) return join(dirname(folder), found);
      await sleep(20);
      return part();
    };
    const beside = await part();
    while (server.calls.length < all / 3) await sleep(5);
    rmSync(beside, { recursive: true, force: true });
    writeFileSync(beside, "in the way");
    const { code, out, err } = await running.ended;
    expect([code, out, err]).toEqual([2, "", expect.stringContaining(`${folder} could not be written (`)]);
    expect(err).not.toMatch(STACK);
    expect(existsSync(folder)).toBe(false);
    await server.close();
  }, 20_000);
});

describe("a page that is lost after it was kept", () => {
  const groups = `${shop}/eu-west-1/describe-security-groups.json`;
  const needs = ["why", "i-0000000000000001a", "--from", "198.51.100.7", "--json", "--snapshot"];

  test.each<readonly [string, (path: string) => void]>([
    ["that is removed", (path) => rmSync(path)],
    ["that is cut", (path) => truncateSync(path, 1000)],
    ["that is empty", (path) => truncateSync(path, 0)],
    ["that holds something else", (path) => writeFileSync(path, '{"hello": []}')],
    [
      "in whose place a folder stands",
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
  ])("%s is named, and the verdict is unknown", async (_what, harm) => {
    const folder = join(emptyFolder(), "snapshot");
    cpSync(whole, folder, { recursive: true });
    expect((await run([...needs, folder])).code).toBe(0);
    expect(documentOf(folder).answers.flatMap(({ files }) => files)).toContain(groups);
    harm(join(folder, groups));
    const { code, out } = await run([...needs, folder]);
    expect([code, out]).toEqual([
      3,
      expect.stringContaining(
        `${groups} is not there, or of no use, although ec2:DescribeSecurityGroups was answered with it`,
      ),
    ]);
    const other = await run(["why", "i-0000000000000007a", "--from", "198.51.100.7", "--snapshot", folder]);
    expect(other.code).toBe(0);
  });
});
