import type { Gap } from "#model/gap.ts";
import type { Final, Place } from "#model/gate.ts";
import { exactly } from "#model/match.ts";
import { formatService } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import { anyOf, service } from "#packets/set.ts";
import { classicDoors } from "./classic-doors.ts";
import type { Doubt } from "./door.ts";
import { doubtfulWays } from "./door.ts";
import type { Facts } from "./facts.ts";
import { askedFor, gapFor, gapOfOne } from "./facts.ts";
import type { Doors } from "./front-doors.ts";
import type { Judges } from "./judges.ts";
import type { Listener } from "./listener.ts";
import { listenersOf, protocolsOf } from "./listener.ts";
import type { LoadBalancer } from "./load-balancer.ts";
import { targetGroups } from "./load-balancer.ts";
import { scopeOfArn, texts } from "./raw.ts";
import type { Sending } from "./sending.ts";
import { send } from "./sending.ts";
import type { Target, Targets } from "./target.ts";
import { keepsClient } from "./target-group.ts";
import type { RegisteredTarget, TargetGroup } from "./target-group.ts";

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
    for (const { id, why, isPart } of unlisted(facts, byId, listeners, group))
      if (isPart || !led.has(`${id} ${group.id}`)) {
        const place = byId.get(id)?.place ?? ({ kind: "load-balancer", id } as const);
        unreadDoors(judge, doors, targets, balancers, place, group, why);
      }
  }
};

/** Whether all listeners of a balancer were read. */
const isListed = (facts: Facts, { id, scope }: LoadBalancer, own: readonly Listener[]): boolean =>
  (own.length > 0 || facts.named.silent.has(id)) &&
  !facts.cutLists.has(id) &&
  askedFor(facts, "Listeners", scope) === "read";

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

/** A balancer of which not enough was read to know all that leads to a group. */
interface Unlisted {
  readonly id: string;
  readonly why: Gap;
  /** Some of what may lead there was read, and other such things were asked for and not had. */
  readonly isPart: boolean;
}

/** Balancers that a group says it is used by, and what was not read of them. */
const unlisted = (
  facts: Facts,
  byId: ReadonlyMap<string, LoadBalancer>,
  listeners: (balancer: LoadBalancer) => readonly Listener[],
  group: TargetGroup,
): readonly Unlisted[] => {
  const named = texts(group.fact.raw["LoadBalancerArns"]);
  const used = !Array.isArray(group.fact.raw["LoadBalancerArns"])
    ? [...byId.values()].filter(({ kind, vpc }) => kind !== "classic" && vpc === group.vpc).map(({ id }) => id)
    : named;
  return used.flatMap((id): readonly Unlisted[] => {
    const balancer = byId.get(id);
    const scope = scopeOfArn(id);
    if (balancer === undefined)
      return [{ id, why: gapFor(facts, "LoadBalancers", id, group.name, scope, group.fact.at), isPart: false }];
    const cut = facts.cutLists.get(id);
    if (cut !== undefined) return [{ id, why: cut, isPart: true }];
    const heard = askedFor(facts, "Listeners", scope);
    const own = listeners(balancer);
    const isUnread = own.length === 0 && !facts.named.silent.has(id);
    if (isUnread || heard === "refused" || heard === "cut") {
      const why = gapOfOne(facts, "Listeners", `the listeners of ${balancer.name}`, scope, balancer.fact.at);
      return [{ id, why, isPart: false }];
    }
    const isAsked = askedFor(facts, "Rules", scope) !== "never";
    const [other] = own.filter(({ unruled, groups }) => unruled !== undefined && !groups.includes(group.id));
    const why = other?.unruled;
    return why !== undefined && named.includes(id) ? [{ id, why, isPart: isAsked }] : [];
  });
};

/** What is behind a balancer of which too little was read: its targets may be reached on the ports that they have there. */
const unreadDoors = (
  judge: Judges,
  doors: Doors,
  targets: Targets,
  balancers: readonly LoadBalancer[],
  place: Place,
  group: TargetGroup,
  why: Gap,
): void => {
  for (const target of group.targets)
    for (const { on } of found(targets, balancers, group, target))
      doors.add(on, (to, asked) => {
        const doubtful = { origin: "load-balancer", place, why, carries: portOf(group, target.port) } as const;
        return doubtfulWays(judge, to, doubtful, asked).map((way) => ({ way }));
      });
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
