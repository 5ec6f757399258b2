import type { Facts } from "./facts.ts";
import { isProxy, servicesIn } from "./backend.ts";
import type { ForwardingRule } from "./forwarding-rule.ts";
import { collectionOf, pathOf, projectOf, regionOf, zoneOf } from "./link.ts";
import { items, text, texts } from "./raw.ts";
import type { Instance } from "./instance.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { remembering } from "#model/remember.ts";
import type { End } from "./ways.ts";

/**
 * The forwarding rules that may lead to an interface, in their order: those that name its machine, and those of which
 * something near it was not read. All others surely do not, and need not be asked about every machine.
 */
export const leadingTo = (
  facts: Facts,
  rules: readonly ForwardingRule[],
): ((end: End) => readonly ForwardingRule[]) => {
  const byMachine = new Map<string, Set<number>>();
  const byPlace = new Map<string, Set<number>>();
  const note = (map: Map<string, Set<number>>, key: string, place: number): void => {
    const known = map.get(key);
    if (known === undefined) map.set(key, new Set([place]));
    else known.add(place);
  };
  rules.forEach((rule, place) => {
    const named = (path: string): void => note(byMachine, path, place);
    const near = (path: string): void =>
      note(byPlace, placeKey(projectOf(path), zoneOf(path) ?? regionOf(path)), place);
    name(facts, rule, named, near);
  });
  const nearby = remembering<ReadonlySet<number>>();
  const nearTo = ({ project, zone, region }: Instance, { network }: NetworkInterface): ReadonlySet<number> =>
    nearby([network, project, zone, region], () => {
      const found = new Set<number>();
      for (const home of [project, projectOf(network)])
        for (const where of [zone, region, undefined])
          for (const place of byPlace.get(placeKey(home, where)) ?? []) found.add(place);
      return found;
    });
  return ({ instance, nic }) => {
    const named = byMachine.size === 0 ? undefined : byMachine.get(instance.path);
    const others = byPlace.size === 0 ? NOWHERE : nearTo(instance, nic);
    if (named === undefined && others.size === 0) return NO_RULES;
    const found = new Set([...others, ...(named ?? [])]);
    return [...found].toSorted((a, b) => a - b).flatMap((place) => rules[place] ?? []);
  };
};

const NOWHERE: ReadonlySet<number> = new Set();
const NO_RULES: readonly ForwardingRule[] = [];

const placeKey = (project: string | undefined, where: string | undefined): string => `${project} ${where}`;

type Note = (path: string) => void;

/** Tells the machines that a rule names, and what it leads to that was not read. */
const name = (facts: Facts, rule: ForwardingRule, named: Note, near: Note): void => {
  const { target } = rule;
  const collection = collectionOf(target);
  if (collection === "targetInstances") {
    const fact = facts.things.targetInstances.get(target);
    if (fact === undefined) near(target);
    else named(pathOf(text(fact.raw["instance"])));
  } else if (collection === "targetPools") namePool(facts, target, named, near);
  else if (collection === "backendServices") nameService(facts, target, named, near);
  else if (isProxy(collection)) {
    const proxy = facts.things[collection].get(target);
    const map = text(proxy?.raw["urlMap"]);
    const services = map === undefined ? [text(proxy?.raw["service"])] : servicesIn(facts, pathOf(map));
    if (proxy === undefined) near(target);
    else if (services === undefined) near(pathOf(map));
    else for (const each of services) if (each !== undefined) nameService(facts, pathOf(each), named, near);
  } else near(target === "" ? rule.path : target);
};

const namePool = ({ things }: Facts, target: string, named: Note, near: Note): void => {
  const fact = things.targetPools.get(target);
  if (fact === undefined) return near(target);
  for (const each of texts(fact.raw["instances"])) named(pathOf(each));
  const link = text(fact.raw["backupPool"]);
  if (link === undefined) return;
  const backup = things.targetPools.get(pathOf(link));
  if (backup === undefined) return near(pathOf(link));
  for (const each of texts(backup.raw["instances"])) named(pathOf(each));
};

const nameService = (facts: Facts, service: string, named: Note, near: Note): void => {
  const fact = facts.things.backendServices.get(service);
  if (fact === undefined) return near(service);
  for (const backend of items(fact.raw["backends"])) {
    const group = pathOf(text(backend["group"]));
    const members = facts.groups.get(group);
    if (members === undefined) near(group);
    for (const { instance } of members ?? []) {
      if (instance.includes("/")) named(instance);
      else if (zoneOf(group) === undefined) near(group);
      else named(`projects/${projectOf(group)}/zones/${zoneOf(group)}/instances/${instance}`);
    }
  }
};
