import type { Evidence } from "#model/evidence.ts";
import type { Final, Place } from "#model/gate.ts";
import type { Hop, Way } from "#model/way.ts";
import { parsePrefix } from "#packets/address.ts";
import { documentation, neverClients, privateUse, reserved, routable } from "#packets/internet.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, clients, family, minus, or } from "#packets/set.ts";
import type { Facts } from "./facts.ts";
import { askedFor, gapFor } from "./facts.ts";
import { doubtfulHop, state } from "#model/hop.ts";
import { ownerOf } from "./internet-gateway.ts";
import type { Judges } from "./judges.ts";
import { machineState } from "./machine-state.ts";
import { middlebox, routeTo } from "./middlebox.ts";
import type { NetworkInterface } from "./network-interface.ts";
import {
  NO_INTERFACE,
  carrierHop,
  globalAddress,
  ipv6Blocks,
  noAddress,
  publicAddresses,
  translated,
} from "./public-address.ts";
import type { Target, TargetKind, Verdict } from "./route-table.ts";
import { routeGate } from "./route-table.ts";
import { internet } from "./security-group.ts";

/** What stands in a subnet's way to and from the internet, the same for every interface in it. */
interface Edge {
  readonly gateway: Hop;
  readonly block: Hop;
  readonly acl: Hop;
  readonly reply: readonly Hop[];
}

export const from4 = and(family(4), or(routable, documentation));

export const from6 = and(family(6), or(routable, documentation));

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
