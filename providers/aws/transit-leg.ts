import { gap } from "#model/gap.ts";
import type { Final, Place } from "#model/gate.ts";
import { always, perhaps } from "#model/match.ts";
import type { Hop } from "#model/way.ts";
import { everything } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { NOWHERE } from "#model/hop.ts";
import type { Judges } from "./judges.ts";
import { middlebox, routeTo } from "./middlebox.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { INSIDE, machineAt, tableGate } from "./network-way.ts";
import type { Target, Verdict } from "./route-table.ts";
import { routeGate } from "./route-table.ts";
import type { Attachment, Entry } from "./transit-gateway.ts";
import { attachmentGate, entryFor, entryGate, subnetsOf, unknownSubnets } from "./transit-gateway.ts";

/** An interface's own family: ways are made for one address of it. */
export const familyOf = ({ v4, v4Prefixes }: NetworkInterface): 4 | 6 => (v4.length + v4Prefixes.length > 0 ? 4 : 6);

/** Where a gateway's table must lead. What comes out in another network may be sent on from there. */
export const towards =
  (wanted: Attachment) =>
  (target: Target): Verdict => {
    if (target.id === wanted.id) return "allow";
    return { gap: gap("unmodelled", problems.notModelled(`${target.id}, and not ${wanted.id} directly`)) };
  };

/** Within a VPC packets are delivered, or sent through a middlebox first. */
export const inwards = (target: Target): Verdict => (target.kind === "local" ? "allow" : { gap: middlebox(target) });

/** From the gateway to the machine: its VPC's attachment, the subnets of that, and the machine's own subnet. */
export const arriving = (judge: Judges, to: NetworkInterface, mine: Attachment): readonly Hop[] => [
  { gate: attachmentGate(judge.facts, mine, familyOf(to), unknownEntry(judge, mine)) },
  ...delivered(judge, mine, to.subnet, {
    table: (each) => tableGate(judge, each, to.vpc, to, (table) => routeTo(table, machineAt(to), inwards)),
    acl: (each) => judge.acls.clientOut(each, machineAt(to), to),
    own: () => judge.acls.into(to.subnet ?? "", "request", to),
  }),
];

/**
 * From the machine to the gateway. A reply that leaves through another gateway may find back all the same, because
 * routing keeps no state.
 */
export const leaving = (judge: Judges, to: NetworkInterface, mine: Attachment): readonly Hop[] => {
  const { subnet = "" } = to;
  const entry = entryFor(judge.facts, mine, subnet);
  const back = (target: Target): Verdict => {
    if (target.id === mine.gateway) return "allow";
    const mayFindBack = INSIDE.has(target.kind) || target.kind === "transit-gateway" || target.kind === "peering";
    return mayFindBack ? { gap: middlebox(target) } : "timeout";
  };
  return [
    { gate: judge.acls.outOf(subnet, "reply", to) },
    { gate: tableGate(judge, subnet, to.vpc, to, (table) => routeGate(table, back)) },
    { gate: entryGate(mine, entry) },
    ...entering(subnet, entry, (each) => judge.acls.clientIn(each, machineAt(to), to)),
  ];
};

/** Into the gateway: through the attachment's subnet in the sender's zone, whose ACL sees packets come in. */
export const entering = (from: string, entry: Entry, acl: (subnet: string) => Final): readonly Hop[] =>
  entry.is === "subnet" ? [{ gate: entry.subnet === from ? perhapsSkipped(acl(from), from) : acl(entry.subnet) }] : [];

const unknownEntry = ({ facts }: Judges, of: Attachment): Entry | undefined => {
  const why = unknownSubnets(facts, of);
  return why === undefined ? undefined : { is: "gap", gap: why };
};

export const handedOver = (judge: Judges, of: Attachment): readonly Hop[] => {
  const entry = unknownEntry(judge, of);
  return entry === undefined ? [] : [{ gate: entryGate(of, entry) }];
};

interface Delivery {
  readonly table: (subnet: string) => Final;
  readonly acl: (subnet: string) => Final;
  /** The ACL of the subnet in which the journey ends. */
  readonly own: () => Final;
}

/** Out of the gateway, through one of the attachment's subnets: its table, its ACL, and that of the subnet at the end. */
export const delivered = (
  { facts }: Judges,
  of: Attachment,
  end: string | undefined,
  { table, acl, own }: Delivery,
): readonly Hop[] => {
  const last: readonly Hop[] = end === undefined ? [] : [{ gate: own() }];
  const subnets = subnetsOf(facts, of);
  if (subnets === undefined) return last;
  const others = subnets.filter((each) => each !== end);
  const isWithin = others.length < subnets.length;
  const through = (gates: readonly Final[]): readonly Hop[] =>
    oneOf(of, subnets, isWithin ? [...gates, PASSES] : gates);
  return [
    ...through(others.map(table)),
    ...through(others.map(acl)),
    ...(isWithin ? last.map(({ gate }) => ({ gate: perhapsSkipped(gate, end ?? "") })) : last),
  ];
};

const PASSES: Final = { rules: [], otherwise: "allow", because: [] };

/** One of several gates, and nothing tells which: they are one hop, with the names of all. */
const oneOf = (of: Attachment, subnets: readonly string[], gates: readonly Final[]): readonly Hop[] => {
  const alike = [...new Map(gates.map((each) => [each.at?.id ?? "", each])).values()];
  const named = alike.flatMap(({ at }) => (at === undefined ? [] : [at]));
  const [first] = named;
  if (first === undefined) return [];
  if (alike.length === 1) return alike.map((gate) => ({ gate }));
  const why = gap("depends", problems.oneOfSeveral(of.id, subnets.join(", ")), of.vpc?.at ?? of.at);
  const rules = alike.map((gate, i) => ({
    match: i === alike.length - 1 ? always : perhaps(everything, why),
    action: unnamed(gate),
    name: why.code,
    says: "it",
    source: why.source ?? NOWHERE,
  }));
  const at: Place = { kind: first.kind, id: named.map(({ id }) => id).join(",") };
  return [{ gate: { at, rules, otherwise: "allow", because: [] } }];
};

const unnamed = (gate: Final): Final =>
  "rules" in gate ? { rules: gate.rules, otherwise: gate.otherwise, because: gate.because } : { every: gate.every };

/**
 * The ACL of a subnet that holds both the attachment and the machine, or the client. The guide of transit gateways says
 * that it is not asked for what comes out of the gateway, and asked both ways for what goes in; A.3 does not say so.
 */
const perhapsSkipped = (acl: Final, subnet: string): Final => {
  const why = gap("unverified", problems.sharedSubnet(subnet));
  if (!("rules" in acl)) return acl;
  const skipped = { match: perhaps(everything, why), action: PASSES, name: why.code, says: "it", source: NOWHERE };
  return { ...acl, rules: [skipped, ...acl.rules] };
};
