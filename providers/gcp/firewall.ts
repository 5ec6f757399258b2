import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import { problems } from "#problems.ts";
import type { Final, Gate, List, Place, Rule } from "#model/gate.ts";
import { both, exactly } from "#model/match.ts";
import { isEmpty } from "#packets/set.ts";
import type { Arrival } from "./arrival.ts";
import { coming } from "./arrival.ts";
import type { Direction } from "./direction.ts";
import { directionsOf } from "./direction.ts";
import type { Fact, Facts } from "./facts.ts";
import { askedFor, gapFor, hostOf } from "./facts.ts";
import type { Reader } from "./firewall-policy.ts";
import { nothingKnown, policyGate } from "./firewall-policy.ts";
import type { VpcRule } from "./firewall-rule.ts";
import { byPriority, matchOf, readRule, ruleGate } from "./firewall-rule.ts";
import { entering, inOrder, oneOf, passedOver, perhapsPart, unreadPart } from "#model/hop.ts";
import type { Instance } from "./instance.ts";
import type { Likeness } from "./likeness.ts";
import { linkOf, nameOf } from "./link.ts";
import type { Members } from "./members.ts";
import { members } from "./members.ts";
import type { NetworkInterface } from "./network-interface.ts";
import type { Applied, Assumed, Layer, Layers } from "./policies.ts";
import { layersOf } from "./policies.ts";
import { disagreeing, effectiveRules, tellsTheSame } from "./effective-rules.ts";
import { items, text } from "./raw.ts";
import type { Remember } from "#model/remember.ts";
import { remembering } from "#model/remember.ts";

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

export const firewalls = (facts: Facts, alike: Likeness): Firewalls => {
  const those = members(facts);
  const byNetwork = { INGRESS: rulesByNetwork(facts, "INGRESS"), EGRESS: rulesByNetwork(facts, "EGRESS") } as const;
  const policiesKnown = nothingKnown();
  const vpcKnown: VpcKnown = {
    answers: remembering(),
    matches: remembering(),
    lists: remembering(),
    met: remembering(),
    targets: new Map(),
  };
  const kinFor = kinship(facts, alike);
  const chains = remembering<Gate>();
  const frames = remembering<Frame>();
  const denials = remembering<List>();
  const finals = remembering<Final>();

  /** Parts in a row as one part; the same parts are the same row. */
  const chain = (parts: readonly Gate[]): Gate => {
    const [first, ...others] = parts;
    return first !== undefined && others.length === 0 ? first : chains(parts, () => inOrder(parts));
  };

  /** What stands before the rules of the network and behind them. */
  const frame = (layers: Layers, reader: Reader): Frame => {
    const { direction, network } = reader;
    const part = (layer: Layer): readonly Gate[] =>
      direction === "EGRESS" && layer.is === "assumed" ? [] : layerGates(layer, reader);
    const isUnasked = layers.global.is === "assumed" && layers.regional.is === "assumed" && direction === "INGRESS";
    const policies = isUnasked
      ? [passedOver({ kind: "firewall-policy", id: linkOf(network) }, noPolicies(layers.global.seen))]
      : [...part(layers.global), ...part(layers.regional)];
    const row = inTheirOrder(facts, network, policies, hasSay(layers.global) || hasSay(layers.regional));
    const denial = direction === "INGRESS" ? [denials([network], () => impliedDeny(network))] : [];
    const asOne = (parts: readonly Gate[]): readonly Gate[] => (parts.length === 0 ? [] : [chain(parts)]);
    return {
      before: asOne([...part(layers.hierarchical), ...part(layers.system), ...row.before]),
      turn: row.turn,
      after: asOne([...row.after, ...denial]),
    };
  };

  const hop = (
    nic: NetworkInterface,
    instance: Instance,
    { layers, carries, inPolicies }: Kin,
    arrival: Arrival,
    destination: string,
    direction: Direction,
  ): Final => {
    const { network } = nic;
    const at: Place = { kind: "firewall-rule", id: linkOf(network) };
    const reader: Reader = {
      facts,
      members: those,
      arrival,
      direction,
      network,
      instance,
      known: policiesKnown,
      carries,
      alone: alike.alone(nic),
      destination,
    };
    const vpc = vpcGate(vpcKnown, byNetwork[direction], nic, reader, at);
    const { before, turn, after } = frames(
      [layers, network, inPolicies, reader.alone, direction, arrival.from, destination],
      () => frame(layers, reader),
    );
    const parts = [...before, turn(vpc), ...after];
    // Different machines, and families of addresses, may still meet the same rules in the same order.
    return finals([direction, ...parts], () => ({
      rules: parts.map(entering),
      otherwise: direction === "INGRESS" ? "timeout" : "allow",
      because: [],
    }));
  };

  const remembered = (nic: NetworkInterface, instance: Instance, arrival: Arrival, direction: Direction): Final => {
    const kin = kinFor(nic, instance);
    const destination = alike.destination(nic.network, arrival, direction);
    return kin.gates([direction, arrival.from, destination], () =>
      hop(nic, instance, kin, arrival, destination, direction),
    );
  };

  const isDenying = new Map<string, boolean>();
  const policiesDeny = (): boolean =>
    [...facts.things.firewallPolicies.values(), ...facts.effective.map(({ fact }) => fact)].some(hasEgressDeny);
  /** Whether some rule for what goes out of a network denies something, or its rules were asked for in vain. */
  const deniesOut = ({ network }: NetworkInterface): boolean => {
    const made =
      isDenying.get(network) ??
      ((byNetwork.EGRESS.get(network) ?? []).some(({ action }) => action === "timeout") ||
        ["refused", "cut"].includes(askedFor(facts, "firewalls", hostOf(network))) ||
        policiesDeny());
    isDenying.set(network, made);
    return made;
  };
  const isUnread = (nic: NetworkInterface, instance: Instance): boolean =>
    Object.values(kinFor(nic, instance).layers).some(({ is }: Layer) => is === "unread");

  return {
    members: those,
    rules: (network) => byNetwork.INGRESS.get(network) ?? [],
    egressRules: (network) => byNetwork.EGRESS.get(network) ?? [],
    hop: (nic, instance, arrival) => remembered(nic, instance, arrival, "INGRESS"),
    out: (nic, instance, address) =>
      deniesOut(nic) || isUnread(nic, instance)
        ? remembered(nic, instance, { from: "network", dials: [address] }, "EGRESS")
        : undefined,
  };
};

