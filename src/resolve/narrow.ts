import type { Action, Every, Gate, List, Rule } from "#model/gate.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, everything, isEmpty, some } from "#packets/set.ts";

/** What is asked for, from whichever port: sets of this kind are few, and gates are narrowed to them. */
export const kindOf = (asked: PacketSet): PacketSet => some(some(asked, "machine"), "clientPort");

/** What stands there for packets of a kind, and without what says nothing of them. */
export const gateFor = (of: Told, kind: PacketSet): Gate => narrowed(of.about?.(kind) ?? of.gate, kind);
interface Told {
  readonly gate: Gate;
  readonly about?: (kind: PacketSet) => Gate;
}

const known = new WeakMap<Gate, Map<PacketSet, Gate>>();

/**
 * A gate that does the same with these packets, without the rules that say nothing of them. What it does with others
 * means nothing.
 */
export const narrowed = (gate: Gate, asked: PacketSet): Gate => {
  if (asked === everything) return gate;
  if (!("every" in gate) && gate.rules.length === 0) return gate;
  const those = known.get(gate) ?? new Map<PacketSet, Gate>();
  known.set(gate, those);
  const before = those.get(asked);
  if (before !== undefined) return before;
  const made = "every" in gate ? narrowEvery(gate, asked) : narrowList(gate, asked);
  those.set(asked, made);
  return made;
};

const narrowEvery = (gate: Every, asked: PacketSet): Gate => {
  const every = gate.every.map((each) => narrowed(each, asked));
  return every.every((each, i) => each === gate.every[i]) ? gate : { ...gate, every };
};

/** From this length on, reading fewer rules is worth a list of its own. */
const LONG = 64;

const narrowList = (gate: List, asked: PacketSet): Gate => {
  const isLong =
    gate.rules.some(entersSome) || (gate.rules.length >= LONG && gate.rules.some(({ action }) => action !== "allow"));
  const rules = gate.rules.flatMap((rule) => narrowRule(rule, asked, isLong));
  return rules.length === gate.rules.length && rules.every((rule, i) => rule === gate.rules[i])
    ? gate
    : { ...gate, rules };
};

/** A place for some packets alone: lists of these are seldom the same for many machines, and so are not decided once. */
const entersSome = (rule: Rule): boolean => typeof rule.action !== "string" && rule.match.possibly !== everything;

const narrowRule = (rule: Rule, asked: PacketSet, isLong: boolean): readonly Rule[] => {
  const action = narrowAction(rule.action, asked);
  const { surely, possibly, gaps } = rule.match;
  if (!isLong || possibly === everything) return [action === rule.action ? rule : { ...rule, action }];
  const may = and(possibly, asked);
  if (isEmpty(may)) return [];
  const sure = surely === possibly ? may : and(surely, asked);
  return [{ ...rule, match: { surely: sure, possibly: may, gaps }, action }];
};

const narrowAction = (action: Action, asked: PacketSet): Action => {
  if (typeof action === "string") return action;
  const before = "goto" in action ? action.goto : action;
  const after = narrowed(before, asked);
  return after === before ? action : "goto" in action ? { goto: after } : after;
};
