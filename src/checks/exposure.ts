import { internetParts, routableCount } from "#packets/internet.ts";
import type { PacketSet } from "#packets/set.ts";
import { anyOf, clientsOf, everything, holds, nothing, ports, some, within } from "#packets/set.ts";
import type { Counted, Counts, Measure, Parts } from "#resolve/ceiling.ts";
import type { RiskyService } from "./services.ts";
import { everyPort, riskyServices } from "./services.ts";

/** What of a set the internet meets: each service, with the ports of it that are met. */
export interface Met {
  readonly service: RiskyService | "any";
  readonly protocol: number;
  /** The ports met; all of them for `any`. */
  readonly ports: readonly number[] | "all";
  readonly ipv4: number;
  readonly ipv6: number;
}

const TINY = 1e-9;

/** Clients in a machine's own IPv6 network have routable addresses and do not come from the internet. */
const ALL_BUT_OWN = 1 - 2 ** -24;

/** One port of one service, or every port of a protocol: what is weighed apart. */
interface Weighed {
  readonly service: RiskyService | "any";
  readonly protocol: number;
  readonly port: number | "all";
  readonly set: PacketSet;
}

const byPort: readonly Weighed[] = riskyServices.flatMap((service) =>
  service.ports.map((port) => ({
    service,
    protocol: service.protocol,
    port,
    set: ports(service.protocol, port, port),
  })),
);

const weighed: readonly Weighed[] = [
  ...byPort,
  ...everyPort.map(({ protocol, set }) => ({ service: "any", protocol, port: "all", set }) as const),
];

/** Which of them a remainder lets in: one port if it meets it, every port only as a whole. */
const letIn = (): ((rest: PacketSet) => readonly number[]) => {
  const known = new Map<PacketSet, readonly number[]>();
  return (rest) => {
    const before = known.get(rest);
    if (before !== undefined) return before;
    const made: number[] = [];
    weighed.forEach((each, i) => {
      if (isLetIn(each, rest)) made.push(i);
    });
    known.set(rest, made);
    return made;
  };
};

const isLetIn = ({ protocol, port, set }: Weighed, rest: PacketSet): boolean =>
  port === "all" ? within(set, rest) : holds(rest, { protocol, port });

/**
 * Who can come at all, where that is the internet but for addresses that a cloud keeps for its own senders: who lets
 * them all in lets in the whole internet.
 */
const wholeOf = (carried: PacketSet, of: 4 | 6): number => {
  const before = wholes[of].get(carried);
  if (before !== undefined) return before;
  const all = sum(internetParts(clientsOf(carried), of));
  const made = all < ALL_BUT_SENDERS ? ALL_BUT_OWN : Math.min(all - TINY, ALL_BUT_OWN);
  wholes[of].set(carried, made);
  return made;
};
const wholes = { 4: new Map<PacketSet, number>(), 6: new Map<PacketSet, number>() } as const;
const ALL_BUT_SENDERS = 1 - 2 ** -14;

/** Services that the internet meets in a set: at least `share` of a family may come. Sets are asked about once. */
export const exposures = (share: number): ((set: PacketSet, carried: PacketSet) => readonly Met[]) => {
  const known = new Map<PacketSet, Map<number, readonly Met[]>>();
  const inside = letIn();
  const sums = { 4: new Float64Array(weighed.length), 6: new Float64Array(weighed.length) };
  const enough = share - TINY;
  /** Shares by the place in `weighed`, which the next set overwrites. */
  const shares = (parts: ReadonlyMap<PacketSet, number>, those: Float64Array, whole: number): Float64Array => {
    those.fill(0);
    parts.forEach((part, rest) => {
      for (const i of inside(rest)) those[i] = (those[i] ?? 0) + part;
    });
    for (let i = 0; i < those.length; i++) if ((those[i] ?? 0) > whole) those[i] = 1;
    return those;
  };
  const count = (set: PacketSet, whole4: number, whole6: number): readonly Met[] => {
    const [v4, v6] = [internetParts(set, 4), internetParts(set, 6)];
    if (sum(v4) < enough && sum(v6) < enough) return NOTHING; // whatever they ask for
    return met(shares(v4, sums[4], whole4), shares(v6, sums[6], whole6), enough);
  };
  return (set, carried) => {
    const [whole4, whole6] = [wholeOf(carried, 4), wholeOf(carried, 6)];
    const before = known.get(set) ?? new Map<number, readonly Met[]>();
    known.set(set, before);
    const key = whole4 + 2 * whole6;
    const made = before.get(key) ?? count(set, whole4, whole6);
    before.set(key, made);
    return made;
  };
};

