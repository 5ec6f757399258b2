import type { Gate } from "#model/gate.ts";
import { remembering } from "#model/remember.ts";
import type { Hop, Outline, Way } from "#model/way.ts";
import type { PacketSet } from "#packets/set.ts";

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
  const remembered = remembering<T>();
  return (ways) => {
    const row: unknown[] = [];
    for (const way of ways) put(way, sign, row);
    return remembered(row, () => make(ways));
  };
};

/** Puts all that makes a way what it is to the others. */
const put = ({ carries, request, reply }: Way, sign: Sign, row: unknown[]): void => {
  const from = row.length;
  row.push(carries);
  for (const hops of [request, reply])
    for (const hop of hops) {
      const gate = sign(hop);
      if ("rules" in gate && gate.rules.length === 0) {
        // What lets everything through is only a name, and behind what stops everything nothing comes.
        if (gate.otherwise === "allow" || gate.otherwise === "leave") continue;
        row.length = from;
        row.push(gate.otherwise);
        return;
      }
      row.push(gate);
      if (hop.sees !== undefined) row.push(hop.sees);
    }
};
