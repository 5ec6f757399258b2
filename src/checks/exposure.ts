import { internetParts } from "#packets/internet.ts";
import type { PacketSet } from "#packets/set.ts";
import { holds, ports, within } from "#packets/set.ts";
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

const weighed: readonly Weighed[] = [
  ...riskyServices.flatMap((service) =>
    service.ports.map((port) => ({
      service,
      protocol: service.protocol,
      port,
      set: ports(service.protocol, port, port),
    })),
  ),
  ...everyPort.map(({ protocol, set }) => ({ service: "any", protocol, port: "all", set }) as const),
];

/** Which of them a remainder lets in: one port if it meets it, every port only as a whole. */
const letIn = (): ((rest: PacketSet) => readonly number[]) => {
  const known = new Map<PacketSet, readonly number[]>();
  return (rest) => {
    const before = known.get(rest);
    if (before !== undefined) return before;
    const made = weighed.flatMap(({ protocol, port, set }, i) =>
      (port === "all" ? within(set, rest) : holds(rest, { protocol, port })) ? [i] : [],
    );
    known.set(rest, made);
    return made;
  };
};

/** Services that the internet meets in a set: at least `share` of a family may come. Sets are asked about once. */
export const exposures = (share: number): ((set: PacketSet) => readonly Met[]) => {
  const known = new Map<PacketSet, readonly Met[]>();
  const inside = letIn();
  const shares = (set: PacketSet, of: 4 | 6): Float64Array => {
    const parts = internetParts(set, of);
    let most = 0;
    for (const part of parts.values()) most += part;
    if (most < share - TINY) return FEW; // whatever they ask for
    const sums = new Float64Array(weighed.length);
    parts.forEach((part, rest) => {
      for (const i of inside(rest)) sums[i] = (sums[i] ?? 0) + part;
    });
    for (let i = 0; i < sums.length; i++) if ((sums[i] ?? 0) > ALL_BUT_OWN) sums[i] = 1;
    return sums;
  };
  return (set) => {
    const before = known.get(set);
    if (before !== undefined) return before;
    const made = met(shares(set, 4), shares(set, 6), share - TINY);
    known.set(set, made);
    return made;
  };
};

const FEW = new Float64Array(weighed.length);

/** What is met often enough, the ports of a service together. */
const met = (v4: Float64Array, v6: Float64Array, enough: number): readonly Met[] => {
  if (v4 === FEW && v6 === FEW) return NOTHING;
  const isMet = (i: number): boolean => (v4[i] ?? 0) >= enough || (v6[i] ?? 0) >= enough;
  if (!weighed.some((_, i) => isMet(i))) return NOTHING;
  const found = weighed.flatMap((each, i) => (isMet(i) ? [{ ...each, ipv4: v4[i] ?? 0, ipv6: v6[i] ?? 0 }] : []));
  return [...Map.groupBy(found, ({ service, protocol }) => (service === "any" ? protocol : service)).values()].flatMap(
    (those) => {
      const [first] = those;
      if (first === undefined) return [];
      const at = those.flatMap(({ port }) => (port === "all" ? [] : [port]));
      const most = (of: "ipv4" | "ipv6"): number => Math.max(...those.map((each) => each[of]));
      const { service, protocol } = first;
      return [
        { service, protocol, ports: service === "any" ? "all" : at, ipv4: most("ipv4"), ipv6: most("ipv6") } as const,
      ];
    },
  );
};
const NOTHING: readonly Met[] = [];
