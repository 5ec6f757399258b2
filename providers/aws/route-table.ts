import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Rule, Stop } from "#model/gate.ts";
import type { Match } from "#model/match.ts";
import { perhaps } from "#model/match.ts";
import type { Scope } from "#model/provider.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { parsePrefix } from "#packets/address.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, everything, isEmpty, minus, nothing } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { cidrClients } from "./client.ts";
import type { Fact, Facts, Found } from "./facts.ts";
import { askedFor, gapFor } from "./facts.ts";
import type { FinalList } from "./hop.ts";
import { prefixList } from "./prefix-list.ts";
import type { Raw } from "./raw.ts";
import { items, nameOf, raw, text } from "./raw.ts";

/** Where a route sends packets. */
export interface Target {
  readonly kind: TargetKind;
  readonly id: string;
}
export type TargetKind =
  | "local"
  | "internet-gateway"
  | "vpn-gateway"
  | "endpoint"
  | "service-endpoint"
  | "nat-gateway"
  | "interface"
  | "transit-gateway"
  | "peering"
  | "egress-only-gateway"
  | "local-gateway"
  | "carrier-gateway"
  | "core-network"
  | "attachment"
  | "other"
  | "none";

/** One destination of one route. A route through a prefix list is as many of these as the list has entries. */
export interface Route {
  readonly to: Match;
  readonly destination: string;
  readonly bits: number;
  /** Static before prefix list before propagated, where prefixes are equal (aws.md A.4). */
  readonly rank: 0 | 1 | 2;
  readonly target: Target;
  readonly state: string;
  readonly source: Source;
  readonly list?: string;
}

export interface RouteTable {
  readonly id: string;
  readonly name: string | undefined;
  /** In the order in which the cloud chooses, the first that matches is taken. */
  readonly routes: readonly Route[];
  readonly at: Source;
}

const TARGETS = [
  ["NatGatewayId", "nat-gateway"],
  ["TransitGatewayId", "transit-gateway"],
  ["VpcPeeringConnectionId", "peering"],
  ["NetworkInterfaceId", "interface"],
  ["InstanceId", "interface"],
  ["EgressOnlyInternetGatewayId", "egress-only-gateway"],
  ["LocalGatewayId", "local-gateway"],
  ["CarrierGatewayId", "carrier-gateway"],
  ["CoreNetworkArn", "core-network"],
  ["OdbNetworkArn", "other"],
  ["IpAddress", "other"],
] as const satisfies readonly (readonly [string, TargetKind])[];

const targetOf = (route: Raw): Target => {
  const gateway = text(route["GatewayId"]);
  if (gateway !== undefined) return { kind: gatewayKind(gateway), id: gateway };
  for (const [member, kind] of TARGETS) {
    const id = text(route[member]);
    if (id !== undefined) return { kind, id };
  }
  return { kind: "none", id: "no target" };
};

const gatewayKind = (id: string): TargetKind => {
  if (id === "local") return "local";
  if (id.startsWith("igw-")) return "internet-gateway";
  if (id.startsWith("vgw-")) return "vpn-gateway";
  if (id.startsWith("vpce-")) return "endpoint";
  return id.startsWith("eigw-") ? "egress-only-gateway" : "other";
};

/** Tables by subnet, by gateway, and as main tables of VPCs. */
export interface RouteTables {
  /** The table of a subnet: its own, else the main one of its VPC. */
  ofSubnet(subnet: string, vpc: string | undefined, namedBy: string, scope: Scope): Found<RouteTable>;
  /** The table that a gateway reads for what comes in, if it has one. */
  ofGateway(gateway: string, scope: Scope): Found<RouteTable> | undefined;
}

