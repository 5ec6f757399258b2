import * as fc from "fast-check";
import type { Prefix } from "#packets/address.ts";
import { fromInteger, parsePrefix, toInteger } from "#packets/address.ts";
import { placeOf } from "#packets/service.ts";
import type { Packet, PacketSet } from "#packets/set.ts";
import { and, anyOf, clientPorts, clients, everything, machines, minus, ports } from "#packets/set.ts";

/** A set in plain words, which both the program and a slow predicate can take literally. */
export type Told =
  | { readonly is: "client" | "machine"; readonly prefix: Prefix }
  | { readonly is: "service"; readonly protocol: number; readonly first: number; readonly last: number }
  | { readonly is: "clientPort"; readonly first: number; readonly last: number }
  | { readonly is: "both" | "either"; readonly of: readonly Told[] }
  | { readonly is: "without"; readonly of: readonly [Told, Told] };

/** What the program makes of the words. */
export const setOf = (told: Told): PacketSet => {
  switch (told.is) {
    case "client":
      return clients(told.prefix);
    case "machine":
      return machines(told.prefix);
    case "service":
      return ports(told.protocol, told.first, told.last);
    case "clientPort":
      return clientPorts(told.first, told.last);
    case "both":
      return told.of.map(setOf).reduce(and, everything);
    case "either":
      return anyOf(told.of.map(setOf));
    case "without":
      return minus(setOf(told.of[0]), setOf(told.of[1]));
  }
};

/** Whether the words hold of one conversation: slow and obvious. */
export const holds = (told: Told, packet: Packet): boolean => {
  switch (told.is) {
    case "client":
    case "machine":
      return isUnder(packet[told.is], told.prefix);
    case "service":
      return packet.service.protocol === told.protocol && isBetween(packet.service.port, told.first, told.last);
    case "clientPort":
      return isBetween(packet.clientPort, told.first, told.last);
    case "both":
      return told.of.every((each) => holds(each, packet));
    case "either":
      return told.of.some((each) => holds(each, packet));
    case "without":
      return holds(told.of[0], packet) && !holds(told.of[1], packet);
  }
};

const isBetween = (value: number, first: number, last: number): boolean => value >= first && value <= last;

const isUnder = (address: Packet["client"], prefix: Prefix): boolean => {
  const below = BigInt((prefix.address.family === 4 ? 32 : 128) - prefix.bits);
  return address.family === prefix.address.family && toInteger(address) >> below === toInteger(prefix.address) >> below;
};

export const prefix = (text: string): Prefix => {
  const read = parsePrefix(text);
  if (read === undefined) throw new Error(`${text} is no CIDR`);
  return read;
};

// 10.0.0.0/8 and 0:a00::/24 have the same numbers in their first word, and so have 0.0.0.0/1 and ::/17.
const NETWORKS = [
  ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/8", "203.0.113.0/24", "203.0.113.9/32", "255.255.255.255/32"],
  ["::/0", "::/1", "8000::/1", "::/17", "0:a00::/24", "2000::/3", "2001:db8::/32", "2001:db8::/48"],
  ["2001:db8::/64", "2001:db8::/96", "2001:db8::/97", "2001:db8::9/128", "::/128"],
  ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"],
]
  .flat()
  .map(prefix);

const anyPrefix: fc.Arbitrary<Prefix> = fc.oneof(
  fc.constantFrom(...NETWORKS),
  fc.record({
    address: fc.bigInt(0n, 2n ** 32n - 1n).map((value) => fromInteger(4, value)),
    bits: fc.integer({ min: 0, max: 32 }),
  }),
  fc.record({
    address: fc.bigInt(0n, 2n ** 128n - 1n).map((value) => fromInteger(6, value)),
    bits: fc.integer({ min: 0, max: 128 }),
  }),
);

const portRange = fc
  .tuple(fc.constantFrom(0, 1, 22, 255, 256, 1023, 1024, 32_768, 65_535), fc.integer({ min: 0, max: 65_535 }))
  .chain(([a, b]) =>
    fc.constantFrom([a, a], [Math.min(a, b), Math.max(a, b)], [0, 65_535], [a, 65_535]).map(([first, last]) => ({
      first,
      last,
    })),
  );

