/**
 * Who is where in Azure: networks in subscriptions, hubs with spokes, their subnets, network security groups, and
 * interfaces with the machines that they belong to. One small record for each interface is drawn here; the rest of it is
 * made when it is printed.
 */
import { hex8, ipv4 } from "../estate/text.ts";
import { at, type Random, random, scramble } from "../random.ts";

/** The whole estate in outline. */
export interface Plan {
  readonly seed: number;
  readonly interfaces: number;
  readonly subscriptions: readonly Subscription[];
  readonly networks: readonly Network[];
  readonly subnets: readonly Subnet[];
  /** How many rules the groups of this estate have, at most and at least. */
  readonly rules: readonly [fewest: number, most: number];
  readonly subnetOf: Uint16Array;
  readonly placeOf: Uint16Array;
}

export interface Subscription {
  readonly index: number;
  readonly id: string;
  readonly networks: readonly Network[];
  /** Its lists of groups and machines are as `az` prints them, and not as ARM pages them. */
  readonly isFlat: boolean;
}

export interface Network {
  readonly index: number;
  readonly name: string;
  readonly subscription: string;
  readonly group: string;
  readonly region: string;
  readonly space: readonly string[];
  /** The first half of its IPv6 addresses, where it has such. */
  readonly ipv6: string | undefined;
  readonly subnets: readonly Subnet[];
  readonly applicationGroups: readonly string[];
  readonly roles: readonly Role[];
  /** Something in it learns routes from elsewhere. */
  readonly hasGateway: boolean;
}

export interface Subnet {
  readonly index: number;
  readonly name: string;
  readonly network: Network;
  /** The first address of its /20. */
  readonly start: number;
  /** The security groups of the subnet and of those interfaces in it that have one, by number. */
  readonly securityGroup: number | undefined;
  readonly companion: number;
  /** The route table, by number. */
  readonly routeTable: number | undefined;
}

/** What machines of one kind have in common. */
export interface Role {
  readonly name: string;
  readonly applicationGroups: readonly string[];
  readonly isPublic: boolean;
}

export interface Interface {
  readonly index: number;
  readonly name: string;
  readonly subnet: Subnet;
  readonly role: Role;
  readonly machine: Machine | undefined;
  readonly securityGroup: number | undefined;
  readonly configs: readonly Config[];
}

export interface Machine {
  readonly index: number;
  readonly name: string;
  readonly state: string;
}

export interface Config {
  readonly name: string;
  readonly family: 4 | 6;
  readonly address: string;
  readonly applicationGroups: readonly string[];
  readonly public: PublicAddress | undefined;
}

export interface PublicAddress {
  readonly name: string;
  readonly family: 4 | 6;
  readonly sku: "Basic" | "Standard" | "StandardV2";
  /** Undefined while nobody has it. */
  readonly address: string | undefined;
}

export const regions = ["westeurope", "northeurope", "eastus"] as const;

const subnetsPerNetwork = 5;
const groupsPerNetwork = 5;
const groupsOfSubnets = 3;
const networksPerSubscription = 12;
const interfacesPerNetwork = 500;
const subnetCapacity = 3800;

/** Draws the outline: four bytes for each interface, and the rest grows with the number of networks. */
export const plan = (interfaces: number, seed: number): Plan => {
  const count = Math.max(3, Math.round(interfaces / interfacesPerNetwork));
  if (count > 250) throw new Error("10.0.0.0/8 is too small for so many interfaces");
  const subnets: Subnet[] = [];
  const networks = Array.from({ length: count }, (_, index) => networkOf(seed, index, subnets));
  const subscriptions = Array.from(
    { length: Math.ceil(count / networksPerSubscription) },
    (_, index): Subscription => ({
      index,
      id: subscriptionId(index),
      networks: networks.slice(index * networksPerSubscription, (index + 1) * networksPerSubscription),
      isFlat: index % 2 === 1,
    }),
  );
  const scale = Math.min(1, interfaces / 3000);
  const rules = [Math.max(20, Math.round(200 * scale)), Math.max(60, Math.round(1000 * scale))] as const;
  return { seed, interfaces, subscriptions, networks, subnets, rules, ...placed(interfaces, seed, networks) };
};

const subscriptionId = (index: number): string => {
  const [a, b, c] = [scramble(index + 41), scramble(index + 977), scramble(index + 5081)].map(hex8);
  return `${a}-${b?.slice(0, 4)}-4${b?.slice(4, 7)}-9${c?.slice(0, 3)}-${c}${a?.slice(0, 4)}`;
};

