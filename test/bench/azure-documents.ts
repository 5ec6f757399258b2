/** The raw answers of an Azure estate, only as far as the oracle looks at them, and read by nobody else's code. */

export interface Ref {
  readonly id: string;
}
/** A rule of a group. One of each pair of members is filled, or both. */
export interface Rule {
  readonly name: string;
  readonly access: string;
  readonly direction: string;
  readonly priority: number;
  readonly protocol: string;
  readonly sourcePortRange?: string;
  readonly sourcePortRanges?: readonly string[];
  readonly destinationPortRange?: string;
  readonly destinationPortRanges?: readonly string[];
  readonly sourceAddressPrefix?: string;
  readonly sourceAddressPrefixes?: readonly string[];
  readonly sourceApplicationSecurityGroups?: readonly Ref[];
  readonly destinationAddressPrefix?: string;
  readonly destinationAddressPrefixes?: readonly string[];
  readonly destinationApplicationSecurityGroups?: readonly Ref[];
}
export interface Group extends Ref {
  readonly securityRules: readonly Rule[];
  readonly defaultSecurityRules: readonly Rule[];
}
export interface AdminRule extends Ref {
  readonly access: "Allow" | "AlwaysAllow" | "Deny";
  readonly direction: string;
  readonly priority: number;
  readonly protocol: string;
  readonly sourcePortRanges: readonly string[];
  readonly destinationPortRanges: readonly string[];
  readonly sources: readonly { readonly addressPrefix: string }[];
  readonly destinations: readonly { readonly addressPrefix: string }[];
}
export interface Subnet extends Ref {
  readonly networkSecurityGroup?: Ref;
  readonly routeTable?: Ref;
}
export interface Peering {
  readonly peeringState: string;
  readonly allowVirtualNetworkAccess: boolean;
  readonly useRemoteGateways: boolean;
  readonly remoteVirtualNetwork: Ref;
  readonly remoteAddressSpace: { readonly addressPrefixes: readonly string[] };
}
export interface Network extends Ref {
  readonly name: string;
  readonly addressSpace: { readonly addressPrefixes: readonly string[] };
  readonly subnets: readonly Subnet[];
  readonly virtualNetworkPeerings: readonly Peering[];
}
export interface Route {
  readonly addressPrefix: string;
  readonly nextHopType: string;
}
interface Table extends Ref {
  readonly disableBgpRoutePropagation: boolean;
  readonly routes: readonly Route[];
}
export interface Config extends Ref {
  readonly name: string;
  readonly privateIPAddress: string;
  readonly subnet: Ref;
  readonly publicIPAddress?: Ref;
  readonly applicationSecurityGroups?: readonly Ref[];
}
export interface Nic extends Ref {
  readonly name: string;
  readonly ipConfigurations: readonly Config[];
  readonly networkSecurityGroup?: Ref;
  readonly virtualMachine?: Ref;
}
interface Address extends Ref {
  readonly ipAddress?: string;
  readonly sku: { readonly name: string };
}
/** What leads a port to one machine, or to all of a pool. */
interface BalancerRule extends Ref {
  readonly frontendPort: number;
  readonly backendPort: number;
  readonly protocol: string;
  readonly frontendIPConfiguration: Ref;
}
interface NatRule extends BalancerRule {
  readonly backendIPConfiguration: Ref;
}
interface PoolRule extends BalancerRule {
  readonly backendAddressPool: Ref;
}
interface Balancer extends Ref {
  readonly sku: { readonly name: string };
  readonly frontendIPConfigurations: readonly (Ref & { readonly publicIPAddress: Ref })[];
  readonly inboundNatRules: readonly NatRule[];
  readonly loadBalancingRules: readonly PoolRule[];
  readonly backendAddressPools: readonly (Ref & { readonly backendIPConfigurations: readonly Ref[] })[];
}
interface Machine extends Ref {
  readonly powerState?: string;
  readonly instanceView?: { readonly statuses: readonly { readonly code: string }[] };
}
interface TagList extends Ref {
  readonly values: readonly { readonly name: string; readonly addressPrefixes: readonly string[] }[];
}
interface Gateway extends Ref {
  readonly ipConfigurations: readonly { readonly subnet: Ref }[];
}

/** The raw answers, with maps to find things by their ids in lower case. */
export interface Documents {
  readonly groups: Map<string, Group>;
  readonly networks: Map<string, Network>;
  readonly subnets: Map<string, { readonly subnet: Subnet; readonly network: Network }>;
  readonly tables: Map<string, Table>;
  readonly nics: Map<string, Nic>;
  readonly addresses: Map<string, Address>;
  readonly balancers: Map<string, Balancer>;
  /** The power state of a machine: `running`. */
  readonly states: Map<string, string>;
  readonly tags: Map<string, readonly string[]>;
  /** Networks with a gateway that may learn routes. */
  readonly withGateway: Set<string>;
  /** Admin rules in force by the name of the network; absent where nobody asked. */
  readonly adminRules: Map<string, readonly AdminRule[]>;
}

