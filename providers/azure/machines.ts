import type { Interface, Machine } from "#model/inventory.ts";
import { groupOf, keyOf, nameOf, ownerOf, subscriptionOf } from "./arm-id.ts";
import type { Facts } from "./facts.ts";
import type { NetworkInterface } from "./network-interface.ts";
import type { VirtualMachine } from "./virtual-machine.ts";

/** A machine with the interfaces of it that were read. */
export interface Host {
  readonly machine: Machine;
  readonly nics: readonly NetworkInterface[];
  readonly group: string | undefined;
}

/** What stands in for an interface that was not read. */
export interface Unread extends Interface {
  readonly machine: string;
}

type Called = Pick<VirtualMachine, "id" | "key" | "name" | "location" | "subscription" | "group">;

/**
 * Machines that were read, and those that interfaces tell of. An interface without a machine answers nobody; one that a
 * machine names and nobody read is a door of which nothing is known.
 */
export const hostsOf = (facts: Facts): readonly Host[] => {
  const byMachine = new Map<string, NetworkInterface[]>();
  const put = (machine: string, nic: NetworkInterface): void => {
    const known = byMachine.get(machine);
    if (known === undefined) byMachine.set(machine, [nic]);
    else if (!known.includes(nic)) known.push(nic);
  };
  const unnamed = new Map<string, NetworkInterface>();
  for (const nic of facts.nics.values())
    if (nic.machine !== undefined) {
      const key = keyOf(nic.machine);
      put(key, nic);
      if (!facts.machines.has(key)) unnamed.set(key, nic);
    }
  for (const { key, interfaces } of facts.machines.values())
    for (const id of interfaces ?? []) {
      const nic = facts.nics.get(keyOf(id));
      if (nic !== undefined) put(key, nic);
    }
  const host = ({ id, key, name, location, subscription, group }: Called, named: readonly string[]): Host => {
    const found = byMachine.get(key) ?? NONE;
    const nics = found.length > 1 ? found.toSorted(inOrder) : found;
    const missing = [
      ...named.filter((each) => !facts.nics.has(keyOf(each))),
      ...nics.filter(({ configs }) => configs.length === 0).map((nic) => nic.id),
    ];
    const unread: readonly Unread[] = (
      nics.length === 0 && missing.length === 0 ? [`${id}/networkInterfaces/0`] : missing
    ).map((each) => ({ id: each, cloud: "azure", machine: key }));
    return {
      machine: {
        resource: {
          cloud: "azure",
          account: subscription ?? null,
          region: location ?? null,
          type: "virtual-machine",
          id,
          name,
        },
        interfaces: [...nics.flatMap(({ configs }) => configs), ...unread],
      },
      nics,
      group,
    };
  };
  return [
    ...[...facts.machines.values()].map((each) =>
      host({ ...each, name: calledOf(each.id, each.name) }, each.interfaces ?? []),
    ),
    ...[...unnamed].map(([key, nic]) => {
      const id = nic.machine ?? nic.id;
      const place = { location: nic.location, subscription: subscriptionOf(id), group: groupOf(id) };
      return host({ id, key, name: calledOf(id, nameOf(id)), ...place }, []);
    }),
  ];
};

const NONE: readonly NetworkInterface[] = [];

/** The first one first, the others by their ids, whichever was read before the other. */
const inOrder = (a: NetworkInterface, b: NetworkInterface): number =>
  Number(b.isPrimary) - Number(a.isPrimary) || (a.key < b.key ? -1 : 1);

/** An instance of a uniform scale set is called by its set's name and its number. */
const calledOf = (id: string, name: string): string => {
  if (!/\/virtualMachineScaleSets\//i.test(id)) return name;
  const set = nameOf(ownerOf(id));
  return name === nameOf(id) ? `${set}_${name}` : name;
};
