import { describe, expect, test } from "@jest/globals";
import { verbs } from "#commands/index.ts";
import { run } from "../run.ts";
import { ask } from "../snapshots/ask.ts";
import type { Json } from "../snapshots/folder.ts";
import {
  OPEN,
  changed,
  copyOf,
  edit,
  filesIn,
  fixtures,
  parse,
  places,
  questionsOf,
  rawOf,
  readJson,
  writeJson,
} from "../snapshots/folder.ts";

const ESCAPE = "\u001b";
/** Everything that a terminal obeys, and marks that nobody sees; a line end is the only one that may be written. */
const CONTROL = /[^\P{C}\n\ud800-\udfff]|[\u2028\u2029]/u;

const asked = (fixture: string): readonly (readonly string[])[] =>
  [...questionsOf(fixture, "why"), ...questionsOf(fixture, "who"), ["audit"]].map((words) => [
    ...words,
    "--snapshot",
    rawOf(fixture),
  ]);

describe("names from a cloud can neither colour, hide nor rearrange an answer", () => {
  test.each<readonly [string, string]>([
    ["an escape", `${ESCAPE}[31mred${ESCAPE}[2J`],
    ["a title of a window", `${ESCAPE}]0;owned\u0007`],
    ["an escape of one byte", "\u009b31m"],
    ["line ends", "web\n\r\n✓ REACHABLE: all is well"],
    ["line ends of Unicode", "web\u2028one\u2029two\u0085three"],
    ["letters that turn the line", "web\u202egnp.exe\u2066\u2069"],
    ["letters that nobody sees", "w\u200be\u2060b\ufeff\u00ad"],
    ["a bell and a backspace", "web\b\b\b\u0007\u0000\u007f"],
    ["ten thousand letters", "x".repeat(10_000)],
    ["ten thousand words", "x y ".repeat(2500)],
  ])("%s", async (_what, name) => {
    const folder = copyOf(OPEN);
    for (const file of filesIn(folder)) writeJson(hostile(readJson(folder, file), name), folder, file);
    edit(folder, "security-groups.json", "/SecurityGroups/1/IpPermissions/0/IpRanges/1", { CidrIp: name });
    const questions = [
      ["why", "10.20.1.10", "--from", "203.0.113.9"],
      ["why", "10.20.1.10", "--from", "192.0.2.1"],
      ["why", "no such", "--from", "192.0.2.1"],
      ["who", "10.20.1.10"],
      ["audit"],
    ];
    for (const words of questions) {
      const { out, err } = await run([...words, "--snapshot", folder]);
      expect(`${out}${err}`).not.toMatch(CONTROL);
      expect(out.split("\n").filter((line) => line.startsWith("✓ REACHABLE")).length).toBeLessThanOrEqual(1);
      const json = await run([...words, "--json", "--snapshot", folder]);
      if (json.out !== "") parse(json.out);
    }
  });

  test("nor can names of files", async () => {
    const folder = copyOf(OPEN);
    writeJson("odd", folder, `${ESCAPE}[31m\u202e\n.json`);
    const { out, err } = await ask("audit", "--snapshot", folder);
    expect(`${out}${err}`).not.toMatch(CONTROL);
    expect(err).toContain("\\u001b[31m");
  });
});

/** The same answer, with a hostile name wherever people or clouds write names. */
const hostile = (document: Json, name: string): Json => {
  const named =
    /\/(?:Value|GroupName|Description|Name|OwnerId|AvailabilityZone|GroupId|VpcId|SubnetId|InstanceId|RouteTableId|NetworkAclId)$/;
  return [...places(document)].reduce(
    (made, [pointer, value]) =>
      named.test(pointer) && typeof value === "string" && !pointer.endsWith("/State/Name")
        ? changed(made, pointer, pointer.endsWith("Id") ? `${value}${name}` : name)
        : made,
    document,
  );
};

describe("--json is one document on standard output", () => {
  test.each(fixtures)("%s", async (_sentence, fixture) => {
    for (const words of asked(fixture)) {
      const { out, err, code } = await run([...words, "--json"]);
      if (code === 2) expect([out, err]).toEqual(["", expect.stringMatching(/./)]);
      else {
        parse(out);
        expect(out).toMatch(/^\{\n[\s\S]*\n\}\n$/);
        expect(err).toMatch(/^(?:\S+ is JSON, but no answer [\s\S]*)?$/); // a file of no use is warned of
      }
    }
  });

  test("with its warnings on standard error", async () => {
    const folder = copyOf(OPEN);
    writeJson("odd", folder, "odd.json");
    for (const words of [["audit"], ["who", "web-1"], ["why", "web-1", "--from", "203.0.113.9"]]) {
      const { out, err } = await run([...words, "--json", "--snapshot", folder]);
      parse(out);
      expect(out).not.toMatch(ESCAPE);
      expect(err).toMatch(/^odd\.json is JSON/);
    }
  });

  test("--format json is the same", async () => {
    const words = ["audit", "--snapshot", rawOf(OPEN)];
    expect(await run([...words, "--format", "json"])).toEqual(await run([...words, "--json"]));
  });

  test("a list of calls is one, too", async () => {
    for (const cloud of ["aws", "gcp"]) parse((await run(["permissions", cloud, "--json"])).out);
  });
});

