import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Match } from "#model/match.ts";
import { either, exactly, perhaps } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { TCP, UDP } from "#packets/service.ts";
import { everything, clients } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { between, rangeOf } from "./address.ts";
import { keyOf, nameOf } from "./arm-id.ts";
import type { Fact, Facts } from "./facts.ts";
import { find } from "./facts.ts";
import type { Raw } from "./raw.ts";
import { items, loosely, number, placeIn, text, texts } from "./raw.ts";
import { doorProtocols, isAny, portRange } from "./service.ts";

/** A rule of a firewall that translates a destination (azure.md A7). */
export interface NatRule {
  readonly name: string;
  readonly sources: Match;
  readonly says: string;
  /** Addresses of the firewall, as if they were clients. */
  readonly destinations: Match;
  readonly ports: readonly string[];
  readonly protocols: readonly number[];
  /** Undefined where it is a name, which is resolved elsewhere. */
  readonly to: string | undefined;
  /** What it leads to, in words. */
  readonly target: string;
  readonly port: number | undefined;
  /** Why it is not known what it does. */
  readonly doubts: readonly Gap[];
  readonly at: Source;
}

export interface NatRules {
  readonly rules: readonly NatRule[];
  /** Why there may be others. */
  readonly gaps: readonly Gap[];
}

/** The translations of a firewall, of its own and of its policies, in the order in which they are read. */
export const natRules = (facts: Facts, firewall: Fact): NatRules => {
  const own = ordered(firewall.raw, firewall.at, "natRuleCollections").flatMap(([each, at]) =>
    rulesIn(facts, each, at),
  );
  const policy = text(Object.entries(loosely(firewall.raw, "firewallPolicy") ?? {}).find(([key]) => key === "id")?.[1]);
  const found = policy === undefined ? NONE : ofPolicy(facts, policy, firewall, []);
  return { rules: [...own, ...found.rules], gaps: found.gaps };
};

const NONE: NatRules = { rules: [], gaps: [] };

/** What a policy is based on comes before its own (azure.md A7). */
const ofPolicy = (facts: Facts, id: string, by: Fact, above: readonly string[]): NatRules => {
  if (above.includes(keyOf(id))) return NONE;
  const found = find(facts, "firewallPolicies", id, by.id, by.at);
  if (found.is === "gap") return { rules: [], gaps: [found.gap] };
  const { raw, at } = found.fact;
  const parent = text(Object.entries(loosely(raw, "basePolicy") ?? {}).find(([key]) => key === "id")?.[1]);
  const first = parent === undefined ? NONE : ofPolicy(facts, parent, found.fact, [...above, keyOf(id)]);
  const prefix = `${keyOf(id)}/rulecollectiongroups/`;
  const groups = [...facts.things.ruleCollectionGroups.values()]
    .filter((each) => keyOf(each.id).startsWith(prefix))
    .toSorted((a, b) => (number(loosely(a.raw, "priority")) ?? 0) - (number(loosely(b.raw, "priority")) ?? 0));
  const named = items(loosely(raw, "ruleCollectionGroups")).map((each) => text(each["id"]) ?? "");
  const missing = named.filter((each) => !facts.things.ruleCollectionGroups.has(keyOf(each)));
  return {
    rules: [
      ...first.rules,
      ...groups.flatMap((each) =>
        ordered(each.raw, each.at, "ruleCollections").flatMap(([one, where]) => rulesIn(facts, one, where)),
      ),
    ],
    gaps: [
      ...first.gaps,
      ...missing.flatMap((each) => {
        const one = find(facts, "ruleCollectionGroups", each, id, at);
        return one.is === "gap" ? [one.gap] : [];
      }),
    ],
  };
};

const ordered = (of: Raw, at: Source, name: string): readonly (readonly [Raw, Source])[] => {
  const where = placeIn(of, at, name);
  return items(loosely(of, name))
    .map((each, i) => [each, inside(where, i)] as const)
    .toSorted(([a], [b]) => (number(loosely(a, "priority")) ?? 0) - (number(loosely(b, "priority")) ?? 0));
};

