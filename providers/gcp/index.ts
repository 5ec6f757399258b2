import type { Coverage, Interface, Inventory, Machine } from "#model/inventory.ts";
import type { Provider } from "#model/provider.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import { once } from "#model/once.ts";
import { formatAddress, parseAddress } from "#packets/address.ts";
import { meets } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { alternativesFor } from "./alternatives.ts";
import { doorWays } from "./doors.ts";
import type { Facts } from "./facts.ts";
import { askedFor, hostOf } from "./facts.ts";
import { Instance } from "./instance.ts";
import { pathOf, projectOf } from "./link.ts";
import { kinOf } from "./kin.ts";
import { listsOf } from "./lists.ts";
import { NetworkInterface } from "./network-interface.ts";
import { permissionFor, permissions } from "./permissions.ts";
import { policies } from "./policy.ts";
import { factReader } from "./read.ts";
import { recognise } from "./recognise.ts";
import { remediesFor } from "./remedies.ts";
import type { End } from "./ways.ts";
import { insideWays, internetWays, judges, openWays } from "./ways.ts";

export const gcp: Provider = {
  cloud: "gcp",
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
  const machines = once(() =>
    facts.instances.all.some(isBare) ? facts.instances.all.map(machineOf) : facts.instances.all,
  );
  const kin = kinOf(judge);
  const index = once(() => indexOf(facts, machines()));
  const ends = once(() => endsOf(facts));
  const end = (to: Interface): End | undefined => endOf(facts, to) ?? ends().get(to.id);

  return {
    get machines() {
      return machines();
    },
    get lists() {
      return listsOf(facts, judge);
    },
    gaps: facts.gaps,
    get coverage() {
      return coverageOf(facts);
    },
    find: (asked) => [...(index().get(asked) ?? index().get(spelled(asked)) ?? [])],
    doors: (to) => {
      const own = end(to);
      return own === undefined ? [] : [...openWays(judge, own), ...doorWays(judge, own)];
    },
    kin: (machine) => (machine instanceof Instance ? kin(machine) : undefined),
    ways: (asked, to) => {
      const own = end(to);
      if (own === undefined) return [];
      const ways = [...internetWays(judge, own), ...doorWays(judge, own), ...insideWays(judge, asked, own)];
      return ways.filter((way) => meets(way.carries, asked));
    },
    alternatives: (machine, asked) =>
      machine.interfaces.flatMap((to) => {
        const own = end(to);
        return own === undefined ? [] : alternativesFor(judge, own, asked);
      }),
    remedies: (place, direction, open, to) => {
      const own = end(to);
      return own === undefined ? [] : remediesFor({ facts, judge, make: inventory }, place, direction, open, own);
    },
  };
};

const isBare = ({ interfaces }: Instance): boolean => interfaces.length === 0;

const machineOf = (instance: Instance): Machine =>
  isBare(instance) ? { resource: instance.resource, interfaces: [unread(instance)] } : instance;

/** What stands in for the interfaces of a machine of which none was told. */
const unread = ({ id }: Instance): Interface => ({ id: `${id}/nic0`, cloud: "gcp" });

/** An interface that these facts told themselves knows its machine. */
const endOf = (facts: Facts, to: Interface): End | undefined => {
  if (!(to instanceof NetworkInterface)) return undefined;
  const instance = facts.instances.get(to.instance);
  return instance?.interfaces.includes(to) === true ? { nic: to, instance } : undefined;
};

const endsOf = (facts: Facts): ReadonlyMap<string, End> =>
  new Map(
    facts.instances.all.flatMap((instance) => instance.interfaces.map((nic) => [nic.id, { nic, instance }] as const)),
  );

/** An address as it is always written here, and a link without what stands before the project. */
const spelled = (text: string): string => {
  const address = parseAddress(text);
  return address === undefined ? pathOf(text) : formatAddress(address);
};

