import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import type { Final, Gate, List, Place, Rule, Stop } from "#model/gate.ts";
import type { Match } from "#model/match.ts";
import { always, perhaps } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import { everything, nothing } from "#packets/set.ts";

/** The source of what was never read. */
export const NOWHERE: Source = { file: "", pointer: "" };

/** A hop that does the same with everything. */
export const state = (at: Place, otherwise: "allow" | Stop, ...because: readonly Evidence[]): Final => ({
  at,
  rules: [],
  otherwise,
  because,
});

/** A hop that could not be read or is not followed: everything may be stopped there. */
export const doubtfulHop = (at: Place, why: Gap): List<never> => ({
  at,
  rules: [
    { match: perhaps(everything, why), action: "timeout", name: why.code, says: "everything", source: from(why) },
  ],
  otherwise: "allow",
  because: [],
});

const from = (why: Gap): Source => why.source ?? NOWHERE;

/** A part of the chain that could not be read: it may allow, stop, or leave whatever comes. */
export const unreadPart = (at: Place, why: Gap): List => ({
  at,
  rules: (["allow", "timeout"] as const).map((action) => ({
    match: perhaps(everything, why),
    action,
    name: why.code,
    says: "everything",
    source: from(why),
  })),
  otherwise: "leave",
  because: [],
});

/** A part of the chain that has no say, and why. */
export const passedOver = (at: Place, ...because: readonly Evidence[]): List => ({
  at,
  rules: [],
  otherwise: "leave",
  because,
});

/** One part or the other, and nobody can say which. */
export const oneOf = (at: Place, first: Gate, second: Gate, why: Gap): List => {
  const rule = { name: why.code, says: "everything", source: from(why) };
  return {
    at,
    rules: [
      { ...rule, match: perhaps(everything, why), action: { goto: first } },
      { ...rule, match: always, action: { goto: second } },
    ],
    otherwise: "leave",
    because: [],
  };
};

/** One hop or the other, and nobody can say which. */
export const either = (first: Final, second: Final, why: Gap): Final => {
  const rule = { name: why.code, says: "everything", source: from(why) };
  return {
    rules: [
      { ...rule, match: perhaps(everything, why), action: first },
      { ...rule, match: always, action: second },
    ],
    otherwise: "allow",
    because: [],
  };
};

/** A part that may apply or not. */
export const perhapsPart = (at: Place, part: Gate, why: Gap): List =>
  oneOf(at, part, { rules: [], otherwise: "leave", because: [] }, why);

/** Everything comes to this part, and what it leaves goes on. */
export const entering = (part: Gate): Rule<never> => ({
  match: always,
  action: part,
  name: "",
  says: "everything",
  source: NOWHERE,
});

/** Parts one after the other: what one leaves comes to the next. */
export const inOrder = (parts: readonly Gate[]): List => ({
  rules: parts.map(entering),
  otherwise: "leave",
  because: [],
});

/** The same match, of which nothing is sure any more. */
export const doubting = (match: Match, ...gaps: readonly Gap[]): Match =>
  gaps.length === 0 ? match : { surely: nothing, possibly: match.possibly, gaps: [...match.gaps, ...gaps] };

/** What matches nothing. */
export const never: Match = { surely: nothing, possibly: nothing, gaps: [] };
