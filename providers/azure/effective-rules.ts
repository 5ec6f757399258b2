import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Match } from "#model/match.ts";
import { exactly } from "#model/match.ts";
import { problems } from "#problems.ts";
import { underAny } from "./address.ts";
import { keyOf, nameOf } from "./arm-id.ts";
import type { Effective, Fact, Told } from "./facts.ts";
import type { Raw } from "./raw.ts";
import {
  isRaw,
  member,
  memberItems,
  memberRaw,
  memberText,
  number,
  placeIn,
  refOf,
  text,
  texts,
  united,
} from "./raw.ts";

/** What the cloud says that tags mean for an interface: as rules expand them, and in its map of tags. */
export const taggedIn = ({ items }: Effective): ReadonlyMap<string, Match> => {
  const found = new Map<string, Match>();
  for (const { raw } of items) {
    const map = member(raw, "tagMap");
    if (isRaw(map))
      for (const [tag, list] of Object.entries(map))
        if (texts(list).length > 0) found.set(tag.toLowerCase(), exactly(underAny(texts(list))));
    for (const rule of memberItems(raw, "effectiveSecurityRules")) {
      for (const [one, many, expanded] of ENDS) {
        const [tag, ...others] = [...new Set(united(rule, one, many))];
        const list = texts(member(rule, expanded));
        if (tag !== undefined && others.length === 0 && list.length > 0 && /^[A-Za-z]/.test(tag))
          found.set(tag.toLowerCase(), exactly(underAny(list)));
      }
    }
  }
  return found;
};

const ENDS = [
  ["sourceAddressPrefix", "sourceAddressPrefixes", "expandedSourceAddressPrefix"],
  ["destinationAddressPrefix", "destinationAddressPrefixes", "expandedDestinationAddressPrefix"],
] as const;

/** The rules that are in force of one group, as the cloud tells them. */
export const rulesOf = ({ items }: Effective, nsg: string): readonly Told[] | undefined => {
  const own = items.find(({ raw }) => keyOf(refOf(raw, "networkSecurityGroup")) === keyOf(nsg));
  const rules = own === undefined ? [] : rulesIn(own);
  // Every group has rules, so that none is no answer.
  return rules.length === 0 ? undefined : rules;
};

export const rulesIn = ({ raw, at }: Told): readonly Told[] => {
  const where = placeIn(raw, at, "effectiveSecurityRules");
  return memberItems(raw, "effectiveSecurityRules").map((rule, i) => ({
    raw: rule,
    at: { file: where.file, pointer: `${where.pointer}/${i}` },
  }));
};

/** Admin rules that are told together with the groups. */
export const adminRulesIn = ({ items }: Effective): readonly Told[] | undefined => {
  const own = items.filter(({ raw }) => refOf(memberRaw(raw, "association") ?? {}, "networkManager") !== undefined);
  return own.length === 0 ? undefined : own.flatMap(rulesIn);
};

/** Groups of which the effective rules and the list do not say the same, by id. */
export const disagreements = (
  effective: ReadonlyMap<string, Effective>,
  groups: ReadonlyMap<string, Fact>,
): ReadonlyMap<string, Gap> => {
  const found = new Map<string, Gap>();
  for (const { items } of effective.values())
    for (const told of items) {
      const key = keyOf(refOf(told.raw, "networkSecurityGroup"));
      const group = groups.get(key);
      if (group === undefined || found.has(key)) continue;
      const rules = memberItems(told.raw, "effectiveSecurityRules").filter(isCustom);
      const own = memberItems(group.raw, "securityRules");
      if (rules.length === 0 || sketch(rules) === sketch(own)) continue;
      const why = problems.disagrees(nameOf(group.id), group.at.file, told.at.file);
      found.set(key, gap("unreadable", why, told.at));
    }
  return found;
};

const isCustom = (rule: Raw): boolean => {
  const name = memberText(rule, "name") ?? "";
  return !/^defaultSecurityRules\//i.test(name) && (number(member(rule, "priority")) ?? 0) < 65_000;
};

/** What two tellings of the same rules share, whatever is expanded in one of them. */
const sketch = (rules: readonly Raw[]): string =>
  rules
    .map((rule) =>
      [
        (memberText(rule, "name") ?? "").replace(/^securityRules\//i, ""),
        memberText(rule, "access"),
        memberText(rule, "direction"),
        text(member(rule, "priority")) ?? String(number(member(rule, "priority"))),
      ]
        .join(" ")
        .toLowerCase(),
    )
    .toSorted()
    .join("\n");
