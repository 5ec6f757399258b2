import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final } from "#model/gate.ts";
import type { Scope } from "#model/provider.ts";
import { inside } from "#model/source.ts";
import type { Hop, Sight, Way } from "#model/way.ts";
import { and, clientPorts } from "#packets/set.ts";
import { problems } from "#problems.ts";
import type { Accelerator, Sent } from "./accelerator.ts";
import { EVERYTHING, accelerator, endpointDoubts, sentTo, words } from "./accelerator.ts";
import { acceleratorListenerOf, acceleratorOf } from "./above.ts";
import type { Arrival, Doubt } from "./door.ts";
import { NO_GROUPS, doorGate } from "./door.ts";
import type { Fact, Facts } from "./facts.ts";
import { gapFor, gapOfOne } from "./facts.ts";
import type { Doors } from "./front-doors.ts";
import type { Judges } from "./judges.ts";
import type { LoadBalancer } from "./load-balancer.ts";
import { machineState } from "./machine-state.ts";
import type { NetworkInterface } from "./network-interface.ts";
import type { Raw } from "./raw.ts";
import { items, number, scopeOfArn, text } from "./raw.ts";
import { seeing } from "./sight.ts";
import type { Targets } from "./target.ts";
import { from4, from6 } from "./ways.ts";

/** Puts accelerators before their endpoints. */
export const acceleratorDoors = (
  judge: Judges,
  doors: Doors,
  targets: Targets,
  balancers: readonly LoadBalancer[],
): void => {
  const { facts } = judge;
  const { EndpointGroups: groups, AcceleratorListeners: listeners, Accelerators: accelerators } = facts.things;
  const listened = new Set([...listeners.keys()].map(acceleratorOf));
  const grouped = new Set([...groups.keys()].map(acceleratorListenerOf));
  const isUnread = (id: string, read: ReadonlySet<string>): boolean => !read.has(id) || facts.cutLists.has(id);
  for (const id of [...accelerators.keys()].toSorted()) {
    const known = accelerator(facts, id);
    if (!known.isShut && isUnread(id, listened)) doors.doubt(anywhere(known, "AcceleratorListeners", facts, id));
  }
  for (const id of [...listeners.keys()].toSorted()) {
    const known = accelerator(facts, acceleratorOf(id));
    if (!known.isShut && isUnread(id, grouped)) doors.doubt(anywhere(known, "EndpointGroups", facts, id));
  }
  const world: World = { judge, doors, targets, balancers, groups: groupsOfAccelerators(facts) };
  for (const [id, group] of [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))) groupDoors(world, id, group);
};

