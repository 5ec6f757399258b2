import {
  closeSync,
  copyFileSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { providers } from "#providers/index.ts";
import { readSnapshot } from "#snapshots/read.ts";
import { STACK, ask, told, verdictOf, why } from "./ask.ts";
import { OPEN, copyOf, emptyFolder, rawOf } from "./folder.ts";

describe("a file of no use is named in one sentence, and the rest still answers", () => {
  test.each<readonly [string, string | Buffer, RegExp]>([
    ["a text that is not JSON", "hello there", /^odd\.json is not JSON\.$/],
    ["a page of HTML", "<html><body>502</body></html>", /^odd\.json is not JSON\.$/],
    ["JSON with a comma too many", '{"Vpcs": [],}', /^odd\.json is not JSON\.$/],
    ["JSON cut in a list", '{"Vpcs": [{"VpcId": "vpc-1"},', /^odd\.json ends in the middle/],
    ["JSON cut in a text", '{"Vpcs": [{"VpcId": "vp', /^odd\.json ends in the middle/],
    ["JSON cut in a number", '{"Reservations": [{"Code": 1', /^odd\.json ends in the middle/],
    ["an empty file", "", /^odd\.json is empty\.$/],
    ["a file of blanks alone", " \n\n", /^odd\.json is empty\.$/],
    ["an unknown document", '{"shops": [{"city": "Bern"}]}', /^odd\.json is JSON, but no answer of a cloud/],
    ["an empty document", "{}", /^odd\.json is JSON, but no answer of a cloud/],
    ["an empty list", "[]", /^odd\.json is JSON, but no answer of a cloud/],
    ["null", "null", /^odd\.json is JSON, but no answer of a cloud/],
    ["a number", "42", /^odd\.json is JSON, but no answer of a cloud/],
    ["a document with a known word and no list", '{"Tags": "blue"}', /^odd\.json is JSON, but no answer of a cloud/],
    [
      "lists in lists, a hundred thousand deep",
      "[".repeat(100_000) + "]".repeat(100_000),
      /^odd\.json is JSON, but no/,
    ],
    [
      "a group of Azure that does not say which",
      '[{"type": "Microsoft.Network/networkSecurityGroups", "name": "nsg-web"}]',
      /^odd\.json is JSON, but no/,
    ],
    ["an answer of a cloud that nobody here knows", '[{"id": "ocid1.vcn.oc1..a"}]', /^odd\.json is JSON, but no/],
    ["bytes of a picture", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 0xff]), /^odd\.json is not JSON\.$/],
  ])("%s", async (_what, content, says) => {
    const folder = copyOf(OPEN);
    writeFileSync(join(folder, "odd.json"), content);
    const [asked, whole] = [await why(folder), await why(rawOf(OPEN))];
    expect(told(asked.err)).toEqual([expect.objectContaining({ says: expect.stringMatching(says) })]);
    expect(asked.out).toBe(whole.out);
    expect(verdictOf(asked)).toBe("reachable");
    expect((await ask("who", "web-1", "--snapshot", folder)).code).toBe(0);
    expect((await ask("audit", "--fail-on", "critical", "--snapshot", folder)).code).toBe(3);
  });

  test("JSON that ends anywhere before its end was cut short", () => {
    const folder = emptyFolder();
    const text = '{"Vpcs": [{"VpcId": "v\\u00e9\\n", "N": -1.5e+3, "Is": true, "No": [null, false]}]}';
    const codes = Array.from({ length: text.length - 1 }, (_, i) => {
      writeFileSync(join(folder, "vpcs.json"), text.slice(0, i + 1));
      const [file] = readSnapshot(folder, Object.values(providers));
      return `${text.slice(0, i + 1)}: ${file?.problems.map(({ problem }) => problem.code).join(" ")}`;
    });
    expect(codes.filter((code) => !code.endsWith(": snapshot/cut-short"))).toEqual([]);
  });
});

describe("the same answer, written otherwise, is read", () => {
  const groups = (): string => readFileSync(join(rawOf(OPEN), "security-groups.json"), "utf8");
  test.each<readonly [string, () => string | Buffer]>([
    ["with a byte order mark", () => `\ufeff${groups()}`],
    ["in UTF-16 with its mark, as an older PowerShell writes it", () => Buffer.from(`\ufeff${groups()}`, "utf16le")],
    ["with the line ends of Windows", () => groups().replaceAll("\n", "\r\n")],
    ["in one line", () => JSON.stringify(JSON.parse(groups()))],
    ["as a list of pages", () => `[${groups()}]`],
  ])("%s", async (_how, content) => {
    const folder = copyOf(OPEN);
    writeFileSync(join(folder, "security-groups.json"), content());
    const asked = await why(folder);
    expect(asked.err).toBe("");
    expect(verdictOf(asked)).toBe("reachable");
  });
});

