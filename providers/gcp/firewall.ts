import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import { problems } from "#problems.ts";
import type { Final, Gate, List, Place } from "#model/gate.ts";
import { exactly } from "#model/match.ts";
import { isEmpty } from "#packets/set.ts";
import type { Arrival } from "./arrival.ts";
import type { Fact, Facts } from "./facts.ts";
import { askedFor, gapFor, hostOf } from "./facts.ts";
import type { Reader } from "./firewall-policy.ts";
import { policyGate } from "./firewall-policy.ts";
import type { Direction, VpcRule } from "./firewall-rule.ts";
import { byPriority, isTarget, matchOf, readRule, ruleGate } from "./firewall-rule.ts";
import { entering, inOrder, oneOf, passedOver, perhapsPart, unreadPart } from "./hop.ts";
import type { Instance } from "./instance.ts";
import { linkOf, nameOf } from "./link.ts";
import type { Members } from "./members.ts";
import { members } from "./members.ts";
import type { NetworkInterface } from "./network-interface.ts";
import type { Applied, Assumed, Layer } from "./policies.ts";
import { layersOf } from "./policies.ts";
import { disagreeing, effectiveRules } from "./effective-rules.ts";
import type { Raw } from "./raw.ts";
import { items, raw as rawOf, text, texts } from "./raw.ts";

/** All firewalls of a network as one gate, for packets that come to an interface (gcp.md A1). */
export interface Firewalls {
  readonly members: Members;
  hop(nic: NetworkInterface, instance: Instance, arrival: Arrival): Final;
  /** What a client's own firewalls let out to an address; undefined where nothing that was read could stop it. */
  out(nic: NetworkInterface, instance: Instance, address: string): Final | undefined;
  /** The VPC rules that are in force in a network, for what comes in and for what goes out. */
  rules(network: string): readonly VpcRule[];
  egressRules(network: string): readonly VpcRule[];
}

export const firewalls = (facts: Facts): Firewalls => {
  const those = members(facts);
  const byNetwork = { INGRESS: rulesByNetwork(facts, "INGRESS"), EGRESS: rulesByNetwork(facts, "EGRESS") } as const;
  const known = new Map<string, Final>();
  // Most rules do not ask which address is dialled, and then machines that are alike share a gate.
  const asksWhere = [
    ...facts.things.firewalls.values(),
    ...facts.things.firewallPolicies.values(),
    ...facts.effective.map(({ fact }) => fact),
  ].some(hasDestination);

  const hop = (nic: NetworkInterface, instance: Instance, arrival: Arrival, direction: Direction): Final => {
    const { network } = nic;
    const at: Place = { kind: "firewall-rule", id: linkOf(network) };
    const layers = layersOf(facts, nic, instance);
    const reader: Reader = { facts, members: those, arrival, direction, network, instance };
    const part = (layer: Layer): readonly Gate[] =>
      direction === "EGRESS" && layer.is !== "known" ? [] : layerGates(layer, reader);
    const before = [...part(layers.hierarchical), ...part(layers.system)];
    const vpc = [vpcGate(facts, byNetwork[direction], nic, reader, at)];
    const isUnasked = layers.global.is === "assumed" && layers.regional.is === "assumed" && direction === "INGRESS";
    const policies = isUnasked
      ? [passedOver({ kind: "firewall-policy", id: linkOf(network) }, noPolicies(layers.global.seen))]
      : [...part(layers.global), ...part(layers.regional)];
    return {
      rules: [
        ...before,
        ...inTheirOrder(facts, network, vpc, policies, hasSay(layers.global) || hasSay(layers.regional)),
        ...(direction === "INGRESS" ? [impliedDeny(network)] : []),
      ].map(entering),
      otherwise: direction === "INGRESS" ? "timeout" : "allow",
      because: [],
    };
  };

  const remembered = (nic: NetworkInterface, instance: Instance, arrival: Arrival, direction: Direction): Final => {
    const key = [
      direction,
      nic.network,
      nic.region,
      arrival.from,
      direction === "EGRESS" || asksWhere ? arrival.dials.join(",") : "",
      facts.effective.some((each) => each.interface !== undefined) || facts.secureTags.size > 0 ? nic.id : "",
      instance.project,
      instance.tags.toSorted().join(","),
      instance.accounts.join(","),
    ].join(" ");
    const made = known.get(key) ?? hop(nic, instance, arrival, direction);
    known.set(key, made);
    return made;
  };

  /** Whether some rule for what goes out of a network denies something. */
  const deniesOut = ({ network }: NetworkInterface): boolean =>
    (byNetwork.EGRESS.get(network) ?? []).some(({ action }) => action === "timeout") ||
    [...facts.things.firewallPolicies.values(), ...facts.effective.map(({ fact }) => fact)].some(hasEgressDeny);

  return {
    members: those,
    rules: (network) => byNetwork.INGRESS.get(network) ?? [],
    egressRules: (network) => byNetwork.EGRESS.get(network) ?? [],
    hop: (nic, instance, arrival) => remembered(nic, instance, arrival, "INGRESS"),
    out: (nic, instance, address) =>
      deniesOut(nic) ? remembered(nic, instance, { from: "network", dials: [address] }, "EGRESS") : undefined,
  };
};

