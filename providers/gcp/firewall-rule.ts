import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { List } from "#model/gate.ts";
import type { Match } from "#model/match.ts";
import { both, either, exactly } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { everything, family } from "#packets/set.ts";
import { problems } from "#problems.ts";
import type { Arrival } from "./arrival.ts";
import { isDialled } from "./arrival.ts";
import { listClients } from "./client.ts";
import type { Direction } from "./direction.ts";
import { directionGap, directionsOf } from "./direction.ts";
import type { Fact, Facts } from "./facts.ts";
import { doubting, never } from "#model/hop.ts";
import type { Instance } from "./instance.ts";
import { linkOf, networkOf } from "./link.ts";
import type { Members } from "./members.ts";
import type { Raw } from "./raw.ts";
import { isOddList, items, number, text, texts, yes } from "./raw.ts";
import type { Named } from "./service.ts";
import { brief, services } from "./service.ts";

/** A VPC firewall rule that is in force. */
export interface VpcRule {
  readonly direction: Direction;
  readonly path: string;
  readonly id: string;
  readonly name: string;
  readonly network: string;
  readonly priority: number;
  readonly action: "allow" | "timeout";
  readonly service: Named;
  readonly ranges: readonly string[];
  readonly tags: readonly string[];
  readonly accounts: readonly string[];
  readonly targetTags: readonly string[];
  readonly targetAccounts: readonly string[];
  readonly destinations: readonly string[];
  readonly fact: Fact;
}

/** The lowest priority, at which the implied rules stand too. */
const LAST = 65_535;

/** Where a rule is read whose priority is not clear: what it may match comes to all others too. */
const FIRST = -1;

const isPlaced = (rule: Raw): boolean =>
  rule["priority"] === undefined || rule["priority"] === null || number(rule["priority"]) !== undefined;

/** A rule as it is for one direction; undefined where it is not. */
export const readRule = (fact: Fact, direction: Direction = "INGRESS"): VpcRule | undefined => {
  const known = readBefore[direction];
  const before = known.get(fact);
  if (before !== undefined) return before === "none" ? undefined : before;
  const made = ruleOf(fact, direction);
  known.set(fact, made ?? "none");
  return made;
};

const readBefore: Readonly<Record<Direction, WeakMap<Fact, VpcRule | "none">>> = {
  INGRESS: new WeakMap(),
  EGRESS: new WeakMap(),
};

/** A rule that is disabled does not exist; one without a direction is for what comes in (gcp.md A2). */
const ruleOf = (fact: Fact, direction: Direction): VpcRule | undefined => {
  const { path, raw: rule, at } = fact;
  if (yes(rule["disabled"]) || !directionsOf(rule).includes(direction)) return undefined;
  const isDeny = isSaid(rule["denied"]);
  const member = isDeny ? "denied" : "allowed";
  return {
    direction,
    path,
    id: text(rule["selfLink"]) ?? linkOf(path),
    name: text(rule["name"]) ?? path,
    network: networkOf(text(rule["network"]), path),
    priority: number(rule["priority"]) ?? (isPlaced(rule) ? 1000 : FIRST),
    action: isDeny ? "timeout" : "allow",
    service: isDouble(rule)
      ? services([...items(rule["allowed"]), ...items(rule["denied"])], "IPProtocol", at)
      : services(rule[member], "IPProtocol", inside(at, member)),
    ranges: texts(rule["sourceRanges"]),
    tags: texts(rule["sourceTags"]),
    accounts: texts(rule["sourceServiceAccounts"]),
    targetTags: texts(rule["targetTags"]),
    targetAccounts: texts(rule["targetServiceAccounts"]),
    destinations: texts(rule["destinationRanges"]),
    fact,
  };
};

const isSaid = (list: unknown): boolean =>
  list !== undefined && list !== null && !(Array.isArray(list) && list.length === 0);

/** A rule allows or denies; what does both is none that the cloud would have made (gcp.md A3). */
const LISTS = [
  "sourceRanges",
  "sourceTags",
  "sourceServiceAccounts",
  "targetTags",
  "targetServiceAccounts",
  "destinationRanges",
] as const;

const isDouble = (rule: Raw): boolean => isSaid(rule["allowed"]) && isSaid(rule["denied"]);

const oddGap = ({ raw: rule, at }: Fact): Gap | undefined =>
  isDouble(rule) || !isPlaced(rule) || LISTS.some((member) => isOddList(rule[member]))
    ? gap("unreadable", problems.notARule(`${at.file}#${at.pointer}`), at)
    : undefined;

