import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, Place } from "#model/gate.ts";
import { always, perhaps } from "#model/match.ts";
import type { Hop, Way } from "#model/way.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, everything, isEmpty, minus } from "#packets/set.ts";
import { problems } from "#problems.ts";
import type { Facts } from "./facts.ts";
import { askedFor, gapFor } from "./facts.ts";
import { NOWHERE, doubtfulHop } from "./hop.ts";
import type { Judges } from "./judges.ts";
import { middlebox, routeTo } from "./middlebox.ts";
import type { Neighbours, Places } from "./neighbours.ts";
import { neighbours, vpcClients } from "./neighbours.ts";
import type { NetworkInterface } from "./network-interface.ts";
import type { Legs } from "./network-way.ts";
import { INSIDE, machineAt, tableGate, toldTwice, way } from "./network-way.ts";
import type { RouteTable, Target, Verdict } from "./route-table.ts";
import { routeGate, routedTo } from "./route-table.ts";
import type { Path } from "./security-group.ts";
import { internet } from "./security-group.ts";
import type { Attachment, Entry } from "./transit-gateway.ts";
import {
  associationGate,
  attachmentGate,
  attachments,
  entryFor,
  entryGate,
  ownAttachments,
  placeOf,
  references,
  subnetsOf,
  tableFor,
  unknownSubnets,
  zoneOf,
} from "./transit-gateway.ts";

/** Clients of VPCs that are attached to a transit gateway of the machine's own VPC (aws.md A.3, 4). */
export const transitWays = (
  judge: Judges,
  places: Places,
  asked: PacketSet,
  to: NetworkInterface,
  vpc: string,
): readonly Way[] => {
  const all = [...attachments(judge.facts).values()];
  const own = ownAttachments(judge.facts, vpc);
  return own.flatMap((mine) =>
    all
      .filter((each) => each.gateway === mine.gateway && each.type === "vpc" && each.resource !== vpc)
      .flatMap((theirs): readonly Way[] => {
        const other = theirs.resource ?? "";
        const network = judge.facts.things.Vpcs.get(other);
        const from = network === undefined ? asked : and(vpcClients(network), asked);
        if (network === undefined || isEmpty(from)) return [];
        return neighbours(judge, places, from, other, from, to.id).map((those) =>
          way(
            judge,
            "transit-gateway",
            to,
            those,
            pathOf(judge, to, those, theirs, mine, other),
            legs(judge, places, to, those, theirs, mine),
          ),
        );
      }),
  );
};

/** Whether a gateway joins two VPCs, so that the way through it is one of its own. */
export const isJoined = (facts: Facts, gateway: string, ...vpcs: readonly (string | undefined)[]): boolean => {
  const at = [...attachments(facts).values()].filter((each) => each.gateway === gateway && each.type === "vpc");
  return vpcs.every((vpc) => at.some(({ resource }) => resource === vpc));
};

const familyOf = ({ v4, v4Prefixes }: NetworkInterface): 4 | 6 => (v4.length + v4Prefixes.length > 0 ? 4 : 6);

/** A reference to a group means its members across the gateway only where all three allow it, and in most zones. */
const pathOf = (
  judge: Judges,
  to: NetworkInterface,
  { subnet }: Neighbours,
  theirs: Attachment,
  mine: Attachment,
  vpc: string,
): Path => {
  const how = references(judge.facts, theirs, mine, to.region);
  if (how === "lost") return internet;
  const zones = [subnet, to.subnet].map((each) => zoneOf(judge.facts, each ?? ""));
  const odd = zones.filter((zone) => zone === WITHOUT_REFERENCES).length;
  if (how === "kept" && odd === zones.length) return internet;
  if (how === "kept" && odd === 0) return { from: "vpc", vpc };
  const why =
    how === "kept"
      ? gap("unverified", problems.notDocumented(`references to groups between ${WITHOUT_REFERENCES} and other zones`))
      : how;
  return { from: "beyond", vpc: `${vpc} ${theirs.id} ${mine.id} ${odd}`, gap: why };
};

/** The zone whose attachments carry no references to groups (aws.md A.3, 4). */
const WITHOUT_REFERENCES = "use1-az3";

