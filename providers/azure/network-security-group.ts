import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, List, Place, Rule } from "#model/gate.ts";
import type { Match } from "#model/match.ts";
import { both, exactly } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import type { Hop } from "#model/way.ts";
import { inside } from "#model/source.ts";
import type { Prefix } from "#packets/address.ts";
import { isUnder, toInteger } from "#packets/address.ts";
import type { PacketSet } from "#packets/set.ts";
import { anyOf, everything, family, isEmpty, nothing } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { keyOf, nameOf } from "./arm-id.ts";
import { rulesOf } from "./effective-rules.ts";
import type { Ends, Spot, Terms } from "./ends.ts";
import type { Effective, Facts, Told } from "./facts.ts";
import { find } from "./facts.ts";
import { NOWHERE, doubtfulHop, doubting } from "#model/hop.ts";
import type { Meaning } from "./service-tag.ts";
import type { Raw } from "./raw.ts";
import { isOdd, isRaw, member, memberItems, oddList, placeIn } from "./raw.ts";
import type { Direction, SecurityRule } from "./security-rule.ts";
import { LAST, isTemporary, readRule } from "./security-rule.ts";

/**
 * The groups, each as one gate for all addresses that none of its rules tells apart: between the same two edges of the
 * prefixes that it names, in the same of the application groups that it names, and where tags mean the same.
 */
export interface SecurityGroups {
  /** What the group does with packets that come in at a spot. Its gate is made when somebody looks into it. */
  into(id: string, spot: Spot, by: By): Hop;
  /** What it does with packets that go out from one spot to another. */
  outOf(id: string, from: Spot, to: Spot, by: By): Final;
  /** The group's own text, whatever it is attached to. */
  text(id: string): List<never> | Gap;
  /** The rules of a direction by priority; undefined where the group was not read. */
  rules(id: string, direction: Direction): readonly SecurityRule[] | undefined;
}

/** Who refers to a group, and where. */
export interface By {
  readonly name: string;
  readonly at: Source;
  readonly effective: Effective | undefined;
}

/** A group and a direction, read once. */
interface Read {
  readonly place: Place;
  readonly rules: readonly SecurityRule[];
  /** First and next-to-last address of every prefix that is named as the near end, in order. */
  readonly edges4: readonly number[];
  readonly edges6: readonly bigint[];
  readonly groups: ReadonlySet<string>;
  /** What is named as the near end, each once: addresses alone, and with tags. */
  readonly near: readonly Ends[];
  readonly tagged: readonly Ends[];
  /** Which of that is hit, by the edges that an address lies between. */
  readonly between: Map<string, string>;
  /** Some rule means something else in another network. */
  readonly isRelative: boolean;
  readonly known: Map<string, WeakMap<object, Final>>;
  /** What the rules are to packets for everywhere, by what tags mean; and gates by their rules. */
  readonly rows: WeakMap<object, readonly Row[]>;
  readonly gates: Map<string, List<never>>;
  readonly outlines: WeakMap<object, List<never>>;
}

export const securityGroups = (facts: Facts, terms: Terms): SecurityGroups => {
  const reads = { Inbound: new Map<string, Read | Gap>(), Outbound: new Map<string, Read | Gap>() } as const;
  const effective = new WeakMap<Effective, Map<string, Read>>();

  const read = (id: string, direction: Direction, by: By): Read | Gap => {
    const key = keyOf(id);
    const known = reads[direction].get(key);
    const found = known ?? readGroup(facts, terms, id, direction, by);
    if (known === undefined) reads[direction].set(key, found);
    if (!("code" in found) || by.effective === undefined || facts.contradictions.has(key)) return found;
    const told = rulesOf(by.effective, id);
    if (told === undefined) return found;
    const own = effective.get(by.effective) ?? new Map<string, Read>();
    effective.set(by.effective, own);
    const made = own.get(`${key} ${direction}`) ?? readOf(id, direction, told, terms);
    own.set(`${key} ${direction}`, made);
    return made;
  };

  const remembered = ({ known }: Read, key: string, meaning: object, make: () => Final): Final => {
    const byMeaning = known.get(key) ?? new WeakMap<object, Final>();
    known.set(key, byMeaning);
    const made = byMeaning.get(meaning) ?? make();
    byMeaning.set(meaning, made);
    return made;
  };

  return {
    into: (id, spot, by) => {
      const found = read(id, "Inbound", by);
      if ("code" in found) return { gate: doubtfulHop(placeOf(id), found) };
      const meaning = found.isRelative ? spot.meaning : EVERYWHERE;
      return {
        atMost: outline(found, spot.meaning, terms),
        get gate() {
          return remembered(found, likeness(found, spot, terms), meaning, () => intoGate(found, spot, terms));
        },
      };
    },
    outOf: (id, from, to, by) => {
      const found = read(id, "Outbound", by);
      if ("code" in found) return doubtfulHop(placeOf(id), found);
      const key = `${likeness(found, from, terms)} to ${to.address} ${to.groups.join(",")}`;
      return remembered(found, key, from.meaning, () => outGate(found, from, to, terms));
    },
    text: (id) => {
      const found = read(id, "Inbound", { name: id, at: NOWHERE, effective: undefined });
      return "code" in found ? found : textOf(found, terms);
    },
    rules: (id, direction) => {
      const found = read(id, direction, { name: id, at: NOWHERE, effective: undefined });
      return "code" in found ? undefined : found.rules;
    },
  };
};

