import type { Gate } from "#model/gate.ts";
import type { Line } from "#packets/bulk.ts";
import { firstOf } from "#packets/bulk.ts";
import type { PacketSet } from "#packets/set.ts";
import { everything, minus, nothing } from "#packets/set.ts";
import type { Decision, Word } from "./decide.ts";
import { decide, mayPass, mayStop } from "./decide.ts";

/** What a gate lets through, whoever asks: packets that may pass, and those that surely do. */
export interface Passage {
  readonly possibly: PacketSet;
  readonly surely: PacketSet;
}

const known = new WeakMap<Gate, Passage>();

/** What the gate does with everything. Each gate is read once, however many machines stand behind it. */
export const passage = (gate: Gate): Passage => {
  if (!("every" in gate) && gate.rules.length === 0) return gate.otherwise === "allow" || gate.otherwise === "leave" ? OPEN : SHUT;
  const before = known.get(gate);
  if (before !== undefined) return before;
  const decision = plain(gate) ?? decide(gate, everything);
  const possibly = mayPass(decision);
  const passes = { possibly, surely: minus(possibly, mayStop(decision)) };
  known.set(gate, passes);
  return passes;
};
/** From this length on, a list is faster computed in halves than rule by rule. */
const LONG = 24;

/** A long list of plain words, decided as a whole. */
const plain = (gate: Gate): Decision | undefined => {
  if ("every" in gate || gate.rules.length < LONG) return undefined;
  const lines: Line<Word>[] = [];
  for (const { action, match } of gate.rules) {
    if (typeof action !== "string") return undefined;
    lines.push({ covers: match.possibly, hides: match.surely, word: action });
  }
  const { words } = firstOf([...lines, { covers: everything, hides: everything, word: gate.otherwise }]);
  const may = (word: Word): PacketSet => words.get(word) ?? nothing;
  return { allow: may("allow"), leave: may("leave"), timeout: may("timeout"), refused: may("refused"), unreachable: may("unreachable") };
};

const OPEN: Passage = { possibly: everything, surely: everything };
const SHUT: Passage = { possibly: nothing, surely: nothing };
