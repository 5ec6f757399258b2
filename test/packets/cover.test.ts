import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import type { Prefix } from "#packets/address.ts";
import { ADDRESS_BITS, bounds, formatPrefix, fromInteger } from "#packets/address.ts";
import { cover } from "#packets/cover.ts";
import {
  documentation,
  exampleSources,
  exactSources,
  internetClients,
  internetParts,
  internetShare,
  internetSources,
  routable,
} from "#packets/internet.ts";
import type { Run } from "#packets/runs.ts";
import type { PacketSet } from "#packets/set.ts";
import {
  and,
  anyOf,
  client,
  clients,
  clientsOf,
  everything,
  family,
  has,
  meets,
  minus,
  not,
  nothing,
  or,
  within,
} from "#packets/set.ts";
import { edgesOf, prefix, setOf, throwPackets, toldSet } from "../oracle/told.ts";

type Runs = readonly Run<bigint>[];

/** A small world: 2^depth blocks of 2^unit addresses each, from `base` on. */
interface World {
  readonly family: 4 | 6;
  readonly base: bigint;
  readonly unit: bigint;
  readonly depth: number;
}

const WORLDS: readonly (readonly [string, World])[] = [
  ["eight IPv4 addresses", { family: 4, base: 0xcb007108n, unit: 0n, depth: 3 }],
  ["eight IPv6 blocks across two words", { family: 6, base: 0x20010db8n << 96n, unit: 79n, depth: 3 }],
];

const runsOf = ({ base, unit, depth }: World, mask: number): Runs =>
  Array.from({ length: 2 ** depth }, (_, i) => i)
    .filter((i) => mask & (1 << i))
    .reduce<readonly Run<bigint>[]>((runs, i) => {
      const [first, last] = [base + (BigInt(i) << unit), base + (BigInt(i + 1) << unit) - 1n];
      const before = runs.at(-1);
      return before?.[1] === first - 1n ? [...runs.slice(0, -1), [before[0], last]] : [...runs, [first, last]];
    }, []);

/** Every prefix of the small world, as the blocks it covers. */
const masks = (depth: number): readonly number[] =>
  Array.from({ length: depth + 1 }, (_, level) => level).flatMap((level) => {
    const size = 2 ** (depth - level);
    return Array.from({ length: 2 ** level }, (_unused, i) => (2 ** size - 1) * 2 ** (i * size));
  });

/** How few prefixes do: all choices of one, then of two, and so on. */
const fewest = (depth: number, must: number, mustNot: number): number => {
  const usable = masks(depth).filter((mask) => (mask & mustNot) === 0);
  let found = new Set([0]);
  for (let count = 0; count <= 2 ** depth; count++) {
    if (found.has(must)) return count;
    found = new Set([...found].flatMap((covered) => usable.map((mask) => (covered | mask) & must)));
  }
  throw new Error("no list covers it");
};

const coveredBy = ({ base, unit, depth }: World, list: readonly Prefix[]): number =>
  Array.from({ length: 2 ** depth }, (_, i) => i)
    .filter((i) =>
      list.some((each) => isWithin([base + (BigInt(i) << unit), base + (BigInt(i + 1) << unit) - 1n], bounds(each))),
    )
    .reduce((mask, i) => mask | (1 << i), 0);

const isWithin = (inner: Run<bigint>, outer: Run<bigint>): boolean => inner[0] >= outer[0] && inner[1] <= outer[1];
const touches = (runs: Runs, [first, last]: Run<bigint>): boolean =>
  runs.some((run) => run[0] <= last && run[1] >= first);

/** A prefix is drawn tight when both its halves are needed. */
const isTight = (each: Prefix, must: Runs): boolean => {
  const [first, last] = bounds(each);
  const middle = (first + last) / 2n;
  return first === last || (touches(must, [first, middle]) && touches(must, [middle + 1n, last]));
};

