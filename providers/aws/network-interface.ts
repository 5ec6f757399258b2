import type { Interface } from "#model/inventory.ts";
import type { Source } from "#model/source.ts";
import type { Raw } from "./raw.ts";
import { isRaw, items, number, raw, regionOf, text } from "./raw.ts";

/** A private IPv4 address and the public one that the internet gateway translates to it, if there is one. */
export interface PrivateAddress {
  readonly private: string;
  readonly public: string | undefined;
  /** The elastic IP that the public address is, if the interface says so. */
  readonly allocation?: string;
  /** In a Wavelength zone: the address in the carrier's network. */
  readonly carrier?: string;
}

/** A network interface: where it is, what it answers to, and what filters it. */
export interface NetworkInterface extends Interface {
  readonly name: string | undefined;
  readonly type: string;
  readonly vpc: string | undefined;
  readonly subnet: string | undefined;
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly groups: Groups;
  readonly status: string | undefined;
  readonly attachment: string | undefined;
  readonly instance: string | undefined;
  readonly device: number;
  /** The network card that it is at, where a machine has several: each counts its devices from 0. */
  readonly card?: number;
  readonly v4: readonly PrivateAddress[];
  readonly v4Prefixes: readonly string[];
  readonly v6: readonly string[];
  readonly v6Prefixes: readonly string[];
  readonly refusesGateways: boolean;
  /** The load balancer whose node it is, as it describes itself: `net/front/0123456789abcdef`, or a classic one's name. */
  readonly serves?: string;
  /** The reading that it comes from. */
  readonly read: object;
  readonly at: Source;
}

/** Security groups of an interface. Interfaces with the same groups share one value. */
export interface Groups {
  readonly key: string;
  readonly ids: readonly string[];
}

const NONE: readonly never[] = [];

/** Reads interfaces of `NetworkInterfaces[]`, and those inside instances, which have fewer members. */
export const interfaceReader = (
  read: object,
): ((item: Raw, owner: string | undefined, zone: string | undefined, at: Source) => NetworkInterface | undefined) => {
  const shared = new Map<string, Groups>();
  const regions = new Map<string, string | undefined>();

  const groupsOf = (list: readonly Raw[]): Groups => {
    const ids: string[] = [];
    for (const group of list) {
      const id = text(group["GroupId"]);
      if (id !== undefined) ids.push(id);
    }
    const key = ids.length > 1 ? ids.toSorted().join(",") : (ids[0] ?? "");
    const known = shared.get(key);
    if (known !== undefined) return known;
    const groups = { key, ids: key === "" ? NONE : key.split(",") };
    shared.set(key, groups);
    return groups;
  };
  const region = (zone: string | undefined): string | undefined => {
    if (zone === undefined) return undefined;
    if (!regions.has(zone)) regions.set(zone, regionOf(zone));
    return regions.get(zone);
  };

  return (item, owner, zone, at) => {
    const id = text(item["NetworkInterfaceId"]);
    if (id === undefined) return undefined;
    const attachment = raw(item["Attachment"]);
    const card = number(attachment["NetworkCardIndex"]);
    const serves =
      item["RequesterManaged"] === false ? undefined : text(item["Description"])?.match(/^ELB (\S+)$/)?.[1];
    return {
      id,
      cloud: "aws",
      name: nameOfInterface(item),
      type: text(item["InterfaceType"]) ?? "interface",
      vpc: text(item["VpcId"]),
      subnet: text(item["SubnetId"]),
      account: text(item["OwnerId"]) ?? owner,
      region: region(text(item["AvailabilityZone"]) ?? zone),
      groups: groupsOf(items(item["Groups"])),
      status: text(item["Status"]),
      attachment: text(attachment["Status"]),
      instance: text(attachment["InstanceId"]),
      device: number(attachment["DeviceIndex"]) ?? 0,
      ...(card === undefined || card === 0 ? {} : { card }),
      v4: privateAddresses(item),
      v4Prefixes: each(item["Ipv4Prefixes"], "Ipv4Prefix"),
      v6: each(item["Ipv6Addresses"], "Ipv6Address"),
      v6Prefixes: each(item["Ipv6Prefixes"], "Ipv6Prefix"),
      refusesGateways: item["DenyAllIgwTraffic"] === true,
      ...(serves === undefined ? {} : { serves }),
      read,
      at,
    };
  };
};

const nameOfInterface = (item: Raw): string | undefined => {
  const tags = items(item["TagSet"] ?? item["Tags"]);
  return text(tags.find((tag) => tag["Key"] === "Name")?.["Value"]) ?? text(item["Description"]);
};

const each = (list: unknown, member: string): readonly string[] =>
  Array.isArray(list) && list.length > 0
    ? list.flatMap((item) => (isRaw(item) ? (text(item[member]) ?? []) : []))
    : NONE;

const address = (own: string, association: Raw): PrivateAddress => {
  const carrier = text(association["CarrierIp"]);
  const allocation = text(association["AllocationId"]);
  const known = {
    private: own,
    public: text(association["PublicIp"]),
    ...(allocation === undefined ? {} : { allocation }),
  };
  return carrier === undefined ? known : { ...known, carrier };
};

/** Every private IPv4 address of the interface, not only the primary one. */
const privateAddresses = (item: Raw): readonly PrivateAddress[] => {
  const listed = items(item["PrivateIpAddresses"]);
  const primary = text(item["PrivateIpAddress"]);
  if (listed.length === 0) return primary === undefined ? NONE : [address(primary, raw(item["Association"]))];
  return listed.flatMap((each) => {
    const own = text(each["PrivateIpAddress"]);
    if (own === undefined) return [];
    const association = isRaw(each["Association"]) || own !== primary ? each["Association"] : item["Association"];
    return [address(own, raw(association))];
  });
};
