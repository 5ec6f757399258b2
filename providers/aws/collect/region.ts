import { items, text } from "../raw.ts";
import type { Body, List, Page } from "#reading/list.ts";
import type { Ec2Lists, Filter, balancerLists, classicLists, managedLists } from "./lists.ts";
import type { Outcome } from "#reading/read.ts";

/** Reads one list, and shows each of its pages. */
export type Read = (list: List, see?: (page: Page) => void) => Promise<Outcome>;

/** The lists of one account and Region, by service. */
export interface Services {
  readonly ec2: Ec2Lists;
  readonly balancing: ReturnType<typeof balancerLists>;
  readonly classic: ReturnType<typeof classicLists>;
  readonly managed: ReturnType<typeof managedLists>;
}

/** Calls `each` for every thing of a kind in the pages, or only for the first where a sample is enough. */
type Each = <T>(things: Iterable<T>, each: (thing: T) => Promise<unknown>) => Promise<unknown>;

/** Everything that is read of one Region. Lists that do not wait for each other are read at once. */
export const readRegion = async (
  { ec2, balancing, classic, managed }: Services,
  read: Read,
  sample: boolean,
): Promise<void> => {
  const each: Each = (things, doing) => Promise.all((sample ? [...things].slice(0, 1) : [...things]).map(doing));
  const groups: Group[] = [];
  const lists = new Set<string>();
  const subnets: Subnet[] = [];
  const listed: string[] = [];
  const tables: string[] = [];

  const notice = ({ json }: Page): void => {
    for (const id of new TextDecoder().decode(json).match(/(?<=")pl-[0-9a-f]+(?=")/g) ?? []) lists.add(id);
  };
  const seeing: ReadonlyMap<List, (page: Page) => void> = new Map([
    [ec2.routeTables, notice],
    [
      ec2.securityGroups,
      (page: Page) => {
        notice(page);
        groups.push(...items(page.body()["SecurityGroups"]).map(groupOf));
      },
    ],
    [ec2.subnets, ({ body }: Page) => void subnets.push(...items(body()["Subnets"]).map(subnetOf))],
    [ec2.prefixLists, ({ body }: Page) => void listed.push(...ids(body()["PrefixLists"], "PrefixListId"))],
    [
      ec2.transitRouteTables,
      ({ body }: Page) => void tables.push(...ids(body()["TransitGatewayRouteTables"], "TransitGatewayRouteTableId")),
    ],
  ]);
  const reads = new Map(ec2.simple.map((list) => [list, read(list, seeing.get(list))] as const));

  const machines = async (): Promise<void> => {
    const known = (await reads.get(ec2.subnets)) === "read" && !sample;
    const parts = known ? split(subnets) : [];
    if (parts.length < 2) return void (await Promise.all([read(ec2.interfaces()), read(ec2.instances())]));
    await Promise.all([
      ...parts.map((filter, i) => read(ec2.interfaces(filter, `-part${i + 1}`))),
      ...parts.map((filter, i) => read(ec2.instances(filter, `-part${i + 1}`))),
      // Machines that are gone are in no subnet.
      read(ec2.instances({ name: "instance-state-name", values: ["terminated"] }, "-terminated")),
    ]);
  };

  const rules = async (): Promise<void> => {
    const known = (await reads.get(ec2.securityGroups)) === "read" && !sample;
    const parts = known ? splitGroups(groups) : [];
    if (parts.length < 2) return void (await read(ec2.groupRules()));
    await Promise.all(parts.map((filter, i) => read(ec2.groupRules(filter, `-part${i + 1}`))));
  };

  const stale = async (): Promise<void> => {
    await reads.get(ec2.securityGroups);
    const vpcs = new Set(groups.filter(({ reaches }) => reaches || sample).flatMap(({ vpc }) => vpc ?? []));
    await each(vpcs, (vpc) => read(ec2.staleGroups(vpc)));
  };

  const transit = async (): Promise<void> => {
    await reads.get(ec2.transitRouteTables);
    await each(tables, (table) =>
      Promise.all([read(ec2.transitRoutes(table)), read(ec2.transitPrefixLists(table), notice)]),
    );
  };

  const entries = async (): Promise<void> => {
    const naming = [ec2.prefixLists, ec2.routeTables, ec2.securityGroups];
    await Promise.all([transit(), ...naming.map((list) => reads.get(list))]);
    await each(sample ? listed : [...lists].toSorted(), (id) => read(ec2.entries(id)));
  };

  const balancers = async (): Promise<void> => {
    const found: { readonly arn: string; readonly isApplication: boolean }[] = [];
    await read(balancing.balancers, ({ body }) => {
      for (const balancer of items(body()["LoadBalancers"]))
        found.push({
          arn: text(balancer["LoadBalancerArn"]) ?? "",
          isApplication: text(balancer["Type"]) === "application",
        });
    });
    await each(found, async ({ arn, isApplication }) => {
      const listeners: string[] = [];
      await Promise.all([
        read(balancing.balancerAttributes(arn)),
        read(balancing.listeners(arn), ({ body }) => void listeners.push(...ids(body()["Listeners"], "ListenerArn"))),
      ]);
      await each(isApplication || sample ? listeners : [], (listener) => read(balancing.rules(listener)));
    });
  };

  const targets = async (): Promise<void> => {
    const found: string[] = [];
    await read(balancing.targetGroups, ({ body }) => void found.push(...ids(body()["TargetGroups"], "TargetGroupArn")));
    await each(found, (arn) => Promise.all([read(balancing.health(arn)), read(balancing.groupAttributes(arn))]));
  };

  const classics = async (): Promise<void> => {
    const names: string[] = [];
    await read(
      classic.balancers,
      ({ body }) => void names.push(...ids(body()["LoadBalancerDescriptions"], "LoadBalancerName")),
    );
    await each(names, (name) => read(classic.attributes(name)));
  };

  await Promise.all([
    ...reads.values(),
    machines(),
    rules(),
    stale(),
    entries(),
    balancers(),
    targets(),
    classics(),
    read(managed.machines),
  ]);
};

