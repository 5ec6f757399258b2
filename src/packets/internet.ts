import { formatPrefix, parsePrefix } from "./address.ts";
import { cover } from "./cover.ts";
import { edgesUpTo } from "./edge.ts";
import type { Measure, Run } from "./runs.ts";
import { clientRuns, partsByRemainder } from "./runs.ts";
import type { PacketSet } from "./set.ts";
import { and, anyOf, clients, clientsOf, everything, family, minus, not, or } from "./set.ts";

const under = (...texts: readonly string[]): PacketSet =>
  anyOf(
    texts.map((text) => {
      const prefix = parsePrefix(text);
      if (prefix === undefined) throw new RangeError(`${text} is no CIDR`);
      return clients(prefix);
    }),
  );

/** RFC 1918 and RFC 6598: addresses that networks use among themselves. */
export const privateUse = under("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10");

/** Ranges that stand for internet addresses in examples (RFC 5737, RFC 3849, RFC 9637). */
export const documentation = under("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20");

/** IPv4 that is neither unicast nor anybody's: this network, loopback, link-local, multicast, class E. */
export const neverClients = under("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3");

/** Reserved by the IANA special-purpose registry for other ends. */
export const reserved = under("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15");

export const globalUnicast6 = under("2000::/3");

/** The internet that counts in shares: unicast IPv4 that no IANA special-purpose registry reserves, and 2000::/3. */
export const routable: PacketSet = minus(
  or(family(4), globalUnicast6),
  anyOf([privateUse, documentation, neverClients, reserved]),
);

/** Clients that an internet gateway may meet: the routable ones, and the documentation ranges that stand for them. */
export const internetClients: PacketSet = or(routable, documentation);

const sizeOf = (runs: readonly Run<bigint>[]): bigint =>
  runs.reduce((sum, [first, last]) => sum + last - first + 1n, 0n);
const routableRuns = { 4: clientRuns(routable, 4), 6: clientRuns(routable, 6) } as const;
/** How many addresses of each family count as the internet. */
export const routableCount = {
  4: Number(sizeOf(routableRuns[4])),
  6: Number(sizeOf(routableRuns[6])),
} as const;
/** Measures by the first word of an address: what is not routable is cut off at /48 or before. */
const measureOf = (of: 4 | 6): Measure => {
  const scale = of === 4 ? 1n : 1n << 80n;
  const edges = routableRuns[of].flatMap(([first, last]) => [Number(first / scale), Number((last + 1n) / scale)]);
  /** Routable values below each edge; between an even edge and the next they count. */
  const below = edges.reduce<number[]>(
    (sums, edge, i) => [...sums, (sums.at(-1) ?? 0) + (i % 2 === 1 ? edge - (edges[i - 1] ?? 0) : 0)],
    [],
  );
  const all = below.at(-1) ?? 1;
  const upTo = (value: number): number => {
    const edge = edgesUpTo(edges, value);
    const passed = below[edge - 1] ?? 0;
    return edge % 2 === 1 ? passed + value - (edges[edge - 1] ?? 0) : passed;
  };
  return (from, to) => (upTo(to) - upTo(from)) / all;
};
const measures = { 4: measureOf(4), 6: measureOf(6) } as const;

/** How much of the routable internet may send, for each remainder (services and client's ports): parts of 1 that add up. */
export const internetParts = (set: PacketSet, of: 4 | 6): ReadonlyMap<PacketSet, number> =>
  partsByRemainder(set, of, measures[of]);

/** The part of the internet of one family, as far as it is `carried`, that is in the set for some service; 1 is all of it. */
export const internetShare = (set: PacketSet, of: 4 | 6, carried: PacketSet = everything): number => {
  const possible = and(routable, clientsOf(carried));
  const met = sizeOf(clientRuns(and(clientsOf(set), possible), of));
  const all = sizeOf(clientRuns(possible, of));
  if (all === 0n) return 0;
  return met === all ? 1 : Number(met) / Number(all);
};

/**
 * The shortest list of CIDRs that agrees with the set's clients on every routable address. What is not routable, or
 * could not come from the internet at all, is in it or not, whichever is shorter.
 */
export const internetSources = (set: PacketSet, carried: PacketSet = everything): readonly string[] => {
  const from = clientsOf(set);
  const possible = and(routable, clientsOf(carried));
  return ([4, 6] as const).flatMap((of) => {
    const those = clientRuns(and(from, possible), of);
    const others = clientRuns(minus(possible, from), of);
    if (those.length === 0) return [];
    return others.length === 0 ? [WHOLE[of]] : cover(of, those, others).map(formatPrefix);
  });
};
const WHOLE = { 4: "0.0.0.0/0", 6: "::/0" } as const;

/** Documentation ranges in the set, which stand for internet addresses in examples and count in no share. */
export const exampleSources = (set: PacketSet): readonly string[] => exactSources(and(set, documentation));

/** The CIDRs that hold exactly the set's clients. */
export const exactSources = (set: PacketSet): readonly string[] =>
  ([4, 6] as const).flatMap((of) => exactly(clientsOf(set), of));

const exactly = (from: PacketSet, of: 4 | 6): readonly string[] =>
  cover(of, clientRuns(from, of), clientRuns(not(from), of)).map(formatPrefix);
