/**
 * The slow and obvious witness for Azure: it reads the raw answers by itself and takes one packet from the internet to
 * one public address through every rule, as azure.md A0 to A10 has it. It shares no line with the program. What no answer
 * tells, and what is not documented, may turn out either way, and where that matters the verdict is unknown.
 */
import type { AdminRule, Config, Documents, Network, Nic, Route, Rule } from "./azure-documents.ts";
import { keyOf } from "./azure-documents.ts";
import { cidr, contains, familyOf, isInternet } from "./brute.ts";
import { found } from "./documents.ts";

/** One packet to one address that leads to one ipConfiguration: its own, or that of a balancer before it. */
export interface Question {
  readonly nic: string;
  readonly config: string;
  /** What is dialled: the public address, or address and port of a balancer. */
  readonly address: string;
  readonly client: string;
  readonly protocol: number;
  /** The port at the machine; for ICMP, type * 256 + code; otherwise 0. */
  readonly port: number;
}

export type Verdict = "reachable" | "blocked" | "unknown";
type Truth = "yes" | "no" | "maybe";

const TCP = 6;
const UDP = 17;

export const azureReaches = (documents: Documents, question: Question): Verdict => {
  const nic = found(documents.nics, keyOf(question.nic));
  const config = configOf(nic, question.config);
  if (nic.virtualMachine === undefined) throw new Error(`${nic.name} is of no machine`);
  if (!isInternet(question.client) || familyOf(question.client) !== familyOf(config.privateIPAddress)) return "blocked";
  const doors = doorsOf(documents, config).filter((door) => door.address === question.address && isLed(door, question));
  const where = found(documents.subnets, keyOf(config.subnet.id));
  // Between two edges of the client's ports that some rule names nothing changes, so that the edges stand for all.
  const outcomes = doors.flatMap((door) =>
    clientPortsOf(documents, nic, where.subnet.networkSecurityGroup?.id, question).map((clientPort) =>
      all([
        runs(documents, nic.virtualMachine?.id ?? ""),
        delivered(documents, { nic, config, ...where }, door, { ...question, clientPort }),
        answersHome(documents, where, question.client),
      ]),
    ),
  );
  return outcomes.includes("yes") ? "reachable" : outcomes.includes("maybe") ? "unknown" : "blocked";
};

export const configOf = ({ ipConfigurations, name: of }: Nic, name: string): Config => {
  const config = ipConfigurations.find((each) => each.name === name);
  if (config === undefined) throw new Error(`${of} has no ${name}`);
  return config;
};

const all = (truths: readonly Truth[]): Truth =>
  truths.includes("no") ? "no" : truths.includes("maybe") ? "maybe" : "yes";
const some = (truths: readonly Truth[]): Truth =>
  truths.includes("yes") ? "yes" : truths.includes("maybe") ? "maybe" : "no";

/** A10: what is on its way to another state may be there or not. */
const runs = ({ states }: Documents, machine: string): Truth => {
  const state = states.get(keyOf(machine));
  return state === "running" ? "yes" : state === "stopped" || state === "deallocated" ? "no" : "maybe";
};

/** What leads from the internet to the machine's own address. */
export interface Door {
  readonly address: string;
  /** The one service that it leads on; undefined for all. */
  readonly leads?: { readonly protocol: number; readonly port: number };
  /** It is closed where no group stands before the machine (A5). */
  /** Whether nothing gets in without a group; of the second Standard that is not documented (A5). */
  readonly isClosed: Truth;
}

/** A5 and A6: its own address, and the rules of balancers for it alone or for a pool that it is in. */
export const doorsOf = (documents: Documents, config: Config): readonly Door[] => {
  const own = config.publicIPAddress && found(documents.addresses, keyOf(config.publicIPAddress.id));
  const isThis = ({ id }: { readonly id: string }): boolean => keyOf(id) === keyOf(config.id);
  return [
    ...(own?.ipAddress === undefined ? [] : [{ address: own.ipAddress, isClosed: closedBy(own.sku.name) }]),
    ...[...documents.balancers.values()].flatMap((balancer) => {
      const pools = balancer.backendAddressPools.filter((pool) => pool.backendIPConfigurations.some(isThis));
      const rules = [
        ...balancer.inboundNatRules.filter((rule) => isThis(rule.backendIPConfiguration)),
        ...balancer.loadBalancingRules.filter((rule) =>
          pools.some(({ id }) => keyOf(id) === keyOf(rule.backendAddressPool.id)),
        ),
      ];
      return rules.map((rule): Door => {
        const front = balancer.frontendIPConfigurations.find(
          ({ id }) => keyOf(id) === keyOf(rule.frontendIPConfiguration.id),
        );
        const { ipAddress } = found(documents.addresses, keyOf(front?.publicIPAddress.id ?? ""));
        return {
          address: `${ipAddress}:${rule.frontendPort}`,
          leads: { protocol: numberOf(rule.protocol), port: rule.backendPort },
          isClosed: closedBy(balancer.sku.name),
        };
      });
    }),
  ];
};

