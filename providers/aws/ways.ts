import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, Place } from "#model/gate.ts";
import type { Hop, Way } from "#model/way.ts";
import { documentation, neverClients, privateUse, reserved, routable } from "#packets/internet.ts";
import type { Prefix } from "#packets/address.ts";
import { isUnder, parseAddress, parsePrefix } from "#packets/address.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, clients, family, minus, or } from "#packets/set.ts";
import { problems } from "#problems.ts";
import type { Fact, Facts } from "./facts.ts";
import { askedFor, find, gapFor } from "./facts.ts";
import { NEW_ADDRESS } from "./change.ts";
import { aboutMachine, doubtfulHop, state } from "./hop.ts";
import type { InternetGateways } from "./internet-gateway.ts";
import { internetGateways, ownerOf } from "./internet-gateway.ts";
import type { NetworkAcls } from "./network-acl.ts";
import { networkAcls } from "./network-acl.ts";
import type { NetworkInterface, PrivateAddress } from "./network-interface.ts";
import { publicAccessBlocks } from "./public-access-block.ts";
import type { Raw } from "./raw.ts";
import { items, raw, text } from "./raw.ts";
import type { RouteTable, RouteTables, Target, TargetKind, Verdict } from "./route-table.ts";
import { routeGate, routeTables } from "./route-table.ts";
import type { SecurityGroups } from "./security-group.ts";
import { internet, securityGroups } from "./security-group.ts";

/** Everything that judges, made once for an inventory. */
export interface Judges {
  readonly facts: Facts;
  readonly groups: SecurityGroups;
  readonly acls: NetworkAcls;
  readonly tables: RouteTables;
  readonly gateways: InternetGateways;
  readonly block: ReturnType<typeof publicAccessBlocks>;
  /** Elastic IPs by interface, which DescribeAddresses lists and the interface itself does not. */
  readonly elastic: ReadonlyMap<string, readonly PrivateAddress[]>;
  /** The gate of that name, made if it is the first time that it is asked for. */
  gate(name: string, make: () => Final): Final;
}

export const judges = (facts: Facts): Judges => ({
  facts,
  groups: securityGroups(facts),
  acls: networkAcls(facts),
  tables: routeTables(facts),
  gateways: internetGateways(facts),
  block: publicAccessBlocks(facts),
  elastic: elasticAddresses(facts),
  gate: remembered(),
});

const remembered = (): Judges["gate"] => {
  const gates = new Map<string, Final>();
  return (name, make) => {
    const known = gates.get(name) ?? make();
    gates.set(name, known);
    return known;
  };
};

const elasticAddresses = (facts: Facts): ReadonlyMap<string, readonly PrivateAddress[]> => {
  const found = new Map<string, PrivateAddress[]>();
  for (const { raw } of facts.addresses) {
    const on = text(raw["NetworkInterfaceId"]);
    const own = text(raw["PrivateIpAddress"]);
    const address = text(raw["PublicIp"]);
    if (on === undefined || own === undefined || address === undefined) continue;
    if (facts.interfaces.get(on)?.v4.some((known) => known.public === address) === true) continue;
    found.set(on, [...(found.get(on) ?? []), { private: own, public: address }]);
  }
  return found;
};

/** What stands in a subnet's way to and from the internet, the same for every interface in it. */
interface Edge {
  readonly gateway: Hop;
  readonly block: Hop;
  readonly acl: Hop;
  readonly reply: readonly Hop[];
}

const from4 = and(family(4), or(routable, documentation));
const from6 = and(family(6), or(routable, documentation));
const odd4 = and(family(4), or(neverClients, reserved));

/** The ways from the internet to an interface. */
export interface InternetWays {
  /** One for each public address; none where there is none. */
  open(to: NetworkInterface): readonly Way[];
  /** One in each family at least: where there is no public address, one that says so. `strangers` are no internet's clients. */
  all(to: NetworkInterface, strangers: boolean): readonly Way[];
}

