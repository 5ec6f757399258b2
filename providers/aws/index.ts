import type { Coverage, Interface, Inventory, Machine, Resource, RuleList } from "#model/inventory.ts";
import type { Provider, Scope } from "#model/provider.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Way } from "#model/way.ts";
import { once } from "#model/once.ts";
import { meets } from "#packets/set.ts";
import { formatAddress, parseAddress } from "#packets/address.ts";
import { problems } from "#problems.ts";
import { alternativesFor } from "./alternatives.ts";
import type { Facts } from "./facts.ts";
import { frontDoors } from "./front-doors.ts";
import { askedFor } from "./facts.ts";
import type { Instance } from "./instance.ts";
import { insideWays } from "./network.ts";
import type { Groups, NetworkInterface } from "./network-interface.ts";
import { permissionFor, permissions } from "./permissions.ts";
import { items, nameOf, regionOf, scopeOfArn, text } from "./raw.ts";
import { policies } from "./policy.ts";
import { factReader } from "./read.ts";
import { recognise } from "./recognise.ts";
import { remediesFor } from "./remedies.ts";
import { judges } from "./judges.ts";
import { NO_INTERFACE } from "./public-address.ts";
import { NODE } from "./security-group.ts";
import { internetWays } from "./ways.ts";

export const aws: Provider = {
  cloud: "aws",
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
  const fromInternet = internetWays(judge);
  const fromInside = insideWays(judge);
  const through = frontDoors(judge, fromInternet, fromInside);
  const machines = once(() => machinesOf(facts));
  const index = once(() => indexOf(facts, machines()));
  const own = (to: Interface): NetworkInterface =>
    isOf(facts, to) ? to : (facts.interfaces.get(to.id) ?? phantom(facts, to.id));

  /** An interface, and how its ways end: those to a balancer's own at its listeners. */
  const facing = (to: NetworkInterface): readonly [NetworkInterface, (ways: readonly Way[]) => readonly Way[]] => {
    const gate = through.listener(to);
    if (gate === undefined) return [to, asTheyAre];
    return [{ ...to, type: NODE }, (ways) => ways.map((way) => ({ ...way, request: [...way.request, { gate }] }))];
  };

  return {
    get machines() {
      return machines();
    },
    get lists() {
      return listsOf(facts, judge);
    },
    gaps: facts.gaps,
    get coverage() {
      return coverageOf(facts, machines());
    },
    find: (asked) => [...(index().get(asked) ?? index().get(spelled(asked)) ?? [])],
    doors: (to) => {
      const [at, end] = facing(own(to));
      const [direct, others] = [fromInternet.open(at), through.open(at)];
      return end(others.length === 0 ? direct : [...direct, ...others]);
    },
    ways: (asked, to) => {
      const [at, end] = facing(own(to));
      const inside = fromInside(asked, at);
      const all = [...fromInternet.all(at, inside.length === 0), ...through.all(asked, at), ...inside];
      return end(all.filter((way) => meets(way.carries, asked)));
    },
    alternatives: (machine, asked) => alternativesFor(judge, fromInside, machine, machine.interfaces.map(own), asked),
    remedies: (place, direction, open, to) => remediesFor(facts, judge, inventory, place, direction, open, own(to)),
  };
};

const asTheyAre = (ways: readonly Way[]): readonly Way[] => ways;

/** Whether an interface is one of these facts, and not of facts from before a change. */
const isOf = (facts: Facts, to: Interface): to is NetworkInterface => "read" in to && to.read === facts.read;

/** An address as it is always written here; any other text as it is. */
const spelled = (text: string): string => {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
};

const resource = (type: string, id: string, scope: Scope, name: string | undefined): Resource => ({
  cloud: "aws",
  account: scope.account ?? null,
  region: scope.region ?? null,
  type,
  id,
  name: name ?? null,
});

/** Instances with all their interfaces, and interfaces that belong to none. */
const machinesOf = (facts: Facts): readonly Machine[] => {
  const byInstance = new Map<string, NetworkInterface[]>();
  const alone: NetworkInterface[] = [];
  for (const each of facts.interfaces.values()) {
    if (each.instance === undefined) alone.push(each);
    else {
      const those = byInstance.get(each.instance);
      if (those === undefined) byInstance.set(each.instance, [each]);
      else those.push(each);
    }
  }
  const instances = [...facts.instances.values()].map((instance): Machine => {
    const interfaces = byInstance.get(instance.id);
    byInstance.delete(instance.id);
    return {
      resource: resource("instance", instance.id, instance, instance.name),
      interfaces: interfaces?.toSorted(byPlace) ?? [phantom(facts, instance.id)],
    };
  });
  const unread = [...byInstance].map(
    ([id, interfaces]): Machine => ({
      resource: resource("instance", id, interfaces[0] ?? NO_SCOPE, undefined),
      interfaces,
    }),
  );
  const others = alone.map(
    (each): Machine => ({
      resource: resource("network-interface", each.id, each, each.name),
      interfaces: [each],
    }),
  );
  return [...instances, ...unread, ...others];
};

