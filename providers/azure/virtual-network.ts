import type { Gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import type { PacketSet } from "#packets/set.ts";
import { anyOf, isEmpty } from "#packets/set.ts";
import { underAny } from "./address.ts";
import { keyOf, nameOf, ownerOf } from "./arm-id.ts";
import type { Fact, Facts } from "./facts.ts";
import { find, gapFor } from "./facts.ts";
import type { Raw } from "./raw.ts";
import {
  isRaw,
  member,
  memberItems,
  memberRaw,
  memberText,
  placeIn,
  refOf,
  refsOf,
  text,
  texts,
  united,
} from "./raw.ts";

/** A subnet: whose rules and routes hold in it. */
export interface Subnet {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly vnet: string;
  readonly nsg: string | undefined;
  readonly table: string | undefined;
  readonly prefixes: readonly string[];
  /** Services that run in it by delegation, in lower case. */
  readonly delegations: readonly string[];
  /** Something has an address in it. */
  readonly isUsed: boolean;
  readonly at: Source;
}

/** A network: its space, and what it is joined to. */
export interface VirtualNetwork {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly fact: Fact;
  readonly space: PacketSet;
  readonly prefixes: readonly string[];
  readonly subnets: readonly Subnet[];
  readonly peerings: readonly Peering[];
}

export interface Peering {
  readonly id: string;
  readonly name: string;
  /** The other network, by id. */
  readonly remote: string;
  readonly state: string;
  /** Whether the other's addresses are in the tag VirtualNetwork. */
  readonly isAccess: boolean;
  readonly isComplete: boolean;
  readonly localSubnets: readonly string[];
  readonly remoteSubnets: readonly string[];
  readonly onlyV6: boolean;
  readonly usesRemoteGateways: boolean;
  /** The other's space as it was when the two were joined. */
  readonly prefixes: readonly string[];
  readonly at: Source;
}

export interface Networks {
  /** The network of a subnet, or why it is not known. */
  ofSubnet(subnet: string, by: string, at: Source): KnownSubnet | Gap;
  get(vnet: string): VirtualNetwork | undefined;
  readonly all: Iterable<VirtualNetwork>;
}

export interface KnownSubnet {
  readonly subnet: Subnet;
  /** Undefined where the subnet was described by itself. */
  readonly network: VirtualNetwork | undefined;
}

export const networks = (facts: Facts): Networks => {
  const byKey = new Map<string, VirtualNetwork>();
  for (const fact of facts.things.virtualNetworks.values()) byKey.set(keyOf(fact.id), networkOf(fact));
  const subnets = new Map<string, KnownSubnet>();
  for (const { id, raw, at } of facts.things.subnets.values())
    subnets.set(keyOf(id), { subnet: subnetOf(raw, at, ownerOf(id)), network: byKey.get(keyOf(ownerOf(id))) });
  // Every network has a space: without it nothing is known of who is inside.
  for (const network of byKey.values())
    for (const subnet of network.subnets)
      subnets.set(subnet.key, { subnet, network: isEmpty(network.space) ? undefined : network });
  return {
    all: byKey.values(),
    get: (vnet) => byKey.get(keyOf(vnet)),
    ofSubnet: (id, by, at) => {
      const contradiction = facts.contradictions.get(keyOf(ownerOf(id))) ?? facts.contradictions.get(keyOf(id));
      const found = subnets.get(keyOf(id));
      if (contradiction !== undefined) return contradiction;
      if (found !== undefined) return found;
      const network = find(facts, "virtualNetworks", ownerOf(id), by, at);
      return network.is === "gap"
        ? network.gap
        : gapFor(facts, "virtualNetworks", `subnet ${nameOf(id)}`, undefined, at);
    },
  };
};

const networkOf = (fact: Fact): VirtualNetwork => {
  const { id, raw, at } = fact;
  const where = placeIn(raw, at, "subnets");
  const joined = placeIn(raw, at, "virtualNetworkPeerings");
  const prefixes = texts(memberRaw(raw, "addressSpace")?.["addressPrefixes"]);
  return {
    id,
    key: keyOf(id),
    name: memberText(raw, "name") ?? nameOf(id),
    fact,
    space: underAny(prefixes),
    prefixes,
    subnets: memberItems(raw, "subnets").map((each, i) =>
      subnetOf(each, { file: where.file, pointer: `${where.pointer}/${i}` }, id),
    ),
    peerings: memberItems(raw, "virtualNetworkPeerings").map((each, i) =>
      peeringOf(each, { file: joined.file, pointer: `${joined.pointer}/${i}` }, id),
    ),
  };
};

const subnetOf = (raw: Raw, at: Source, vnet: string): Subnet => {
  const name = memberText(raw, "name") ?? nameOf(text(raw["id"]) ?? "");
  const id = text(raw["id"]) ?? `${vnet}/subnets/${name}`;
  return {
    id,
    key: keyOf(`${vnet}/subnets/${name}`),
    name,
    vnet,
    nsg: refOf(raw, "networkSecurityGroup"),
    table: refOf(raw, "routeTable"),
    prefixes: [...new Set(united(raw, "addressPrefix", "addressPrefixes"))],
    delegations: memberItems(raw, "delegations").map((each) => keyOf(memberText(each, "serviceName"))),
    isUsed: refsOf(raw, "ipConfigurations").length > 0,
    at,
  };
};

const peeringOf = (raw: Raw, at: Source, vnet: string): Peering => {
  const name = memberText(raw, "name") ?? "";
  const own = raw["properties"];
  const flag = (member: string, absent: boolean): boolean => {
    const value = raw[member] ?? (isRaw(own) ? own[member] : undefined);
    return typeof value === "boolean" ? value : absent;
  };
  const spaces = ["remoteAddressSpace", "remoteVirtualNetworkAddressSpace"].map((member) =>
    texts(memberRaw(raw, member)?.["addressPrefixes"]),
  );
  return {
    id: text(raw["id"]) ?? `${vnet}/virtualNetworkPeerings/${name}`,
    name,
    remote: refOf(raw, "remoteVirtualNetwork") ?? "",
    state: memberText(raw, "peeringState") ?? "in no known state",
    isAccess: flag("allowVirtualNetworkAccess", true),
    isComplete: flag("peerCompleteVnets", true),
    localSubnets: texts(member(raw, "localSubnetNames")),
    remoteSubnets: texts(member(raw, "remoteSubnetNames")),
    onlyV6: flag("enableOnlyIPv6Peering", false),
    usesRemoteGateways: flag("useRemoteGateways", false),
    // What is joined is what was there when the two last agreed (azure.md A9).
    prefixes: spaces.find((each) => each.length > 0) ?? [],
    at,
  };
};

/** Addresses on the other side of a peering, as this side knows them. */
export const peered = (those: Networks, { remote, prefixes }: Peering): PacketSet => {
  const told = underAny(prefixes);
  return prefixes.length > 0 ? told : (those.get(remote)?.space ?? anyOf([]));
};

export const isConnected = ({ state }: Peering): boolean => state.toLowerCase() === "connected";
