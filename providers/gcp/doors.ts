import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, Place } from "#model/gate.ts";
import type { Hop, Sees, Way } from "#model/way.ts";
import { TCP } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, clientPorts, family, isEmpty, minus, nothing, ports, protocol } from "#packets/set.ts";
import { problems } from "#problems.ts";
import type { Backend } from "./backend.ts";
import { backendsOf } from "./backend.ts";

import type { Facts } from "./facts.ts";
import { askedFor, gapFor, hostOf } from "./facts.ts";
import type { ForwardingRule } from "./forwarding-rule.ts";
import { forwardingRules } from "./forwarding-rule.ts";
import { google } from "./google.ts";
import { doubtfulHop, state } from "#model/hop.ts";
import { leadingTo } from "./leading.ts";
import { networkOf, projectOf, regionOf } from "./link.ts";
import { machineState } from "./machine-state.ts";
import { within } from "./members.ts";
import { text } from "./raw.ts";
import { remembering } from "#model/remember.ts";
import type { End, Judges } from "./ways.ts";
import { edge, firewallHop, leaving, otherInterface, strangers } from "./ways.ts";

/** What faces the internet in the stead of machines. */
interface Doors {
  readonly leadingTo: (end: End) => readonly ForwardingRule[];
  /** Who is sent elsewhere than to a rule that others are based on. */
  readonly steered: ReadonlyMap<string | undefined, PacketSet>;
  /** Why the balancers of a machine's project, or of its network's, are not known. */
  readonly unread: (end: End) => readonly Gap[];
}

const known = new WeakMap<Facts, Doors>();

const doorsOf = (facts: Facts): Doors => {
  const before = known.get(facts);
  if (before !== undefined) return before;
  const rules = forwardingRules(facts);
  const steering = Map.groupBy(rules, ({ base }) => base);
  const unread = remembering<readonly Gap[]>();
  const unreadOf = remembering<Gap | undefined>();
  const made = {
    leadingTo: leadingTo(facts, rules),
    steered: new Map([...steering].map(([base, those]) => [base, anyOf(those.flatMap(({ steers }) => steers ?? []))])),
    unread: ({ nic: { network }, instance: { project } }: End) =>
      unread([network, project], () =>
        [...new Set([project, hostOf(network)])].flatMap((each) => unreadOf([each], () => unreadIn(facts, each)) ?? []),
      ),
  };
  known.set(facts, made);
  return made;
};

/** Whether some forwarding rule leads to the machine, or may. */
export const isLedTo = ({ facts }: Judges, end: End): boolean => doorsOf(facts).leadingTo(end).length > 0;

/** Whether it is not known which forwarding rules there are in the machine's project, or in its network's. */
export const isUnread = ({ facts }: Judges, end: End): boolean => doorsOf(facts).unread(end).length > 0;

/** The ways from the internet through what faces it in the machine's stead (gcp.md A6). */
export const doorWays = (judge: Judges, end: End): readonly Way[] => {
  const { leadingTo: leading, steered, unread } = doorsOf(judge.facts);
  const rules = leading(end);
  const gaps = unread(end);
  if (rules.length === 0 && gaps.length === 0) return NO_WAYS;
  const found = rules.flatMap((rule): readonly Way[] => {
    const backends = backendsOf(judge.facts, rule, end);
    if (backends.length === 0) return [];
    // A rule that steers takes its clients from the rule that it is based on; it keeps nobody out (gcp.md A6).
    const sentHere = minus(rule.steers ?? family(rule.of), steered.get(rule.path) ?? nothing);
    const carries = and(strangers(judge, end, rule.of), sentHere);
    if (isEmpty(carries)) return [];
    return backends.map((backend) =>
      backend.how === "through"
        ? passed(judge, end, rule, backend, carries)
        : proxied(judge, end, rule, backend, carries),
    );
  });
  return [...found, ...gaps.flatMap((why) => unreadDoors(judge, end, why))];
};

const NO_WAYS: readonly Way[] = [];

const placeOf = ({ id }: ForwardingRule): Place => ({ kind: "load-balancer", id });

const leading = (rule: ForwardingRule, { doubts, needsHealth, at }: Backend, end: End): readonly Hop[] => {
  const seen: Evidence = { saw: "state", says: `${rule.name} leads to ${end.instance.name}`, source: at };
  const healthy: Evidence = {
    saw: "assumed",
    says: `${end.instance.name} is a healthy backend of ${rule.name}`,
    ask: "gcloud compute backend-services get-health BACKEND --format=json",
  };
  const [doubt] = doubts;
  const gate =
    doubt === undefined
      ? state(placeOf(rule), "allow", seen, ...(needsHealth ? [healthy] : []))
      : doubtfulHop(placeOf(rule), doubt);
  return [{ gate }];
};