const byPlace = (a: NetworkInterface, b: NetworkInterface): number => a.device - b.device || (a.id < b.id ? -1 : 1);

const NO_SCOPE: Scope = { account: undefined, region: undefined };

/** What stands in for the interfaces of an instance of which none is known. */
const phantom = (facts: Facts, id: string): NetworkInterface => {
  const instance: Instance | undefined = facts.instances.get(id);
  return {
    id,
    cloud: "aws",
    name: undefined,
    type: NO_INTERFACE,
    vpc: undefined,
    subnet: undefined,
    account: instance?.account,
    region: instance?.region,
    groups: { key: "", ids: [] },
    status: "in-use",
    attachment: undefined,
    instance: id,
    device: 0,
    v4: [],
    v4Prefixes: [],
    v6: [],
    v6Prefixes: [],
    refusesGateways: false,
    isWhole: false,
    read: facts.read,
    at: instance?.at ?? { file: "", pointer: "" },
  };
};

/** Machines by everything that a person may call them. */
const indexOf = (facts: Facts, machines: readonly Machine[]): ReadonlyMap<string, ReadonlySet<Machine>> => {
  const index = new Map<string, Set<Machine>>();
  const call = (name: string | null | undefined, machine: Machine): void => {
    if (name === null || name === undefined) return;
    const known = index.get(name);
    if (known === undefined) index.set(name, new Set([machine]));
    else known.add(machine);
  };
  const owners = new Map<string, Machine>();
  for (const machine of machines) {
    call(machine.resource.id, machine);
    call(machine.resource.name, machine);
    for (const { id } of machine.interfaces) {
      call(id, machine);
      owners.set(id, machine);
      const own = facts.interfaces.get(id);
      own?.v4.forEach((each) => [each.private, each.public, each.carrier].forEach((address) => call(address, machine)));
      own?.v6.forEach((address) => call(spelled(address), machine));
    }
  }
  for (const { raw } of facts.addresses) {
    const machine = owners.get(text(raw["NetworkInterfaceId"]) ?? "");
    if (machine !== undefined) call(text(raw["PublicIp"]), machine);
  }
  return index;
};

/** Every security group and network ACL, and how much each is attached to. */
function* listsOf(facts: Facts, judge: ReturnType<typeof judges>): Generator<RuleList> {
  const alike = new Map<Groups, number>();
  for (const { groups } of facts.interfaces.values()) alike.set(groups, (alike.get(groups) ?? 0) + 1);
  const carriers = new Map<string, number>();
  for (const [{ ids }, count] of alike) for (const id of ids) carriers.set(id, (carriers.get(id) ?? 0) + count);
  for (const [id, { raw }] of facts.things.SecurityGroups) {
    const scope = scopeOfThing(raw, "SecurityGroupArn", facts, text(raw["VpcId"]));
    const known = askedFor(facts, "NetworkInterfaces", scope) === "read" || carriers.has(id);
    const name = nameOf(raw) ?? text(raw["GroupName"]);
    yield {
      resource: resource("security-group", id, scope, name),
      place: { kind: "security-group", id, ...(name === undefined ? {} : { name }) },
      gate: judge.groups.list(id),
      attached: known ? (carriers.get(id) ?? 0) : undefined,
      standard: false,
    };
  }
  for (const [id, fact] of facts.things.NetworkAcls) {
    const { raw } = fact;
    const scope = scopeOfThing(raw, "NetworkAclArn", facts, text(raw["VpcId"]));
    const name = nameOf(raw);
    yield {
      resource: resource("network-acl", id, scope, name),
      place: { kind: "network-acl", id, ...(name === undefined ? {} : { name }) },
      gate: judge.acls.list(fact),
      attached: items(raw["Associations"]).length,
      standard: raw["IsDefault"] === true,
    };
  }
}

