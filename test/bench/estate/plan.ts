/**
 * Who is where: the few hundred facts that all dumps must agree on, and one small record for each interface. The rest
 * of an interface is made when it is printed, from its own stream of random numbers.
 */
import { at, type Random, random } from "../random.ts";
import { block4, hex8, id, ipv4 } from "./text.ts";

/** The whole estate in outline. */
export interface Plan {
  readonly seed: number;
  readonly interfaces: number;
  readonly vpcs: readonly Vpc[];
  readonly subnets: readonly Subnet[];
  readonly lists: readonly PrefixList[];
  readonly subnetOf: Uint32Array;
  readonly placeOf: Uint16Array;
}

/** A run of things that are numbered through the estate. */
export interface Run {
  readonly first: number;
  readonly count: number;
}

export interface Vpc {
  readonly index: number;
  readonly id: string;
  readonly blocks: readonly string[];
  /** The first 56 bits of its block, as text that two more digits make the start of a subnet's /64. */
  readonly ipv6: { readonly start: string; readonly isPublic: boolean } | undefined;
  readonly gateway: string | undefined;
  readonly subnets: Run;
  readonly groups: Run;
  readonly acls: Run;
  readonly tables: Run;
  readonly combinations: readonly (readonly number[])[];
}

export interface Subnet {
  readonly index: number;
  readonly id: string;
  readonly vpc: Vpc;
  readonly start: number;
  readonly ipv6: string | undefined;
  readonly isPublic: boolean;
}

export interface PrefixList {
  readonly index: number;
  readonly id: string;
  readonly family: "IPv4" | "IPv6";
  readonly owner: "customer" | "AWS";
}

/** One network interface, as all dumps tell of it. */
export interface Interface {
  readonly index: number;
  readonly id: string;
  readonly subnet: Subnet;
  readonly groups: readonly number[];
  readonly addresses: readonly Address[];
  readonly ipv6: string | undefined;
  readonly holder: "instance" | "service" | "nobody";
  readonly isRunning: boolean;
  readonly deniesGateway: boolean;
}

export interface Address {
  readonly private: string;
  readonly public: { readonly text: string; readonly elastic: number | undefined } | undefined;
}

const subnetSize = 2048;
const addressesEach = 4;
const subnetLength = 21;
const subnetCapacity = 500;
const blockSubnets = 32;

/** Draws the outline. It holds six bytes for each interface, and the rest does not depend on their number. */
export const plan = (interfaces: number, seed: number): Plan => {
  const shares = vpcShares(Math.max(2, Math.round(interfaces / 5000)));
  const counts = shares.map((share) => countsOf(interfaces, share));
  const starts = addressBlocks(counts.map((count) => count.subnets));
  const runs = {
    subnets: runsOf(counts.map((count) => count.subnets)),
    groups: runsOf(counts.map((count) => count.groups)),
    acls: runsOf(counts.map((count) => count.acls)),
    tables: runsOf(counts.map((count) => count.tables)),
  };
  const vpcs = counts.map((count, index): Vpc => {
    const groups = at(runs.groups, index);
    return {
      index,
      id: id("vpc", index),
      blocks: at(starts, index).map(({ start, subnets }) => block4(start, subnetLength - Math.log2(subnets))),
      ipv6: ipv6Block(index),
      gateway: index % 8 === 7 ? undefined : id("igw", index),
      subnets: at(runs.subnets, index),
      groups,
      acls: at(runs.acls, index),
      tables: at(runs.tables, index),
      combinations: combinationsOf(random(seed, "combinations", index), groups, count.combinations),
    };
  });
  const subnets = vpcs.flatMap((vpc) => subnetsOf(random(seed, "subnets", vpc.index), vpc, at(starts, vpc.index)));
  return { seed, interfaces, vpcs, subnets, lists: prefixLists(interfaces), ...placed(interfaces, seed, shares, vpcs) };
};