const networkOf = (seed: number, index: number, subnets: Subnet[]): Network => {
  const r = random(seed, "azure network", index);
  const own: Subnet[] = [];
  const place = index % networksPerSubscription;
  const name = place === 0 ? `vnet-hub-${index}` : `vnet-${index}`;
  const subscription = subscriptionId(Math.floor(index / networksPerSubscription));
  const applicationGroups = ["web", "app", "db", "jump", "build", "batch"].map((each) => `asg-${each}-${index}`);
  const network: Network = {
    index,
    name,
    subscription,
    group: `rg-${place === 0 ? "hub" : "app"}-${index}`,
    region: at(regions, index % regions.length),
    space: [`10.${index}.0.0/16`, ...(index % 9 === 4 ? [`52.${200 + (index % 50)}.0.0/20`] : [])],
    ipv6: index % 3 === 1 ? `fd0a:${index.toString(16)}:0` : undefined,
    subnets: own,
    applicationGroups,
    roles: Array.from({ length: 8 }, (_, k) => roleOf(r, k, applicationGroups)),
    hasGateway: index > 0 && place === 0,
  };
  for (let k = 0; k < subnetsPerNetwork; k++) {
    const subnet: Subnet = {
      index: subnets.length,
      name: `snet-${at(["web", "app", "data", "ops", "edge"], k)}`,
      network,
      start: 10 * 2 ** 24 + index * 2 ** 16 + k * 2 ** 12,
      securityGroup: r.chance(0.1) ? undefined : index * groupsPerNetwork + (k % groupsOfSubnets),
      companion: index * groupsPerNetwork + groupsOfSubnets + (k % (groupsPerNetwork - groupsOfSubnets)),
      routeTable: r.chance(0.55) ? undefined : 2 * index + r.int(0, 1),
    };
    subnets.push(subnet);
    own.push(subnet);
  }
  return network;
};

/** The numbers of the groups that a network has. */
export const groupsIn = ({ index }: Network): readonly number[] =>
  Array.from({ length: groupsPerNetwork }, (_, k) => index * groupsPerNetwork + k);

export const networkOfGroup = ({ networks }: Plan, group: number): Network =>
  at(networks, Math.floor(group / groupsPerNetwork));

const roleOf = (r: Random, k: number, applicationGroups: readonly string[]): Role => ({
  name: `role-${k}`,
  applicationGroups:
    k % 3 === 2 ? [] : [at(applicationGroups, k % 6), ...(r.chance(0.3) ? [r.pick(applicationGroups)] : [])],
  isPublic: r.chance(0.4),
});

/** Every so many interfaces one is the second of the machine before it. */
const isSecond = (index: number): boolean => index % 40 === 39;

/** Puts each interface into a subnet of a network, earlier networks more often, and gives it a place there. */
const placed = (interfaces: number, seed: number, networks: readonly Network[]) => {
  const r = random(seed, "azure places");
  const byWeight = networks.flatMap((network) =>
    Array<Network>(Math.max(1, Math.round(100 / (network.index + 1) ** 0.3))).fill(network),
  );
  const taken = new Uint16Array(networks.length * subnetsPerNetwork);
  const subnetOf = new Uint16Array(interfaces);
  const placeOf = new Uint16Array(interfaces);
  for (let index = 0; index < interfaces; index++) {
    const before = index > 0 ? at(subnetOf, index - 1) : 0;
    let subnet = isSecond(index)
      ? Math.floor(before / subnetsPerNetwork) * subnetsPerNetwork + r.int(0, subnetsPerNetwork - 1)
      : r.pick(r.pick(byWeight).subnets).index;
    while (at(taken, subnet) === subnetCapacity) subnet = (subnet + 1) % taken.length;
    subnetOf[index] = subnet;
    placeOf[index] = at(taken, subnet);
    taken[subnet] = at(taken, subnet) + 1;
  }
  return { subnetOf, placeOf };
};