const hasEgressDeny = ({ raw }: Fact): boolean =>
  [raw, ...items(raw["firewallPolicys"])].some((policy) =>
    items(policy["rules"]).some(
      (rule) => directionsOf(rule).includes("EGRESS") && text(rule["action"]) !== "goto_next",
    ),
  ) ||
  items(raw["firewalls"]).some((rule) => directionsOf(rule).includes("EGRESS") && items(rule["denied"]).length > 0);

/** Interfaces that no rule tells apart. */
interface Kin {
  readonly layers: Layers;
  /** What their machines carry of what rules ask for, and of what policies ask for. */
  readonly carries: string;
  readonly inPolicies: string;
  /** What their firewalls do with packets, by how these come and where they go. */
  readonly gates: Remember<Final>;
}

/** Who is kin to whom. Machines that carry the same lists of words are asked about once. */
const kinship = (facts: Facts, alike: Likeness): ((nic: NetworkInterface, instance: Instance) => Kin) => {
  const byWords = remembering<Kin>();
  const byLikeness = remembering<Kin>();
  const layersByPlace = remembering<Layers>();
  const layersByLikeness = remembering<Layers>();
  const likenessOf = layerLikeness();

  const layersFor = (nic: NetworkInterface, instance: Instance): Layers => {
    const found = layersOf(facts, nic, instance);
    return layersByLikeness([likenessOf(found)], () => found);
  };

  return (nic, instance) => {
    const { network, region } = nic;
    const { project, crowd } = instance;
    const alone = alike.alone(nic);
    return byWords([crowd, network, alone], () => {
      const layers = layersByPlace([network, region, project, alone], () => layersFor(nic, instance));
      const carries = alike.of(network, instance);
      const inPolicies = alike.inPolicies(instance);
      const made = (): Kin => ({ layers, carries, inPolicies, gates: remembering() });
      return byLikeness([network, layers, alone, carries], made);
    });
  };
};

/** A number for each thing, by which it is known again. */
const numbering = (): ((thing: unknown) => number) => {
  const seen = new Map<unknown, number>();
  return (thing) => {
    const found = seen.get(thing) ?? seen.size;
    seen.set(thing, found);
    return found;
  };
};

