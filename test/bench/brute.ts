/**
 * The slow and obvious witness: it reads the raw answers by itself and follows one packet and its reply, rule by rule,
 * as AWS documents it. It shares no line with the program, knows only the way from the internet, and throws at what an
 * estate of the bench never holds (gateway route tables, entries that were not read, ties that AWS decides by chance).
 */

import { type AclEntry, type Documents, found, type Interface, type Permission, type Route } from "./documents.ts";

/** One packet to one address of one interface. For TCP and UDP `port` is the port; for ICMP and ICMPv6 it is
 *  type * 256 + code; for every other protocol it is 0. Addresses are text; the machine's is a private IPv4 or an IPv6. */
export interface Question {
  readonly interface: string;
  readonly address: string;
  readonly client: string;
  readonly protocol: number;
  readonly port: number;
}

/** Whether the internet way carries it, and from which client ports of 1024-65535 (all or none where there are no ports). */
export interface Answer {
  readonly verdict: "reachable" | "blocked";
  readonly clientPorts: "all" | "some" | "none";
}

/** Follows the packet from the internet and its reply: aws.md A.0 to A.7, one step after the other. */
export const reaches = (documents: Documents, question: Question): Answer => {
  const blocked: Answer = { verdict: "blocked", clientPorts: "none" };
  const at = found(documents.interfaces, question.interface);
  const gateway = documents.gatewayOfVpc.get(at.VpcId);
  if (!isInternet(question.client)) return blocked;
  if (familyOf(question.client) !== familyOf(question.address)) return blocked;
  if (!hasPublicAddress(documents, at, question.address)) return blocked;
  if (gateway === undefined) return blocked;
  if (documents.blockMode.some((mode) => mode !== "off")) throw new Error("block public access is beyond this oracle");
  if (!aclAllows(documents, at, question, false, question.port)) return blocked;
  if (!groupsAllow(documents, at, question)) return blocked;
  if (!isUp(documents, at)) return blocked;
  if (!routeLeadsTo(documents, at, question.client, gateway)) return blocked;
  const clientPorts = replyPorts(documents, at, question);
  return { verdict: clientPorts === "none" ? "blocked" : "reachable", clientPorts };
};

/** A private IPv4 address needs its public twin. An IPv6 address is public if its VPC's block is, and nobody denies it. */
const hasPublicAddress = (documents: Documents, at: Interface, address: string): boolean => {
  if (familyOf(address) === 4)
    return at.PrivateIpAddresses.some(
      (one) => one.PrivateIpAddress === address && one.Association?.PublicIp !== undefined,
    );
  const blocks = found(documents.vpcs, at.VpcId).Ipv6CidrBlockAssociationSet;
  const block = blocks.find(({ Ipv6CidrBlock }) => contains(Ipv6CidrBlock, address));
  const isItsOwn = at.Ipv6Addresses.some(({ Ipv6Address }) => Ipv6Address === address);
  const isPublic = block?.Ipv6CidrBlockState.State === "associated" && block.Ipv6AddressAttribute === "public";
  return isItsOwn && isPublic && at.DenyAllIgwTraffic !== true;
};

const isUp = (documents: Documents, at: Interface): boolean => {
  if (at.Status !== "in-use" || at.Attachment?.Status !== "attached") return false;
  const instance = at.Attachment.InstanceId;
  return instance === undefined || found(documents.stateOfInstance, instance) === "running";
};

const aclAllows = (documents: Documents, at: Interface, question: Question, egress: boolean, port: number): boolean => {
  for (const entry of found(documents.aclOfSubnet, at.SubnetId)) {
    const block = entry.CidrBlock ?? entry.Ipv6CidrBlock;
    if (entry.Egress !== egress || block === undefined || !contains(block, question.client)) continue;
    if (entryTakes(entry, question.protocol, port)) return entry.RuleAction === "allow";
  }
  return false;
};

const entryTakes = (entry: AclEntry, protocol: number, port: number): boolean => {
  if (entry.Protocol === "-1") return true;
  if (Number(entry.Protocol) !== protocol) return false;
  if (protocol === 6 || protocol === 17)
    return entry.PortRange === undefined || within(port, entry.PortRange.From, entry.PortRange.To);
  if (protocol === 1 || (protocol === 58 && entry.Ipv6CidrBlock !== undefined))
    return isTypeAndCode(port, entry.IcmpTypeCode?.Type, entry.IcmpTypeCode?.Code);
  return true;
};

/** One rule that fits is enough. A group as source means private addresses, which no internet client has. */
const groupsAllow = (documents: Documents, at: Interface, { client, protocol, port }: Question): boolean =>
  at.Groups.some(({ GroupId }) =>
    found(documents.groups, GroupId).some(
      (permission) =>
        permissionTakes(permission, protocol, port) &&
        blocksOf(documents, permission).some((block) => contains(block, client)),
    ),
  );

/** Every block that a permission names, the entries of its prefix lists among them. */
export const blocksOf = (documents: Documents, permission: Permission): readonly string[] => [
  ...permission.IpRanges.map(({ CidrIp }) => CidrIp),
  ...permission.Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6),
  ...permission.PrefixListIds.flatMap(({ PrefixListId }) => found(documents.lists, PrefixListId)),
];

