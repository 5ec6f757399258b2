import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { problems } from "#problems.ts";
import type { Direction } from "./direction.ts";
import type { Effective, Facts } from "./facts.ts";
import { effectiveFor, hostOf } from "./facts.ts";
import type { VpcRule } from "./firewall-rule.ts";
import { byPriority, isTarget, readRule } from "./firewall-rule.ts";
import type { Instance } from "./instance.ts";
import { linkOf, nameOf, networkOf, pathOf } from "./link.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { areSame, items, text } from "./raw.ts";

/** The VPC rules of an effective answer: all of a network's, or those that are for one machine. */
export interface EffectiveRules {
  readonly rules: readonly VpcRule[];
  readonly isOfMachine: boolean;
  readonly network: string;
  readonly at: Source;
}

export const effectiveRules = (
  facts: Facts,
  nic: NetworkInterface,
  direction: Direction,
): EffectiveRules | undefined => {
  const { network } = nic;
  const found = answerFor(facts, nic);
  if (found === undefined) return undefined;
  const at = inside(found.fact.at, "firewalls");
  return {
    rules: rulesIn(found, direction).toSorted(byPriority),
    isOfMachine: found.interface !== undefined,
    network,
    at,
  };
};

/** Whether an answer for a network tells its rules as their list does, to the letter: mostly it does. */
export const tellsTheSame = (facts: Facts, nic: NetworkInterface, own: readonly VpcRule[]): boolean => {
  const { things } = facts;
  const found = answerFor(facts, nic);
  if (found === undefined || found.interface !== undefined) return false;
  const told = new Set<string>();
  for (const raw of items(found.fact.raw["firewalls"])) {
    const path = pathOf(text(raw["selfLink"]));
    const listed = things.firewalls.get(path);
    if (listed === undefined || networkOf(text(raw["network"]), path) !== nic.network) return false;
    if (!areSame(listed.raw, raw)) return false;
    told.add(path);
  }
  return own.every(({ path }) => told.has(path));
};

const answerFor = (facts: Facts, nic: NetworkInterface): Effective | undefined => {
  const those = effectiveFor(facts, nic);
  return those.find((each) => each.interface === undefined) ?? those[0];
};

/** The VPC rules in one effective answer. */
export const rulesIn = (
  { network, fact }: Effective,
  direction?: Direction,
  isWanted: (path: string) => boolean = () => true,
): readonly VpcRule[] =>
  items(fact.raw["firewalls"]).flatMap((raw, i) => {
    const path = pathOf(
      text(raw["selfLink"]) ?? `projects/${hostOf(network)}/global/firewalls/${text(raw["name"]) ?? i}`,
    );
    if (!isWanted(path)) return [];
    const own = { ...raw, network: text(raw["network"]) ?? linkOf(network) };
    return readRule({ path, raw: own, at: inside(inside(fact.at, "firewalls"), i) }, direction) ?? [];
  });

/** Why the list of rules and the effective answer cannot both hold; undefined where they say the same. */
export const disagreeing = (
  facts: Facts,
  own: readonly VpcRule[],
  { rules, isOfMachine, network, at }: EffectiveRules,
  instance: Instance,
): Gap | undefined => {
  const gist = (each: readonly VpcRule[]): string =>
    each
      .filter((rule) => !isOfMachine || isTarget(rule, instance))
      .map(gistOf)
      .toSorted()
      .join("\n");
  if (gist(own) === gist(rules)) return undefined;
  const list = own[0]?.fact.at ?? facts.asked.get("firewalls")?.[0]?.gap?.source;
  const first = list === undefined ? "the list of rules" : `${list.file}#${list.pointer}`;
  return gap(
    "unreadable",
    problems.disagrees(`the VPC firewall rules of ${nameOf(network)}`, first, `${at.file}#${at.pointer}`),
    at,
  );
};

const gistOf = ({
  path,
  priority,
  action,
  ranges,
  tags,
  accounts,
  targetTags,
  targetAccounts,
  destinations,
  service,
}: VpcRule): string =>
  JSON.stringify([
    path,
    priority,
    action,
    service.says,
    ...[ranges, tags, accounts, targetTags, targetAccounts, destinations].map((list) => list.toSorted()),
  ]);
