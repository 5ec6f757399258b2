import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final } from "#model/gate.ts";
import { exactly } from "#model/match.ts";
import type { Way } from "#model/way.ts";
import { TCP, formatService } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, family, meets, service, some } from "#packets/set.ts";
import { problems } from "#problems.ts";
import type { Passage } from "./balancer-way.ts";
import { onward } from "./balancer-way.ts";
import type { Arrival, Doubt } from "./door.ts";
import { doorGate, doubtfulWay } from "./door.ts";
import type { Doors } from "./front-doors.ts";
import type { Facts } from "./facts.ts";
import { askedFor, gapFor, gapOfOne } from "./facts.ts";
import { doubted } from "./hop.ts";
import type { Judges } from "./judges.ts";
import type { Listener } from "./listener.ts";
import { listenersOf, protocolsOf } from "./listener.ts";
import type { LoadBalancer } from "./load-balancer.ts";
import { classicTargets, crossesZones, targetGroups } from "./load-balancer.ts";
import type { NetworkInterface } from "./network-interface.ts";
import type { Raw } from "./raw.ts";
import { items, number, raw, scopeOfArn, text, texts } from "./raw.ts";
import { NODE } from "./security-group.ts";
import { keepsClient } from "./target-group.ts";
import type { RegisteredTarget, TargetGroup } from "./target-group.ts";
import type { Target, Targets } from "./target.ts";

/** One port on which a machine is sent what comes to a listener. */
interface Sending {
  readonly balancer: LoadBalancer;
  readonly port: number;
  readonly protocols: readonly number[];
  readonly target: Pick<RegisteredTarget, "port" | "seen" | "doubt">;
  readonly group: TargetGroup | undefined;
  readonly seen: readonly Evidence[];
  readonly doubts: readonly Gap[];
  readonly gate: Final | undefined;
  readonly keeps: boolean | Gap;
}

/** Puts the load balancers before the machines that they send to. */
export const balancerDoors = (
  judge: Judges,
  doors: Doors,
  targets: Targets,
  balancers: readonly LoadBalancer[],
): void => {
  const { facts } = judge;
  const byId = new Map(balancers.map((each) => [each.id, each]));
  const groups = targetGroups(facts);
  const listeners = listenersOf(facts);
  const led = new Set<string>();
  for (const balancer of balancers) {
    if (balancer.kind === "classic") {
      classicDoors(judge, doors, targets, balancer);
      continue;
    }
    const own = listeners(balancer);
    if (own.every(({ doubts }) => doubts.length === 0) && isListed(facts, balancer, own))
      for (const node of balancer.nodes) doors.listens(node.id, listening(balancer, own));
    for (const listener of own)
      for (const id of listener.groups) {
        led.add(`${balancer.id} ${id}`);
        const group = groups.get(id);
        if (group === undefined) doors.doubt(inVpc(balancer.vpc, unreadGroup(facts, balancer, id)));
        else groupDoors(judge, doors, targets, balancers, balancer, listener, group);
      }
    if (askedFor(facts, "TargetGroups", balancer.scope) !== "read")
      doors.doubt(inVpc(balancer.vpc, unreadGroup(facts, balancer, `the target groups of ${balancer.name}`)));
  }
  for (const group of groups.values()) {
    if (group.unread !== undefined && group.type !== "lambda" && group.protocol !== "GENEVE")
      doors.doubt(inVpc(group.vpc, group.unread));
    for (const [balancer, why] of unlisted(facts, byId, listeners, group))
      if (!led.has(`${balancer} ${group.id}`))
        unreadDoors(judge, doors, targets, balancers, byId.get(balancer), group, why);
  }
};

/** Whether all listeners of a balancer were read. */
const isListed = (facts: Facts, { id, scope }: LoadBalancer, own: readonly Listener[]): boolean =>
  (own.length > 0 || facts.named.silent.has(id)) && askedFor(facts, "Listeners", scope) === "read";

