import type { Answer, Ruling } from "#model/answer.ts";
import type { Gate, Place, Stop } from "#model/gate.ts";
import { stops } from "#model/gate.ts";
import type { Hop, Sees, Sight, Way } from "#model/way.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, everything, isEmpty, minus, nothing, some, within } from "#packets/set.ts";
import type { Decision, Log, Reading, Touch } from "./decide.ts";
import { decide, mayPass, mayStop } from "./decide.ts";
import { gateFor, kindOf } from "./narrow.ts";
import { passage } from "./whole.ts";

/** One named place on a way, and what it does with the packets that came to it. */
export interface HopRuling {
  readonly at: Place;
  readonly gate: Gate;
  /** The whole hop that the place is in. */
  readonly within: Gate;
  readonly direction: "request" | "reply";
  readonly ruling: Ruling;
  /** The client's ports that get through, where it is not all of them. */
  readonly clientPorts?: PacketSet;
  readonly asked: PacketSet;
  /** What stood in place of the client's own packets. */
  readonly sees?: Sees;
  readonly touched: readonly Touch[];
  /** What the client may notice if it is stopped here. */
  readonly symptoms: readonly Stop[];
}

export interface WayRuling {
  readonly way: Way;
  readonly answer: Answer;
  readonly symptoms: readonly Symptom[];
  /** The client's ports that surely pass the whole way, where it is reachable and they are not all. */
  readonly clientPorts?: PacketSet;
  readonly hops: readonly HopRuling[];
}

export type Symptom = "connects" | Stop;

/** Packets that may pass, and those that surely do. */
interface Flow {
  readonly possibly: PacketSet;
  readonly surely: PacketSet;
}

/**
 * Judges one way for one question: a client and a service, any client's port. A hop is judged on the ports that those
 * before it let through; where none are left it is judged as if the ones before had let all through, so that everything
 * that stands in the way is named and not only the first.
 */
export const walk = (way: Way, asked: PacketSet): WayRuling => {
  const hops: HopRuling[] = [];
  const carried = and(asked, way.carries);
  let flow: Flow = { possibly: carried, surely: carried };
  let judged = carried;
  let certain = carried; // what of `judged` surely got this far
  const symptoms = new Set<Symptom>();
  for (const [direction, hop] of directed(way)) {
    const log: Log = [];
    const stands = standing(hop, judged);
    const decision = decide(hop.gate, anyOf(stands), log);
    const past = passing(hop, judged, stands, decision);
    const doubts = depending(hop, judged, stands, decision);
    for (const stop of stops)
      if (!isEmpty(flow.possibly) && !isEmpty(decision[stop])) symptoms.add(direction === "reply" ? "timeout" : stop);
    const surely = and(certain, past.surely);
    const whole = rule(judged, past.possibly, surely);
    // What the whole hop depends on is told where it has a name, or else at the last of its places.
    const isNamed = log.some(({ gate }) => gate === hop.gate);
    for (const reading of log)
      hops.push(
        reading.gate === hop.gate
          ? ruled(reading, direction, whole, hop.sees, doubts)
          : ruled(
              reading,
              direction,
              part(reading, whole),
              hop.sees,
              isNamed || reading !== log.at(-1) ? [] : doubts,
              hop.gate,
            ),
      );
    flow = through(flow, past);
    if (isEmpty(past.possibly)) continue;
    judged = past.possibly;
    certain = whole.ruling === "passes" ? surely : past.possibly; // what is in doubt here is not held against later hops
  }
  const answer = answerOf(flow);
  if (answer !== "blocked") symptoms.add("connects");
  const partly = answer === "reachable" && flow.surely !== carried;
  return {
    way,
    answer,
    symptoms: answer === "reachable" ? ["connects"] : [...symptoms],
    ...(partly ? { clientPorts: flow.surely } : {}),
    hops,
  };
};

function* directed(way: Way): Generator<readonly ["request" | "reply", Hop]> {
  for (const hop of way.request) yield ["request", hop];
  for (const hop of way.reply) yield ["reply", hop];
}

const answerOf = (flow: Flow): Answer => {
  if (!isEmpty(flow.surely)) return "reachable";
  return isEmpty(flow.possibly) ? "blocked" : "unknown";
};

const OWN: Sight = { hides: [], instead: everything };
const sightsOf = ({ sees = OWN }: Hop): readonly Sight[] => readings(sees);
const readings = (sight: Sight): readonly Sight[] =>
  sight.or === undefined ? [sight] : [sight, ...readings(sight.or)];

/** What stands at the hop in place of the client's own packets, by each of its sights. */
const standing = (hop: Hop, packets: PacketSet): readonly PacketSet[] =>
  hop.sees === undefined
    ? [packets]
    : sightsOf(hop).map(({ hides, instead }) => and(hides.reduce(some, packets), instead));

/** The client's own packets in whose place some of `set` stands. */
const behind = (hop: Hop, packets: PacketSet, stands: readonly PacketSet[], set: PacketSet): PacketSet =>
  hop.sees === undefined
    ? set
    : and(packets, anyOf(sightsOf(hop).map(({ hides }, i) => hides.reduce(some, and(set, stands[i] ?? nothing)))));

/** The client's own packets that may pass, if some of what stands in their place may, and surely do, if all of it does. */
const passing = (hop: Hop, packets: PacketSet, stands: readonly PacketSet[], decision: Decision): Flow => {
  const possibly = behind(hop, packets, stands, mayPass(decision));
  return { possibly, surely: minus(possibly, behind(hop, packets, stands, mayStop(decision))) };
};