/** Everything about one interface. The same plan and index give the same interface. */
export const interfaceAt = (plan: Plan, index: number): Interface => {
  const r = random(plan.seed, "interface", index);
  const subnet = at(plan.subnets, at(plan.subnetOf, index));
  const holder = r.chance(0.96) ? "instance" : r.chance(0.7) ? "service" : "nobody";
  const isRunning = r.chance(0.92);
  return {
    index,
    id: id("eni", index),
    subnet,
    groups: at(subnet.vpc.combinations, r.skewed(subnet.vpc.combinations.length)),
    addresses: addressesOf(r, plan, index, subnet, isRunning),
    ipv6: subnet.ipv6 !== undefined && r.chance(0.6) ? ipv6Of(subnet.ipv6, r, index) : undefined,
    holder,
    isRunning,
    deniesGateway: subnet.ipv6 !== undefined && r.chance(0.04),
  };
};

/** Two VPCs in three have a block, and that of the second one is private, so that the smallest estate has both kinds. */
const ipv6Block = (vpc: number): Vpc["ipv6"] =>
  vpc % 3 === 1 && vpc !== 1
    ? undefined
    : { start: `2a05:d018:${(0x100 + vpc).toString(16)}:78`, isPublic: vpc % 11 !== 1 };

const vpcShares = (count: number): readonly number[] => {
  const weights = Array.from({ length: count }, (_, index) => 1 / (index + 1) ** 0.7);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
};

const countsOf = (interfaces: number, share: number) => {
  const subnets = Math.max(4, Math.ceil((interfaces / 150) * share));
  return {
    subnets,
    groups: Math.max(6, Math.round((interfaces / 10) * share)),
    combinations: Math.max(4, Math.round((interfaces / 50) * share)),
    acls: Math.max(3, Math.round((interfaces / 2000) * share)),
    tables: Math.max(7, Math.round(subnets / 10)),
  };
};

const runsOf = (counts: readonly number[]): readonly Run[] => {
  let first = 0;
  return counts.map((count) => {
    first += count;
    return { first: first - count, count };
  });
};

interface AddressBlock {
  readonly vpc: number;
  readonly subnets: number;
  readonly start: number;
}

/** Cuts 10.0.0.0/8 into blocks for the VPCs, the largest first, so that every block is aligned and none overlap. */
const addressBlocks = (subnetCounts: readonly number[]): readonly (readonly AddressBlock[])[] => {
  const wanted = subnetCounts
    .flatMap((count, vpc) => blockSizes(count).map((subnets) => ({ vpc, subnets })))
    .toSorted((a, b) => b.subnets - a.subnets || a.vpc - b.vpc);
  let next = 10 * 2 ** 24;
  const blocks = wanted.map(({ vpc, subnets }): AddressBlock => {
    next += subnets * subnetSize;
    return { vpc, subnets, start: next - subnets * subnetSize };
  });
  if (next > 11 * 2 ** 24) throw new Error("10.0.0.0/8 is too small for so many interfaces");
  const byVpc = subnetCounts.map((): AddressBlock[] => []);
  for (const block of blocks) at(byVpc, block.vpc).push(block);
  return byVpc;
};

const blockSizes = (subnets: number): readonly number[] => {
  if (subnets === 0) return [];
  const size = Math.min(blockSubnets, 2 ** Math.floor(Math.log2(subnets)));
  return [size, ...blockSizes(subnets - size)];
};

const subnetsOf = (r: Random, vpc: Vpc, blocks: readonly AddressBlock[]): readonly Subnet[] =>
  blocks
    .flatMap(({ start, subnets }) => Array.from({ length: subnets }, (_, k) => start + k * subnetSize))
    .map((start, k): Subnet => {
      const index = vpc.subnets.first + k;
      const hasIpv6 = vpc.ipv6 !== undefined && k < 256 && r.chance(0.5);
      return {
        index,
        id: id("subnet", index),
        vpc,
        start,
        ipv6: vpc.ipv6 && hasIpv6 ? `${vpc.ipv6.start}${k.toString(16).padStart(2, "0")}` : undefined,
        isPublic: vpc.gateway !== undefined && (k === 0 || r.chance(0.5)),
      };
    });