export const routeTables = (facts: Facts): RouteTables => {
  const bySubnet = new Map<string, Fact>();
  const byGateway = new Map<string, Fact>();
  const main = new Map<string, Fact>();
  const doubts = new Map<string, Gap>();
  for (const fact of facts.things.RouteTables.values())
    for (const association of items(fact.raw["Associations"])) {
      const subnet = text(association["SubnetId"]);
      const gateway = text(association["GatewayId"]);
      const place = subnet ?? gateway;
      const state = text(raw(association["AssociationState"])["State"]) ?? "associated";
      if (state === "disassociated" || state === "failed") continue;
      if (state !== "associated" && place !== undefined)
        doubts.set(place, gap("depends", problems.changing(`the route table of ${place}`, state), fact.at));
      const other = bySubnet.get(subnet ?? "") ?? byGateway.get(gateway ?? "");
      if (other !== undefined && place !== undefined)
        doubts.set(
          place,
          gap(
            "unreadable",
            problems.contradicts(`the route table of ${place}`, placeOf(other.at), placeOf(fact.at)),
            fact.at,
          ),
        );
      if (subnet !== undefined) bySubnet.set(subnet, fact);
      else if (gateway !== undefined) byGateway.set(gateway, fact);
      else if (association["Main"] === true) main.set(text(fact.raw["VpcId"]) ?? "", fact);
    }

  const made = new Map<string, RouteTable>();
  const table = (fact: Fact): RouteTable => {
    const id = text(fact.raw["RouteTableId"]) ?? "";
    const known = made.get(id) ?? readTable(facts, id, fact);
    made.set(id, known);
    return known;
  };

  const anyDoubt = anyContradiction(facts);
  const gateways = new Map<string, Found<RouteTable> | undefined>();
  const ofGateway = (gateway: string, scope: Scope): Found<RouteTable> | undefined => {
    const fact = byGateway.get(gateway);
    const doubt = doubts.get(gateway) ?? anyDoubt;
    if (doubt !== undefined) return { is: "gap", gap: doubt };
    if (fact !== undefined) return { is: "found", fact: table(fact) };
    // A list that was cut may have the gateway's own table behind the cut; one that was never read is missed elsewhere.
    const heard = askedFor(facts, "RouteTables", scope);
    if (heard === "read" || heard === "never") return undefined;
    return { is: "gap", gap: gapFor(facts, "RouteTables", `the route table of ${gateway}`, gateway, scope) };
  };

  return {
    ofSubnet: (subnet, vpc, namedBy, scope) => {
      const doubt = doubts.get(subnet);
      if (doubt !== undefined) return { is: "gap", gap: doubt };
      const own = bySubnet.get(subnet);
      // Another table could be the subnet's own, if the list was cut.
      const whole =
        askedFor(facts, "RouteTables", scope) === "read" && facts.things.Subnets.has(subnet) && anyDoubt === undefined;
      const fact = own ?? (whole ? main.get(vpc ?? "") : undefined);
      if (fact === undefined)
        return { is: "gap", gap: gapFor(facts, "RouteTables", `the route table of ${subnet}`, namedBy, scope) };
      const contradiction = facts.contradictions.get(text(fact.raw["RouteTableId"]) ?? "");
      return contradiction === undefined ? { is: "found", fact: table(fact) } : { is: "gap", gap: contradiction };
    },
    ofGateway: (gateway, scope) => {
      if (!gateways.has(gateway)) gateways.set(gateway, ofGateway(gateway, scope));
      return gateways.get(gateway);
    },
  };
};

const placeOf = ({ file, pointer }: Source): string => `${file}#${pointer}`;

const anyContradiction = (facts: Facts): Gap | undefined =>
  [...facts.things.RouteTables.keys()].map((id) => facts.contradictions.get(id)).find((each) => each !== undefined);

const readTable = (facts: Facts, id: string, fact: Fact): RouteTable => ({
  id,
  name: nameOf(fact.raw),
  routes: byPrecedence(
    items(fact.raw["Routes"]).flatMap((route, i) => readRoute(facts, id, fact, route, inside(fact.at, `Routes/${i}`))),
  ),
  at: fact.at,
});

/** An endpoint that a list of the cloud's own leads to is one of its services (S3, DynamoDB), and no way to anywhere else. */
const towards = (facts: Facts, target: Target, list: string | undefined): Target => {
  const named = facts.things.ManagedPrefixLists.get(list ?? "")?.raw;
  const own =
    text(named?.["OwnerId"]) === "AWS" || text(named?.["PrefixListName"])?.startsWith("com.amazonaws.") === true;
  return target.kind === "endpoint" && own ? { kind: "service-endpoint", id: target.id } : target;
};