const judge = (world: World, must: number, mustNot: number): void => {
  const [needed, forbidden] = [runsOf(world, must), runsOf(world, mustNot)];
  const list = cover(world.family, needed, forbidden);
  const covered = coveredBy(world, list);
  expect(covered & must).toBe(must);
  expect(list.filter((each) => touches(forbidden, bounds(each)))).toEqual([]);
  expect(list).toHaveLength(fewest(world.depth, must, mustNot));
  expect(list.filter((each) => !isTight(each, needed))).toEqual([]);
};

test.each(WORLDS)("of every choice among %s the list of prefixes is the shortest, and drawn tight", (_name, world) => {
  for (let choice = 0; choice < 3 ** 8; choice++) {
    const digits = Array.from({ length: 8 }, (_, i) => Math.floor(choice / 3 ** i) % 3);
    const mask = (digit: number): number => digits.reduce((sum, each, i) => (each === digit ? sum | (1 << i) : sum), 0);
    judge(world, mask(1), mask(2));
  }
});

test("of sixteen addresses too the list is the shortest", () => {
  const world: World = { family: 4, base: 0xcb007100n, unit: 0n, depth: 4 };
  fc.assert(
    fc.property(fc.nat(65_535), fc.nat(65_535), (must, rest) => judge(world, must, rest & ~must)),
    { seed: 20_260_103, numRuns: 200 },
  );
});

describe("the shortest list of", () => {
  test.each([
    ["nothing", [], [], []],
    ["everything", [[0n, 2n ** 32n - 1n]], [], ["0.0.0.0/0"]],
    [
      "the first and the last address, where the rest is free",
      [
        [0n, 0n],
        [2n ** 32n - 1n, 2n ** 32n - 1n],
      ],
      [],
      ["0.0.0.0/0"],
    ],
    [
      "the first and the last address, where the rest is not",
      [
        [0n, 0n],
        [2n ** 32n - 1n, 2n ** 32n - 1n],
      ],
      [[1n, 2n ** 32n - 2n]],
      ["0.0.0.0/32", "255.255.255.255/32"],
    ],
    ["all but the last address", [[0n, 1n]], [[2n, 2n]], ["0.0.0.0/31"]],
  ] as const)("%s", (_what, must, mustNot, list) => {
    expect(cover(4, must, mustNot).map(formatPrefix)).toEqual(list);
  });
});

const of = (...texts: readonly string[]): PacketSet => anyOf(texts.map((text) => clients(prefix(text))));

