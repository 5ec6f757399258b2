import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, Place } from "#model/gate.ts";
import type { Scope } from "#model/provider.ts";
import type { Source } from "#model/source.ts";
import { problems } from "#problems.ts";
import type { Fact, Facts, Found } from "./facts.ts";
import { gapFor, placeIn } from "./facts.ts";
import { doubtfulHop, state } from "#model/hop.ts";
import { isRaw, nameOf, raw, text, texts } from "./raw.ts";
import type { RouteTable } from "./route-table.ts";
import { transitTable } from "./transit-route.ts";

/** One network's place at a transit gateway: a VPC's, a VPN's, another gateway's. */
export interface Attachment {
  readonly id: string;
  readonly gateway: string;
  /** `vpc`, `vpn`, `direct-connect-gateway`, `peering`, `connect` and others. */
  readonly type: string;
  readonly resource: string | undefined;
  /** Who owns the network, and who the gateway. */
  readonly owner: string | undefined;
  readonly gatewayOwner: string | undefined;
  readonly state: string;
  /** Undefined where no answer with associations lists it. */
  readonly listed: Fact | undefined;
  /** What only the answer about VPC attachments tells. */
  readonly vpc: Fact | undefined;
  readonly at: Source;
}

/** Every attachment that is not gone, by its id. */
export const attachments = (facts: Facts): ReadonlyMap<string, Attachment> => {
  const before = known.get(facts);
  if (before !== undefined) return before;
  const { TransitGatewayAttachments: all, TransitGatewayVpcAttachments: ofVpcs } = facts.things;
  const made = new Map<string, Attachment>();
  for (const id of new Set([...all.keys(), ...ofVpcs.keys()].toSorted())) {
    const each = attachment(id, all.get(id), ofVpcs.get(id));
    if (each !== undefined && each.state !== "deleted") made.set(id, each);
  }
  known.set(facts, made);
  return made;
};
const known = new WeakMap<Facts, ReadonlyMap<string, Attachment>>();

const attachment = (id: string, listed: Fact | undefined, vpc: Fact | undefined): Attachment | undefined => {
  const fact = listed ?? vpc;
  const gateway = text(listed?.raw["TransitGatewayId"]) ?? text(vpc?.raw["TransitGatewayId"]);
  if (fact === undefined || gateway === undefined) return undefined;
  return {
    id,
    gateway,
    type: text(listed?.raw["ResourceType"]) ?? (vpc === undefined ? "network" : "vpc"),
    resource: text(listed?.raw["ResourceId"]) ?? text(vpc?.raw["VpcId"]),
    owner: text(listed?.raw["ResourceOwnerId"]) ?? text(vpc?.raw["VpcOwnerId"]),
    gatewayOwner: text(listed?.raw["TransitGatewayOwnerId"]),
    state: text(fact.raw["State"]) ?? "in no known state",
    listed,
    vpc,
    at: fact.at,
  };
};

/** The attachments of a VPC: one to each gateway. */
export const ownAttachments = (facts: Facts, vpc: string): readonly Attachment[] => {
  const own = [...attachments(facts).values()].filter((each) => each.type === "vpc" && each.resource === vpc);
  const live = new Set(own.flatMap((each) => (each.state === "available" ? [each.gateway] : [])));
  return own.filter((each) => each.state === "available" || !live.has(each.gateway));
};

/** Whether a gateway joins two VPCs, so that the way through it is one of its own. */
export const isJoined = (facts: Facts, gateway: string, ...vpcs: readonly (string | undefined)[]): boolean => {
  const at = [...attachments(facts).values()].filter((each) => each.gateway === gateway && each.type === "vpc");
  return vpcs.every((vpc) => at.some(({ resource }) => resource === vpc));
};

export const placeOf = ({ id, listed, vpc }: Attachment): Place => {
  const name = nameOf(listed?.raw ?? {}) ?? nameOf(vpc?.raw ?? {});
  return { kind: "transit-gateway", id, ...(name === undefined ? {} : { name }) };
};

