import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { fromInteger, toInteger } from "#packets/address.ts";
import { firstOf } from "#packets/bulk.ts";
import { cutsOf, kidsOf, levelOf } from "#packets/diagram.ts";
import { placeOf } from "#packets/service.ts";
import type { Dimension, Packet, PacketSet } from "#packets/set.ts";
import {
  and,
  anyOf,
  client,
  clientPorts,
  clients,
  everything,
  family,
  has,
  icmp,
  isEmpty,
  machines,
  meets,
  minus,
  not,
  nothing,
  or,
  ports,
  protocol,
  some,
  within,
} from "#packets/set.ts";
import type { Edges, Told } from "../oracle/told.ts";
import { edgesOf, holds, packetAt, prefix, setOf, throwPackets, toldSet } from "../oracle/told.ts";

const set = toldSet.map(setOf);
const options = { seed: 20_260_101, numRuns: 350 };

const law = (name: string, says: (a: PacketSet, b: PacketSet, c: PacketSet) => readonly [PacketSet, PacketSet]) =>
  test(name, () => {
    fc.assert(
      fc.property(set, set, set, (a, b, c) => {
        const [left, right] = says(a, b, c);
        expect(left === right).toBe(true);
      }),
      options,
    );
  });

describe("equal sets are one object, and", () => {
  law("what is taken away and what is shared make the whole", (a, b) => [or(minus(a, b), and(a, b)), a]);
  law("outside of either is outside of both", (a, b) => [not(or(a, b)), and(not(a), not(b))]);
  law("outside of the shared is outside of one", (a, b) => [not(and(a, b)), or(not(a), not(b))]);
  law("taking away two is taking away each", (a, b, c) => [minus(a, or(b, c)), and(minus(a, b), minus(a, c))]);
  law("a part adds nothing", (a, b) => [or(a, and(a, b)), a]);
  law("a whole takes nothing", (a, b) => [and(a, or(a, b)), a]);
  law("sharing spreads over union", (a, b, c) => [and(a, or(b, c)), or(and(a, b), and(a, c))]);
  law("union spreads over sharing", (a, b, c) => [or(a, and(b, c)), and(or(a, b), or(a, c))]);
  law("union does not mind the grouping", (a, b, c) => [or(a, or(b, c)), or(or(a, b), c)]);
  law("sharing does not mind the grouping", (a, b, c) => [and(a, and(b, c)), and(and(a, b), c)]);
  law("union does not mind the order", (a, b) => [or(a, b), or(b, a)]);
  law("sharing does not mind the order", (a, b) => [and(a, b), and(b, a)]);
  law("the opposite of the opposite is the set", (a) => [not(not(a)), a]);
  law("a set and its opposite are everything", (a) => [or(a, not(a)), everything]);
  law("a set and its opposite share nothing", (a) => [and(a, not(a)), nothing]);
  law("taking away is sharing with the opposite", (a, b) => [minus(a, b), and(a, not(b))]);
  law("many at once are one after the other", (a, b, c) => [anyOf([a, b, c, a, b]), [a, b, c].reduce(or, nothing)]);
  law("a dimension is forgotten of each part alike", (a, b) => [
    some(or(a, b), "client"),
    or(some(a, "client"), some(b, "client")),
  ]);
  law("dimensions are forgotten in any order", (a) => [
    some(some(a, "client"), "service"),
    some(some(a, "service"), "client"),
  ]);
});

test("a set lies within another when nothing sticks out, and meets it when something is shared", () => {
  fc.assert(
    fc.property(set, set, (a, b) => {
      expect(within(a, b)).toBe(and(a, b) === a);
      expect(meets(a, b)).toBe(!isEmpty(and(a, b)));
    }),
    options,
  );
});

test("any number of sets at once are the same as one after the other", () => {
  fc.assert(
    fc.property(fc.array(set, { maxLength: 17 }), (sets) => {
      expect(anyOf(sets)).toBe(sets.reduce(or, nothing));
    }),
    { ...options, numRuns: 300 },
  );
});

const halves = [
  ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"],
  ["::/0", "::/1", "8000::/1"],
  ["2001:db8::/47", "2001:db8::/48", "2001:db8:1::/48"],
  ["2001:db8::/48", "2001:db8::/49", "2001:db8:0:8000::/49"],
  ["2001:db8::/95", "2001:db8::/96", "2001:db8::1:0:0/96"],
  ["2001:db8::/96", "2001:db8::/97", "2001:db8::8000:0/97"],
  ["255.255.255.254/31", "255.255.255.254/32", "255.255.255.255/32"],
] as const;

