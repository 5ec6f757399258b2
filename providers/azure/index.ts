import type { Interface, Inventory, Machine } from "#model/inventory.ts";
import type { Provider } from "#model/provider.ts";
import type { Way } from "#model/way.ts";
import { once } from "#model/once.ts";
import { formatAddress, parseAddress } from "#packets/address.ts";
import { meets } from "#packets/set.ts";
import { keyOf, nameOf } from "./arm-id.ts";
import { bastionsFor } from "./bastion-host.ts";
import { coverageOf } from "./coverage.ts";
import { doorWays } from "./doors.ts";
import type { Facts } from "./facts.ts";
import { insideWays } from "./inside-ways.ts";
import { judges } from "./judges.ts";
import { listsOf } from "./lists.ts";
import type { Host, Unread } from "./machines.ts";
import { hostsOf } from "./machines.ts";
import type { IpConfig } from "./network-interface.ts";
import { permissions } from "./permissions.ts";
import { policies } from "./policy.ts";
import { factReader } from "./read.ts";
import { recognise } from "./recognise.ts";
import { remediesFor } from "./remedies.ts";
import { addressOf, closedWays, openWays, unreadWays } from "./ways.ts";

export const azure: Provider = {
  cloud: "azure",
  permissions,
  recognise,
  reader: (how) => {
    const reader = factReader(how);
    return { add: reader.add, inventory: () => inventory(reader.facts()) };
  },
  live: async () => (await import("./collect.ts")).live,
  policies,
};

/** Everything that was read, ready to be asked. Nothing is judged before somebody asks. */
export const inventory = (facts: Facts): Inventory => {
  const judge = judges(facts);
  const hosts = once(() => hostsOf(facts));
  const machines = once(() => hosts().map(({ machine }) => machine));
  const configs = once(() => configsOf(facts));
  const index = once(() => indexOf(hosts(), (config) => publicOf(judge, config)));
  const unread = (to: Interface): readonly Way[] => (isUnread(to) ? unreadWays(judge, to) : []);
  const end = (to: Interface): IpConfig | undefined => configs().get(to.id);

  return {
    get machines() {
      return machines();
    },
    get lists() {
      return listsOf(judge);
    },
    gaps: facts.gaps,
    get coverage() {
      return coverageOf(facts, hosts());
    },
    find: (asked) => [...(index().get(spelled(asked)) ?? [])],
    doors: (to) => {
      const own = end(to);
      return own === undefined ? unread(to) : [...openWays(judge, own), ...doorWays(judge, own)];
    },
    ways: (asked, to) => {
      const own = end(to);
      if (own === undefined) return unread(to).filter((way) => meets(way.carries, asked));
      const outside = [...openWays(judge, own), ...closedWays(judge, own), ...doorWays(judge, own)];
      const ways = [...outside, ...insideWays(judge, asked, own)];
      return ways.filter((way) => meets(way.carries, asked));
    },
    alternatives: (machine, asked) =>
      machine.interfaces.flatMap((to) => {
        const own = end(to);
        return own === undefined ? [] : bastionsFor(judge, own, asked);
      }),
    remedies: (place, direction, open, to) => {
      const own = end(to);
      return own === undefined ? [] : remediesFor({ facts, judge, make: inventory }, place, direction, open, own);
    },
  };
};

const isUnread = (to: Interface): to is Unread => to.cloud === "azure" && "machine" in to;

const configsOf = ({ nics }: Facts): ReadonlyMap<string, IpConfig> => {
  const found = new Map<string, IpConfig>();
  for (const { configs } of nics.values()) for (const config of configs) found.set(config.id, config);
  return found;
};

const publicOf = (judge: ReturnType<typeof judges>, config: IpConfig): string | undefined => {
  const own = config.publicAddress === undefined ? undefined : addressOf(judge, config);
  return own === undefined || "code" in own ? undefined : own.address;
};

/** An address as it is always written here, and a name without regard to case. */
const spelled = (text: string): string => {
  const address = parseAddress(text);
  return address === undefined ? keyOf(text) : formatAddress(address);
};

/** Machines by everything that a person may call them. */
const indexOf = (
  hosts: readonly Host[],
  publicAddress: (config: IpConfig) => string | undefined,
): ReadonlyMap<string, ReadonlySet<Machine>> => {
  const index = new Map<string, Set<Machine>>();
  const call = (name: string | undefined, machine: Machine): void => {
    if (name === undefined) return;
    const key = spelled(name);
    const known = index.get(key);
    if (known === undefined) index.set(key, new Set([machine]));
    else known.add(machine);
  };
  for (const { machine, nics, group } of hosts) {
    const { id, name } = machine.resource;
    for (const each of [id, name ?? nameOf(id), `${group}/${name ?? nameOf(id)}`]) call(each, machine);
    for (const nic of nics) {
      for (const each of [nic.id, nic.name]) call(each, machine);
      for (const config of nic.configs)
        for (const each of [config.id, config.address, publicAddress(config)]) call(each, machine);
    }
  }
  return index;
};
