import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, HopKind } from "#model/gate.ts";
import type { Scope } from "#model/provider.ts";
import type { Hop, Origin, Way } from "#model/way.ts";
import { parsePrefix } from "#packets/address.ts";
import { internetClients, privateUse } from "#packets/internet.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, clients, family, isEmpty, meets, minus, nothing, or, within } from "#packets/set.ts";
import { problems } from "#problems.ts";
import type { Fact, Facts } from "./facts.ts";
import { askedFor, find, gapFor } from "./facts.ts";
import { doubtfulHop, state } from "./hop.ts";
import type { Groups, NetworkInterface } from "./network-interface.ts";
import { items, raw, regionOf, text } from "./raw.ts";
import type { RouteTable, Target, TargetKind, Verdict } from "./route-table.ts";
import { routeGate, routedTo } from "./route-table.ts";
import { addressesOf } from "./security-group.ts";
import type { Judges } from "./ways.ts";
import { machineState, middlebox, routeTo } from "./ways.ts";

/** Clients in one subnet whose packets meet the same gates: those of interfaces with the same groups, or of none known. */
interface Neighbours {
  readonly from: PacketSet;
  readonly subnet: string | undefined;
  readonly groups: Groups | undefined;
  readonly one: NetworkInterface | undefined;
}

/** The ways from inside: the same subnet, the same VPC, peered VPCs, and gateways to networks that are not followed. */
export const insideWays = (judge: Judges): ((asked: PacketSet, to: NetworkInterface) => readonly Way[]) => {
  const places = subnetsByVpc(judge);
  const toOne = (asked: PacketSet, to: NetworkInterface, vpc: string): readonly Way[] => {
    const near = vpcWays(judge, places, asked, to, vpc);
    const peered = peeringWays(judge, places, asked, to, vpc);
    const joined = anyOf([...near, ...peered].map((way) => way.carries));
    const through = gatewayWays(judge, minus(asked, joined), to, vpc);
    const left = minus(asked, anyOf([joined, ...through.map((way) => way.carries)]));
    const ways = [...near, ...peered, ...through, ...unexplainedWays(judge, left, to, vpc)];
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

type Places = ReadonlyMap<string, readonly Fact[]>;

const subnetsByVpc = ({ facts }: Judges): Places => {
  const found = new Map<string, Fact[]>();
  for (const fact of facts.things.Subnets.values()) {
    const vpc = text(fact.raw["VpcId"]) ?? "";
    found.set(vpc, [...(found.get(vpc) ?? []), fact]);
  }
  return found;
};

const under = (cidr: string | undefined): PacketSet => {
  const prefix = parsePrefix(cidr ?? "");
  return prefix === undefined ? nothing : clients(prefix);
};

const subnetClients = ({ raw: subnet }: Fact): PacketSet =>
  anyOf([
    under(text(subnet["CidrBlock"])),
    ...items(subnet["Ipv6CidrBlockAssociationSet"]).map((each) => under(text(each["Ipv6CidrBlock"]))),
  ]);

const vpcClients = ({ raw: vpc }: Fact): PacketSet =>
  anyOf([
    under(text(vpc["CidrBlock"])),
    ...items(vpc["CidrBlockAssociationSet"])
      .filter((each) => isAssociated(each["CidrBlockState"]))
      .map((each) => under(text(each["CidrBlock"]))),
    ...items(vpc["Ipv6CidrBlockAssociationSet"])
      .filter((each) => isAssociated(each["Ipv6CidrBlockState"]))
      .map((each) => under(text(each["Ipv6CidrBlock"]))),
  ]);

const isAssociated = (state: unknown): boolean =>
  !["disassociated", "failed"].includes(text(raw(state)["State"]) ?? "");

/** Everybody asked about in a VPC, by what their packets meet before they leave their own subnet. */
const neighbours = (
  judge: Judges,
  places: Places,
  asked: PacketSet,
  vpc: string,
  all: PacketSet,
): readonly Neighbours[] => {
  const subnets = (places.get(vpc) ?? []).filter((subnet) => meets(subnetClients(subnet), asked));
  const known = subnets.toSorted(bySubnetId).flatMap((subnet): readonly Neighbours[] => {
    const id = text(subnet.raw["SubnetId"]) ?? "";
    const here = and(subnetClients(subnet), asked);
    const byGroups = Map.groupBy(interfacesIn(judge, id), (each) => each.groups);
    const carriers = [...byGroups]
      .toSorted(([a], [b]) => (a.key < b.key ? -1 : 1))
      .flatMap(([groups, those]): readonly Neighbours[] => {
        const from = and(here, anyOf(those.flatMap(addressesOf).map(under)));
        return isEmpty(from)
          ? []
          : [{ from, subnet: id, groups: groups.key === "" ? undefined : groups, one: those[0] }];
      });
    const others = minus(here, anyOf(carriers.map((each) => each.from)));
    return isEmpty(others) ? carriers : [...carriers, { from: others, subnet: id, groups: undefined, one: undefined }];
  });
  const elsewhere = minus(and(all, asked), anyOf(known.map((each) => each.from)));
  return isEmpty(elsewhere)
    ? known
    : [...known, { from: elsewhere, subnet: undefined, groups: undefined, one: undefined }];
};

const bySubnetId = (a: Fact, b: Fact): number =>
  (text(a.raw["SubnetId"]) ?? "") < (text(b.raw["SubnetId"]) ?? "") ? -1 : 1;

const bySubnet = new WeakMap<object, Map<string, NetworkInterface[]>>();

const interfacesIn = ({ facts }: Judges, subnet: string): readonly NetworkInterface[] => {
  const known = bySubnet.get(facts) ?? new Map<string, NetworkInterface[]>();
  if (!bySubnet.has(facts)) {
    for (const each of facts.interfaces.values()) {
      const list = known.get(each.subnet ?? "");
      if (list === undefined) known.set(each.subnet ?? "", [each]);
      else list.push(each);
    }
    bySubnet.set(facts, known);
  }
  return known.get(subnet) ?? [];
};

const machineAt = (to: NetworkInterface): PacketSet => anyOf(addressesOf(to).map(under));

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
  return neighbours(judge, places, asked, vpc, all).map((from) =>
    from.subnet === undefined && unread.length > 0
      ? way(judge, "network", to, from, vpc, { request: unread, reply: [] })
      : from.subnet !== undefined && from.subnet === to.subnet
        ? way(judge, "network", to, from, vpc, { request: [], reply: [] })
        : way(judge, "network", to, from, vpc, between(judge, to, from, vpc, isLocal, isLocal)),
  );
};

const isLocal = (target: Target): Verdict => {
  if (target.kind === "local") return "allow";
  return INSIDE.has(target.kind) ? { gap: middlebox(target) } : "timeout";
};

/** Targets of routes inside a VPC that pass packets on, and what they do with them is not followed. */
const INSIDE: ReadonlySet<TargetKind> = new Set(["endpoint", "interface", "nat-gateway", "other", "none"]);

interface Legs {
  readonly request: readonly Hop[];
  readonly reply: readonly Hop[];
}

const dialled = ({ v4: [own], v4Prefixes, v6, v6Prefixes }: NetworkInterface): { readonly address?: string } => {
  const address = own?.private ?? v4Prefixes[0] ?? v6[0] ?? v6Prefixes[0];
  return address === undefined ? {} : { address };
};

/** A way from neighbours: what they may send, what lies between, what the machine admits. */
const way = (
  judge: Judges,
  origin: Origin,
  to: NetworkInterface,
  from: Neighbours,
  vpc: string,
  legs: Legs,
  beyond?: Gap,
): Way => ({
  origin,
  ...dialled(to),
  interface: to.id,
  carries: from.from,
  request: [
    { gate: machineState(judge.facts, to) },
    ...sending(judge, to, from),
    ...legs.request,
    {
      gate: judge.groups.hop(
        to.groups,
        beyond === undefined ? { from: "vpc", vpc } : { from: "beyond", vpc, gap: beyond },
        to,
      ),
    },
  ],
  reply: legs.reply,
});

/** The client's own groups. Nobody has an address that no interface has, where all interfaces were read. */
const sending = ({ facts, groups: judge }: Judges, to: NetworkInterface, from: Neighbours): readonly Hop[] => {
  const { groups, one, subnet } = from;
  if (groups !== undefined && one !== undefined) return [{ gate: judge.out(groups, machineAt(to), to.vpc, one) }];
  if (one !== undefined || subnet === undefined) return [];
  const scope = scopeOfSubnet(facts, subnet, to);
  if (askedFor(facts, "NetworkInterfaces", scope) === "read") return [];
  const why = gapFor(facts, "NetworkInterfaces", "the client's own groups", to.id, scope, to.at);
  return [{ gate: doubtfulHop({ kind: "security-group", id: subnet }, why) }];
};

const scopeOfSubnet = (facts: Facts, subnet: string, to: NetworkInterface): Scope => {
  const fact = facts.things.Subnets.get(subnet)?.raw;
  return {
    account: text(fact?.["OwnerId"]) ?? to.account,
    region: regionOf(text(fact?.["AvailabilityZone"])) ?? to.region,
  };
};

/** Everything between two subnets, on both legs: the client's ACL and table, the machine's ACL and table. */
const between = (
  judge: Judges,
  to: NetworkInterface,
  from: Neighbours,
  clientVpc: string,
  there: (target: Target) => Verdict,
  back: (target: Target) => Verdict,
): Legs => {
  const own = to.subnet ?? "";
  const { subnet } = from;
  const table = (of: string, vpc: string | undefined, read: (table: RouteTable) => Final): Hop => {
    const found = judge.tables.ofSubnet(of, vpc, to.id, to);
    return { gate: found.is === "gap" ? doubtfulHop({ kind: "route", id: of }, found.gap) : read(found.fact) };
  };
  const home = subnet === undefined ? undefined : { subnet };
  const doubt = [subnet, own]
    .map((each) => judge.facts.contradictions.get(each ?? ""))
    .find((each) => each !== undefined);
  return {
    request: [
      ...(doubt === undefined ? [] : [{ gate: doubtfulHop({ kind: "route", id: subnet ?? own }, doubt) }]),
      ...(home === undefined
        ? []
        : [
            { gate: judge.acls.clientOut(home.subnet, machineAt(to), to) },
            table(home.subnet, clientVpc, (found) => routeTo(found, machineAt(to), there)),
          ]),
      { gate: judge.acls.into(own, "request", to) },
    ],
    reply: [
      { gate: judge.acls.outOf(own, "reply", to) },
      table(own, to.vpc, (found) => routeGate(found, back)),
      ...(home === undefined ? [] : [{ gate: judge.acls.clientIn(home.subnet, machineAt(to), to) }]),
    ],
  };
};

/** Peered VPCs: both sides need a route to the connection, and only an active one carries (aws.md A.3, 3). */
const peeringWays = (
  judge: Judges,
  places: Places,
  asked: PacketSet,
  to: NetworkInterface,
  vpc: string,
): readonly Way[] =>
  [...judge.facts.things.VpcPeeringConnections].flatMap(([id, fact]) => {
    const sides = [raw(fact.raw["AccepterVpcInfo"]), raw(fact.raw["RequesterVpcInfo"])] as const;
    const own = sides.findIndex((side) => text(side["VpcId"]) === vpc);
    const peer = sides[own === 0 ? 1 : 0];
    const other = text(peer["VpcId"]);
    if (own === -1 || other === undefined || other === vpc) return [];
    const from = peerClients(judge, peer, other);
    if (!meets(from, asked)) return [];
    const connection: Hop = { gate: peeringHop(judge, id, fact) };
    const through = (target: Target): Verdict => {
      if (target.kind === "peering") return target.id === id ? "allow" : "timeout";
      return INSIDE.has(target.kind) ? { gap: middlebox(target) } : "timeout";
    };
    return neighbours(judge, places, asked, other, and(from, asked)).map((those) => {
      const legs = between(judge, to, those, other, through, through);
      const scope = { account: text(peer["OwnerId"]), region: text(peer["Region"]) };
      const known = (places.get(other) ?? []).length > 0 && askedFor(judge.facts, "Subnets", scope) === "read";
      const unseen: readonly Hop[] =
        those.subnet === undefined && !known ? [{ gate: unreadPeer(judge, other, to) }] : [];
      return way(judge, "peering", to, those, other, {
        request: [...unseen, connection, ...legs.request],
        reply: legs.reply,
      });
    });
  });

const peerClients = ({ facts }: Judges, peer: Fact["raw"], id: string): PacketSet => {
  const vpc = facts.things.Vpcs.get(id);
  return anyOf([
    ...items(peer["CidrBlockSet"]).map((each) => under(text(each["CidrBlock"]))),
    ...items(peer["Ipv6CidrBlockSet"]).map((each) => under(text(each["Ipv6CidrBlock"]))),
    under(text(peer["CidrBlock"])),
    ...(vpc === undefined ? [] : [vpcClients(vpc)]),
  ]);
};

const peeringHop = ({ facts }: Judges, id: string, fact: Fact): Final => {
  const at = { kind: "peering", id } as const;
  const contradiction = facts.contradictions.get(id);
  if (contradiction !== undefined) return doubtfulHop(at, contradiction);
  const code = text(raw(fact.raw["Status"])["Code"]) ?? "in no known state";
  const seen: Evidence = { saw: "state", says: `${id} is ${code}`, source: fact.at };
  if (code === "provisioning" || code === "deleting" || code === "initiating-request")
    return doubtfulHop(at, gap("depends", problems.changing(id, code), fact.at));
  return state(at, code === "active" ? "allow" : "timeout", seen);
};

/** Without its subnets nobody knows whose ACLs and tables a client of the VPC meets, if any. */
const unreadSubnets = ({ facts }: Judges, vpc: string, to: NetworkInterface): Final =>
  doubtfulHop({ kind: "route", id: vpc }, gapFor(facts, "Subnets", `the subnets of ${vpc}`, to.id, to, to.at));

const unreadPeer = ({ facts }: Judges, vpc: string, to: NetworkInterface): Final =>
  doubtfulHop(
    { kind: "route", id: vpc },
    gapFor(
      facts,
      "Subnets",
      `the client's side of the peering: subnets, ACLs and routes of ${vpc},`,
      to.id,
      { account: undefined, region: undefined },
      to.at,
    ),
  );

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
const gatewayWays = (judge: Judges, asked: PacketSet, to: NetworkInterface, vpc: string): readonly Way[] => {
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
    const [origin, hop] = BEYOND[kind];
    const why =
      kind === "peering"
        ? gapFor(judge.facts, "VpcPeeringConnections", target.id, table.fact.id, to, table.fact.at)
        : middlebox(target);
    const those: Neighbours = { from, subnet: undefined, groups: undefined, one: undefined };
    const back = (each: Target): Verdict => (each.id === target.id ? "allow" : "timeout");
    const legs = between(judge, to, those, vpc, back, back);
    return [
      way(
        judge,
        origin,
        to,
        those,
        `beyond ${target.id}`,
        { request: [{ gate: doubtfulHop({ kind: hop, id: target.id }, why) }, ...legs.request], reply: legs.reply },
        why,
      ),
    ];
  });
};

/** Clients of private networks whom nothing explains, where something that might explain them was not read. */
const unexplainedWays = (judge: Judges, asked: PacketSet, to: NetworkInterface, vpc: string): readonly Way[] => {
  const from = and(asked, or(privateUse, uniqueLocal));
  const why = isEmpty(from) ? undefined : unread(judge, to, vpc);
  if (why === undefined) return [];
  const those: Neighbours = { from, subnet: undefined, groups: undefined, one: undefined };
  const legs: Legs = { request: [{ gate: doubtfulHop({ kind: "route", id: vpc }, why) }], reply: [] };
  return [way(judge, "network", to, those, vpc, legs, why)];
};

/** RFC 4193: what private networks use of IPv6. */
const uniqueLocal = under("fc00::/7");

const unread = ({ facts, tables }: Judges, to: NetworkInterface, vpc: string): Gap | undefined => {
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