/** Everything between a client's interface and the machine's, and back. */
const legs = (
  judge: Judges,
  places: Places,
  to: NetworkInterface,
  those: Neighbours,
  theirs: Attachment,
  mine: Attachment,
): Legs => {
  const { subnet } = those;
  const { facts, acls } = judge;
  const machine = machineAt(to);
  const family = familyOf(to);
  const home = subnet === undefined ? undefined : { subnet, entry: entryFor(facts, theirs, subnet) };
  const there = (target: Target): Verdict => {
    if (target.id === mine.gateway) return "allow";
    if (target.kind === "transit-gateway")
      return isJoined(facts, target.id, to.vpc, theirs.resource) ? "timeout" : { gap: middlebox(target) };
    if (target.kind === "peering")
      return facts.things.VpcPeeringConnections.has(target.id) ? "timeout" : { gap: middlebox(target) };
    return INSIDE.has(target.kind) ? { gap: middlebox(target) } : "timeout";
  };
  const inTheirs = tableFor(facts, theirs, to.region);
  const isKnown = (places.get(theirs.resource ?? "") ?? []).length > 0 && subnetsAreRead(judge, theirs, to);
  const back = home ?? { subnet: undefined };
  return {
    request: [
      ...toldTwice(judge, to, subnet),
      ...(home === undefined
        ? isKnown
          ? []
          : [{ gate: unreadSubnets(judge, theirs, to) }]
        : [
            { gate: acls.clientOut(home.subnet, machine, to) },
            { gate: tableGate(judge, home.subnet, theirs.resource, to, (table) => routeTo(table, machine, there)) },
          ]),
      { gate: attachmentGate(facts, theirs, family, home?.entry) },
      ...(home === undefined ? [] : entering(home.subnet, home.entry, (each) => acls.into(each, "request", to))),
      { gate: associationGate(theirs, inTheirs, (table) => routeTo(table, machine, towards(mine))) },
      ...arriving(judge, to, mine),
    ],
    reply: [
      ...leaving(judge, to, mine),
      { gate: associationGate(mine, tableFor(facts, mine, to.region), (table) => routeGate(table, towards(theirs))) },
      ...handedOver(judge, theirs),
      ...delivered(judge, theirs, back.subnet, {
        table: (each) => tableGate(judge, each, theirs.resource, to, (table) => routeGate(table, inwards)),
        acl: (each) => acls.outOf(each, "reply", to),
        own: () => acls.clientIn(back.subnet ?? "", machine, to),
      }),
    ],
  };
};

const subnetsAreRead = ({ facts }: Judges, { owner }: Attachment, { region }: NetworkInterface): boolean =>
  askedFor(facts, "Subnets", { account: owner, region }) === "read";

const unreadSubnets = ({ facts }: Judges, { id, resource = id, owner }: Attachment, to: NetworkInterface): Final =>
  doubtfulHop(
    { kind: "route", id: resource },
    gapFor(facts, "Subnets", `the subnets of ${resource}`, id, { account: owner, region: to.region }, to.at),
  );

/** Where a gateway's table must lead. What comes out in another network may be sent on from there. */
const towards =
  (wanted: Attachment) =>
  (target: Target): Verdict => {
    if (target.id === wanted.id) return "allow";
    return { gap: gap("unmodelled", problems.notModelled(`${target.id}, and not ${wanted.id} directly`)) };
  };

/** Within a VPC packets are delivered, or sent through a middlebox first. */
const inwards = (target: Target): Verdict => (target.kind === "local" ? "allow" : { gap: middlebox(target) });