test.each(halves)("%s is %s and %s", (whole, low, high) => {
  for (const under of [clients, machines]) {
    expect(or(under(prefix(low)), under(prefix(high)))).toBe(under(prefix(whole)));
    expect(minus(under(prefix(whole)), under(prefix(low)))).toBe(under(prefix(high)));
  }
});

test("both families together are everything, and share nothing", () => {
  expect(or(family(4), family(6))).toBe(everything);
  expect(and(family(4), family(6))).toBe(nothing);
  expect(clients(prefix("0.0.0.0/0"))).toBe(family(4));
  expect(machines(prefix("::/0"))).toBe(family(6));
  expect(and(clients(prefix("::/0")), machines(prefix("10.0.0.5/32")))).toBe(nothing);
});

test("prefixes of both families with the same numbers stay apart", () => {
  const both = or(clients(prefix("10.0.0.0/8")), clients(prefix("0:a00::/24")));
  expect(and(both, family(4))).toBe(clients(prefix("10.0.0.0/8")));
  expect(and(both, family(6))).toBe(clients(prefix("0:a00::/24")));
});

test("every port of every protocol is everything", () => {
  expect(anyOf(Array.from({ length: 256 }, (_, number) => protocol(number)))).toBe(everything);
  expect(or(ports(6, 0, 21), ports(6, 22, 65_535))).toBe(protocol(6));
  expect(anyOf(Array.from({ length: 256 }, (_, type) => icmp(1, type)))).toBe(protocol(1));
});

test("a conversation is in a set exactly when the words of the set hold of it", () => {
  let asked = 0;
  let inside = 0;
  fc.assert(
    fc.property(toldSet, toldSet, fc.nat(), (a, b, seed) => {
      const [of, other] = [setOf(a), setOf(b)];
      const [shared, either, less, outside] = [and(of, other), or(of, other), minus(of, other), not(of)];
      for (const packet of throwPackets(edgesOf([a, b], true), seed, 100)) {
        const [inA, inB] = [holds(a, packet), holds(b, packet)];
        asked += 1;
        inside += inA ? 1 : 0;
        const found = [of, other, shared, either, less, outside].map((each) => has(each, packet));
        expect(found).toEqual([inA, inB, inA && inB, inA || inB, inA && !inB, !inA]);
      }
    }),
    options,
  );
  expect(asked).toBeGreaterThanOrEqual(30_000);
  expect(inside).toBeGreaterThan(asked / 20);
});

test("a set without a dimension holds whatever was in it for some value there", () => {
  let inside = 0;
  fc.assert(
    fc.property(toldSet, fc.nat(), (told, seed) => {
      const edges = edgesOf([told], false);
      for (const dimension of ["machine", "client", "service", "clientPort"] as const) {
        const forgotten = some(setOf(told), dimension);
        for (const packet of throwPackets(edges, seed, 20)) {
          const found = variants(packet, dimension, edges).some((each) => holds(told, each));
          expect(has(forgotten, packet)).toBe(found);
          inside += found ? 1 : 0;
        }
      }
    }),
    options,
  );
  expect(inside).toBeGreaterThan(5000);
});

const variants = (packet: Packet, dimension: Exclude<Dimension, "family">, edges: Edges): readonly Packet[] => {
  const of = packet.client.family;
  const [from, dialled, place] = [toInteger(packet.client), toInteger(packet.machine), placeOf(packet.service)];
  switch (dimension) {
    case "client":
      return [...edges.client[of]].map((value) => packetAt(of, value, dialled, place, packet.clientPort));
    case "machine":
      return [...edges.machine[of]].map((value) => packetAt(of, from, value, place, packet.clientPort));
    case "service":
      return [...edges.place].map((value) => packetAt(of, from, dialled, value, packet.clientPort));
    case "clientPort":
      return [...edges.clientPort].map((value) => packetAt(of, from, dialled, place, value));
  }
};

test("a set is written in one way only: cuts rise, neighbours differ, and a lone child takes its parent's place", () => {
  fc.assert(
    fc.property(set, set, (a, b) => {
      for (const each of [a, and(a, b), or(a, b), minus(a, b), not(a), some(a, "client"), some(or(a, b), "service")])
        expect(flaws(each)).toEqual([]);
    }),
    options,
  );
});

