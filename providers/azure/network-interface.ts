import type { Interface } from "#model/inventory.ts";
import type { Source } from "#model/source.ts";
import { groupOf, keyOf, nameOf, subscriptionOf } from "./arm-id.ts";
import type { Fact } from "./facts.ts";
import type { Raw } from "./raw.ts";
import { member, memberItems, memberText, placeIn, refOf, refsOf } from "./raw.ts";

/** An interface, of which only what decides is kept: there are many, and they are large. */
export interface NetworkInterface {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly subscription: string | undefined;
  readonly group: string | undefined;
  readonly location: string | undefined;
  /** The machine that has it, by id; of a scale set's instance, that instance. */
  readonly machine: string | undefined;
  /** The network security group of the interface itself, by id. */
  readonly nsg: string | undefined;
  /** The first of the machine's interfaces. */
  readonly isPrimary: boolean;
  readonly configs: readonly IpConfig[];
  readonly at: Source;
}

/** One address of an interface, which has a public address, application groups and a subnet of its own. */
export interface IpConfig extends Interface {
  readonly key: string;
  readonly name: string;
  readonly nic: NetworkInterface;
  readonly family: 4 | 6;
  readonly isPrimary: boolean;
  /** The private address, or the block of them. */
  readonly address: string | undefined;
  readonly subnet: string | undefined;
  readonly publicAddress: string | undefined;
  /** Application security groups, load balancers' pools and rules, by id in lower case. */
  readonly groups: readonly string[];
  readonly pools: readonly string[];
  readonly natRules: readonly string[];
  readonly gatewayPools: readonly string[];
  readonly gatewayBalancer: string | undefined;
  readonly at: Source;
}

const NONE: readonly string[] = [];
const keysOf = (ids: readonly string[]): readonly string[] => (ids.length === 0 ? NONE : ids.map(keyOf));

export const readInterface = ({ id, raw, at }: Fact): NetworkInterface => {
  const configs: IpConfig[] = [];
  const nic: NetworkInterface = {
    id,
    key: keyOf(id),
    name: memberText(raw, "name") ?? nameOf(id),
    subscription: subscriptionOf(id),
    group: groupOf(id),
    location: memberText(raw, "location")?.toLowerCase(),
    machine: refOf(raw, "virtualMachine") ?? machineIn(id),
    nsg: refOf(raw, "networkSecurityGroup"),
    isPrimary: isFirst(raw),
    configs,
    at,
  };
  const list = memberItems(raw, "ipConfigurations");
  const where = placeIn(raw, at, "ipConfigurations");
  const inOrder = list
    .map((each, i) => [each, i] as const)
    .toSorted(([a], [b]) => Number(isFirst(b)) - Number(isFirst(a)) || (nameIn(a) < nameIn(b) ? -1 : 1));
  inOrder.forEach(([each, i], place) => {
    const name = memberText(each, "name") ?? `ipConfiguration ${i}`;
    const own = `${id}/ipConfigurations/${name}`;
    const address = memberText(each, "privateIPAddress") ?? memberText(each, "privateIpAddress");
    const version = memberText(each, "privateIPAddressVersion") ?? memberText(each, "privateIpAddressVersion");
    configs.push({
      id: list.length === 1 ? id : own,
      cloud: "azure",
      key: keyOf(own),
      name,
      nic,
      family: version?.toLowerCase() === "ipv6" || address?.includes(":") === true ? 6 : 4,
      isPrimary: place === 0,
      address,
      subnet: refOf(each, "subnet"),
      publicAddress: refOf(each, "publicIPAddress") ?? refOf(each, "publicIpAddress"),
      groups: keysOf(refsOf(each, "applicationSecurityGroups")),
      pools: keysOf(refsOf(each, "loadBalancerBackendAddressPools")),
      natRules: keysOf(refsOf(each, "loadBalancerInboundNatRules")),
      gatewayPools: keysOf(refsOf(each, "applicationGatewayBackendAddressPools")),
      gatewayBalancer: refOf(each, "gatewayLoadBalancer"),
      at: { file: where.file, pointer: `${where.pointer}/${i}` },
    });
  });
  return nic;
};

const isFirst = (of: Raw): boolean => member(of, "primary") === true;
const nameIn = (config: Raw): string => memberText(config, "name") ?? "";

/** The instance that an interface of a uniform scale set is of, which its id tells. */
const machineIn = (id: string): string | undefined =>
  /^(.*\/virtualMachineScaleSets\/[^/]+\/virtualMachines\/[^/]+)\/networkInterfaces\//i.exec(id)?.[1];

/** Interfaces that a service of the cloud keeps for itself, and that no machine has. */
export const isForeign = (raw: Fact["raw"]): boolean =>
  member(raw, "privateEndpoint") !== undefined || member(raw, "privateLinkService") !== undefined;
