import { block, label } from "#model/terraform.ts";
import type { Change, Wanted } from "./change.ts";
import { changed, newName, wantedService, withThing } from "./change.ts";
import type { Fact, Facts } from "./facts.ts";
import { hostOf } from "./facts.ts";
import type { VpcRule } from "./firewall-rule.ts";
import { NOWHERE } from "#model/hop.ts";
import type { Instance } from "./instance.ts";
import { linkOf, nameOf } from "./link.ts";
import { items } from "./raw.ts";
import type { End, Judges } from "./ways.ts";

/** Who a new rule is for: what the machine carries already and the fewest others do. */
interface Target {
  readonly raw: Readonly<Record<string, readonly string[]>>;
  readonly cli: string;
  readonly terraform: Readonly<Record<string, { readonly ref: string }>>;
  readonly says: string;
  readonly has: (instance: Instance) => boolean;
}

const targetFor = (facts: Facts, { tags, accounts }: Instance): Target => {
  const all = facts.instances.all;
  const tag = fewest(tags, (each) => all.filter((other) => other.tags.includes(each)).length);
  const account = fewest(accounts, (each) => all.filter((other) => other.accounts.includes(each)).length);
  if (tag !== undefined)
    return {
      raw: { targetTags: [tag] },
      cli: ` --target-tags=${tag}`,
      terraform: { target_tags: list(tag) },
      says: ` to machines with the tag ${tag}`,
      has: (instance) => instance.tags.includes(tag),
    };
  if (account !== undefined)
    return {
      raw: { targetServiceAccounts: [account] },
      cli: ` --target-service-accounts=${account}`,
      terraform: { target_service_accounts: list(account) },
      says: ` to machines that run as ${account}`,
      has: (instance) => instance.accounts.includes(account),
    };
  return { raw: {}, cli: "", terraform: {}, says: "", has: () => true };
};

const fewest = (names: readonly string[], count: (name: string) => number): string | undefined =>
  names.filter((name) => /^[A-Za-z0-9@.-]+$/.test(name)).toSorted((a, b) => count(a) - count(b) || (a < b ? -1 : 1))[0];

export const list = (...values: readonly string[]): { readonly ref: string } => ({
  ref: `[${values.map((value) => JSON.stringify(value)).join(", ")}]`,
});

/** What a new rule says: one end, one service, and for whom it is. */
interface Asked {
  readonly direction: "INGRESS" | "EGRESS";
  readonly network: string;
  /** The one other end. */
  readonly range: string;
  readonly want: Wanted;
  readonly target: Target;
  /** The first rule that denies, before which the new one must come. */
  readonly before: number | undefined;
}

const ENDS = {
  INGRESS: { member: "sourceRanges", flag: "--source-ranges", argument: "source_ranges", word: "from" },
  EGRESS: { member: "destinationRanges", flag: "--destination-ranges", argument: "destination_ranges", word: "to" },
} as const;

const newRule = (
  facts: Facts,
  { direction, network, range, want, target, before }: Asked,
): Pick<Change, "cli" | "terraform" | "facts"> | undefined => {
  const project = hostOf(network);
  const priority = Math.min(1000, (before ?? 1001) - 1);
  const { member, flag, argument, word } = ENDS[direction];
  const { protocol, ports, says } = wantedService(want);
  const name = newName("allow", protocol, ...ports, word, range);
  const path = `projects/${project}/global/firewalls/${name}`;
  if (project === undefined || priority < 0 || facts.things.firewalls.has(path)) return undefined;
  const raw = {
    kind: "compute#firewall",
    name,
    network: linkOf(network),
    direction,
    priority,
    [member]: [range],
    allowed: [{ IPProtocol: protocol, ...(ports.length === 0 ? {} : { ports }) }],
    ...target.raw,
  };
  const resource = block("google_compute_firewall", label(name), {
    name,
    project,
    network: nameOf(network),
    priority,
    direction,
    [argument]: list(range),
    ...target.terraform,
  });
  const lines = [`    protocol = "${protocol}"`, ...(ports.length === 0 ? [] : [`    ports    = ["${ports.join()}"]`])];
  return {
    cli: `gcloud compute firewall-rules create ${name} --project=${project} --network=${nameOf(network)} --priority=${priority} --direction=${direction} --action=ALLOW --rules=${says} ${flag}=${range}${target.cli}`,
    terraform: resource.replace(/\n\}$/, `\n  allow {\n${lines.join("\n")}\n  }\n}`),
    facts: withRule(facts, network, { path, raw, at: NOWHERE }),
  };
};

/** The rule in the list of rules, and in whatever tells the rules in force there. */
const withRule = (facts: Facts, network: string, fact: Fact): Facts => ({
  ...withThing(facts, "firewalls", fact),
  effective: facts.effective.map((each) =>
    each.network === network
      ? { ...each, fact: changed(each.fact, { firewalls: [...items(each.fact.raw["firewalls"]), fact.raw] }) }
      : each,
  ),
});

/** A VPC rule for one client, before every rule that would turn it away. */
export const addRule = (facts: Facts, judge: Judges, want: Wanted, { nic, instance }: End): Change | undefined => {
  const { network } = nic;
  const target = targetFor(facts, instance);
  const before = firstDeny(judge.firewalls.rules(network));
  const made = newRule(facts, { direction: "INGRESS", network, range: want.client, want, target, before });
  if (made === undefined) return undefined;
  const { says } = wantedService(want);
  return {
    says: `Allow ${says} from ${want.client}${target.says} in ${nameOf(network)}.`,
    ...made,
    touches: (end) => end.nic.network === network && target.has(end.instance),
  };
};

/** A rule that lets the client's own machine send to the one asked about, before every rule that would keep it. */
export const addEgressRule = (facts: Facts, judge: Judges, want: Wanted, { nic }: End): Change | undefined => {
  const { network } = nic;
  const client = facts.instances.all.find((instance) =>
    instance.interfaces.some((each) => `${each.v4}/32` === want.client && each.network === network),
  );
  const before = firstDeny(judge.firewalls.egressRules(network));
  if (want.v6 || nic.v4 === undefined || client === undefined || before === undefined) return undefined;
  const target = targetFor(facts, client);
  const range = `${nic.v4}/32`;
  const made = newRule(facts, { direction: "EGRESS", network, range, want, target, before });
  if (made === undefined) return undefined;
  const { says } = wantedService(want);
  return {
    says: `Let ${client.name} send ${says} to ${range} in ${nameOf(network)}.`,
    ...made,
    touches: (end) => end.nic.id === nic.id,
  };
};

const firstDeny = (rules: readonly VpcRule[]): number | undefined =>
  rules.find(({ action }) => action === "timeout")?.priority;