const sum = (parts: ReadonlyMap<PacketSet, number>): number => {
  let all = 0;
  for (const part of parts.values()) all += part;
  return all;
};

/**
 * Which part of the internet has what is weighed in a set, by its place, and a row for each family. Of every port at
 * once it is not told.
 */
export const weighing = (): Measure => {
  const inside = letIn();
  const known = new Map<PacketSet, Counted>();
  const sums = new Map<number, number>();
  const count = (set: PacketSet): Parts => {
    sums.clear();
    for (const [row, family] of ([4, 6] as const).entries())
      internetParts(set, family).forEach((part, rest) => {
        for (const i of inside(rest)) {
          const at = row * byPort.length + i;
          if (i < byPort.length) sums.set(at, (sums.get(at) ?? 0) + part);
        }
      });
    return sums.size === 0 ? NO_PARTS : { places: [...sums.keys()], amounts: [...sums.values()] };
  };
  return {
    size: 2 * byPort.length,
    of: (set) => {
      const before = known.get(set);
      if (before !== undefined) return before;
      const fromAny = some(set, "clientPort");
      const most = count(fromAny);
      const made = { most, least: fromAny === set && some(set, "machine") === set ? most : NO_PARTS };
      known.set(set, made);
      return made;
    },
    ofClients: (clients) => {
      const rows = ([4, 6] as const).map((family) => Math.min(1, clients[family] / routableCount[family]));
      return Float64Array.from(rows.flatMap((part) => byPort.map(() => part)));
    },
  };
};
const NO_PARTS: Parts = { places: [], amounts: [] };

/** What must be asked of those of whom at most so many meet what is weighed; nothing where too few can meet any of it. */
export const worthAsking = (): ((most: Counts, share: number) => PacketSet) => {
  const known = new Map<string, PacketSet>();
  return (most, share) => {
    const met: number[] = [];
    for (let i = 0; i < byPort.length; i++)
      if ((most[i] ?? 0) >= share || (most[byPort.length + i] ?? 0) >= share) met.push(i);
    if (met.length === 0) return nothing;
    const key = met.join(" ");
    const made = known.get(key) ?? asking(new Set(met));
    known.set(key, made);
    return made;
  };
};

const asking = (met: ReadonlySet<number>): PacketSet => {
  // Every port of a protocol is met only by those who meet each of its ports.
  const isAny = everyPort.some(({ protocol }) => byPort.every((each, i) => each.protocol !== protocol || met.has(i)));
  return isAny ? everything : anyOf(byPort.flatMap(({ set }, i) => (met.has(i) ? [set] : [])));
};

/** What is met often enough, the ports of a service together: they stand side by side. */
const met = (v4: Float64Array, v6: Float64Array, enough: number): readonly Met[] => {
  const found: Met[] = [];
  weighed.forEach((each, i) => {
    const ipv4 = v4[i] ?? 0;
    const ipv6 = v6[i] ?? 0;
    if (ipv4 >= enough || ipv6 >= enough) add(found, each, ipv4, ipv6);
  });
  return found;
};
const NOTHING: readonly Met[] = [];

const add = (found: Met[], { service, protocol, port }: Weighed, ipv4: number, ipv6: number): void => {
  const last = found.at(-1);
  if (port === "all") found.push({ service, protocol, ports: "all", ipv4, ipv6 });
  else if (last === undefined || last.service !== service || last.ports === "all")
    found.push({ service, protocol, ports: [port], ipv4, ipv6 });
  else
    found[found.length - 1] = {
      ...last,
      ports: [...last.ports, port],
      ipv4: Math.max(last.ipv4, ipv4),
      ipv6: Math.max(last.ipv6, ipv6),
    };
};
