import type { Action, Gate } from "#model/gate.ts";
import type { Way } from "#model/way.ts";
import type { PacketSet } from "#packets/set.ts";

/** Something counted of a set, no larger for several sets together than for each of them, added up. */
export type Count = (set: PacketSet) => number;

/**
 * At most how much comes through a way: what its gates allow, each by itself, whatever they stop before. It is told
 * without deciding anything, and where it is little, nothing need be decided.
 */
export const ceilings = (count: Count): ((way: Way) => number) => {
  const known = new WeakMap<Gate, number>();

  /** At most how much a gate allows. What it leaves to others it does not allow. */
  const allowed = (gate: Gate): number => {
    if (!("every" in gate) && gate.rules.length === 0) return gate.otherwise === "allow" ? Infinity : 0;
    const before = known.get(gate);
    if (before !== undefined) return before;
    const made = "every" in gate ? Math.min(...gate.every.map(passed)) : byRules(gate);
    known.set(gate, made);
    return made;
  };

  const byRules = ({ rules, otherwise }: Exclude<Gate, { every: unknown }>): number => {
    let sum = otherwise === "allow" ? Infinity : 0;
    for (const { match, action } of rules) if (sum < Infinity) sum += byAction(match.possibly, action);
    return sum;
  };

  const byAction = (matched: PacketSet, action: Action): number => {
    if (action === "allow") return count(matched);
    if (typeof action === "string") return 0;
    const inner = allowed("goto" in action ? action.goto : action);
    return inner === 0 ? 0 : Math.min(inner, count(matched));
  };

  /** A member of several gates may also leave what others allow; how much that is, is not looked into. */
  const passed = (gate: Gate): number => (mayLeave(gate) ? Infinity : allowed(gate));

  return ({ request, reply }) => {
    let least = Infinity;
    for (const { gate, sees } of request) if (sees === undefined) least = Math.min(least, allowed(gate));
    for (const { gate, sees } of reply) if (sees === undefined && least > 0) least = Math.min(least, allowed(gate));
    return least;
  };
};

const mayLeave = (gate: Gate): boolean =>
  "every" in gate
    ? gate.every.some(mayLeave)
    : gate.otherwise === "leave" ||
      gate.rules.some(
        ({ action }) => action === "leave" || (typeof action === "object" && "goto" in action && mayLeave(action.goto)),
      );