export const keyOf = (id: string): string => id.toLowerCase();

/** Reads the pages of an estate, in any order. */
export const readAzureDocuments = (pages: Iterable<{ readonly name: string; readonly json: string }>): Documents => {
  const documents: Documents = {
    groups: new Map(),
    networks: new Map(),
    subnets: new Map(),
    tables: new Map(),
    nics: new Map(),
    addresses: new Map(),
    balancers: new Map(),
    states: new Map(),
    tags: new Map(),
    withGateway: new Set(),
    adminRules: new Map(),
  };
  for (const { name, json } of pages) {
    const things = flat(thingsIn(JSON.parse(json)));
    const network = /\/effective-security-admin-rules-(.+)\.json$/.exec(name)?.[1];
    if (network !== undefined) keepAdminRules(documents, network, things);
    else for (const thing of things) keep(documents, thing);
  }
  return documents;
};

const isObject = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === "object" && json !== null && !Array.isArray(json);

const isList = (json: unknown): json is readonly unknown[] => Array.isArray(json);

/** A list by itself or in a page, or one thing. */
const thingsIn = (page: unknown): readonly unknown[] =>
  isList(page) ? page : isObject(page) && isList(page["value"]) ? page["value"] : [page];

/** Every object with the members of its `properties` as its own. */
const flat = (list: readonly unknown[]): readonly unknown[] => list.map(flatOne);
const flatOne = (json: unknown): unknown => {
  if (isList(json)) return flat(json);
  if (!isObject(json)) return json;
  const { properties, ...own } = json;
  const all = { ...own, ...(isObject(properties) ? properties : {}) };
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [key, flatOne(value)]));
};

interface Kinds {
  readonly networksecuritygroups: Group;
  readonly virtualnetworks: Network;
  readonly routetables: Table;
  readonly networkinterfaces: Nic;
  readonly publicipaddresses: Address;
  readonly loadbalancers: Balancer;
  readonly virtualmachines: Machine;
  readonly servicetags: TagList;
  readonly virtualnetworkgateways: Gateway;
}

/** The estate's answers are taken at their word: a wrong shape shows as an error in the first question that meets it. */
const is = <K extends keyof Kinds>(thing: unknown, kind: K): thing is Kinds[K] =>
  isObject(thing) && typeof thing["type"] === "string" && thing["type"].toLowerCase().endsWith(`/${kind}`);

const keep = (documents: Documents, thing: unknown): void => {
  if (is(thing, "networksecuritygroups")) documents.groups.set(keyOf(thing.id), thing);
  if (is(thing, "virtualnetworks")) {
    documents.networks.set(keyOf(thing.id), thing);
    for (const subnet of thing.subnets) documents.subnets.set(keyOf(subnet.id), { subnet, network: thing });
  }
  if (is(thing, "routetables")) documents.tables.set(keyOf(thing.id), thing);
  if (is(thing, "networkinterfaces")) documents.nics.set(keyOf(thing.id), thing);
  if (is(thing, "publicipaddresses")) documents.addresses.set(keyOf(thing.id), thing);
  if (is(thing, "loadbalancers")) documents.balancers.set(keyOf(thing.id), thing);
  if (is(thing, "virtualmachines")) keepState(documents, thing);
  if (is(thing, "servicetags"))
    for (const { name, addressPrefixes } of thing.values) documents.tags.set(name.toLowerCase(), addressPrefixes);
  if (is(thing, "virtualnetworkgateways"))
    for (const { subnet } of thing.ipConfigurations)
      documents.withGateway.add(keyOf(subnet.id).replace(/\/subnets\/[^/]+$/, ""));
};

const keepState = ({ states }: Documents, { id, powerState, instanceView }: Machine): void => {
  const code = instanceView?.statuses.map((each) => each.code).find((each) => each.startsWith("PowerState/"));
  const state = powerState?.replace(/^VM /, "") ?? code?.slice("PowerState/".length);
  if (state !== undefined) states.set(keyOf(id), state);
};

/** The same: what stands in such a file is an admin rule. */
const areAdminRules = (list: readonly unknown[]): list is readonly AdminRule[] =>
  list.every((each) => isObject(each) && each["access"] !== undefined && each["destinations"] !== undefined);

const keepAdminRules = ({ adminRules }: Documents, network: string, list: readonly unknown[]): void => {
  if (!areAdminRules(list)) throw new Error(`admin rules of ${network} are something else`);
  adminRules.set(network, list);
};