const isLed = ({ leads }: Door, { protocol, port }: Question): boolean =>
  leads === undefined || (leads.protocol === protocol && leads.port === port);

interface Place {
  readonly nic: Nic;
  readonly config: Config;
  readonly network: Network;
  readonly subnet: {
    readonly networkSecurityGroup?: { readonly id: string };
    readonly routeTable?: { readonly id: string };
  };
}

interface Packet {
  readonly client: string;
  readonly protocol: number;
  readonly port: number;
  readonly clientPort: number;
}

const closedBy = (sku: string): Truth => (sku === "Basic" ? "no" : sku === "StandardV2" ? "maybe" : "yes");

/** A0, A1 and A2: admin rules, then the group of the subnet, then that of the interface. */
const delivered = (documents: Documents, place: Place, { isClosed }: Door, packet: Packet): Truth => {
  const groups = [place.subnet.networkSecurityGroup, place.nic.networkSecurityGroup].filter(
    (each) => each !== undefined,
  );
  const around: Around = { documents, place, packet };
  const isBare = groups.length === 0 && isClosed !== "no";
  const bare: Truth = isClosed === "yes" ? "no" : "maybe";
  const byGroups = isBare ? bare : all(groups.map(({ id }) => firstMatch(documents, id, around)));
  const ends = adminEnds(documents.adminRules.get(place.network.name) ?? [], around);
  // Whether AlwaysAllow opens an address that is closed by itself is not documented.
  const always: Truth = isBare ? "maybe" : "yes";
  const possible = new Set(
    [...ends].map((end): Truth => (end === "Deny" ? "no" : end === "AlwaysAllow" ? always : byGroups)),
  );
  const [only = "no"] = possible;
  return possible.size === 1 ? only : "maybe";
};

/** The rules of both groups that name the client's port, and what they change there. */
const clientPortsOf = (
  { groups }: Documents,
  { networkSecurityGroup }: Nic,
  subnetGroup: string | undefined,
  { protocol }: Question,
): readonly number[] => {
  if (protocol !== TCP && protocol !== UDP) return [0];
  const edges = [subnetGroup, networkSecurityGroup?.id]
    .filter((id) => id !== undefined)
    .flatMap((id) => [...found(groups, keyOf(id)).securityRules])
    .flatMap((rule) => sourcePortsOf(rule).flatMap(rangeOf))
    .flatMap(([first, last]) => [first, last + 1]);
  return [...new Set([1024, ...edges.filter((port) => port > 1024 && port <= 65_535)])];
};

const isAnyPort = (text: string): boolean => text === "*" || text === "0-65535";

const sourcePortsOf = ({ sourcePortRange, sourcePortRanges = [] }: Rule): readonly string[] =>
  [...(sourcePortRange === undefined ? [] : [sourcePortRange]), ...sourcePortRanges].filter((each) => !isAnyPort(each));

/** One or no range of ports; a star has no edges. */
export const rangeOf = (text: string): readonly (readonly [first: number, last: number])[] => {
  if (isAnyPort(text)) return [];
  const [first = "", last = first] = text.split("-");
  return [[Number(first), Number(last)]];
};

interface Around {
  readonly documents: Documents;
  readonly place: Place;
  readonly packet: Packet;
}

/** Every end that the packet may come to among admin rules; `Allow` is also where no rule matches. */
const adminEnds = (rules: readonly AdminRule[], around: Around): ReadonlySet<AdminRule["access"]> => {
  const inbound = rules.filter(({ direction }) => direction === "Inbound");
  const ends = new Set<AdminRule["access"]>();
  const numbers = [...new Set(inbound.map(({ priority }) => priority))].toSorted((a, b) => a - b);
  for (const number of numbers) {
    const met = inbound
      .filter(({ priority }) => priority === number)
      .map((rule) => ({ rule, matches: adminMatches(rule, around) }))
      .filter(({ matches }) => matches !== "no");
    for (const { rule } of met) ends.add(rule.access);
    if (met.some(({ matches }) => matches === "yes")) return ends;
  }
  return ends.add("Allow");
};

