/**
 * Who is where in Google Cloud: projects below an organisation, their networks, subnets and the roles of machines. One
 * small record for each machine is drawn here; the rest of it is made when it is printed.
 */
import { hex8, ipv4 } from "../estate/text.ts";
import { at, type Random, random, scramble } from "../random.ts";

/** The whole estate in outline. */
export interface Plan {
  readonly seed: number;
  readonly machines: number;
  readonly projects: readonly Project[];
  readonly networks: readonly Network[];
  readonly subnets: readonly Subnet[];
  readonly subnetOf: Uint16Array;
  readonly placeOf: Uint16Array;
}

export interface Project {
  readonly index: number;
  readonly name: string;
  readonly number: string;
  readonly folder: string;
  readonly networks: readonly Network[];
}

export interface Network {
  readonly index: number;
  readonly name: string;
  readonly project: string;
  readonly path: string;
  /** The member that says whether network policies come before the VPC rules; older networks have none. */
  readonly order: "AFTER_CLASSIC_FIREWALL" | "BEFORE_CLASSIC_FIREWALL" | undefined;
  readonly rules: number;
  readonly tags: readonly string[];
  readonly accounts: readonly string[];
  readonly roles: readonly Role[];
  readonly subnets: readonly Subnet[];
  /** No route of it leads to the internet. */
  readonly isIsolated: boolean;
}

export interface Subnet {
  readonly index: number;
  readonly name: string;
  readonly region: string;
  readonly network: Network;
  /** The first address of its /20. */
  readonly start: number;
  readonly ipv6: { readonly access: "EXTERNAL" | "INTERNAL"; readonly start: string } | undefined;
}

/** What machines of one kind have in common. */
export interface Role {
  readonly name: string;
  readonly tags: readonly string[];
  readonly account: string | undefined;
  readonly isPublic: boolean;
}

export interface Machine {
  readonly index: number;
  readonly name: string;
  readonly id: string;
  readonly zone: string;
  readonly role: Role;
  readonly tags: readonly string[];
  readonly status: string;
  readonly interfaces: readonly Nic[];
}

export interface Nic {
  readonly subnet: Subnet;
  readonly address: string;
  /** Empty where one is set up that is not there now. */
  readonly external: string | undefined;
  readonly ipv6: string | undefined;
}

export const organization = "organizations/900000000001";
export const folders = ["folders/400000000001", "folders/400000000002"] as const;
export const regions = ["europe-west1", "europe-north1", "us-central1", "asia-east1"] as const;

const subnetSize = 4096;
const subnetCapacity = 3000;
const machinesPerNetwork = 8000;
const networksPerProject = 3;

/** Draws the outline: four bytes for each machine, and the rest grows with the number of networks. */
export const plan = (machines: number, seed: number): Plan => {
  const count = Math.max(3, Math.ceil(machines / machinesPerNetwork));
  const weights = Array.from({ length: count }, (_, k) => 1 / (k + 1) ** 0.3);
  const whole = weights.reduce((sum, each) => sum + each, 0);
  const subnets: Subnet[] = [];
  const networks = weights.map((weight, index) => networkOf(seed, index, (machines * weight) / whole, subnets));
  const projects = Array.from({ length: Math.ceil(count / networksPerProject) }, (_, index): Project => {
    const own = networks.slice(index * networksPerProject, (index + 1) * networksPerProject);
    return {
      index,
      name: projectName(index),
      number: String(700000000000 + index),
      folder: at(folders, index % 2),
      networks: own,
    };
  });
  return { seed, machines, projects, networks, subnets, ...placed(machines, seed, weights, networks, subnets) };
};

const projectName = (index: number): string => `bench-${index}`;

const networkOf = (seed: number, index: number, machines: number, subnets: Subnet[]): Network => {
  const r = random(seed, "gcp network", index);
  const project = projectName(Math.floor(index / networksPerProject));
  const name = index % networksPerProject === 0 ? "default" : `net-${index}`;
  const tags = Array.from({ length: Math.min(60, 6 + Math.round(machines / 60)) }, (_, k) => tagName(index, k));
  const accounts = Array.from(
    { length: Math.min(16, 3 + Math.round(machines / 300)) },
    (_, k) => `app-${k}@${project}.iam.gserviceaccount.com`,
  );
  const own: Subnet[] = [];
  const network: Network = {
    index,
    name,
    project,
    path: `projects/${project}/global/networks/${name}`,
    order: index % 4 === 1 ? "BEFORE_CLASSIC_FIREWALL" : index % 4 === 3 ? undefined : "AFTER_CLASSIC_FIREWALL",
    rules: Math.min(280, Math.max(30, Math.round(machines / 20))),
    tags,
    accounts,
    roles: Array.from({ length: Math.max(6, Math.round(machines / 50)) }, (_, k) => roleOf(r, k, tags, accounts)),
    subnets: own,
    isIsolated: index % 6 === 5,
  };
  const perRegion = Math.max(1, Math.ceil(machines / regions.length / (subnetCapacity * 0.6)));
  for (const region of regions)
    for (let k = 0; k < perRegion; k++) {
      const subnet = subnetOf(r, subnets.length, `${name}-${k}`, region, network);
      subnets.push(subnet);
      own.push(subnet);
    }
  if (subnets.length > 4096) throw new Error("10.0.0.0/8 is too small for so many machines");
  return network;
};