export const internetWays = (judge: Judges): InternetWays => {
  const edges = new Map<string, Edge>();
  // Whoever comes from an address that nothing inside explains can only be meant to come through the gateway.
  const strangers4 = anyOf([from4, odd4, and(family(4), privateUse)]);

  const own6 = new Map<string, PacketSet>();
  /** Routable clients, but for those of the VPC itself, who come from inside. */
  const carries6 = (vpc = ""): PacketSet => {
    const known = own6.get(vpc) ?? minus(from6, ipv6Blocks(judge.facts, vpc));
    own6.set(vpc, known);
    return known;
  };

  const way = (
    to: NetworkInterface,
    carries: PacketSet,
    address: string | undefined,
    gate: Final,
    table?: Hop,
  ): Way => {
    const { gateway, block, acl, reply } = edgeOf(judge, edges, to);
    const running = { gate: machineState(judge.facts, to) };
    const groups = { gate: judge.groups.hop(to.groups, internet, to) };
    const request =
      table === undefined
        ? [running, { gate }, gateway, block, acl, groups]
        : [running, { gate }, gateway, block, table, acl, groups];
    return address === undefined
      ? { origin: "internet", interface: to.id, carries, request, reply }
      : { origin: "internet", address, interface: to.id, carries, request, reply };
  };

  const open4 = (to: NetworkInterface, carries: PacketSet): readonly Way[] =>
    publicAddresses(judge, to).map(({ private: own, public: address, carrier = "" }) =>
      address === undefined
        ? carrierWay(to, carries, carrier)
        : way(to, carries, address, translated(to, own, address), detour(judge, to, own)),
    );
  /** In a Wavelength zone packets come through the carrier's gateway, which is not followed, and not the VPC's own. */
  const carrierWay = (to: NetworkInterface, carries: PacketSet, address: string): Way => {
    const { block, acl, reply } = edgeOf(judge, edges, to);
    const gate = carrierHop(to, address);
    const groups = { gate: judge.groups.hop(to.groups, internet, to) };
    const request = [{ gate: machineState(judge.facts, to) }, { gate }, block, acl, groups];
    return { origin: "internet", address, interface: to.id, carries, request, reply: reply.slice(0, 1) };
  };
  const open6 = (to: NetworkInterface, carries = carries6(to.vpc)): readonly Way[] => {
    const own = to.v6Prefixes.length === 0 ? to.v6 : [...to.v6, ...to.v6Prefixes];
    return own.map((each) => way(to, carries, each, globalAddress(judge.facts, to, each), detour(judge, to, each)));
  };

  return {
    open: (to) => {
      const [v4, v6] = [open4(to, from4), open6(to)];
      const ways = v6.length === 0 ? v4 : [...v4, ...v6];
      if (v4.length > 0 || to.v4Prefixes.length === 0 || to.type === NO_INTERFACE) return ways;
      // An elastic IP may lead to an address in a delegated prefix, and who reads only these ways must know of the doubt.
      const hidden = noAddress(judge, to, 4);
      return "rules" in hidden && hidden.rules.length > 0 ? [way(to, from4, undefined, hidden), ...ways] : ways;
    },
    all: (to, strangers) => {
      const carries4 = strangers ? strangers4 : from4;
      const all6 = strangers ? family(6) : carries6(to.vpc);
      if (to.type === NO_INTERFACE) return [carries4, all6].map((carries) => unconnected(judge.facts, to, carries));
      const [v4, v6] = [open4(to, carries4), open6(to, all6)];
      return [
        ...(v4.length > 0 ? v4 : [way(to, carries4, undefined, noAddress(judge, to, 4))]),
        ...(v6.length > 0 ? v6 : [way(to, all6, undefined, noAddress(judge, to, 6))]),
      ];
    },
  };
};

const ipv6Blocks = (facts: Facts, vpc: string): PacketSet => {
  const fact = facts.things.Vpcs.get(vpc);
  return anyOf((fact === undefined ? [] : blocksOf(fact)).map(({ prefix }) => clients(prefix)));
};

/** The type of an instance of which no interface is known. */
export const NO_INTERFACE = "none";

const unconnected = (facts: Facts, to: NetworkInterface, carries: PacketSet): Way => {
  const at: Place = { kind: "public-address", id: to.id };
  const seen: Evidence = { saw: "state", says: `${to.id} has no network interface`, source: to.at };
  const gate =
    askedFor(facts, "NetworkInterfaces", to) === "read"
      ? state(at, "timeout", seen)
      : doubtfulHop(at, gapFor(facts, "NetworkInterfaces", `the network interfaces of ${to.id}`, to.id, to, to.at));
  const request = [{ gate: machineState(facts, to) }, { gate }];
  return { origin: "internet", interface: to.id, carries, request, reply: [] };
};