/** One to five groups: one of its own, then mostly the few that everybody carries. The first group is the default one. */
const combinationsOf = (r: Random, groups: Run, count: number): readonly (readonly number[])[] =>
  Array.from({ length: count }, (_, k) => {
    const chosen = new Set([groups.first + (k % groups.count)]);
    const size = r.pick([1, 1, 2, 2, 2, 3, 3, 4, 5]);
    for (let tries = 0; chosen.size < size && tries < 20; tries++)
      chosen.add(groups.first + (r.chance(0.6) ? r.int(1, 4) : r.skewed(groups.count)));
    return [...chosen];
  });

/** The S3 list of the Region comes first; it belongs to AWS. One list in five is IPv6. */
const prefixLists = (interfaces: number): readonly PrefixList[] =>
  Array.from({ length: Math.max(10, Math.round(interfaces / 2000)) }, (_, index) => ({
    index,
    id: index === 0 ? "pl-6da54004" : id("pl", index),
    family: index % 5 === 4 ? ("IPv6" as const) : ("IPv4" as const),
    owner: index === 0 ? ("AWS" as const) : ("customer" as const),
  }));

/** Puts each interface into a subnet, crowded ones first, and gives it a place there. */
const placed = (interfaces: number, seed: number, shares: readonly number[], vpcs: readonly Vpc[]) => {
  const r = random(seed, "places");
  const byWeight = vpcs.flatMap((vpc) => Array<Vpc>(Math.max(1, Math.round(at(shares, vpc.index) * 1000))).fill(vpc));
  const taken = new Uint16Array(vpcs.reduce((sum, vpc) => sum + vpc.subnets.count, 0));
  const subnetOf = new Uint32Array(interfaces);
  const placeOf = new Uint16Array(interfaces);
  for (let index = 0; index < interfaces; index++) {
    let subnet = crowdedSubnet(r, r.pick(byWeight));
    while (at(taken, subnet) === subnetCapacity) subnet = (subnet + 1) % taken.length;
    subnetOf[index] = subnet;
    placeOf[index] = at(taken, subnet);
    taken[subnet] = at(taken, subnet) + 1;
  }
  return { subnetOf, placeOf };
};

const crowdedSubnet = (r: Random, { subnets }: Vpc): number =>
  subnets.first + (r.chance(0.7) ? r.int(0, subnets.count - 1) : r.skewed(subnets.count));

const addressesOf = (r: Random, plan: Plan, index: number, subnet: Subnet, isRunning: boolean): readonly Address[] => {
  const isPublic = r.chance(subnet.isPublic ? 0.5 : 0.05);
  const isElastic = r.chance(0.8);
  const more = r.chance(0.06) ? r.int(1, addressesEach - 1) : 0;
  const first = subnet.start + addressesEach * (at(plan.placeOf, index) + 1);
  return Array.from({ length: 1 + more }, (_, k): Address => {
    const hasPublic = k === 0 ? isPublic && (isElastic || isRunning) : isPublic && r.chance(0.3);
    return { private: ipv4(first + k), public: hasPublic ? publicOf(index, k, isElastic || k > 0) : undefined };
  });
};

/** Each interface has one address of 52.16.0.0/12 for its first address, and three blocks more for the others. */
const publicOf = (index: number, k: number, isElastic: boolean) => ({
  text: ipv4(at([0x34100000, 0x22f00000, 0x36400000, 0x12c00000], k) + ((Math.imul(index, 0x9e3b1) + 12345) & 0xfffff)),
  elastic: isElastic ? index * addressesEach + k : undefined,
});

const ipv6Of = (start: string, r: Random, index: number): string => {
  const low = hex8(index + 1);
  const middle = hex8(r.int(0x10000000, 0xffffffff));
  const words = [middle.slice(0, 4), middle.slice(4), low.slice(0, 4), low.slice(4)];
  return `${start}:${words.map((word) => Number.parseInt(word, 16).toString(16)).join(":")}`;
};
