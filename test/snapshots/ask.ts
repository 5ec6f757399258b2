import { expect } from "@jest/globals";
import type { Run } from "../run.ts";
import { run } from "../run.ts";
import type { Json } from "./folder.ts";
import { at, objectsAt, parse } from "./folder.ts";

/** Wide enough that every sentence stands on a line of its own. */
const WIDE = { COLUMNS: "100000" };

/** Runs the program as a very wide pipe would see it. */
export const ask = (...words: readonly string[]): Promise<Run> => run(words, undefined, WIDE);

export const why = (folder: string, ...more: readonly string[]): Promise<Run> =>
  ask("why", "web-1", "--from", "203.0.113.9", "--snapshot", folder, ...more);

export const VERDICTS = ["reachable", "blocked", "wrong", "unknown"] as const;

/** What an answer of `why` says, in one word. */
export const verdictOf = ({ code }: Run): string => VERDICTS[code] ?? `exit ${code}`;

/** One problem as a person reads it. */
export interface Told {
  readonly says: string;
  readonly costs: string;
  readonly fix: string;
}

/** The problems on standard error: what happened, and below it what it costs and what to do. Nothing else stands there. */
export const told = (err: string): readonly Told[] => {
  const lines = err.split("\n").slice(0, -1);
  expect(lines.length % 3).toBe(0);
  return Array.from({ length: lines.length / 3 }, (_, i) => {
    const [says = "", costs = "", fix = ""] = lines.slice(3 * i, 3 * i + 3);
    expect([says, costs, fix]).toEqual([
      expect.stringMatching(/^\S.*[.?]$/),
      expect.stringMatching(/^ {2}\S.*[.?]$/),
      expect.stringMatching(/^ {2}\S.*[.?]$/),
    ]);
    for (const part of [says, costs, fix]) expect(part).not.toMatch(STACK);
    return { says, costs: costs.trim(), fix: fix.trim() };
  });
};

/** Traces of a program that fell over. */
export const STACK = /\n\s+at |node:internal|\b(?:Range|Type|Syntax)?Error:|undefined|\[object/;

/** The codes of everything that an answer in JSON says is not known. */
export const gapCodes = ({ out }: Run): readonly string[] =>
  objectsAt(parse(out), "/gaps").flatMap(({ code }) => (typeof code === "string" ? [code] : []));

/** Verdict and hops of an answer to `why`, without the places where they were read. */
export const gist = (out: string): Json => ({
  verdict: at(parse(out), "/verdict") ?? null,
  symptom: at(parse(out), "/symptom") ?? null,
  ways: objectsAt(parse(out), "/ways").map((way) => ({
    address: way["address"] ?? null,
    interface: way["interface"] ?? null,
    verdict: way["verdict"] ?? null,
    hops: objectsAt(way, "/hops").map(({ kind, id, direction, ruling }) => [kind, id, direction, ruling].map(String)),
  })),
});