/** Where of all that may stand in a packet's place some may pass and some surely does not, it depends on which it is. */
const depending = (
  hop: Hop,
  packets: PacketSet,
  stands: readonly PacketSet[],
  decision: Decision,
): readonly Touch[] => {
  const why = hop.sees?.depends;
  if (why === undefined) return [];
  const pass = mayPass(decision);
  const torn = and(behind(hop, packets, stands, pass), behind(hop, packets, stands, minus(mayStop(decision), pass)));
  if (isEmpty(torn)) return [];
  return [{ by: "otherwise", word: "allow", packets: torn, because: [{ saw: "gap", says: why.says, gap: why }] }];
};

type Ruled = Pick<HopRuling, "ruling" | "clientPorts">;

/** What is done with packets of which some possibly and some surely get past: for each client, one port is enough. */
const rule = (asked: PacketSet, possibly: PacketSet, surely: PacketSet): Ruled => {
  if (isEmpty(possibly)) return { ruling: "stops" };
  if (!within(some(asked, "clientPort"), some(surely, "clientPort"))) return { ruling: "unclear" };
  return surely === asked ? { ruling: "passes" } : { ruling: "passes", clientPorts: surely };
};

/** What a named gate inside a hop does with what came to it. */
const alone = ({ asked, decision }: Reading): Ruled => {
  const possibly = mayPass(decision);
  return rule(asked, possibly, minus(possibly, mayStop(decision)));
};

/**
 * What a place inside a hop does, held against the whole hop: where that is in doubt, packets may never come to a place
 * that stops them, and one that may leave them to the next is a part of the doubt.
 */
const part = (reading: Reading, whole: Ruled): Ruled => {
  const own = alone(reading);
  if (whole.ruling !== "unclear" || own.ruling === "unclear") return own;
  const { allow, leave } = reading.decision;
  return own.ruling === "stops" || !isEmpty(and(allow, leave)) ? { ruling: "unclear" } : own;
};

const ruled = (
  { at, gate, asked, decision, touched }: Reading,
  direction: "request" | "reply",
  how: Ruled,
  sees: Sees | undefined,
  doubts: readonly Touch[] = [],
  within: Gate = gate,
): HopRuling => {
  const stopped = stops.filter((stop) => !isEmpty(decision[stop]));
  const symptoms = direction === "reply" && stopped.length > 0 ? (["timeout"] as const) : stopped;
  const known = { at, gate, within, direction, asked, touched: [...touched, ...doubts], symptoms, ...how };
  return sees === undefined ? known : { ...known, sees };
};

/** What is left of a flow behind a hop. */
const through = (flow: Flow, past: Flow): Flow => {
  if (past.possibly === everything && past.surely === everything) return flow;
  const possibly = and(flow.possibly, past.possibly);
  const certain = flow.surely === flow.possibly && past.surely === past.possibly;
  return { possibly, surely: certain ? possibly : and(flow.surely, past.surely) };
};

/** A flow behind a hop, whose gate is read as a whole unless it sees something else than the flow. */
const onward = (flow: Flow, hop: Hop): Flow => {
  if (isEmpty(flow.possibly)) return flow;
  if (hop.sees === undefined) return through(flow, passage(hop.gate));
  const stands = standing(hop, flow.possibly);
  return through(flow, passing(hop, flow.possibly, stands, decide(hop.gate, anyOf(stands))));
};

/** A flow of which the client's ports are forgotten. */
const portless = ({ possibly, surely }: Flow): Flow => {
  const forgotten = some(possibly, "clientPort");
  return { possibly: forgotten, surely: surely === possibly ? forgotten : some(surely, "clientPort") };
};

const isPortless = ({ possibly, surely }: Flow): boolean =>
  some(possibly, "clientPort") === possibly && (surely === possibly || some(surely, "clientPort") === surely);

/**
 * Everything that passes a way, whoever asks: read with gates decided once, for sets of clients and services. They are
 * read for all of the kind that is given, which holds what is asked.
 */
export const flowOf = (way: Way, asked: PacketSet, kind = kindOf(asked)): Flow => {
  const carried = and(asked, way.carries);
  const flow: Flow = { possibly: carried, surely: carried };
  return way.request.some(isRewritten) || way.reply.some(isRewritten)
    ? inOrder(way, flow)
    : inAnyOrder(way, flow, kind);
};

const isRewritten = ({ sees }: Hop): boolean => sees !== undefined;

const SHUT: Flow = { possibly: nothing, surely: nothing };

const inOrder = (way: Way, carried: Flow): Flow =>
  portless(way.reply.reduce(onward, way.request.reduce(onward, carried)));

/**
 * Where every hop sees the client's own packets, what passes is what all let pass, in whatever order. First come those
 * that speak of the client's ports, most of them shared by many ways; then the ports are forgotten, and sets are smaller.
 */
const inAnyOrder = ({ request, reply }: Way, carried: Flow, kind: PacketSet): Flow => {
  let flow = carried;
  const rest: Flow[] = [];
  const meet = (hop: Hop): boolean => {
    const past = passage(gateFor(hop, kind));
    if (past.possibly !== everything && isPortless(past)) rest.push(past);
    else flow = through(flow, past);
    return isEmpty(past.possibly);
  };
  return reply.some(meet) || request.some(meet) ? SHUT : rest.reduce(through, portless(flow));
};