/** States in which an attachment surely carries nothing. In others but `available` it is changing. */
const CLOSED = new Set(["failed", "rejected", "pendingAcceptance", "initiatingRequest"]);

/** What an attachment carries: everything while it is available, of a family that it supports, from zones where it is. */
export const attachmentGate = (facts: Facts, of: Attachment, family: 4 | 6, entry?: Entry): Final => {
  const { id, state: now, at } = of;
  const place = placeOf(of);
  const contradiction = facts.contradictions.get(id);
  if (contradiction !== undefined) return doubtfulHop(place, contradiction);
  const says = `${of.type} attachment of ${of.resource ?? "an unnamed network"} to ${of.gateway}, ${now}`;
  const seen: Evidence = { saw: "state", says, source: at };
  if (CLOSED.has(now)) return state(place, "timeout", seen);
  if (now !== "available") return doubtfulHop(place, gap("depends", problems.changing(id, now), at));
  const open = entry === undefined ? state(place, "allow", seen) : entryGate(of, entry, seen);
  if (family === 4 || of.type !== "vpc") return open;
  const option = optionOf(of.vpc, "Ipv6Support");
  if (option === "enable") return open;
  if (option !== undefined)
    return state(place, "timeout", { saw: "state", says: `${id} does not support IPv6`, source: of.vpc?.at ?? at });
  return doubtfulHop(place, unreadDetail(facts, of, `whether ${id} supports IPv6`));
};

const optionOf = (fact: Fact | undefined, option: string): string | undefined =>
  text(raw(fact?.raw["Options"])[option]);

const unreadDetail = (facts: Facts, { id, owner, at }: Attachment, what: string): Gap =>
  gapFor(facts, "TransitGatewayVpcAttachments", what, id, { account: owner, region: undefined }, at);

/** The subnets in which an attachment has an interface; undefined where that was not read. */
export const subnetsOf = (facts: Facts, { id, vpc }: Attachment): readonly string[] | undefined => {
  const listed = texts(vpc?.raw["SubnetIds"]);
  return listed.length === 0 || facts.contradictions.has(id) ? undefined : listed.toSorted();
};

/** Why the subnets of an attachment are not known, if they are not. */
export const unknownSubnets = (facts: Facts, of: Attachment): Gap | undefined =>
  subnetsOf(facts, of) === undefined ? unreadDetail(facts, of, `the subnets of ${of.id}`) : undefined;

/** The subnet of an attachment in the zone of another subnet: packets enter a transit gateway there and nowhere else. */
export type Entry =
  | { readonly is: "subnet"; readonly subnet: string; readonly zone: string }
  | { readonly is: "none"; readonly says: string }
  | { readonly is: "gap"; readonly gap: Gap };

/** Zones are joined by their ids: their names mean another zone in every account (aws.md F.34). */
export const entryFor = (facts: Facts, of: Attachment, subnet: string): Entry => {
  const subnets = subnetsOf(facts, of);
  if (subnets === undefined) return { is: "gap", gap: unreadDetail(facts, of, `the subnets of ${of.id}`) };
  const zone = zoneOf(facts, subnet);
  const found = subnets.find((each) => each === subnet || (zone !== undefined && zoneOf(facts, each) === zone));
  if (found !== undefined) return { is: "subnet", subnet: found, zone: zone ?? "its own zone" };
  const unknown = [subnet, ...subnets].find((each) => zoneOf(facts, each) === undefined);
  if (unknown === undefined) return { is: "none", says: `${of.id} has no subnet in ${zone}, the zone of ${subnet}` };
  const scope = { account: of.owner, region: undefined };
  return { is: "gap", gap: gapFor(facts, "Subnets", `the zone of ${unknown}`, of.id, scope, of.vpc?.at ?? of.at) };
};

export const zoneOf = (facts: Facts, subnet: string): string | undefined =>
  facts.contradictions.has(subnet) ? undefined : text(facts.things.Subnets.get(subnet)?.raw["AvailabilityZoneId"]);

