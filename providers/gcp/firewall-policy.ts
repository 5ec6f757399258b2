import { gap } from "#model/gap.ts";
import type { Gap } from "#model/gap.ts";
import type { Action, List, Place, Rule } from "#model/gate.ts";
import type { Match } from "#model/match.ts";
import { always, both, either, exactly, perhaps } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { internetClients } from "#packets/internet.ts";
import { everything, isEmpty } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { addressGroup } from "./address-group.ts";
import type { Arrival } from "./arrival.ts";
import { coming, isDialled } from "./arrival.ts";
import { listClients } from "./client.ts";
import type { Direction } from "./direction.ts";
import { directionGap, directionsOf } from "./direction.ts";
import type { Facts } from "./facts.ts";
import { doubting, never, unreadPart } from "#model/hop.ts";
import type { Instance } from "./instance.ts";
import { those } from "./likeness.ts";
import { nameOf as nameIn, pathOf, projectOf } from "./link.ts";
import type { Members } from "./members.ts";
import { secureTagGap } from "./members.ts";
import type { Raw } from "./raw.ts";
import { isOdd, isOddList, items, number, raw, text, texts, yes } from "./raw.ts";
import type { Remember } from "#model/remember.ts";
import { remembering } from "#model/remember.ts";
import { brief, services } from "./service.ts";

/** In which stage of the order a policy is read (gcp.md A1). */
export type Tier = "hierarchical" | "system" | "global" | "regional";

/** A firewall policy as some answer tells it. */
export interface Policy {
  readonly tier: Tier;
  readonly path: string;
  readonly place: Place;
  /** What holds `rules`. */
  readonly raw: Raw;
  readonly at: Source;
  /** The answer is of this machine alone, and rules with targets are told only where they are for it. */
  readonly isOfMachine: boolean;
  /** The answer is of this network alone, and says nothing of the others. */
  readonly isOfNetwork: boolean;
}

/** Who and what a policy is read for. */
export interface Reader {
  readonly facts: Facts;
  readonly members: Members;
  readonly arrival: Arrival;
  readonly direction: Direction;
  readonly network: string;
  readonly instance: Instance;
  readonly known: Known;
  /** What the machine carries of what rules of its network ask for. */
  readonly carries: string;
  /** The interface, where some answer is of it or its machine alone. */
  readonly alone: string;
  /** Where the packet goes, as far as some rule asks. */
  readonly destination: string;
}

/** What was made of policies, of facts that do not change. */
export interface Known {
  readonly asked: Remember<Asked>;
  readonly gates: Remember<List>;
  readonly matches: Remember<Matched>;
  /** Rules that are surely for the machine, in the words of `matches`. */
  readonly rules: Remember<Rule | undefined>;
}
export const nothingKnown = (): Known => ({
  asked: remembering(),
  gates: remembering(),
  matches: remembering(),
  rules: remembering(),
});

/** What of a machine and its network a policy asks for. */
interface Asked {
  readonly accounts: ReadonlySet<string>;
  readonly networks: ReadonlySet<string>;
  readonly isAnywhere: boolean;
  /** Whose machines carry the tags of senders. */
  readonly isTagged: boolean;
}

const askedBy = (policy: Raw): Asked => ({
  accounts: new Set(items(policy["rules"]).flatMap((rule) => texts(rule["targetServiceAccounts"]))),
  networks: new Set(items(policy["rules"]).flatMap((rule) => texts(rule["targetResources"]).map(pathOf))),
  isAnywhere: items(policy["rules"]).every((rule) => isAnywhere(raw(rule["match"]), rule)),
  isTagged: items(policy["rules"]).some((rule) => isTagged(raw(rule["match"]))),
});

/** Whether a match asks what senders carry, which is told of the machines of one network. */
const isTagged = (match: Raw): boolean => items(match["srcSecureTags"]).length > 0;

/** Whether it is all the same to a rule for what comes in where that goes. */
const isAnywhere = (match: Raw, rule: Raw): boolean =>
  !directionsOf(rule).includes("INGRESS") || texts(match["destIpRanges"]).length === 0;

/** The rules of a policy for one direction, in force, in the order in which they are read. */
export const rulesOf = (
  { raw: policy, at }: Policy,
  direction: Direction = "INGRESS",
): readonly { readonly rule: Raw; readonly at: Source }[] =>
  items(policy["rules"])
    .map((rule, i) => ({ rule, at: inside(inside(at, "rules"), i) }))
    .filter(({ rule }) => !yes(rule["disabled"]) && directionsOf(rule).includes(direction))
    .toSorted((a, b) => priorityOf(a.rule) - priorityOf(b.rule));

