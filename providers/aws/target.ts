import { formatAddress, isUnder, parseAddress, parsePrefix } from "#packets/address.ts";
import type { Facts } from "./facts.ts";
import type { NetworkInterface } from "./network-interface.ts";

/** An interface that something is sent to, at one of its addresses. */
export interface Target {
  /** The interface, or the instance where none of it is known. */
  readonly on: string;
  readonly address: string | undefined;
  /** It is not in the VPC that was named. */
  readonly isElsewhere: boolean;
}

/** Finds the interfaces that balancers and accelerators name. */
export interface Targets {
  /** The primary interface of an instance, at its primary address. */
  instance(id: string, of: 4 | 6): readonly Target[];
  /** Whoever has a private address, in the VPC or else anywhere. */
  address(text: string, vpc: string | undefined): readonly Target[];
  /** The interface that an elastic IP leads to, and its public address. */
  allocation(id: string): { readonly on: string; readonly address: string } | undefined;
}

export const targetFinder = (facts: Facts): Targets => {
  const byInstance = new Map<string, NetworkInterface>();
  const byAddress = new Map<string, NetworkInterface[]>();
  const delegated: NetworkInterface[] = [];
  const allocations = new Map<string, { readonly on: string; readonly address: string }>();
  const has = (address: string, each: NetworkInterface): void =>
    void byAddress.set(address, [...(byAddress.get(address) ?? []), each]);
  for (const each of facts.interfaces.values()) {
    if (each.instance !== undefined && each.device === 0 && each.card === undefined)
      byInstance.set(each.instance, each);
    for (const { private: own, public: address, allocation } of each.v4) {
      has(own, each);
      if (allocation !== undefined && address !== undefined) allocations.set(allocation, { on: each.id, address });
    }
    for (const own of each.v6) has(spelled(own), each);
    if (each.v4Prefixes.length + each.v6Prefixes.length > 0) delegated.push(each);
  }
  for (const { raw: of } of facts.addresses) {
    const [id, on, address] = [of["AllocationId"], of["NetworkInterfaceId"], of["PublicIp"]];
    if (typeof id === "string" && typeof on === "string" && typeof address === "string")
      allocations.set(id, { on, address });
  }
  return {
    instance: (id, of) => {
      const on = byInstance.get(id);
      if (on === undefined) return facts.instances.has(id) ? [{ on: id, address: undefined, isElsewhere: false }] : [];
      return [{ on: on.id, address: of === 4 ? on.v4[0]?.private : on.v6[0], isElsewhere: false }];
    },
    address: (text, vpc) => {
      const address = spelled(text);
      const prefix = parsePrefix(`${address}/${address.includes(":") ? 128 : 32}`);
      const holds = (each: NetworkInterface): boolean =>
        [...each.v4Prefixes, ...each.v6Prefixes]
          .map(parsePrefix)
          .some((whole) => prefix !== undefined && whole !== undefined && isUnder(prefix, whole));
      const all = [...(byAddress.get(address) ?? []), ...delegated.filter(holds)];
      const own = all.filter((each) => vpc === undefined || each.vpc === vpc);
      return (own.length > 0 ? own : all).map((each) => ({ on: each.id, address, isElsewhere: own.length === 0 }));
    },
    allocation: (id) => allocations.get(id),
  };
};

const spelled = (text: string): string => {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
};