describe("colours", () => {
  const words = ["why", "web-1", "--from", "203.0.113.9", "--snapshot", rawOf(OPEN)];
  test.each<readonly [string, boolean, readonly string[], number | undefined, Record<string, string>]>([
    ["on a terminal", true, [], 100, {}],
    ["on a terminal where NO_COLOR is empty", true, [], 100, { NO_COLOR: "" }],
    ["not in a pipe", false, [], undefined, {}],
    ["not in a pipe that was told a width", false, [], undefined, { COLUMNS: "80" }],
    ["not with --no-color", false, ["--no-color"], 100, {}],
    ["not with NO_COLOR", false, [], 100, { NO_COLOR: "1" }],
    ["not on a dumb terminal", false, [], 100, { TERM: "dumb" }],
    ["not in JSON", false, ["--json"], 100, {}],
  ])("%s", async (_where, coloured, more, columns, env) => {
    const { out, err } = await run([...words, ...more], columns, env);
    expect(`${out}${err}`.includes(ESCAPE)).toBe(coloured);
  });

  test("--no-color may stand before the verb", async () => {
    expect((await run(["--no-color", ...words], 100)).out).not.toContain(ESCAPE);
  });

  test("change nothing else", async () => {
    const [plain, coloured] = [await run(words), await run(words, 100)];
    expect(coloured.out.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, "g"), "")).toBe(plain.out);
  });

  test("end with their line, as pagers want it", async () => {
    for (const line of (await run(words, 60)).out.split("\n")) {
      const opened = line.match(new RegExp(`${ESCAPE}\\[(?:1|2|3[0-7])m`, "g")) ?? [];
      const closed = line.match(new RegExp(`${ESCAPE}\\[(?:22|39)m`, "g")) ?? [];
      expect(closed).toHaveLength(opened.length);
    }
  });
});

describe.each([40, 200])("a terminal of %d columns", (columns) => {
  /** Longer than the width, although it could have been broken between words. */
  const tooLong = (text: string): readonly string[] =>
    text.split("\n").filter((line) => {
      const isCode = /^\s+(?:\$ )?(?:aws|gcloud|az|sallyport|resource|data|#) |^ {6,}\w+ += /.test(line);
      return (
        !isCode &&
        line.length > columns &&
        line
          .trim()
          .replace(/^(?:[✓✗?$-]|from|closest:) /, "")
          .includes(" ")
      );
    });

  test.each(fixtures)("%s", async (_sentence, fixture) => {
    for (const words of asked(fixture)) {
      const { out, err } = await run(words, columns, { NO_COLOR: "1" });
      expect(tooLong(`${err}${out}`)).toEqual([]);
    }
  });

  test("gets a name of many words in lines", async () => {
    const folder = copyOf(OPEN);
    edit(
      folder,
      "instances.json",
      "/Reservations/0/Instances/0/Tags/0/Value",
      "the web server of the shop ".repeat(10),
    );
    for (const words of [["why", "10.20.1.10", "--from", "203.0.113.9"], ["who", "10.20.1.10"], ["audit"]]) {
      const { out } = await run([...words, "--snapshot", folder], columns, { NO_COLOR: "1" });
      expect(tooLong(out)).toEqual([]);
    }
  });

  test("gets problems and calls in lines", async () => {
    for (const words of [
      ["audit"],
      ["audit", "--snapshot", "nowhere"],
      ["permissions", "aws"],
      ["permissions", "gcp"],
      ["permissions", "oracle"],
    ]) {
      const { out, err } = await run(words, columns, { NO_COLOR: "1" });
      expect(tooLong(`${err}${out}`)).toEqual([]);
    }
  });
});

describe("the help", () => {
  test.each(verbs.map(({ name }) => [name] as const))("of %s teaches", async (name) => {
    const { out, err, code } = await run([name, "--help"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(new RegExp(`^Usage: sallyport ${name} `));
    expect(out).toMatch(/\nOptions:\n/);
    expect(out).toMatch(new RegExp(`\\nExamples?:\\n {2}sallyport ${name} `));
    expect(out).not.toContain("undefined");
    const verb = verbs.find((each) => each.name === name);
    for (const { flags } of verb?.options ?? []) expect(out).toContain(flags);
  });

  test("of all lists every verb, with its first line", async () => {
    const { out, err, code } = await run(["--help"]);
    expect([code, err]).toEqual([0, ""]);
    for (const { name, says } of verbs)
      expect(out.replaceAll(/\s+/g, " ")).toMatch(new RegExp(` ${name} [^$]*${says}`));
  });

  test("can be asked for by a word", async () => {
    expect(await run(["help", "why"])).toEqual(await run(["why", "--help"]));
  });

  test("examples of it are commands that are known", async () => {
    // They are run, and must find nobody's credentials.
    Object.assign(process.env, {
      GOOGLE_APPLICATION_CREDENTIALS: "nowhere.json",
      METADATA_SERVER_DETECTION: "none",
      AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential",
    });
    for (const { name } of [{ name: "" }, ...verbs]) {
      const { out } = await run([...(name === "" ? [] : [name]), "--help"]);
      const examples = [...out.matchAll(/^ {2}sallyport (\S.*?)(?: {2,}.*| > .*)?$/gm)].map(([, words = ""]) => words);
      for (const example of examples) {
        const answer = await run(example.split(" "));
        expect(answer.err).not.toMatch(/unknown|missing|required/);
      }
      expect(examples.length).toBeGreaterThan(0);
    }
  });

  test("the version is one line", async () => {
    expect(await run(["--version"])).toEqual({ out: "0.0.0\n", err: "", code: 0 });
  });
});
