import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final } from "#model/gate.ts";
import type { Hop, Way } from "#model/way.ts";
import { family, and, isEmpty, meets, service, some } from "#packets/set.ts";
import { problems } from "#problems.ts";
import type { Arrival } from "./door.ts";
import { doubtfulHop } from "#model/hop.ts";
import { doubted } from "./hop.ts";
import type { Judges } from "./judges.ts";
import type { LoadBalancer } from "./load-balancer.ts";
import { machineState } from "./machine-state.ts";
import { routeTo } from "./middlebox.ts";
import { isLocal } from "./network.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { machineAt } from "./network-way.ts";
import type { RouteTable } from "./route-table.ts";
import { routeGate } from "./route-table.ts";
import type { ThroughDoor } from "./security-group.ts";
import { NODE } from "./security-group.ts";
import { OWN, atPort, fromNode, nodeAddress, orElse, seeing } from "./sight.ts";

/** From a node of a balancer to one target, for one protocol of one listener. */
export interface Passage {
  readonly balancer: LoadBalancer;
  readonly node: NetworkInterface;
  readonly protocol: number;
  /** The port that clients dial. */
  readonly port: number;
  readonly target: { readonly address: string; readonly port: number };
  /** Whether the target sees the client's own address. */
  readonly keeps: boolean | Gap;
  readonly gate: Final;
}

/** The way on from a node: what the balancer does, and what lies between it and its target, there and back. */
export const onward = (judge: Judges, arrival: Arrival, by: Passage, to: NetworkInterface): readonly Arrival[] => {
  const { balancer, node, protocol, port, target } = by;
  const { way: from } = arrival;
  const dialled = service({ protocol, port });
  const carries = and(some(and(from.carries, dialled), "service"), service({ protocol, port: target.port }));
  if (isEmpty(carries)) return [];
  const of = target.address.includes(":") ? 6 : 4;
  const keeps = meets(carries, family(of)) ? by.keeps : false; // between families it is always the node that is seen
  const legs = leg(judge, arrival, { ...by, keeps }, to, of);
  const way: Way = {
    origin: from.origin === "accelerator" ? "accelerator" : "load-balancer",
    ...called(from, by),
    interface: to.id,
    ...(from.isInside === true ? { isInside: true } : {}),
    carries,
    request: [
      ...from.request.map((hop) => atPort(hop, dialled)),
      seeing(by.gate, arrival.client, senderOf(balancer)),
      { gate: machineState(judge.facts, to) },
      ...legs.request,
    ],
    reply: [...legs.reply, ...from.reply.map((hop) => atPort(hop, dialled))],
  };
  if (keeps === false) return [{ way, client: fromNode(node, of) }];
  if (keeps === true) return [arrival.client === undefined ? { way } : { way, client: arrival.client }];
  return [{ way, client: orElse(arrival.client ?? OWN, fromNode(node, of)) }];
};

/** What the client dials: the first thing in front of it, at that thing's own port. */
const called = (from: Way, { balancer, node, port, target }: Passage): Pick<Way, "via" | "address"> => {
  const own = from.isInside === true && !balancer.isInternal ? (from.address ?? balancer.host) : balancer.host;
  const { place, host, door } = from.via ?? { place: balancer.place, host: own, door: "" };
  const dialled = from.via?.port ?? port;
  const via = { place, host, door: `${door} ${node.id}:${port}`.trim() };
  return dialled === target.port
    ? { via, address: host }
    : { via: { ...via, port: dialled }, address: `${host}:${dialled}` };
};

const senderOf = ({ name }: LoadBalancer): Gap => gap("depends", problems.senderOf(name));

const leg = (
  judge: Judges,
  { client }: Arrival,
  { balancer, node, target, keeps }: Passage,
  to: NetworkInterface,
  of: 4 | 6,
): { readonly request: readonly Hop[]; readonly reply: readonly Hop[] } => {
  const one = only(to, target.address);
  const machine = machineAt(one);
  const { name, kind } = balancer;
  const why = typeof keeps === "object" ? keeps : senderOf(balancer);
  const asNode = fromNode(node, of);
  /** A hop that the client's address matters to, if it is kept. */
  const filter = (gate: Final): Hop => {
    if (keeps === false) return seeing(gate, asNode, why);
    return seeing(gate, keeps === true ? client : orElse(client ?? OWN, asNode), why);
  };
  const own = keeps === false ? ({ from: "vpc", vpc: node.vpc ?? "" } as const) : throughBalancer(node);
  const groups = filter(judge.groups.hop(to.groups, own, to));
  const out: readonly Hop[] =
    node.groups.ids.length === 0
      ? []
      : [filter(judge.groups.out(node.groups, machine, to.vpc, { ...node, type: NODE }))];
  const unsure = aclSeen(name);
  const isNear = node.subnet !== undefined && node.subnet === to.subnet;
  if (isNear && kind !== "classic" && keeps === false) return { request: [...out, groups], reply: [] };
  const into = judge.acls.into(to.subnet ?? "", "request", to);
  const outOf = judge.acls.outOf(to.subnet ?? "", "reply", to);
  if (isNear && kind !== "classic") {
    const maybe = (gate: Final): Hop => seeing(doubted(gate, unsure), client, unsure);
    return { request: [...out, maybe(into), groups], reply: [maybe(outOf)] };
  }
  const table = (subnet: string | undefined, vpc: string | undefined, read: (table: RouteTable) => Final): Final => {
    const found = judge.tables.ofSubnet(subnet ?? "", vpc, to.id, to);
    return found.is === "gap" ? doubtfulHop({ kind: "route", id: subnet ?? to.id }, found.gap) : read(found.fact);
  };
  /** Where the client's address is kept, an ACL may see it or the node's. */
  const acl = (gate: Final): Hop =>
    keeps === true ? seeing(gate, orElse(client ?? OWN, nodeAddress(node, of)), unsure) : filter(gate);
  const back = table(to.subnet, to.vpc, (found) => routeGate(found, isLocal));
  const routed: readonly Hop[] =
    keeps === true || isNear ? [] : [seeing(keeps === false ? back : doubted(back, why), asNode, why)];
  const there = table(node.subnet, node.vpc, (found) => routeTo(found, machine, isLocal));
  return {
    request: [
      ...out,
      filter(judge.acls.clientOut(node.subnet ?? "", machine, to)),
      ...(isNear ? [] : [filter(there)]),
      acl(into),
      groups,
    ],
    reply: [acl(outOf), ...routed, filter(judge.acls.clientIn(node.subnet ?? "", machine, to))],
  };
};

const aclSeen = (name: string): Gap =>
  gap(
    "unverified",
    problems.notDocumented(`Which address the network ACL of a target sees where ${name} keeps the client's`),
  );

/** A reference to a group of the balancer holds even where the client's address is kept (aws.md A.7). */
const throughBalancer = (node: NetworkInterface): ThroughDoor => ({
  from: "door",
  vpc: node.vpc ?? "",
  groups: node.groups,
  perhaps: [],
  gap: gap(
    "unverified",
    problems.notDocumented("Whether a reference to a group means clients whose address a load balancer keeps"),
  ),
});

/** The interface as one of its addresses. */
const only = (to: NetworkInterface, address: string): NetworkInterface => ({
  ...to,
  v4: address.includes(":") ? [] : [{ private: address, public: undefined }],
  v4Prefixes: [],
  v6: address.includes(":") ? [address] : [],
  v6Prefixes: [],
});
