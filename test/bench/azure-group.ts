/** How long one network security group takes, every port and every client at once. */
import type { Gate, List } from "#model/gate.ts";
import type { Inventory } from "#model/inventory.ts";
import { azure } from "#providers/azure/index.ts";
import { passage } from "#resolve/whole.ts";
import { azureEstate } from "./azure-estate.ts";

const SIZE = 3000;
const RULES = 500;
const ROUNDS = 40;

/** The best of many rounds, each with a gate that was never read before, of rules that were. */
export const oneGroup = (seed: number): { readonly rules: number; readonly milliseconds: number } => {
  const reader = azure.reader({ strict: false });
  for (const { name, json } of azureEstate(SIZE, seed))
    for (const answer of azure.recognise(JSON.parse(json), { file: name, pointer: "" }, name) ?? []) reader.add(answer);
  const lists = groupsBefore(reader.inventory());
  const [list] = lists.toSorted((a, b) => Math.abs(a.rules.length - RULES) - Math.abs(b.rules.length - RULES));
  if (list === undefined) throw new Error("no group stands before any machine");
  const times = Array.from({ length: ROUNDS }, () => {
    const start = process.hrtime.bigint();
    passage({ ...list, rules: [...list.rules] });
    return Number(process.hrtime.bigint() - start) / 1e6;
  });
  return { rules: list.rules.length, milliseconds: Math.min(...times) };
};

/** Groups as they stand before the public addresses of machines. */
const groupsBefore = (inventory: Inventory): readonly List[] => {
  const found = new Set<List>();
  for (const machine of inventory.machines)
    for (const to of machine.interfaces)
      for (const { request } of inventory.doors(to)) for (const { gate } of request) collect(gate, found);
  return [...found];
};

const collect = (gate: Gate, found: Set<List>): void => {
  if ("every" in gate) return gate.every.forEach((each) => collect(each, found));
  if (gate.at?.kind === "network-security-group") found.add(gate);
  for (const { action } of gate.rules)
    if (typeof action === "object") collect("goto" in action ? action.goto : action, found);
};
