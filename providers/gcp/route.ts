import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, Place, Rule } from "#model/gate.ts";
import { always, perhaps } from "#model/match.ts";
import { formatPrefix } from "#packets/address.ts";
import { everything } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { rangeClients, rangeOf } from "./client.ts";
import type { Fact, Facts } from "./facts.ts";
import { askedFor, gapFor, hostOf } from "./facts.ts";
import { NOWHERE, doubtfulHop, doubting } from "#model/hop.ts";
import type { Instance } from "./instance.ts";
import { learnedRoutes } from "./learned-route.ts";
import { those } from "./likeness.ts";
import { linkOf, nameOf, networkOf, pathOf } from "./link.ts";
import { number, text, texts } from "./raw.ts";

/** A route of a network. */
export interface Route {
  readonly name: string;
  readonly network: string;
  readonly destination: string;
  readonly bits: number;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly hop: NextHop;
  readonly status: string;
  readonly fact: Fact;
}

export interface NextHop {
  readonly kind: "internet" | "subnet" | "peering" | "vpn" | "hub" | "machine" | "none" | "unknown";
  readonly id: string;
}

const HOPS = [
  ["nextHopInstance", "machine"],
  ["nextHopIp", "machine"],
  ["nextHopIlb", "machine"],
  ["nextHopVpnTunnel", "vpn"],
  ["nextHopInterconnectAttachment", "vpn"],
  ["nextHopPeering", "peering"],
  ["nextHopHub", "hub"],
  ["nextHopNetwork", "subnet"],
] as const satisfies readonly (readonly [string, NextHop["kind"]])[];

const nextHop = ({ raw }: Fact): NextHop => {
  const gateway = text(raw["nextHopGateway"]);
  if (gateway !== undefined)
    return { kind: nameOf(gateway) === "default-internet-gateway" ? "internet" : "none", id: nameOf(gateway) };
  for (const [member, kind] of HOPS) {
    const id = text(raw[member]);
    if (id !== undefined) return { kind, id: nameOf(pathOf(id)) };
  }
  return { kind: "unknown", id: "that nobody here knows" };
};

const readRoute = (fact: Fact): Route => {
  const { raw, path } = fact;
  const destination = text(raw["destRange"]) ?? "";
  return {
    name: text(raw["name"]) ?? nameOf(path),
    network: networkOf(text(raw["network"]), path),
    destination,
    bits: rangeOf(destination)?.bits ?? Infinity,
    priority: number(raw["priority"]) ?? 1000,
    tags: texts(raw["tags"]),
    hop: nextHop(fact),
    status: text(raw["routeStatus"]) ?? "ACTIVE",
    fact,
  };
};

/** The longest prefix, and of the same the lowest priority (gcp.md A6). */
const byPrecedence = (a: Route, b: Route): number =>
  b.bits - a.bits || a.priority - b.priority || (a.fact.path < b.fact.path ? -1 : 1);

export interface Routes {
  /** In the order in which they are chosen. */
  of(network: string): readonly Route[];
  /** What becomes of a reply to clients outside: it must leave by the internet gateway. */
  reply(network: string, instance: Instance): Final;
  /** Whether a route that a router has learned may take replies elsewhere; undefined where there is no such router. */
  learned(network: string, instance: Instance): Final | undefined;
  /** The same for what came through a balancer, whose replies may have a path of their own: `why` says so. */
  balanced(network: string, instance: Instance, why: Gap): Final;
  /** Why the routes of a network are not known. */
  unread(network: string): Gap | undefined;
}