const adminMatches = (rule: AdminRule, around: Around): Truth => {
  const { protocol, destinationPortRanges: ports, sourcePortRanges: from, sources, destinations } = rule;
  if (!takes(protocol, ports, from, around.packet)) return "no";
  return all([
    some(sources.map(({ addressPrefix }) => isSender(addressPrefix, around))),
    some(destinations.map(({ addressPrefix }) => isReceiver(addressPrefix, around))),
  ]);
};

/** A2: by number, and the first that matches decides. One that may match is tried both ways. */
const firstMatch = ({ groups }: Documents, id: string, around: Around): Truth => {
  const { securityRules, defaultSecurityRules } = found(groups, keyOf(id));
  const rules = [...securityRules, ...defaultSecurityRules]
    .filter(({ direction }) => direction === "Inbound")
    .toSorted((a, b) => a.priority - b.priority);
  const ends = new Set<Truth>();
  for (const rule of rules) {
    const matches = ruleMatches(rule, around);
    if (matches === "no") continue;
    ends.add(rule.access === "Allow" ? "yes" : "no");
    if (matches === "yes") break;
  }
  const [only = "no"] = ends;
  return ends.size === 1 ? only : "maybe";
};

const united = (one: string | undefined, many: readonly string[] | undefined): readonly string[] => [
  ...(one === undefined ? [] : [one]),
  ...(many ?? []),
];

/** What a rule names as its sources. */
export const sourcesOf = (rule: Rule): readonly string[] =>
  united(rule.sourceAddressPrefix, rule.sourceAddressPrefixes);
/** The ports that it names. */
export const portsOf = (rule: Rule): readonly string[] => united(rule.destinationPortRange, rule.destinationPortRanges);

const ruleMatches = (rule: Rule, around: Around): Truth => {
  if (!takes(rule.protocol, portsOf(rule), united(rule.sourcePortRange, rule.sourcePortRanges), around.packet))
    return "no";
  const service: Truth = rule.protocol.toLowerCase() === "icmp" && around.packet.protocol === 58 ? "maybe" : "yes";
  // A3: members of a group are private addresses, and none of them is the internet's.
  const source = some(sourcesOf(rule).map((each) => isSender(each, around)));
  const { destinationApplicationSecurityGroups: groups = [] } = rule;
  const own = (around.place.config.applicationSecurityGroups ?? []).map(({ id }) => keyOf(id));
  const destination = some([
    ...united(rule.destinationAddressPrefix, rule.destinationAddressPrefixes).map((each) => isReceiver(each, around)),
    ...groups.map(({ id }): Truth => (own.includes(keyOf(id)) ? "yes" : "no")),
  ]);
  return all([service, source, destination]);
};

const numbers = new Map([
  ["tcp", TCP],
  ["udp", UDP],
  ["icmp", 1],
  ["esp", 50],
  ["ah", 51],
]);

/** The number of a protocol; -1 is all of them. */
export const numberOf = (name: string): number =>
  name === "*" || name.toLowerCase() === "any" ? -1 : (numbers.get(name.toLowerCase()) ?? Number(name));

/** Whether Icmp means ICMP of IPv6 too is not documented; here it does, and who asks knows. Ports are those of TCP and UDP. */
const takes = (name: string, ports: readonly string[], clientPorts: readonly string[], packet: Packet): boolean => {
  const number = numberOf(name);
  if (number !== -1 && number !== packet.protocol && !(number === 1 && packet.protocol === 58)) return false;
  const hasPorts = packet.protocol === TCP || packet.protocol === UDP;
  const fits = (list: readonly string[], port: number): boolean =>
    list.some((each) => isAnyPort(each) || (hasPorts && isIn(each, port)));
  return fits(ports, packet.port) && fits(clientPorts, packet.clientPort);
};

const isIn = (range: string, port: number): boolean =>
  rangeOf(range).some(([first, last]) => first <= port && port <= last);

/** Whether the client is meant. */
const isSender = (text: string, { documents, place, packet }: Around): Truth =>
  isMeant(documents, place, text, packet.client);

/** A2: the destination of what comes in is the private address. */
const isReceiver = (text: string, { documents, place }: Around): Truth =>
  isMeant(documents, place, text, place.config.privateIPAddress);