const publicAddresses = ({ elastic }: Judges, to: NetworkInterface): readonly PrivateAddress[] => {
  const own = to.v4.some(isPublic) ? to.v4.filter(isPublic) : NO_ADDRESSES;
  const listed = elastic.get(to.id);
  return listed === undefined ? own : [...own, ...listed];
};
const NO_ADDRESSES: readonly PrivateAddress[] = [];
const isPublic = ({ public: address, carrier }: PrivateAddress): boolean =>
  address !== undefined || carrier !== undefined;

const edgeOf = (judge: Judges, known: Map<string, Edge>, to: NetworkInterface): Edge => {
  const subnet = to.subnet ?? `the subnet of ${to.id}`;
  const vpc = to.vpc ?? `the VPC of ${to.id}`;
  const before = known.get(subnet);
  if (before !== undefined) return before;
  const made: Edge = {
    gateway: { gate: judge.gateways.hop(vpc, to) },
    block: { gate: judge.block(subnet, vpc, to) },
    acl: { gate: judge.acls.into(subnet, "request", to) },
    reply: [{ gate: judge.acls.outOf(subnet, "reply", to) }, { gate: replyRoute(judge, subnet, vpc, to) }],
  };
  known.set(subnet, made);
  return made;
};

/** Why the public IPv4 address leads to the interface: the gateway translates it to a private one. */
const translated = (to: NetworkInterface, own: string, address: string): Final =>
  parseAddress(address) === undefined && address !== NEW_ADDRESS
    ? doubtfulHop(
        { kind: "public-address", id: address },
        gap("unreadable", problems.badAddress(address, `${to.at.file}#${to.at.pointer}`), to.at),
      )
    : state({ kind: "public-address", id: address }, "allow", {
        saw: "state",
        says: `the internet gateway translates ${address} to ${own}`,
        source: to.at,
      });

const carrierHop = (to: NetworkInterface, address: string): Final =>
  doubtfulHop(
    { kind: "public-address", id: address },
    gap("unmodelled", problems.notModelled("the carrier gateway of a Wavelength zone"), to.at),
  );

const noAddress = ({ facts }: Judges, to: NetworkInterface, of: 4 | 6): Final => {
  const says = of === 4 ? `${to.id} has no public IPv4 address` : `${to.id} has no IPv6 address`;
  const seen: Evidence = { saw: "state", says, source: to.at };
  const at: Place = { kind: "public-address", id: to.id };
  // An interface that was read inside its instance only may have more addresses than are told there.
  if (askedFor(facts, "NetworkInterfaces", to) !== "read")
    return doubtfulHop(at, gapFor(facts, "NetworkInterfaces", `the addresses of ${to.id}`, to.id, to, to.at));
  const heard = askedFor(facts, "Addresses", to);
  const inPrefix = of === 4 && to.v4Prefixes.length > 0 && heard !== "read";
  if (inPrefix && (heard !== "never" || facts.how.strict))
    return doubtfulHop(
      at,
      gapFor(facts, "Addresses", `the elastic IPs inside the prefixes of ${to.id}`, to.id, to, to.at),
    );
  const ask = "aws ec2 describe-addresses --output json";
  return inPrefix
    ? state({ kind: "public-address", id: to.id }, "timeout", seen, {
        saw: "assumed",
        says: "no elastic IP leads to an address in its delegated prefixes",
        ask,
      })
    : state({ kind: "public-address", id: to.id }, "timeout", seen);
};