describe("what is in a folder and is no plain file does no harm", () => {
  test("a directory called x.json is a directory, and what is in it is read", async () => {
    const folder = copyOf(OPEN);
    mkdirSync(join(folder, "x.json"));
    copyFileSync(join(folder, "vpcs.json"), join(folder, "x.json", "vpcs.json"));
    rmSync(join(folder, "vpcs.json"));
    const asked = await why(folder, "--strict");
    expect(asked.err).toBe("");
    expect(told((await why(folder)).err)).toEqual([]);
  });

  test.each([
    ["a link to itself", "loop.json", "loop.json"],
    ["a link to nothing", "gone.json", "nowhere.json"],
    ["a link to a directory", "up.json", "."],
  ])("%s", async (_what, name, target) => {
    const folder = copyOf(OPEN);
    symlinkSync(target, join(folder, name));
    const asked = await why(folder);
    expect(told(asked.err)).toEqual([expect.objectContaining({ says: expect.stringContaining(name) })]);
    expect(verdictOf(asked)).toBe("reachable");
  });

  test("a directory that leads back to itself is walked once", async () => {
    const folder = copyOf(OPEN);
    symlinkSync(".", join(folder, "again"));
    expect(await why(folder)).toEqual(await why(rawOf(OPEN)));
  });

  test("a linked directory is read like any other", async () => {
    const folder = emptyFolder();
    symlinkSync(join(process.cwd(), rawOf(OPEN)), join(folder, "prod"));
    expect(verdictOf(await why(folder))).toBe("reachable");
  });

  test("a linked file is read like any other", async () => {
    const folder = copyOf(OPEN);
    rmSync(join(folder, "vpcs.json"));
    symlinkSync(join(process.cwd(), rawOf(OPEN), "vpcs.json"), join(folder, "vpcs.json"));
    expect(await why(folder)).toEqual(await why(rawOf(OPEN)));
  });
});

describe("a folder that cannot be read is the user's mistake", () => {
  test.each<readonly [string, () => string, RegExp]>([
    ["one that is not there", () => join(emptyFolder(), "nowhere"), /^There is no folder /],
    ["one that is a file", () => join(rawOf(OPEN), "vpcs.json"), /vpcs\.json is no folder\.$/],
    ["one below a file", () => join(rawOf(OPEN), "vpcs.json", "deeper"), / is no folder\.$/],
    ["an empty one", emptyFolder, / holds no \.json file\.$/],
    ["one without a name", () => "", /folder/],
  ])("%s", async (_what, folder, says) => {
    for (const words of [["audit"], ["who", "web-1"], ["why", "web-1", "--from", "203.0.113.9"]]) {
      const asked = await ask(...words, "--snapshot", folder());
      expect(told(asked.err)).toEqual([expect.objectContaining({ says: expect.stringMatching(says) })]);
      expect([asked.code, asked.out]).toEqual([2, ""]);
    }
  });

  test("one of several is enough to stop", async () => {
    const asked = await ask("audit", "--snapshot", rawOf(OPEN), "--snapshot", "nowhere");
    expect([asked.code, asked.out]).toEqual([2, ""]);
  });
});

describe("a large file", () => {
  const MEGABYTE = " ".repeat(1_000_000);
  let folder = "";
  beforeAll(() => {
    folder = copyOf(OPEN);
  });

  test("of 200 MB is read, and its size is said", async () => {
    const file = join(folder, "network-interfaces.json");
    const text = readFileSync(file, "utf8").trim();
    const handle = openSync(file, "w");
    writeSync(handle, text.slice(0, 1));
    for (let i = 0; i < 201; i++) writeSync(handle, MEGABYTE);
    writeSync(handle, text.slice(1));
    closeSync(handle);
    const asked = await why(folder);
    expect(told(asked.err)).toEqual([expect.objectContaining({ says: "network-interfaces.json is large: 201 MB." })]);
    expect(asked.out).toBe((await why(rawOf(OPEN))).out);
    copyFileSync(join(rawOf(OPEN), "network-interfaces.json"), file);
  }, 30_000);

  test.each([2 ** 29 - 24, 2 ** 29, 2 ** 29 + 1, 2 ** 31 + 1, 2 ** 40])(
    "of %d bytes is passed over with a sentence",
    async (size) => {
      const handle = openSync(join(folder, "huge.json"), "w");
      ftruncateSync(handle, size);
      closeSync(handle);
      const asked = await why(folder);
      expect(told(asked.err)).toEqual([
        expect.objectContaining({
          says: `huge.json is too large to be read in one piece: ${Math.round(size / 1e6)} MB.`,
        }),
      ]);
      expect(verdictOf(asked)).toBe("reachable");
      expect(asked.err).not.toMatch(STACK);
      rmSync(join(folder, "huge.json"));
    },
    30_000,
  );
});