const isMeant = (documents: Documents, place: Place, text: string, address: string): Truth => {
  if (text === "*") return "yes";
  if (/^[\d.]+(\/\d+)?$|:/.test(text)) return contains(text, address) ? "yes" : "no";
  switch (text.toLowerCase()) {
    case "virtualnetwork":
    case "virtual_network":
      return isInside(documents, place, address);
    case "internet": {
      const inside = isInside(documents, place, address);
      return !isInternet(address) || inside === "yes" ? "no" : inside === "no" ? "yes" : "maybe";
    }
    case "azureloadbalancer":
    case "azure_loadbalancer":
      return address === "168.63.129.16" ? "yes" : "no";
    default: {
      const prefixes = documents.tags.get(text.toLowerCase());
      return prefixes === undefined ? "maybe" : prefixes.some((each) => contains(each, address)) ? "yes" : "no";
    }
  }
};

/**
 * A4: the network, its peers, and prefixes of routes that somebody set. What of a default route, and of routes that lead
 * nowhere or to the internet, belongs to it is not documented.
 */
const isInside = (documents: Documents, { network, subnet }: Place, address: string): Truth => {
  const spaces = [
    ...network.addressSpace.addressPrefixes,
    ...connected(network)
      .filter(({ allowVirtualNetworkAccess }) => allowVirtualNetworkAccess)
      .flatMap(({ remoteAddressSpace }) => remoteAddressSpace.addressPrefixes),
  ];
  if (spaces.some((each) => contains(each, address))) return "yes";
  const routes = tableOf(documents, subnet).filter(({ prefix }) => contains(prefix, address));
  return some(
    routes.map(({ prefix, route: { nextHopType } }): Truth => {
      const isSure = ["virtualappliance", "virtualnetworkgateway"].includes(nextHopType.toLowerCase());
      return isSure && cidr(prefix).length > 0 ? "yes" : "maybe";
    }),
  );
};

const connected = ({ virtualNetworkPeerings }: Network): Network["virtualNetworkPeerings"] =>
  virtualNetworkPeerings.filter(({ peeringState }) => peeringState === "Connected");

interface Hop {
  readonly prefix: string;
  readonly route: Route;
  readonly isTag: boolean;
}

/** The routes of a subnet's table, each with every prefix that it is for. */
const tableOf = ({ tables, tags }: Documents, { routeTable }: Place["subnet"]): readonly Hop[] =>
  routeTable === undefined
    ? []
    : found(tables, keyOf(routeTable.id)).routes.flatMap((route) =>
        prefixesOf(tags, route).map((prefix) => ({ prefix, route, isTag: prefix !== route.addressPrefix })),
      );

const prefixesOf = (tags: Documents["tags"], { addressPrefix }: Route): readonly string[] =>
  /^[A-Za-z]/.test(addressPrefix) ? found(tags, addressPrefix.toLowerCase()) : [addressPrefix];

const privateSpaces = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

/** A8: the longest prefix; of the same, what somebody set, then what the system made. What comes from a gateway is not told. */
const answersHome = (
  documents: Documents,
  { network, subnet }: Pick<Place, "network" | "subnet">,
  client: string,
): Truth => {
  const system = (prefixes: readonly string[], nextHopType: string) =>
    prefixes.map((prefix) => ({ prefix, nextHopType, rank: 0 }));
  const fitting = [
    ...tableOf(documents, subnet).map(({ prefix, route: { nextHopType }, isTag }) => ({
      prefix,
      nextHopType,
      rank: isTag ? 1 : 2,
    })),
    ...system(network.addressSpace.addressPrefixes, "VnetLocal"),
    ...connected(network).flatMap(({ remoteAddressSpace }) =>
      system(remoteAddressSpace.addressPrefixes, "VNetPeering"),
    ),
    ...system(privateSpaces, "None"),
    ...system(["0.0.0.0/0", "::/0"], "Internet"),
  ].filter(({ prefix }) => contains(prefix, client));
  const [best] = fitting.toSorted((a, b) => cidr(b.prefix).length - cidr(a.prefix).length || b.rank - a.rank);
  if (best?.nextHopType !== "Internet") return "no";
  const isHost = best.rank > 0 && cidr(best.prefix).first === cidr(best.prefix).last;
  return mayLearn(documents, network, subnet) && !isHost ? "maybe" : "yes";
};

/** Whether a gateway, its own or that of a peer, may tell the subnet routes that no answer has. */
const mayLearn = ({ tables, withGateway }: Documents, network: Network, { routeTable }: Place["subnet"]): boolean => {
  if (routeTable !== undefined && found(tables, keyOf(routeTable.id)).disableBgpRoutePropagation) return false;
  return (
    withGateway.has(keyOf(network.id)) ||
    connected(network).some(
      ({ useRemoteGateways, remoteVirtualNetwork }) =>
        useRemoteGateways && withGateway.has(keyOf(remoteVirtualNetwork.id)),
    )
  );
};
