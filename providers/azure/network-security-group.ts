import type { Gap } from "#model/gap.ts";
import type { Final, List, Place, Rule } from "#model/gate.ts";
import { NOWHERE, doubtfulHop, doubting } from "#model/hop.ts";
import type { Match } from "#model/match.ts";
import { both, exactly } from "#model/match.ts";
import type { Hop, Outline } from "#model/way.ts";
import { once } from "#model/once.ts";
import type { Prefix } from "#packets/address.ts";
import { isUnder, toInteger } from "#packets/address.ts";
import type { PacketSet } from "#packets/set.ts";
import { anyOf, everything, family, isEmpty, nothing } from "#packets/set.ts";
import { keyOf, nameOf } from "./arm-id.ts";
import { rulesOf } from "./effective-rules.ts";
import type { Ends, Spot, Terms } from "./ends.ts";
import type { Effective, Facts } from "./facts.ts";
import type { GroupRules } from "./group-rules.ts";
import { groupRules } from "./group-rules.ts";
import type { Glance } from "./outline.ts";
import { glance, outlineOf } from "./outline.ts";
import type { By, SecurityGroup } from "./security-group.ts";
import { securityGroup } from "./security-group.ts";
import type { Direction, SecurityRule } from "./security-rule.ts";
import { LAST, isTemporary } from "./security-rule.ts";
import type { Meaning } from "./service-tag.ts";

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
  text(id: string): Text | Gap;
  /** The rules of a direction by priority; undefined where the group was not read. */
  rules(id: string, direction: Direction): readonly SecurityRule[] | undefined;
}

interface Text {
  readonly atMost: Outline;
  readonly about: (kind: PacketSet) => List<never>;
  readonly gate: () => List<never>;
}

/** A group, and what was made of it. */
interface Known {
  readonly place: Place;
  readonly read: (direction: Direction) => Read;
  /** What comes in, as far as rules say something of a kind of packets. */
  readonly about: (kind: PacketSet) => Read;
  readonly glance: () => Glance;
  readonly outlines: WeakMap<object, Outline>;
  readonly text: () => List<never>;
}

/** The rules of a direction, and what was made of them. */
interface Read extends GroupRules {
  readonly place: Place;
  /** Which of what is named as the near end is hit, by the edges that an address lies between. */
  readonly between: Map<string, string>;
  readonly known: Map<string, WeakMap<object, Final>>;
  /** What the rules are to packets for everywhere, by what tags mean. */
  readonly rows: WeakMap<object, readonly Row[]>;
}

export const securityGroups = (facts: Facts, terms: Terms): SecurityGroups => {
  const groups = new Map<string, Known | Gap>();
  const effective = new WeakMap<Effective, Map<string, Known>>();

  const find = (id: string, by: By): Known | Gap => {
    const key = keyOf(id);
    const before = groups.get(key);
    const found = before ?? known(securityGroup(facts, id, by), terms);
    if (before === undefined) groups.set(key, found);
    if (!("code" in found) || by.effective === undefined || facts.contradictions.has(key)) return found;
    const told = rulesOf(by.effective, id);
    if (told === undefined) return found;
    const own = effective.get(by.effective) ?? new Map<string, Known>();
    effective.set(by.effective, own);
    const made = own.get(key) ?? knownGroup({ id, told }, terms);
    own.set(key, made);
    return made;
  };

  const remembered = ({ known: gates }: Read, key: string, meaning: object, make: () => Final): Final => {
    const byMeaning = gates.get(key) ?? new WeakMap<object, Final>();
    gates.set(key, byMeaning);
    const made = byMeaning.get(meaning) ?? make();
    byMeaning.set(meaning, made);
    return made;
  };

  const outline = ({ glance: look, place, outlines }: Known, meaning: Meaning): Outline => {
    const seen = look();
    const key: object = seen.isRelative ? meaning : EVERYWHERE;
    const made = outlines.get(key) ?? outlineOf(seen, place, meaning, terms);
    outlines.set(key, made);
    return made;
  };

  return {
    into: (id, spot, by) => {
      const found = find(id, by);
      if ("code" in found) return { gate: doubtfulHop(placeOf(id), found) };
      const gate = (read: Read): Final => {
        const meaning = read.isRelative ? spot.meaning : EVERYWHERE;
        return remembered(read, likeness(read, spot, terms), meaning, () => intoGate(read, spot, terms));
      };
      return {
        atMost: outline(found, spot.meaning),
        about: (kind) => gate(found.about(kind)),
        get gate() {
          return gate(found.read("Inbound"));
        },
      };
    },
    outOf: (id, from, to, by) => {
      const found = find(id, by);
      if ("code" in found) return doubtfulHop(placeOf(id), found);
      const read = found.read("Outbound");
      const key = `${likeness(read, from, terms)} to ${to.address} ${to.groups.join(",")}`;
      return remembered(read, key, from.meaning, () => outGate(read, from, to, terms));
    },
    text: (id) => {
      const found = find(id, { name: id, at: NOWHERE, effective: undefined });
      if ("code" in found) return found;
      return {
        atMost: outline(found, terms.nowhere),
        about: (kind) => textOf(found.about(kind), terms),
        gate: found.text,
      };
    },
    rules: (id, direction) => {
      const found = find(id, { name: id, at: NOWHERE, effective: undefined });
      return "code" in found ? undefined : found.read(direction).rules;
    },
  };
};

const known = (found: SecurityGroup | Gap, terms: Terms): Known | Gap =>
  "code" in found ? found : knownGroup(found, terms);

const knownGroup = (group: SecurityGroup, terms: Terms): Known => {
  const place = placeOf(group.id);
  const read = (direction: Direction, kind?: PacketSet): Read => ({
    ...groupRules(group, direction, terms, kind),
    place,
    between: new Map(),
    known: new Map(),
    rows: new WeakMap(),
  });
  const [inbound, outbound] = [once(() => read("Inbound")), once(() => read("Outbound"))];
  const kinds = new Map<PacketSet, Read>();
  const about = (kind: PacketSet): Read => {
    const made = kinds.get(kind) ?? read("Inbound", kind);
    kinds.set(kind, made);
    return made;
  };
  return {
    place,
    read: (direction) => (direction === "Inbound" ? inbound() : outbound()),
    about,
    glance: once(() => glance(group, terms)),
    outlines: new WeakMap(),
    text: once(() => textOf(inbound(), terms)),
  };
};

const EVERYWHERE = {};

export const placeOf = (id: string): Place => ({ kind: "network-security-group", id, name: nameOf(id) });

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

/** What a rule comes to where its destination is meant for sure. */
interface Row {
  readonly rule: SecurityRule;
  readonly rules: readonly Rule<never>[];
}

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
    return { rule, rules: rulesFor(rule, "Inbound", doubting(match, ...rule.doubts)) };
  });
  read.rows.set(place, made);
  return made;
};

const intoGate = (read: Read, spot: Spot, terms: Terms): List<never> => {
  const rules: Rule<never>[] = [];
  for (const { rule, rules: certain } of rowsOf(read, spot.meaning, terms)) {
    const hit = rule.destination.isAny || terms.hits(rule.destination, spot, rule.at);
    if (hit === true) rules.push(...certain);
    else if (hit !== false) rules.push(...certain.map((each) => ({ ...each, match: doubting(each.match, ...hit) })));
  }
  return { at: read.place, rules, otherwise: "timeout", because: NOTHING_MATCHED };
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