/** That packets enter the gateway from the subnet's zone. */
export const entryGate = (of: Attachment, entry: Entry, ...seen: readonly Evidence[]): Final => {
  const place = placeOf(of);
  const source = of.vpc === undefined ? of.at : placeIn(of.vpc, "SubnetIds");
  switch (entry.is) {
    case "gap":
      return doubtfulHop(place, entry.gap);
    case "none":
      return state(place, "timeout", { saw: "state", says: entry.says, source });
    case "subnet":
      return state(place, "allow", ...seen, {
        saw: "state",
        says: `takes what comes from ${entry.zone} in ${entry.subnet}`,
        source,
      });
  }
};

/** The table that is asked for what comes through an attachment; `none` where it surely has none. */
export type Association = Found<RouteTable> | { readonly is: "none"; readonly source: Source };

export const tableFor = (facts: Facts, of: Attachment, region: string | undefined): Association => {
  const scope: Scope = { account: of.gatewayOwner, region };
  const contradiction = facts.contradictions.get(of.id);
  if (contradiction !== undefined) return { is: "gap", gap: contradiction };
  const what = `the route table of ${of.id}`;
  const unread = (): Gap => gapFor(facts, "TransitGatewayAttachments", what, of.gateway, scope, of.at);
  if (of.listed === undefined) return { is: "gap", gap: unread() };
  const association = raw(of.listed.raw["Association"]);
  const table = text(association["TransitGatewayRouteTableId"]);
  const now = text(association["State"]) ?? "associated";
  // Who owns the gateway is told of every association; another owner of the network may not be.
  const isTold = CLOSED.has(of.state) || (of.owner !== undefined && of.owner === of.gatewayOwner);
  const isGone = now === "disassociated" || isAbsent(of.listed.raw["Association"]);
  if (isGone && isTold) return { is: "none", source: placeIn(of.listed, "Association") };
  if (table === undefined || isGone) return { is: "gap", gap: unread() };
  if (now !== "associated") return { is: "gap", gap: gap("depends", problems.changing(what, now), of.at) };
  return transitTable(facts, table, of.id, scope);
};

/** What the table of an attachment does, or that there is none. */
export const associationGate = (of: Attachment, table: Association, read: (found: RouteTable) => Final): Final => {
  switch (table.is) {
    case "found":
      return read(table.fact);
    case "gap":
      return doubtfulHop({ kind: "route", id: tableIdOf(of) }, table.gap);
    case "none":
      return state(placeOf(of), "timeout", {
        saw: "state",
        says: `${of.id} is associated with no route table, so what comes through it is dropped`,
        source: table.source,
      });
  }
};

/** Absent, null and empty mean the same; what is no object is not known. */
const isAbsent = (value: unknown): boolean =>
  value === undefined || value === null || (isRaw(value) && Object.keys(value).length === 0);

const tableIdOf = ({ id, listed }: Attachment): string =>
  text(raw(listed?.raw["Association"])["TransitGatewayRouteTableId"]) ?? id;

/** Whether references to groups hold from one attachment to another: only where the gateway and both allow it. */
export const references = (
  facts: Facts,
  from: Attachment,
  to: Attachment,
  region: string | undefined,
): "kept" | "lost" | Gap => {
  const { gateway, gatewayOwner } = to;
  const options = [facts.things.TransitGateways.get(gateway), from.vpc, to.vpc].map((fact) =>
    optionOf(fact, "SecurityGroupReferencingSupport"),
  );
  const ids = [gateway, from.id, to.id];
  const contradiction = ids.map((id) => facts.contradictions.get(id)).find((each) => each !== undefined);
  if (contradiction !== undefined) return contradiction;
  if (options.includes("disable")) return "lost";
  if (options.every((option) => option === "enable")) return "kept";
  if (options[0] !== "enable") {
    const what = `whether ${gateway} carries references to groups`;
    return gapFor(facts, "TransitGateways", what, to.id, { account: gatewayOwner, region }, to.at);
  }
  const unread = options[1] === "enable" ? to : from;
  return unreadDetail(facts, unread, `whether ${unread.id} carries references to groups`);
};