const readRoute = (facts: Facts, table: string, fact: Fact, route: Raw, source: Source): readonly Route[] => {
  const list = text(route["DestinationPrefixListId"]);
  const target = towards(facts, targetOf(route), list);
  const state = text(route["State"]) ?? "active";
  const propagated = text(route["Origin"]) === "EnableVgwRoutePropagation" || text(route["Origin"]) === "Advertisement";
  const made = (cidr: string, to: Match, rank: 0 | 1 | 2): Route => ({
    to,
    destination: cidr,
    bits: parsePrefix(cidr)?.bits ?? Infinity,
    rank,
    target,
    state,
    source,
    ...(list === undefined ? {} : { list }),
  });
  if (list === undefined) {
    const cidr = text(route["DestinationCidrBlock"]) ?? text(route["DestinationIpv6CidrBlock"]) ?? "";
    return [made(cidr, cidrClients(cidr, source), propagated ? 2 : 0)];
  }
  const entries = prefixList(facts, list, table, { account: text(fact.raw["OwnerId"]), region: undefined }, source);
  // A list that is not known may hold prefixes longer than all others: it is read first, and only possibly matches.
  if (entries.is === "doubtful") return [made(list, entries.match, 1)];
  return entries.entries.map(({ cidr, at }) => made(cidr, cidrClients(cidr, at), 1));
};

export const byPrecedence = (routes: readonly Route[]): readonly Route[] =>
  doubtOverlaps(routes).toSorted(
    (a, b) =>
      b.bits - a.bits || a.rank - b.rank || (a.target.id < b.target.id ? -1 : a.target.id > b.target.id ? 1 : 0),
  );

/** Where lists overlap and their targets differ, the cloud takes one at random and keeps it (aws.md A.4). */
const doubtOverlaps = (routes: readonly Route[]): readonly Route[] =>
  routes.map((route) => {
    if (route.list === undefined) return route;
    const others = routes.filter(
      (other) => other.list !== undefined && other.list !== route.list && other.target.id !== route.target.id,
    );
    const overlap = and(route.to.possibly, anyOf(others.map((other) => other.to.possibly)));
    if (isEmpty(overlap)) return route;
    const names = [route, ...others].map(({ list }) => list ?? "");
    const why = gap(
      "depends",
      problems.chance(`prefix lists ${[...new Set(names)].toSorted().join(" and ")} overlap`),
      route.source,
    );
    return {
      ...route,
      to: { surely: minus(route.to.surely, overlap), possibly: route.to.possibly, gaps: [...route.to.gaps, why] },
    };
  });

/** What a route does with the packets that take it: lets them on, stops them, or cannot be told. */
export type Verdict = "allow" | Stop | { readonly gap: Gap };

/** The table as a gate for packets to the clients. */
export const routeGate = (table: RouteTable, judge: (target: Target) => Verdict, what = "it"): FinalList => {
  const at = { kind: "route", id: table.id, ...(table.name === undefined ? {} : { name: table.name }) } as const;
  return {
    at,
    rules: table.routes.map((route) => routeRule(route, judge, what)),
    otherwise: "timeout",
    because: [{ saw: "no-rule", says: `${table.id} has no route to it`, source: inside(table.at, "Routes") }],
  };
};

const routeRule = (route: Route, judge: (target: Target) => Verdict, what: string): Rule<never> => {
  const { target, destination, state, source, list } = route;
  const says = `${destination} → ${target.id}${list === undefined || list === destination ? "" : ` (${list})`}`;
  const rule = { name: `route ${state === "active" ? says : `${says} (${state})`}`, says: "it", source };
  if (state === "blackhole") return { ...rule, match: route.to, action: "timeout" };
  const verdict =
    state === "active"
      ? judge(target)
      : { gap: gap("unmodelled", problems.notModelled(`a route in state ${state}`), source) };
  if (verdict === "allow") return { ...rule, match: route.to, action: verdict };
  if (typeof verdict === "string") return { ...rule, says: what, match: route.to, action: verdict };
  // The route is taken; what it leads to is not known. Doubt about both outcomes is an inner gate that may stop.
  return { ...rule, match: route.to, action: maybe(verdict.gap, rule.name, source) };
};

const maybe = (why: Gap, name: string, source: Source): Rule<never>["action"] => ({
  rules: [{ match: perhaps(everything, why), action: "timeout", name, says: "it", source }],
  otherwise: "allow",
  because: [],
});

/** The clients whose replies a table sends to a target, possibly. */
export const routedTo = (table: RouteTable, to: (target: Target) => boolean): PacketSet => {
  let left: PacketSet = everything;
  let found: PacketSet = nothing;
  for (const route of table.routes) {
    if (to(route.target)) found = anyOf([found, and(left, route.to.possibly)]);
    left = minus(left, route.to.surely);
  }
  return found;
};
