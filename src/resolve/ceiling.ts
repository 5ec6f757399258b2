import type { Action, Gate, List, Rule } from "#model/gate.ts";
import type { Hop, Outline, Way } from "#model/way.ts";
import type { PacketSet } from "#packets/set.ts";
import { everything } from "#packets/set.ts";
import { gateFor } from "./narrow.ts";

/** Parts of a whole that are counted apart, by their places: those of which there is anything, and how much, up to 1. */
export interface Parts {
  readonly places: readonly number[];
  readonly amounts: readonly number[];
}

/** Counts clients. Sets that do not meet hold no more clients together than each by itself, added up. */
export interface Measure {
  /** In how many places it counts. */
  readonly size: number;
  readonly of: (set: PacketSet) => Counted;
  /** At least as much as so many client addresses of each family can have. */
  readonly ofClients: (clients: Outline["besides"]) => Counts;
}

export interface Counted {
  /** At least as many as have some conversation in the set, from whichever of their ports. */
  readonly most: Parts;
  /** At most as many as have all their conversations in the set. */
  readonly least: Parts;
}

/** How much there is in each place. */
export type Counts = Readonly<Float64Array>;

export interface Ceilings {
  /** Of what is asked, whose kind gates are narrowed to. */
  readonly ofWay: (way: Way, kind: PacketSet) => Counts;
  /** The same by what hops are known to let through at most, before their gates are made. */
  readonly ofOutline: (way: Way) => Counts;
  /** At most how much a gate allows. What it leaves to others it does not allow. */
  readonly ofGate: (gate: Gate) => Counts;
  readonly ofOutlined: (outline: Outline) => Counts;
}

/** Of all that there is, at most so much is allowed, and at least so much is stopped. */
interface Bounds {
  readonly allows: Counts;
  readonly stops: Counts;
}

/**
 * At most how much comes through a way: what the rules of its gates allow, as far as those before them leave any of it.
 * No set is worked out for that, and where it is little, none need be.
 */
