/** Questions that stand where programs err: at the first and last address of a block, and at the edge of a port range. */
import {
  blocksOf,
  cidr,
  contains,
  destinationsOf,
  familyOf,
  isInternet,
  protocolNumber,
  type Question,
} from "./brute.ts";
import type { AclEntry, Documents, Permission, Route } from "./documents.ts";
import { type Random, random } from "./random.ts";

/** So many questions about the machines of an estate, always the same for the same seed. Every client is an address of
 *  the internet on whose nature all registries agree, and none is an address of the estate itself. */
export const boundarySample = (documents: Documents, count: number, seed: number): readonly Question[] => {
  const r = random(seed, "sample");
  const estate = surroundings(documents);
  return Array.from({ length: count }, () => questionAbout(r, documents, estate));
};

interface Surroundings {
  readonly interfaces: readonly string[];
  readonly exposed: readonly string[];
  readonly blocks: readonly string[];
  readonly publicAddresses: ReadonlySet<string>;
  /** For each group, the permissions that let somebody of the internet in. */
  readonly useful: Readonly<Record<4 | 6, ReadonlyMap<string, readonly Permission[]>>>;
}

type Protocols = readonly [number, number][];

const surroundings = (documents: Documents): Surroundings => {
  const all = [...documents.interfaces.values()];
  const shown = (one: (typeof all)[number]) =>
    one.PrivateIpAddresses.flatMap(({ Association }) => Association?.PublicIp ?? []);
  return {
    interfaces: all.map((one) => one.NetworkInterfaceId),
    exposed: all.filter((one) => shown(one).length + one.Ipv6Addresses.length > 0).map((one) => one.NetworkInterfaceId),
    blocks: [...documents.vpcs.values()].flatMap((vpc) => [
      ...vpc.CidrBlockAssociationSet.map(({ CidrBlock }) => CidrBlock),
      ...vpc.Ipv6CidrBlockAssociationSet.map(({ Ipv6CidrBlock }) => Ipv6CidrBlock),
    ]),
    publicAddresses: new Set(all.flatMap(shown)),
    useful: { 4: usefulPermissions(documents, 4), 6: usefulPermissions(documents, 6) },
  };
};

const usefulPermissions = (documents: Documents, family: 4 | 6): ReadonlyMap<string, readonly Permission[]> => {
  const isOpen = (permission: Permission) => blocksOf(documents, permission).some((block) => isUseful(block, family));
  return new Map([...documents.groups].map(([id, permissions]) => [id, permissions.filter(isOpen)]));
};

/** One address of a machine, and the rules that stand around it. */
interface Target {
  readonly interface: string;
  readonly address: string;
  readonly family: 4 | 6;
  readonly permissions: readonly Permission[];
  readonly useful: readonly Permission[];
  readonly entries: readonly AclEntry[];
  readonly routes: readonly Route[];
}

/** Mostly asks about a rule that lets somebody of the internet in; where there is none, one answer is certain. */
const questionAbout = (r: Random, documents: Documents, estate: Surroundings): Question => {
  let target = targetOf(r, documents, estate);
  for (let tries = 0; target.useful.length === 0 && tries < 3; tries++) target = targetOf(r, documents, estate);
  const rule = target.useful.length > 0 && r.chance(0.95) ? r.pick(target.useful) : undefined;
  const nearby = blocksNearby(r, documents, target, rule);
  const [protocol, port] = serviceNearby(r, target.family, rule, target.entries);
  return {
    interface: target.interface,
    address: target.address,
    client: clientNearby(r, target.family, nearby, estate),
    protocol,
    port,
  };
};

/** Nearly always an address that somebody could dial: the others have one answer only. */
const targetOf = (r: Random, documents: Documents, estate: Surroundings): Target => {
  const id = r.pick(r.chance(0.97) && estate.exposed.length > 0 ? estate.exposed : estate.interfaces);
  const one = documents.interfaces.get(id);
  if (one === undefined) throw new Error(`${id} is in no document`);
  const shown = one.PrivateIpAddresses.filter(({ Association }) => Association !== undefined);
  const ipv6 = one.Ipv6Addresses.map(({ Ipv6Address }) => Ipv6Address);
  const ipv4 = (shown.length + ipv6.length > 0 && r.chance(0.95) ? shown : one.PrivateIpAddresses).map(
    (each) => each.PrivateIpAddress,
  );
  const address = r.pick([...ipv4, ...ipv6]);
  const family = familyOf(address);
  const permissions = one.Groups.flatMap(({ GroupId }) => documents.groups.get(GroupId) ?? []);
  return {
    interface: id,
    address,
    family,
    permissions,
    useful: one.Groups.flatMap(({ GroupId }) => estate.useful[family].get(GroupId) ?? []),
    entries: documents.aclOfSubnet.get(one.SubnetId) ?? [],
    routes: documents.tableOfSubnet.get(one.SubnetId) ?? documents.mainTableOfVpc.get(one.VpcId) ?? [],
  };
};

type Place = "rule" | "groups" | "acl" | "routes";

