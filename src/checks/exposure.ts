import { internetParts } from "#packets/internet.ts";
import { ports } from "#packets/set.ts";
import type { PacketSet } from "#packets/set.ts";
import { meets, within } from "#packets/set.ts";
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

/** Services that the internet meets in a set: at least `share` of a family may come. Sets are asked about once. */
export const exposures = (share: number): ((set: PacketSet) => readonly Met[]) => {
  const known = new Map<PacketSet, readonly Met[]>();
  return (set) => {
    const before = known.get(set);
    if (before !== undefined) return before;
    const made = metBy(set, share);
    known.set(set, made);
    return made;
  };
};

const metBy = (set: PacketSet, share: number): readonly Met[] => {
  const parts = { 4: [...internetParts(set, 4)], 6: [...internetParts(set, 6)] };
  if (parts[4].length === 0 && parts[6].length === 0) return [];
  const shareOf = (service: PacketSet, of: 4 | 6, how: (service: PacketSet, rest: PacketSet) => boolean): number => {
    const share = parts[of].reduce((sum, [rest, part]) => (how(service, rest) ? sum + part : sum), 0);
    return share > ALL_BUT_OWN ? 1 : share;
  };
  const enough = (part: number): boolean => part >= share - TINY;
  const services = riskyServices.flatMap((service): readonly Met[] => {
    const met = service.ports
      .map((port) => {
        const set = oneport(service.protocol, port);
        return { port, ipv4: shareOf(set, 4, meets), ipv6: shareOf(set, 6, meets) };
      })
      .filter(({ ipv4, ipv6 }) => enough(ipv4) || enough(ipv6));
    if (met.length === 0) return [];
    const most = (of: "ipv4" | "ipv6"): number => Math.max(...met.map((each) => each[of]));
    return [{ service, protocol: service.protocol, ports: met.map(({ port }) => port), ipv4: most("ipv4"), ipv6: most("ipv6") }];
  });
  const any = everyPort.flatMap(({ protocol, set: every }): readonly Met[] => {
    const [ipv4, ipv6] = [shareOf(every, 4, within), shareOf(every, 6, within)];
    return enough(ipv4) || enough(ipv6) ? [{ service: "any", protocol, ports: "all", ipv4, ipv6 }] : [];
  });
  return [...services, ...any];
};

const known = new Map<number, PacketSet>();
const oneport = (protocol: number, port: number): PacketSet => {
  const key = protocol * 65_536 + port;
  const set = known.get(key) ?? ports(protocol, port, port);
  known.set(key, set);
  return set;
};
