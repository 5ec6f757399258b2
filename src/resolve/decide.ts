import type { Evidence } from "#model/evidence.ts";
import type { Action, Every, Gate, List, Place, Rule, Stop } from "#model/gate.ts";
import { stops } from "#model/gate.ts";
import type { Line } from "#packets/bulk.ts";
import { firstOf } from "#packets/bulk.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, everything, isEmpty, minus, nothing, or } from "#packets/set.ts";

export type Word = "allow" | "leave" | Stop;

/** For each word, the packets that may meet it. A packet that may meet one word only surely does. */
export type Decision = Readonly<Record<Word, PacketSet>>;

/** What one named gate did with the packets that came to it, and what of it they touched. */
export interface Reading {
  readonly at: Place;
  readonly gate: Gate;
  readonly asked: PacketSet;
  readonly decision: Decision;
  readonly touched: readonly Touch[];
}

/** Packets that a rule may match, or that no rule did. */
export type Touch =
  | { readonly by: "rule"; readonly rule: Rule; readonly packets: PacketSet; readonly surely: PacketSet }
  | {
      readonly by: "otherwise";
      readonly word: Word;
      readonly packets: PacketSet;
      readonly because: readonly Evidence[];
    };

/** Collects the readings of named gates, in the order in which they were entered. */
export type Log = Reading[];

const silent: Decision = { allow: nothing, leave: nothing, timeout: nothing, refused: nothing, unreachable: nothing };

/** What may happen to each of the packets asked about, in one pass down the rules with what is left of them. */
export const decide = (gate: Gate, asked: PacketSet, log?: Log): Decision => enter(gate, asked, log, undefined);

const known = new WeakMap<Gate, Decision>();

/**
 * What a gate does with everything. What it does with some packets is that part of it, so a gate that many share is
 * read once.
 */
export const whole = (gate: Gate): Decision => {
  const before = known.get(gate);
  if (before !== undefined) return before;
  const made = plain(gate) ?? inTurn(gate) ?? read(gate, everything, undefined, undefined);
  known.set(gate, made);
  return made;
};

const certain = new WeakMap<Gate, boolean>();

/** Whether nothing in a gate is in doubt: then what may pass surely does. */
export const isCertain = (gate: Gate): boolean => {
  const before = certain.get(gate);
  if (before !== undefined) return before;
  const made = "every" in gate ? gate.every.every(isCertain) : gate.rules.every(isCertainRule);
  certain.set(gate, made);
  return made;
};

const isCertainRule = ({ match, action }: Rule): boolean =>
  match.surely === match.possibly && (typeof action === "string" || isCertain("goto" in action ? action.goto : action));

/** What of everything a gate without doubts lets through, and what it leaves to the next: it stops the rest. */
interface Opening {
  readonly allow: PacketSet;
  readonly leave: PacketSet;
}
const openings = new WeakMap<Gate, Opening>();

/** The same as `whole` says of a certain gate, without what stops, which is most of the work. */
export const opening = (gate: Gate): Opening => {
  const before = openings.get(gate) ?? known.get(gate);
  if (before !== undefined) return before;
  const made = openEvery(gate) ?? openList(gate) ?? openInTurn(gate) ?? whole(gate);
  openings.set(gate, made);
  return made;
};

const openEvery = (gate: Gate): Opening | undefined =>
  "every" in gate
    ? gate.every.map(opening).reduce(
        ({ allow, leave }, next) => ({
          allow: and(allow, next.allow),
          leave: or(and(allow, next.leave), and(leave, or(next.allow, next.leave))),
        }),
        { allow: everything, leave: nothing },
      )
    : undefined;

const openList = (gate: Gate): Opening | undefined => {
  const lines = linesOf(gate, (word) => (word === "allow" || word === "leave" ? word : undefined));
  if (lines === undefined) return undefined;
  const { words } = firstOf(lines);
  return { allow: words.get("allow") ?? nothing, leave: words.get("leave") ?? nothing };
};

