import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Reading, Scope } from "#model/provider.ts";
import type { Source } from "#model/source.ts";
import { problems } from "#problems.ts";
import { keyOf, nameOf, subscriptionOf } from "./arm-id.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { permissionFor } from "./permissions.ts";
import type { Raw } from "./raw.ts";
import type { VirtualMachine } from "./virtual-machine.ts";

/** One thing as it was read. */
export interface Fact {
  /** Its ARM id as it was first read. */
  readonly id: string;
  readonly raw: Raw;
  readonly at: Source;
}

/** A list of one kind: of which subscription, and whether all of it is there. */
export interface Asked {
  readonly subscription: string | undefined;
  readonly how: "read" | "refused" | "cut";
  readonly gap?: Gap;
}

/** Kinds of things that are kept by their id. */
export const nouns = [
  "networkSecurityGroups",
  "publicIPAddresses",
  "publicIPPrefixes",
  "virtualNetworks",
  "subnets",
  "routeTables",
  "applicationSecurityGroups",
  "loadBalancers",
  "azureFirewalls",
  "firewallPolicies",
  "ruleCollectionGroups",
  "ipGroups",
  "applicationGateways",
  "bastionHosts",
  "virtualNetworkGateways",
  "natGateways",
  "virtualMachineScaleSets",
  "networkManagers",
] as const;
export type Noun = (typeof nouns)[number];

/** What an answer for one thing says, of which the file's name tells the thing. */
export interface Effective {
  readonly items: readonly Told[];
  readonly at: Source;
  readonly whole: boolean;
}

/** One object of an answer, and where it stands. */
export interface Told {
  readonly raw: Raw;
  readonly at: Source;
}

/** Everything that the answers say, by id in lower case, before anything is concluded from it. */
export interface Facts {
  readonly how: Reading;
  /** Marks what comes of this reading. Facts with a change are another reading. */
  readonly read: object;
  readonly machines: ReadonlyMap<string, VirtualMachine>;
  readonly nics: ReadonlyMap<string, NetworkInterface>;
  readonly things: Readonly<Record<Noun, ReadonlyMap<string, Fact>>>;
  /** Admin rules in force and connected groups by VNet, effective rules and routes by interface. */
  readonly adminRules: ReadonlyMap<string, Effective>;
  readonly connectivity: ReadonlyMap<string, Effective>;
  readonly effectiveRules: ReadonlyMap<string, Effective>;
  readonly effectiveRoutes: ReadonlyMap<string, Effective>;
  readonly serviceTags: readonly Fact[];
  /** Scale sets whose interfaces were listed. */
  readonly listedSets: ReadonlySet<string>;
  readonly asked: ReadonlyMap<string, readonly Asked[]>;
  /** Subscriptions that were read live, whatever is in them. */
  readonly visited: readonly Scope[];
  readonly subscriptions: ReadonlySet<string>;
  /** Things that were read twice and differ, by id in lower case. */
  readonly contradictions: ReadonlyMap<string, Gap>;
  readonly gaps: readonly Gap[];
}

/** Whether a list of somebody may be the list of this subscription. A list that does not say whose it is, is of the only one. */
const isOf = (facts: Facts, asked: Asked, subscription: string | undefined): boolean =>
  asked.subscription === undefined
    ? facts.subscriptions.size < 2 || asked.how !== "read"
    : subscription === undefined || asked.subscription === subscription;

/** How a list was asked for in a subscription; the worst of what was heard counts. */
export const askedFor = (
  facts: Facts,
  key: string,
  subscription: string | undefined,
): "read" | "refused" | "cut" | "never" => {
  const heard = (facts.asked.get(key) ?? []).filter((each) => isOf(facts, each, subscription));
  return (["refused", "cut", "read"] as const).find((how) => heard.some((each) => each.how === how)) ?? "never";
};

/** Why nothing is known of something of this kind. */
export const gapFor = (
  facts: Facts,
  key: string,
  what: string,
  subscription: string | undefined,
  source?: Source,
): Gap => {
  const heard = (facts.asked.get(key) ?? []).find((each) => each.how !== "read" && isOf(facts, each, subscription));
  return heard?.gap ?? gap("missing", problems.missing(what, permissionFor(key)?.cli ?? key), source);
};

export type Found = { readonly is: "fact"; readonly fact: Fact } | { readonly is: "gap"; readonly gap: Gap };

/** A thing that another refers to, and that therefore exists. */
export const find = (facts: Facts, noun: Noun, id: string, by: string, source?: Source): Found => {
  const key = keyOf(id);
  const contradiction = facts.contradictions.get(key);
  if (contradiction !== undefined) return { is: "gap", gap: contradiction };
  const fact = facts.things[noun].get(key);
  if (fact !== undefined) return { is: "fact", fact };
  const subscription = subscriptionOf(id);
  const heard = askedFor(facts, noun, subscription);
  const how = permissionFor(noun)?.cli ?? noun;
  if (heard === "read")
    return { is: "gap", gap: gap("missing", problems.notInList(nameOf(id), nameOf(by), how), source) };
  return { is: "gap", gap: gapFor(facts, noun, nameOf(id), subscription, source) };
};
