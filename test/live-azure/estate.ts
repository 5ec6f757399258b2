/** A small world in the shapes of Azure Resource Manager: a shop behind a hub, and subscriptions in which nothing is. */

export type Body = Readonly<Record<string, unknown>>;

export interface Subscription {
  readonly id: string;
  readonly name: string;
  /** Namespaces that are switched on. */
  readonly registered: readonly string[];
  /** What the cloud says to whatever is asked of it, where it is closed. */
  readonly closed?: { readonly status: number; readonly code: string };
  /** All that is in it, by ids. */
  readonly things: readonly Body[];
  /** Whatever is asked for by an address of its own, by method and path. */
  readonly answers: Readonly<Record<string, Body>>;
}

export interface Estate {
  readonly subscriptions: readonly Subscription[];
  /** What Resource Graph has, by subscription. */
  readonly rows: Readonly<Record<string, readonly Body[]>>;
}

export const shop = "11111111-aaaa-4bbb-8ccc-000000000001";
export const net = "11111111-aaaa-4bbb-8ccc-000000000002";
export const empty = "11111111-aaaa-4bbb-8ccc-000000000003";
export const closed = "11111111-aaaa-4bbb-8ccc-000000000004";

const under = (subscription: string, group: string, type: string, name: string): string =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/${type}/${name}`;

interface Told {
  readonly location?: string;
  readonly [member: string]: unknown;
}

/** A thing with its properties; `besides` is what stands next to them. */
const thing = (
  subscription: string,
  group: string,
  type: string,
  name: string,
  properties: Told,
  besides: Body = {},
): Body => {
  const { location = "westeurope", ...rest } = properties;
  return {
    name: name.split("/").at(-1),
    id: under(subscription, group, type, name),
    etag: 'W/"8a2b0c1d"',
    type: type + "/" + name.split("/").slice(1, -1).join("/"),
    location,
    ...besides,
    properties: { provisioningState: "Succeeded", ...rest },
  };
};
const plainType = (body: Body): Body => ({ ...body, type: String(body["type"]).replace(/\/$/, "") });
const at = (...words: Parameters<typeof thing>): Body => plainType(thing(...words));

const network = "Microsoft.Network";
const compute = "Microsoft.Compute";
const ref = (id: string): Body => ({ id });

const depot = under(shop, "shop-rg", `${network}/virtualNetworks`, "depot");
const hub = under(net, "hub-rg", `${network}/virtualNetworks`, "hub");
const webList = under(shop, "shop-rg", `${network}/networkSecurityGroups`, "web-nsg");
const table = under(shop, "shop-rg", `${network}/routeTables`, "through-the-wall");
const nics = ["web-1-nic", "web-2-nic", "stopped-nic"] as const;
const nicId = (name: string): string => under(shop, "shop-rg", `${network}/networkInterfaces`, name);
const machineId = (name: string): string => under(shop, "shop-rg", `${compute}/virtualMachines`, name);
const setId = under(shop, "shop-rg", `${compute}/virtualMachineScaleSets`, "workers");

const rule = (name: string, priority: number, more: Body): Body => ({
  name,
  id: `${webList}/securityRules/${name}`,
  etag: 'W/"8a2b0c1d"',
  type: `${network}/networkSecurityGroups/securityRules`,
  properties: {
    provisioningState: "Succeeded",
    protocol: "Tcp",
    sourcePortRange: "*",
    sourceAddressPrefix: "*",
    destinationAddressPrefix: "*",
    access: "Allow",
    priority,
    direction: "Inbound",
    sourcePortRanges: [],
    destinationPortRanges: [],
    sourceAddressPrefixes: [],
    destinationAddressPrefixes: [],
    ...more,
  },
});

const machine = (name: string, nic: string, group = "shop-rg"): Body =>
  at(
    shop,
    group,
    `${compute}/virtualMachines`,
    name,
    {
      vmId: "b1a6-web",
      hardwareProfile: { vmSize: "Standard_B1s" },
      storageProfile: { imageReference: { publisher: "Debian", offer: "debian-12" } },
      osProfile: {
        computerName: name,
        adminUsername: "harbour",
        linuxConfiguration: { ssh: { publicKeys: [{ path: "/home/harbour", keyData: "ssh-ed25519 AAAA ann" }] } },
        secrets: [],
        customData: "aHVudGVyMg-hunter2",
      },
      userData: "hunter2-user-data",
      networkProfile: { networkInterfaces: [{ id: nicId(nic), properties: { primary: true } }] },
    },
    {
      tags: { owner: "shop" },
      resources: [
        {
          name: "setup",
          id: `${machineId(name)}/extensions/setup`,
          type: `${compute}/virtualMachines/extensions`,
          location: "westeurope",
          properties: { publisher: "Microsoft.Azure.Extensions", settings: { commandToExecute: "echo hunter2" } },
        },
      ],
    },
  );

const nic = (name: string, vm: string, subnet: string, address: string, more: Body = {}): Body =>
  at(
    shop,
    "shop-rg",
    `${network}/networkInterfaces`,
    name,
    {
      ipConfigurations: [
        {
          name: "ipconfig1",
          id: `${nicId(name)}/ipConfigurations/ipconfig1`,
          etag: 'W/"8a2b0c1d"',
          type: `${network}/networkInterfaces/ipConfigurations`,
          properties: {
            provisioningState: "Succeeded",
            privateIPAddress: address,
            privateIPAllocationMethod: "Dynamic",
            privateIPAddressVersion: "IPv4",
            primary: true,
            subnet: ref(`${depot}/subnets/${subnet}`),
            ...more,
          },
        },
      ],
      dnsSettings: { dnsServers: [], appliedDnsServers: [] },
      enableAcceleratedNetworking: false,
      enableIPForwarding: false,
      primary: true,
      virtualMachine: ref(machineId(vm)),
      // A member that no code of today knows.
      postQuantumGrade: "gold",
    },
    { kind: "Regular" },
  );

const subnet = (within: string, name: string, prefix: string, more: Body = {}): Body => ({
  name,
  id: `${within}/subnets/${name}`,
  etag: 'W/"8a2b0c1d"',
  type: `${network}/virtualNetworks/subnets`,
  properties: {
    provisioningState: "Succeeded",
    addressPrefix: prefix,
    delegations: [],
    privateEndpointNetworkPolicies: "Disabled",
    privateLinkServiceNetworkPolicies: "Enabled",
    ...more,
  },
});

const publicAddress = (subscription: string, group: string, name: string, ipAddress: string): Body =>
  at(
    subscription,
    group,
    `${network}/publicIPAddresses`,
    name,
    {
      ipAddress,
      publicIPAddressVersion: "IPv4",
      publicIPAllocationMethod: "Static",
      idleTimeoutInMinutes: 4,
      ipTags: [],
    },
    { sku: { name: "Standard", tier: "Regional" } },
  );

const gatewayId = under(net, "hub-rg", `${network}/virtualNetworkGateways`, "branch-gw");
const policyId = under(net, "hub-rg", `${network}/firewallPolicies`, "core-policy");

const shopThings: readonly Body[] = [
  machine("web-1", "web-1-nic"),
  machine("web-2", "web-2-nic"),
  machine("stopped", "stopped-nic"),
  at(shop, "shop-rg", `${compute}/virtualMachineScaleSets`, "workers", {
    orchestrationMode: "Uniform",
    singlePlacementGroup: true,
    virtualMachineProfile: {
      osProfile: { adminUsername: "harbour", customData: "hunter2-set" },
      extensionProfile: {
        extensions: [{ name: "setup", properties: { publisher: "x", protectedSettings: { key: "hunter2" } } }],
      },
    },
  }),
  at(shop, "shop-rg", `${compute}/virtualMachineScaleSets`, "pods", { orchestrationMode: "Flexible" }),
  at(shop, "shop-rg", `${compute}/virtualMachineScaleSets`, "workers/virtualMachines/0", {
    instanceView: { statuses: [{ code: "PowerState/running" }] },
  }),
  at(shop, "shop-rg", `${compute}/virtualMachineScaleSets`, "workers/virtualMachines/1", {
    instanceView: { statuses: [{ code: "PowerState/deallocated" }] },
  }),
  ...["0", "1"].flatMap((index) => [
    at(
      shop,
      "shop-rg",
      `${compute}/virtualMachineScaleSets`,
      `workers/virtualMachines/${index}/networkInterfaces/workers-nic`,
      {
        virtualMachine: ref(`${setId}/virtualMachines/${index}`),
        ipConfigurations: [
          {
            name: "ipconfig1",
            properties: { privateIPAddress: `10.20.3.${index}`, subnet: ref(`${depot}/subnets/back`) },
          },
        ],
      },
    ),
    at(
      shop,
      "shop-rg",
      `${compute}/virtualMachineScaleSets`,
      `workers/virtualMachines/${index}/networkInterfaces/workers-nic/ipConfigurations/ipconfig1/publicIPAddresses/pub`,
      { ipAddress: `198.51.100.2${index}` },
    ),
  ]),
  at(shop, "shop-rg", `${network}/networkSecurityGroups`, "web-nsg", {
    securityRules: [
      rule("ssh-from-anywhere", 100, { destinationPortRange: "22" }),
      rule("monitor", 110, { destinationPortRange: "9100", sourceAddressPrefix: "AzureMonitor" }),
      rule("quantum", 120, { destinationPortRange: "22", sourcePostQuantumGrade: "gold" }),
    ],
    defaultSecurityRules: [
      { ...rule("DenyAllInBound", 65500, { protocol: "*", destinationPortRange: "*", access: "Deny" }) },
    ],
    networkInterfaces: [ref(nicId("web-1-nic"))],
    subnets: [ref(`${depot}/subnets/front`)],
  }),
  at(shop, "shop-rg", `${network}/networkSecurityGroups`, "far-nsg", {
    location: "northeurope",
    securityRules: [],
    defaultSecurityRules: [],
  }),
  at(shop, "other-rg", `${network}/networkSecurityGroups`, "third-nsg", {
    securityRules: [],
    defaultSecurityRules: [],
  }),
  nic("web-1-nic", "web-1", "front", "10.20.1.4", {
    publicIPAddress: ref(under(shop, "shop-rg", `${network}/publicIPAddresses`, "web-1-ip")),
  }),
  nic("web-2-nic", "web-2", "front", "10.20.1.5"),
  nic("stopped-nic", "stopped", "back", "10.20.2.4"),
  publicAddress(shop, "shop-rg", "web-1-ip", "198.51.100.10"),
  publicAddress(shop, "shop-rg", "lb-ip", "198.51.100.11"),
  publicAddress(shop, "other-rg", "spare-ip", "198.51.100.12"),
  at(shop, "shop-rg", `${network}/publicIPPrefixes`, "pool", { ipPrefix: "203.0.113.16/28", prefixLength: 28 }),
  at(shop, "shop-rg", `${network}/virtualNetworks`, "depot", {
    addressSpace: { addressPrefixes: ["10.20.0.0/16"] },
    subnets: [
      subnet(depot, "front", "10.20.1.0/24", { networkSecurityGroup: ref(webList), routeTable: ref(table) }),
      subnet(depot, "back", "10.20.2.0/24"),
    ],
    virtualNetworkPeerings: [
      {
        name: "to-hub",
        id: `${depot}/virtualNetworkPeerings/to-hub`,
        properties: {
          peeringState: "Connected",
          remoteVirtualNetwork: ref(hub),
          allowVirtualNetworkAccess: true,
          useRemoteGateways: true,
        },
      },
    ],
    enableDdosProtection: false,
  }),
  at(shop, "other-rg", `${network}/virtualNetworks`, "lonely", {
    addressSpace: { addressPrefixes: ["10.90.0.0/16"] },
    subnets: [],
    virtualNetworkPeerings: [],
  }),
  at(shop, "shop-rg", `${network}/routeTables`, "through-the-wall", {
    disableBgpRoutePropagation: false,
    routes: [
      {
        name: "out",
        id: `${table}/routes/out`,
        properties: {
          provisioningState: "Succeeded",
          addressPrefix: "0.0.0.0/0",
          nextHopType: "VirtualAppliance",
          nextHopIpAddress: "10.10.1.4",
        },
      },
    ],
  }),
  at(shop, "shop-rg", `${network}/applicationSecurityGroups`, "web", {}),
  at(
    shop,
    "shop-rg",
    `${network}/loadBalancers`,
    "front-lb",
    {
      frontendIPConfigurations: [],
      backendAddressPools: [],
      loadBalancingRules: [],
      probes: [],
      inboundNatRules: [],
      outboundRules: [],
      inboundNatPools: [],
    },
    { sku: { name: "Standard" } },
  ),
  at(shop, "shop-rg", `${network}/natGateways`, "out", {}),
  at(shop, "shop-rg", `${network}/applicationGateways`, "door", {
    sslCertificates: [{ name: "cert", properties: { data: "hunter2-pfx", password: "hunter2" } }],
  }),
  at(shop, "shop-rg", `${network}/bastionHosts`, "bastion", {}),
];

const netThings: readonly Body[] = [
  at(net, "hub-rg", `${network}/virtualNetworks`, "hub", {
    addressSpace: { addressPrefixes: ["10.10.0.0/16"] },
    subnets: [
      subnet(hub, "GatewaySubnet", "10.10.0.0/27", {
        ipConfigurations: [ref(`${gatewayId}/ipConfigurations/default`)],
      }),
      subnet(hub, "AzureFirewallSubnet", "10.10.1.0/26"),
    ],
    virtualNetworkPeerings: [],
  }),
  at(net, "hub-rg", `${network}/virtualNetworkGateways`, "branch-gw", {
    gatewayType: "Vpn",
    enableBgp: true,
    vpnClientConfiguration: { radiusServerSecret: "hunter2-radius" },
  }),
  at(net, "hub-rg", `${network}/azureFirewalls`, "wall", { firewallPolicy: ref(policyId) }),
  at(net, "hub-rg", `${network}/firewallPolicies`, "core-policy", { ruleCollectionGroups: [] }),
  at(net, "hub-rg", `${network}/firewallPolicies`, "core-policy/ruleCollectionGroups/dnat", {
    priority: 100,
    ruleCollections: [
      {
        ruleCollectionType: "FirewallPolicyNatRuleCollection",
        rules: [{ ruleType: "NatRule", sourceAddresses: ["AzureCloud"], translatedAddress: "10.20.1.4" }],
      },
    ],
  }),
  at(net, "hub-rg", `${network}/ipGroups`, "offices", { ipAddresses: ["203.0.113.0/28"] }),
  at(net, "hub-rg", `${network}/networkManagers`, "manager", { networkManagerScopes: { subscriptions: [] } }),
];

const adminRules = (name: string): Body => ({
  value: [
    {
      id: `${under(net, "hub-rg", `${network}/networkManagers`, "manager")}/securityAdminConfigurations/c/ruleCollections/rc/rules/${name}`,
      kind: "Custom",
      properties: {
        access: "Deny",
        direction: "Inbound",
        priority: 10,
        protocol: "Tcp",
        sources: [],
        destinations: [],
      },
      configurationDescription: "",
    },
  ],
  skipToken: "",
});

const post = (id: string, question: string): string => `POST ${id}/${question}`;
const questions = (id: string): Readonly<Record<string, Body>> => ({
  [post(id, "listNetworkManagerEffectiveSecurityAdminRules")]: adminRules(id.split("/").at(-1) ?? ""),
  [post(id, "listNetworkManagerEffectiveConnectivityConfigurations")]: { value: [], skipToken: "" },
});

export const serviceTags = (location: string): Body => ({
  name: "public",
  id: `/subscriptions/${shop}/providers/Microsoft.Network/locations/${location}/serviceTags/public`,
  type: "Microsoft.Network/serviceTags",
  changeNumber: "101",
  cloud: "Public",
  values: [
    {
      name: "AzureMonitor",
      id: "AzureMonitor",
      properties: { changeNumber: "33", region: "", systemService: "AzureMonitor", addressPrefixes: ["192.0.2.0/26"] },
    },
  ],
});

const atInterface = (name: string): Readonly<Record<string, Body>> => ({
  [post(nicId(name), "effectiveNetworkSecurityGroups")]: {
    value: [
      {
        networkSecurityGroup: ref(webList),
        association: { subnet: ref(`${depot}/subnets/front`) },
        effectiveSecurityRules: [],
        tagMap: { VirtualNetwork: ["10.0.0.0/8"] },
      },
    ],
  },
  [post(nicId(name), "effectiveRouteTable")]: {
    value: [{ source: "Default", state: "Active", addressPrefix: ["10.20.0.0/16"], nextHopType: "VnetLocal" }],
  },
});

const lonely = under(shop, "other-rg", `${network}/virtualNetworks`, "lonely");

export const harbour: Estate = {
  subscriptions: [
    {
      id: shop,
      name: "Harbour Shop",
      registered: [network, compute],
      things: shopThings,
      answers: {
        ...questions(depot),
        ...questions(lonely),
        ...Object.fromEntries(nics.flatMap((name) => Object.entries(atInterface(name)))),
        [`GET /subscriptions/${shop}/providers/Microsoft.Network/locations/westeurope/serviceTags`]:
          serviceTags("westeurope"),
      },
    },
    {
      id: net,
      name: "Harbour Net",
      registered: [network],
      things: netThings,
      answers: {
        ...questions(hub),
        [`GET /subscriptions/${net}/providers/Microsoft.Network/locations/westeurope/serviceTags`]:
          serviceTags("westeurope"),
      },
    },
    { id: empty, name: "Harbour Empty", registered: [], things: [], answers: {} },
    {
      id: closed,
      name: "Harbour Closed",
      registered: [],
      closed: { status: 409, code: "DisabledSubscription" },
      things: [],
      answers: {},
    },
  ],
  rows: {
    [shop]: [
      {
        id: `${depot.toLowerCase()}/providers/Microsoft.Network/effectiveSecurityAdminRules/default`,
        type: "microsoft.network/effectivesecurityadminrules",
        subscriptionId: shop,
        properties: { EffectiveSecurityAdminConfigurations: [] },
      },
    ],
  },
};
