/**
 * Numbers that look random and are the same on every machine and every run. A stream is named by the seed and by what
 * it is for, so that one thing can be made again without making all the things before it.
 */

/** One stream of numbers, with the few questions that the bench asks of it. */
export interface Random {
  /** A whole number from low to high, both included. */
  int(low: number, high: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One of the items, all alike. */
  pick<T>(items: readonly T[]): T;
  /** A place in a list of the given length, where the first ones come far more often than the last ones. */
  skewed(length: number): number;
}

/** Starts the stream of one thing: the same seed, purpose and index give the same numbers. */
export const random = (seed: number, purpose: string, index = 0): Random => {
  let state = scramble(scramble(seed + nameNumber(purpose)) + index);
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    return scramble(state) / 2 ** 32;
  };
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    int,
    chance: (probability) => next() < probability,
    pick: (items) => at(items, int(0, items.length - 1)),
    skewed: (length) => Math.floor(next() ** 3 * length),
  };
};

/** Mixes 32 bits so that neighbours lie far apart. Different numbers stay different. */
export const scramble = (number: number): number => {
  let x = number >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
};

/** The item at a place that must exist. */
export const at = <T>(items: ArrayLike<T>, index: number): T => {
  const item = items[index];
  if (item === undefined) throw new Error(`there is no item ${index} of ${items.length}`);
  return item;
};

const nameNumber = (name: string): number =>
  Array.from(name).reduce((sum, letter) => scramble(sum + letter.charCodeAt(0)), name.length);
