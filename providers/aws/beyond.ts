import type { Gap } from "#model/gap.ts";
import type { HopKind } from "#model/gate.ts";
import type { Origin, Way } from "#model/way.ts";
import { internetClients, privateUse } from "#packets/internet.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, family, isEmpty, minus, or, within } from "#packets/set.ts";
import { askedFor, find, gapFor } from "./facts.ts";
import { doubtfulHop } from "#model/hop.ts";
import type { Judges } from "./judges.ts";
import { middlebox } from "./middlebox.ts";
import type { Neighbours } from "./neighbours.ts";
import { under } from "./neighbours.ts";
import type { NetworkInterface } from "./network-interface.ts";
import type { Legs } from "./network-way.ts";
import { between, way } from "./network-way.ts";
import { behindTransit } from "./transit-beyond.ts";
import type { RouteTable, Target, TargetKind, Verdict } from "./route-table.ts";
import { routedTo } from "./route-table.ts";

/** Gateways to networks that are not followed, and the kind of hop that they are. */
const BEYOND = {
  "transit-gateway": ["transit-gateway", "transit-gateway"],
  "vpn-gateway": ["vpn", "vpn-gateway"],
  "core-network": ["transit-gateway", "transit-gateway"],
  "local-gateway": ["vpn", "vpn-gateway"],
  peering: ["peering", "peering"],
  interface: ["network", "middlebox"],
  endpoint: ["network", "middlebox"],
  other: ["network", "middlebox"],
  none: ["network", "middlebox"],
} as const satisfies Partial<Record<TargetKind, readonly [Origin, HopKind]>>;

const isBeyond = (kind: TargetKind): kind is keyof typeof BEYOND => kind in BEYOND;

/**
 * Clients whom nothing nearer explains and to whom the machine's own table sends its replies through a gateway: they may
 * come through it. A default route alone does not make an internet client come that way.
 */
export const gatewayWays = (judge: Judges, asked: PacketSet, to: NetworkInterface, vpc: string): readonly Way[] => {
  const table = judge.tables.ofSubnet(to.subnet ?? "", vpc, to.id, to);
  if (isEmpty(asked) || table.is === "gap") return [];
  const targets = new Map(
    table.fact.routes
      .filter(({ target, state: now }) => isBeyond(target.kind) && now !== "blackhole")
      .map(({ target }) => [target.id, target]),
  );
  return [...targets.values()].flatMap((target) => {
    const { kind } = target;
    if (!isBeyond(kind)) return [];
    const isKnown = kind === "peering" && judge.facts.things.VpcPeeringConnections.has(target.id);
    if (isKnown) return [];
    const routed = routedTo(table.fact, (each) => each.id === target.id);
    const from = and(asked, anyOf(([4, 6] as const).map((of) => withoutInternet(and(routed, family(of)), of))));
    if (isEmpty(from)) return [];
    const followed = kind === "transit-gateway" ? behindTransit(judge, target, from, to, vpc) : undefined;
    if (followed !== undefined) return followed;
    const [origin, hop] = BEYOND[kind];
    const why = unreadGateway(judge, target, table.fact, to);
    const those: Neighbours = { from, subnet: undefined, groups: undefined, one: undefined };
    const back = (each: Target): Verdict => (each.id === target.id ? "allow" : "timeout");
    const legs = between(judge, to, those, vpc, back, back);
    return [
      way(
        judge,
        origin,
        to,
        those,
        { from: "beyond", vpc: `beyond ${target.id}`, gap: why },
        { request: [{ gate: doubtfulHop({ kind: hop, id: target.id }, why) }, ...legs.request], reply: legs.reply },
      ),
    ];
  });
};

const unreadGateway = ({ facts }: Judges, target: Target, table: RouteTable, to: NetworkInterface): Gap => {
  if (target.kind === "peering") return gapFor(facts, "VpcPeeringConnections", target.id, table.id, to, table.at);
  return target.kind === "transit-gateway"
    ? gapFor(facts, "TransitGatewayAttachments", `the attachments of ${target.id}`, table.id, to, table.at)
    : middlebox(target);
};

/** Clients of private networks whom nothing explains, where something that might explain them was not read. */
export const unexplainedWays = (judge: Judges, asked: PacketSet, to: NetworkInterface, vpc: string): readonly Way[] => {
  const from = and(asked, or(privateUse, uniqueLocal));
  const why = isEmpty(from) ? undefined : unread(judge, to, vpc);
  if (why === undefined) return [];
  const those: Neighbours = { from, subnet: undefined, groups: undefined, one: undefined };
  const legs: Legs = { request: [{ gate: doubtfulHop({ kind: "route", id: vpc }, why) }], reply: [] };
  return [way(judge, "network", to, those, { from: "beyond", vpc, gap: why }, legs)];
};

/** RFC 4193: what private networks use of IPv6. */
const uniqueLocal = under("fc00::/7");

export const unread = ({ facts, tables }: Judges, to: NetworkInterface, vpc: string): Gap | undefined => {
  const table = tables.ofSubnet(to.subnet ?? "", vpc, to.id, to);
  if (table.is === "gap") return table.gap;
  const own = find(facts, "Vpcs", vpc, to.id, to, to.at);
  if (own.is === "gap") return own.gap;
  const missing = (key: string, what: string): Gap | undefined => {
    const heard = askedFor(facts, key, to);
    const isUnread = key === "Subnets" ? heard !== "read" : heard === "refused" || heard === "cut";
    return isUnread ? gapFor(facts, key, what, to.id, to, to.at) : undefined;
  };
  return missing("Subnets", `the subnets of ${vpc}`) ?? missing("VpcPeeringConnections", `the peerings of ${vpc}`);
};

const withoutInternet = (routed: PacketSet, of: 4 | 6): PacketSet =>
  within(and(internetClients, family(of)), routed) ? minus(routed, internetClients) : routed;
