import type { PacketSet } from "#packets/set.ts";
import { anyOf, clients, nothing } from "#packets/set.ts";
import { rangeOf } from "./client.ts";
import type { Facts } from "./facts.ts";
import { networkOf, pathOf } from "./link.ts";
import type { Raw } from "./raw.ts";
import { items, text } from "./raw.ts";
import type { Routes } from "./route.ts";

/** A network that shares its subnets with another. */
export interface Peering {
  readonly name: string;
  readonly network: string;
  readonly state: string;
  readonly carriesV6: boolean;
  readonly importsPublic: boolean;
  readonly raw: Raw;
  readonly pointer: string;
}

/** What is inside networks, by their subnets and by the routes to them. */
export interface Networks {
  /** Every address that a machine in the network may have. */
  inside(network: string): PacketSet;
  /** Addresses inside the other networks that were read. */
  elsewhere(network: string): PacketSet;
  peerings(network: string): readonly Peering[];
  /** Who is inside a peered network, as far as this one knows. */
  peered(network: string, peering: Peering): PacketSet;
}

export const networks = (facts: Facts, table: Routes): Networks => {
  const own = new Map<string, PacketSet[]>();
  for (const { path, raw } of facts.things.subnetworks.values()) {
    const network = networkOf(text(raw["network"]), path);
    const purpose = text(raw["purpose"]) ?? "PRIVATE";
    if (purpose !== "PRIVATE" && purpose !== "PRIVATE_RFC_1918") continue;
    own.set(network, [...(own.get(network) ?? []), anyOf(rangesOf(raw).map(under))]);
  }
  const known = new Map<string, PacketSet>();
  const inside = (network: string): PacketSet => {
    const before = known.get(network);
    if (before !== undefined) return before;
    const routed = table.of(network).filter(({ hop }) => hop.kind === "subnet");
    const legacy = text(facts.things.networks.get(network)?.raw["IPv4Range"]);
    const made = anyOf([
      ...(own.get(network) ?? []),
      ...routed.map((route) => under(route.destination)),
      under(legacy),
    ]);
    known.set(network, made);
    return made;
  };
  return {
    inside,
    elsewhere: (network) => anyOf([...own.keys()].filter((other) => other !== network).map(inside)),
    peerings: (network) => {
      const fact = facts.things.networks.get(network);
      return items(fact?.raw["peerings"]).map((raw, i) => ({
        name: text(raw["name"]) ?? `peering ${i}`,
        network: pathOf(text(raw["network"])),
        state: text(raw["state"]) ?? "in no known state",
        carriesV6: text(raw["stackType"]) === "IPV4_IPV6",
        importsPublic: raw["importSubnetRoutesWithPublicIp"] === true,
        raw,
        pointer: `peerings/${i}`,
      }));
    },
    peered: (network, { name, network: other }) =>
      anyOf([
        inside(other),
        ...table
          .of(network)
          .filter(({ hop }) => hop.kind === "peering" && hop.id === name)
          .map((route) => under(route.destination)),
      ]),
  };
};

const under = (range: string | undefined): PacketSet => {
  const prefix = range === undefined ? undefined : rangeOf(range);
  return prefix === undefined ? nothing : clients(prefix);
};

const rangesOf = (raw: Raw): readonly (string | undefined)[] => [
  text(raw["ipCidrRange"]),
  text(raw["ipv6CidrRange"]),
  text(raw["externalIpv6Prefix"]),
  text(raw["internalIpv6Prefix"]),
  ...items(raw["secondaryIpRanges"]).map((each) => text(each["ipCidrRange"])),
];
