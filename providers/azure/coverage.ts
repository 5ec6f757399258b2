import type { Coverage } from "#model/inventory.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import { problems } from "#problems.ts";
import type { Facts } from "./facts.ts";
import { askedFor } from "./facts.ts";
import type { Host } from "./machines.ts";
import { permissionFor } from "./permissions.ts";
import { unlistedSets } from "./scale-set.ts";

/** Answers without which nothing can be decided: what they list always exists. */
const NEEDED = ["networkInterfaces", "virtualNetworks"] as const;

/** Doors that are told by lists of their own. */
const DOORS = [
  ["loadBalancers", "load balancers"],
  ["azureFirewalls", "Azure Firewall"],
  ["applicationGateways", "application gateways"],
] as const;

/** Doors that no answer read by this version tells about. */
const NOT_LOOKED_AT = [
  "internal load balancers",
  "load balancers of several regions",
  "virtual WAN hubs",
  "private endpoints and Private Link",
  "ExpressRoute and VPN connections",
  "API Management, Front Door and other services in front of web servers",
  "serial consoles",
];

/** One row for each subscription: its lists are of all regions at once. */
export const coverageOf = (facts: Facts, hosts: readonly Host[]): readonly Coverage[] => {
  const counts = new Map<string, number>();
  const row = (subscription: string | undefined, machines = 0): void =>
    void counts.set(subscription ?? "", (counts.get(subscription ?? "") ?? 0) + machines);
  for (const { machine } of hosts) row(machine.resource.account ?? undefined, 1);
  for (const subscription of facts.subscriptions) row(subscription);
  for (const { account } of facts.visited) row(account);
  for (const heard of facts.asked.values())
    for (const { subscription, how } of heard) if (how !== "read") row(subscription);
  return [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([subscription, machines]) => ({
      cloud: "azure",
      account: subscription === "" ? null : subscription,
      region: "global",
      machines,
      missing: missingIn(facts, subscription, machines),
      notLookedAt: [
        ...DOORS.flatMap(([key, name]) => (askedFor(facts, key, subscription) === "never" ? [name] : [])),
        ...NOT_LOOKED_AT,
      ],
    }));
};

const missingIn = (facts: Facts, subscription: string, machines: number): readonly Gap[] => {
  const heard = [...facts.asked.values()].flat().filter((each) => (each.subscription ?? "") === subscription);
  const said = new Set(heard.flatMap((each) => each.gap ?? []));
  const needed = [
    ...(facts.machines.size === 0 ? (["virtualMachines"] as const) : []),
    ...(machines > 0 ? NEEDED : []),
  ];
  const never = needed
    .filter((key) => askedFor(facts, key, subscription) === "never")
    .map((key) =>
      gap(
        "missing",
        problems.missing(`the answer to ${permissionFor(key)?.call ?? key}`, permissionFor(key)?.cli ?? key),
      ),
    );
  return [...said, ...never, ...unlistedSets(facts, subscription)];
};