const scopeOfThing = (
  raw: Readonly<Record<string, unknown>>,
  arn: string,
  facts: Facts,
  vpc: string | undefined,
): Scope => {
  const named = scopeOfArn(text(raw[arn]) ?? "");
  return { account: text(raw["OwnerId"]) ?? named.account, region: named.region ?? regionOfVpc(facts, vpc) };
};

const regions = new WeakMap<Facts, Map<string, string>>();

/** The Region of a VPC, which only its subnets and interfaces tell. */
const regionOfVpc = (facts: Facts, vpc: string | undefined): string | undefined => {
  const known = regions.get(facts) ?? new Map<string, string>();
  if (!regions.has(facts)) {
    for (const { vpc, region } of facts.interfaces.values())
      if (vpc !== undefined && region !== undefined && !known.has(vpc)) known.set(vpc, region);
    for (const { raw } of facts.things.Subnets.values()) {
      const region = regionOf(text(raw["AvailabilityZone"])) ?? scopeOfArn(text(raw["SubnetArn"]) ?? "").region;
      if (region !== undefined) known.set(text(raw["VpcId"]) ?? "", region);
    }
    regions.set(facts, known);
  }
  return known.get(vpc ?? "");
};

/** Answers without which nothing can be decided: what they list always exists. */
const NEEDED = [
  "NetworkInterfaces",
  "Reservations",
  "SecurityGroups",
  "NetworkAcls",
  "RouteTables",
  "Subnets",
  "Vpcs",
  "InternetGateways",
] as const;

/** Further doors to a machine, and the answer that tells of each; none does of those that are not followed. */
const DOORS = [
  ["load balancers", "LoadBalancers"],
  ["classic load balancers", "LoadBalancerDescriptions"],
  ["accelerators", "Accelerators"],
  ["transit gateways", "TransitGatewayAttachments"],
  ["VPN connections"],
  ["instance connect endpoints", "InstanceConnectEndpoints"],
] as const satisfies readonly (readonly [door: string, key?: string])[];

/** Doors that were not looked behind in a scope: nobody asked whether there are any, or this version does not follow them. */
const notLookedAt = (facts: Facts, { account, region }: Scope): readonly string[] => {
  const doors = DOORS.filter(([, key]) => {
    if (key === undefined) return true;
    return askedFor(facts, key, { account, region: GLOBAL.has(key) ? undefined : region }) === "never";
  }).map(([door]) => door);
  // Where nobody asked for either kind, one word says so.
  return doors.filter((door) => door !== "classic load balancers" || !doors.includes("load balancers"));
};

const coverageOf = (facts: Facts, machines: readonly Machine[]): readonly Coverage[] => {
  const rows = new Map<string, { scope: Scope; machines: number }>();
  const row = (scope: Scope): { scope: Scope; machines: number } => {
    const key = `${scope.account ?? ""} ${scope.region ?? ""}`;
    const known = rows.get(key) ?? { scope, machines: 0 };
    rows.set(key, known);
    return known;
  };
  for (const { resource: of } of machines)
    row({ account: of.account ?? undefined, region: of.region ?? undefined }).machines++;
  for (const scope of facts.visited) row(scope);
  for (const [key, heard] of facts.asked)
    if (!GLOBAL.has(key)) for (const { scope, how } of heard) if (how !== "read") row(scope);
  return [...rows.values()]
    .toSorted((a, b) => (scopeKey(a.scope) < scopeKey(b.scope) ? -1 : 1))
    .map(({ scope, machines: count }) => ({
      cloud: "aws",
      account: scope.account ?? null,
      region: scope.region ?? null,
      machines: count,
      missing: missingIn(facts, scope),
      notLookedAt: notLookedAt(facts, scope),
    }));
};

/** Answers that are of no Region, whichever it was that was asked. */
const GLOBAL: ReadonlySet<string> = new Set(["Accelerators", "AcceleratorListeners", "EndpointGroups"]);

const scopeKey = ({ account, region }: Scope): string => `${account ?? ""} ${region ?? ""}`;

/** What was refused or cut in a scope, and what always exists and was never asked for. */
const missingIn = (facts: Facts, scope: Scope): readonly Gap[] => {
  const heard = [...facts.asked.values()].flat().filter(({ scope: of }) => scopeKey(of) === scopeKey(scope));
  const said = new Set(heard.flatMap((each) => each.gap ?? []));
  const never = NEEDED.filter((key) => askedFor(facts, key, scope) === "never").map((key) =>
    gap(
      "missing",
      problems.missing(`the answer to ${permissionFor(key)?.call ?? key}`, permissionFor(key)?.cli ?? key),
    ),
  );
  return [...said, ...never];
};
