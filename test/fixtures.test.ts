import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { run } from "./run.ts";

/** A folder is a sentence about the world: raw answers, questions, and the whole text that a person would get. */
interface Block {
  readonly command: string;
  readonly text: string;
  readonly exit: number;
}

const TEXTS = ["why.txt", "who.txt", "audit.txt"] as const;

const readBlocks = (path: string): readonly Block[] =>
  readFileSync(path, "utf8")
    .split(/^(?=\$ )/m)
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const found = /^\$ (sallyport .*)\n([\s\S]*?)^exit (\d)\s*$/m.exec(part);
      if (found === null) throw new Error(`${path}: a block is "$ sallyport …", the text, and "exit N":\n${part}`);
      const [, command = "", text = "", exit = ""] = found;
      return { command, text, exit: Number(exit) };
    });

const writeBlocks = (path: string, blocks: readonly Block[]): void =>
  writeFileSync(path, blocks.map(({ command, text, exit }) => `$ ${command}\n${text}exit ${exit}\n`).join("\n"));

/** The words of a command line as a shell would split them. */
const words = (command: string): readonly string[] =>
  (command.match(/"[^"]*"|\S+/g) ?? []).slice(1).map((word) => word.replaceAll('"', ""));

/** What the author of a fixture expected before there was a program to ask. */
interface Expected {
  readonly ask: string;
  readonly exit: number;
  readonly verdict?: string;
  readonly stops?: readonly string[];
  readonly unclear?: readonly string[];
  readonly findings?: readonly (readonly [string, string])[];
  readonly not?: readonly (readonly [string, string])[];
  readonly reachable?: readonly string[];
  readonly unknown?: readonly string[];
  readonly private?: readonly string[];
  /** Other ways in: the kind, the id, and whether it is certain. */
  readonly alternatives?: readonly (readonly [string, string, boolean])[];
}

interface Answered {
  readonly alternatives?: readonly { readonly kind: string; readonly id: string; readonly certain: boolean }[];
  readonly verdict?: string;
  readonly ways?: readonly { readonly hops?: readonly { readonly kind: string; readonly ruling: string }[] }[];
  readonly findings?: readonly {
    readonly check: string;
    readonly kind: string;
    readonly resource: { readonly id: string };
  }[];
  readonly sources?: {
    readonly reachable: readonly string[];
    readonly unknown: readonly string[];
    readonly private: readonly string[];
  };
}

const ruled = ({ ways = [] }: Answered, ruling: string): readonly string[] =>
  [
    ...new Set(ways.flatMap(({ hops = [] }) => hops.filter((hop) => hop.ruling === ruling).map(({ kind }) => kind))),
  ].toSorted();

const check = (expected: Expected, answer: Answered): void => {
  if (expected.verdict !== undefined) expect(answer.verdict).toBe(expected.verdict);
  if (expected.stops !== undefined) expect(ruled(answer, "stops")).toEqual([...new Set(expected.stops)].toSorted());
  if (expected.unclear !== undefined)
    expect(ruled(answer, "unclear")).toEqual([...new Set(expected.unclear)].toSorted());
  const found = (answer.findings ?? []).map(({ check: id, resource }) => `${id} ${resource.id}`);
  for (const [id, resource] of expected.findings ?? []) expect(found).toContain(`${id} ${resource}`);
  for (const [id, resource] of expected.not ?? []) expect(found).not.toContain(`${id} ${resource}`);
  if (expected.reachable !== undefined) expect(answer.sources?.reachable).toEqual(expected.reachable);
  if (expected.unknown !== undefined) expect(answer.sources?.unknown).toEqual(expected.unknown);
  if (expected.alternatives !== undefined)
    expect(answer.alternatives?.map(({ kind, id, certain }) => [kind, id, certain])).toEqual(expected.alternatives);
  if (expected.private !== undefined) expect(answer.sources?.private).toEqual(expected.private);
};

/** JSON that these tests, or the program that they test, wrote in this shape. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/no-unnecessary-type-parameters
const parsed = <T>(text: string): T => JSON.parse(text) as T;

const root = "fixtures";
const clouds = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const folders = clouds.flatMap(({ name: cloud }) =>
  readdirSync(join(root, cloud), { withFileTypes: true })
    .filter((entry) => existsSync(join(root, cloud, entry.name, "raw")))
    .map((entry) => [`${cloud}: ${entry.name.replaceAll("-", " ")}`, join(root, cloud, entry.name)] as const),
);

describe.each(folders)("%s", (_sentence, folder) => {
  const raw = join(folder, "raw");
  for (const name of TEXTS) {
    const path = join(folder, name);
    if (!existsSync(path)) continue;
    test(`${name} is what a person gets`, async () => {
      const blocks = readBlocks(path);
      const made = await Promise.all(
        blocks.map(async ({ command }) => {
          const { out, err, code } = await run([...words(command), "--snapshot", raw]);
          return { command, text: `${err}${out}`, exit: code };
        }),
      );
      expect(made.map(({ command, exit }) => `${command}: exit ${exit}`)).toEqual(
        blocks.map(({ command, exit }) => `${command}: exit ${exit}`),
      );
      if (process.env["UPDATE"] === "1") writeBlocks(path, made);
      else expect(made).toEqual(blocks);
    });
  }
  const expectations = join(folder, "expect.json");
  if (existsSync(expectations))
    test("the answers are the ones expected of the cloud", async () => {
      const all = parsed<readonly Expected[]>(readFileSync(expectations, "utf8"));
      for (const expected of all) {
        const { out, code } = await run([...words(`sallyport ${expected.ask}`), "--json", "--snapshot", raw]);
        expect(`${expected.ask}: exit ${code}`).toBe(`${expected.ask}: exit ${expected.exit}`);
        check(expected, out === "" ? {} : parsed<Answered>(out));
      }
    });
});

test.each([
  ["aws", 34],
  ["gcp", 32],
  ["azure", 35],
] as const)("every trap of the specification of %s is a fixture", (cloud, count) => {
  const traps = parsed<Readonly<Record<string, readonly string[]>>>(
    readFileSync(join(root, cloud, "traps.json"), "utf8"),
  );
  expect(
    Object.keys(traps)
      .map(Number)
      .toSorted((a, b) => a - b),
  ).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  for (const folder of Object.values(traps).flat()) expect(existsSync(join(root, cloud, folder, "raw"))).toBe(true);
});
