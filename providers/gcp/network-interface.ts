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
  /** Where its machine was read, and which of that one's interfaces it is there. */
  readonly machineAt: Source;
  readonly place: number;
}

export interface External6 {
  readonly address: string;
  readonly bits: number;
  readonly policy: string | undefined;
  /** Which of the interface's `ipv6AccessConfigs` it is. */
  readonly place: number;
}

/** Where an interface was read. */
export const placeOf = ({ machineAt, place }: NetworkInterface): Source =>
  inside(inside(machineAt, "networkInterfaces"), place);

/** Where one of its external addresses was read. */
export const placeOfExternal = (nic: NetworkInterface, external: External | External6): Source =>
  inside(inside(placeOf(nic), "bits" in external ? "ipv6AccessConfigs" : "accessConfigs"), external.place);

export interface Owner {
  readonly path: string;
  readonly id: string;
  readonly project: string | undefined;
  readonly region: string | undefined;
}

/** Reads `networkInterfaces[]` of what was read `at` a place. */
export const readInterfaces = (
  list: unknown,
  owner: Owner,
  at: Source,
  pathIn: (link: string | undefined, project: string | undefined) => string,
): readonly NetworkInterface[] =>
  items(list).map((raw, index) => {
    const name = text(raw["name"]) ?? `nic${index}`;
    const v6 = text(raw["ipv6Address"]);
    const external6 = externals6(raw);
    return {
      id: owner.id + stepTo(name),
      cloud: "gcp",
      name,
      index: indexOf(name) ?? index,
      instance: owner.path,
      network: pathIn(text(raw["network"]), owner.project),
      subnetwork: text(raw["subnetwork"]) === undefined ? undefined : pathIn(text(raw["subnetwork"]), owner.project),
      region: owner.region,
      v4: text(raw["networkIP"]),
      aliases: aliasesOf(raw),
      external: externals(raw),
      v6: v6 !== undefined && external6.every(({ address }) => address !== v6) ? v6 : undefined,
      external6,
      machineAt: at,
      place: index,
    };
  });

/** One text for all machines. */
const stepTo = (name: string): string => (name === "nic0" ? "/nic0" : `/${name}`);

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