const openInTurn = (gate: Gate): Opening | undefined =>
  partsOf(gate)?.reduceRight<Opening>(
    (rest, part) => {
      const { allow, leave } = opening(part);
      return { allow: or(allow, and(leave, rest.allow)), leave: and(leave, rest.leave) };
    },
    { allow: nothing, leave: nothing, [otherwiseOf(gate)]: everything },
  );

/** Packets that may get through, and those that surely do. */
export interface Passage {
  readonly possibly: PacketSet;
  readonly surely: PacketSet;
}

/** What the rules of a list admit, where all of them allow or enter lists of such rules: one union, and nothing more. */
export const admitted = (list: List): Passage | undefined => {
  const before = unions.get(list);
  if (before !== undefined) return before;
  const made = union(list.rules);
  if (made !== undefined) unions.set(list, made);
  return made;
};
const unions = new WeakMap<List, Passage>();

const union = (rules: readonly Rule[]): Passage | undefined => {
  const possibly: PacketSet[] = [];
  const surely: PacketSet[] = [];
  for (const rule of rules) {
    const of = admittedBy(rule);
    if (of === undefined) return undefined;
    possibly.push(of.possibly);
    surely.push(of.surely);
  }
  const all = anyOf(possibly);
  return { possibly: all, surely: possibly.every((set, i) => set === surely[i]) ? all : anyOf(surely) };
};

const admittedBy = ({ match, action }: Rule): Passage | undefined => {
  if (action === "allow") return match;
  const entersAll =
    match.surely === everything && typeof action === "object" && "rules" in action && action.otherwise === "leave";
  return entersAll ? admitted(action) : undefined;
};

const part = (decision: Decision, of: PacketSet): Decision => ({
  allow: and(decision.allow, of),
  leave: and(decision.leave, of),
  timeout: and(decision.timeout, of),
  refused: and(decision.refused, of),
  unreachable: and(decision.unreachable, of),
});

/** From this length on, a list is faster computed in halves than rule by rule. */
const LONG = 16;

/** A list of plain words, decided as a whole: one union where all rules allow, halves where it is long. */
const plain = (gate: Gate): Decision | undefined => {
  if ("every" in gate) return undefined;
  const { rules, otherwise } = gate;
  const union = otherwise === "allow" ? undefined : admitted(gate);
  if (union !== undefined) return { ...silent, allow: union.possibly, [otherwise]: minus(everything, union.surely) };
  const lines = rules.length < LONG ? undefined : linesOf(gate, (word) => word);
  if (lines === undefined) return undefined;
  return { ...silent, ...Object.fromEntries(firstOf(lines).words) };
};

/** A list of plain words as lines, the last for what no rule matches; only the words that are `kept` are worked out. */
const linesOf = (gate: Gate, kept: (word: Word) => Word | undefined): readonly Line<Word>[] | undefined => {
  if ("every" in gate) return undefined;
  const lines: Line<Word>[] = [];
  for (const rule of gate.rules) {
    const line = lineOf(rule);
    if (line === undefined) return undefined;
    if (line !== "none") lines.push({ ...line, word: kept(line.word) });
  }
  return [...lines, { covers: everything, hides: everything, word: kept(gate.otherwise) }];
};

/**
 * Gates that everything enters one after the other, from the last to the first: what one leaves, the rest decide. Lists
 * that end alike share what was computed of their end.
 */
const inTurn = (gate: Gate): Decision | undefined =>
  partsOf(gate)?.reduceRight<Decision>(
    (rest, each) => {
      const part = whole(each);
      const then = (word: Word): PacketSet => and(part.leave, rest[word]);
      return {
        allow: or(part.allow, then("allow")),
        leave: then("leave"),
        timeout: or(part.timeout, then("timeout")),
        refused: or(part.refused, then("refused")),
        unreachable: or(part.unreachable, then("unreachable")),
      };
    },
    { ...silent, [otherwiseOf(gate)]: everything },
  );

const otherwiseOf = (gate: Gate): Word => ("every" in gate ? "allow" : gate.otherwise);

/** The gates that everything enters one after the other, where a list is nothing else. */
const partsOf = (gate: Gate): readonly Gate[] | undefined => {
  if ("every" in gate || gate.rules.length === 0) return undefined;
  const parts: Gate[] = [];
  for (const { match, action } of gate.rules) {
    if (match.surely !== everything || typeof action === "string" || "goto" in action) return undefined;
    parts.push(action);
  }
  return parts;
};