/** An IPv6 address is public where its VPC's block is, unless the interface refuses gateways (aws.md A.2). */
const globalAddress = (facts: Facts, to: NetworkInterface, own: string): Final => {
  const at: Place = { kind: "public-address", id: own };
  const prefix = parsePrefix(own.includes("/") ? own : `${own}/128`);
  if (prefix === undefined)
    return doubtfulHop(at, gap("unreadable", problems.badAddress(own, `${to.at.file}#${to.at.pointer}`), to.at));
  const says = (text: string): Evidence => ({ saw: "state", says: text, source: to.at });
  if (!isUnder(prefix, globalUnicast)) return state(at, "timeout", says(`${own} is no global address`));
  if (to.refusesGateways)
    return state(at, "timeout", says(`${to.id} refuses what comes through internet gateways (DenyAllIgwTraffic)`));
  const vpc = find(facts, "Vpcs", to.vpc ?? "", to.id, to, to.at);
  if (vpc.is === "gap") return doubtfulHop(at, vpc.gap);
  const holding = blocksOf(vpc.fact).filter(({ prefix: whole }) => isUnder(prefix, whole));
  const block = (holding.find(({ block: each }) => stateOf(each) === "associated") ?? holding[0])?.block;
  if (block === undefined) {
    const what = `the IPv6 block of ${to.vpc ?? "its VPC"} that holds ${own}`;
    return doubtfulHop(at, gap("missing", problems.missing(what, "aws ec2 describe-vpcs --output json"), vpc.fact.at));
  }
  const cidr = text(block["Ipv6CidrBlock"]) ?? "";
  const now = stateOf(block);
  if (now.endsWith("ing")) return doubtfulHop(at, gap("depends", problems.changing(cidr, now), vpc.fact.at));
  if (now !== "associated")
    return state(at, "timeout", { saw: "state", says: `${cidr} is ${now}`, source: vpc.fact.at });
  return text(block["Ipv6AddressAttribute"]) === "private"
    ? state(at, "timeout", {
        saw: "state",
        says: `${cidr} is a private block and is not advertised`,
        source: vpc.fact.at,
      })
    : state(at, "allow", { saw: "state", says: `${own} is global`, source: to.at });
};
const stateOf = (block: Raw): string => text(raw(block["Ipv6CidrBlockState"])["State"]) ?? "associated";

interface Block {
  readonly block: Raw;
  readonly prefix: Prefix;
}

/** The IPv6 blocks of a VPC, read once for all addresses in it. */
const blocksOf = (vpc: Fact): readonly Block[] => {
  const before = blocks.get(vpc);
  if (before !== undefined) return before;
  const made = items(vpc.raw["Ipv6CidrBlockAssociationSet"]).flatMap((block) => {
    const prefix = parsePrefix(text(block["Ipv6CidrBlock"]) ?? "");
    return prefix === undefined ? [] : [{ block, prefix }];
  });
  blocks.set(vpc, made);
  return made;
};
const blocks = new WeakMap<Fact, readonly Block[]>();

const globalUnicast: Prefix = { address: { family: 6, words: [0x2000_0000_0000, 0, 0] }, bits: 3 };

/** What the gateway's own route table does with packets for the private address, if there is such a table (aws.md A.1, 5). */
const detour = ({ tables, gateways }: Judges, to: NetworkInterface, own: string): Hop | undefined => {
  const gateway = gateways.of(to.vpc ?? "");
  const table = gateway === undefined ? undefined : tables.ofGateway(gateway, to);
  if (gateway === undefined || table === undefined) return undefined;
  if (table.is === "gap") return { gate: doubtfulHop({ kind: "route", id: gateway }, table.gap) };
  const prefix = parsePrefix(own.includes("/") ? own : `${own}/${own.includes(":") ? 128 : 32}`);
  if (prefix === undefined) return undefined;
  const inward = (target: Target): Verdict =>
    target.kind === "local" || target.id === to.id ? "allow" : { gap: middlebox(target) };
  return { gate: routeTo(table.fact, clients(prefix), inward) };
};

/** A table read for packets to one machine, whoever sends them. */
export const routeTo = (table: RouteTable, machine: PacketSet, judge: (target: Target) => Verdict): Final => {
  const gate = routeGate(table, judge);
  return { ...gate, rules: aboutMachine(gate.rules, machine) };
};

export const middlebox = (target: Target): Gap =>
  gap(
    "unmodelled",
    problems.notModelled(
      MIDDLEBOXES[target.kind] === undefined ? target.id : `${MIDDLEBOXES[target.kind]} ${target.id}`,
    ),
  );

