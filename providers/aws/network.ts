import type { Final } from "#model/gate.ts";
import type { Way } from "#model/way.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, family, isEmpty, meets, minus, nothing } from "#packets/set.ts";
import { gatewayWays, unexplainedWays } from "./beyond.ts";
import { askedFor, find, gapFor } from "./facts.ts";
import { doubtfulHop } from "#model/hop.ts";
import type { Judges } from "./judges.ts";
import { middlebox } from "./middlebox.ts";
import type { Places } from "./neighbours.ts";
import { neighbours, subnetsByVpc, vpcClients } from "./neighbours.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { INSIDE, between, way } from "./network-way.ts";
import { peeringWays } from "./peering.ts";
import { transitWays } from "./transit-vpc.ts";
import type { Target, Verdict } from "./route-table.ts";
import type { Path } from "./security-group.ts";

export type InsideWays = (asked: PacketSet, to: NetworkInterface) => readonly Way[];

/** The ways from inside: the same subnet, the same VPC, peered VPCs, VPCs at a transit gateway, and gateways to networks that are not followed. */
export const insideWays = (judge: Judges): InsideWays => {
  const places = subnetsByVpc(judge);
  const toOne = (asked: PacketSet, to: NetworkInterface, vpc: string): readonly Way[] => {
    const near = vpcWays(judge, places, asked, to, vpc);
    const peered = peeringWays(judge, places, asked, to, vpc);
    const others = minus(asked, anyOf(near.map((way) => way.carries)));
    const transit = transitWays(judge, places, others, to, vpc);
    const joined = anyOf([...near, ...peered, ...transit].map((way) => way.carries));
    const through = gatewayWays(judge, minus(asked, joined), to, vpc);
    const left = minus(asked, anyOf([joined, ...through.map((way) => way.carries)]));
    const ways = [...near, ...peered, ...transit, ...through, ...unexplainedWays(judge, left, to, vpc)];
    return ways.filter((way) => meets(way.carries, asked));
  };
  return (asked, to) => {
    const { vpc } = to;
    if (vpc === undefined) return [];
    return doors(to).flatMap(({ of, door }) => {
      const mine = and(asked, family(of));
      return isEmpty(mine) ? [] : toOne(mine, door, vpc);
    });
  };
};

/** The interface as each of its addresses: a client dials one, in its own family, and rules may name one and not the next. */
const doors = (to: NetworkInterface): readonly { readonly of: 4 | 6; readonly door: NetworkInterface }[] => {
  const none = { ...to, v4: [], v4Prefixes: [], v6: [], v6Prefixes: [] };
  return [
    ...to.v4.map((each) => ({ of: 4, door: { ...none, v4: [each] } }) as const),
    ...to.v4Prefixes.map((each) => ({ of: 4, door: { ...none, v4Prefixes: [each] } }) as const),
    ...to.v6.map((each) => ({ of: 6, door: { ...none, v6: [each] } }) as const),
    ...to.v6Prefixes.map((each) => ({ of: 6, door: { ...none, v6Prefixes: [each] } }) as const),
  ];
};

/** The same VPC: within the subnet only groups count; between subnets both ACLs and both route tables (aws.md A.3). */
const vpcWays = (
  judge: Judges,
  places: Places,
  asked: PacketSet,
  to: NetworkInterface,
  vpc: string,
): readonly Way[] => {
  const found = find(judge.facts, "Vpcs", vpc, to.id, to, to.at);
  const all = found.is === "found" ? vpcClients(found.fact) : nothing;
  const unread = askedFor(judge.facts, "Subnets", to) === "read" ? [] : [{ gate: unreadSubnets(judge, vpc, to) }];
  const path: Path = { from: "vpc", vpc };
  return neighbours(judge, places, asked, vpc, all, to.id).map((from) =>
    from.subnet === undefined && unread.length > 0
      ? way(judge, "network", to, from, path, { request: unread, reply: [] })
      : from.subnet !== undefined && from.subnet === to.subnet
        ? way(judge, "network", to, from, path, { request: [], reply: [] })
        : way(judge, "network", to, from, path, between(judge, to, from, vpc, isLocal, isLocal)),
  );
};

export const isLocal = (target: Target): Verdict => {
  if (target.kind === "local") return "allow";
  return INSIDE.has(target.kind) ? { gap: middlebox(target) } : "timeout";
};

/** Without its subnets nobody knows whose ACLs and tables a client of the VPC meets, if any. */
const unreadSubnets = ({ facts }: Judges, vpc: string, to: NetworkInterface): Final =>
  doubtfulHop({ kind: "route", id: vpc }, gapFor(facts, "Subnets", `the subnets of ${vpc}`, to.id, to, to.at));
