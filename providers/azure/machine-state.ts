import { gap } from "#model/gap.ts";
import type { Final, Place } from "#model/gate.ts";
import { problems } from "#problems.ts";
import { nameOf, subscriptionOf } from "./arm-id.ts";
import type { Facts } from "./facts.ts";
import { gapFor } from "./facts.ts";
import { doubtfulHop, state } from "#model/hop.ts";
import type { NetworkInterface } from "./network-interface.ts";
import type { VirtualMachine } from "./virtual-machine.ts";

const DOWN = new Set(["stopped", "deallocated"]);
const CHANGING = new Set(["starting", "stopping", "deallocating", "creating", "updating"]);

/** Only a machine that runs answers. What is not told to run is not told to be stopped. */
export const machineState = (facts: Facts, machine: VirtualMachine | undefined, nic: NetworkInterface): Final =>
  stateOf(facts, machine, nic.machine ?? nic.id, nic);

export const stateOf = (
  facts: Facts,
  machine: VirtualMachine | undefined,
  named: string,
  nic?: NetworkInterface,
): Final => {
  const id = machine?.id ?? named;
  const place: Place = { kind: "machine-state", id, name: machine?.name ?? nameOf(id) };
  const contradiction = machine === undefined ? undefined : facts.contradictions.get(machine.key);
  if (contradiction !== undefined) return doubtfulHop(place, contradiction);
  const [first, ...others] = machine?.states ?? [];
  if (first === undefined) {
    const key = machine === undefined ? "virtualMachines" : "instanceViews";
    const what = `whether ${nameOf(id)} runs`;
    return doubtfulHop(place, gapFor(facts, key, what, subscriptionOf(id), machine?.at ?? nic?.at));
  }
  const other = others.find(({ state: told }) => told !== first.state);
  if (other !== undefined) {
    const why = problems.disagrees(`whether ${nameOf(id)} runs`, first.at.file, other.at.file);
    return doubtfulHop(place, gap("unreadable", why, other.at));
  }
  const { state: told, at } = first;
  const seen = { saw: "state", says: told, source: at } as const;
  if (told === "running") return state(place, "allow", seen);
  if (DOWN.has(told)) return state(place, "timeout", seen);
  if (CHANGING.has(told)) return doubtfulHop(place, gap("depends", problems.changing(nameOf(id), told), at));
  const what = problems.newerThanThis(`the power state "${told}"`, `${at.file}#${at.pointer}`);
  return doubtfulHop(place, gap("unreadable", what, at));
};