/** By priority; of the same, those that deny come first (gcp.md A2). */
export const byPriority = (a: VpcRule, b: VpcRule): number =>
  a.priority - b.priority ||
  Number(a.action === "allow") - Number(b.action === "allow") ||
  (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

/** Whether the rule is for this machine: any of its tags, or its account; without either, for all (gcp.md A3). */
export const isTarget = ({ targetTags, targetAccounts }: VpcRule, { tags, accounts }: Instance): boolean => {
  if (targetTags.length === 0 && targetAccounts.length === 0) return true;
  return targetTags.some((tag) => tags.includes(tag)) || targetAccounts.some((account) => accounts.includes(account));
};

const sourceOf = (rule: VpcRule, arrival: Arrival, those: Members): Match => {
  const { direction, ranges, tags, accounts, network, fact } = rule;
  if (direction === "EGRESS" && ranges.length === 0) return exactly(everything);
  if (ranges.length === 0 && tags.length === 0 && accounts.length === 0) return exactly(family(4));
  const named = rangesOf(rule);
  // Tags and accounts are those of senders in the same network, who dial an internal address (gcp.md A3).
  if (arrival.from !== "network") return named;
  const carrying = (
    words: readonly string[],
    member: string,
    has: (instance: Instance, word: string) => boolean,
    what: string,
  ): Match =>
    words.length === 0
      ? never
      : those.carrying(
          network,
          (instance) => words.some((word) => has(instance, word)),
          `${what} ${words.join(", ")}`,
          inside(fact.at, member),
        );
  return either([
    named,
    carrying(tags, "sourceTags", (instance, tag) => instance.tags.includes(tag), "tag"),
    carrying(accounts, "sourceServiceAccounts", (instance, account) => instance.accounts.includes(account), "account"),
  ]);
};

/** Who is in the ranges of a rule, however packets come. */
const rangesOf = ({ ranges, fact }: VpcRule): Match => {
  const before = inRanges.get(fact);
  if (before !== undefined) return before;
  const made = listClients(ranges, inside(fact.at, "sourceRanges"));
  inRanges.set(fact, made);
  return made;
};
const inRanges = new WeakMap<Fact, Match>();

const saysOf = ({ direction, service, ranges, tags, accounts, destinations }: VpcRule): string => {
  if (direction === "EGRESS") return `${service.says} to ${destinations.length === 0 ? ANY_IPV4 : brief(destinations)}`;
  const named = [...ranges, ...tags.map((tag) => `tag ${tag}`), ...accounts.map((account) => `account ${account}`)];
  return `${service.says} from ${named.length === 0 ? ANY_IPV4 : brief(named)}`;
};

const ANY_IPV4 = "0.0.0.0/0";

/** What the rule matches of packets that come like this; nothing where they go elsewhere. */
export const matchOf = (facts: Facts, rule: VpcRule, arrival: Arrival, those: Members): Match => {
  const { fact, destinations, action, priority, name } = rule;
  const match = both(rule.service.match, sourceOf(rule, arrival, those));
  const where = inside(fact.at, "destinationRanges");
  const named = destinations.length === 0 && rule.direction === "EGRESS" ? [ANY_IPV4] : destinations;
  const dialled = named.length === 0 ? { is: "yes" as const } : isDialled(arrival, named, where);
  if (dialled.is === "no") return never;
  const contradiction = facts.contradictions.get(fact.path) ?? directionGap(fact.raw, fact.at) ?? oddGap(fact);
  const tie = `Whether ${name} at priority ${LAST} comes before the implied deny`;
  return doubting(
    match,
    ...(dialled.is === "perhaps" ? [dialled.gap] : []),
    ...(contradiction === undefined ? [] : [contradiction]),
    ...(action === "allow" && priority >= LAST ? [gap("unverified", problems.notDocumented(tie), fact.at)] : []),
  );
};

/** The rule as a place of its own, which decides or leaves. */
export const ruleGate = (rule: VpcRule, match: Match): List => ({
  at: { kind: "firewall-rule", id: rule.id },
  rules: (isDouble(rule.fact.raw) ? (["timeout", "allow"] as const) : [rule.action]).map((action) => ({
    match,
    action,
    name: rule.name,
    says: saysOf(rule),
    source: sourcePlace(rule),
  })),
  otherwise: "leave",
  because: [],
});

const sourcePlace = ({ fact }: VpcRule): Source => fact.at;