/** One whose priority is not clear comes first: what it may match comes to all others too. */
export const priorityOf = (rule: Raw): number => number(rule["priority"]) ?? -1;

/** Why it is not known when a rule is read, or for whom it is. */
const oddGap = (rule: Raw, at: Source): Gap | undefined =>
  number(rule["priority"]) === undefined ||
  isOdd(rule["targetSecureTags"]) ||
  ["targetResources", "targetServiceAccounts"].some((member) => isOddList(rule[member]))
    ? gap("unreadable", problems.notARule(`${at.file}#${at.pointer}`), at)
    : undefined;

/** The policy for packets that come like this, made once for all machines of whom it asks the same. */
export const policyGate = (policy: Policy, reader: Reader): List => {
  const { known, network, instance, direction, arrival, alone, destination } = reader;
  const asked = known.asked([policy.raw], () => askedBy(policy.raw));
  const where = asked.isTagged || asked.networks.has(network) ? network : "";
  const going = direction === "INGRESS" && asked.isAnywhere ? (destination[0] ?? "") : destination;
  const accounts = those(instance.accounts, asked.accounts);
  return known.gates([policy.raw, policy.place.id, direction, arrival.from, going, where, accounts, alone], () =>
    madeGate(policy, reader),
  );
};

/** What no rule matches leaves the policy, as what goes to the next (gcp.md A2). */
const madeGate = (policy: Policy, reader: Reader): List => {
  if (items(policy.raw["rules"]).length === 0 && !policy.isOfNetwork) {
    const how = "gcloud compute network-firewall-policies describe POLICY --format=json";
    const why = gap("missing", problems.missing(`the rules of ${policy.place.id}`, how), policy.at);
    return unreadPart(policy.place, why);
  }
  return {
    at: policy.place,
    rules: rulesOf(policy, reader.direction).flatMap(({ rule, at }) => ruleFor(rule, at, policy, reader) ?? []),
    otherwise: "leave",
    because: [{ saw: "no-rule", says: "no rule matches it", source: inside(policy.at, "rules") }],
  };
};

const ruleFor = (rule: Raw, at: Source, policy: Policy, reader: Reader): Rule | undefined => {
  const target = targetOf(rule, at, policy, reader);
  if (target.is === "no") return undefined;
  if (target.is === "perhaps") return madeRule(rule, at, policy, reader, [target.gap]);
  const { known, direction, arrival, destination } = reader;
  const where = whereOf(raw(rule["match"]), reader);
  return known.rules([rule, direction, arrival.from, destination, where], () => madeRule(rule, at, policy, reader, []));
};

const whereOf = (match: Raw, { network }: Reader): string => (isTagged(match) ? network : "");

const madeRule = (rule: Raw, at: Source, policy: Policy, reader: Reader, doubts: readonly Gap[]): Rule | undefined => {
  const match = matchOf(raw(rule["match"]), inside(at, "match"), policy, reader);
  if (isEmpty(match.match.possibly)) return undefined;
  return {
    match: doubting(match.match, ...doubts, ...[directionGap(rule, at) ?? oddGap(rule, at) ?? []].flat()),
    action: actionOf(rule, at),
    name: nameOf(rule),
    says: match.says,
    source: at,
  };
};

const nameOf = (rule: Raw): string => {
  const [name, priority] = [text(rule["ruleName"]), number(rule["priority"])];
  return name === undefined ? `rule ${priority ?? "without a priority"}` : `rule ${priority ?? ""} (${name})`;
};

/** Inspection lets through what it cannot inspect, so for reachability its packets are let through (gcp.md A2). */
const actionOf = (rule: Raw, at: Source): Action => {
  const action = text(rule["action"]) ?? "";
  const known = ACTIONS.get(action);
  if (known !== undefined) return known;
  const why = gap("unreadable", problems.newerThanThis(`the action "${action}"`, `${at.file}#${at.pointer}`), at);
  const { rules, otherwise, because } = unreadPart({ kind: "firewall-policy", id: "" }, why);
  return { rules, otherwise, because };
};

const ACTIONS: ReadonlyMap<string, "allow" | "timeout" | "leave"> = new Map([
  ["allow", "allow"],
  ["deny", "timeout"],
  ["goto_next", "leave"],
  ["apply_security_profile_group", "allow"],
]);

type Answer = { readonly is: "yes" | "no" } | { readonly is: "perhaps"; readonly gap: Gap };