const MIDDLEBOXES: Partial<Record<TargetKind, string>> = {
  endpoint: "the endpoint of a gateway load balancer or Network Firewall",
  interface: "the network interface of a middlebox",
  "transit-gateway": "transit gateway",
  "vpn-gateway": "the VPN gateway",
  "core-network": "the core network",
  "local-gateway": "the local gateway",
  "carrier-gateway": "the carrier gateway",
};

/**
 * The reply must leave through the gateway by which the request came. Through another gateway, or translated, it never
 * matches the request; a middlebox inside the VPC may yet pass it on to the right one (aws.md A.1, 11; F.6).
 */
const replyRoute = (judge: Judges, subnet: string, vpc: string, to: NetworkInterface): Final => {
  const table = judge.tables.ofSubnet(subnet, vpc, to.id, to);
  if (table.is === "gap") return doubtfulHop({ kind: "route", id: subnet }, table.gap);
  const gateway = judge.gateways.of(vpc);
  const unread = askedFor(judge.facts, "InternetGateways", ownerOf(judge.facts, vpc, to)) !== "read";
  return judge.gate(`${table.fact.id} ${gateway ?? ""}`, () =>
    routeGate(
      table.fact,
      (target) => {
        if (NOT_FOLLOWED.has(target.kind)) return { gap: middlebox(target) };
        if (target.kind !== "internet-gateway") return "timeout";
        if (target.id === gateway) return "allow";
        const doubt = judge.gateways.doubt(vpc);
        if (doubt !== undefined) return { gap: doubt };
        return gateway === undefined && unread
          ? { gap: gapFor(judge.facts, "InternetGateways", `the attachment of ${target.id}`, table.fact.id, to) }
          : "timeout";
      },
      REPLY,
    ),
  );
};

/** Targets that may yet lead a reply to the right gateway, or to the client, in ways that are not followed. */
const NOT_FOLLOWED: ReadonlySet<TargetKind> = new Set([
  "endpoint",
  "interface",
  "core-network",
  "local-gateway",
  "carrier-gateway",
  "other",
  "none",
]);

const REPLY = "the reply, which must leave the way the request came";

/** The machine runs and the interface is attached to it (aws.md A.1, 9). */
export const machineState = (facts: Facts, to: NetworkInterface): Final => {
  const { id, instance, at } = to;
  const place: Place = { kind: "machine-state", id: instance ?? id };
  const contradiction = facts.contradictions.get(id) ?? facts.contradictions.get(instance ?? id);
  if (contradiction !== undefined) return doubtfulHop(place, contradiction);
  const link = linkState(place, to);
  if (link !== undefined) return link;
  if (instance === undefined)
    return state(place, "allow", { saw: "state", says: `${id} (${to.type}) is in use`, source: at });
  const found = facts.instances.get(instance);
  if (found?.state === undefined)
    return doubtfulHop(place, gapFor(facts, "Reservations", `the state of ${instance}`, id, to, at));
  const { state: now, at: source } = found;
  const running: Evidence = { saw: "state", says: now, source };
  if (CHANGING.has(now)) return doubtfulHop(place, gap("depends", problems.changing(instance, now), source));
  if (now !== "running") return state(place, "timeout", running);
  if (to.device === 0) return state(place, "allow", running);
  return state(place, "allow", running, {
    saw: "assumed",
    says: `the system of ${instance} answers through ${id}, its interface ${to.device}`,
    ask: "ip rule; ip route (on the machine)",
  });
};
const CHANGING = new Set(["pending", "stopping", "shutting-down", "associated", "attaching", "detaching"]);

/** What the interface's own state says, unless it is in use. */
const linkState = (place: Place, { id, status, attachment, at }: NetworkInterface): Final | undefined => {
  const now = status === "in-use" || status === undefined ? (attachment ?? status) : status;
  if (now === undefined)
    return doubtfulHop(
      place,
      gap("missing", problems.missing(`the state of ${id}`, "aws ec2 describe-network-interfaces --output json"), at),
    );
  if (now === "in-use" || now === "attached") return undefined;
  if (CHANGING.has(now)) return doubtfulHop(place, gap("depends", problems.changing(id, now), at));
  return state(place, "timeout", {
    saw: "state",
    says: `${id} is ${now}: it is attached to nothing that runs`,
    source: at,
  });
};