/** From the gateway to the machine: its VPC's attachment, the subnets of that, and the machine's own subnet. */
const arriving = (judge: Judges, to: NetworkInterface, mine: Attachment): readonly Hop[] => [
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
const leaving = (judge: Judges, to: NetworkInterface, mine: Attachment): readonly Hop[] => {
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
const entering = (from: string, entry: Entry, acl: (subnet: string) => Final): readonly Hop[] =>
  entry.is === "subnet" ? [{ gate: entry.subnet === from ? perhapsSkipped(acl(from), from) : acl(entry.subnet) }] : [];

const unknownEntry = ({ facts }: Judges, of: Attachment): Entry | undefined => {
  const why = unknownSubnets(facts, of);
  return why === undefined ? undefined : { is: "gap", gap: why };
};

const handedOver = (judge: Judges, of: Attachment): readonly Hop[] => {
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
const delivered = (
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

/**
 * Clients behind a transit gateway whom no VPC that was read explains: behind a VPN, another gateway, another account's
 * VPC. What these do is not followed; what the gateway's own tables do is. Undefined where the VPC's own attachment to it
 * was not read.
 */
export const behindTransit = (
  judge: Judges,
  gateway: Target,
  from: PacketSet,
  to: NetworkInterface,
  vpc: string,
): readonly Way[] | undefined => {
  const { facts } = judge;
  const mine = ownAttachments(facts, vpc).find((each) => each.gateway === gateway.id);
  const clients = (set: PacketSet): Neighbours => ({ from: set, subnet: undefined, groups: undefined, one: undefined });
  const doubted = (set: PacketSet, at: Place, why: Gap, path: Path, hops: Legs): Way =>
    way(judge, "transit-gateway", to, clients(set), path, {
      request: [{ gate: doubtfulHop(at, why) }, ...hops.request],
      reply: hops.reply,
    });
  const beyond = (why: Gap): Path => ({
    from: "beyond",
    vpc: `beyond ${gateway.id} ${why.code} ${why.says}`,
    gap: why,
  });
  if (mine === undefined) return undefined;
  const table = tableFor(facts, mine, to.region);
  const inside = [...toldTwice(judge, to, undefined), ...arriving(judge, to, mine)];
  const outside = (judged: (target: Target) => Verdict): readonly Hop[] => [
    ...leaving(judge, to, mine),
    { gate: associationGate(mine, table, (found) => routeGate(found, judged)) },
  ];
  if (table.is === "gap") {
    const at: Place = { kind: "transit-gateway", id: gateway.id };
    return [doubted(from, at, table.gap, beyond(table.gap), { request: inside, reply: outside(() => "allow") })];
  }
  const known = attachments(facts);
  const ids = table.is === "found" ? attachmentsIn(table) : [];
  const led = ids.flatMap((id): readonly Way[] => {
    const set =
      table.is === "found"
        ? and(
            from,
            routedTo(table.fact, (target) => target.id === id),
          )
        : from;
    if (isEmpty(set)) return [];
    const there = known.get(id);
    const why = whyBeyond(judge, to, id, there);
    const entry: readonly Hop[] =
      there === undefined
        ? []
        : [
            ...(there.state === "available" ? [] : [{ gate: attachmentGate(facts, there, familyOf(to)) }]),
            {
              gate: associationGate(there, tableFor(facts, there, to.region), (found) =>
                routeTo(found, machineAt(to), towards(mine)),
              ),
            },
          ];
    const judged = (target: Target): Verdict => (target.id === id ? "allow" : "timeout");
    const path = there === undefined || there.type === "vpc" ? beyond(why) : internet;
    const at = there === undefined ? ({ kind: "transit-gateway", id } as const) : placeOf(there);
    return [doubted(set, at, why, path, { request: [...entry, ...inside], reply: outside(judged) })];
  });
  const lost = minus(from, anyOf(led.map((each) => each.carries)));
  if (isEmpty(lost)) return led;
  const why = gap("unmodelled", problems.notModelled(`transit gateway ${gateway.id}`));
  const nowhere: Legs = { request: inside, reply: outside(() => "timeout") };
  return [...led, way(judge, "transit-gateway", to, clients(lost), beyond(why), nowhere)];
};

const attachmentsIn = ({ fact }: { readonly fact: RouteTable }): readonly string[] =>
  [
    ...new Set(fact.routes.filter(({ target }) => target.kind === "attachment").map(({ target }) => target.id)),
  ].toSorted();

/** Why nothing is known of clients behind an attachment. */
const whyBeyond = (judge: Judges, to: NetworkInterface, id: string, of: Attachment | undefined): Gap => {
  const { facts } = judge;
  if (id.includes(","))
    return gap("unmodelled", problems.notModelled(`attachments ${id}, which share packets between them`));
  if (of === undefined)
    return gapFor(facts, "TransitGatewayAttachments", `attachment ${id}`, to.id, {
      account: undefined,
      region: to.region,
    });
  const { type, resource = "an unnamed network", owner } = of;
  if (type === "vpc" && !facts.things.Vpcs.has(resource))
    return gapFor(
      facts,
      "Vpcs",
      `${resource} of account ${owner ?? "unknown"}`,
      id,
      { account: owner, region: to.region },
      of.at,
    );
  return gap("unmodelled", problems.notModelled(`${id} (${type} ${resource})`), of.at);
};
