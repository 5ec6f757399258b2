import { spawn, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { STACK } from "../snapshots/ask.ts";
import { BLOCKED, OPEN, copyOf, emptyFolder, parse, rawOf } from "../snapshots/folder.ts";

const COMMAND = [process.execPath, "--conditions=source", join(process.cwd(), "src", "bin.ts")];
const { FORCE_COLOR: _force, NODE_OPTIONS: _options, ...env } = process.env;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const start = (command: readonly string[]): Ended => {
  const [file = "", ...words] = command;
  const { status, stdout, stderr } = spawnSync(file, words, {
    encoding: "utf8",
    env,
    timeout: 8000,
    maxBuffer: 2 ** 27,
  });
  return { code: status, out: stdout, err: stderr };
};

const sallyport = (...words: readonly string[]): Ended => start([...COMMAND, ...words]);

const why = (folder: string, ...more: readonly string[]): readonly string[] => [
  "why",
  "web-1",
  "--from",
  "203.0.113.9",
  "--snapshot",
  folder,
  ...more,
];

/** A shell's line, with the command and its words quoted. */
const line = (words: readonly string[], rest: string): readonly string[] => [
  "sh",
  "-c",
  `${[...COMMAND, ...words].map((word) => `'${word}'`).join(" ")} ${rest}`,
];

const PREFIXES = "a-prefix-list-nobody-read-is-unknown";

describe("the exit code is the answer", () => {
  test.each<readonly [string, number, readonly string[]]>([
    ["reachable", 0, why(rawOf(OPEN))],
    ["blocked", 1, why(rawOf(BLOCKED))],
    ["unknown", 3, why(rawOf(PREFIXES))],
    ["wrong usage", 2, ["why", "web-1"]],
    ["no such machine", 2, ["why", "nobody", "--from", "203.0.113.9", "--snapshot", rawOf(OPEN)]],
    ["an audit that finds nothing", 0, ["audit", "--snapshot", rawOf("an-open-group-on-nothing-exposes-nobody")]],
    ["an audit that finds something", 1, ["audit", "--snapshot", rawOf(BLOCKED)]],
    ["an audit that could not read all", 3, ["audit", "--snapshot", rawOf(PREFIXES)]],
    ["an audit that shall not fail", 0, ["audit", "--exit-zero", "--snapshot", rawOf(BLOCKED)]],
    ["help", 0, ["--help"]],
    ["no words", 2, []],
  ])("%s", (_what, code, words) => {
    const ended = sallyport(...words);
    expect(ended.code).toBe(code);
    expect(ended.err).not.toMatch(STACK);
  });
});

test("JSON of a process is one document, and has no colour", () => {
  const { out, err } = sallyport(...why(rawOf(OPEN), "--json"));
  parse(out);
  expect([err, out.includes("\u001b")]).toEqual(["", false]);
});

test("the version is that of the package", () => {
  expect(sallyport("--version").out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe("a reader that has gone is no error", () => {
  const large = (): string => {
    const folder = copyOf(OPEN);
    const groups = Array.from({ length: 1000 }, (_, i) => ({
      GroupId: `sg-${i}`,
      GroupName: `group ${i}`,
      IpPermissions: [{ IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
    }));
    writeFileSync(join(folder, "more.json"), JSON.stringify({ SecurityGroups: groups }));
    return folder;
  };
  test.each([
    ["that read one line", "| head -1"],
    ["that read nothing", "| true"],
    ["of what is on standard error", "2>&1 >/dev/null | true"],
    ["that has closed it before", ">&-"],
  ])("%s", (_what, rest) => {
    const folder = large();
    writeFileSync(join(folder, "odd.json"), "odd");
    for (const more of [["--json"], []]) {
      const { err } = start(line(["audit", "--snapshot", folder, ...more], rest));
      expect(err).not.toMatch(STACK);
      expect(err.replace(/^odd\.json is not JSON\.\n {2}.*\n {2}.*\n/, "")).toBe("");
    }
  });

  test("and a full disk is one sentence", () => {
    const { code, err } = start(line(["audit", "--snapshot", large()], "> /dev/full"));
    expect(err).not.toMatch(STACK);
    expect(err).toMatch(/ENOSPC|no space|could not be written/i);
    expect(code).not.toBe(0);
  });
});

test("Ctrl-C ends it at once, with 130", async () => {
  const folder = copyOf(OPEN);
  const padding = join(emptyFolder(), "padding");
  writeFileSync(padding, "");
  truncateSync(padding, 190_000_000);
  for (let i = 0; i < 60; i++) symlinkSync(padding, join(folder, `slow-${i}.json`));
  const [file, ...words] = [...COMMAND, "audit", "--snapshot", folder];
  const child = spawn(file, words, { env, stdio: ["ignore", "pipe", "pipe"] });
  let told = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (told += text));
  const ended = new Promise<readonly [number | null, string | null]>((resolve) =>
    child.on("close", (code, signal) => resolve([code, signal])),
  );
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const began = Date.now();
  child.kill("SIGINT");
  const [code, signal] = await ended;
  // A shell tells a signal by 128 + its number, and SIGINT is 2.
  expect(signal === "SIGINT" ? 130 : code).toBe(130);
  expect(told).toBe("");
  expect(Date.now() - began).toBeLessThan(3000);
}, 30_000);

test("a pipe called x.json is not waited for", () => {
  const folder = copyOf(OPEN);
  spawnSync("mkfifo", [join(folder, "x.json")]);
  const { code, err } = sallyport(...why(folder));
  expect(code).toBe(0);
  expect(err).toMatch(/^x\.json /);
}, 30_000);

describe("a user who may not read", () => {
  /** Runs as nobody where the tests run as root, whom no permission stops. The program itself is loaded before. */
  const asUser = (folder: string, ...words: readonly string[]): Ended => {
    chmodSync(folder, 0o755);
    return start([process.execPath, "--conditions=source", "--input-type=module", "-e", DROPPED, "--", ...words]);
  };
  const DROPPED = `
    import { main } from ${JSON.stringify(pathToFileURL(join(process.cwd(), "src", "main.ts")).href)};
    if (process.getuid() === 0) {
      process.setgid(65534);
      process.setuid(65534);
    }
    process.exitCode = await main(process.argv.slice(1), "0.0.0", {
      print: (text) => void process.stdout.write(text),
      warn: (text) => void process.stderr.write(text),
      columns: undefined,
      env: process.env,
    });
  `;

  test("one file gets a sentence about it, and answers from the rest", () => {
    const folder = copyOf(OPEN);
    copyFileSync(join(folder, "vpcs.json"), join(folder, "secret.json"));
    chmodSync(join(folder, "secret.json"), 0);
    const { code, out, err } = asUser(folder, ...why(folder));
    expect(err).toMatch(/^secret\.json may not be read \(EACCES\)\.\n {2}Nothing in it is used/);
    expect(err).not.toMatch(STACK);
    expect([code, out]).toEqual([0, expect.stringContaining("REACHABLE")]);
  });

  test("a folder in the folder gets a sentence about it, and answers from the rest", () => {
    const folder = copyOf(OPEN);
    mkdirSync(join(folder, "secret"));
    chmodSync(join(folder, "secret"), 0);
    const { code, err } = asUser(folder, ...why(folder));
    expect(err).toMatch(/^secret may not be read \(EACCES\)\./);
    expect(code).toBe(0);
  });

  test("the folder gets a sentence about it", () => {
    const outer = emptyFolder();
    const inner = join(outer, "inner");
    mkdirSync(inner);
    chmodSync(inner, 0);
    const { code, out, err } = asUser(outer, "audit", "--snapshot", inner);
    expect(err).toMatch(/inner may not be read \(EACCES\)\./);
    expect([code, out]).toEqual([2, ""]);
  });
});
