import type { Evidence } from "#model/evidence.ts";
import { gap } from "#model/gap.ts";
import type { Final } from "#model/gate.ts";
import type { Hop, Way } from "#model/way.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, meets } from "#packets/set.ts";
import { problems } from "#problems.ts";
import type { Fact } from "./facts.ts";
import { askedFor, gapFor } from "./facts.ts";
import { doubtfulHop, state } from "#model/hop.ts";
import type { Judges } from "./judges.ts";
import { middlebox } from "./middlebox.ts";
import type { Places } from "./neighbours.ts";
import { neighbours, under, vpcClients } from "./neighbours.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { INSIDE, between, way } from "./network-way.ts";
import { items, raw, text } from "./raw.ts";
import { isJoined } from "./transit-gateway.ts";
import type { Target, Verdict } from "./route-table.ts";

/** Peered VPCs: both sides need a route to the connection, and only an active one carries (aws.md A.3, 3). */
export const peeringWays = (
  judge: Judges,
  places: Places,
  asked: PacketSet,
  to: NetworkInterface,
  vpc: string,
): readonly Way[] =>
  [...judge.facts.things.VpcPeeringConnections].flatMap(([id, fact]) => {
    const sides = [raw(fact.raw["AccepterVpcInfo"]), raw(fact.raw["RequesterVpcInfo"])] as const;
    const own = sides.findIndex((side) => text(side["VpcId"]) === vpc);
    const peer = sides[own === 0 ? 1 : 0];
    const other = text(peer["VpcId"]);
    if (own === -1 || other === undefined || other === vpc) return [];
    const from = peerClients(judge, peer, other);
    if (!meets(from, asked)) return [];
    const connection: Hop = { gate: peeringHop(judge, id, fact) };
    const there = (target: Target): Verdict => {
      if (target.kind === "peering") return target.id === id ? "allow" : "timeout";
      const isAnotherWay = isJoined(judge.facts, target.id, vpc, other);
      return INSIDE.has(target.kind) || (target.kind === "transit-gateway" && !isAnotherWay)
        ? { gap: middlebox(target) }
        : "timeout";
    };
    // A reply that leaves through a transit gateway may find back all the same, because routing keeps no state.
    const back = (target: Target): Verdict =>
      target.kind === "transit-gateway" ? { gap: middlebox(target) } : there(target);
    return neighbours(judge, places, asked, other, and(from, asked), to.id).map((those) => {
      const legs = between(judge, to, those, other, there, back);
      const scope = { account: text(peer["OwnerId"]), region: text(peer["Region"]) };
      const known = (places.get(other) ?? []).length > 0 && askedFor(judge.facts, "Subnets", scope) === "read";
      const unseen: readonly Hop[] =
        those.subnet === undefined && !known ? [{ gate: unreadPeer(judge, other, to) }] : [];
      return way(
        judge,
        "peering",
        to,
        those,
        { from: "vpc", vpc: other },
        {
          request: [...unseen, connection, ...legs.request],
          reply: legs.reply,
        },
      );
    });
  });

const peerClients = ({ facts }: Judges, peer: Fact["raw"], id: string): PacketSet => {
  const vpc = facts.things.Vpcs.get(id);
  return anyOf([
    ...items(peer["CidrBlockSet"]).map((each) => under(text(each["CidrBlock"]))),
    ...items(peer["Ipv6CidrBlockSet"]).map((each) => under(text(each["Ipv6CidrBlock"]))),
    under(text(peer["CidrBlock"])),
    ...(vpc === undefined ? [] : [vpcClients(vpc)]),
  ]);
};

const peeringHop = ({ facts }: Judges, id: string, fact: Fact): Final => {
  const at = { kind: "peering", id } as const;
  const contradiction = facts.contradictions.get(id);
  if (contradiction !== undefined) return doubtfulHop(at, contradiction);
  const code = text(raw(fact.raw["Status"])["Code"]) ?? "in no known state";
  const seen: Evidence = { saw: "state", says: `${id} is ${code}`, source: fact.at };
  if (code === "provisioning" || code === "deleting" || code === "initiating-request")
    return doubtfulHop(at, gap("depends", problems.changing(id, code), fact.at));
  return state(at, code === "active" ? "allow" : "timeout", seen);
};

const unreadPeer = ({ facts }: Judges, vpc: string, to: NetworkInterface): Final =>
  doubtfulHop(
    { kind: "route", id: vpc },
    gapFor(
      facts,
      "Subnets",
      `the client's side of the peering: subnets, ACLs and routes of ${vpc},`,
      to.id,
      { account: undefined, region: undefined },
      to.at,
    ),
  );
