import type { Action, Every, Gate, List, Rule } from "#model/gate.ts";
import type { Way } from "#model/way.ts";
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

/** Whether any hop of a way has less to read where only these services are asked for. */
export const isEased = ({ request, reply }: Way, services: PacketSet): boolean =>
  request.some(({ gate }) => narrowed(gate, services) !== gate) ||
  reply.some(({ gate }) => narrowed(gate, services) !== gate);

const narrowEvery = (gate: Every, services: PacketSet): Gate => {
  const every = gate.every.map((each) => narrowed(each, services));
  return every.every((each, i) => each === gate.every[i]) ? gate : { ...gate, every };
};

/** From this length on, reading fewer rules is worth a list of its own. */
const LONG = 64;

const narrowList = (gate: List, services: PacketSet): Gate => {
  const isLong = gate.rules.length >= LONG && gate.rules.some(({ action }) => action !== "allow");
  const rules = gate.rules.flatMap((rule) => narrowRule(rule, services, isLong));
  return rules.length === gate.rules.length && rules.every((rule, i) => rule === gate.rules[i])
    ? gate
    : { ...gate, rules };
};

const narrowRule = (rule: Rule, services: PacketSet, isLong: boolean): readonly Rule[] => {
  const action = narrowAction(rule.action, services);
  const { surely, possibly, gaps } = rule.match;
  if (!isLong || possibly === everything) return [action === rule.action ? rule : { ...rule, action }];
  const may = and(possibly, services);
  if (isEmpty(may)) return [];
  const sure = surely === possibly ? may : and(surely, services);
  return [{ ...rule, match: { surely: sure, possibly: may, gaps }, action }];
};

const narrowAction = (action: Action, services: PacketSet): Action => {
  if (typeof action === "string") return action;
  const before = "goto" in action ? action.goto : action;
  const after = narrowed(before, services);
  return after === before ? action : "goto" in action ? { goto: after } : after;
};