/** Two tellings of the layers are alike where they name the same policies, told by the same answers. */
const layerLikeness = (): ((layers: Layers) => string) => {
  const number = numbering();
  const ofLayer = (layer: Layer): string => {
    switch (layer.is) {
      case "known":
        return [
          ...layer.policies.map((each) =>
            each.doubt === undefined ? `${number(each.policy.raw)} ${each.policy.place.id}` : `? ${number(each)}`,
          ),
          layer.assumed?.says,
        ].join(", ");
      case "assumed":
        return `assumed ${layer.seen.says} ${layer.seen.ask}`;
      case "unread":
        return `unread ${number(layer)}`;
    }
  };
  return ({ hierarchical, system, global, regional }) =>
    [hierarchical, system, global, regional].map(ofLayer).join("; ");
};

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

/** The policies of a network in their order, and the turn of its rules among them. */
interface Frame {
  readonly before: readonly Gate[];
  readonly turn: (vpc: Gate) => Gate;
  readonly after: readonly Gate[];
}

/** VPC rules before network policies, or after them; where the network was not read, one or the other (gcp.md A1). */
const inTheirOrder = (facts: Facts, network: string, policies: readonly Gate[], matters: boolean): Frame => {
  const fact = facts.things.networks.get(network);
  const order = text(fact?.raw["networkFirewallPolicyEnforcementOrder"]);
  const doubt =
    facts.contradictions.get(network) ??
    (fact === undefined ? unreadNetwork(facts, network) : undefined) ??
    (fact === undefined || order === undefined || ORDERS.has(order) ? undefined : newOrder(order, fact));
  if (doubt !== undefined && matters) {
    const at: Place = { kind: "firewall-policy", id: linkOf(network) };
    const turn = (vpc: Gate): Gate => oneOf(at, inOrder([vpc, ...policies]), inOrder([...policies, vpc]), doubt);
    return { before: [], turn, after: [] };
  }
  const turn = (vpc: Gate): Gate => vpc;
  return order === "BEFORE_CLASSIC_FIREWALL"
    ? { before: policies, turn, after: [] }
    : { before: [], turn, after: policies };
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
      return [
        ...layer.policies.map((each) => appliedGate(each, reader)),
        ...(layer.assumed === undefined || reader.direction === "EGRESS" ? [] : [passedOver(network, layer.assumed)]),
      ];
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

/** What was made of VPC rules, of facts that do not change. */
interface VpcKnown {
  readonly answers: Remember<VpcAnswers>;
  /** By how packets come and where they go, as far as the rule asks; rules by their place. */
  readonly matches: Remember<(Rule | "none" | undefined)[]>;
  readonly lists: Remember<List>;
  /** The same lists by the rules that are met. */
  readonly met: Remember<List>;
  readonly targets: Map<readonly VpcRule[], Targets>;
}

/** What is known of a network's VPC rules, and whether the answers that tell them agree. */
interface VpcAnswers {
  readonly rules: readonly VpcRule[];
  readonly unread?: Gap;
  readonly doubt?: Gap;
  readonly others: readonly VpcRule[];
}

/** The VPC rules for this machine, each a place of its own; the network is named where none of them decides. */
const vpcGate = (
  known: VpcKnown,
  byNetwork: ReadonlyMap<string, readonly VpcRule[]>,
  nic: NetworkInterface,
  reader: Reader,
  at: Place,
): Gate => {
  const { rules, unread, doubt, others } = known.answers([reader.direction, nic.network, reader.alone], () =>
    vpcAnswers(byNetwork, nic, reader),
  );
  if (unread !== undefined) return unreadPart(at, unread);
  const gate = vpcList(known, rules, reader, at);
  return doubt === undefined ? gate : oneOf(at, gate, vpcList(known, others, reader, at), doubt);
};

const vpcAnswers = (
  byNetwork: ReadonlyMap<string, readonly VpcRule[]>,
  nic: NetworkInterface,
  { facts, direction, instance }: Reader,
): VpcAnswers => {
  const { network } = nic;
  const host = hostOf(network);
  const listed = askedFor(facts, "firewalls", host);
  const own = byNetwork.get(network) ?? [];
  if (listed === "read" && tellsTheSame(facts, nic, own)) return { rules: own, others: [] };
  const effective = effectiveRules(facts, nic, direction);
  if (listed !== "read" && effective === undefined) {
    const what = `the VPC firewall rules of ${nameOf(network)}`;
    return { rules: [], others: [], unread: gapFor(facts, "firewalls", what, host) };
  }
  if (listed !== "read" || effective === undefined)
    return { rules: listed === "read" ? own : (effective?.rules ?? []), others: [] };
  const doubt = disagreeing(facts, own, effective, instance);
  return doubt === undefined ? { rules: own, others: [] } : { rules: own, doubt, others: effective.rules };
};

/** Made once for all machines that carry the same of what rules ask for. */
const vpcList = (known: VpcKnown, rules: readonly VpcRule[], reader: Reader, at: Place): List => {
  const { network, carries, arrival, destination } = reader;
  return known.lists([rules, network, carries, arrival.from, destination], () => madeList(known, rules, reader, at));
};

const madeList = (known: VpcKnown, rules: readonly VpcRule[], reader: Reader, at: Place): List => {
  const says =
    reader.direction === "INGRESS"
      ? "no VPC firewall rule matches it"
      : "no VPC firewall rule keeps the client from sending it";
  const none: Evidence = { saw: "no-rule", says };
  const meeting = meetingRules(known, rules, reader);
  const met: Rule[] = [];
  let last = -1;
  for (const place of placesFor(known, rules, reader.instance)) {
    const own = place === last ? "none" : meeting(place);
    if (own !== "none") met.push(own);
    last = place;
  }
  return known.met([at.id, says, ...met], () => ({
    rules: [...met, entering(passedOver(at, none))],
    otherwise: "leave",
    because: [],
  }));
};

/** Places of rules in their order: of those for all machines, and of those for some, by what these carry. */
interface Targets {
  readonly all: readonly number[];
  readonly byTag: ReadonlyMap<string, readonly number[]>;
  readonly byAccount: ReadonlyMap<string, readonly number[]>;
}

const targetsOf = (rules: readonly VpcRule[]): Targets => {
  const all: number[] = [];
  const byTag = new Map<string, number[]>();
  const byAccount = new Map<string, number[]>();
  const add = (map: Map<string, number[]>, word: string, place: number): void => {
    const list = map.get(word);
    if (list === undefined) map.set(word, [place]);
    else list.push(place);
  };
  for (const [place, { targetTags, targetAccounts }] of rules.entries()) {
    if (targetTags.length === 0 && targetAccounts.length === 0) all.push(place);
    for (const tag of targetTags) add(byTag, tag, place);
    for (const account of targetAccounts) add(byAccount, account, place);
  }
  return { all, byTag, byAccount };
};

/** Where the rules that are for a machine stand, in their order; some more than once. */
const placesFor = (
  { targets }: VpcKnown,
  rules: readonly VpcRule[],
  { tags, accounts }: Instance,
): readonly number[] => {
  const { all, byTag, byAccount } = targets.get(rules) ?? targetsOf(rules);
  if (!targets.has(rules)) targets.set(rules, { all, byTag, byAccount });
  return [
    ...all,
    ...tags.flatMap((tag) => byTag.get(tag) ?? []),
    ...accounts.flatMap((account) => byAccount.get(account) ?? []),
  ].toSorted((a, b) => a - b);
};

/** Rules as packets that come like this meet them: each a place that is entered by what it may match. */
const meetingRules = (
  { matches }: VpcKnown,
  rules: readonly VpcRule[],
  { facts, arrival, members: those, destination }: Reader,
): ((place: number) => Rule | "none") => {
  const under = (going: string | undefined): (Rule | "none" | undefined)[] =>
    matches([rules, arrival.from, going], () => []);
  const [anywhere, there] = [under(destination[0]), under(destination)];
  const made = (rule: VpcRule): Rule | "none" => {
    const match = both(matchOf(facts, rule, arrival, those), exactly(coming(arrival)));
    if (isEmpty(match.possibly)) return "none";
    const action = ruleGate(rule, match);
    return { match: exactly(match.possibly), action, name: rule.name, says: "it", source: rule.fact.at };
  };
  return (place) => {
    const rule = rules[place];
    if (rule === undefined) return "none";
    const own = rule.direction === "INGRESS" && rule.destinations.length === 0 ? anywhere : there;
    const met = own[place] ?? made(rule);
    own[place] = met;
    return met;
  };
};
