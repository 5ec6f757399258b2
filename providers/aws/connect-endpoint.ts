import { gap } from "#model/gap.ts";
import type { Alternative } from "#model/inventory.ts";
import type { Hop, Way } from "#model/way.ts";
import { client, everything, family } from "#packets/set.ts";
import { parseAddress } from "#packets/address.ts";
import { problems } from "#problems.ts";
import type { Fact } from "./facts.ts";
import { gapFor } from "./facts.ts";
import { doubtfulHop } from "#model/hop.ts";
import type { Judges } from "./judges.ts";
import { machineState } from "./machine-state.ts";
import { middlebox, routeTo } from "./middlebox.ts";
import type { InsideWays } from "./network.ts";
import type { NetworkInterface } from "./network-interface.ts";
import type { Legs } from "./network-way.ts";
import { machineAt, tableGate, way } from "./network-way.ts";
import { text, texts } from "./raw.ts";
import type { Target, Verdict } from "./route-table.ts";

/**
 * EC2 Instance Connect endpoints of the machine's VPC. What they reach, their own groups must let out and the machine's
 * must admit; their own inbound rules count for nothing (aws.md A.9).
 */
export const connectEndpoints = (
  judge: Judges,
  fromInside: InsideWays,
  to: NetworkInterface,
  machine: string,
  cli: string,
): readonly Alternative[] =>
  [...judge.facts.things.InstanceConnectEndpoints]
    .filter(([, { raw }]) => STANDING.has(text(raw["State"]) ?? "") && text(raw["VpcId"]) === to.vpc)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([id, endpoint]): readonly Alternative[] => {
      const keeps = endpoint.raw["PreserveClientIp"] === true;
      const found = wayFrom(judge, fromInside, to, id, endpoint, keeps);
      if (found === undefined) return [];
      const says = `EC2 Instance Connect endpoint ${id}, for whoever may call ec2-instance-connect:OpenTunnel, leads to ${machine} inside the VPC.`;
      const made = { kind: "instance-connect-endpoint", id, says, cli, way: found } as const;
      return [keeps ? { ...made, depends: gap("depends", problems.whoseAddress(id), endpoint.at) } : made];
    });

/** An endpoint that was changed stands as one that was made does. */
const STANDING = new Set(["create-complete", "update-complete"]);

/** The way from the endpoint's interface; undefined where it has no address of the machine's family. */
const wayFrom = (
  judge: Judges,
  fromInside: InsideWays,
  to: NetworkInterface,
  id: string,
  endpoint: Fact,
  keeps: boolean,
): Way | undefined => {
  const { facts } = judge;
  const [named = `the interface of ${id}`] = texts(endpoint.raw["NetworkInterfaceIds"]);
  const one = facts.interfaces.get(named);
  const doubt =
    facts.contradictions.get(id) ??
    facts.contradictions.get(named) ??
    (one === undefined ? gapFor(facts, "NetworkInterfaces", named, id, to, endpoint.at) : undefined);
  if (one === undefined || doubt !== undefined) {
    const why = doubt ?? gapFor(facts, "NetworkInterfaces", named, id, to, endpoint.at);
    const request = [
      { gate: machineState(facts, to) },
      { gate: doubtfulHop({ kind: "security-group", id: named }, why) },
    ];
    return { origin: "network", interface: to.id, carries: everything, request, reply: [] };
  }
  const own = to.v4[0]?.private ?? to.v6[0];
  const from = parseAddress((to.v4.length > 0 ? one.v4[0]?.private : one.v6[0]) ?? "");
  if (own === undefined || from === undefined || (keeps && from.family === 6)) return undefined;
  if (!keeps)
    return fromInside(client(from), to).find(({ origin, address }) => origin === "network" && address === own);
  const door = { ...to, v4: to.v4.slice(0, 1), v4Prefixes: [], v6: [], v6Prefixes: [] };
  const neighbour = { from: client(from), subnet: one.subnet, groups: one.groups, one };
  const path = { from: "carrier", vpc: id, groups: one.groups.ids } as const;
  const made = way(judge, "network", door, neighbour, path, keptLegs(judge, door, one));
  const last = made.request.length - 1;
  return { ...made, request: made.request.map((hop, i) => (i === last ? asUser(hop) : hop)) };
};

/** What is judged here is the address of the endpoint's user, which may be any. */
const asUser = ({ gate }: Hop): Hop => ({ gate, sees: { hides: ["client"], instead: family(4) } });

/** Between the endpoint's subnet and the machine's, where packets keep the address of the endpoint's user. */
const keptLegs = (judge: Judges, to: NetworkInterface, { subnet = "" }: NetworkInterface): Legs => {
  const own = to.subnet ?? "";
  if (subnet === own) return { request: [], reply: [] };
  const { acls } = judge;
  const machine = machineAt(to);
  const isLocal = (target: Target): Verdict => (target.kind === "local" ? "allow" : { gap: middlebox(target) });
  const why = gap("unverified", problems.notDocumented("how replies from another subnet find back to an endpoint"));
  return {
    request: [
      { gate: acls.clientOut(subnet, machine, to) },
      { gate: tableGate(judge, subnet, to.vpc, to, (table) => routeTo(table, machine, isLocal)) },
      asUser({ gate: acls.into(own, "request", to) }),
    ],
    reply: [
      asUser({ gate: acls.outOf(own, "reply", to) }),
      { gate: doubtfulHop({ kind: "route", id: own }, why) },
      { gate: acls.clientIn(subnet, machine, to) },
    ],
  };
};
