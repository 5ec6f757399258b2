import type { Gate } from "#model/gate.ts";
import type { Resource, RuleList } from "#model/inventory.ts";
import { rulesIn } from "./effective-rules.ts";
import type { Facts } from "./facts.ts";
import { askedFor } from "./facts.ts";
import type { Policy, Reader } from "./firewall-policy.ts";
import { policyGate } from "./firewall-policy.ts";
import { isTarget, matchOf, readRule, ruleGate } from "./firewall-rule.ts";
import type { VpcRule } from "./firewall-rule.ts";
import { nameOf, projectOf, regionOf } from "./link.ts";
import { allPolicies } from "./policies.ts";
import { items, raw, text, texts } from "./raw.ts";
import type { Judges } from "./ways.ts";

/** Every VPC firewall rule and every policy, as its own text admits packets from the internet. */
export function* listsOf(facts: Facts, judge: Judges): Generator<RuleList> {
  const own = [...facts.things.firewalls.values()].flatMap((fact) => readRule(fact) ?? []);
  const known = new Set(own.map(({ path }) => path));
  const told = facts.effective.flatMap((each) => rulesIn(each)).filter(({ path }) => !known.has(path));
  for (const rule of [...own, ...new Map(told.map((each) => [each.path, each])).values()]) {
    if (rule.action !== "allow") continue;
    const gate = ruleGate(rule, matchOf(facts, { ...rule, destinations: [] }, INTERNET, judge.firewalls.members));
    yield {
      resource: resource("firewall-rule", rule.id, rule.path, rule.name),
      place: { kind: "firewall-rule", id: rule.id },
      gate,
      attached: attachedTo(facts, rule),
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

/** How many interfaces the rule is for; unknown where machines were not read. */
const attachedTo = (facts: Facts, rule: VpcRule): number | undefined => {
  const count = [...facts.instances.values()]
    .filter((instance) => isTarget(rule, instance))
    .reduce((sum, { interfaces }) => sum + interfaces.filter((nic) => nic.network === rule.network).length, 0);
  return count > 0 || askedFor(facts, "instances", projectOf(rule.path)) === "read" ? count : undefined;
};

/** Whatever a rule is for, somebody is or could be; what keeps some out keeps nobody out who is not among them. */
const policyText = (facts: Facts, judge: Judges, policy: Policy): Gate => {
  const rules = items(policy.raw["rules"]).map((rule) => {
    const targets = ["targetServiceAccounts", "targetResources"].some((member) => texts(rule[member]).length > 0);
    const isForSome = targets || items(rule["targetSecureTags"]).length > 0;
    const { targetServiceAccounts: _accounts, targetSecureTags: _tags, targetResources: _networks, ...rest } = rule;
    const action = text(rule["action"]);
    const isOpen = action === "allow" || action === "apply_security_profile_group";
    return isForSome && !isOpen
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
  };
  return policyGate({ ...policy, raw: { ...policy.raw, rules } }, reader);
};

const withoutDestination = ({ destIpRanges: _ranges, ...match }: Readonly<Record<string, unknown>>): object => match;

const NOBODY = {
  path: "",
  id: "",
  name: "",
  number: undefined,
  project: undefined,
  zone: undefined,
  region: undefined,
  status: undefined,
  tags: [],
  accounts: [],
  interfaces: [],
  at: { file: "", pointer: "" },
} as const;
