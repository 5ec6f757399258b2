import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Place } from "#model/gate.ts";
import type { Hop, Way } from "#model/way.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, isEmpty, minus } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { gapFor } from "./facts.ts";
import { doubtfulHop } from "#model/hop.ts";
import type { Judges } from "./judges.ts";
import { routeTo } from "./middlebox.ts";
import type { NetworkInterface } from "./network-interface.ts";
import type { Legs } from "./network-way.ts";
import { machineAt, toldTwice, way } from "./network-way.ts";
import type { RouteTable, Target, Verdict } from "./route-table.ts";
import { routeGate, routedTo } from "./route-table.ts";
import type { Path } from "./security-group.ts";
import { internet } from "./security-group.ts";
import type { Association, Attachment } from "./transit-gateway.ts";
import { associationGate, attachmentGate, attachments, ownAttachments, placeOf, tableFor } from "./transit-gateway.ts";
import { arriving, familyOf, leaving, towards } from "./transit-leg.ts";

/**
 * Clients behind a transit gateway whom no VPC that was read explains: behind a VPN, another gateway, another account's
 * VPC. What these do is not followed; what the gateway's own tables do is. Undefined where the VPC's own attachment to it
 * was not read.
 */
export const behindTransit = (
  judge: Judges,
  { id }: Target,
  from: PacketSet,
  to: NetworkInterface,
  vpc: string,
): readonly Way[] | undefined => {
  const mine = ownAttachments(judge.facts, vpc).find((each) => each.gateway === id);
  if (mine === undefined) return undefined;
  const table = tableFor(judge.facts, mine, to.region);
  const near = sideOf(judge, to, mine, table);
  if (table.is === "gap")
    return [
      near.way(from, [doubted({ kind: "transit-gateway", id }, table.gap)], beyond(id, table.gap), () => "allow"),
    ];
  const led =
    table.is === "found"
      ? attachmentsIn(table.fact).map((each) => ledTo(judge, near, from, to, mine, table.fact, each))
      : [];
  const ways = led.filter((each) => !isEmpty(each.carries));
  const lost = minus(from, anyOf(ways.map((each) => each.carries)));
  if (isEmpty(lost)) return ways;
  const why = gap("unmodelled", problems.notModelled(`transit gateway ${id}`));
  return [...ways, near.way(lost, [], beyond(id, why), ({ kind }) => (kind === "none" ? { gap: why } : "timeout"))];
};

/** The machine's side of the gateway, which is the same for whoever comes through it. */
interface Side {
  way(clients: PacketSet, first: readonly Hop[], path: Path, back: (target: Target) => Verdict): Way;
}

const sideOf = (judge: Judges, to: NetworkInterface, mine: Attachment, table: Association): Side => {
  const inside = [...toldTwice(judge, to, undefined), ...arriving(judge, to, mine)];
  const outside = leaving(judge, to, mine);
  return {
    way: (clients, first, path, back) => {
      const legs: Legs = {
        request: [...first, ...inside],
        reply: [...outside, { gate: associationGate(mine, table, (found) => routeGate(found, back)) }],
      };
      const those = { from: clients, subnet: undefined, groups: undefined, one: undefined };
      return way(judge, "transit-gateway", to, those, path, legs);
    },
  };
};

const doubted = (at: Place, why: Gap): Hop => ({ gate: doubtfulHop(at, why) });

/** Who comes from networks that are not known may be a member of any group. */
const beyond = (id: string, why: Gap): Path => ({
  from: "beyond",
  vpc: `beyond ${id} ${why.code} ${why.says}`,
  gap: why,
});

/** Attachments behind which no interface of a VPC of this gateway is. */
const OUTSIDE = new Set(["vpn", "direct-connect-gateway", "connect", "peering"]);

/** Clients to whom the gateway sends replies through one attachment. */
const ledTo = (
  judge: Judges,
  near: Side,
  from: PacketSet,
  to: NetworkInterface,
  mine: Attachment,
  table: RouteTable,
  id: string,
): Way => {
  const { facts } = judge;
  const there = attachments(facts).get(id);
  const why = whyBeyond(judge, to, id, there);
  const back = (target: Target): Verdict => (target.id === id ? "allow" : "timeout");
  const clients = and(
    from,
    routedTo(table, (target) => target.id === id),
  );
  if (there === undefined)
    return near.way(clients, [doubted({ kind: "transit-gateway", id }, why)], beyond(id, why), back);
  const state = there.state === "available" ? [] : [{ gate: attachmentGate(facts, there, familyOf(to)) }];
  const inward = associationGate(there, tableFor(facts, there, to.region), (found) =>
    routeTo(found, machineAt(to), towards(mine)),
  );
  // Only interfaces of VPCs are members of groups, and not across gateways that are peered (aws.md A.3, 4).
  const path = OUTSIDE.has(there.type) ? internet : beyond(id, why);
  return near.way(clients, [doubted(placeOf(there), why), ...state, { gate: inward }], path, back);
};

const attachmentsIn = ({ routes }: RouteTable): readonly string[] =>
  [...new Set(routes.filter(({ target }) => target.kind === "attachment").map(({ target }) => target.id))].toSorted();

/** Why nothing is known of clients behind an attachment. */
const whyBeyond = (
  { facts }: Judges,
  { id: named, at, region }: NetworkInterface,
  id: string,
  of: Attachment | undefined,
): Gap => {
  if (id.includes(","))
    return gap("unmodelled", problems.notModelled(`attachments ${id}, which share packets between them`));
  if (of === undefined)
    return gapFor(facts, "TransitGatewayAttachments", `attachment ${id}`, named, { account: undefined, region }, at);
  const { type, resource = "an unnamed network", owner } = of;
  const what = `${resource} of account ${owner ?? "unknown"}`;
  return type === "vpc" && !facts.things.Vpcs.has(resource)
    ? gapFor(facts, "Vpcs", what, id, { account: owner, region }, of.at)
    : gap("unmodelled", problems.notModelled(`${id} (${type} ${resource})`), of.at);
};