const tagName = (network: number, k: number): string =>
  `${at(["web", "app", "db", "bastion", "lb", "ci", "gke-node", "batch"], k % 8)}-${network}-${k}`;

const subnetOf = (r: Random, index: number, name: string, region: string, network: Network): Subnet => ({
  index,
  name,
  region,
  network,
  start: 10 * 2 ** 24 + index * subnetSize,
  ipv6: r.chance(0.4)
    ? { access: "EXTERNAL", start: `2600:1900:40${(index >> 8).toString(16)}0:${(index & 0xffff).toString(16)}` }
    : r.chance(0.2)
      ? { access: "INTERNAL", start: `fd20:${index.toString(16)}:0:0` }
      : undefined,
});

const roleOf = (r: Random, k: number, tags: readonly string[], accounts: readonly string[]): Role => {
  const chosen = new Set<string>();
  const size = r.pick([0, 1, 1, 2, 2, 3, 4]);
  for (let n = 0; n < size; n++)
    chosen.add(at(tags, r.chance(0.5) ? r.skewed(tags.length) : r.int(0, tags.length - 1)));
  return {
    name: `role-${k}`,
    tags: [...chosen],
    account: r.chance(0.85) ? at(accounts, r.skewed(accounts.length)) : undefined,
    isPublic: r.chance(0.35),
  };
};

/** Puts each machine into a subnet of a network, larger networks first, and gives it a place there. */
const placed = (
  machines: number,
  seed: number,
  weights: readonly number[],
  networks: readonly Network[],
  subnets: readonly Subnet[],
) => {
  const r = random(seed, "gcp places");
  const byWeight = networks.flatMap((network) =>
    Array<Network>(Math.max(1, Math.round(at(weights, network.index) * 100))).fill(network),
  );
  const taken = new Uint16Array(subnets.length);
  const subnetOf = new Uint16Array(machines);
  const placeOf = new Uint16Array(machines);
  for (let index = 0; index < machines; index++) {
    let subnet = r.pick(r.pick(byWeight).subnets).index;
    while (at(taken, subnet) === subnetCapacity) subnet = (subnet + 1) % taken.length;
    subnetOf[index] = subnet;
    placeOf[index] = at(taken, subnet);
    taken[subnet] = at(taken, subnet) + 1;
  }
  return { subnetOf, placeOf };
};

/** Everything about one machine. The same plan and index give the same machine. */
export const machineAt = (outline: Plan, index: number): Machine => {
  const r = random(outline.seed, "gcp machine", index);
  const subnet = at(outline.subnets, at(outline.subnetOf, index));
  const { network } = subnet;
  const role = at(network.roles, r.skewed(network.roles.length));
  const status = r.chance(0.93)
    ? "RUNNING"
    : r.pick(["TERMINATED", "TERMINATED", "TERMINATED", "SUSPENDED", "STAGING", "STOPPING"]);
  const tags = r.chance(0.1) ? role.tags.toReversed() : role.tags;
  const project = at(outline.projects, Math.floor(network.index / networksPerProject));
  const others = project.networks.filter((each) => each !== network);
  const second =
    others.length > 0 && r.chance(0.03) ? r.pick(others).subnets.filter(({ region }) => region === subnet.region) : [];
  const place = at(outline.placeOf, index) + 2;
  return {
    index,
    name: `vm-${index.toString(36)}-${hex8(scramble(index)).slice(0, 4)}`,
    id: idOf("machine", index),
    zone: `${subnet.region}-${r.pick(["b", "c", "d"])}`,
    role,
    tags: r.chance(0.03) ? [...tags, `vm-${index}`] : tags,
    status,
    interfaces: [
      nicOf(r, subnet, place, externalOf(r, role, status, 0x22400000, index)),
      ...second
        .slice(0, 1)
        .map((each) => nicOf(r, each, 3100 + (index % 900), externalOf(r, role, status, 0x23c00000, index))),
    ],
  };
};

const nicOf = (r: Random, subnet: Subnet, place: number, external: Nic["external"]): Nic => ({
  subnet,
  address: ipv4(subnet.start + place),
  external,
  ipv6: subnet.ipv6 !== undefined && r.chance(0.6) ? `${subnet.ipv6.start}:0:${place.toString(16)}::` : undefined,
});

/** Odd multipliers make every machine's address another. */
const externalOf = (r: Random, { isPublic }: Role, status: string, start: number, index: number): Nic["external"] => {
  if (!r.chance(isPublic ? 0.8 : 0.05)) return undefined;
  return status === "TERMINATED" && r.chance(0.6) ? "" : ipv4(start + ((Math.imul(index, 0x9e3b1) + 777) & 0xfffff));
};

/** A number as Google gives them to things, one for each kind and index. */
export const idOf = (kind: string, index: number): string =>
  String(1_000_000_000_000_000_000n + (BigInt(scramble(index + kind.length * 7919)) << 30n) + BigInt(index));

export const link = (path: string): string => `https://www.googleapis.com/compute/v1/${path}`;
