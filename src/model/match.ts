import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, everything, nothing } from "#packets/set.ts";
import type { Gap } from "./gap.ts";

/**
 * What a rule matches. `surely` is always part of `possibly`; they differ where something is not known, and then
 * `gaps` says what.
 */
export interface Match {
  readonly surely: PacketSet;
  readonly possibly: PacketSet;
  readonly gaps: readonly Gap[];
}

const NO_GAPS: readonly Gap[] = [];

export const exactly = (set: PacketSet): Match => ({ surely: set, possibly: set, gaps: NO_GAPS });

/** Surely nothing, and possibly all of `set`, for the reason given. */
export const perhaps = (set: PacketSet, ...gaps: readonly [Gap, ...Gap[]]): Match => ({
  surely: nothing,
  possibly: set,
  gaps,
});

export const always: Match = exactly(everything);

/** What both match: a source and a service. */
export const both = (a: Match, b: Match): Match => ({
  surely: and(a.surely, b.surely),
  possibly: a.surely === a.possibly && b.surely === b.possibly ? and(a.surely, b.surely) : and(a.possibly, b.possibly),
  gaps: a.gaps.length === 0 ? b.gaps : [...a.gaps, ...b.gaps],
});

/** What one of them matches: the entries of a list. */
export const either = (matches: readonly Match[]): Match => ({
  surely: anyOf(matches.map((match) => match.surely)),
  possibly: anyOf(matches.map((match) => match.possibly)),
  gaps: matches.flatMap((match) => match.gaps),
});