const rulesIn = (facts: Facts, collection: Raw, at: Source): readonly NatRule[] => {
  const kind = text(loosely(collection, "ruleCollectionType"));
  if (kind !== undefined && !/nat/i.test(kind)) return [];
  const where = placeIn(collection, at, "rules");
  return items(loosely(collection, "rules")).flatMap((each, i): readonly NatRule[] => {
    const type = text(loosely(each, "ruleType"));
    if (type !== undefined && !/nat/i.test(type)) return [];
    return [ruleOf(facts, each, inside(where, i))];
  });
};

const ruleOf = (facts: Facts, raw: Raw, at: Source): NatRule => {
  const sources = texts(loosely(raw, "sourceAddresses"));
  const groups = texts(loosely(raw, "sourceIpGroups"));
  const named = [...sources, ...groups.map((group) => `group ${nameOf(group)}`)];
  const port = text(loosely(raw, "translatedPort")) ?? String(number(loosely(raw, "translatedPort")) ?? "");
  const where = `${at.file}#${at.pointer}`;
  const name = text(loosely(raw, "name")) ?? "a rule without a name";
  const destinations = texts(loosely(raw, "destinationAddresses"));
  const ports = texts(loosely(raw, "destinationPorts"));
  const words = [...texts(loosely(raw, "ipProtocols")), ...texts(loosely(raw, "protocols"))];
  const protocols = doorProtocols(words);
  const to = text(loosely(raw, "translatedAddress"));
  const target = to ?? text(loosely(raw, "translatedFqdn")) ?? "nothing that is named";
  const doubts: Gap[] = [];
  const doubt = (says: Parameters<typeof gap>[1]): void => void doubts.push(gap("unreadable", says, at));
  if (protocols.length === 0) doubt(problems.badProtocol(words.join(","), where));
  const odd = [...ports, ...(port === "" ? [] : [port])].find((each) => spanOf(each) === undefined);
  if (odd !== undefined || ports.length === 0) doubt(problems.badPorts(odd ?? "", where));
  if (to === undefined)
    doubts.push(gap("unmodelled", problems.notModelled(`the name ${target}, to which ${name} leads`), at));
  return {
    name,
    sources:
      named.length === 0
        ? perhaps(everything, gap("unreadable", problems.notARule(`${at.file}#${at.pointer}`), at))
        : either([...sources.map((each) => addresses(each, at)), ...groups.map((each) => membersOf(facts, each, at))]),
    says: named.slice(0, 4).join(", "),
    destinations:
      destinations.length === 0
        ? perhaps(everything, gap("unreadable", problems.notARule(where), at))
        : either(destinations.map((each) => addresses(each, at))),
    ports: ports.length === 0 ? ["*"] : ports,
    protocols: protocols.length === 0 ? [TCP, UDP] : protocols,
    to,
    target,
    port: portRange(port)?.[0],
    doubts,
    at,
  };
};

/** The ports of a text, of which a star means all. */
export const spanOf = (text: string): readonly [number, number] | undefined =>
  isAny(text) ? [0, 65_535] : portRange(text);

const addresses = (each: string, at: Source): Match => {
  if (isAny(each)) return exactly(everything);
  const prefix = rangeOf(each);
  const set = prefix === undefined ? between(each) : clients(prefix);
  return set === undefined
    ? perhaps(everything, gap("unreadable", problems.badAddress(each, `${at.file}#${at.pointer}`), at))
    : exactly(set);
};

const membersOf = (facts: Facts, group: string, at: Source): Match => {
  const found = find(facts, "ipGroups", group, "a rule of a firewall", at);
  if (found.is === "gap") return perhaps(everything, found.gap);
  return either(texts(loosely(found.fact.raw, "ipAddresses")).map((each) => addresses(each, found.fact.at)));
};