const EVERYWHERE = {};

export const placeOf = (id: string): Place => ({ kind: "network-security-group", id, name: nameOf(id) });

const readGroup = (facts: Facts, terms: Terms, id: string, direction: Direction, by: By): Read | Gap => {
  const found = find(facts, "networkSecurityGroups", id, by.name, by.at);
  if (found.is === "gap") return found.gap;
  const { raw, at } = found.fact;
  const odd = ["securityRules", "defaultSecurityRules"].find((name) => isOdd(member(raw, name)));
  if (odd !== undefined) return oddList(placeIn(raw, at, odd));
  // Even a group without rules says that it has none.
  if (!tellsOf(raw, "securityRules") && !tellsOf(raw, "defaultSecurityRules"))
    return gap("unreadable", problems.lacks(`${at.file}#${at.pointer}`, "its rules"), at);
  const listed = (member: string): readonly Told[] => {
    const where = placeIn(raw, at, member);
    return memberItems(raw, member).map((rule, i) => ({ raw: rule, at: inside(where, i) }));
  };
  const standard = listed("defaultSecurityRules");
  return readOf(
    found.fact.id,
    direction,
    [...listed("securityRules"), ...(standard.length > 0 ? standard : defaults(at))],
    terms,
  );
};

const tellsOf = (raw: Raw, name: string): boolean => {
  const inner = raw["properties"];
  return name in raw || (isRaw(inner) && name in inner);
};

const readOf = (id: string, direction: Direction, told: readonly Told[], terms: Terms): Read => {
  const read: SecurityRule[] = [];
  for (const { raw, at } of told) {
    const rule = readRule(raw, at, terms, direction);
    if (rule !== undefined) read.push(rule);
  }
  const rules = twiceGiven(read.toSorted((a, b) => a.priority - b.priority));
  const edges4 = new Set<number>();
  const edges6 = new Set<bigint>();
  const groups = new Set<string>();
  const nears = new Set<Ends>();
  let isRelative = false;
  for (const rule of rules) {
    const [near, far] = direction === "Inbound" ? [rule.destination, rule.source] : [rule.source, rule.destination];
    isRelative ||= !far.isPlain;
    if (near.isAny) continue;
    nears.add(near);
    for (const group of near.groups) groups.add(group);
    for (const end of near.all) {
      if (end.is === "tag") isRelative = true;
      if (end.is !== "range") continue;
      const { address, bits } = end.prefix;
      if (address.family === 4) {
        const size = 2 ** (32 - bits);
        const first = Math.floor(address.words[0] / size) * size;
        edges4.add(first).add(first + size);
      } else {
        const size = 1n << BigInt(128 - bits);
        const first = (toInteger(address) / size) * size;
        edges6.add(first).add(first + size);
      }
    }
  }
  return {
    place: placeOf(id),
    rules,
    edges4: [...edges4].toSorted((a, b) => a - b),
    edges6: [...edges6].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
    groups,
    near: [...nears].filter(({ all }) => !all.some(({ is }) => is === "tag")),
    tagged: [...nears].filter(({ all }) => all.some(({ is }) => is === "tag")),
    between: new Map(),
    isRelative,
    known: new Map(),
    rows: new WeakMap(),
    gates: new Map(),
    outlines: new WeakMap(),
  };
};