const hasDestination = ({ raw }: Fact): boolean =>
  [raw, ...items(raw["firewalls"])].some(
    (rule) => texts(rule["destinationRanges"]).length > 0 && text(rule["direction"]) !== "EGRESS",
  ) ||
  [raw, ...items(raw["firewallPolicys"])].some((policy) =>
    items(policy["rules"]).some(
      (rule) =>
        text(rule["direction"]) !== "EGRESS" && Object.keys(matchIn(rule)).some((key) => key.startsWith("dest")),
    ),
  );

const matchIn = (rule: Raw): Raw => rawOf(rule["match"]);

const hasEgressDeny = ({ raw }: Fact): boolean =>
  [raw, ...items(raw["firewallPolicys"])].some((policy) =>
    items(policy["rules"]).some((rule) => text(rule["direction"]) === "EGRESS" && text(rule["action"]) !== "goto_next"),
  ) || items(raw["firewalls"]).some((rule) => text(rule["direction"]) === "EGRESS" && items(rule["denied"]).length > 0);

/** What was asked for in neither tier is said once. */
const noPolicies = (seen: Assumed): Assumed => ({ ...seen, says: "no network firewall policy applies" });

/** What nothing allowed is denied, whichever order the rest was read in. */
const impliedDeny = (network: string): List => ({
  at: { kind: "implied-rule", id: linkOf(network) },
  rules: [],
  otherwise: "timeout",
  because: [{ saw: "no-rule", says: "nothing allows it, and what nothing allows is denied" }],
});

const hasSay = (layer: Layer): boolean =>
  layer.is !== "assumed" && (layer.is === "unread" || layer.policies.length > 0);

/** VPC rules before network policies, or after them; where the network was not read, one or the other (gcp.md A1). */
const inTheirOrder = (
  facts: Facts,
  network: string,
  vpc: readonly Gate[],
  policies: readonly Gate[],
  matters: boolean,
): readonly Gate[] => {
  const fact = facts.things.networks.get(network);
  const order = text(fact?.raw["networkFirewallPolicyEnforcementOrder"]);
  const doubt =
    facts.contradictions.get(network) ??
    (fact === undefined ? unreadNetwork(facts, network) : undefined) ??
    (fact === undefined || order === undefined || ORDERS.has(order) ? undefined : newOrder(order, fact));
  if (doubt !== undefined && matters) {
    const at: Place = { kind: "firewall-policy", id: linkOf(network) };
    return [oneOf(at, inOrder([...vpc, ...policies]), inOrder([...policies, ...vpc]), doubt)];
  }
  return order === "BEFORE_CLASSIC_FIREWALL" ? [...policies, ...vpc] : [...vpc, ...policies];
};

const ORDERS = new Set(["AFTER_CLASSIC_FIREWALL", "BEFORE_CLASSIC_FIREWALL"]);

