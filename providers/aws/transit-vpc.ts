import { gap } from "#model/gap.ts";
import type { Final } from "#model/gate.ts";
import type { Way } from "#model/way.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, isEmpty } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { askedFor, gapFor } from "./facts.ts";
import { doubtfulHop } from "#model/hop.ts";
import type { Judges } from "./judges.ts";
import { middlebox, routeTo } from "./middlebox.ts";
import type { Neighbours, Places } from "./neighbours.ts";
import { neighbours, vpcClients } from "./neighbours.ts";
import type { NetworkInterface } from "./network-interface.ts";
import type { Legs } from "./network-way.ts";
import { INSIDE, machineAt, tableGate, toldTwice, way } from "./network-way.ts";
import type { Target, Verdict } from "./route-table.ts";
import { routeGate } from "./route-table.ts";
import type { Path } from "./security-group.ts";
import { internet } from "./security-group.ts";
import type { Attachment } from "./transit-gateway.ts";
import {
  associationGate,
  attachmentGate,
  attachments,
  entryFor,
  isJoined,
  ownAttachments,
  references,
  tableFor,
  zoneOf,
} from "./transit-gateway.ts";
import { arriving, delivered, entering, familyOf, handedOver, inwards, leaving, towards } from "./transit-leg.ts";

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
      ...delivered(judge, theirs, subnet, {
        table: (each) => tableGate(judge, each, theirs.resource, to, (table) => routeGate(table, inwards)),
        acl: (each) => acls.outOf(each, "reply", to),
        own: () => acls.clientIn(subnet ?? "", machine, to),
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