/** Everything about one interface. The same plan and index give the same interface. */
export const interfaceAt = (outline: Plan, index: number): Interface => {
  const r = random(outline.seed, "azure interface", index);
  const subnet = at(outline.subnets, at(outline.subnetOf, index));
  const { network } = subnet;
  const owner = isSecond(index) ? index - 1 : index;
  const role = at(network.roles, r.skewed(network.roles.length));
  const machine = machineAt(outline, owner);
  const name = `${machine?.name ?? `spare-${index}`}-nic${owner === index ? "" : "2"}`;
  const place = at(outline.placeOf, index) + 4;
  const isDown = machine?.state === "deallocated";
  const publicAddress = publicOf(r, role, isDown, name, index);
  const first: Config = {
    name: "ipconfig1",
    family: 4,
    address: ipv4(subnet.start + place),
    applicationGroups: role.applicationGroups,
    public: publicAddress,
  };
  const second: Config | undefined =
    network.ipv6 !== undefined && r.chance(0.5)
      ? {
          name: "ipconfig-v6",
          family: 6,
          address: `${network.ipv6}:${(subnet.index % subnetsPerNetwork).toString(16)}::${place.toString(16)}`,
          applicationGroups: role.applicationGroups,
          public:
            publicAddress?.sku !== "Basic" && r.chance(role.isPublic ? 0.6 : 0.1)
              ? {
                  name: `${name}-pip6`,
                  family: 6,
                  sku: "Standard",
                  address: `2603:1020:${(index >> 12).toString(16)}:${(index & 0xfff).toString(16)}::${(1 + (scramble(index) & 0xff)).toString(16)}`,
                }
              : undefined,
        }
      : undefined;
  return {
    index,
    name,
    subnet,
    role,
    machine,
    securityGroup: interfaceGroup(r, outline, subnet),
    configs: second === undefined ? [first] : [first, second],
  };
};

/** Mostly none, or the one that goes with the subnet; now and then another of the subscription. */
const interfaceGroup = (r: Random, { networks }: Plan, { network, securityGroup, companion }: Subnet) => {
  if (r.chance(0.03)) {
    const near = Math.floor(network.index / networksPerSubscription) * networksPerSubscription;
    const last = Math.min(networks.length, near + networksPerSubscription) * groupsPerNetwork - 1;
    return r.int(near * groupsPerNetwork, last);
  }
  return r.chance(securityGroup === undefined ? 0.8 : 0.4) ? companion : undefined;
};

/** The machine of an interface, if it has one: spare interfaces have none. */
export const machineAt = (outline: Plan, index: number): Machine | undefined => {
  const r = random(outline.seed, "azure machine", index);
  if (r.chance(0.01)) return undefined;
  return {
    index,
    name: `vm-${index.toString(36)}-${hex8(scramble(index)).slice(0, 4)}`,
    state: r.chance(0.93) ? "running" : r.pick(["deallocated", "deallocated", "deallocated", "stopped", "starting"]),
  };
};

/** The interfaces of the machine that an interface belongs to, by number; none for the second of two. */
export const interfacesOf = ({ interfaces }: Plan, index: number): readonly number[] =>
  isSecond(index) ? [] : isSecond(index + 1) && index + 1 < interfaces ? [index, index + 1] : [index];

/** Odd multipliers make every interface's address another. Basic addresses are given back when a machine is not there. */
const publicOf = (
  r: Random,
  { isPublic }: Role,
  isDown: boolean,
  name: string,
  index: number,
): PublicAddress | undefined => {
  if (!r.chance(isPublic ? 0.8 : 0.05)) return undefined;
  const sku = r.chance(0.9) ? "Standard" : r.chance(0.6) ? "Basic" : "StandardV2";
  const address = ipv4(0x14000000 + ((Math.imul(index, 0x9e3b1) + 777) & 0xfffff));
  return { name: `${name}-pip`, family: 4, sku, address: sku === "Basic" && isDown ? undefined : address };
};

type Kind =
  | "networkSecurityGroups"
  | "networkInterfaces"
  | "publicIPAddresses"
  | "virtualNetworks"
  | "routeTables"
  | "applicationSecurityGroups"
  | "loadBalancers"
  | "virtualNetworkGateways";

/** The ARM id of something that belongs to a network's resource group. */
export const idOf = ({ subscription, group }: Network, kind: Kind, name: string): string =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Network/${kind}/${name}`;

export const groupName = (group: number): string => `nsg-${group}`;
export const groupId = (outline: Plan, group: number): string =>
  idOf(networkOfGroup(outline, group), "networkSecurityGroups", groupName(group));

export const networkId = (network: Network): string => idOf(network, "virtualNetworks", network.name);
export const subnetId = ({ network, name }: Subnet): string => `${networkId(network)}/subnets/${name}`;
export const machineId = ({ subscription, group }: Network, name: string): string =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/${name}`;