/** A rule as one line: a word, or a place of one such rule, from which the rest comes back. */
const lineOf = ({ match, action }: Rule): (Line<Word> & { readonly word: Word }) | "none" | undefined => {
  if (typeof action === "string") return { covers: match.possibly, hides: match.surely, word: action };
  if (!("rules" in action) || action.otherwise !== "leave" || action.rules.length > 1) return undefined;
  const [rule] = action.rules;
  const inner = rule === undefined || rule.action === "leave" ? "none" : lineOf(rule);
  if (inner === undefined || inner === "none") return inner;
  return { covers: and(match.possibly, inner.covers), hides: and(match.surely, inner.hides), word: inner.word };
};

type Mutable = Record<Word, PacketSet>;

const enter = (gate: Gate, asked: PacketSet, log: Log | undefined, touched: Touch[] | undefined): Decision => {
  if (log === undefined || gate.at === undefined) return read(gate, asked, log, touched);
  const touches: Touch[] = [];
  const at = log.length;
  log.push({ at: gate.at, gate, asked, decision: silent, touched: touches });
  const decision = read(gate, asked, log, touches);
  log[at] = { at: gate.at, gate, asked, decision, touched: touches };
  return decision;
};

const read = (gate: Gate, asked: PacketSet, log: Log | undefined, touched: Touch[] | undefined): Decision =>
  "every" in gate ? readEvery(gate, asked, log, touched) : readList(gate, asked, log, touched);

const readList = (list: List, asked: PacketSet, log: Log | undefined, touched: Touch[] | undefined): Decision => {
  const may: Mutable = { ...silent };
  let left = asked;
  for (const rule of list.rules) {
    if (isEmpty(left)) break;
    const packets = and(left, rule.match.possibly);
    if (isEmpty(packets)) continue;
    touched?.push({ by: "rule", rule, packets, surely: and(left, rule.match.surely) });
    const returned = obey(rule.action, packets, may, log, touched);
    left = or(minus(left, rule.match.surely), returned);
  }
  if (!isEmpty(left)) {
    touched?.push({ by: "otherwise", word: list.otherwise, packets: left, because: list.because });
    may[list.otherwise] = or(may[list.otherwise], left);
  }
  return may;
};

/** Adds what the action may do to the packets, and answers those that come back to the next rule. */
const obey = (
  action: Action,
  packets: PacketSet,
  may: Mutable,
  log: Log | undefined,
  touched: Touch[] | undefined,
): PacketSet => {
  if (typeof action === "string") {
    may[action] = or(may[action], packets);
    return nothing;
  }
  const gate = "goto" in action ? action.goto : action;
  const entered = log === undefined ? part(whole(gate), packets) : enter(gate, packets, log, touched);
  for (const word of ["allow", ...stops] as const) may[word] = or(may[word], entered[word]);
  if (!("goto" in action)) return entered.leave;
  may.leave = or(may.leave, entered.leave);
  return nothing;
};

const readEvery = (gate: Every, asked: PacketSet, log: Log | undefined, touched: Touch[] | undefined): Decision => {
  const may: Mutable = { ...silent, allow: asked };
  for (const member of gate.every) {
    const standing = or(may.allow, may.leave);
    if (isEmpty(standing)) break;
    const decision = log === undefined ? part(whole(member), standing) : enter(member, standing, log, touched);
    for (const stop of stops) may[stop] = or(may[stop], decision[stop]);
    const [allow, leave] = [may.allow, may.leave];
    may.allow = and(allow, decision.allow);
    may.leave = or(and(allow, decision.leave), and(leave, or(decision.allow, decision.leave)));
  }
  return may;
};

/** Packets that may be stopped, in whatever way. */
export const mayStop = (decision: Decision): PacketSet => anyOf(stops.map((stop) => decision[stop]));
/** Packets that may get past: allowed, or left to whoever comes next. */
export const mayPass = (decision: Decision): PacketSet => or(decision.allow, decision.leave);