const listening = ({ name, place }: LoadBalancer, own: readonly Listener[]): Final => ({
  at: place,
  rules: own.flatMap(({ port, protocols, seen }) =>
    protocols.map((protocol) => ({
      match: exactly(service({ protocol, port })),
      action: "allow",
      name: `the listener of ${name}`,
      says: formatService({ protocol, port }),
      source: seen.source,
    })),
  ),
  otherwise: "timeout",
  because: [{ saw: "nothing", says: `${name} does not listen there` }],
});

const unreadGroup = (facts: Facts, { name, scope }: LoadBalancer, what: string): Gap =>
  gapFor(facts, "TargetGroups", what, name, scope);

const inVpc = (vpc: string | undefined, why: Gap): Doubt => ({
  origin: "load-balancer",
  why: (to) => (vpc === undefined || to.vpc === undefined || to.vpc === vpc ? why : undefined),
});

/** Balancers that a group says it is used by, of which no listener that was read leads to it, and what was not read of them. */
const unlisted = (
  facts: Facts,
  byId: ReadonlyMap<string, LoadBalancer>,
  listeners: (balancer: LoadBalancer) => readonly Listener[],
  group: TargetGroup,
): readonly (readonly [string, Gap])[] => {
  const named = texts(group.fact.raw["LoadBalancerArns"]);
  const used =
    group.fact.raw["LoadBalancerArns"] === undefined
      ? [...byId.values()].filter(({ kind, vpc }) => kind !== "classic" && vpc === group.vpc).map(({ id }) => id)
      : named;
  return used.flatMap((id): readonly (readonly [string, Gap])[] => {
    const balancer = byId.get(id);
    const scope = scopeOfArn(id);
    if (balancer === undefined) return [[id, gapFor(facts, "LoadBalancers", id, group.name, scope, group.fact.at)]];
    const heard = askedFor(facts, "Listeners", scope);
    const isUnread = listeners(balancer).length === 0 && !facts.named.silent.has(id);
    if (isUnread || heard === "refused" || heard === "cut")
      return [[id, gapOfOne(facts, "Listeners", `the listeners of ${balancer.name}`, scope, balancer.fact.at)]];
    const unruled = balancer.kind === "application" && listeners(balancer).some((each) => !each.isRuled);
    return unruled && named.includes(id)
      ? [[id, gapOfOne(facts, "Rules", `the rules of ${balancer.name}`, scope, balancer.fact.at)]]
      : [];
  });
};

/** What is behind a balancer of which too little was read: its targets may be reached on the ports that they have there. */
const unreadDoors = (
  judge: Judges,
  doors: Doors,
  targets: Targets,
  balancers: readonly LoadBalancer[],
  balancer: LoadBalancer | undefined,
  group: TargetGroup,
  why: Gap,
): void => {
  const id = balancer?.id ?? text(texts(group.fact.raw["LoadBalancerArns"])[0]) ?? group.id;
  const place = balancer?.place ?? ({ kind: "load-balancer", id } as const);
  for (const target of group.targets)
    for (const { on } of found(targets, balancers, group, target))
      doors.add(on, (to) => [{ way: doubtfulWay(judge, to, "load-balancer", place, why, portOf(group, target.port)) }]);
};

const portOf = ({ protocol }: TargetGroup, port: number): PacketSet =>
  anyOf(protocolsOf(protocol).map((each) => service({ protocol: each, port })));

const found = (
  targets: Targets,
  balancers: readonly LoadBalancer[],
  group: TargetGroup,
  { id }: RegisteredTarget,
): readonly Target[] => {
  switch (group.type) {
    case "instance":
      return targets.instance(id, group.family);
    case "ip":
      return targets.address(id, group.vpc);
    case "alb":
      return (balancers.find((each) => each.id === id)?.nodes ?? []).flatMap((node) =>
        node.v4.slice(0, 1).map((each) => ({ on: node.id, address: each.private, isElsewhere: false })),
      );
    default:
      return [];
  }
};