/** What endpoints are looked for in, and put before. */
interface World {
  readonly judge: Judges;
  readonly doors: Doors;
  readonly targets: Targets;
  readonly balancers: readonly LoadBalancer[];
  /** Groups that accelerators' own interfaces carry, by VPC. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

/** Where it is not known to what an accelerator sends, it may be any machine of its account. */
const anywhere = (
  { id, name, fact }: Accelerator,
  key: "AcceleratorListeners" | "EndpointGroups",
  facts: Facts,
  of: string,
): Doubt => {
  const scope = { account: scopeOfArn(id).account, region: undefined };
  const what = key === "EndpointGroups" ? `the endpoint groups of ${name}` : `the listeners of ${name}`;
  const why = facts.cutLists.get(of) ?? gapOfOne(facts, key, what, scope, fact?.at);
  return { origin: "accelerator", why: (to) => (isIn(to, scope) ? why : undefined) };
};

const isIn = (to: Scope, { account, region }: Scope): boolean =>
  (account === undefined || to.account === undefined || to.account === account) &&
  (region === undefined || to.region === undefined || to.region === region);

const groupDoors = (world: World, id: string, group: Fact): void => {
  const { facts } = world.judge;
  const known = accelerator(facts, acceleratorOf(id));
  const endpoints = items(group.raw["EndpointDescriptions"]);
  const listener = facts.things.AcceleratorListeners.get(acceleratorListenerOf(id));
  const custom = endpoints.map((each) => text(each["EndpointId"]) ?? "").filter((each) => each.startsWith("subnet-"));
  if (custom.length > 0) {
    const why = gap("unmodelled", problems.notModelled(`the custom routing accelerator ${known.name}`), group.at);
    return world.doors.doubt({
      origin: "accelerator",
      why: (to) => (custom.includes(to.subnet ?? "") ? why : undefined),
    });
  }
  const contradiction = facts.contradictions.get(id) ?? facts.contradictions.get(acceleratorListenerOf(id));
  const dial = number(group.raw["TrafficDialPercentage"]);
  const region = text(group.raw["EndpointGroupRegion"]) ?? "its Region";
  const doubts = [
    ...known.doubts,
    ...(contradiction === undefined ? [] : [contradiction]),
    ...(dial === 0 ? [gap("depends", problems.noTraffic(`${known.name} sends 0 % to ${region}`), group.at)] : []),
    ...(listener === undefined
      ? [
          gapOfOne(facts, "AcceleratorListeners", acceleratorListenerOf(id), {
            account: scopeOfArn(id).account,
            region: undefined,
          }),
        ]
      : []),
  ];
  const sent = listener === undefined ? EVERYTHING : sentTo(listener, group);
  const heard: readonly Evidence[] =
    listener === undefined ? [] : [{ saw: "state", says: `it listens for ${words(listener)}`, source: listener.at }];
  const each = endpoints.map((endpoint, i) => ({ endpoint, i }));
  for (const { endpoint, i } of each.toSorted((a, b) => (idOf(a.endpoint) < idOf(b.endpoint) ? -1 : 1))) {
    const at = inside(group.at, `EndpointDescriptions/${i}`);
    const seen: Evidence = {
      saw: "state",
      says: `it sends to ${text(endpoint["EndpointId"]) ?? "an endpoint"}`,
      source: at,
    };
    const gate: Final = {
      at: known.place,
      ...doorGate(
        [...known.seen, ...heard, seen],
        [...doubts, ...endpointDoubts(endpoint, known.name, at)],
        known.isShut,
      ),
    };
    endpointDoors(world, { known, sent, gate, group, at }, endpoint);
  }
};

const idOf = (endpoint: Raw): string => text(endpoint["EndpointId"]) ?? "";

/** One endpoint of one group. */
interface Endpoint {
  readonly known: Accelerator;
  readonly sent: readonly Sent[];
  readonly gate: Final;
  readonly group: Fact;
  readonly at: Fact["at"];
}

const endpointDoors = (world: World, end: Endpoint, endpoint: Raw): void => {
  const { judge, doors, targets, balancers } = world;
  const { facts } = judge;
  const { known, group, at } = end;
  const id = text(endpoint["EndpointId"]) ?? "";
  const unfound = (key: string): void => {
    const own = scopeOfArn(id);
    const scope = {
      account: own.account ?? scopeOfArn(known.id).account,
      region: own.region ?? text(group.raw["EndpointGroupRegion"]),
    };
    const why = gapFor(facts, key, id, known.name, scope, at);
    doors.doubt({ origin: "accelerator", why: (to) => (isIn(to, scope) ? why : undefined) });
  };
  if (id.startsWith("i-")) {
    const found = targets.instance(id, 4);
    for (const { on } of found) doors.add(on, (to) => ways(world, end, to, undefined));
    if (found.length === 0 && facts.contradictions.has(id)) unfound("Reservations");
  } else if (id.startsWith("eipalloc-")) {
    const found = targets.allocation(id);
    if (found === undefined) return unfound("Addresses");
    doors.add(found.on, (to) => toAddress(doors, end, to, found.address));
  } else if (id.includes(":loadbalancer/")) {
    const balancer = balancers.find((each) => each.id === id);
    if (balancer === undefined || balancer.nodes.length === 0)
      return unfound(balancer === undefined ? "LoadBalancers" : "NetworkInterfaces");
    for (const node of balancer.nodes) {
      const isKept = keepsClient(balancer, node, endpoint);
      doors.add(node.id, (to) => ways(world, end, to, isKept ? undefined : itsOwn));
    }
  }
};

/** Network balancers without groups never see the client; others do where the endpoint says so (aws.md A.9, GA1). */
const keepsClient = ({ kind }: LoadBalancer, { groups }: NetworkInterface, endpoint: Raw): boolean => {
  const told = endpoint["ClientIPPreservationEnabled"];
  return kind === "network" ? groups.ids.length > 0 && told !== false : told === true;
};

/** Where an accelerator does not keep the client's address, one of its own stands there, and no answer says which. */
const itsOwn: Sight = { hides: ["client", "clientPort"], instead: and(from4, clientPorts(1024, 65_535)) };

const senderOf = ({ name }: Accelerator): Gap => gap("depends", problems.senderOf(name));

const viaOf = ({ known }: Endpoint, { dialled }: Sent): Pick<Way, "origin" | "via" | "address"> => {
  const via = { place: known.place, host: known.host, door: "" };
  return dialled === undefined
    ? { origin: "accelerator", via, address: known.host }
    : { origin: "accelerator", via: { ...via, port: dialled }, address: `${known.host}:${dialled}` };
};

/**
 * Into a subnet that needs no route and no public address, but a gateway attached to its VPC; replies go back the same
 * way (aws.md A.9, GA4).
 */
const ways = (
  { judge, groups }: World,
  end: Endpoint,
  to: NetworkInterface,
  client: Sight | undefined,
): readonly Arrival[] => {
  const { known, sent, gate } = end;
  const [subnet, vpc] = [to.subnet ?? "", to.vpc ?? ""];
  const why = senderOf(known);
  const hop = (of: Final): Hop => seeing(of, client, why);
  const path = {
    from: "door",
    vpc,
    groups: NO_GROUPS,
    perhaps: groups.get(vpc) ?? [],
    gap: gap("unverified", problems.notDocumented("Whether a reference to an accelerator's group means its clients")),
  } as const;
  const request: readonly Hop[] = [
    { gate },
    { gate: judge.gateways.hop(vpc, to) },
    { gate: judge.block(subnet, vpc, to) },
    hop(judge.acls.into(subnet, "request", to)),
    { gate: machineState(judge.facts, to) },
    hop(judge.groups.hop(to.groups, path, to)),
  ];
  const reply = [hop(judge.acls.outOf(subnet, "reply", to))];
  return known.families
    .filter((of) => of === 4 || (to.v6.length > 0 && client === undefined))
    .flatMap((of) =>
      sent.map((each): Arrival => {
        const carries = and(of === 4 ? from4 : from6, each.services);
        const way: Way = { ...viaOf(end, each), interface: to.id, carries, request, reply };
        return client === undefined ? { way } : { way, client };
      }),
    );
};

/** An elastic IP sees addresses of the accelerator come from the internet. */
const toAddress = (doors: Doors, end: Endpoint, to: NetworkInterface, address: string): readonly Arrival[] => {
  const why = senderOf(end.known);
  const hidden = ({ gate }: Hop): Hop => seeing(gate, itsOwn, why);
  return doors.internet
    .open(to)
    .filter((way) => way.address === address)
    .flatMap((way) =>
      end.sent.map(
        (each): Arrival => ({
          way: {
            ...viaOf(end, each),
            interface: to.id,
            carries: and(way.carries, each.services),
            request: [{ gate: end.gate }, ...way.request.map(hidden)],
            reply: way.reply.map(hidden),
          },
          client: itsOwn,
        }),
      ),
    );
};

const groupsOfAccelerators = (facts: Facts): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, readonly string[]>();
  for (const { type, vpc = "", groups } of facts.interfaces.values())
    if (type === "global_accelerator_managed")
      found.set(vpc, [...new Set([...(found.get(vpc) ?? []), ...groups.ids])].toSorted());
  return found;
};
