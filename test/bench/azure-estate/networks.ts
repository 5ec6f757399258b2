/** Networks with their subnets and peerings, application groups, gateways, and route tables. */
import { block4, ipv4, publicBlock4 } from "../estate/text.ts";
import { several } from "../gcp-estate/rules.ts";
import { at, type Random, random } from "../random.ts";
import type { Thing } from "./answers.ts";
import { groupId, idOf, type Network, networkId, type Plan, type Subnet, subnetId } from "./plan.ts";

export const networkThing = (outline: Plan, network: Network): Thing => {
  const id = networkId(network);
  const { index, space, ipv6, subnets, region, hasGateway } = network;
  return {
    id,
    type: "Microsoft.Network/virtualNetworks",
    location: region,
    properties: {
      addressSpace: { addressPrefixes: [...space, ...(ipv6 === undefined ? [] : [`${ipv6}::/48`])] },
      subnets: [
        ...subnets.map((subnet) => subnetAnswer(outline, subnet)),
        ...(hasGateway ? [gatewaySubnet(network)] : []),
      ],
      virtualNetworkPeerings: peeringsOf(outline, network),
      enableDdosProtection: false,
      privateEndpointVNetPolicies: "Disabled",
      resourceGuid: `${index}`,
    },
  };
};

const subnetAnswer = (outline: Plan, subnet: Subnet): object => {
  const { name, start, network, securityGroup, routeTable } = subnet;
  const [v4, v6] = [block4(start, 20), `${network.ipv6}:${(subnet.index % 5).toString(16)}::/64`];
  return {
    name,
    id: subnetId(subnet),
    type: "Microsoft.Network/virtualNetworks/subnets",
    properties: {
      provisioningState: "Succeeded",
      ...(network.ipv6 === undefined ? { addressPrefix: v4 } : { addressPrefixes: [v4, v6] }),
      ...(securityGroup === undefined ? {} : { networkSecurityGroup: { id: groupId(outline, securityGroup) } }),
      ...(routeTable === undefined ? {} : { routeTable: { id: tableId(network, routeTable) } }),
      ipConfigurations: [],
      delegations: [],
      privateEndpointNetworkPolicies: "Disabled",
      privateLinkServiceNetworkPolicies: "Enabled",
    },
  };
};

const gatewaySubnet = (network: Network): object => ({
  name: "GatewaySubnet",
  id: `${networkId(network)}/subnets/GatewaySubnet`,
  type: "Microsoft.Network/virtualNetworks/subnets",
  properties: {
    provisioningState: "Succeeded",
    addressPrefix: `10.${network.index}.255.0/27`,
    ipConfigurations: [{ id: `${gatewayId(network)}/ipConfigurations/default` }],
    delegations: [],
  },
});

const gatewayId = (network: Network): string => idOf(network, "virtualNetworkGateways", `ergw-${network.index}`);

export const gatewayThing = (network: Network): Thing => ({
  id: gatewayId(network),
  type: "Microsoft.Network/virtualNetworkGateways",
  location: network.region,
  properties: {
    gatewayType: "ExpressRoute",
    vpnType: "RouteBased",
    enableBgp: false,
    ipConfigurations: [
      {
        name: "default",
        id: `${gatewayId(network)}/ipConfigurations/default`,
        properties: { subnet: { id: `${networkId(network)}/subnets/GatewaySubnet` } },
      },
    ],
    sku: { name: "ErGw1AZ", tier: "ErGw1AZ" },
  },
});

/** The hub of each subscription is joined to its spokes, not all of them well; some use the gateway of the hub. */
const peeringsOf = ({ subscriptions }: Plan, network: Network): readonly object[] => {
  const own = subscriptions.find(({ id }) => id === network.subscription)?.networks ?? [];
  const [hub, ...spokes] = own;
  if (hub === undefined) return [];
  return (network === hub ? spokes : [hub]).map((other) => {
    const spoke = network === hub ? other : network;
    const isLive = spoke.index % 11 !== 7;
    const name = `to-${other.name}`;
    const space = { addressPrefixes: [...other.space, ...(other.ipv6 === undefined ? [] : [`${other.ipv6}::/48`])] };
    return {
      name,
      id: `${networkId(network)}/virtualNetworkPeerings/${name}`,
      type: "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
      properties: {
        provisioningState: "Succeeded",
        peeringState: isLive ? "Connected" : network === hub ? "Initiated" : "Disconnected",
        peeringSyncLevel: "FullyInSync",
        allowVirtualNetworkAccess: spoke.index % 5 !== 3,
        allowForwardedTraffic: true,
        allowGatewayTransit: network === hub && hub.hasGateway,
        useRemoteGateways: network === spoke && usesGateway(spoke, hub),
        doNotVerifyRemoteGateways: false,
        peerCompleteVnets: true,
        remoteVirtualNetwork: { id: networkId(other) },
        remoteAddressSpace: space,
        remoteVirtualNetworkAddressSpace: space,
      },
    };
  });
};