const flaws = (of: PacketSet): readonly string[] => {
  if (of === nothing || of === everything) return [];
  const [level, cuts, kids] = [levelOf(of), cutsOf(of), kidsOf(of)];
  const wrong = [
    kids.length === cuts.length + 1 ? "" : "kids are not one more than cuts",
    cuts.length > 0 ? "" : "a lone child",
    cuts.every((cut, i) => Number.isSafeInteger(cut) && cut > (cuts[i - 1] ?? 0))
      ? ""
      : `cuts do not rise: ${cuts.join()}`,
    kids.every((kid, i) => kid !== kids[i - 1]) ? "" : "two neighbours are equal",
    kids.every((kid) => levelOf(kid) > level) ? "" : "a child stands above its parent",
  ];
  return [...wrong.filter((flaw) => flaw !== ""), ...kids.flatMap(flaws)];
};

test("a set is found again, and holds what it held, after the tables have grown many times", () => {
  const many = Array.from({ length: 20_000 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 0);
  const sets = many.map((value) => clients({ address: fromInteger(4, BigInt(value)), bits: 32 }));
  const union = anyOf(sets);
  expect(new Set(sets).size).toBe(many.length);
  expect(many.map((value) => client(fromInteger(4, BigInt(value))))).toEqual(sets);
  expect(anyOf(sets.toReversed())).toBe(union);
  for (const value of many.slice(0, 1000)) {
    expect(has(union, packetAt(4, BigInt(value), 0n, 0, 0))).toBe(true);
    expect(has(union, packetAt(6, BigInt(value), 0n, 0, 0))).toBe(false);
  }
  expect(sets.slice(0, 20).reduce(minus, union)).toBe(anyOf(sets.slice(20)));
});

const lineTold = fc.record({ covers: toldSet, sure: fc.boolean(), word: fc.constantFrom("a", "b", "c") });

test("a whole list at once does what its lines do one after the other", () => {
  fc.assert(
    fc.property(fc.array(lineTold, { maxLength: 20 }), (told) => {
      const lines = told.map(({ covers, sure, word }) => ({
        word,
        covers: setOf(covers),
        hides: sure ? setOf(covers) : minus(setOf(covers), setOf(nth0(told))),
      }));
      const { words, left } = firstOf(lines);
      let rest = everything;
      const slow = new Map<string, PacketSet>();
      for (const { covers, hides, word } of lines) {
        slow.set(word, or(slow.get(word) ?? nothing, and(covers, rest)));
        rest = minus(rest, hides);
      }
      expect(left).toBe(rest);
      for (const word of ["a", "b", "c"] as const) expect(words.get(word) ?? nothing).toBe(slow.get(word) ?? nothing);
    }),
    { ...options, numRuns: 400 },
  );
});

const nth0 = (told: readonly { readonly covers: Told }[]): Told => told[0]?.covers ?? { is: "either", of: [] };

describe("no set is made of", () => {
  test.each([
    ["ports that run backwards", () => ports(6, 23, 22)],
    ["a port above 65535", () => ports(6, 0, 65_536)],
    ["a port below 0", () => ports(6, -1, 22)],
    ["a port that is no number", () => ports(6, Number.NaN, 22)],
    ["half a port", () => ports(6, 21.5, 22.5)],
    ["protocol 256", () => protocol(256)],
    ["protocol -1", () => protocol(-1)],
    ["half a protocol", () => protocol(6.5)],
    ["client's ports that run backwards", () => clientPorts(2, 1)],
    ["a client's port above 65535", () => clientPorts(1024, 65_536)],
    ["a client's port below 0", () => clientPorts(-1, 1)],
    ["ICMP type 256", () => icmp(1, 256)],
    ["ICMP type -1", () => icmp(1, -1)],
    ["ICMP code 256", () => icmp(1, 8, 256)],
    ["ICMP code -1", () => icmp(1, 8, -1)],
    ["an IPv4 prefix of 33 bits", () => clients({ address: fromInteger(4, 0n), bits: 33 })],
    ["an IPv6 prefix of 129 bits", () => machines({ address: fromInteger(6, 0n), bits: 129 })],
    ["a prefix of -1 bits", () => clients({ address: fromInteger(4, 0n), bits: -1 })],
    ["a prefix of half a bit", () => clients({ address: fromInteger(4, 0n), bits: 8.5 })],
  ])("%s", (_what, make) => {
    expect(make).toThrow(RangeError);
  });
});
