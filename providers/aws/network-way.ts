import type { Final } from "#model/gate.ts";
import type { Scope } from "#model/provider.ts";
import type { Hop, Origin, Way } from "#model/way.ts";
import type { PacketSet } from "#packets/set.ts";
import { anyOf } from "#packets/set.ts";
import type { Facts } from "./facts.ts";
import { askedFor, gapFor } from "./facts.ts";
import { doubtfulHop } from "#model/hop.ts";
import type { Judges } from "./judges.ts";
import { machineState } from "./machine-state.ts";
import { routeTo } from "./middlebox.ts";
import type { Neighbours } from "./neighbours.ts";
import { under } from "./neighbours.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { regionOf, text } from "./raw.ts";
import type { RouteTable, Target, TargetKind, Verdict } from "./route-table.ts";
import { routeGate } from "./route-table.ts";
import type { Path } from "./security-group.ts";
import { addressesOf } from "./security-group.ts";

export const machineAt = (to: NetworkInterface): PacketSet => anyOf(addressesOf(to).map(under));

/** Targets of routes inside a VPC that pass packets on, and what they do with them is not followed. */
export const INSIDE: ReadonlySet<TargetKind> = new Set(["endpoint", "interface", "nat-gateway", "other", "none"]);

export interface Legs {
  readonly request: readonly Hop[];
  readonly reply: readonly Hop[];
}

const dialled = ({ v4: [own], v4Prefixes, v6, v6Prefixes }: NetworkInterface): { readonly address?: string } => {
  const address = own?.private ?? v4Prefixes[0] ?? v6[0] ?? v6Prefixes[0];
  return address === undefined ? {} : { address };
};

/** A way from neighbours: what they may send, what lies between, what the machine admits. */
export const way = (
  judge: Judges,
  origin: Origin,
  to: NetworkInterface,
  from: Neighbours,
  path: Path,
  legs: Legs,
): Way => ({
  origin,
  ...dialled(to),
  interface: to.id,
  carries: from.from,
  request: [
    { gate: machineState(judge.facts, to) },
    ...sending(judge, to, from, origin),
    ...legs.request,
    { gate: judge.groups.hop(to.groups, path, to) },
  ],
  reply: legs.reply,
});

/**
 * The client's own groups, which name those of the machine within its VPC and across a peering, and across a transit
 * gateway nobody's (aws.md A.3, 4). Nobody has an address that no interface has, where all interfaces were read.
 */
const sending = (
  { facts, groups: judge }: Judges,
  to: NetworkInterface,
  { groups, one, subnet }: Neighbours,
  origin: Origin,
): readonly Hop[] => {
  const vpc = origin === "transit-gateway" ? undefined : to.vpc;
  if (groups !== undefined && one !== undefined) return [{ gate: judge.out(groups, machineAt(to), vpc, one) }];
  if (one !== undefined || subnet === undefined) return [];
  const scope = scopeOfSubnet(facts, subnet, to);
  if (askedFor(facts, "NetworkInterfaces", scope) === "read") return [];
  const why = gapFor(facts, "NetworkInterfaces", "the client's own groups", to.id, scope, to.at);
  return [{ gate: doubtfulHop({ kind: "security-group", id: subnet }, why) }];
};

const scopeOfSubnet = (facts: Facts, subnet: string, to: NetworkInterface): Scope => {
  const fact = facts.things.Subnets.get(subnet)?.raw;
  return {
    account: text(fact?.["OwnerId"]) ?? to.account,
    region: regionOf(text(fact?.["AvailabilityZone"])) ?? to.region,
  };
};

/** The table of a subnet as a hop, or that it is not known. */
export const tableGate = (
  { facts, tables }: Judges,
  subnet: string,
  vpc: string | undefined,
  to: NetworkInterface,
  read: (table: RouteTable) => Final,
): Final => {
  const found = tables.ofSubnet(subnet, vpc, to.id, scopeOfSubnet(facts, subnet, to));
  return found.is === "gap" ? doubtfulHop({ kind: "route", id: subnet }, found.gap) : read(found.fact);
};

/** Where one of the two subnets was read twice and differs. */
export const toldTwice = (
  { facts }: Judges,
  { subnet: own = "" }: NetworkInterface,
  subnet: string | undefined,
): readonly Hop[] => {
  const doubt = [subnet ?? "", own].map((each) => facts.contradictions.get(each)).find((each) => each !== undefined);
  return doubt === undefined ? [] : [{ gate: doubtfulHop({ kind: "route", id: subnet ?? own }, doubt) }];
};

/** Everything between two subnets, on both legs: the client's ACL and table, the machine's ACL and table. */
export const between = (
  judge: Judges,
  to: NetworkInterface,
  from: Neighbours,
  clientVpc: string,
  there: (target: Target) => Verdict,
  back: (target: Target) => Verdict,
): Legs => {
  const own = to.subnet ?? "";
  const { subnet } = from;
  const table = (of: string, vpc: string | undefined, read: (table: RouteTable) => Final): Hop => ({
    gate: tableGate(judge, of, vpc, to, read),
  });
  const home = subnet === undefined ? undefined : { subnet };
  return {
    request: [
      ...toldTwice(judge, to, subnet),
      ...(home === undefined
        ? []
        : [
            { gate: judge.acls.clientOut(home.subnet, machineAt(to), to) },
            table(home.subnet, clientVpc, (found) => routeTo(found, machineAt(to), there)),
          ]),
      { gate: judge.acls.into(own, "request", to) },
    ],
    reply: [
      { gate: judge.acls.outOf(own, "reply", to) },
      table(own, to.vpc, (found) => routeGate(found, back)),
      ...(home === undefined ? [] : [{ gate: judge.acls.clientIn(home.subnet, machineAt(to), to) }]),
    ],
  };
};
