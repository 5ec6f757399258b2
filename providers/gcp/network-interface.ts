import type { Interface } from "#model/inventory.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import type { Raw } from "./raw.ts";
import { items, number, text } from "./raw.ts";

/** An external IPv4 address, translated one to one, or what is set up for one that is not there. */
export interface External {
  readonly address: string | undefined;
  /** The edge policy that stands before it. */
  readonly policy: string | undefined;
  /** Which of the interface's `accessConfigs` it is. */
  readonly place: number;
}

/** The machine that an interface is of. */
export interface Owner {
  readonly path: string;
  readonly id: string;
  readonly project: string | undefined;
  readonly region: string | undefined;
  readonly at: Source;
}

/** One interface of a machine. Firewalls are read for each of them apart. */
export class NetworkInterface implements Interface {
  readonly owner: Owner;
  readonly name: string;
  readonly index: number;
  readonly network: string;
  readonly subnetwork: string | undefined;
  readonly v4: string | undefined;
  readonly aliases: readonly string[];
  readonly external: readonly External[];
  /** Inside the network only. */
  readonly v6: string | undefined;
  /** Prefixes of global IPv6 addresses. */
  readonly external6: readonly External6[];
  /** Which of the machine's interfaces it is where that was read. */
  readonly place: number;

  constructor(owner: Owner, kept: Kept) {
    this.owner = owner;
    this.name = kept.name;
    this.index = kept.index;
    this.network = kept.network;
    this.subnetwork = kept.subnetwork;
    this.v4 = kept.v4;
    this.aliases = kept.aliases;
    this.external = kept.external;
    this.v6 = kept.v6;
    this.external6 = kept.external6;
    this.place = kept.place;
  }

  get id(): string {
    return `${this.owner.id}/${this.name}`;
  }

  get cloud(): "gcp" {
    return "gcp";
  }

  /** The machine's path. */
  get instance(): string {
    return this.owner.path;
  }

  get region(): string | undefined {
    return this.owner.region;
  }

  /** The same interface with other external addresses. */
  with(external: readonly External[]): NetworkInterface {
    const { name, index, network, subnetwork, v4, aliases, v6, external6, place } = this;
    return new NetworkInterface(this.owner, {
      name,
      index,
      network,
      subnetwork,
      v4,
      aliases,
      external,
      v6,
      external6,
      place,
    });
  }
}

/** What is kept of an interface's answer. */
type Kept = Omit<NetworkInterface, "owner" | "id" | "cloud" | "instance" | "region" | "with">;

export interface External6 {
  readonly address: string;
  readonly bits: number;
  readonly policy: string | undefined;
  /** Which of the interface's `ipv6AccessConfigs` it is. */
  readonly place: number;
}

/** Where an interface was read. */
export const placeOf = ({ owner, place }: NetworkInterface): Source =>
  inside(inside(owner.at, "networkInterfaces"), place);

/** Where one of its external addresses was read. */
export const placeOfExternal = (nic: NetworkInterface, external: External | External6): Source =>
  inside(inside(placeOf(nic), "bits" in external ? "ipv6AccessConfigs" : "accessConfigs"), external.place);

/** Reads `networkInterfaces[]`. */
export const readInterfaces = (
  list: unknown,
  owner: Owner,
  pathIn: (link: string | undefined, project: string | undefined) => string,
): readonly NetworkInterface[] =>
  items(list).map((raw, place) => {
    const name = text(raw["name"]) ?? `nic${place}`;
    const subnetwork = text(raw["subnetwork"]);
    const v6 = text(raw["ipv6Address"]);
    const external6 = externals6(raw);
    return new NetworkInterface(owner, {
      name,
      index: indexOf(name) ?? place,
      network: pathIn(text(raw["network"]), owner.project),
      subnetwork: subnetwork === undefined ? undefined : pathIn(subnetwork, owner.project),
      v4: text(raw["networkIP"]),
      aliases: aliasesOf(raw),
      external: externals(raw),
      v6: v6 !== undefined && external6.every(({ address }) => address !== v6) ? v6 : undefined,
      external6,
      place,
    });
  });

/** The first interface answers by itself; replies of the others depend on the system. */
const indexOf = (name: string): number | undefined => {
  if (name === "nic0") return 0;
  const found = /^nic(\d+)$/.exec(name)?.[1];
  return found === undefined ? undefined : Number(found);
};

const aliasesOf = (raw: Raw): readonly string[] => {
  const all = items(raw["aliasIpRanges"]);
  return all.length === 0 ? NONE : all.flatMap((each) => text(each["ipCidrRange"]) ?? []);
};

const externals = (raw: Raw): readonly External[] => {
  const all = items(raw["accessConfigs"]);
  if (all.length === 0) return NONE;
  return all.map((each, place) => ({ address: text(each["natIP"]), policy: text(each["securityPolicy"]), place }));
};

/** `ipv6AccessConfigs` hold external addresses only. */
const externals6 = (raw: Raw): readonly External6[] => {
  const all = items(raw["ipv6AccessConfigs"]);
  if (all.length === 0) return NONE;
  return all.flatMap((each, place) => {
    const address = text(each["externalIpv6"]);
    const bits = number(each["externalIpv6PrefixLength"]) ?? 128;
    return address === undefined ? [] : [{ address, bits, policy: text(each["securityPolicy"]), place }];
  });
};

/** Most machines have most lists empty, and share one. */
const NONE: readonly never[] = [];
