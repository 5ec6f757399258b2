import type { Every, Gate, List } from "#model/gate.ts";
import type { Packet } from "#packets/set.ts";
import { has } from "#packets/set.ts";
import type { Word } from "#resolve/decide.ts";

/** Where the reader of a list stands: at the rule `at`. By `goto` means that leaving this list leaves the one before. */
interface Frame {
  readonly list: List;
  readonly at: number;
  readonly goto: boolean;
}

/** Where the reader of an `every` stands, and whether one of the members before has left. */
interface Row {
  readonly row: Every;
  readonly at: number;
  readonly left: boolean;
  readonly goto: boolean;
}

type Stack = readonly (Frame | Row)[];
type Step = { readonly stack: Stack } | { readonly word: Word };

/**
 * Every word that one packet may meet in a gate: a reader with a place in each gate entered, one rule at a time. Where
 * it is not known whether a rule matches, both are tried, and each reading of a rule turns out by itself.
 */
export const wordsFor = (gate: Gate, packet: Packet): ReadonlySet<Word> => {
  const words = new Set<Word>();
  const open: Stack[] = [enter([], gate, false)];
  for (let stack = open.pop(); stack !== undefined; stack = open.pop())
    for (const next of follow(stack, packet)) {
      if ("word" in next) words.add(next.word);
      else open.push(next.stack);
    }
  return words;
};

const enter = (stack: Stack, gate: Gate, goto: boolean): Stack => [
  ...stack,
  "every" in gate ? { row: gate, at: 0, left: false, goto } : { list: gate, at: 0, goto },
];

const follow = (stack: Stack, packet: Packet): readonly Step[] => {
  const top = stack.at(-1);
  if (top === undefined) throw new Error("nothing is being read");
  const below = stack.slice(0, -1);
  return "row" in top ? followRow(top, below) : followList(top, below, packet);
};

const followRow = (top: Row, below: Stack): readonly Step[] => {
  const member = top.row.every[top.at];
  if (member !== undefined) return [{ stack: enter([...below, top], member, false) }];
  return [top.left ? leave(top.goto, below) : deliver("allow", below)];
};

const followList = ({ list, at, goto }: Frame, below: Stack, packet: Packet): readonly Step[] => {
  const rule = list.rules[at];
  const say = (word: Word): Step => (word === "leave" ? leave(goto, below) : deliver(word, below));
  if (rule === undefined) return [say(list.otherwise)];
  const after: Stack = [...below, { list, at: at + 1, goto }];
  const steps: Step[] = [];
  if (!has(rule.match.surely, packet)) steps.push({ stack: after });
  if (!has(rule.match.possibly, packet)) return steps;
  if (typeof rule.action === "string") return [...steps, say(rule.action)];
  return [
    ...steps,
    "goto" in rule.action
      ? { stack: enter(after, rule.action.goto, true) }
      : { stack: enter(after, rule.action, false) },
  ];
};

/** One gate is left: the reader stands where it was entered, or leaves that one too if it went there for good. */
const leave = (goto: boolean, below: Stack): Step => {
  const top = below.at(-1);
  if (top === undefined) return { word: "leave" };
  if ("row" in top) return { stack: [...below.slice(0, -1), { ...top, at: top.at + 1, left: true }] };
  return goto ? leave(top.goto, below.slice(0, -1)) : { stack: below };
};

/** A stop ends everything. What is allowed ends everything too, up to the next gate that wants all its members passed. */
const deliver = (word: Exclude<Word, "leave">, below: Stack): Step => {
  const top = below.at(-1);
  if (top === undefined) return { word };
  const rest = below.slice(0, -1);
  if (word === "allow" && "row" in top) return { stack: [...rest, { ...top, at: top.at + 1 }] };
  return deliver(word, rest);
};
