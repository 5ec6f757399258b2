import type { Gate } from "#model/gate.ts";
import type { Hop, Outline, Way } from "#model/way.ts";
import type { PacketSet } from "#packets/set.ts";

/** A step in the tree of all that was met one after the other, and what is kept for whoever comes this way. */
interface Step<T> {
  readonly next: Map<unknown, Step<T>>;
  kept?: T;
}

const first = <T>(): Step<T> => ({ next: new Map() });

const further = <T>({ next }: Step<T>, met: unknown): Step<T> => {
  const known = next.get(met);
  if (known !== undefined) return known;
  const made = first<T>();
  next.set(met, made);
  return made;
};

/** By what a hop is known: its gate, or what is told before its gate is made. */
export type Sign = (hop: Hop) => Gate | Outline;
export const byOutline: Sign = (hop) => hop.atMost ?? hop.gate;
export const byGate =
  (kind: PacketSet): Sign =>
  (hop) =>
    hop.about?.(kind) ?? hop.gate;

/** Whether anything of a way is told before its gates are made. */
export const isOutlined = ({ request, reply }: Way): boolean => request.some(hasOutline) || reply.some(hasOutline);
const hasOutline = ({ atMost }: Hop): boolean => atMost !== undefined;

/**
 * What is the same for all who have the same ways, made once for them. Ways are the same where they bring the same
 * conversations through the same gates, whatever their addresses are and whoever they lead to.
 */
export const alike = <T>(sign: Sign, make: (ways: readonly Way[]) => T): ((ways: readonly Way[]) => T) => {
  const root = first<{ readonly of: T }>();
  return (ways) => {
    let step = root;
    for (const way of ways) step = along(way, sign, step);
    step.kept ??= { of: make(ways) };
    return step.kept.of;
  };
};

const along = <T>({ carries, request, reply }: Way, sign: Sign, from: Step<T>): Step<T> => {
  let step = further(from, carries);
  for (const hops of [request, reply])
    for (const hop of hops) {
      const gate = sign(hop);
      if ("rules" in gate && gate.rules.length === 0) {
        // What lets everything through is only a name, and behind what stops everything nothing comes.
        if (gate.otherwise === "allow" || gate.otherwise === "leave") continue;
        return further(from, gate.otherwise);
      }
      step = further(step, gate);
      if (hop.sees !== undefined) step = further(step, hop.sees);
    }
  return step;
};
