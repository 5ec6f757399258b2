import { remembering } from "#model/remember.ts";
import { hasDoors } from "./doors.ts";
import type { Instance } from "./instance.ts";
import { isRunning } from "./machine-state.ts";
import type { End, Judges } from "./ways.ts";
import { firewallHop, openings, replies, strangers } from "./ways.ts";

/** What machines share whose doors do the same; undefined where a machine has something of its own before it. */
export const kinOf = (judge: Judges): ((instance: Instance) => object | undefined) => {
  const shared = remembering<object>();
  return (instance) => {
    const runs = isRunning(judge.facts, instance);
    if (runs === undefined) return undefined;
    const row: unknown[] = [];
    for (const nic of instance.interfaces) {
      const end = { nic, instance };
      if (hasDoors(judge, end)) return undefined;
      if (runs && !putDoors(judge, end, row)) return undefined;
    }
    return shared(row, () => ({}));
  };
};

/** Puts all that makes the doors of an interface what they are to the others; says no where one is like no other. */
const putDoors = (judge: Judges, end: End, row: unknown[]): boolean => {
  for (const { of, external, arrival } of openings(end)) {
    if (external.policy !== undefined) return false;
    row.push(strangers(judge, end, of), firewallHop(judge, end, arrival).gate);
    for (const { gate } of replies(judge, end)) row.push(gate);
    row.push(END);
  }
  return true;
};
const END = Symbol("the end of a way");