/** Packets come as the client sent them, to the balancer's own address. */
const passed = (judge: Judges, end: End, rule: ForwardingRule, backend: Backend, from: PacketSet): Way => {
  const what = `Whether replies of ${rule.name} need a route to the internet`;
  const own = gap("unverified", problems.notDocumented(what), rule.at);
  return {
    origin: "load-balancer",
    address: rule.address,
    via: { place: placeOf(rule), host: rule.address, door: rule.path },
    interface: end.nic.id,
    carries: and(from, rule.services),
    request: [
      { gate: machineState(judge.facts, end.instance) },
      ...leading(rule, backend, end),
      ...edge(backend.policy, end),
      firewallHop(judge, end, { from: "internet", dials: [rule.address] }),
    ],
    reply: leaving(judge, end, judge.routes.balanced(end.nic.network, end.instance, own)),
  };
};

/** A proxy asks the machine anew, from addresses of its own and at the port that the backend names. */
const proxied = (judge: Judges, end: End, rule: ForwardingRule, backend: Backend, from: PacketSet): Way => {
  const { facts } = judge;
  const port = typeof backend.port === "number" ? backend.port : undefined;
  const senders = sendersOf(facts, rule, end);
  const sees: Sees = {
    hides: ["family", "client", "clientPort"],
    instead: and(senders, clientPorts(1024, 65_535)),
    depends: gap("depends", problems.senderOf(rule.name), rule.at),
  };
  const unnamed = gap("missing", problems.missing(`the port of the backends of ${rule.name}`, NAMED_PORTS), rule.at);
  const doubts = port === undefined ? [...backend.doubts, unnamed] : backend.doubts;
  const isOther = port !== undefined && port !== rule.port;
  const gate: Final = firewallHop(judge, end, {
    from: "google",
    dials: end.nic.v4 === undefined ? [] : [end.nic.v4],
  }).gate;
  return {
    origin: "load-balancer",
    address: isOther && rule.port !== undefined ? `${rule.address}:${rule.port}` : rule.address,
    via: {
      place: placeOf(rule),
      host: rule.address,
      door: rule.path,
      ...(isOther && rule.port !== undefined ? { port: rule.port } : {}),
    },
    interface: end.nic.id,
    carries: and(from, port === undefined ? protocol(TCP) : ports(TCP, port, port)),
    request: [
      { gate: machineState(facts, end.instance) },
      ...leading(rule, { ...backend, doubts }, end),
      ...edge(backend.policy, end),
      { gate, sees },
    ],
    reply: otherInterface(end),
  };
};

const NAMED_PORTS = "gcloud compute instance-groups list --format=json";

/** Regional proxies send from a subnet of their own, the others from Google's ranges. */
const sendersOf = (facts: Facts, { path, scheme }: ForwardingRule, { nic }: End): PacketSet => {
  const region = regionOf(path);
  if (region === undefined || scheme !== "EXTERNAL_MANAGED") return and(google.proxies, family(4));
  const ranges = [...facts.things.subnetworks.values()].flatMap((subnet) => {
    const isIts =
      networkOf(text(subnet.raw["network"]), subnet.path) === nic.network && regionOf(subnet.path) === region;
    return isIts && text(subnet.raw["purpose"]) === "REGIONAL_MANAGED_PROXY"
      ? (text(subnet.raw["ipCidrRange"]) ?? [])
      : [];
  });
  return ranges.length === 0 ? family(4) : within(ranges, family(4));
};

/** Balancers that were asked for in vain, or, for those who want to know for sure, never. */
const unreadDoors = (judge: Judges, end: End, why: Gap): readonly Way[] => {
  const place: Place = { kind: "load-balancer", id: end.instance.id };
  return ([4, 6] as const).map(
    (of): Way => ({
      origin: "load-balancer",
      interface: end.nic.id,
      carries: strangers(judge, end, of),
      request: [{ gate: machineState(judge.facts, end.instance) }, { gate: doubtfulHop(place, why) }],
      reply: [],
    }),
  );
};

/** Why the balancers of a project are not known; undefined where they are, or are taken to be. */
const unreadIn = (facts: Facts, project: string | undefined): Gap | undefined => {
  const heard = askedFor(facts, "forwardingRules", project);
  const isKnown = heard === "read" || (heard === "never" && (!facts.how.strict || hasRules(facts, project)));
  return isKnown
    ? undefined
    : gapFor(facts, "forwardingRules", `the load balancers of ${project ?? "the project"}`, project);
};

const hasRules = ({ things }: Facts, project: string | undefined): boolean =>
  [...things.forwardingRules.keys()].some((path) => projectOf(path) === project);
