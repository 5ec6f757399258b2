import { remembering } from "#model/remember.ts";
import { hasDoors } from "./doors.ts";
import type { Crowd, Instance } from "./instance.ts";
import { isRunning } from "./machine-state.ts";
import type { End, Judges, Opening } from "./ways.ts";
import { firewallHop, openings, routesBack, strangers } from "./ways.ts";

/** What machines share whose doors do the same. */
type Kin = object;

/** A place where whatever comes may be stopped, for whichever reason. */
const IN_DOUBT: Kin = {};

/** Who is kin to a machine; undefined where it has something of its own before it. */
export const kinOf = (judge: Judges): ((instance: Instance) => Kin | undefined) => {
  const nobody: Kin = {};
  const families = remembering<Kin>();
  const both = (one: Kin, other: Kin): Kin => (one === nobody ? other : families([one, other], () => ({})));
  const way = wayKin(judge);
  return (instance) => {
    const runs = isRunning(judge.facts, instance);
    let kin = nobody;
    for (let i = 0; i < instance.interfaces.length; i++) {
      const nic = instance.interfaces[i];
      if (nic === undefined) continue;
      const end = { nic, instance };
      if (hasDoors(judge, end)) return undefined;
      const open = runs === false ? [] : openings(nic);
      if (open.length > 0 && judge.likeness.alone(nic) !== "") return undefined;
      for (const opening of open) kin = both(kin, way(end, opening));
    }
    return runs === undefined ? both(kin, IN_DOUBT) : kin;
  };
};

/**
 * What ways to an external address share that do the same. Machines of one crowd in one network have the same before
 * them, but for the rules that ask where packets go.
 */
const wayKin = (judge: Judges): ((end: End, opening: Opening) => Kin) => {
  const shared = remembering<Kin>();
  const made = (end: End, { of, arrival }: Opening, doubts: readonly Kin[]): Kin => {
    const gates = routesBack(judge, end).map(({ gate }) => gate);
    const row = [strangers(judge, end, of), firewallHop(judge, end, arrival).gate, ...gates, ...doubts];
    return shared(row, () => ({}));
  };
  const known = new Map<Crowd, Map<string, Map<string, Kin>>>();
  return (end, opening) => {
    const { crowd } = end.instance;
    const { network, index } = end.nic;
    const there = known.get(crowd) ?? new Map<string, Map<string, Kin>>();
    known.set(crowd, there);
    const those = there.get(network) ?? new Map<string, Kin>();
    there.set(network, those);
    const destination = judge.likeness.destination(network, opening.arrival, "INGRESS");
    const isDoubted = opening.external.policy !== undefined || index !== 0;
    const key = isDoubted ? `${destination} in doubt` : destination;
    const before = those.get(key) ?? made(end, opening, isDoubted ? [IN_DOUBT] : []);
    those.set(key, before);
    return before;
  };
};
