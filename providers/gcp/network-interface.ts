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
  readonly at: Source;
}

/** One interface of a machine. Firewalls are read for each of them apart. */
export interface NetworkInterface extends Interface {
  readonly name: string;
  readonly index: number;
  /** The machine's path. */
  readonly instance: string;
  readonly network: string;
  readonly subnetwork: string | undefined;
  readonly region: string | undefined;
  readonly v4: string | undefined;
  readonly aliases: readonly string[];
  readonly external: readonly External[];
  /** Inside the network only. */
  readonly v6: string | undefined;
  /** Prefixes of global IPv6 addresses. */
  readonly external6: readonly External6[];
  readonly at: Source;
}

export interface External6 {
  readonly address: string;
  readonly bits: number;
  readonly policy: string | undefined;
  readonly at: Source;
}

export interface Owner {
  readonly path: string;
  readonly id: string;
  readonly project: string | undefined;
  readonly region: string | undefined;
}

/** Reads `networkInterfaces[]`. */
export const readInterfaces = (
  list: unknown,
  owner: Owner,
  at: Source,
  pathIn: (link: string | undefined, project: string | undefined) => string,
): readonly NetworkInterface[] =>
  items(list).map((raw, index) => {
    const where = inside(at, index);
    const name = text(raw["name"]) ?? `nic${index}`;
    const v6 = text(raw["ipv6Address"]);
    const external6 = externals6(raw, where);
    return {
      id: `${owner.id}/${name}`,
      cloud: "gcp",
      name,
      index: indexOf(name) ?? index,
      instance: owner.path,
      network: pathIn(text(raw["network"]), owner.project),
      subnetwork: text(raw["subnetwork"]) === undefined ? undefined : pathIn(text(raw["subnetwork"]), owner.project),
      region: owner.region,
      v4: text(raw["networkIP"]),
      aliases: aliasesOf(raw),
      external: externals(raw, where),
      v6: v6 !== undefined && external6.every(({ address }) => address !== v6) ? v6 : undefined,
      external6,
      at: where,
    };
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

const externals = (raw: Raw, at: Source): readonly External[] => {
  const all = items(raw["accessConfigs"]);
  if (all.length === 0) return NONE;
  const where = inside(at, "accessConfigs");
  return all.map((each, i) => ({
    address: text(each["natIP"]),
    policy: text(each["securityPolicy"]),
    at: inside(where, i),
  }));
};

/** `ipv6AccessConfigs` hold external addresses only. */
const externals6 = (raw: Raw, at: Source): readonly External6[] => {
  const all = items(raw["ipv6AccessConfigs"]);
  if (all.length === 0) return NONE;
  const where = inside(at, "ipv6AccessConfigs");
  return all.flatMap((each, i) => {
    const address = text(each["externalIpv6"]);
    const bits = number(each["externalIpv6PrefixLength"]) ?? 128;
    return address === undefined ? [] : [{ address, bits, policy: text(each["securityPolicy"]), at: inside(where, i) }];
  });
};

/** Most machines have most lists empty, and share one. */
const NONE: readonly never[] = [];
