import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { problems } from "#problems.ts";
import type { Effective, Facts, Told } from "./facts.ts";
import { find } from "./facts.ts";
import type { Raw } from "./raw.ts";
import { isOdd, isRaw, member, memberItems, oddList, placeIn } from "./raw.ts";

/** A network security group, and its rules of both directions as they were told. */
export interface SecurityGroup {
  readonly id: string;
  readonly told: Iterable<Told>;
}

/** Who refers to a group, and where. */
export interface By {
  readonly name: string;
  readonly at: Source;
  readonly effective: Effective | undefined;
}

export const securityGroup = (facts: Facts, id: string, by: By): SecurityGroup | Gap => {
  const found = find(facts, "networkSecurityGroups", id, by.name, by.at);
  if (found.is === "gap") return found.gap;
  const { raw, at } = found.fact;
  const odd = ["securityRules", "defaultSecurityRules"].find((name) => isOdd(member(raw, name)));
  if (odd !== undefined) return oddList(placeIn(raw, at, odd));
  // Even a group without rules says that it has none.
  if (!tellsOf(raw, "securityRules") && !tellsOf(raw, "defaultSecurityRules"))
    return gap("unreadable", problems.lacks(`${at.file}#${at.pointer}`, "its rules"), at);
  return { id: found.fact.id, told: { [Symbol.iterator]: () => rulesIn(raw, at) } };
};

/** The rules of a group one by one: there are many, and few are kept. */
function* rulesIn(raw: Raw, at: Source): Generator<Told, void> {
  let isStandard = false;
  for (const name of ["securityRules", "defaultSecurityRules"]) {
    const where = placeIn(raw, at, name);
    const rules = memberItems(raw, name);
    isStandard = rules.length > 0;
    for (const [i, rule] of rules.entries()) yield { raw: rule, at: inside(where, i) };
  }
  if (!isStandard) yield* defaults(at);
}

const tellsOf = (raw: Raw, name: string): boolean => {
  const inner = raw["properties"];
  return name in raw || (isRaw(inner) && name in inner);
};

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