const ids = (list: unknown, member: string): readonly string[] =>
  items(list).flatMap((item) => text(item[member]) ?? []);

interface Group {
  readonly id: string;
  readonly vpc: string | undefined;
  readonly rules: number;
  /** It names groups of other VPCs or accounts, which may be gone. */
  readonly reaches: boolean;
}

const PEERS = ["IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs"];

const groupOf = (group: Body): Group => {
  const vpc = text(group["VpcId"]);
  const owner = text(group["OwnerId"]);
  const permissions = [...items(group["IpPermissions"]), ...items(group["IpPermissionsEgress"])];
  const pairs = permissions.flatMap((permission) => items(permission["UserIdGroupPairs"]));
  return {
    id: text(group["GroupId"]) ?? "",
    vpc,
    rules: permissions.flatMap((permission) => PEERS.flatMap((peers) => items(permission[peers]))).length,
    reaches: pairs.some(
      (pair) =>
        text(pair["VpcPeeringConnectionId"]) !== undefined ||
        (text(pair["VpcId"]) ?? vpc) !== vpc ||
        (text(pair["UserId"]) ?? owner) !== owner,
    ),
  };
};

interface Subnet {
  readonly id: string;
  /** How many of its addresses are taken: no fewer than it has interfaces. */
  readonly taken: number;
}

const subnetOf = (subnet: Body): Subnet => {
  const bits = Number(text(subnet["CidrBlock"])?.split("/")[1] ?? 32);
  const free = subnet["AvailableIpAddressCount"];
  const RESERVED = 5;
  return {
    id: text(subnet["SubnetId"]) ?? "",
    taken: typeof free === "number" ? Math.max(0, 2 ** (32 - bits) - RESERVED - free) : 0,
  };
};

/** A chain of pages is slow, since each page says where the next begins; parts of a list are read side by side. */
const PAGES = 2;
const PAGE = 1000;
/** So many values may a filter have. */
const VALUES = 200;

/** Subnets in parts of about so many pages of interfaces; few interfaces are one part. */
const split = (subnets: readonly Subnet[]): readonly Filter[] =>
  parts(
    subnets.map(({ id, taken }) => ({ id, weight: taken })),
    "subnet-id",
  );

const splitGroups = (groups: readonly Group[]): readonly Filter[] =>
  parts(
    groups.map(({ id, rules }) => ({ id, weight: rules })),
    "group-id",
  );

const parts = (
  things: readonly { readonly id: string; readonly weight: number }[],
  name: string,
): readonly Filter[] => {
  const total = things.reduce((sum, { weight }) => sum + weight, 0);
  if (total <= PAGES * PAGE) return [];
  const made: { values: string[]; weight: number }[] = [];
  for (const { id, weight } of things) {
    const last = made.at(-1);
    if (last !== undefined && last.values.length < VALUES && last.weight + weight <= PAGES * PAGE) {
      last.values.push(id);
      last.weight += weight;
    } else made.push({ values: [id], weight });
  }
  return made.map(({ values }) => ({ name, values }));
};
