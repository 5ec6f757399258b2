import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final } from "#model/gate.ts";
import type { PacketSet } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { aboutMachine } from "./hop.ts";
import type { RouteTable, Target, TargetKind, Verdict } from "./route-table.ts";
import { routeGate } from "./route-table.ts";

/** A table read for packets to one machine, whoever sends them. */
export const routeTo = (table: RouteTable, machine: PacketSet, judge: (target: Target) => Verdict): Final => {
  const gate = routeGate(table, judge);
  return { ...gate, rules: aboutMachine(gate.rules, machine) };
};

export const middlebox = (target: Target): Gap =>
  gap(
    "unmodelled",
    problems.notModelled(
      MIDDLEBOXES[target.kind] === undefined ? target.id : `${MIDDLEBOXES[target.kind]} ${target.id}`,
    ),
  );

const MIDDLEBOXES: Partial<Record<TargetKind, string>> = {
  endpoint: "the endpoint of a gateway load balancer or Network Firewall",
  interface: "the network interface of a middlebox",
  "transit-gateway": "transit gateway",
  "vpn-gateway": "the VPN gateway",
  "core-network": "the core network",
  "local-gateway": "the local gateway",
  "carrier-gateway": "the carrier gateway",
};
