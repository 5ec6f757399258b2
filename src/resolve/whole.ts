import type { Gate } from "#model/gate.ts";
import { anyOf, everything, isEmpty, minus, nothing, or } from "#packets/set.ts";
import type { Passage } from "./decide.ts";
import { admitted, isCertain, mayPass, mayStop, opening, whole } from "./decide.ts";

const known = new WeakMap<Gate, Passage>();

/** What the gate does with everything. Each gate is read once, however many machines stand behind it. */
export const passage = (gate: Gate): Passage => {
  if (!("every" in gate) && gate.rules.length === 0)
    return gate.otherwise === "allow" || gate.otherwise === "leave" ? OPEN : SHUT;
  const before = known.get(gate);
  if (before !== undefined) return before;
  const passes = onlyAdmits(gate) ?? whatever(gate);
  known.set(gate, passes);
  return passes;
};

/** What a list lets through that stops all that its rules do not admit. */
const onlyAdmits = (gate: Gate): Passage | undefined =>
  "every" in gate || gate.otherwise === "allow" || gate.otherwise === "leave" ? undefined : admitted(gate);

const whatever = (gate: Gate): Passage => {
  if (isCertain(gate)) {
    const { allow, leave } = opening(gate);
    const both = or(allow, leave);
    return { possibly: both, surely: both };
  }
  const decision = whole(gate);
  const possibly = mayPass(decision);
  return { possibly, surely: minus(possibly, mayStop(decision)) };
};

const OPEN: Passage = { possibly: everything, surely: everything };
const SHUT: Passage = { possibly: nothing, surely: nothing };

/** What the rules of a list admit by themselves; what they leave to others they do not admit. */
export const admits = (gate: Gate): Passage => {
  const union = "every" in gate || gate.otherwise === "allow" ? undefined : admitted(gate);
  if (union !== undefined) return union;
  if (isCertain(gate)) {
    const { allow } = opening(gate);
    return { possibly: allow, surely: allow };
  }
  const decision = whole(gate);
  if (isEmpty(decision.allow)) return SHUT;
  const others = anyOf([decision.leave, mayStop(decision)]);
  return { possibly: decision.allow, surely: minus(decision.allow, others) };
};