const groupDoors = (
  judge: Judges,
  doors: Doors,
  targets: Targets,
  balancers: readonly LoadBalancer[],
  balancer: LoadBalancer,
  listener: Listener,
  group: TargetGroup,
): void => {
  const { facts } = judge;
  const twice = facts.contradictions.get(group.id);
  for (const target of group.targets) {
    const sending: Sending = {
      balancer,
      port: listener.port,
      protocols: listener.protocols,
      target,
      group,
      seen: [listener.seen],
      doubts: twice === undefined ? listener.doubts : [...listener.doubts, twice],
      gate: balancer.kind === "application" ? listener.gate(group.id) : undefined,
      keeps: balancer.kind === "network" && keepsClient(facts, group),
    };
    for (const each of found(targets, balancers, group, target)) send(judge, doors, sending, each);
  }
};

/** A classic balancer sends to instances by their primary interface; how they are is an answer that is not read. */
const classicDoors = (judge: Judges, doors: Doors, targets: Targets, balancer: LoadBalancer): void => {
  const { name, fact } = balancer;
  const described = items(fact.raw["ListenerDescriptions"]).map((each, i) => ({ listener: raw(each["Listener"]), i }));
  for (const { listener, i } of described.toSorted((a, b) => portOn(a.listener) - portOn(b.listener))) {
    const [port, own] = [portOn(listener), number(listener["InstancePort"])];
    if (port < 0 || own === undefined) continue;
    const protocol = text(listener["Protocol"]) ?? "TCP";
    const isHttp = protocol.startsWith("HTTP");
    const at = { file: fact.at.file, pointer: `${fact.at.pointer}/ListenerDescriptions/${i}` };
    const says = `${name} listens for ${protocol} on port ${port}${isHttp ? ": HTTP requests only, it cannot carry SSH" : ""}`;
    for (const target of classicTargets(balancer)) {
      const sent = `it sends to ${target.id} port ${own}`;
      const sending: Sending = {
        balancer,
        port,
        protocols: [TCP],
        target: { port: own, seen: { saw: "state", says: sent, source: target.fact.at }, doubt: undefined },
        group: undefined,
        seen: [
          { saw: "state", says, source: at },
          {
            saw: "assumed",
            says: `${name} finds ${target.id} in service`,
            ask: `aws elb describe-instance-health --load-balancer-name ${name} --output json`,
          },
        ],
        doubts: [],
        gate: undefined,
        keeps: false,
      };
      for (const each of targets.instance(target.id, 4)) send(judge, doors, sending, each);
    }
  }
};

const portOn = (listener: Raw): number => number(listener["LoadBalancerPort"]) ?? -1;

/** One door for each node, as far as it sends to the target's zone. */
const send = (judge: Judges, doors: Doors, sending: Sending, { on, address, isElsewhere }: Target): void => {
  const { facts } = judge;
  const { balancer, target, protocols, group } = sending;
  const { name, place, nodes } = balancer;
  const seen = [...balancer.seen, ...sending.seen, target.seen];
  const known = [...sending.doubts, ...[balancer.doubt, target.doubt].filter((each) => each !== undefined)];
  const doubtful = (why: Gap): void =>
    doors.add(on, (to) =>
      protocols.map((protocol) => ({
        way: doubtfulWay(judge, to, "load-balancer", place, why, service({ protocol, port: target.port })),
      })),
    );
  if (isElsewhere)
    return doubtful(
      gap("unmodelled", problems.notModelled(`${name} to ${address ?? on}, outside its VPC`), group?.fact.at),
    );
  if (nodes.length === 0 || address === undefined) {
    const what = address === undefined ? `the interfaces of ${on}` : `the network interfaces of ${name}`;
    return doubtful(gapFor(facts, "NetworkInterfaces", what, name, balancer.scope, balancer.fact.at));
  }
  if (askedFor(facts, "NetworkInterfaces", balancer.scope) !== "read")
    doubtful(
      gapFor(facts, "NetworkInterfaces", `all network interfaces of ${name}`, name, balancer.scope, balancer.fact.at),
    );
  const crosses = crossesZones(facts, balancer, group);
  const serving = (node: NetworkInterface): boolean | Gap =>
    crosses === true ? true : (isSameZone(facts, node, facts.interfaces.get(on)) ?? crosses);
  const able = nodes.filter((node) => serving(node) !== false);
  const isCut = able.length === 0;
  for (const node of isCut ? nodes.slice(0, 1) : able) {
    const serves = isCut || serving(node);
    const doubts = typeof serves === "object" ? [...known, serves] : known;
    const apart: readonly Evidence[] = isCut
      ? [{ saw: "nothing", says: `${name} has no node in the zone of ${on}, and does not send to other zones` }]
      : [];
    const told = doorGate([...seen, ...apart], doubts, balancer.failed || isCut);
    const gate: Final =
      sending.gate === undefined ? { at: place, ...told } : { at: place, every: [told, sending.gate] };
    doors.add(on, (to, asked, passed) =>
      protocols.flatMap((protocol) => {
        const by: Passage = { ...sending, node, protocol, target: { address, port: target.port }, gate };
        return arrivals(doors, by, asked, passed).flatMap((arrival) => onward(judge, arrival, by, to));
      }),
    );
  }
};