/** The blocks of the chosen rule come most often. Where it lets everybody in, the ACL and the routes are more telling. */
const blocksNearby = (
  r: Random,
  documents: Documents,
  target: Target,
  rule: Permission | undefined,
): readonly string[] => {
  const ofRule = rule ? blocksOf(documents, rule) : [];
  const isWide = ofRule.some((block) => cidr(block).length < 8);
  const narrowPlaces: readonly Place[] = [
    "rule",
    "rule",
    "rule",
    "rule",
    "rule",
    "rule",
    "rule",
    "groups",
    "acl",
    "routes",
  ];
  const widePlaces: readonly Place[] = ["rule", "rule", "acl", "acl", "routes", "routes"];
  switch (r.pick(isWide ? widePlaces : narrowPlaces)) {
    case "rule":
      return ofRule;
    case "groups":
      return target.permissions.flatMap((permission) => blocksOf(documents, permission));
    case "acl":
      return target.entries.flatMap(({ CidrBlock, Ipv6CidrBlock }) => CidrBlock ?? Ipv6CidrBlock ?? []);
    case "routes":
      return target.routes.flatMap((route) => destinationsOf(documents, route));
  }
};

/** Whether a block holds some of the internet of this family: at one of its ends, or around the middle of the numbers. */
const isUseful = (block: string, family: 4 | 6): boolean => {
  const { first, last, family: own } = cidr(block);
  if (own !== family) return false;
  return (
    contains(block, family === 4 ? "64.0.0.0" : "2a00::") ||
    isInternet(textOf(family, first)) ||
    isInternet(textOf(family, last))
  );
};

/** An address at an edge of one of these blocks that may be asked about; after some tries, any address. */
const clientNearby = (r: Random, family: 4 | 6, blocks: readonly string[], estate: Surroundings): string => {
  const useful = blocks.filter((block) => isUseful(block, family));
  const fitting = r.chance(0.9) && useful.length > 0 ? useful : blocks.filter((block) => cidr(block).family === family);
  for (let tries = 0; fitting.length > 0 && tries < 12; tries++) {
    const { first, last } = cidr(r.pick(fitting));
    const inside = first + (((last - first) * BigInt(r.int(0, 2 ** 30))) >> 30n);
    const text = textOf(
      family,
      r.pick([first - 1n, first, first, first + 1n, last - 1n, last, last, last + 1n, inside, inside, inside]),
    );
    if (mayAsk(text, estate)) return text;
  }
  for (;;) {
    const text = textOf(
      family,
      family === 4
        ? BigInt(r.int(0, 2 ** 32 - 1))
        : (2n << 124n) + (BigInt(r.int(0, 2 ** 32 - 1)) << 93n) + BigInt(r.int(1, 2 ** 32)),
    );
    if (mayAsk(text, estate)) return text;
  }
};

/** Blocks for documentation, relays and the like: internet or not, depending on whom one asks. */
export const contested = [
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.175.48.0/24",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "2620:4f:8000::/48",
  "3fff::/20",
];

const mayAsk = (client: string, estate: Surroundings): boolean =>
  isInternet(client) &&
  !estate.publicAddresses.has(client) &&
  ![...contested, ...estate.blocks].some((block) => contains(block, client));

/** Mostly an edge of the chosen rule's ports, else an edge in the ACL, else one of the usual services. */
const serviceNearby = (
  r: Random,
  family: 4 | 6,
  rule: Permission | undefined,
  entries: readonly AclEntry[],
): readonly [number, number] => {
  const echo: Protocols =
    family === 4
      ? [
          [1, 8 << 8],
          [1, (3 << 8) + 4],
          [1, (8 << 8) + 1],
        ]
      : [
          [58, 128 << 8],
          [58, 2 << 8],
        ];
  const usual: Protocols = [[6, 22], [6, 443], [6, 3389], [17, 53], [17, 161], [47, 0], [50, 0], ...echo];
  if (rule !== undefined && r.chance(0.8)) return serviceOfRule(r, rule, usual);
  const ranges = entries.flatMap(({ PortRange, Protocol }) =>
    PortRange ? [{ ...PortRange, protocol: Number(Protocol) }] : [],
  );
  if (ranges.length === 0 || r.chance(0.3)) return r.pick(usual);
  const { From, To, protocol } = r.pick(ranges);
  return [protocol, edgePort(r, From, To)];
};

const serviceOfRule = (
  r: Random,
  { IpProtocol, FromPort = -1, ToPort = -1 }: Permission,
  usual: Protocols,
): readonly [number, number] => {
  const protocol = protocolNumber(IpProtocol);
  if (protocol === -1) return r.chance(0.7) ? r.pick(usual) : [r.pick([6, 17]), r.int(0, 65535)];
  if (protocol === 6 || protocol === 17)
    return [r.chance(0.95) ? protocol : 23 - protocol, edgePort(r, FromPort, ToPort)];
  if (protocol !== 1 && protocol !== 58) return [protocol, 0];
  const type = FromPort === -1 ? r.pick([0, 3, 8, 128]) : FromPort + r.pick([0, 0, 0, 1]);
  return [protocol, (type << 8) + (ToPort === -1 ? r.pick([0, 1]) : ToPort + r.pick([0, 0, 1]))];
};

export const edgePort = (r: Random, from: number, to: number): number =>
  Math.min(65535, Math.max(0, r.pick([from, from, from, to, to, to, from - 1, to + 1, r.int(from, to)])));

/** A number as an address: IPv6 in full, without shortening. */
export const textOf = (family: 4 | 6, value: bigint): string => {
  const number = BigInt.asUintN(family === 4 ? 32 : 128, value);
  const [count, bits] = family === 4 ? [4, 8] : [8, 16];
  const parts = Array.from({ length: count }, (_, k) =>
    Number(BigInt.asUintN(bits, number >> BigInt(bits * (count - 1 - k)))),
  );
  return family === 4 ? parts.join(".") : parts.map((part) => part.toString(16)).join(":");
};