export const ceilings = ({ size, of, ofClients }: Measure): Ceilings => {
  const known = new Map<Gate, Bounds>();
  const none: Counts = new Float64Array(size);
  const all: Counts = new Float64Array(size).fill(1);
  const [open, shut]: readonly [Bounds, Bounds] = [
    { allows: all, stops: none },
    { allows: none, stops: all },
  ];

  const bounds = (gate: Gate): Bounds => {
    if ("rules" in gate && gate.rules.length === 0 && gate.otherwise !== "leave")
      return gate.otherwise === "allow" ? open : shut;
    const before = known.get(gate);
    if (before !== undefined) return before;
    const made = "every" in gate ? ofEvery(gate.every) : ofList(gate);
    known.set(gate, made);
    return made;
  };

  const ofEvery = (members: readonly Gate[]): Bounds => ({
    // A member of several gates may also leave what others allow; how much that is, is not looked into.
    allows: members.reduce((sum, gate) => (mayLeave(gate) ? sum : lower(sum, bounds(gate).allows)), all),
    stops: members.reduce((sum, gate) => higher(sum, bounds(gate).stops), none),
  });

  /** Tallies that nobody is at any more: lists are many, and most are short. */
  const spare: Tally[] = [];
  const begin = (): Tally => {
    const tally = spare.pop();
    if (tally === undefined)
      return {
        left: new Float64Array(size).fill(1),
        taken: new Float64Array(size),
        allows: new Float64Array(size),
        stops: new Float64Array(size),
      };
    tally.left.fill(1);
    tally.taken.fill(0);
    tally.allows.fill(0);
    tally.stops.fill(0);
    return tally;
  };

  const ofList = ({ rules, otherwise }: List): Bounds => {
    const tally = begin();
    for (const rule of rules) {
      const inner = whole(rule);
      if (inner === undefined) meet(tally, effectOf(rule));
      else meetAll(tally, inner);
    }
    if (otherwise === "allow") meetAll(tally, open);
    else if (otherwise !== "leave") meetAll(tally, shut);
    spare.push(tally);
    return { allows: copy(tally.allows), stops: copy(tally.stops) };
  };
  /** One for all of which there is nothing, and one for all of which there is everything. */
  const copy = (counts: Counts): Counts => {
    let [least, most] = [1, 0];
    for (let at = 0; at < size; at++) {
      least = Math.min(least, counts[at] ?? 0);
      most = Math.max(most, counts[at] ?? 0);
    }
    return most <= 0 ? none : least >= 1 ? all : counts.slice();
  };

  /** What the gate does into which a rule sends everything, if that is all it does. */
  const whole = (rule: Rule): Bounds | undefined => {
    const { match, action } = rule;
    if (match.surely !== everything || typeof action === "string" || "goto" in action) return undefined;
    return plainly(rule) === rule ? bounds(action) : undefined;
  };

  const effects = new Map<Rule, Effect>();
  /** The same rule stands in many lists. */
  const effectOf = (rule: Rule): Effect => {
    const before = effects.get(rule);
    if (before !== undefined) return before;
    const made = effect(rule);
    effects.set(rule, made);
    return made;
  };

  const effect = (rule: Rule): Effect => {
    const { match, action } = plainly(rule);
    const may = of(match.possibly);
    const surely = match.surely === match.possibly ? may.least : of(match.surely).least;
    if (typeof action !== "string") return entered(may.most, surely, action);
    const isTaken = action === "allow" || action === "leave";
    return {
      stops: NO_PARTS,
      takes: isTaken ? [{ takes: may.most, isAllowed: action === "allow" }] : [],
      loses: surely,
      isStopped: !isTaken,
    };
  };

  const entered = (may: Parts, surely: Parts, action: Exclude<Action, string>): Effect => {
    const isLast = "goto" in action;
    const inner = bounds(isLast ? action.goto : action);
    if (!isLast && inner.allows === none && inner.stops === none) return NO_EFFECT; // all of it comes back
    // What is surely stopped was not allowed before, and is not among what is allowed or left here.
    const stops = parts(surely, (amount, at) => amount - 1 + (inner.stops[at] ?? 0));
    const allows = parts(may, (amount, at) => Math.min(amount, inner.allows[at] ?? 0));
    return {
      stops,
      takes: [{ takes: allows, isAllowed: true }, ...(isLast ? [{ takes: may, isAllowed: false }] : [])],
      loses: isLast ? surely : stops,
      isStopped: false,
    };
  };

  const outlines = new Map<Outline, Counts>();
  const ofOutlined = (outline: Outline): Counts => {
    const before = outlines.get(outline);
    if (before !== undefined) return before;
    const others = ofClients(outline.besides);
    const made = bounds(outline.gate).allows.map((each, i) => Math.min(1, each + (others[i] ?? 0)));
    outlines.set(outline, made);
    return made;
  };

  const along = ({ request, reply }: Way, ofHop: (hop: Hop) => Counts): Counts => {
    let found = all;
    const past = (hop: Hop): void => {
      if (hop.sees !== undefined || found === none) return;
      const allows = ofHop(hop);
      found = found === all || allows === none ? allows : allows === all ? found : lower(found, allows);
    };
    request.forEach(past);
    reply.forEach(past);
    return found;
  };
  return {
    ofWay: (way, kind) => along(way, (hop) => bounds(gateFor(hop, kind)).allows),
    ofOutline: (way) =>
      along(way, (hop) => (hop.atMost === undefined ? bounds(hop.gate).allows : ofOutlined(hop.atMost))),
    ofGate: (gate) => bounds(gate).allows,
    ofOutlined,
  };
};

/** What is known of a list behind some of its rules. */
interface Tally {
  /** At most so much comes to the next rule. */
  readonly left: Float64Array;
  /** At most so much was allowed or left to others. */
  readonly taken: Float64Array;
  readonly allows: Float64Array;
  readonly stops: Float64Array;
}

