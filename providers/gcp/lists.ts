import type { Gate } from "#model/gate.ts";
import type { Resource, RuleList } from "#model/inventory.ts";
import { once } from "#model/once.ts";
import { rulesIn } from "./effective-rules.ts";
import type { Facts } from "./facts.ts";
import type { Policy, Reader } from "./firewall-policy.ts";
import { effectiveTags, nothingKnown, policyGate } from "./firewall-policy.ts";
import { matchOf, readRule, ruleGate } from "./firewall-rule.ts";
import type { VpcRule } from "./firewall-rule.ts";
import type { Crowd, Home } from "./instance.ts";
import { Instance } from "./instance.ts";
import { nameOf, projectOf, regionOf } from "./link.ts";
import { unreadMembers } from "./members.ts";
import { allPolicies } from "./policies.ts";
import { items, raw, text, texts } from "./raw.ts";
import type { Judges } from "./ways.ts";

/** Every VPC firewall rule and every policy, as its own text admits packets from the internet. */
export function* listsOf(facts: Facts, judge: Judges): Generator<RuleList> {
  const members = once(() => membersOf(facts));
  const own = [...facts.things.firewalls.values()].flatMap((fact) => readRule(fact) ?? []);
  const known = new Set(own.map(({ path }) => path));
  const told = facts.effective.flatMap((each) => rulesIn(each, undefined, (path) => !known.has(path)));
  for (const rule of [...own, ...new Map(told.map((each) => [each.path, each])).values()]) {
    if (rule.action !== "allow") continue;
    const gate = ruleGate(rule, matchOf(facts, { ...rule, destinations: [] }, INTERNET, judge.firewalls.members));
    yield {
      resource: resource("firewall-rule", rule.id, rule.path, rule.name),
      place: { kind: "firewall-rule", id: rule.id },
      gate,
      get attached() {
        return attachedTo(facts, members(), rule);
      },
      standard: false,
    };
  }
  for (const policy of allPolicies(facts)) {
    const { place, tier, path } = policy;
    yield {
      resource: resource("firewall-policy", place.id, path, place.name ?? nameOf(place.id)),
      place,
      gate: policyText(facts, judge, policy),
      attached: policy.isOfNetwork ? 1 : items(policy.raw["associations"]).length,
      standard: tier === "system",
    };
  }
}

const INTERNET = { from: "internet", dials: [] } as const;

const resource = (type: string, id: string, path: string, name: string): Resource => ({
  cloud: "gcp",
  account: projectOf(path) ?? null,
  region: regionOf(path) ?? null,
  type,
  id,
  name,
});

/** The interfaces of one crowd in a network. */
interface Part {
  readonly count: number;
}

/** Who is in a network, by what rules name them by. */
interface Members {
  readonly count: number;
  readonly byTag: ReadonlyMap<string, readonly Part[]>;
  readonly byAccount: ReadonlyMap<string, readonly Part[]>;
}

const membersOf = (facts: Facts): ReadonlyMap<string, Members> => {
  const counts = new Map<string, Map<Crowd, number>>();
  for (const { crowd, interfaces } of facts.instances.all)
    for (const { network } of interfaces) {
      const there = counts.get(network) ?? new Map<Crowd, number>();
      counts.set(network, there);
      there.set(crowd, (there.get(crowd) ?? 0) + 1);
    }
  return new Map([...counts].map(([network, crowds]) => [network, inNetwork(crowds)]));
};

const inNetwork = (crowds: ReadonlyMap<Crowd, number>): Members => {
  const byTag = new Map<string, Part[]>();
  const byAccount = new Map<string, Part[]>();
  let all = 0;
  for (const [{ tags, accounts }, count] of crowds) {
    const part = { count };
    for (const tag of tags) note(byTag, tag, part);
    for (const account of accounts) note(byAccount, account, part);
    all += count;
  }
  return { count: all, byTag, byAccount };
};

const note = (map: Map<string, Part[]>, word: string, part: Part): void => {
  const known = map.get(word);
  if (known === undefined) map.set(word, [part]);
  else known.push(part);
};

/** How many interfaces the rule is for; unknown where machines were not read, as those of guests of a shared network. */
const attachedTo = (facts: Facts, members: ReadonlyMap<string, Members>, rule: VpcRule): number | undefined => {
  const there = members.get(rule.network);
  const sum = there === undefined ? 0 : targetsIn(there, rule);
  return sum > 0 || !unreadMembers(facts, rule.network) ? sum : undefined;
};

const targetsIn = ({ count, byTag, byAccount }: Members, { targetTags, targetAccounts }: VpcRule): number => {
  if (targetTags.length === 0 && targetAccounts.length === 0) return count;
  const those = new Set([
    ...targetTags.flatMap((tag) => byTag.get(tag) ?? []),
    ...targetAccounts.flatMap((account) => byAccount.get(account) ?? []),
  ]);
  let sum = 0;
  for (const part of those) sum += part.count;
  return sum;
};

/** Whatever a rule is for, somebody is or could be; what keeps some out keeps nobody out who is not among them. */
const policyText = (facts: Facts, judge: Judges, policy: Policy): Gate => {
  const rules = items(policy.raw["rules"]).map((rule) => {
    const targets = ["targetServiceAccounts", "targetResources"].some((member) => texts(rule[member]).length > 0);
    const tags = items(rule["targetSecureTags"]);
    const isIdle =
      tags.length > 0 && effectiveTags(tags).length === 0 && texts(rule["targetServiceAccounts"]).length === 0;
    const isForSome = targets || tags.length > 0 || texts(raw(rule["match"])["destIpRanges"]).length > 0;
    const { targetServiceAccounts: _accounts, targetSecureTags: _tags, targetResources: _networks, ...rest } = rule;
    const action = text(rule["action"]);
    const isOpen = action === "allow" || action === "apply_security_profile_group";
    return isIdle || (isForSome && !isOpen)
      ? { ...rest, disabled: true }
      : { ...rest, match: withoutDestination(raw(rule["match"])) };
  });
  const reader: Reader = {
    facts,
    members: judge.firewalls.members,
    arrival: INTERNET,
    direction: "INGRESS",
    network: "",
    instance: NOBODY,
    known: nothingKnown(),
    carries: "",
    alone: "",
    destination: "",
  };
  return policyGate({ ...policy, raw: { ...policy.raw, rules } }, reader);
};

const withoutDestination = ({ destIpRanges: _ranges, ...match }: Readonly<Record<string, unknown>>): object => match;

const NOWHERE: Home = {
  above: "",
  link: "",
  project: undefined,
  zone: undefined,
  region: undefined,
  crowd: (tags, accounts) => ({ project: undefined, region: undefined, tags, accounts }),
};

const NOBODY = new Instance(
  {
    home: NOWHERE,
    step: "",
    link: undefined,
    name: "",
    number: undefined,
    status: undefined,
    crowd: NOWHERE.crowd([], []),
    at: { file: "", pointer: "" },
  },
  () => [],
);
