import * as diagram from "./diagram.ts";
import type { PacketSet } from "./set.ts";
import { and, anyOf, everything, minus, nothing, or } from "./set.ts";

/** One line of a list of which the first that matches decides. */
export interface Line<Word extends string> {
  /** What the line may match. */
  readonly covers: PacketSet;
  /** What it surely matches, so that no later line sees it. */
  readonly hides: PacketSet;
  /** What it does, where that is asked. */
  readonly word: Word | undefined;
}

/** What a list may do: to whom each word may happen, and who may come through without meeting any line. */
export interface Outcome<Word extends string> {
  readonly words: ReadonlyMap<Word, PacketSet>;
  readonly left: PacketSet;
}

/**
 * A whole list at once, for everything. A list before a list is a list again, so each line is joined with what stands
 * before and after it, in a tree whose shape follows from the lines themselves: lists that have most lines in common have
 * most of their tree in common, and that is computed once.
 */
export const firstOf = <Word extends string>(lines: readonly Line<Word>[]): Outcome<Word> => {
  const all = tree(lines.map(outcomesOf));
  const words = new Map<Word, PacketSet>();
  for (const { word } of lines)
    if (word !== undefined && !words.has(word)) words.set(word, diagram.meeting(all, outcomeOf(word)));
  return {
    words,
    get left() {
      const met = [...new Set(lines.map(({ word }) => outcomeOf(word)))].map((each) => diagram.meeting(all, each));
      return or(diagram.meeting(all, diagram.GOES_ON), minus(everything, anyOf(met)));
    },
  };
};

const outcomes = new Map<string | undefined, PacketSet>();

const outcomeOf = (word: string | undefined): PacketSet => {
  const before = outcomes.get(word);
  if (before !== undefined) return before;
  const made = diagram.outcome(outcomes.size + 1);
  outcomes.set(word, made);
  return made;
};

const known = new Map<string | undefined, Map<number, PacketSet>>();
const MOST_KNOWN = 1 << 18;
const MOST_SETS = 2 ** 26;

/** What becomes of packets that meet one line. */
const outcomesOf = ({ covers, hides, word }: Line<string>): PacketSet => {
  const those = known.get(word) ?? new Map<number, PacketSet>();
  if (those.size > MOST_KNOWN) those.clear();
  known.set(word, those);
  const key = covers * MOST_SETS + hides;
  const before = those.get(key);
  if (before !== undefined) return before;
  const met = outcomeOf(word);
  const sure = and(hides, met);
  const made =
    covers === hides ? sure : or(and(and(covers, hides), met), and(minus(covers, hides), or(met, diagram.GOES_ON)));
  those.set(key, made);
  return made;
};

/** Every line stands above the neighbours that weigh less. */
const tree = (lines: readonly PacketSet[]): PacketSet => {
  const open: { readonly line: PacketSet; readonly before: PacketSet; readonly weight: number }[] = [];
  const close = (weight: number): PacketSet => {
    let after = nothing;
    for (let last = open.at(-1); last !== undefined && last.weight < weight; last = open.at(-1)) {
      after = joined(last.before, last.line, after);
      open.pop();
    }
    return after;
  };
  for (const line of lines) {
    const weight = weightOf(line);
    open.push({ before: close(weight), line, weight });
  }
  return close(Infinity);
};

const weightOf = (line: PacketSet): number => {
  const mixed = Math.imul(line ^ (line >>> 15), 0x9e3779b1);
  return (mixed ^ (mixed >>> 13)) >>> 0;
};

const MEMORY_BITS = 18;
const memory = new Int32Array(4 << MEMORY_BITS);

/** What lies before a line, the line, and what comes after it; a clash forgets the older. */
const joined = (before: PacketSet, line: PacketSet, after: PacketSet): PacketSet => {
  if (after === nothing) return diagram.onward(before, line);
  if (before === nothing) return diagram.onward(line, after);
  const hash = Math.imul(before, 0x9e3779b1) ^ Math.imul(line, 0x85ebca6b) ^ Math.imul(after, 0xc2b2ae35);
  const at = ((hash ^ (hash >>> 15)) >>> (32 - MEMORY_BITS)) << 2;
  if (memory[at] === before && memory[at + 1] === line && memory[at + 2] === after)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is read here was written below
    return memory[at + 3] as PacketSet;
  const result = diagram.onward(before, diagram.onward(line, after));
  memory[at] = before;
  memory[at + 1] = line;
  memory[at + 2] = after;
  memory[at + 3] = result;
  return result;
};