/** A priority that stands twice says nothing of which of the two comes first. */
const twiceGiven = (rules: readonly SecurityRule[]): readonly SecurityRule[] => {
  const actions = new Map<number, SecurityRule["action"]>();
  const torn = new Set<number>();
  for (const { priority, action } of rules)
    if ((actions.get(priority) ?? action) === action) actions.set(priority, action);
    else torn.add(priority);
  if (torn.size === 0) return rules;
  return rules.map((rule) => {
    if (!torn.has(rule.priority)) return rule;
    const why = problems.badNumber(String(rule.priority), `${rule.at.file}#${rule.at.pointer}`);
    return { ...rule, doubts: [...rule.doubts, gap("unreadable", why, rule.at)] };
  });
};

/** By what the rules of a group tell addresses apart: all that hit the same of what is named are alike. */
const likeness = (read: Read, spot: Spot, terms: Terms): string => {
  const { edges4, edges6, groups, near, tagged, between } = read;
  const { address, range, groups: own } = spot;
  const named =
    groups.size === 0 || own.length === 0
      ? ""
      : own
          .filter((group) => groups.has(group))
          .toSorted()
          .join(",");
  const isOne = range?.bits === (range?.address.family === 4 ? 32 : 128);
  if (range === undefined || !isOne) return `${range === undefined ? "?" : address} ${named}`;
  let byTag = "";
  for (const ends of tagged) {
    const hit = terms.hits(ends, spot, spot.at);
    if (typeof hit !== "boolean") return `${address} ${named}`;
    byTag += hit ? "1" : "0";
  }
  if (near.length === 0) return `${byTag} ${named}`;
  const isV4 = range.address.family === 4;
  const place = isV4 ? String(below(edges4, range.address.words[0])) : `v6 ${below(edges6, toInteger(range.address))}`;
  const known = between.get(place);
  const hit = known ?? near.map((ends) => (isWithin(ends, range) ? "1" : "0")).join("");
  if (known === undefined) between.set(place, hit);
  return `${byTag} ${hit} ${named}`;
};

const isWithin = ({ all }: Ends, range: Prefix): boolean =>
  all.some((end) => end.is === "range" && isUnder(range, end.prefix));

/** How many edges are at or below a value. */
const below = <T extends number | bigint>(edges: readonly T[], value: T): number => {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const edge = edges[middle];
    if (edge !== undefined && edge <= value) low = middle + 1;
    else high = middle;
  }
  return low;
};

const NOTHING_MATCHED = [{ saw: "no-rule", says: "no rule matches" }] as const;

/** What a rule comes to where its destination is meant for sure, and by what it is known again. */
interface Row {
  readonly rule: SecurityRule;
  readonly rules: readonly Rule<never>[];
  readonly key: string;
}

let last = 0;

/** All rules of a group, as they are to whoever is meant: the same for all to whom tags mean the same. */
const rowsOf = (read: Read, meaning: Meaning, terms: Terms): readonly Row[] => {
  const place: object = read.isRelative ? meaning : EVERYWHERE;
  const before = read.rows.get(place);
  if (before !== undefined) return before;
  const plain = read.isRelative && meaning !== terms.nowhere ? rowsOf(read, terms.nowhere, terms) : [];
  const made = read.rules.map((rule, i): Row => {
    const same = rule.source.isPlain ? plain[i] : undefined;
    if (same !== undefined) return same;
    const match = terms.asking(rule.service.match, rule.source, meaning, rule.at);
    const rules = rulesFor(rule, "Inbound", doubting(match, ...rule.doubts));
    return { rule, rules, key: rules.length === 0 ? "" : `${++last} ` };
  });
  read.rows.set(place, made);
  return made;
};

const intoGate = (read: Read, spot: Spot, terms: Terms): List<never> => {
  const rules: Rule<never>[] = [];
  let key = "";
  for (const { rule, rules: certain, key: own } of rowsOf(read, spot.meaning, terms)) {
    const hit = rule.destination.isAny || terms.hits(rule.destination, spot, rule.at);
    if (hit === false) continue;
    const those = hit === true ? certain : certain.map((each) => ({ ...each, match: doubting(each.match, ...hit) }));
    rules.push(...those);
    key += hit === true ? own : `${++last} `;
  }
  return gateOf(read, key, rules);
};

/** The same rules in the same order are one gate. */
const gateOf = ({ place, gates }: Read, key: string, rules: readonly Rule<never>[]): List<never> => {
  const made = gates.get(key) ?? { at: place, rules, otherwise: "timeout", because: NOTHING_MATCHED };
  gates.set(key, made);
  return made;
};