const clientTold = anyPrefix.map((at): Told => ({ is: "client", prefix: at }));
const machineTold = anyPrefix.map((at): Told => ({ is: "machine", prefix: at }));
const clientPortTold = portRange.map((range): Told => ({ is: "clientPort", ...range }));
const serviceTold = fc
  .tuple(fc.constantFrom(0, 1, 6, 17, 47, 58, 255), portRange)
  .map(([protocol, range]): Told => ({ is: "service", protocol, ...range }));

/** One or more dimensions, each with one range. */
const box = fc
  .tuple(
    ...[clientTold, machineTold, serviceTold, clientPortTold].map((part) =>
      fc.option(part, { nil: undefined, freq: 2 }),
    ),
  )
  .map((parts): Told => ({ is: "both", of: parts.filter((part) => part !== undefined) }));

/** Sets over all dimensions and both families. */
export const toldSet: fc.Arbitrary<Told> = fc.oneof(
  { weight: 2, arbitrary: box },
  { weight: 3, arbitrary: fc.array(box, { minLength: 0, maxLength: 4 }).map((of): Told => ({ is: "either", of })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.array(box, { minLength: 1, maxLength: 3 }), fc.array(box, { minLength: 1, maxLength: 3 }))
      .map(
        ([of, less]): Told => ({
          is: "without",
          of: [
            { is: "either", of },
            { is: "either", of: less },
          ],
        }),
      ),
  },
);

/** Where the words begin and end: values among which every case occurs that the words can tell apart. */
export interface Edges {
  readonly client: Record<4 | 6, Set<bigint>>;
  readonly machine: Record<4 | 6, Set<bigint>>;
  readonly place: Set<number>;
  readonly clientPort: Set<number>;
}

export const noEdges = (): Edges => ({
  client: { 4: new Set([0n]), 6: new Set([0n]) },
  machine: { 4: new Set([0n]), 6: new Set([0n]) },
  place: new Set([0]),
  clientPort: new Set([0]),
});

/** The first value of each stretch that the words name and the first behind it; with `both` also those just before. */
export const edgesOf = (told: readonly Told[], both: boolean, edges: Edges = noEdges()): Edges => {
  for (const each of told) addEdges(each, both, edges);
  return edges;
};

const addEdges = (told: Told, both: boolean, edges: Edges): void => {
  if ("of" in told) edgesOf(told.of, both, edges);
  else if (told.is === "clientPort") addNumbers(edges.clientPort, told.first, told.last, 65_535, both);
  else if (told.is === "service") {
    const base = placeOf({ protocol: told.protocol, port: 0 });
    addNumbers(edges.place, base + told.first, base + told.last, 256 * 65_536 - 1, both);
  } else {
    const { family } = told.prefix.address;
    const size = 1n << BigInt((family === 4 ? 32 : 128) - told.prefix.bits);
    const first = (toInteger(told.prefix.address) / size) * size;
    const end = family === 4 ? 2n ** 32n : 2n ** 128n;
    for (const value of both ? [first - 1n, first, first + size - 1n, first + size] : [first, first + size])
      if (value >= 0n && value < end) edges[told.is][family].add(value);
  }
};

const addNumbers = (to: Set<number>, first: number, last: number, most: number, both: boolean): void => {
  for (const value of both ? [first - 1, first, last, last + 1] : [first, last + 1])
    if (value >= 0 && value <= most) to.add(value);
};

/** Numbers that look thrown and are always the same. */
export const dice = (seed: number): ((sides: number) => number) => {
  let state = seed | 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
};

export const nth = <T>(from: readonly T[], at: number): T => {
  const found = from[at % from.length];
  if (found === undefined) throw new Error("nothing to choose from");
  return found;
};

export const packetAt = (of: 4 | 6, client: bigint, machine: bigint, place: number, clientPort: number): Packet => ({
  client: fromInteger(of, client),
  machine: fromInteger(of, machine),
  service: { protocol: Math.floor(place / 65_536), port: place % 65_536 },
  clientPort,
});

/** Conversations on the edges, thrown by the seed. */
export const throwPackets = (edges: Edges, seed: number, count: number): readonly Packet[] => {
  const die = dice(seed);
  const from = <T>(set: Set<T>): T => nth([...set], die(2 ** 30));
  return Array.from({ length: count }, () => {
    const of = die(2) === 0 ? 4 : 6;
    return packetAt(of, from(edges.client[of]), from(edges.machine[of]), from(edges.place), from(edges.clientPort));
  });
};
