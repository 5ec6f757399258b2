import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import type { Action, Final, Gate, List, Rule } from "#model/gate.ts";
import { stops } from "#model/gate.ts";
import { NOWHERE } from "#model/hop.ts";
import { always, perhaps } from "#model/match.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, everything, some } from "#packets/set.ts";

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

/** What may be stopped, and may not, for the reason given; `because` says what else is known of it. */
export const maybe = (why: Gap, because: readonly Evidence[] = []): FinalList => ({
  rules: [
    { match: perhaps(everything, why), action: "timeout", name: why.code, says: "it", source: why.source ?? NOWHERE },
  ],
  otherwise: "allow",
  because,
});

/** The gate, but what it stops it only may stop: whether it stands in the way at all is not known. */
export const doubted = (gate: Final, why: Gap): Final =>
  "every" in gate
    ? { ...gate, every: gate.every.map((each) => doubted(each, why)) }
    : {
        ...gate,
        rules: [
          ...gate.rules.map((rule) => ({ ...rule, action: softened(rule.action, why) })),
          ...(gate.otherwise === "allow" ? [] : [afterAll(why, gate.because)]),
        ],
        otherwise: "allow",
        because: gate.otherwise === "allow" ? gate.because : [],
      };

const afterAll = (why: Gap, because: readonly Evidence[]): Rule<never> => ({
  match: always,
  action: maybe(why, because),
  name: why.code,
  says: "everything",
  source: why.source ?? NOWHERE,
});

const softened = <L extends "leave">(action: Action<L>, why: Gap): Action<L> => {
  if (typeof action === "string") return stops.some((stop) => stop === action) ? maybe(why) : action;
  return "goto" in action ? action : inner(action, why);
};

/** What leaves an inner gate still leaves it. */
const inner = (gate: Gate, why: Gap): Gate => {
  if ("every" in gate) return { ...gate, every: gate.every.map((each) => inner(each, why)) };
  const rules = gate.rules.map((rule) => ({ ...rule, action: softened(rule.action, why) }));
  if (gate.otherwise === "allow" || gate.otherwise === "leave") return { ...gate, rules };
  return { ...gate, rules: [...rules, afterAll(why, gate.because)], otherwise: "allow", because: [] };
};
