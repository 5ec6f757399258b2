import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import type { Final, List, Place, Rule, Stop } from "#model/gate.ts";
import { perhaps } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, everything, some } from "#packets/set.ts";

/** A hop that does the same with everything. */
export const state = (at: Place, otherwise: "allow" | Stop, ...because: readonly Evidence[]): Final => ({
  at,
  rules: [],
  otherwise,
  because,
});

/** A hop that could not be read or is not followed: everything may be stopped there. */
export const doubtfulHop = (at: Place, why: Gap): FinalList => ({
  at,
  rules: [
    {
      match: perhaps(everything, why),
      action: "timeout",
      name: why.code,
      says: "everything",
      source: why.source ?? NOWHERE,
    },
  ],
  otherwise: "allow",
  because: [],
});

/** The source of what was never read. */
export const NOWHERE: Source = { file: "", pointer: "" };

/** A list whose last word is its own. */
export type FinalList = List<never>;

/**
 * Rules about the machine, in the conversation's words. They were read as rules about the client, which is how a group,
 * an ACL or a route of the client's own side names the other end: with the machine in that place, and then without it.
 */
export const aboutMachine = <L extends "leave">(rules: readonly Rule<L>[], machine: PacketSet): readonly Rule<L>[] => {
  const about = (set: PacketSet): PacketSet => some(and(set, machine), "client");
  return rules.map((rule) => ({
    ...rule,
    match: { surely: about(rule.match.surely), possibly: about(rule.match.possibly), gaps: rule.match.gaps },
  }));
};
