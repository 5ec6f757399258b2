import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import type { Prefix } from "#packets/address.ts";
import { ADDRESS_BITS, bounds, formatAddress, fromInteger, isUnder } from "#packets/address.ts";
import { rangeOf } from "#providers/gcp/client.ts";
import { destinations } from "#providers/gcp/destination.ts";

const seed = 20_261_122;

const range = fc.oneof(
  fc
    .constantFrom<4 | 6>(4, 6)
    .chain((of) =>
      fc
        .tuple(fc.bigInt(0n, (1n << BigInt(ADDRESS_BITS[of])) - 1n), fc.integer({ min: 0, max: ADDRESS_BITS[of] }))
        .map(([value, bits]): Prefix => ({ address: fromInteger(of, value), bits })),
    ),
  fc.constant(undefined),
);

/** The first and the last address of each range, and those beside them. */
const edgesOf = (lists: readonly (readonly (Prefix | undefined)[])[]): readonly string[] =>
  lists.flat().flatMap((each) => {
    if (each === undefined) return [];
    const { family } = each.address;
    const [first, last] = bounds(each);
    const all = [first - 1n, first, last, last + 1n].map((value) => BigInt.asUintN(ADDRESS_BITS[family], value));
    return all.map((value) => formatAddress(fromInteger(family, value)));
  });

/** For each list: of the addresses all are in some range of it, some are, or none; or the list cannot be read. */
const slowly = (dials: readonly string[], lists: readonly (readonly (Prefix | undefined)[])[]): string =>
  dials.map((each) => (each.includes(":") ? "6" : "4")).join("") +
  lists
    .map((list) => {
      if (list.includes(undefined)) return "u";
      const inside = dials.filter((each) => {
        const own = rangeOf(each);
        return own !== undefined && list.some((one) => one !== undefined && isUnder(own, one));
      });
      return inside.length === dials.length ? "y" : inside.length > 0 ? "p" : "n";
    })
    .join("");

test("where packets go is told by every list, whatever was asked before", () => {
  let met = 0;
  fc.assert(
    fc.property(
      fc.array(fc.array(range, { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
      fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 20 }),
      (lists, places) => {
        const tell = destinations(lists);
        const addresses = [...edgesOf(lists), "192.0.2.7", "2001:db8::7", "10.0.0.256", "::g"];
        const asked = places.map((those) => those.map((place) => addresses[place % addresses.length] ?? ""));
        for (const dials of [...asked, ...asked.toReversed()]) {
          const told = tell(dials);
          expect(told).toBe(slowly(dials, lists));
          if (/[yp]/.test(told)) met++;
        }
      },
    ),
    { seed, numRuns: 3000 },
  );
  expect(met).toBeGreaterThan(1000);
});
