/** How long one network security group takes, every port and every client at once. */
import type { Gate, List } from "#model/gate.ts";
import type { Inventory } from "#model/inventory.ts";
import { azure } from "#providers/azure/index.ts";
import { passage } from "#resolve/whole.ts";
import { azureEstate } from "./azure-estate.ts";

const SIZE = 6000;
const RULES = 500;
const GROUPS = 15;

interface Times {
  readonly rules: number;
  /** The median of groups that share no rule, none of which was decided before. */
  readonly anew: number;
  /** The same, once more in gates of their own: what was computed of their rules is remembered. */
  readonly again: number;
}

export const oneGroup = (seed: number): Times => {
  const reader = azure.reader({ strict: false });
  for (const { name, json } of azureEstate(SIZE, seed))
    for (const answer of azure.recognise(JSON.parse(json), { file: name, pointer: "" }, name) ?? []) reader.add(answer);
  const byGroup = new Map(groupsBefore(reader.inventory()).map((list) => [list.at?.id, list] as const));
  const lists = [...byGroup.values()].toSorted((a, b) => far(b) - far(a));
  const [warm, asked] = [lists.slice(0, -GROUPS), lists.slice(-GROUPS)];
  for (const list of warm) passage(list);
  const anew = asked.map(decided).toSorted((a, b) => a - b);
  const again = asked.map(decided).toSorted((a, b) => a - b);
  const middle = GROUPS >> 1;
  const rules = asked.map((list) => list.rules.length).toSorted((a, b) => a - b)[middle];
  return { rules: rules ?? 0, anew: anew[middle] ?? 0, again: again[middle] ?? 0 };
};

const far = ({ rules }: List): number => Math.abs(rules.length - RULES);

const decided = (list: List): number => {
  const start = process.hrtime.bigint();
  passage({ ...list, rules: [...list.rules] });
  return Number(process.hrtime.bigint() - start) / 1e6;
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
