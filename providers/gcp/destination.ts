import type { Prefix } from "#packets/address.ts";
import { parseAddress, parseV4 } from "#packets/address.ts";
import { edgesUpTo } from "#packets/edge.ts";
import { hit } from "./arrival.ts";
import { rangeOf } from "./client.ts";

/**
 * Tells addresses apart as far as some list does. Those between the same edges of ranges are the same to all lists, and
 * are told by their places there.
 */
export const destinations = (
  lists: readonly (readonly (Prefix | undefined)[])[],
): ((dials: readonly string[]) => string) => {
  const slowly = (dials: readonly string[]): string => {
    const ranges = lists.length === 0 ? [] : dials.map(rangeOf);
    return dials.map(familyOf).join("") + lists.map((list) => hit(ranges, list)[0]).join("");
  };
  const ranges = lists.flat().filter((range) => range !== undefined);
  const edges = { 4: edgesOf(ranges, 4), 6: edgesOf(ranges, 6) } as const;
  const isLong = ranges.some(({ address: { family }, bits }) => family === 6 && bits > FIRST_WORD[6]);
  const places = edges[4].length + edges[6].length + 3;
  const placeOf = (text: string): number => {
    if (familyOf(text) === "4") {
      const value = parseV4(text);
      return value === undefined ? -1 : edgesUpTo(edges[4], value);
    }
    if (edges[6].length === 0) return edges[4].length + 1;
    const address = isLong ? undefined : parseAddress(text);
    return address === undefined ? -1 : edges[4].length + 1 + edgesUpTo(edges[6], address.words[0]);
  };
  const known = new Map<number, string>();
  return (dials) => {
    const [first = "", second] = dials;
    const one = placeOf(first);
    const other = second === undefined ? places - 1 : placeOf(second);
    if (dials.length === 0 || dials.length > 2 || one === -1 || other === -1) return slowly(dials);
    const key = one * places + other;
    const before = known.get(key);
    if (before !== undefined) return before;
    const made = slowly(dials);
    known.set(key, made);
    return made;
  };
};

/** So many bits of an address are its first word, which is all that is looked at. */
const FIRST_WORD = { 4: 32, 6: 48 } as const;

const edgesOf = (ranges: readonly Prefix[], of: 4 | 6): readonly number[] => {
  const edges = ranges.flatMap(({ address: { family, words }, bits }) => {
    const size = 2 ** (FIRST_WORD[of] - bits);
    const first = Math.floor(words[0] / size) * size;
    return family === of ? [first, first + size] : [];
  });
  return [...new Set(edges)].toSorted((a, b) => a - b);
};

const familyOf = (address: string): "4" | "6" => (address.includes(":") ? "6" : "4");