describe("who is on the internet reads", () => {
  test.each([
    ["0.0.0.0/0", of("0.0.0.0/0"), ["0.0.0.0/0"]],
    ["both halves of IPv4", of("0.0.0.0/1", "128.0.0.0/1"), ["0.0.0.0/0"]],
    [
      "IPv4 without private space",
      minus(family(4), of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")),
      ["0.0.0.0/0"],
    ],
    ["all that is routable", routable, ["0.0.0.0/0", "::/0"]],
    ["everything", everything, ["0.0.0.0/0", "::/0"]],
    ["::/0", of("::/0"), ["::/0"]],
    ["both halves of IPv6", of("::/1", "8000::/1"), ["::/0"]],
    ["a private network", of("10.0.0.0/8"), []],
    ["one address", of("8.8.8.8/32"), ["8.8.8.8/32"]],
    ["an example", of("203.0.113.0/24"), []],
    ["2000::/3", of("2000::/3"), ["::/0"]],
    ["half of what is routable in IPv6", of("2000::/4"), ["2000::/4"]],
    ["an example among what is routable", of("203.0.112.0/23"), ["203.0.112.0/24"]],
    ["half of IPv4", of("128.0.0.0/1"), ["128.0.0.0/1"]],
    ["nobody", nothing, []],
  ])("%s", (_what, set, list) => {
    expect(internetSources(set)).toEqual(list);
  });
});

describe("the share of the internet is exactly one for", () => {
  test.each([
    ["0.0.0.0/0", of("0.0.0.0/0"), 1, 0],
    ["both halves of IPv4", of("0.0.0.0/1", "128.0.0.0/1"), 1, 0],
    ["both halves of IPv6", of("::/1", "8000::/1"), 0, 1],
    ["2000::/3", of("2000::/3"), 0, 1],
    ["all that is routable", routable, 1, 1],
    ["everything", everything, 1, 1],
    ["IPv4 without private space", minus(family(4), of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")), 1, 0],
  ])("%s", (_what, set, four, six) => {
    expect([internetShare(set, 4), internetShare(set, 6)]).toEqual([four, six]);
    expect([...internetParts(clientsOf(set), 4).values()]).toEqual(four === 1 ? [1] : []);
  });
});

test("one address less than everybody is less than one", () => {
  expect(internetShare(minus(everything, of("8.8.8.8/32")), 4)).toBeLessThan(1);
  expect(internetShare(of("8.8.8.8/32"), 4)).toBeGreaterThan(0);
});

test("the list of sources agrees with the set on every routable address, and its examples are listed exactly", () => {
  fc.assert(
    fc.property(toldSet, (told) => {
      const from = clientsOf(setOf(told));
      const listed = of(...internetSources(setOf(told)));
      expect(and(listed, routable)).toBe(and(from, routable));
      expect(of(...exampleSources(setOf(told)))).toBe(and(from, documentation));
    }),
    { seed: 20_260_104, numRuns: 300 },
  );
});

test("the exact list of sources is the set, and no two of its CIDRs meet", () => {
  fc.assert(
    fc.property(toldSet, (told) => {
      const from = clientsOf(setOf(told));
      const list = exactSources(setOf(told)).map((text) => clients(prefix(text)));
      expect(anyOf(list)).toBe(from);
      expect(list.some((each, i) => list.slice(0, i).some((other) => meets(each, other)))).toBe(false);
    }),
    { seed: 20_260_105, numRuns: 150 },
  );
});

test("the parts of the internet by remainder add up to its share", () => {
  fc.assert(
    fc.property(toldSet, (told) => {
      for (const each of [4, 6] as const) {
        const parts = [...internetParts(setOf(told), each)];
        const sum = parts.filter(([rest]) => rest !== nothing).reduce((all, [, part]) => all + part, 0);
        expect(sum).toBeCloseTo(internetShare(setOf(told), each), 12);
      }
    }),
    { seed: 20_260_106, numRuns: 300 },
  );
});

test("everybody who is routable is an internet client, and nobody private is", () => {
  expect(within(routable, internetClients)).toBe(true);
  expect(
    meets(
      internetClients,
      of(
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/3",
        "fc00::/7",
        "fe80::/10",
        "::/128",
      ),
    ),
  ).toBe(false);
  expect(within(of("203.0.113.0/24", "2001:db8::/32"), internetClients)).toBe(true);
  expect(within(of("203.0.113.0/24", "2001:db8::/32"), routable)).toBe(false);
});

test("a client is in the exact list exactly when some conversation of the set is its own", () => {
  fc.assert(
    fc.property(toldSet, fc.nat(), (told, seed) => {
      const list = of(...exactSources(setOf(told)));
      for (const packet of throwPackets(edgesOf([told], true), seed, 10))
        expect(has(list, packet)).toBe(meets(setOf(told), client(packet.client)));
    }),
    { seed: 20_260_107, numRuns: 150 },
  );
});

test("prefixes are counted in bits of their family", () => {
  expect(cover(6, [[5n, 5n]], [])).toEqual([{ address: fromInteger(6, 5n), bits: ADDRESS_BITS[6] }]);
  expect(exactSources(not(of("::/1")))).toEqual(["0.0.0.0/0", "8000::/1"]);
  expect(exactSources(or(of("10.0.0.0/8"), of("0:a00::/24")))).toEqual(["10.0.0.0/8", "0:a00::/24"]);
});