/** Whether both are in one zone, by its id, which means the same in every account; undefined where they are not, or may not be. */
const isSameZone = (facts: Facts, node: NetworkInterface, to: NetworkInterface | undefined): true | undefined => {
  if (node.subnet !== undefined && node.subnet === to?.subnet) return true;
  const zone = (of: NetworkInterface | undefined): string | undefined => {
    const subnet = facts.things.Subnets.get(of?.subnet ?? "")?.raw;
    return text(subnet?.["AvailabilityZoneId"]) ?? text(subnet?.["AvailabilityZone"]);
  };
  const [here, there] = [zone(node), zone(to)];
  return here !== undefined && here === there ? true : undefined;
};

/** How clients come to a node's listener: from the internet, from inside, and through what stands before it. */
const arrivals = (
  doors: Doors,
  by: Passage,
  asked: PacketSet | undefined,
  passed: readonly string[],
): readonly Arrival[] => {
  const { node, protocol, port } = by;
  if (passed.includes(node.id)) return [];
  const at: NetworkInterface = { ...node, type: NODE };
  const path = [...passed, node.id];
  const direct = doors.once(`${node.id} ${by.balancer.id}`, () => fromInternet(doors, by.balancer, at));
  if (asked === undefined) return [...direct, ...doors.before(at, undefined, path)];
  const dialled = and(some(asked, "service"), service({ protocol, port }));
  const inside = doors.inside(dialled, at).map((way): Arrival => ({ way: { ...way, isInside: true } }));
  return [...direct, ...inside, ...doors.before(at, dialled, path)];
};

const fromInternet = (doors: Doors, balancer: LoadBalancer, at: NetworkInterface): readonly Arrival[] => {
  if (balancer.isInternal) return [];
  const open = doors.internet.open(at);
  const has4 = open.some((way) => meets(way.carries, family(4)));
  const ways =
    has4 || text(balancer.fact.raw["IpAddressType"]) === ONLY_6 ? open : [...open, ...unaddressed(doors, balancer, at)];
  return ways.map(replying(balancer)).map((way) => ({ way }));
};

const ONLY_6 = "dualstack-without-public-ipv4";

/** A balancer that faces the internet has public addresses, whatever its interfaces say. */
const unaddressed = (doors: Doors, { name }: LoadBalancer, at: NetworkInterface): readonly Way[] => {
  const why = gap("unreadable", problems.facesNobody(name, at.id), at.at);
  return doors.internet
    .all(at, false)
    .filter((way) => meets(way.carries, family(4)))
    .map((way) => ({
      ...way,
      request: way.request.map((hop) =>
        hop.gate.at?.kind === "public-address" ? { ...hop, gate: doubted(hop.gate, why) } : hop,
      ),
    }));
};

/** Whether a balancer's replies need a route of its subnet is not documented, so one that is missing is a doubt. */
const replying =
  ({ name }: LoadBalancer) =>
  (way: Way): Way => {
    const why = gap("unverified", problems.notDocumented(`Whether replies of ${name} need a route of its own subnet`));
    return {
      ...way,
      reply: way.reply.map((hop) => (hop.gate.at?.kind === "route" ? { ...hop, gate: doubted(hop.gate, why) } : hop)),
    };
  };
