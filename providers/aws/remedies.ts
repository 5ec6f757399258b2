import type { Place } from "#model/gate.ts";
import type { Inventory, Remedy } from "#model/inventory.ts";
import { exactSources } from "#packets/internet.ts";
import { serviceRuns } from "#packets/runs.ts";
import { PER_PROTOCOL } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import type { Change, Wanted } from "./change.ts";
import { addEntry } from "./change-acl.ts";
import { addRule } from "./change-group.ts";
import { addRoute } from "./change-route.ts";
import { attachGateway, excludeSubnet, giveAddress, startMachine } from "./change-state.ts";
import type { Facts } from "./facts.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { raw, text } from "./raw.ts";
import type { Judges } from "./judges.ts";
import { ownAttachments } from "./transit-gateway.ts";

/**
 * Changes at a place that may let one client's packets through, none wider than that client. There may be several where
 * the place alone does not tell whose side it is on; whoever asks tries them.
 */
export const remediesFor = (
  facts: Facts,
  judge: Judges,
  make: (facts: Facts) => Inventory,
  place: Place,
  direction: "request" | "reply",
  open: PacketSet,
  to: NetworkInterface,
): readonly Remedy[] => {
  const want = wanted(open, to);
  // Ids stand in commands, so they are what the cloud makes of them, or there is no command.
  const ids = place.kind === "public-address" ? [to.id] : [to.id, place.id];
  const isSafe = ids.every((id) => /^[a-z0-9,-]+$/.test(id));
  const found = want === undefined || !isSafe ? [] : changesAt(facts, judge, place, direction, want, to);
  return found
    .filter((change) => change !== undefined)
    .map(({ says, cli, terraform, facts: after, touches }) => ({
      says,
      cli,
      terraform,
      after: () => make({ ...after, read: {} }),
      touches: () => [...after.interfaces.values()].filter(touches),
    }));
};

/** One client, one service and one machine, or undefined where it is more. */
const wanted = (open: PacketSet, to: NetworkInterface): Wanted | undefined => {
  const [client, ...others] = exactSources(open);
  const [run] = serviceRuns(open);
  if (client === undefined || others.length > 0 || run === undefined) return undefined;
  const v6 = client.includes(":");
  const machine = v6 ? `${to.v6[0] ?? "::"}/128` : `${to.v4[0]?.private ?? "0.0.0.0"}/32`;
  return { client, machine, v6, protocol: Math.floor(run[0] / PER_PROTOCOL), port: run[0] % PER_PROTOCOL };
};

const changesAt = (
  facts: Facts,
  judge: Judges,
  place: Place,
  direction: "request" | "reply",
  want: Wanted,
  to: NetworkInterface,
): readonly (Change | undefined)[] => {
  const { client, machine } = want;
  switch (place.kind) {
    case "machine-state":
      return [startMachine(facts, to)];
    case "public-address":
      return [giveAddress(facts, place, want, to)];
    case "internet-gateway":
      return [attachGateway(facts, judge, to)];
    case "public-access-block":
      return [excludeSubnet(facts, to)];
    case "network-acl":
      return [
        addEntry(facts, place.id, { leg: direction, egress: direction === "reply", peer: client }, want),
        addEntry(facts, place.id, { leg: direction, egress: direction === "request", peer: machine }, want),
      ];
    case "security-group":
      return [false, true].map((egress) => addRule(facts, place.id.split(","), egress, want));
    case "route":
      return routes(facts, judge, place.id, direction === "reply" ? client : machine, want, to);
    default:
      return [];
  }
};

/** Through the VPC's internet gateway, one of its active peerings, or a transit gateway that it is attached to. */
const routes = (
  facts: Facts,
  { gateways, tables }: Judges,
  id: string,
  peer: string,
  want: Wanted,
  { vpc = "" }: NetworkInterface,
): readonly (Change | undefined)[] => {
  const gateway = gateways.of(vpc);
  const peerings = [...facts.things.VpcPeeringConnections].filter(([, { raw: of }]) => {
    const sides = [raw(of["AccepterVpcInfo"]), raw(of["RequesterVpcInfo"])];
    return text(raw(of["Status"])["Code"]) === "active" && sides.some((side) => text(side["VpcId"]) === vpc);
  });
  return [
    ...(gateway === undefined ? [] : [addRoute(facts, tables, id, peer, { gateway, vpc }, want)]),
    ...peerings.map(([peering]) => addRoute(facts, tables, id, peer, { peering }, want)),
    ...ownAttachments(facts, vpc).map((each) => addRoute(facts, tables, id, peer, { transit: each.gateway }, want)),
  ];
};
