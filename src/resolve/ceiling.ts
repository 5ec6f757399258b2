import type { Action, Gate } from "#model/gate.ts";
import type { Way } from "#model/way.ts";
import type { PacketSet } from "#packets/set.ts";

/** Things counted of a set, each no larger for several sets together than for each of them, added up; none at all is short. */
export type Counts = Readonly<Float64Array>;

export interface Ceilings {
  readonly ofWay: (way: Way) => Counts;
  /** At most how much a gate allows. What it leaves to others it does not allow. */
  readonly ofGate: (gate: Gate) => Counts;
}

/**
 * At most how much comes through a way: what its gates allow, each by itself, whatever they stop before. It is told
 * without deciding anything, and where it is little, nothing need be decided.
 */
export const ceilings = (count: (set: PacketSet) => Counts, length: number): Ceilings => {
  const known = new WeakMap<Gate, Counts>();
  const none: Counts = new Float64Array(0);
  const all: Counts = new Float64Array(length).fill(Infinity);

  const allowed = (gate: Gate): Counts => {
    if (!("every" in gate) && gate.rules.length === 0) return gate.otherwise === "allow" ? all : none;
    const before = known.get(gate);
    if (before !== undefined) return before;
    const made = "every" in gate ? gate.every.map(passed).reduce(least, all) : byRules(gate);
    known.set(gate, made);
    return made;
  };

  const byRules = ({ rules, otherwise }: Exclude<Gate, { every: unknown }>): Counts => {
    if (otherwise === "allow") return all;
    const sum = new Float64Array(length);
    for (const { match, action } of rules) {
      const more = byAction(match.possibly, action);
      for (let i = 0; i < more.length; i++) sum[i] = (sum[i] ?? 0) + (more[i] ?? 0);
    }
    return sum;
  };

  const byAction = (matched: PacketSet, action: Action): Counts => {
    if (action === "allow") return count(matched);
    if (typeof action === "string") return none;
    const inner = allowed("goto" in action ? action.goto : action);
    return inner === none ? none : least(inner, count(matched));
  };

  /** A member of several gates may also leave what others allow; how much that is, is not looked into. */
  const passed = (gate: Gate): Counts => (mayLeave(gate) ? all : allowed(gate));

  const least = (a: Counts, b: Counts): Counts =>
    a === all ? b : b === all ? a : a.length === 0 || b.length === 0 ? none : smaller(a, b);

  const ofWay = ({ request, reply }: Way): Counts => {
    let found = all;
    for (const { gate, sees } of request) if (sees === undefined && found !== none) found = least(found, allowed(gate));
    for (const { gate, sees } of reply) if (sees === undefined && found !== none) found = least(found, allowed(gate));
    return found;
  };
  return { ofWay, ofGate: allowed };
};

const smaller = (a: Counts, b: Counts): Counts => {
  const made = new Float64Array(a.length);
  for (let i = 0; i < made.length; i++) made[i] = Math.min(a[i] ?? 0, b[i] ?? 0);
  return made;
};

const mayLeave = (gate: Gate): boolean =>
  "every" in gate
    ? gate.every.some(mayLeave)
    : gate.otherwise === "leave" ||
      gate.rules.some(
        ({ action }) => action === "leave" || (typeof action === "object" && "goto" in action && mayLeave(action.goto)),
      );
