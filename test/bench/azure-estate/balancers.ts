/** Load balancers, which lead ports of their own addresses to machines behind them. */
import { hex8, ipv4 } from "../estate/text.ts";
import { at, scramble } from "../random.ts";
import type { Thing } from "./answers.ts";
import { idOf, type Interface, interfaceAt, type Network, type Plan } from "./plan.ts";

/** How many interfaces of a network have a port of its balancer for themselves, and how many are in its pool. */
const perBalancer = 6;

const isBasic = ({ index }: Network): boolean => index % 10 === 6;
const hasBalancer = ({ index }: Network): boolean => index % 2 === 0;

const balancerId = (network: Network): string => idOf(network, "loadBalancers", `lb-${network.index}`);
const frontendId = (network: Network): string => `${balancerId(network)}/frontendIPConfigurations/front`;
const poolId = (network: Network): string => `${balancerId(network)}/backendAddressPools/pool`;
const natRuleId = (network: Network, index: number): string => `${balancerId(network)}/inboundNatRules/nat-${index}`;
const addressId = (network: Network): string => idOf(network, "publicIPAddresses", `lb-${network.index}-pip`);

/** The public address of a network's balancer. */
const frontOf = ({ index }: Network): string => ipv4(0x14f00000 + index * 257 + 9);

/** Whether an interface stands behind its network's balancer. A machine in a pool has no public address besides. */
const stands = (network: Network, { index, machine, name, configs }: Interface): boolean =>
  hasBalancer(network) &&
  machine !== undefined &&
  !name.endsWith("2") &&
  at(configs, 0).public === undefined &&
  scramble(index) % 16 === 3;

/** What an interface says of the balancer before it. */
export const balancedBy = (network: Network, nic: Interface): object =>
  stands(network, nic)
    ? {
        loadBalancerBackendAddressPools: [{ id: poolId(network) }],
        loadBalancerInboundNatRules: [{ id: natRuleId(network, nic.index) }],
      }
    : {};

/** The interfaces behind the balancers, by network. */
export const balanced = (outline: Plan): ReadonlyMap<Network, readonly Interface[]> => {
  const found = new Map<Network, Interface[]>();
  for (let index = 0; index < outline.interfaces; index++) {
    if (scramble(index) % 16 !== 3) continue;
    const nic = interfaceAt(outline, index);
    const { network } = nic.subnet;
    if (!stands(network, nic)) continue;
    const known = found.get(network);
    if (known === undefined) found.set(network, [nic]);
    else known.push(nic);
  }
  return found;
};

export const balancerThings = (
  network: Network,
  behind: readonly Interface[],
  configOf: (nic: Interface) => string,
): readonly Thing[] => {
  if (behind.length === 0) return [];
  const sku = { name: isBasic(network) ? "Basic" : "Standard", tier: "Regional" };
  const part = (id: string, properties: object): object => ({
    name: id.slice(id.lastIndexOf("/") + 1),
    id,
    properties: { provisioningState: "Succeeded", ...properties },
  });
  const frontend = { frontendIPConfiguration: { id: frontendId(network) } };
  return [
    {
      id: balancerId(network),
      type: "Microsoft.Network/loadBalancers",
      location: network.region,
      sku,
      properties: {
        resourceGuid: hex8(scramble(network.index)),
        frontendIPConfigurations: [
          part(frontendId(network), {
            privateIPAllocationMethod: "Dynamic",
            publicIPAddress: { id: addressId(network) },
            inboundNatRules: behind.map(({ index }) => ({ id: natRuleId(network, index) })),
          }),
        ],
        backendAddressPools: [
          part(poolId(network), { backendIPConfigurations: behind.map((nic) => ({ id: configOf(nic) })) }),
        ],
        loadBalancingRules: [
          part(`${balancerId(network)}/loadBalancingRules/web`, {
            ...frontend,
            frontendPort: 443,
            backendPort: 8443,
            protocol: "Tcp",
            enableFloatingIP: false,
            idleTimeoutInMinutes: 4,
            enableTcpReset: false,
            loadDistribution: "Default",
            backendAddressPool: { id: poolId(network) },
            backendAddressPools: [{ id: poolId(network) }],
            probe: { id: `${balancerId(network)}/probes/tcp` },
          }),
        ],
        probes: [
          part(`${balancerId(network)}/probes/tcp`, {
            protocol: "Tcp",
            port: 8443,
            intervalInSeconds: 15,
            numberOfProbes: 2,
            probeThreshold: 1,
          }),
        ],
        inboundNatRules: behind.map((nic, k) =>
          part(natRuleId(network, nic.index), {
            ...frontend,
            frontendPort: 50_000 + k,
            backendPort: k % perBalancer === 5 ? 3389 : 22,
            protocol: k % perBalancer === 4 ? "Udp" : "Tcp",
            enableFloatingIP: false,
            idleTimeoutInMinutes: 4,
            enableTcpReset: false,
            backendIPConfiguration: { id: configOf(nic) },
          }),
        ),
        outboundRules: [],
        inboundNatPools: [],
      },
    },
    {
      id: addressId(network),
      type: "Microsoft.Network/publicIPAddresses",
      location: network.region,
      sku,
      properties: {
        ipAddress: frontOf(network),
        publicIPAddressVersion: "IPv4",
        publicIPAllocationMethod: "Static",
        idleTimeoutInMinutes: 4,
        ipTags: [],
        ipConfiguration: { id: frontendId(network) },
      },
    },
  ];
};