const usesGateway = (spoke: Network, hub: Network): boolean => hub.hasGateway && spoke.index % 12 === 5;

export const applicationGroupThings = (network: Network): readonly Thing[] =>
  network.applicationGroups.map((name) => ({
    id: idOf(network, "applicationSecurityGroups", name),
    type: "Microsoft.Network/applicationSecurityGroups",
    location: network.region,
    properties: { resourceGuid: name },
  }));

const tableId = (network: Network, table: number): string => idOf(network, "routeTables", `rt-${table}`);

/** Both tables of a network: into an appliance with ways around it, or a few routes beside those of the system. */
export const tableThings = (outline: Plan, network: Network, form: (thing: Thing) => object): readonly Thing[] =>
  [0, 1].map((k) => {
    const table = 2 * network.index + k;
    const r = random(outline.seed, "azure routes", table);
    const id = tableId(network, table);
    return {
      id,
      type: "Microsoft.Network/routeTables",
      location: network.region,
      properties: {
        // Whether a table that learns nothing from a gateway changes whom VirtualNetwork means is not documented.
        disableBgpRoutePropagation: !behindGateway(network) && r.chance(0.6),
        routes: routesOf(r).map(([name, addressPrefix, nextHopType, nextHopIpAddress]) =>
          form({
            id: `${id}/routes/${name}`,
            type: "Microsoft.Network/routeTables/routes",
            properties: {
              addressPrefix,
              nextHopType,
              hasBgpOverride: false,
              ...(nextHopIpAddress === undefined ? {} : { nextHopIpAddress }),
            },
          }),
        ),
        subnets: network.subnets
          .filter(({ routeTable }) => routeTable === table)
          .map((each) => ({ id: subnetId(each) })),
      },
    };
  });

const behindGateway = ({ index, hasGateway }: Network): boolean => hasGateway || index % 12 === 5;

type Route = readonly [name: string, prefix: string, type: string, address?: string];

const routesOf = (r: Random): readonly Route[] => {
  const appliance = ipv4(10 * 2 ** 24 + r.int(4, 9));
  const broad = `${r.pick([8, 24, 62, 93, 151, 185])}.0.0.0/8`;
  const offices = several(r, 8, () => publicBlock4(r));
  const office = at(offices, 0).replace(/\/.*/, "");
  const back: readonly Route[] = [
    ["back-broad", broad, "Internet"],
    ...offices.map((each, k): Route => [`office-${k}`, each, "Internet"]),
    ["one-client", `${office.replace(/\d+$/, "9")}/32`, "Internet"],
  ];
  const away: readonly Route[] = [
    ["drop", broad.replace("0.0.0/8", "64.0.0/12"), "None"],
    ...several(r, 3, () => publicBlock4(r)).map((each, k): Route => [`drop-${k}`, each, "None"]),
    ["partner", publicBlock4(r), "VirtualAppliance", appliance],
    ["campus", "192.168.0.0/16", "VirtualNetworkGateway"],
  ];
  switch (r.int(0, 9)) {
    case 0:
      return [["default", "0.0.0.0/0", "Internet"], ...away];
    case 1:
      return [
        ["default", "0.0.0.0/0", "None"],
        ["back-broad", broad, "Internet"],
      ];
    case 2:
    case 3:
    case 4:
      return [
        ["default", "0.0.0.0/0", "VirtualAppliance", appliance],
        ...(r.chance(0.4) ? [["default-v6", "::/0", "None"] as const] : []),
        ...back,
        ...away,
      ];
    default:
      return [
        ...away,
        ...(r.chance(0.4) ? [["storage", "Storage.WestEurope", "VirtualAppliance", appliance] as const] : []),
      ];
  }
};
