import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import type { Prefix } from "#packets/address.ts";
import { isUnder } from "#packets/address.ts";
import { problems } from "#problems.ts";
import { rangeOf } from "./client.ts";
import type { Fact, Facts, Member } from "./facts.ts";
import type { ForwardingRule } from "./forwarding-rule.ts";
import type { Instance } from "./instance.ts";
import { collectionOf, nameOf, pathOf, projectOf, regionOf, zoneOf } from "./link.ts";
import { permissionFor } from "./permissions.ts";
import type { Raw } from "./raw.ts";
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
export const isProxy = (collection: string): collection is Proxy => [...PROXIES].some((each) => each === collection);

/** How the rule leads to the interface, once for each port of the machine; none where it surely does not. */
export const backendsOf = (facts: Facts, rule: ForwardingRule, end: End): readonly Backend[] => {
  const all = everyBackend(facts, rule, end).toSorted((a, b) => a.doubts.length - b.doubts.length);
  return [...Map.groupBy(all, ({ how, port, policy }) => `${how} ${port} ${policy}`).values()].flatMap(
    ([first]) => first ?? [],
  );
};

const everyBackend = (facts: Facts, rule: ForwardingRule, end: End): readonly Backend[] => {
  const collection = collectionOf(rule.target);
  if (collection === "targetInstances") return listed(ofInstance(facts, rule, end));
  if (collection === "targetPools") return listed(ofPool(facts, rule, end));
  if (collection === "backendServices") return ofService(facts, rule, rule.target, end, "through");
  // What comes to a VPN gateway ends there.
  if (collection === "targetVpnGateways") return [];
  if (!isProxy(collection)) return listed(isNear(rule.path, end) ? unread(facts, rule, end) : undefined);
  const proxy = facts.things[collection].get(rule.target);
  if (proxy === undefined) return listed(unread(facts, rule, end));
  const map = text(proxy.raw["urlMap"]);
  const services = map === undefined ? [text(proxy.raw["service"])] : servicesIn(facts, pathOf(map));
  if (services === undefined) return listed(unread(facts, { ...rule, target: pathOf(map) }, end));
  return services.flatMap((each) => (each === undefined ? [] : ofService(facts, rule, pathOf(each), end, "proxy")));
};

const listed = (backend: Backend | undefined): readonly Backend[] => (backend === undefined ? [] : [backend]);

/** Every backend service that a URL map names; undefined where the map was not read. */
export const servicesIn = (facts: Facts, map: string): readonly string[] | undefined => {
  const fact = facts.things.urlMaps.get(map);
  return fact === undefined
    ? undefined
    : [...new Set(JSON.stringify(fact.raw).match(/[^"]*\/backendServices\/[^"]+/g) ?? [])].toSorted();
};