/** Whether the rule is for this machine in this network (gcp.md A4). */
const targetOf = (rule: Raw, at: Source, policy: Policy, { facts, network, instance }: Reader): Answer => {
  const type = text(rule["targetType"]) ?? "INSTANCES";
  if (type === "INTERNAL_MANAGED_LB" || texts(rule["targetForwardingRules"]).length > 0) return { is: "no" };
  if (type !== "INSTANCES") {
    const where = `${at.file}#${at.pointer}`;
    return { is: "perhaps", gap: gap("unreadable", problems.newerThanThis(`the target type "${type}"`, where), at) };
  }
  const networks = texts(rule["targetResources"]).map(pathOf);
  if (networks.length > 0 && !networks.includes(network)) {
    const numbered = networks.find((each) => /^projects\/\d+\//.test(each) && nameIn(each) === nameIn(network));
    if (numbered === undefined) return { is: "no" };
    const how = "gcloud projects describe PROJECT --format=json";
    const what = `whether ${numbered} is ${nameIn(network)} of ${projectOf(network) ?? "the project"}`;
    return { is: "perhaps", gap: gap("missing", problems.missing(what, how), inside(at, "targetResources")) };
  }
  const accounts = texts(rule["targetServiceAccounts"]);
  const tags = items(rule["targetSecureTags"]);
  if (accounts.length === 0 && tags.length === 0) return { is: "yes" };
  if (accounts.some((account) => instance.accounts.includes(account))) return { is: "yes" };
  const effective = effectiveTags(tags);
  if (effective.length === 0) return { is: "no" };
  const bound = facts.secureTags.get(instance.path);
  if (policy.isOfMachine || effective.some((tag) => bound?.has(tag))) return { is: "yes" };
  return { is: "perhaps", gap: secureTagGap(effective, inside(at, "targetSecureTags")) };
};

/** Secure tags that have been deleted, or lack their purpose, match nothing. */
export const effectiveTags = (tags: readonly Raw[]): readonly string[] =>
  tags.filter((tag) => text(tag["state"]) !== "INEFFECTIVE").flatMap((tag) => text(tag["name"]) ?? []);

interface Matched {
  readonly match: Match;
  readonly says: string;
}

/** Everything that a match may hold. What is not here is newer than this, and may match or not. */
const UNDERSTOOD = new Set([
  "srcIpRanges",
  "srcSecureTags",
  "srcAddressGroups",
  "srcFqdns",
  "srcRegionCodes",
  "srcThreatIntelligences",
  "srcNetworkContext",
  "srcNetworkType",
  "srcNetworkScope",
  "srcNetworks",
  "destIpRanges",
  "layer4Configs",
]);

const matchOf = (match: Raw, at: Source, policy: Policy, reader: Reader): Matched => {
  const { direction, arrival, destination, known } = reader;
  const going = direction === "INGRESS" && texts(match["destIpRanges"]).length === 0 ? destination[0] : destination;
  return known.matches([match, direction, arrival.from, going, whereOf(match, reader)], () => {
    const made = direction === "INGRESS" ? matchIn(match, at, policy, reader) : matchOut(match, at, reader);
    return { match: both(made.match, exactly(coming(arrival))), says: made.says };
  });
};

/** What goes out is matched by its destination; whichever list could name it may match, or may not. */
const matchOut = (match: Raw, at: Source, { arrival }: Reader): Matched => {
  const service = services(match["layer4Configs"], "ipProtocol", inside(at, "layer4Configs"));
  const destinations = texts(match["destIpRanges"]);
  const says = `${service.says} to ${destinations.length === 0 ? "what is not clear" : brief(destinations)}`;
  const dialled: Answer = isDialled(arrival, destinations, inside(at, "destIpRanges"));
  const sources = texts(match["srcIpRanges"]);
  const from = sources.length === 0 ? always : listClients(sources, inside(at, "srcIpRanges"));
  const odd = Object.keys(match).filter((key) => !UNDERSTOOD_OUT.has(key) && !isNothing(match[key]));
  if (dialled.is === "no" && odd.length === 0) return { match: never, says };
  const gaps = [
    ...(dialled.is === "perhaps" ? [dialled.gap] : []),
    ...odd.map((key) => gap("unmodelled", problems.notFollowed(`${key} of a rule for what goes out`), inside(at, key))),
  ];
  return { match: doubting(both(service.match, from), ...gaps), says };
};

const UNDERSTOOD_OUT = new Set(["destIpRanges", "srcIpRanges", "layer4Configs"]);

const matchIn = (match: Raw, at: Source, policy: Policy, reader: Reader): Matched => {
  const { arrival } = reader;
  const service = services(match["layer4Configs"], "ipProtocol", inside(at, "layer4Configs"));
  const source = sourceOf(match, at, policy, reader);
  const says = `${service.says} from ${source.says}`;
  const context = contextOf(match, at, arrival);
  const destinations = texts(match["destIpRanges"]);
  const dialled: Answer =
    destinations.length === 0 ? { is: "yes" } : isDialled(arrival, destinations, inside(at, "destIpRanges"));
  if (context.is === "no" || dialled.is === "no") return { match: never, says };
  const odd = Object.keys(match).filter((key) => !UNDERSTOOD.has(key) && !isNothing(match[key]));
  const gaps = [
    ...[context, dialled].flatMap((each) => (each.is === "perhaps" ? [each.gap] : [])),
    ...odd.map((key) => gap("unreadable", problems.newerThanThis(key, `${at.file}#${at.pointer}`), inside(at, key))),
  ];
  return { match: doubting(both(service.match, source.match), ...gaps), says };
};

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);