/** The number of a security group's protocol; -1 is all of them. */
export const protocolNumber = (name: string): number =>
  ({ tcp: 6, udp: 17, icmp: 1, icmpv6: 58 })[name] ?? Number(name);

const permissionTakes = ({ IpProtocol, FromPort, ToPort }: Permission, protocol: number, port: number): boolean => {
  const own = protocolNumber(IpProtocol);
  if (own === -1) return true;
  if (own !== protocol) return false;
  if (own === 6 || own === 17) return within(port, FromPort ?? 0, ToPort ?? 65535);
  return own === 1 || own === 58 ? isTypeAndCode(port, FromPort, ToPort) : true;
};

const isTypeAndCode = (port: number, type = -1, code = -1): boolean =>
  (type === -1 || type === port >> 8) && (code === -1 || code === (port & 255));

const within = (port: number, from: number, to: number): boolean => from <= port && port <= to;

/** The longest block wins; then a static route, then one from a prefix list, then a propagated one (A.4). */
const routeLeadsTo = (documents: Documents, at: Interface, client: string, gateway: string): boolean => {
  const table = documents.tableOfSubnet.get(at.SubnetId) ?? found(documents.mainTableOfVpc, at.VpcId);
  const fitting = table.flatMap((route) =>
    destinationsOf(documents, route)
      .filter((block) => contains(block, client))
      .map((block) => ({ route, rank: 10 * cidr(block).length + preference(route) })),
  );
  const best = Math.max(...fitting.map(({ rank }) => rank));
  const chosen = new Set(fitting.filter(({ rank }) => rank === best).map(({ route }) => route));
  if (chosen.size > 1) throw new Error("AWS chooses between these routes by chance");
  return [...chosen].some(({ GatewayId, State }) => GatewayId === gateway && State === "active");
};

const preference = ({ Origin, DestinationPrefixListId }: Route): number =>
  Origin === "EnableVgwRoutePropagation" ? 0 : DestinationPrefixListId === undefined ? 2 : 1;

/** Every block that a route leads to, the entries of its prefix list among them. */
export const destinationsOf = (documents: Documents, route: Route): readonly string[] => [
  ...[route.DestinationCidrBlock, route.DestinationIpv6CidrBlock].filter((block) => block !== undefined),
  ...(route.DestinationPrefixListId === undefined ? [] : found(documents.lists, route.DestinationPrefixListId)),
];

/** Between two neighbouring edges of the entries nothing changes, so the edges stand for all of the client's ports. */
const replyPorts = (documents: Documents, at: Interface, question: Question): Answer["clientPorts"] => {
  const { protocol } = question;
  const entries = found(documents.aclOfSubnet, at.SubnetId).filter(({ Egress }) => Egress);
  const edges = entries.flatMap(({ PortRange }) =>
    PortRange ? [PortRange.From - 1, PortRange.From, PortRange.To, PortRange.To + 1] : [],
  );
  const hasPorts = protocol === 6 || protocol === 17;
  const ports = hasPorts ? [1024, ...edges, 65535].filter((port) => within(port, 1024, 65535)) : [replyType(question)];
  const passing = ports.filter((port) => aclAllows(documents, at, question, true, port));
  return passing.length === ports.length ? "all" : passing.length > 0 ? "some" : "none";
};

/** An echo request is answered by an echo reply; other messages are judged by their own type. */
const replyType = ({ protocol, port }: Question): number =>
  protocol === 1 && port >> 8 === 8 ? 0 : protocol === 58 && port >> 8 === 128 ? 129 << 8 : port;

const notInternet = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/3",
];

/** Whether a gateway takes a packet from this client. */
export const isInternet = (client: string): boolean =>
  familyOf(client) === 6 ? contains("2000::/3", client) : !notInternet.some((block) => contains(block, client));

export interface Cidr {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
  readonly length: number;
}

const known = new Map<string, Cidr>();

/** A block or an address as its first and last number. Texts that were read before are remembered. */
export const cidr = (text: string): Cidr => {
  const old = known.get(text);
  if (old) return old;
  const [address = "", digits] = text.split("/");
  const family = familyOf(address);
  const bits = family === 4 ? 32 : 128;
  const length = digits === undefined ? bits : Number(digits);
  const size = 1n << BigInt(bits - length);
  const first = (addressNumber(address) / size) * size;
  const made: Cidr = { family, first, last: first + size - 1n, length };
  if (known.size < 1_000_000) known.set(text, made);
  return made;
};

/** Whether a block holds an address. The families never mix. */
export const contains = (block: string, address: string): boolean => {
  const [outer, inner] = [cidr(block), cidr(address)];
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
};

export const familyOf = (address: string): 4 | 6 => (address.includes(":") ? 6 : 4);

const addressNumber = (address: string): bigint => {
  if (familyOf(address) === 4) return address.split(".").reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const [head = "", tail] = address.split("::");
  const words = (text: string): readonly string[] => (text === "" ? [] : text.split(":"));
  const [before, after] = [words(head), words(tail ?? "")];
  const all = [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
  return all.reduce((sum, word) => sum * 65536n + BigInt(`0x${word}`), 0n);
};
