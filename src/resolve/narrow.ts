import type { Action, Every, Gate, List, Rule } from "#model/gate.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, everything, isEmpty, some } from "#packets/set.ts";

/** The services that are asked for, by whomever. */
export const servicesIn = (asked: PacketSet): PacketSet =>
  some(some(some(some(asked, "family"), "machine"), "client"), "clientPort");

const known = new WeakMap<Gate, Map<PacketSet, Gate>>();

/**
 * A gate that does the same with packets for these services, without the rules that say nothing of them. What it does
 * with other packets means nothing.
 */
export const narrowed = (gate: Gate, services: PacketSet): Gate => {
  if (services === everything) return gate;
  if (!("every" in gate) && gate.rules.length === 0) return gate;
  const those = known.get(gate) ?? new Map<PacketSet, Gate>();
  known.set(gate, those);
  const before = those.get(services);
  if (before !== undefined) return before;
  const made = "every" in gate ? narrowEvery(gate, services) : narrowList(gate, services);
  those.set(services, made);
  return made;
};

const narrowEvery = (gate: Every, services: PacketSet): Gate => ({
  ...gate,
  every: gate.every.map((each) => narrowed(each, services)),
});

const narrowList = (gate: List, services: PacketSet): Gate => {
  const rules: Rule[] = [];
  for (const rule of gate.rules) {
    const { surely, possibly, gaps } = rule.match;
    const may = possibly === everything ? possibly : and(possibly, services);
    if (isEmpty(may)) continue;
    const sure = surely === possibly ? may : surely === everything ? surely : and(surely, services);
    rules.push({ ...rule, match: { surely: sure, possibly: may, gaps }, action: narrowAction(rule.action, services) });
  }
  return { ...gate, rules };
};

const narrowAction = (action: Action, services: PacketSet): Action => {
  if (typeof action === "string") return action;
  return "goto" in action ? { goto: narrowed(action.goto, services) } : narrowed(action, services);
};