/** What a rule does with what comes to it, in this order. */
interface Effect {
  /** At least so much of everything is stopped, unless it was taken before. */
  readonly stops: Parts;
  /** At most so much of what is left is allowed, or is left to others. */
  readonly takes: readonly { readonly takes: Parts; readonly isAllowed: boolean }[];
  /** At least so much of everything comes no further; whether it is stopped, unless it was taken. */
  readonly loses: Parts;
  readonly isStopped: boolean;
}

// Numbers that are handed on are numbers made anew: these loops call nothing.
const meet = ({ left, taken, allows, stops }: Tally, effect: Effect): void => {
  const { places, amounts } = effect.stops;
  for (let i = 0; i < places.length; i++) {
    const at = places[i] ?? 0;
    stops[at] = Math.max(stops[at] ?? 0, (amounts[i] ?? 0) - (taken[at] ?? 0));
  }
  for (const { takes, isAllowed } of effect.takes)
    for (let i = 0; i < takes.places.length; i++) {
      const at = takes.places[i] ?? 0;
      const most = Math.min(takes.amounts[i] ?? 0, left[at] ?? 0);
      taken[at] = (taken[at] ?? 0) + most;
      if (isAllowed) allows[at] = (allows[at] ?? 0) + most;
    }
  const { loses, isStopped } = effect;
  for (let i = 0; i < loses.places.length; i++) {
    const at = loses.places[i] ?? 0;
    const amount = loses.amounts[i] ?? 0;
    if (isStopped) stops[at] = Math.max(stops[at] ?? 0, amount - (taken[at] ?? 0));
    left[at] = Math.min(left[at] ?? 0, 1 - amount);
  }
};

/** Everything that is left comes to a gate, and what that leaves comes back. */
const meetAll = ({ left, taken, allows, stops }: Tally, inner: Bounds): void => {
  for (let at = 0; at < left.length; at++) {
    const stopped = inner.stops[at] ?? 0;
    stops[at] = Math.max(stops[at] ?? 0, stopped - (taken[at] ?? 0));
    const most = Math.min(inner.allows[at] ?? 0, left[at] ?? 0);
    taken[at] = (taken[at] ?? 0) + most;
    allows[at] = (allows[at] ?? 0) + most;
    left[at] = Math.min(left[at] ?? 0, 1 - stopped);
  }
};

const NO_PARTS: Parts = { places: [], amounts: [] };
const NO_EFFECT: Effect = { stops: NO_PARTS, takes: [], loses: NO_PARTS, isStopped: false };

/** In the same places, other amounts. */
const parts = ({ places, amounts }: Parts, of: (amount: number, place: number) => number): Parts => ({
  places,
  amounts: amounts.map((amount, i) => of(amount, places[i] ?? 0)),
});

/** A place of one rule that decides is that rule, where all that the rule may match surely comes to the place. */
const plainly = (rule: Rule): Rule => {
  const { match, action } = rule;
  if (typeof action === "string" || !("rules" in action) || action.otherwise !== "leave") return rule;
  const [only, ...others] = action.rules;
  if (only === undefined || others.length > 0 || typeof only.action !== "string" || only.action === "leave")
    return rule;
  const { surely } = match;
  return surely === everything || surely === only.match.possibly ? only : rule;
};

const lower = (a: Counts, b: Counts): Counts => {
  const made = a.slice();
  for (let i = 0; i < made.length; i++) made[i] = Math.min(made[i] ?? 0, b[i] ?? 0);
  return made;
};
const higher = (a: Counts, b: Counts): Counts => {
  const made = a.slice();
  for (let i = 0; i < made.length; i++) made[i] = Math.max(made[i] ?? 0, b[i] ?? 0);
  return made;
};

const mayLeave = (gate: Gate): boolean =>
  "every" in gate
    ? gate.every.some(mayLeave)
    : gate.otherwise === "leave" ||
      gate.rules.some(
        ({ action }) => action === "leave" || (typeof action === "object" && "goto" in action && mayLeave(action.goto)),
      );