export const routes = (facts: Facts): Routes => {
  const byNetwork = new Map<string, Route[]>();
  for (const fact of facts.things.routes.values()) {
    const route = readRoute(fact);
    const list = byNetwork.get(route.network);
    if (list === undefined) byNetwork.set(route.network, [route]);
    else list.push(route);
  }
  for (const list of byNetwork.values()) list.sort(byPrecedence);
  const made = new Map<string, Final>();
  const used = new Map<string, ReadonlySet<string>>();
  /** The tags that some route of a network is for. */
  const usedIn = (network: string): ReadonlySet<string> => {
    const known = used.get(network) ?? new Set((byNetwork.get(network) ?? []).flatMap((route) => route.tags));
    used.set(network, known);
    return known;
  };
  const unread = (network: string): Gap | undefined => {
    const host = hostOf(network);
    return askedFor(facts, "routes", host) === "read"
      ? undefined
      : gapFor(facts, "routes", `the routes of ${nameOf(network)}`, host);
  };
  const learned = learnedRoutes(facts);
  /** The routes for a machine in their order. What was learned elsewhere has another priority, which may be the lowest. */
  const ownOf = (network: string, { tags, region }: Instance): readonly Route[] => {
    const told = learned.of(network, region).map(({ fact, isFar }): Route => {
      const route = readRoute(fact);
      return isFar ? { ...route, priority: -1 } : route;
    });
    const all = byNetwork.get(network) ?? [];
    return (told.length === 0 ? all : [...all, ...told].toSorted(byPrecedence)).filter((route) => isFor(route, tags));
  };
  const keyOf = (network: string, { region, tags }: Instance): string =>
    `${network} ${learned.of(network, region).length === 0 ? "" : region} ${those(tags, usedIn(network))}`;
  const gate = (network: string, instance: Instance): Final => {
    const at: Place = { kind: "route", id: linkOf(network) };
    const doubt = unread(network);
    if (doubt !== undefined) return doubtfulHop(at, doubt);
    return {
      at,
      rules: rulesFor(facts, ownOf(network, instance)),
      otherwise: "timeout",
      because: [{ saw: "no-rule", says: "no route leads back to it" }],
    };
  };
  const balanced = (network: string, instance: Instance, why: Gap): Final => {
    const at: Place = { kind: "route", id: linkOf(network) };
    if (unread(network) !== undefined) return doubtfulHop(at, why);
    const none = { name: why.code, says: "it", source: NOWHERE, match: always, action: perhapsStopped(why) };
    const lenient = [...rulesFor(facts, ownOf(network, instance)), none].map((rule) =>
      rule.action === "allow" ? rule : { ...rule, action: perhapsStopped(why) },
    );
    return { at, rules: lenient, otherwise: "timeout", because: [] };
  };
  return {
    of: (network) => byNetwork.get(network) ?? [],
    unread,
    balanced: (network, instance, why) => {
      const key = `${keyOf(network, instance)} ${why.says}`;
      const known = made.get(key) ?? balanced(network, instance, why);
      made.set(key, known);
      return known;
    },
    learned: learned.gate,
    reply: (network, instance) => {
      const key = keyOf(network, instance);
      const known = made.get(key) ?? gate(network, instance);
      made.set(key, known);
      return known;
    },
  };
};

/** Routes as rules. Those of one rank to the same destination are rivals. */
const rulesFor = (facts: Facts, own: readonly Route[]): readonly Rule<never>[] => {
  const ranks = Map.groupBy(own, rankOf);
  return own.map((route) => routeRule(facts, route, ranks.get(rankOf(route)) ?? []));
};

const rankOf = ({ destination, bits, priority }: Route): string => {
  const range = rangeOf(destination);
  return `${range === undefined ? destination : formatPrefix(range)} ${bits} ${priority}`;
};

const perhapsStopped = (why: Gap): Final => ({
  rules: [{ match: perhaps(everything, why), action: "timeout", name: why.code, says: "it", source: NOWHERE }],
  otherwise: "allow",
  because: [],
});

/** A route with tags is for machines that have one of them; one that is not in force is for none. */
const isFor = ({ tags, status }: Route, own: readonly string[]): boolean =>
  status !== "INACTIVE" && status !== "DROPPED" && (tags.length === 0 || tags.some((tag) => own.includes(tag)));

const routeRule = (facts: Facts, route: Route, rivals: readonly Route[]): Rule<never> => {
  const { name, destination, hop, fact, status } = route;
  const rule = { name: `route ${name}: ${destination} → ${hop.id}`, source: fact.at };
  const contradiction = facts.contradictions.get(fact.path);
  const match = doubting(rangeClients(destination, fact.at), ...(contradiction === undefined ? [] : [contradiction]));
  const why = doubtOf(route, status, rivals) ?? notFollowed(route);
  if (why !== undefined)
    return {
      ...rule,
      says: "it",
      match,
      action: {
        rules: [{ match: perhaps(everything, why), action: "timeout", name: rule.name, says: "it", source: fact.at }],
        otherwise: "allow",
        because: [],
      },
    };
  return hop.kind === "internet"
    ? { ...rule, says: "it", match, action: "allow" }
    : { ...rule, says: "the reply, which must leave the way the request came", match, action: "timeout" };
};

/** What a tunnel or an appliance does with a reply is not seen here: it may find its way back after all. */
const notFollowed = ({ hop, fact }: Route): Gap | undefined =>
  hop.kind === "internet" || hop.kind === "subnet" || hop.kind === "none"
    ? undefined
    : gap("unmodelled", problems.notModelled(`the next hop ${hop.id}`), fact.at);

/** What leaves the outcome of a route open: it is being set up, or another of the same rank leads elsewhere. */
const doubtOf = ({ name, destination, fact }: Route, status: string, rivals: readonly Route[]): Gap | undefined => {
  if (status !== "ACTIVE") return gap("depends", problems.changing(`route ${name}`, status), fact.at);
  const differ = new Set(rivals.map(({ hop }) => hop.kind === "internet")).size > 1;
  const names = rivals.map((each) => each.name).toSorted();
  return differ
    ? gap(
        "depends",
        problems.severalRoutes(`routes ${names.join(" and ")} to ${destination} have the same priority`),
        fact.at,
      )
    : undefined;
};
