import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import type { Place, Rule } from "#model/gate.ts";
import { perhaps } from "#model/match.ts";
import type { Origin, Sight, Way } from "#model/way.ts";
import { TCP, UDP } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, everything, minus, or, protocol } from "#packets/set.ts";
import type { FinalList } from "./hop.ts";
import { NOWHERE, doubtfulHop } from "#model/hop.ts";
import type { Judges } from "./judges.ts";
import { machineState } from "./machine-state.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { ipv6Blocks } from "./public-address.ts";
import { anybody, seeing } from "./sight.ts";
import { from4, from6 } from "./ways.ts";

/** A way to an interface, and who stands there for the client where something has hidden it. */
export interface Arrival {
  readonly way: Way;
  readonly client?: Sight;
}

/**
 * Something in front of an interface that takes its clients in. Those inside are told of only where somebody asks;
 * `passed` are the interfaces that a client has come through already.
 */
export type Door = (
  to: NetworkInterface,
  asked: PacketSet | undefined,
  passed: readonly string[],
) => readonly Arrival[];

/** What could lead to an interface and was not read: why, if it may lead to this one. */
export interface Doubt {
  readonly origin: Extract<Origin, "load-balancer" | "accelerator">;
  why(to: NetworkInterface): Gap | undefined;
}

/** Balancers and accelerators carry nothing else. */
const carried: PacketSet = or(protocol(TCP), protocol(UDP));

/**
 * Ways of which not enough is known: whoever the machine's own groups let in may come by them, from the internet, and
 * where somebody asks about them, from inside.
 */
export const doubtfulWays = (
  { facts, groups }: Judges,
  to: NetworkInterface,
  { origin, place, why, carries = carried }: Doubtful,
  asked: PacketSet | undefined,
): readonly Way[] => {
  const path = { from: "door", vpc: to.vpc ?? "", groups: NO_GROUPS, perhaps: "any", gap: why } as const;
  const own = to.groups.ids.length === 0 ? [] : [seeing(groups.hop(to.groups, path, to), anybody, why)];
  const way = {
    origin,
    via: { place, host: place.name ?? place.id, door: why.says },
    interface: to.id,
    request: [{ gate: machineState(facts, to) }, { gate: doubtfulHop(place, why) }, ...own],
    reply: [],
  };
  const outside = and(carries, minus(or(from4, from6), ipv6Blocks(facts, to.vpc ?? "")));
  const open: Way = { ...way, carries: outside };
  return asked === undefined ? [open] : [open, { ...way, isInside: true, carries: minus(carries, outside) }];
};

/** Something that may lead to a machine, and why it is not known whether it does. */
export interface Doubtful {
  readonly origin: Doubt["origin"];
  readonly place: Place;
  readonly why: Gap;
  readonly carries?: PacketSet;
}

export const NO_GROUPS = { key: "", ids: [] } as const;

/** What was seen of a door: it lets clients on, unless something keeps it from that, or may. */
export const doorGate = (seen: readonly Evidence[], doubts: readonly Gap[], isShut: boolean): FinalList => ({
  rules: doubts.map(doubtRule),
  otherwise: isShut ? "timeout" : "allow",
  because: seen,
});

const doubtRule = (why: Gap): Rule<never> => ({
  match: perhaps(everything, why),
  action: "timeout",
  name: why.code,
  says: "everything",
  source: why.source ?? NOWHERE,
});
