import type { Place } from "#model/gate.ts";
import { block, label } from "#model/terraform.ts";
import type { Change, Wanted } from "./change.ts";
import { changed, wantedService } from "./change.ts";
import { list } from "./change-firewall.ts";
import type { Effective, Fact, Facts } from "./facts.ts";
import { hostOf } from "./facts.ts";
import { priorityOf } from "./firewall-policy.ts";
import { linkOf, nameOf, pathOf, projectOf, regionOf } from "./link.ts";
import { TIERS, tierOf } from "./policies.ts";
import type { Raw } from "./raw.ts";
import { items, text } from "./raw.ts";
import type { End } from "./ways.ts";

/** What a rule may say before the one that denies: let the client in, or let the next policy decide. */
type Way = "allow" | "goto_next";

/**
 * A rule for one client in the policy that denies, before its first deny. What a lower layer would allow never comes to
 * it, so the change is made where the packet is stopped (gcp.md F.3).
 */
export const amendPolicy = (facts: Facts, place: Place, action: Way, want: Wanted, end: End): Change | undefined => {
  const path = pathOf(place.id);
  const own = facts.things.firewallPolicies.get(path);
  const those = facts.effective.flatMap((each) => policiesOf(each.fact).filter((raw) => isIt(each, raw, path)));
  const rules = items((own?.raw ?? those[0])?.["rules"]);
  const priority = freePriority(rules);
  // A policy of Google's own cannot be changed, nor one of which there is no path.
  if (priority === undefined || !/^(?:projects|locations)\/[A-Za-z0-9/:._-]+$/.test(path)) return undefined;
  const { protocol, ports, says } = wantedService(want);
  const network = linkOf(end.nic.network);
  const isHierarchical = path.startsWith("locations/");
  const rule = {
    kind: "compute#firewallPolicyRule",
    priority,
    action,
    direction: "INGRESS",
    ...(isHierarchical ? { targetResources: [network] } : {}),
    match: {
      srcIpRanges: [want.client],
      layer4Configs: [{ ipProtocol: protocol, ...(ports.length === 0 ? {} : { ports }) }],
    },
  };
  const amended = (raw: Raw): Raw => ({ ...raw, rules: [...items(raw["rules"]), rule] });
  const after: Facts = {
    ...facts,
    things:
      own === undefined
        ? facts.things
        : {
            ...facts.things,
            firewallPolicies: new Map(facts.things.firewallPolicies).set(path, { ...own, raw: amended(own.raw) }),
          },
    effective: facts.effective.map((each) =>
      policiesOf(each.fact).some((raw) => isIt(each, raw, path))
        ? {
            ...each,
            fact: changed(each.fact, {
              firewallPolicys: policiesOf(each.fact).map((raw) => (isIt(each, raw, path) ? amended(raw) : raw)),
            }),
          }
        : each,
    ),
  };
  const name = nameOf(path);
  const what = action === "allow" ? "Allow" : "Leave to the next policy";
  return {
    says: `${what} ${says} from ${want.client} in the firewall policy ${place.name ?? name}, at priority ${priority}.`,
    cli: cliFor(path, priority, action, says, want, isHierarchical ? network : undefined),
    terraform: terraformFor(
      path,
      priority,
      action,
      { protocol, ports, client: want.client },
      isHierarchical ? network : undefined,
    ),
    facts: after,
    touches: ({ nic }) => !isHierarchical || nic.network === end.nic.network,
  };
};

const policiesOf = ({ raw }: Fact): readonly Raw[] => items(raw["firewallPolicys"]);

/** Policies of several tiers, projects and regions may have the same name. */
const isIt = ({ network, region }: Effective, raw: Raw, path: string): boolean => {
  const tier = tierOf(path);
  if (text(raw["name"]) !== nameOf(path) || TIERS.get(text(raw["type"]) ?? "HIERARCHY") !== tier) return false;
  return (
    tier === "hierarchical" ||
    (hostOf(network) === projectOf(path) && (tier === "global" || region === undefined || region === regionOf(path)))
  );
};

/** The highest number that is free before the first rule that denies. */
const freePriority = (rules: readonly Raw[]): number | undefined => {
  const denies = rules.filter((rule) => text(rule["action"]) === "deny" && rule["disabled"] !== true);
  const taken = new Set(rules.map(priorityOf));
  const first = Math.min(...denies.map(priorityOf));
  if (!Number.isFinite(first)) return undefined;
  for (let free = first - 1; free >= 0; free--) if (!taken.has(free)) return free;
  return undefined;
};

const cliFor = (
  path: string,
  priority: number,
  action: Way,
  service: string,
  want: Wanted,
  network: string | undefined,
): string => {
  const rule = `${priority} --action=${action} --direction=INGRESS --src-ip-ranges=${want.client} --layer4-configs=${service}`;
  if (network !== undefined)
    return `gcloud compute firewall-policies rules create ${rule} --firewall-policy=${nameOf(path)} --target-resources=${network}`;
  const region = regionOf(path);
  const where = region === undefined ? "--global-firewall-policy" : `--firewall-policy-region=${region}`;
  return `gcloud compute network-firewall-policies rules create ${rule} --firewall-policy=${nameOf(path)} ${where} --project=${projectOf(path) ?? ""}`;
};

interface Matched {
  readonly protocol: string;
  readonly ports: readonly string[];
  readonly client: string;
}

const terraformFor = (
  path: string,
  priority: number,
  action: Way,
  { protocol, ports, client }: Matched,
  network: string | undefined,
): string => {
  const region = regionOf(path);
  const kind =
    network !== undefined
      ? "google_compute_firewall_policy_rule"
      : region === undefined
        ? "google_compute_network_firewall_policy_rule"
        : "google_compute_region_network_firewall_policy_rule";
  const layer4 = [
    `      ip_protocol = "${protocol}"`,
    ...(ports.length === 0 ? [] : [`      ports       = ["${ports.join()}"]`]),
  ];
  const match = ["  match {", `    src_ip_ranges = ["${client}"]`, "    layer4_configs {", ...layer4, "    }", "  }"];
  return block(kind, label(nameOf(path), String(priority)), {
    firewall_policy: nameOf(path),
    ...(region === undefined ? {} : { region }),
    priority,
    action,
    direction: "INGRESS",
    ...(network === undefined ? {} : { target_resources: list(network) }),
  }).replace(/\n\}$/, `\n${match.join("\n")}\n}`);
};