/** Machines by everything that a person may call them. */
const indexOf = (facts: Facts, machines: readonly Machine[]): ReadonlyMap<string, ReadonlySet<Machine>> => {
  const index = new Map<string, Set<Machine>>();
  const byId = new Map(machines.map((machine) => [machine.resource.id, machine]));
  const call = (name: string | undefined, machine: Machine): void => {
    if (name !== undefined) index.set(name, (index.get(name) ?? new Set()).add(machine));
  };
  for (const { id, path, name, number, interfaces } of facts.instances.all) {
    const machine = byId.get(id);
    if (machine === undefined) continue;
    for (const each of [id, path, name, number]) call(each, machine);
    for (const nic of interfaces) {
      for (const each of [nic.id, pathOf(nic.id)]) call(each, machine);
      for (const each of addressesOf(nic)) call(spelled(each), machine);
    }
  }
  return index;
};

const addressesOf = ({ v4, v6, aliases, external, external6 }: NetworkInterface): readonly string[] => [
  ...[v4, v6, ...external.map(({ address }) => address)].filter((each) => each !== undefined),
  ...external6.map(({ address }) => address),
  ...aliases.map((each) => each.replace(/\/32$/, "")),
];

/** Answers of a network's own project without which nothing can be decided: what they list always exists. */
const NEEDED = ["networks", "firewalls", "routes", "subnetworks"] as const;

/** One row for each project: its lists are of all regions at once. */
const coverageOf = (facts: Facts): readonly Coverage[] => {
  const counts = new Map<string, number>();
  const row = (project: string | undefined, machines = 0): void =>
    void counts.set(project ?? "", (counts.get(project ?? "") ?? 0) + machines);
  const hosts = new Set<string>();
  for (const { project, interfaces } of facts.instances.all) {
    row(project, 1);
    for (const { network } of interfaces) hosts.add(hostOf(network) ?? "");
  }
  for (const project of [...facts.projects, ...hosts]) if (project !== "") row(project);
  for (const { account } of facts.visited) row(account);
  for (const heard of facts.asked.values()) for (const { project, how } of heard) if (how !== "read") row(project);
  return [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([project, machines]) => ({
      cloud: "gcp",
      account: project === "" ? null : project,
      region: "global",
      machines,
      missing: missingIn(facts, project, hosts),
      notLookedAt: [
        ...(askedFor(facts, "forwardingRules", project) === "never" ? ["load balancers", "protocol forwarding"] : []),
        "internal load balancers",
        "VPN tunnels",
        "interconnects",
        ...(askedFor(facts, "routers", project) === "never" ? ["routes that routers have learned"] : []),
        "policy-based routes",
        "serial consoles",
      ],
    }));
};

/** What was refused or cut in a project, and what always exists and was never asked for. */
const missingIn = (facts: Facts, project: string, hosts: ReadonlySet<string>): readonly Gap[] => {
  const heard = [...facts.asked.values()].flat().filter((each) => (each.project ?? "") === project);
  const said = new Set(heard.flatMap((each) => each.gap ?? []));
  const owns = [...facts.things.networks.keys()].some((path) => projectOf(path) === project);
  const needed = [
    ...(facts.instances.all.length === 0 && project !== "" ? (["instances"] as const) : []),
    ...(hosts.has(project) || owns ? NEEDED : []),
  ];
  const never = needed
    .filter((key) => askedFor(facts, key, project) === "never" && !isThere(facts, key, project))
    .map((key) =>
      gap(
        "missing",
        problems.missing(`the answer to ${permissionFor(key)?.call ?? key}`, permissionFor(key)?.cli ?? key),
      ),
    );
  return [...said, ...never];
};

/** A network that was described by itself, and rules or subnets that another answer tells too. */
const isThere = (facts: Facts, key: (typeof NEEDED)[number] | "instances", project: string): boolean => {
  switch (key) {
    case "networks":
      return [...facts.things.networks.keys()].some((path) => projectOf(path) === project);
    case "firewalls":
      return facts.effective.some(({ network }) => hostOf(network) === project);
    case "subnetworks":
      return [...facts.things.routes.values()].some(
        ({ path, raw }) => projectOf(path) === project && raw["nextHopNetwork"] !== undefined,
      );
    case "instances":
    case "routes":
      return false;
  }
};
