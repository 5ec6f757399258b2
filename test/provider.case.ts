import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { HopAnswer, WayAnswer, WhyAnswer } from "#model/answer.ts";
import type { Cloud } from "#model/inventory.ts";
import { run } from "./run.ts";

/** What must be true of every cloud. A sentence more asks every provider for a fixture, or for why it has none. */
export const sentences = [
  "who is admitted gets in, and nobody else",
  "a rule for IPv4 says nothing of IPv6",
  "two halves of the internet are the internet",
  "a protocol may be told by its number",
  "a rule for everything opens every protocol and port",
  "the rule that is read first wins",
  "what does not run is not reached",
  "without a public address there is no way from the internet",
  "an IPv6 address is a door of its own",
  "a reply that finds no way back is a block",
  "a filter without memory must let the reply out too",
  "a rule that names members means their inner addresses",
  "a neighbour in the network needs a rule too",
  "a joined network comes by its addresses",
  "a connection that is not active carries nothing",
  "each interface has rules of its own",
  "the owner of a shared network rules for its guests",
  "a machine without an address may be served through another door",
  "an open rule on nothing exposes nobody",
  "a name that fits two machines is a question back",
  "what always exists and was not read is unknown",
  "what was refused is not empty",
  "a list of which more follows is not whole",
  "the last page completes a list",
  "what only the cloud can resolve is unknown",
] as const;
export type Sentence = (typeof sentences)[number];

/** A fixture that shows it, with questions and their exit codes; or why there is none of this cloud. */
export type Shown =
  | { readonly fixture: string; readonly asks: Readonly<Record<string, number>> }
  | { readonly none: string };

/** Runs the suite for one cloud. */
export const provider = (cloud: Cloud, shown: Readonly<Record<Sentence, Shown>>): void => {
  describe(`what must be true of every cloud is true of ${cloud}`, () => {
    for (const sentence of sentences) {
      const how = shown[sentence];
      if ("none" in how) test(`${sentence}: not here, because ${how.none}`, () => expect(how.none).not.toBe(""));
      else test(sentence, () => holds(join("fixtures", cloud, how.fixture, "raw"), how.asks));
    }
  });
};

const holds = async (raw: string, asks: Readonly<Record<string, number>>): Promise<void> => {
  for (const [ask, exit] of Object.entries(asks)) {
    const { out, code } = await run([...ask.split(" "), "--json", "--snapshot", raw]);
    expect([ask, code]).toEqual([ask, exit]);
    if (ask.startsWith("why ") && code !== 2) agrees(answerOf(out), raw);
  }
};

const VERDICT = { reachable: 0, blocked: 1, unknown: 3 } as const;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the program that is tested wrote it in this shape
const answerOf = (out: string): WhyAnswer => JSON.parse(out) as WhyAnswer;

/** The evidence agrees with the verdict, and leads to where it was read. */
const agrees = ({ verdict, ways, gaps }: WhyAnswer, raw: string): void => {
  expect(Object.keys(VERDICT)).toContain(verdict);
  for (const way of ways) agreesOnWay(way);
  if (verdict === "reachable") expect(ways.map((way) => way.verdict)).toContain("reachable");
  if (verdict === "unknown") expect(gaps).not.toEqual([]);
  for (const { source } of ways.flatMap(({ hops }) => hops).flatMap(({ evidence }) => evidence))
    if (source !== undefined) expect([source, valueAt(raw, source.file, source.pointer)]).not.toContain(undefined);
};

const agreesOnWay = ({ verdict, hops }: WayAnswer): void => {
  const rulings = hops.map(({ ruling }: HopAnswer) => ruling);
  if (verdict === "reachable") expect([...new Set(rulings)]).toEqual(["passes"]);
  if (verdict === "unknown") expect(rulings).toContain("unclear");
};

const valueAt = (raw: string, file: string, pointer: string): unknown =>
  pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>(
      (value, step) => (typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined),
      JSON.parse(readFileSync(join(raw, file), "utf8")),
    );
