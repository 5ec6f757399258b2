import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import { problems } from "#problems.ts";
import type { Fact, Facts } from "./facts.ts";
import type { ForwardingRule } from "./forwarding-rule.ts";
import { collectionOf, nameOf, pathOf, projectOf, regionOf, zoneOf } from "./link.ts";
import { permissionFor } from "./permissions.ts";
import { items, number, raw, text, texts } from "./raw.ts";
import type { End } from "./ways.ts";

/** How a forwarding rule leads to an interface: packets pass through as they are, or a proxy asks anew. */
export interface Backend {
  readonly how: "through" | "proxy";
  /** The port of the machine, where it is another than the one dialled; undefined where it is not known. */
  readonly port: "same" | number | undefined;
  /** Why it is not known whether it leads there at all. */
  readonly doubts: readonly Gap[];
  readonly policy: string | undefined;
  /** Whether the backends' health decides, which no list tells. */
  readonly needsHealth: boolean;
  readonly at: Source;
}

const PROXIES = new Set(["targetTcpProxies", "targetSslProxies", "targetHttpProxies", "targetHttpsProxies"] as const);
type Proxy = typeof PROXIES extends Set<infer T> ? T : never;
const isProxy = (collection: string): collection is Proxy => [...PROXIES].some((each) => each === collection);

/** How the rule leads to the interface; undefined where it surely does not. */
export const backendOf = (facts: Facts, rule: ForwardingRule, end: End): Backend | undefined => {
  const collection = collectionOf(rule.target);
  if (collection === "targetInstances") return ofInstance(facts, rule, end);
  if (collection === "targetPools") return ofPool(facts, rule, end);
  if (collection === "backendServices") return ofService(facts, rule, rule.target, end, "through");
  if (!isProxy(collection)) return isNear(rule.path, end) ? unread(facts, rule, end) : undefined;
  const proxy = facts.things[collection].get(rule.target);
  if (proxy === undefined) return unread(facts, rule, end);
  const map = text(proxy.raw["urlMap"]);
  const services = map === undefined ? [text(proxy.raw["service"])] : servicesIn(facts, pathOf(map));
  if (services === undefined) return unread(facts, { ...rule, target: pathOf(map) }, end);
  const found = services.flatMap((each) =>
    each === undefined ? [] : (ofService(facts, rule, pathOf(each), end, "proxy") ?? []),
  );
  return found.find(({ doubts }) => doubts.length === 0) ?? found[0];
};

/** Every backend service that a URL map names; undefined where the map was not read. */
const servicesIn = (facts: Facts, map: string): readonly string[] | undefined => {
  const fact = facts.things.urlMaps.get(map);
  return fact === undefined
    ? undefined
    : [...new Set(JSON.stringify(fact.raw).match(/[^"]*\/backendServices\/[^"]+/g) ?? [])].toSorted();
};

/** What the rule leads to was not read, so it may be any machine that such a rule can lead to. */
const unread = (
  facts: Facts,
  { target, at }: ForwardingRule,
  end: End,
  doubts: readonly Gap[] = [],
): Backend | undefined => {
  if (!isNear(target, end) || end.nic.index > 0) return undefined;
  const collection = collectionOf(target);
  const contradiction = facts.contradictions.get(target);
  const how = permissionFor(collection)?.cli ?? permissionFor("forwardingRules")?.cli ?? "";
  const why = contradiction ?? gap("missing", problems.missing(nameOf(target), how), at);
  return {
    how: isProxy(collection) || collection === "urlMaps" ? "proxy" : "through",
    port: undefined,
    doubts: [why, ...doubts],
    policy: undefined,
    needsHealth: false,
    at,
  };
};

/** Whether a thing is in the project, and in the region or zone, of the machine. */
const isNear = (path: string, { instance, nic }: End): boolean => {
  const projects = [instance.project, projectOf(nic.network)];
  const [zone, region] = [zoneOf(path), regionOf(path)];
  return (
    projects.includes(projectOf(path)) &&
    (zone === undefined || zone === instance.zone) &&
    (region === undefined || region === instance.region)
  );
};

/** Protocol forwarding leads to one machine: to its interface in the named network, else to the first. */
const ofInstance = (facts: Facts, rule: ForwardingRule, end: End): Backend | undefined => {
  const fact = facts.things.targetInstances.get(rule.target);
  if (fact === undefined) return unread(facts, rule, end);
  if (pathOf(text(fact.raw["instance"])) !== end.instance.path) return undefined;
  const network = text(fact.raw["network"]);
  const isThere = network === undefined ? end.nic.index === 0 : pathOf(network) === end.nic.network;
  return isThere ? through(facts, fact, false) : undefined;
};

const ofPool = (facts: Facts, rule: ForwardingRule, end: End): Backend | undefined => {
  const fact = facts.things.targetPools.get(rule.target);
  if (fact === undefined) return unread(facts, rule, end);
  const isMember = texts(fact.raw["instances"]).some((each) => pathOf(each) === end.instance.path);
  return isMember && end.nic.index === 0 ? through(facts, fact, texts(fact.raw["healthChecks"]).length > 0) : undefined;
};

const through = (facts: Facts, { path, raw: target, at }: Fact, needsHealth: boolean): Backend => ({
  how: "through",
  port: "same",
  doubts: [facts.contradictions.get(path) ?? []].flat(),
  policy: text(target["securityPolicy"]),
  needsHealth,
  at,
});

/** A backend service has groups, and groups have machines; neither list tells of the other. */
const ofService = (
  facts: Facts,
  rule: ForwardingRule,
  service: string,
  end: End,
  how: Backend["how"],
): Backend | undefined => {
  const fact = facts.things.backendServices.get(service);
  if (fact === undefined) {
    const found = unread(facts, { ...rule, target: service }, end);
    return found === undefined ? undefined : { ...found, how };
  }
  const found = items(fact.raw["backends"]).flatMap((backend): readonly Backend[] => {
    const group = pathOf(text(backend["group"]));
    const members = facts.groups.get(group);
    const mine = members?.find(({ instance }) => instance === end.instance.path);
    const isOther = members === undefined ? !isNear(group, end) : mine === undefined;
    if (isOther || end.nic.index > 0) return [];
    const cli = permissionFor("members")?.cli ?? "";
    const unlisted = gap("missing", problems.missing(`the machines in ${nameOf(group)}`, cli), fact.at);
    const guarded = raw(fact.raw["iap"])["enabled"] === true;
    return [
      {
        how,
        port: how === "through" ? "same" : (mine?.port ?? portOf(facts, fact, group)),
        doubts: [
          ...(members === undefined ? [unlisted] : []),
          ...[facts.contradictions.get(service) ?? []].flat(),
          ...(guarded ? [gap("depends", problems.asksFirst(rule.name, "Identity-Aware Proxy"), fact.at)] : []),
        ],
        policy: text(fact.raw["securityPolicy"]),
        needsHealth: true,
        at: fact.at,
      },
    ];
  });
  return found.find(({ doubts }) => doubts.length === 0) ?? found[0];
};

/** The port that a group calls by the service's name; else the one that the service itself still tells. */
const portOf = (facts: Facts, { raw: service }: Fact, group: string): number | undefined => {
  const named = items(facts.things.instanceGroups.get(group)?.raw["namedPorts"]);
  const own = named.find((each) => text(each["name"]) === text(service["portName"]));
  return number(own?.["port"]) ?? number(service["port"]);
};
