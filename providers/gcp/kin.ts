import { remembering } from "#model/remember.ts";
import { hasDoors } from "./doors.ts";
import type { Crowd, Instance } from "./instance.ts";
import { isRunning } from "./machine-state.ts";
import type { End, Judges, Opening } from "./ways.ts";
import { firewallHop, openings, replies, strangers } from "./ways.ts";

/** What machines share whose doors do the same. */
type Kin = object;

/** Who is kin to a machine; undefined where it has something of its own before it. */
export const kinOf = (judge: Judges): ((instance: Instance) => Kin | undefined) => {
  const nobody: Kin = {};
  const families = remembering<Kin>();
  const way = wayKin(judge);
  return (instance) => {
    const runs = isRunning(judge.facts, instance);
    if (runs === undefined) return undefined;
    let kin = nobody;
    for (const nic of instance.interfaces) {
      const end = { nic, instance };
      if (hasDoors(judge, end)) return undefined;
      const open = runs ? openings(nic) : [];
      if (open.length > 0 && isOwn(judge, end)) return undefined;
      for (const opening of open) {
        if (opening.external.policy !== undefined) return undefined;
        const other = way(end, opening);
        kin = kin === nobody ? other : families([kin, other], () => ({}));
      }
    }
    return kin;
  };
};

/** Whether some answer is of the interface alone, or what it replies is. */
const isOwn = ({ likeness }: Judges, { nic }: End): boolean => nic.index !== 0 || likeness.alone(nic) !== "";

/**
 * What ways to an external address share that do the same. Machines of one crowd in one network have the same before
 * them, but for the rules that ask where packets go.
 */
const wayKin = (judge: Judges): ((end: End, opening: Opening) => Kin) => {
  const shared = remembering<Kin>();
  const made = (end: End, { of, arrival }: Opening): Kin => {
    const gates = replies(judge, end).map(({ gate }) => gate);
    return shared([strangers(judge, end, of), firewallHop(judge, end, arrival).gate, ...gates], () => ({}));
  };
  const known = new Map<Crowd, Map<string, Map<string, Kin>>>();
  return (end, opening) => {
    const { crowd } = end.instance;
    const { network } = end.nic;
    const there = known.get(crowd) ?? new Map<string, Map<string, Kin>>();
    known.set(crowd, there);
    const those = there.get(network) ?? new Map<string, Kin>();
    there.set(network, those);
    const destination = judge.likeness.destination(network, opening.arrival, "INGRESS");
    const before = those.get(destination) ?? made(end, opening);
    those.set(destination, before);
    return before;
  };
};
