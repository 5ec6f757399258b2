import { remembering } from "#model/remember.ts";
import { isLedTo, isUnread } from "./doors.ts";
import type { Crowd, Instance } from "./instance.ts";
import { isRunning } from "./machine-state.ts";
import type { External, External6 } from "./network-interface.ts";
import type { End, Judges } from "./ways.ts";
import { arrivalAt, firewallHop, routesBack, strangers } from "./ways.ts";

/** What machines share whose doors do the same. */
type Kin = object;

/** A place where whatever comes may be stopped, for whichever reason. */
const IN_DOUBT: Kin = {};

/** Who is kin to a machine; undefined where it has something of its own before it. */
export const kinOf = (judge: Judges): ((instance: Instance) => Kin | undefined) => {
  const nobody: Kin = {};
  const families = remembering<Kin>();
  const both = (one: Kin, other: Kin): Kin => (one === nobody ? other : families([one, other], () => ({})));
  const lotOf = lots(judge);
  const wayOf = wayKin(judge);
  return (instance) => {
    const { interfaces } = instance;
    const runs = isRunning(judge.facts, instance);
    let kin = nobody;
    for (let i = 0; i < interfaces.length; i++) {
      const nic = interfaces[i];
      if (nic === undefined) continue;
      const end = { nic, instance };
      const lot = lotOf(end);
      if (lot.isUnread || isLedTo(judge, end)) return undefined;
      if (runs === false) continue;
      const { external, external6 } = nic;
      if (external.length + external6.length > 0 && judge.likeness.alone(nic) !== "") return undefined;
      for (let k = 0; k < external.length; k++) {
        const each = external[k];
        if (each?.address !== undefined) kin = both(kin, wayOf(lot, end, each));
      }
      for (let k = 0; k < external6.length; k++) {
        const each = external6[k];
        if (each !== undefined) kin = both(kin, wayOf(lot, end, each));
      }
    }
    return runs === undefined ? both(kin, IN_DOUBT) : kin;
  };
};

/** Machines of one crowd in one network: the same stands before them, but for the rules that ask where packets go. */
interface Lot {
  readonly network: string;
  readonly isUnread: boolean;
  /** By where packets go. */
  readonly ways: Map<string, Kin>;
  /** The same crowd in another network. Few are in many. */
  readonly next: Lot | undefined;
}

const lots = (judge: Judges): ((end: End) => Lot) => {
  const known = new Map<Crowd, Lot>();
  return (end) => {
    const { crowd } = end.instance;
    const { network } = end.nic;
    const first = known.get(crowd);
    let lot = first;
    while (lot !== undefined && lot.network !== network) lot = lot.next;
    if (lot !== undefined) return lot;
    const made: Lot = { network, isUnread: isUnread(judge, end), ways: new Map(), next: first };
    known.set(crowd, made);
    return made;
  };
};

/** What ways to an external address share that do the same. */
const wayKin = (judge: Judges): ((lot: Lot, end: End, external: External | External6) => Kin) => {
  const shared = remembering<Kin>();
  return ({ ways }, end, external) => {
    const { nic } = end;
    const arrival = arrivalAt(nic, external);
    const isDoubted = external.policy !== undefined || nic.index !== 0;
    const destination = judge.likeness.destination(nic.network, arrival, "INGRESS");
    const key = isDoubted ? `${destination} in doubt` : destination;
    const before = ways.get(key);
    if (before !== undefined) return before;
    const gates = routesBack(judge, end).map(({ gate }) => gate);
    const of = "bits" in external ? 6 : 4;
    const row = [strangers(judge, end, of), firewallHop(judge, end, arrival).gate, ...gates];
    const made = shared(isDoubted ? [...row, IN_DOUBT] : row, () => ({}));
    ways.set(key, made);
    return made;
  };
};