/** Parameters are alternatives; a rule without any is nothing that the cloud lets one write (gcp.md A4). */
const sourceOf = (match: Raw, at: Source, policy: Policy, { facts, members, arrival, network }: Reader): Matched => {
  const tags = items(match["srcSecureTags"]);
  const effective = effectiveTags(tags);
  const ranges = texts(match["srcIpRanges"]);
  const groups = texts(match["srcAddressGroups"]);
  const unknowable = UNKNOWABLE.flatMap(({ member, what, who }) => {
    const words = texts(match[member]);
    const gapOf = (): Gap =>
      gap("missing", problems.notTold(`${what} ${words.join(", ")}`, NO_LIST), inside(at, member));
    return words.length === 0 ? [] : [{ match: perhaps(who, gapOf()), says: `${what} ${words.join(", ")}` }];
  });
  const named: readonly Matched[] = [
    ...(ranges.length === 0 ? [] : [{ match: listClients(ranges, inside(at, "srcIpRanges")), says: brief(ranges) }]),
    ...groups.map((group) => ({
      match: addressGroup(facts, group, inside(at, "srcAddressGroups")),
      says: `address group ${group}`,
    })),
    ...unknowable,
    ...(effective.length === 0 ? [] : [{ match: tagged(effective), says: `secure tag ${effective.join(", ")}` }]),
  ];
  /** Packets from the internet are sent by no machine that could carry a tag of this cloud's. */
  function tagged(values: readonly string[]): Match {
    if (arrival.from === "internet") return never;
    // Other networks may have the same addresses, so whoever comes from there is not known by his.
    return members.bound(arrival.from === "network" ? network : undefined, values, inside(at, "srcSecureTags"));
  }
  if (named.length > 0)
    return { match: either(named.map((each) => each.match)), says: brief(named.map((each) => each.says)) };
  if (tags.length > 0) return { match: never, says: "secure tags that are not in force" };
  const what = `What a rule of ${policy.place.id} without a source matches`;
  return { match: perhaps(everything, gap("unverified", problems.notDocumented(what), at)), says: "no source" };
};

const NO_LIST = "The cloud does not print what is in it: try the connection, or write the ranges into the rule.";

const UNKNOWABLE = [
  { member: "srcFqdns", what: "the names", who: everything },
  { member: "srcRegionCodes", what: "the countries", who: internetClients },
  { member: "srcThreatIntelligences", what: "the threat lists", who: internetClients },
] as const;

/** The context is told besides the source, and both must hold. Two members may carry it (gcp.md A4). */
const contextOf = (match: Raw, at: Source, { from }: Arrival): Answer => {
  const [context, ...others] = [...new Set(CONTEXT.flatMap((member) => text(match[member]) ?? []))].filter(
    (each) => each !== "UNSPECIFIED",
  );
  // Networks are named only with the context that means them (gcp.md A4).
  const isUnclear = others.length > 0 || (context !== "VPC_NETWORKS" && texts(match["srcNetworks"]).length > 0);
  if (isUnclear) return { is: "perhaps", gap: gap("unreadable", problems.notARule(`${at.file}#${at.pointer}`), at) };
  switch (context) {
    case undefined:
      return { is: "yes" };
    case "INTERNET":
      return { is: from === "internet" ? "yes" : "no" };
    case "NON_INTERNET":
      return { is: from === "internet" ? "no" : "yes" };
    case "VPC_NETWORKS":
    case "INTRA_VPC":
      if (from === "internet") return { is: "no" };
      return {
        is: "perhaps",
        gap: gap("unverified", problems.notDocumented(`Which packets are ${context}`), at),
      };
    default:
      return {
        is: "perhaps",
        gap: gap("unreadable", problems.newerThanThis(`the context "${context}"`, `${at.file}#${at.pointer}`), at),
      };
  }
};

const CONTEXT = ["srcNetworkContext", "srcNetworkType", "srcNetworkScope"] as const;
