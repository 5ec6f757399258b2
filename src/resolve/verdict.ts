import type { Answer } from "#model/answer.ts";
import type { Interface, Inventory, Machine } from "#model/inventory.ts";
import type { Way } from "#model/way.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, begun, meets, minus } from "#packets/set.ts";
import type { Symptom, WayRuling } from "./walk.ts";
import { flowOf, walk } from "./walk.ts";

/** The answer to one question, with every way that could carry it. */
export interface Verdict {
  readonly answer: Answer;
  /** What the client sees, or null where ways or doubts disagree. */
  readonly symptom: Symptom | null;
  readonly ways: readonly WayRuling[];
}

/** Whether clients in `asked` reach the machine: by one way that surely passes, or not if every way surely stops them. */
export const verdict = (inventory: Inventory, machine: Machine, asked: PacketSet): Verdict => {
  const begins = and(asked, begun);
  const ways = [...waysTo(inventory, machine, begins)]
    .filter((way) => meets(way.carries, begins))
    .map((way) => walk(way, begins));
  const answer = answerOf(ways);
  const symptoms = new Set(
    ways.flatMap((way) => (answer === "reachable" && way.answer !== "reachable" ? [] : way.symptoms)),
  );
  return { answer, symptom: symptoms.size === 1 ? ([...symptoms][0] ?? null) : null, ways };
};

const answerOf = (ways: readonly WayRuling[]): Answer => {
  if (ways.length === 0) return "unknown"; // nothing was looked at, so nothing is known
  if (ways.some((way) => way.answer === "reachable")) return "reachable";
  return ways.every((way) => way.answer === "blocked") ? "blocked" : "unknown";
};

function* waysTo(inventory: Inventory, machine: Machine, clients: PacketSet): Generator<Way> {
  for (const each of machine.interfaces) yield* inventory.ways(clients, each);
}

/** Who of `asked` gets in, by one way: surely, or possibly. Client's ports are forgotten. */
export interface Sources {
  readonly way: Way;
  readonly surely: PacketSet;
  readonly possibly: PacketSet;
}

/** Everyone in `asked` who reaches the interface, way by way. */
export const sources = (inventory: Inventory, to: Interface, asked: PacketSet): readonly Sources[] => {
  const begins = and(asked, begun);
  return [...inventory.ways(begins, to)].map((way) => ({ way, ...flowOf(way, begins) }));
};

/** Everyone in `asked` who reaches the machine by some way. */
export const reach = (found: readonly Sources[]): { readonly surely: PacketSet; readonly possibly: PacketSet } => {
  const surely = anyOf(found.map((each) => each.surely));
  return { surely, possibly: anyOf(found.map((each) => each.possibly)) };
};

/** Those who may get in and may not. */
export const undecided = ({
  surely,
  possibly,
}: {
  readonly surely: PacketSet;
  readonly possibly: PacketSet;
}): PacketSet => minus(possibly, surely);