/** What the rule leads to was not read, so it may be any machine that such a rule can lead to. */
const unread = (facts: Facts, { path, name, target, at }: ForwardingRule, end: End): Backend | undefined => {
  if (!isNear(target === "" ? path : target, end) || end.nic.index > 0) return undefined;
  const collection = collectionOf(target);
  const contradiction = facts.contradictions.get(target);
  const how = permissionFor(collection)?.cli ?? permissionFor("forwardingRules")?.cli ?? "";
  const why = contradiction ?? gap("missing", problems.missing(nameOf(target) || `what ${name} leads to`, how), at);
  return {
    how: isProxy(collection) || collection === "urlMaps" ? "proxy" : "through",
    port: undefined,
    doubts: [why],
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
  if (end.nic.index > 0) return undefined;
  const found = through(facts, fact, texts(fact.raw["healthChecks"]).length > 0);
  return isMember ? found : ofBackup(facts, found, text(fact.raw["backupPool"]), end);
};

/** Whether a pool's packets go to another instead is decided by how many of its own machines are healthy. */
const ofBackup = (facts: Facts, main: Backend, link: string | undefined, end: End): Backend | undefined => {
  if (link === undefined) return undefined;
  const backup = facts.things.targetPools.get(pathOf(link));
  const isHere =
    backup === undefined
      ? isNear(pathOf(link), end)
      : texts(backup.raw["instances"]).some((each) => pathOf(each) === end.instance.path);
  if (!isHere) return undefined;
  const why = gap("unmodelled", problems.notModelled(`the backup pool ${nameOf(pathOf(link))}`), main.at);
  return { ...main, doubts: [why, ...main.doubts] };
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
): readonly Backend[] => {
  const fact = facts.things.backendServices.get(service);
  if (fact === undefined) {
    const found = unread(facts, { ...rule, target: service }, end);
    return listed(found === undefined ? undefined : { ...found, how });
  }
  return items(fact.raw["backends"]).flatMap((backend): readonly Backend[] => {
    const group = pathOf(text(backend["group"]));
    const members = facts.groups.get(group);
    const mine = members?.filter((member) => isHere(member, group, end)) ?? [];
    const isOther =
      members === undefined ? !isNear(group, end) || (end.nic.index > 0 && !hasEndpoints(group)) : mine.length === 0;
    if (isOther) return [];
    const cli = permissionFor("members")?.cli ?? "";
    const unlisted = gap("missing", problems.missing(`the machines in ${nameOf(group)}`, cli), fact.at);
    const guarded = raw(fact.raw["iap"])["enabled"] === true;
    // An endpoint without a port has the one that its group names, which is not read.
    const given = mine.length === 0 ? [undefined] : mine.map(({ port }) => port);
    const asked: readonly Backend["port"][] =
      how === "through" ? ["same"] : hasEndpoints(group) ? given : portsOf(facts, fact, group);
    return asked.map(
      (port): Backend => ({
        how,
        port,
        doubts: [
          ...(members === undefined ? [unlisted] : []),
          ...[facts.contradictions.get(service) ?? []].flat(),
          ...(guarded ? [gap("depends", problems.asksFirst(rule.name, "Identity-Aware Proxy"), fact.at)] : []),
          ...idle(backend).map((what) => gap("depends", problems.notModelled(`${what} ${nameOf(group)}`), fact.at)),
        ],
        policy: text(fact.raw["securityPolicy"]),
        needsHealth: true,
        at: fact.at,
      }),
    );
  });
};

const hasEndpoints = (group: string): boolean => collectionOf(group) === "networkEndpointGroups";

/** What keeps a group from getting anything, or anything yet. */
const idle = (backend: Raw): readonly string[] => [
  ...(backend["failover"] === true ? ["the failover group"] : []),
  ...(number(backend["capacityScaler"]) === 0 ? ["the drained group"] : []),
];

/** An endpoint is at the interface that has its address; what has no address, or nobody's, at the first. */
const isHere = ({ instance, address }: Member, group: string, { instance: own, nic }: End): boolean => {
  if (!isNamed(instance, group, own)) return false;
  const prefix = rangeOf(address ?? "");
  const owner = own.interfaces.find((each) =>
    [each.v4, ...each.aliases].map((range) => rangeOf(range ?? "")).some((range) => isIn(prefix, range)),
  );
  return owner === undefined ? nic.index === 0 : owner.id === nic.id;
};

const isIn = (prefix: Prefix | undefined, range: Prefix | undefined): boolean =>
  prefix !== undefined && range !== undefined && isUnder(prefix, range);

/** Endpoints name their machines by links or by names alone, which are those of the group's own zone or region. */
const isNamed = (instance: string, group: string, { path, name, project, zone, region }: Instance): boolean => {
  if (instance.includes("/") || instance === "") return instance === path;
  const isThere = zoneOf(group) === undefined ? regionOf(group) === region : zoneOf(group) === zone;
  return instance === name && projectOf(group) === project && isThere;
};

/**
 * The ports that a group calls by the service's name; else the one that the service itself still tells, which means
 * nothing where the group may call another one so.
 */
const portsOf = (facts: Facts, { raw: service }: Fact, group: string): readonly (number | undefined)[] => {
  const known = facts.things.instanceGroups.get(group);
  if (known === undefined && text(service["portName"]) !== undefined) return [undefined];
  const named = items(known?.raw["namedPorts"]);
  const own = named
    .filter((each) => text(each["name"]) === text(service["portName"]))
    .flatMap((each) => number(each["port"]) ?? []);
  return own.length > 0 ? own : [number(service["port"])];
};