const newOrder = (order: string, { at }: Fact): Gap =>
  gap("unreadable", problems.newerThanThis(`the order "${order}"`, `${at.file}#${at.pointer}`), at);

const unreadNetwork = (facts: Facts, network: string): Gap =>
  gapFor(facts, "networks", `the order of firewalls in ${nameOf(network)}`, hostOf(network));

const layerGates = (layer: Layer, reader: Reader): readonly Gate[] => {
  const network: Place = { kind: "firewall-policy", id: linkOf(reader.network) };
  switch (layer.is) {
    case "known":
      return layer.policies.map((each) => appliedGate(each, reader));
    case "assumed":
      return [passedOver(network, layer.seen)];
    case "unread":
      return [unreadPart(network, layer.gap)];
  }
};

const appliedGate = ({ policy, doubt, or }: Applied, reader: Reader): Gate => {
  const gate = policyGate(policy, reader);
  if (doubt === undefined) return gate;
  const inner = unnamed(gate);
  return or === undefined
    ? perhapsPart(policy.place, inner, doubt)
    : oneOf(policy.place, inner, unnamed(policyGate(or, reader)), doubt);
};

/** The same list without its name, inside a place that has it. */
const unnamed = ({ rules, otherwise, because }: List): List => ({ rules, otherwise, because });

const rulesByNetwork = (facts: Facts, direction: Direction): ReadonlyMap<string, readonly VpcRule[]> => {
  const found = new Map<string, VpcRule[]>();
  const add = (fact: Fact): void => {
    const rule = readRule(fact, direction);
    if (rule === undefined) return;
    const list = found.get(rule.network);
    if (list === undefined) found.set(rule.network, [rule]);
    else list.push(rule);
  };
  for (const fact of facts.things.firewalls.values()) add(fact);
  for (const list of found.values()) list.sort(byPriority);
  return found;
};

/** The VPC rules for this machine, each a place of its own; the network is named where none of them decides. */
const vpcGate = (
  facts: Facts,
  byNetwork: ReadonlyMap<string, readonly VpcRule[]>,
  nic: NetworkInterface,
  { members: those, arrival, instance, direction }: Reader,
  at: Place,
): Gate => {
  const { network } = nic;
  const host = hostOf(network);
  const listed = askedFor(facts, "firewalls", host);
  const effective = effectiveRules(facts, nic, direction);
  if (listed !== "read" && effective === undefined)
    return unreadPart(at, gapFor(facts, "firewalls", `the VPC firewall rules of ${nameOf(network)}`, host));
  const own = byNetwork.get(network) ?? [];
  const rules = listed === "read" ? own : (effective?.rules ?? []);
  const doubt = listed === "read" && effective !== undefined ? disagreeing(facts, own, effective, instance) : undefined;
  const gate = vpcList(facts, rules, { those, arrival, instance, direction }, at);
  if (doubt === undefined) return gate;
  const other = vpcList(facts, effective?.rules ?? [], { those, arrival, instance, direction }, at);
  return oneOf(at, gate, other, doubt);
};

interface For {
  readonly those: Members;
  readonly arrival: Arrival;
  readonly instance: Instance;
  readonly direction: Direction;
}

const vpcList = (
  facts: Facts,
  rules: readonly VpcRule[],
  { those, arrival, instance, direction }: For,
  at: Place,
): List => {
  const says =
    direction === "INGRESS"
      ? "no VPC firewall rule matches it"
      : "no VPC firewall rule keeps the client from sending it";
  const none: Evidence = { saw: "no-rule", says };
  return {
    rules: [
      ...rules
        .filter((rule) => isTarget(rule, instance))
        .flatMap((rule) => {
          const match = matchOf(facts, rule, arrival, those);
          if (isEmpty(match.possibly)) return [];
          const source = rule.fact.at;
          return [
            { match: exactly(match.possibly), action: ruleGate(rule, match), name: rule.name, says: "it", source },
          ];
        }),
      entering(passedOver(at, none)),
    ],
    otherwise: "leave",
    because: [],
  };
};
