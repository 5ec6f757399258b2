import { parsePrefix } from "#packets/address.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, clients, isEmpty, meets, minus, nothing } from "#packets/set.ts";
import type { Fact } from "./facts.ts";
import type { Judges } from "./judges.ts";
import type { Groups, NetworkInterface } from "./network-interface.ts";
import { items, raw, text } from "./raw.ts";
import { addressesOf } from "./security-group.ts";

/** Clients in one subnet whose packets meet the same gates: those of interfaces with the same groups, or of none known. */
export interface Neighbours {
  readonly from: PacketSet;
  readonly subnet: string | undefined;
  readonly groups: Groups | undefined;
  readonly one: NetworkInterface | undefined;
}

export type Places = ReadonlyMap<string, readonly Fact[]>;

export const subnetsByVpc = ({ facts }: Judges): Places => {
  const found = new Map<string, Fact[]>();
  for (const fact of facts.things.Subnets.values()) {
    const vpc = text(fact.raw["VpcId"]) ?? "";
    found.set(vpc, [...(found.get(vpc) ?? []), fact]);
  }
  return found;
};

export const under = (cidr: string | undefined): PacketSet => {
  const prefix = parsePrefix(cidr ?? "");
  return prefix === undefined ? nothing : clients(prefix);
};

const subnetClients = ({ raw: subnet }: Fact): PacketSet =>
  anyOf([
    under(text(subnet["CidrBlock"])),
    ...items(subnet["Ipv6CidrBlockAssociationSet"]).map((each) => under(text(each["Ipv6CidrBlock"]))),
  ]);

export const vpcClients = ({ raw: vpc }: Fact): PacketSet =>
  anyOf([
    under(text(vpc["CidrBlock"])),
    ...items(vpc["CidrBlockAssociationSet"])
      .filter((each) => isAssociated(each["CidrBlockState"]))
      .map((each) => under(text(each["CidrBlock"]))),
    ...items(vpc["Ipv6CidrBlockAssociationSet"])
      .filter((each) => isAssociated(each["Ipv6CidrBlockState"]))
      .map((each) => under(text(each["Ipv6CidrBlock"]))),
  ]);

const isAssociated = (state: unknown): boolean =>
  !["disassociated", "failed"].includes(text(raw(state)["State"]) ?? "");

/**
 * Everybody asked about in a VPC, by what their packets meet before they leave their own subnet. The machine itself is
 * nobody's client: its own groups are not held against it.
 */
export const neighbours = (
  judge: Judges,
  places: Places,
  asked: PacketSet,
  vpc: string,
  all: PacketSet,
  self: string,
): readonly Neighbours[] => {
  const subnets = (places.get(vpc) ?? []).filter((subnet) => meets(subnetClients(subnet), asked));
  const known = subnets.toSorted(bySubnetId).flatMap((subnet): readonly Neighbours[] => {
    const id = text(subnet.raw["SubnetId"]) ?? "";
    const here = and(subnetClients(subnet), asked);
    const byGroups = Map.groupBy(
      interfacesIn(judge, id).filter((each) => each.id !== self),
      (each) => each.groups,
    );
    const carriers = [...byGroups]
      .toSorted(([a], [b]) => (a.key < b.key ? -1 : 1))
      .flatMap(([groups, those]): readonly Neighbours[] => {
        const from = and(here, anyOf(those.flatMap(addressesOf).map(under)));
        return isEmpty(from)
          ? []
          : [{ from, subnet: id, groups: groups.key === "" ? undefined : groups, one: those[0] }];
      });
    const others = minus(here, anyOf(carriers.map((each) => each.from)));
    return isEmpty(others) ? carriers : [...carriers, { from: others, subnet: id, groups: undefined, one: undefined }];
  });
  const elsewhere = minus(and(all, asked), anyOf(known.map((each) => each.from)));
  return isEmpty(elsewhere)
    ? known
    : [...known, { from: elsewhere, subnet: undefined, groups: undefined, one: undefined }];
};

const bySubnetId = (a: Fact, b: Fact): number =>
  (text(a.raw["SubnetId"]) ?? "") < (text(b.raw["SubnetId"]) ?? "") ? -1 : 1;

const bySubnet = new WeakMap<object, Map<string, NetworkInterface[]>>();

const interfacesIn = ({ facts }: Judges, subnet: string): readonly NetworkInterface[] => {
  const known = bySubnet.get(facts) ?? new Map<string, NetworkInterface[]>();
  if (!bySubnet.has(facts)) {
    for (const each of facts.interfaces.values()) {
      const list = known.get(each.subnet ?? "");
      if (list === undefined) known.set(each.subnet ?? "", [each]);
      else list.push(each);
    }
    bySubnet.set(facts, known);
  }
  return known.get(subnet) ?? [];
};
