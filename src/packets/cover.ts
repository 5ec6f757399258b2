import type { Prefix } from "./address.ts";
import { ADDRESS_BITS, fromInteger } from "./address.ts";
import type { Run } from "./runs.ts";

type Runs = readonly Run<bigint>[];

/** The first run that ends at or behind `value`. */
const firstFrom = (runs: Runs, value: bigint): number => {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((runs[middle]?.[1] ?? 0n) < value) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** The lowest and highest address of the runs between `first` and `last`, if there is one. */
const hull = (runs: Runs, first: bigint, last: bigint): Run<bigint> | undefined => {
  const low = runs[firstFrom(runs, first)];
  if (low === undefined || low[0] > last) return undefined;
  const touching = runs[firstFrom(runs, last)];
  const high = touching !== undefined && touching[0] <= last ? touching : runs[firstFrom(runs, last) - 1];
  const end = high === undefined || high[1] > last ? last : high[1];
  return [low[0] < first ? first : low[0], end];
};

/** The smallest prefix that holds both addresses. */
const joint = (family: 4 | 6, [first, last]: Run<bigint>): Prefix => {
  const below = (first ^ last) === 0n ? 0 : (first ^ last).toString(2).length;
  const base = (first >> BigInt(below)) << BigInt(below);
  return { address: fromInteger(family, base), bits: ADDRESS_BITS[family] - below };
};

/**
 * The shortest list of prefixes that covers all of `must` and nothing of `mustNot`; what is in neither may be covered
 * or not. Prefixes either nest or do not meet, so the widest that is allowed is always best, and is then drawn tight.
 */
export const cover = (family: 4 | 6, must: Runs, mustNot: Runs): readonly Prefix[] => {
  const under = (first: bigint, bits: number): readonly Prefix[] => {
    const size = 1n << BigInt(ADDRESS_BITS[family] - bits);
    const needed = hull(must, first, first + size - 1n);
    if (needed === undefined) return [];
    if (hull(mustNot, first, first + size - 1n) === undefined) return [joint(family, needed)];
    return [...under(first, bits + 1), ...under(first + size / 2n, bits + 1)];
  };
  return under(0n, 0);
};
