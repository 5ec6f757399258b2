import type { PacketSet } from "./set.ts";
import { everything, minus, nothing, or } from "./set.ts";

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

interface Part<Word extends string> {
  readonly words: ReadonlyMap<Word, PacketSet>;
  readonly hidden: PacketSet;
}

/**
 * A whole list at once, for everything. One half of a list before the other is a list again, so the halves are computed
 * apart and joined: far less work than line by line, where what is left is cut again by each line.
 */
export const firstOf = <Word extends string>(lines: readonly Line<Word>[]): Outcome<Word> => {
  const { words, hidden } = part(lines, 0, lines.length);
  return { words, left: minus(everything, hidden) };
};

const part = <Word extends string>(lines: readonly Line<Word>[], from: number, to: number): Part<Word> => {
  const line = lines[from];
  if (from >= to || line === undefined) return { words: new Map(), hidden: nothing };
  if (to - from === 1)
    return { words: new Map(line.word === undefined ? [] : [[line.word, line.covers]]), hidden: line.hides };
  const middle = (from + to) >>> 1;
  const [first, second] = [part(lines, from, middle), part(lines, middle, to)];
  const words = new Map(first.words);
  for (const [word, covers] of second.words)
    words.set(word, or(words.get(word) ?? nothing, minus(covers, first.hidden)));
  return { words, hidden: or(first.hidden, second.hidden) };
};