/** What the group lets in at most, to whomever: whatever it allows somebody, unless it denies it to all before. */
const outline = (read: Read, meaning: Meaning, terms: Terms): List<never> => {
  const place: object = read.isRelative ? meaning : EVERYWHERE;
  const before = read.outlines.get(place);
  if (before !== undefined) return before;
  const rules = rowsOf(read, meaning, terms).flatMap(({ rule, rules: certain }) =>
    rule.destination.isAny ? certain : certain.filter(({ action }) => action === "allow"),
  );
  const made: List<never> = { at: read.place, rules, otherwise: "timeout", because: NOTHING_MATCHED };
  read.outlines.set(place, made);
  return made;
};

const outGate = (read: Read, from: Spot, to: Spot, terms: Terms): Final => {
  const there: Spot = { ...to, own: from.meaning };
  const rules = read.rules.flatMap((rule): readonly Rule<never>[] => {
    const [near, far] = [terms.hits(rule.source, from, rule.at), terms.hits(rule.destination, there, rule.at)];
    if (near === false || far === false) return [];
    const doubts = [near, far].flatMap((hit): readonly Gap[] => (hit === true ? [] : hit));
    return rulesFor(rule, "Outbound", doubting(rule.service.match, ...rule.doubts, ...doubts));
  });
  return { at: read.place, rules, otherwise: "timeout", because: NOTHING_MATCHED };
};

/** A rule of which nobody knows what it does may do either. */
const rulesFor = (rule: SecurityRule, direction: Direction, match: Match): readonly Rule<never>[] =>
  isEmpty(match.possibly)
    ? []
    : (rule.action === "unknown" ? (["allow", "timeout"] as const) : [rule.action]).map((action) =>
        ruleOf(rule, direction, match, action),
      );

const ruleOf = (rule: SecurityRule, direction: Direction, match: Match, action: "allow" | "timeout"): Rule<never> => ({
  match,
  action,
  name: rule.name,
  says: saysOf(rule, direction),
  source: rule.at,
  ...(rule.priority > LAST ? { standard: true } : {}),
});

const saysOf = ({ service, source, destination, name }: SecurityRule, direction: Direction): string => {
  const ends =
    direction === "Inbound"
      ? `from ${source.says}${destination.isAny ? "" : ` to ${destination.says}`}`
      : `to ${destination.says}${source.isAny ? "" : ` from ${source.says}`}`;
  return `${service.says} ${ends}${isTemporary(name) ? " for now (just-in-time access)" : ""}`;
};

/**
 * Whatever a rule is for, somebody is or could be there; what keeps people away from some keeps nobody away from the
 * others, unless these are all: of one family, or in the network.
 */
const textOf = (read: Read, terms: Terms): List<never> => {
  const rules = rowsOf(read, terms.nowhere, terms).flatMap(({ rule, rules: certain }): readonly Rule<never>[] => {
    if (rule.action !== "timeout" || rule.destination.isAny) return certain;
    const families = familiesOf(rule.destination);
    if (isEmpty(families)) return [];
    return certain.flatMap((each) => {
      const match = both(each.match, exactly(families));
      return isEmpty(match.possibly) ? [] : [{ ...each, match }];
    });
  });
  return { at: read.place, rules, otherwise: "timeout", because: NOTHING_MATCHED };
};

/** Families of which everybody that a group stands before is meant. */
const familiesOf = ({ all }: Ends): PacketSet =>
  anyOf(
    all.map((end) => {
      if (end.is === "tag") return /^virtual_?network$/i.test(end.name) ? everything : nothing;
      return end.is === "range" && end.prefix.bits === 0 ? family(end.prefix.address.family) : nothing;
    }),
  );

/** Rules that every group has, as they are where an answer leaves them out (azure.md A2). */
const defaults = (at: Source): readonly Told[] =>
  STANDARD.map(([name, direction, priority, from, to, access]) => ({
    at,
    raw: {
      name,
      direction,
      priority,
      access,
      protocol: "*",
      sourcePortRange: "*",
      destinationPortRange: "*",
      sourceAddressPrefix: from,
      destinationAddressPrefix: to,
    },
  }));

const STANDARD = [
  ["AllowVnetInBound", "Inbound", 65_000, "VirtualNetwork", "VirtualNetwork", "Allow"],
  ["AllowAzureLoadBalancerInBound", "Inbound", 65_001, "AzureLoadBalancer", "*", "Allow"],
  ["DenyAllInBound", "Inbound", 65_500, "*", "*", "Deny"],
  ["AllowVnetOutBound", "Outbound", 65_000, "VirtualNetwork", "VirtualNetwork", "Allow"],
  ["AllowInternetOutBound", "Outbound", 65_001, "*", "Internet", "Allow"],
  ["DenyAllOutBound", "Outbound", 65_500, "*", "*", "Deny"],
] as const;
