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

/** A whole list at once, for everything. A list before a list is a list again, so a long one is worked out by rows. */
export const firstOf = <Word extends string>(lines: readonly Line<Word>[]): Outcome<Word> => {
  const all = inRows(lines.map(outcomesOf));
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

/** What becomes of packets that meet one line. */
const outcomesOf = ({ covers, hides, word }: Line<string>): PacketSet => {
  const met = outcomeOf(word);
  const sure = and(hides, met);
  return covers === hides ? sure : or(sure, and(minus(covers, hides), or(met, diagram.GOES_ON)));
};

/**
 * Lines in a row come to one outcome, and rows of these to one again. Where a row ends follows from the lines themselves:
 * lists that have most lines in common have most of their rows in common, and these are worked out once.
 */
const inRows = (lines: readonly PacketSet[]): PacketSet => {
  let all = lines;
  while (all.length > 1) {
    const next: PacketSet[] = [];
    for (let from = 0, to = 0; from < all.length; from = to) {
      to = endOfRow(all, from);
      next.push(diagram.onwardThrough(all, from, to));
    }
    all = next;
  }
  return all[0] ?? nothing;
};

const endOfRow = (lines: readonly PacketSet[], from: number): number => {
  const most = Math.min(lines.length, from + diagram.WIDE);
  for (let to = from + 2; to < most; to++) if (isLast(lines[to - 1] ?? nothing)) return to;
  return most;
};

/** One in sixteen ends a row. */
const isLast = (line: PacketSet): boolean => {
  const mixed = Math.imul(line ^ (line >>> 15), 0x9e3779b1);
  return ((mixed ^ (mixed >>> 13)) & 15) === 0;
};
