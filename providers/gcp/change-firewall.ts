import { block, label } from "#model/terraform.ts";
import type { Change, Wanted } from "./change.ts";
import { newName, wantedService, withThing } from "./change.ts";
import type { Facts } from "./facts.ts";
import { hostOf } from "./facts.ts";
import type { Instance } from "./instance.ts";
import { linkOf, nameOf } from "./link.ts";
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
  const all = [...facts.instances.values()];
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

/** A VPC rule for one client, before every rule that would turn it away. */
export const addRule = (facts: Facts, judge: Judges, want: Wanted, { nic, instance }: End): Change | undefined => {
  const { network } = nic;
  const project = hostOf(network);
  const first = judge.firewalls.rules(network).find(({ action }) => action === "timeout")?.priority;
  const priority = Math.min(1000, (first ?? 1001) - 1);
  if (project === undefined || priority < 0) return undefined;
  const { protocol, ports, says } = wantedService(want);
  const target = targetFor(facts, instance);
  const name = newName("allow", protocol, ...ports, "from", want.client);
  const path = `projects/${project}/global/firewalls/${name}`;
  if (facts.things.firewalls.has(path)) return undefined;
  const raw = {
    kind: "compute#firewall",
    name,
    network: linkOf(network),
    direction: "INGRESS",
    priority,
    sourceRanges: [want.client],
    allowed: [{ IPProtocol: protocol, ...(ports.length === 0 ? {} : { ports }) }],
    ...target.raw,
  };
  const allow = {
    ref: `{\n    protocol = "${protocol}"${ports.length === 0 ? "" : `\n    ports    = ["${ports.join()}"]`}\n  }`,
  };
  return {
    says: `Allow ${says} from ${want.client}${target.says} in ${nameOf(network)}.`,
    cli: `gcloud compute firewall-rules create ${name} --project=${project} --network=${nameOf(network)} --priority=${priority} --direction=INGRESS --action=ALLOW --rules=${says} --source-ranges=${want.client}${target.cli}`,
    terraform: block("google_compute_firewall", label(name), {
      name,
      project,
      network: nameOf(network),
      priority,
      direction: "INGRESS",
      source_ranges: list(want.client),
      ...target.terraform,
    }).replace(/\n\}$/, `\n  allow ${allow.ref}\n}`),
    facts: withThing(facts, "firewalls", { path, raw, at: { file: "", pointer: "" } }),
    touches: (end) => end.nic.network === network && target.has(end.instance),
  };
};
