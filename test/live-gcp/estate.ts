/** A small world in the shapes of the REST APIs: two projects, the host of their shared network, and two more. */

export type Body = Readonly<Record<string, unknown>>;

export interface Project {
  readonly number: string;
  readonly parent: string;
  readonly state: string;
  /** Whether the Compute Engine API is on. */
  readonly isOn: boolean;
  readonly self: Body;
  /** What the API lists, by its name for a list of such things. */
  readonly things: Readonly<Record<string, readonly Body[]>>;
  /** Whatever is asked for by a path of its own below the project. */
  readonly answers: Readonly<Record<string, Body>>;
}

export interface Estate {
  readonly projects: Readonly<Record<string, Project>>;
  /** Folders, and what each of them is in. */
  readonly folders: Readonly<Record<string, string>>;
  readonly organizations: readonly string[];
  /** Policies of folders and organisations, with their rules. */
  readonly policies: readonly Body[];
  /** Tag bindings by the full name of what they are bound to. */
  readonly bindings: Readonly<Record<string, readonly Body[]>>;
  readonly addressGroups: Readonly<Record<string, readonly Body[]>>;
}

export const shop = "harbour-shop";
export const tools = "harbour-tools";
export const net = "harbour-net";
export const empty = "harbour-empty";

const compute = "https://www.googleapis.com/compute/v1";

const kinds: Readonly<Record<string, string>> = {
  addresses: "address",
  backendServices: "backendService",
  firewallPolicies: "firewallPolicy",
  firewalls: "firewall",
  forwardingRules: "forwardingRule",
  instanceGroups: "instanceGroup",
  instances: "instance",
  interconnectAttachments: "interconnectAttachment",
  networkEndpointGroups: "networkEndpointGroup",
  networks: "network",
  routers: "router",
  routes: "route",
  securityPolicies: "securityPolicy",
  subnetworks: "subnetwork",
  targetHttpProxies: "targetHttpProxy",
  targetHttpsProxies: "targetHttpsProxy",
  targetInstances: "targetInstance",
  targetPools: "targetPool",
  targetSslProxies: "targetSslProxy",
  targetTcpProxies: "targetTcpProxy",
  urlMaps: "urlMap",
  vpnGateways: "vpnGateway",
  vpnTunnels: "vpnTunnel",
};

export const kindOf = (collection: string): string => `compute#${kinds[collection] ?? collection}`;

let ids = 7_000_000_000_000_000;

/** One thing, in `global`, `regions/…` or `zones/…` of a project. */
const thing = (project: string, scope: string, collection: string, name: string, more: Body): Body => {
  const home = `${compute}/projects/${project}/${scope}`;
  const [kind = ""] = scope.split("/");
  return {
    kind: kindOf(collection),
    id: String(++ids),
    creationTimestamp: "2026-03-04T09:12:44.125-08:00",
    name,
    selfLink: `${home}/${collection}/${name}`,
    ...(kind === "global" ? {} : { [kind.slice(0, -1)]: home }),
    ...more,
  };
};

const core = `${compute}/projects/${net}/global/networks/core`;
const depot = `${compute}/projects/${shop}/global/networks/depot`;

const instance = (project: string, zone: string, name: string, networks: readonly string[], more: Body = {}): Body =>
  thing(project, `zones/${zone}`, "instances", name, {
    status: "RUNNING",
    canIpForward: false,
    tags: { items: ["web"], fingerprint: "6smc4R4d39I=" },
    metadata: {
      kind: "compute#metadata",
      fingerprint: "abc=",
      items: [
        { key: "startup-script", value: "#!/bin/sh\nexport DB_PASSWORD=hunter2\n" },
        { key: "enable-oslogin", value: "TRUE" },
      ],
    },
    serviceAccounts: [{ email: "web@harbour-shop.iam.gserviceaccount.com", scopes: [] }],
    networkInterfaces: networks.map((network, i) => ({
      kind: "compute#networkInterface",
      name: `nic${i}`,
      network,
      networkIP: `10.20.${i}.${(ids % 200) + 5}`,
      stackType: "IPV4_ONLY",
      ...(i === 0
        ? {
            accessConfigs: [{ kind: "compute#accessConfig", type: "ONE_TO_ONE_NAT", natIP: `198.51.100.${ids % 250}` }],
          }
        : {}),
    })),
    ...more,
  });

const world = { srcIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "tcp", ports: ["22"] }] };

const rules: readonly Body[] = [
  {
    kind: "compute#firewallPolicyRule",
    priority: 100,
    action: "allow",
    direction: "INGRESS",
    // A matcher that no code of today knows: without it, the rule would seem to admit everybody.
    match: { ...world, srcPostQuantumGrade: ["A"] },
    ruleTupleCount: 2,
  },
  {
    kind: "compute#firewallPolicyRule",
    priority: 200,
    action: "deny",
    direction: "INGRESS",
    match: {
      srcSecureTags: [{ name: "tagValues/281480000000001", state: "EFFECTIVE" }],
      srcAddressGroups: [`projects/${net}/locations/global/addressGroups/blocked`],
      layer4Configs: [{ ipProtocol: "all" }],
    },
    targetSecureTags: [{ name: "tagValues/281480000000002", state: "EFFECTIVE" }],
    ruleTupleCount: 3,
  },
];

const regionalRules: readonly Body[] = [
  {
    kind: "compute#firewallPolicyRule",
    priority: 10,
    action: "goto_next",
    direction: "INGRESS",
    match: {
      srcAddressGroups: ["organizations/900100200300/locations/europe-west1/addressGroups/offices"],
      layer4Configs: [{ ipProtocol: "all" }],
    },
  },
];

const vpcRule = (project: string, network: string, name: string, more: Body): Body =>
  thing(project, "global", "firewalls", name, {
    network,
    priority: 1000,
    direction: "INGRESS",
    disabled: false,
    sourceRanges: ["203.0.113.0/24"],
    allowed: [{ IPProtocol: "tcp", ports: ["22"] }],
    logConfig: { enable: false },
    ...more,
  });

const network = (project: string, name: string, more: Body = {}): Body =>
  thing(project, "global", "networks", name, {
    autoCreateSubnetworks: false,
    routingConfig: { routingMode: "REGIONAL" },
    networkFirewallPolicyEnforcementOrder: "AFTER_CLASSIC_FIREWALL",
    ...more,
  });

const subnetwork = (project: string, region: string, name: string, of: string, range: string): Body =>
  thing(project, `regions/${region}`, "subnetworks", name, { network: of, ipCidrRange: range, purpose: "PRIVATE" });

const defaultRoute = (project: string, name: string, of: string): Body =>
  thing(project, "global", "routes", name, {
    network: of,
    destRange: "0.0.0.0/0",
    priority: 1000,
    nextHopGateway: `${compute}/projects/${project}/global/gateways/default-internet-gateway`,
  });

const project = (id: string, number: string, more: Body = {}): Body => ({
  kind: "compute#project",
  id: number,
  name: id,
  selfLink: `${compute}/projects/${id}`,
  commonInstanceMetadata: {
    kind: "compute#metadata",
    items: [{ key: "ssh-keys", value: "ann:ssh-ed25519 AAAA ann" }],
  },
  defaultNetworkTier: "PREMIUM",
  ...more,
});

const effective = (firewalls: readonly Body[], policies: readonly Body[]): Body => ({
  firewalls,
  firewallPolicys: policies,
});

const hierarchical: Body = {
  type: "HIERARCHY",
  name: "500600700",
  shortName: "guardrails",
  rules: [
    {
      kind: "compute#firewallPolicyRule",
      priority: 1,
      action: "goto_next",
      direction: "INGRESS",
      match: { srcIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "all" }] },
    },
  ],
};

const coreRules = [
  vpcRule(net, core, "allow-office", {}),
  vpcRule(net, core, "allow-web", {
    sourceRanges: ["0.0.0.0/0"],
    targetTags: ["web"],
    allowed: [{ IPProtocol: "tcp", ports: ["80", "443"] }],
  }),
];
const depotRules = [vpcRule(shop, depot, "depot-ssh", { sourceRanges: ["0.0.0.0/0"], disabled: true })];

const shopWeb = instance(shop, "europe-west1-b", "web-1", [core, depot]);
const webGroup = `zones/europe-west1-b/instanceGroups/web`;
const rolling = `regions/us-central1/instanceGroups/rolling`;

const shopProject: Project = {
  number: "111000111000",
  parent: "folders/400100",
  state: "ACTIVE",
  isOn: true,
  self: project(shop, "111000111000"),
  things: {
    instances: [
      shopWeb,
      instance(shop, "europe-west1-c", "web-2", [core]),
      instance(shop, "us-central1-a", "batch-1", [depot], { status: "TERMINATED" }),
    ],
    networks: [network(shop, "depot", { networkFirewallPolicyEnforcementOrder: "BEFORE_CLASSIC_FIREWALL" })],
    subnetworks: [
      subnetwork(shop, "europe-west1", "depot-eu", depot, "10.40.0.0/20"),
      subnetwork(shop, "us-central1", "depot-us", depot, "10.40.16.0/20"),
    ],
    firewalls: depotRules,
    routes: [defaultRoute(shop, "default-route-depot", depot)],
    addresses: [
      thing(shop, "regions/europe-west1", "addresses", "web-ip", {
        address: "198.51.100.9",
        status: "IN_USE",
        addressType: "EXTERNAL",
      }),
      thing(shop, "global", "addresses", "anycast", {
        address: "198.51.100.77",
        status: "IN_USE",
        addressType: "EXTERNAL",
      }),
    ],
    forwardingRules: [
      thing(shop, "regions/europe-west1", "forwardingRules", "ssh-in", {
        IPAddress: "198.51.100.9",
        IPProtocol: "TCP",
        portRange: "22-22",
        loadBalancingScheme: "EXTERNAL",
        target: `${compute}/projects/${shop}/zones/europe-west1-b/targetInstances/ssh`,
      }),
      thing(shop, "global", "forwardingRules", "proxy-in", {
        IPAddress: "198.51.100.77",
        IPProtocol: "TCP",
        portRange: "443-443",
      }),
    ],
    targetInstances: [
      thing(shop, "zones/europe-west1-b", "targetInstances", "ssh", {
        instance: shopWeb["selfLink"],
        natPolicy: "NO_NAT",
      }),
    ],
    targetPools: [thing(shop, "regions/europe-west1", "targetPools", "pool", { instances: [shopWeb["selfLink"]] })],
    targetHttpProxies: [
      thing(shop, "global", "targetHttpProxies", "http", { urlMap: `${compute}/projects/${shop}/global/urlMaps/map` }),
    ],
    urlMaps: [
      thing(shop, "global", "urlMaps", "map", {
        defaultService: `${compute}/projects/${shop}/global/backendServices/proxied`,
      }),
    ],
    targetTcpProxies: [thing(shop, "global", "targetTcpProxies", "tcp", { proxyHeader: "NONE" })],
    targetSslProxies: [thing(shop, "global", "targetSslProxies", "ssl", { proxyHeader: "NONE" })],
    backendServices: [
      thing(shop, "global", "backendServices", "proxied", {
        protocol: "TCP",
        backends: [{ group: `${compute}/projects/${shop}/${webGroup}` }],
      }),
      thing(shop, "regions/europe-west1", "backendServices", "passed", { protocol: "TCP" }),
    ],
    instanceGroups: [
      thing(shop, "zones/europe-west1-b", "instanceGroups", "web", {
        size: 1,
        namedPorts: [{ name: "ssh", port: 22 }],
      }),
      thing(shop, "regions/us-central1", "instanceGroups", "rolling", { size: 0 }),
    ],
    networkEndpointGroups: [
      thing(shop, "zones/europe-west1-b", "networkEndpointGroups", "pods", {
        networkEndpointType: "GCE_VM_IP_PORT",
        size: 1,
      }),
      thing(shop, "regions/europe-west1", "networkEndpointGroups", "psc", {
        networkEndpointType: "GCE_VM_IP_PORTMAP",
        size: 0,
      }),
      thing(shop, "global", "networkEndpointGroups", "outside", { networkEndpointType: "INTERNET_IP_PORT", size: 1 }),
    ],
    securityPolicies: [
      thing(shop, "regions/europe-west1", "securityPolicies", "edge", { type: "CLOUD_ARMOR_NETWORK", rules: [] }),
    ],
    firewallPolicies: [],
  },
  answers: {
    [`POST ${webGroup}/listInstances`]: {
      kind: "compute#instanceGroupsListInstances",
      id: `projects/${shop}/${webGroup}/listInstances`,
      selfLink: `${compute}/projects/${shop}/${webGroup}/listInstances`,
      items: [{ instance: shopWeb["selfLink"], status: "RUNNING" }],
    },
    [`POST ${rolling}/listInstances`]: {
      kind: "compute#regionInstanceGroupsListInstances",
      id: `projects/${shop}/${rolling}/listInstances`,
    },
    "POST zones/europe-west1-b/networkEndpointGroups/pods/listNetworkEndpoints": {
      kind: "compute#networkEndpointGroupsListNetworkEndpoints",
      id: `projects/${shop}/zones/europe-west1-b/networkEndpointGroups/pods/listNetworkEndpoints`,
      items: [{ networkEndpoint: { instance: shopWeb["selfLink"], ipAddress: "10.20.0.6", port: 8080 } }],
    },
    "POST regions/europe-west1/networkEndpointGroups/psc/listNetworkEndpoints": {
      kind: "compute#networkEndpointGroupsListNetworkEndpoints",
      id: `projects/${shop}/regions/europe-west1/networkEndpointGroups/psc/listNetworkEndpoints`,
    },
    "POST global/networkEndpointGroups/outside/listNetworkEndpoints": {
      kind: "compute#networkEndpointGroupsListNetworkEndpoints",
      id: `projects/${shop}/global/networkEndpointGroups/outside/listNetworkEndpoints`,
      items: [{ networkEndpoint: { ipAddress: "203.0.113.80", port: 443 } }],
    },
    "GET global/networks/depot/getEffectiveFirewalls": effective(depotRules, [hierarchical]),
    "GET regions/europe-west1/firewallPolicies/getEffectiveFirewalls": effective(depotRules, [hierarchical]),
    "GET regions/us-central1/firewallPolicies/getEffectiveFirewalls": effective(depotRules, [
      hierarchical,
      { type: "SYSTEM_REGIONAL", name: "gke-system", priority: 1, rules: [] },
    ]),
    "GET zones/europe-west1-b/instances/web-1/getEffectiveFirewalls?networkInterface=nic0": effective(coreRules, [
      hierarchical,
    ]),
    "GET zones/europe-west1-b/instances/web-1/getEffectiveFirewalls?networkInterface=nic1": effective(depotRules, [
      hierarchical,
    ]),
    "GET zones/europe-west1-c/instances/web-2/getEffectiveFirewalls?networkInterface=nic0": effective(coreRules, [
      hierarchical,
    ]),
  },
};

const toolsProject: Project = {
  number: "222000222000",
  parent: "folders/400100",
  state: "ACTIVE",
  isOn: true,
  self: project(tools, "222000222000"),
  things: {
    instances: ["build-1", "build-2", "build-3", "build-4", "build-5"].map((name) =>
      instance(tools, name === "build-5" ? "us-central1-a" : "europe-west1-b", name, [core]),
    ),
  },
  answers: Object.fromEntries(
    ["build-1", "build-2", "build-3", "build-4", "build-5"].map((name) => [
      `GET zones/${name === "build-5" ? "us-central1-a" : "europe-west1-b"}/instances/${name}/getEffectiveFirewalls?networkInterface=nic0`,
      effective(coreRules, [hierarchical]),
    ]),
  ),
};

const globalPolicy = thing(net, "global", "firewallPolicies", "core-policy", {
  rules,
  associations: [{ name: "core", attachmentTarget: core }],
  ruleTupleCount: 5,
});
const regionalPolicy = thing(net, "regions/europe-west1", "firewallPolicies", "core-eu", { rules: regionalRules });

const netProject: Project = {
  number: "333000333000",
  parent: "folders/400200",
  state: "ACTIVE",
  isOn: true,
  self: project(net, "333000333000", { xpnProjectStatus: "HOST" }),
  things: {
    instances: [],
    networks: [network(net, "core", { peerings: [] })],
    subnetworks: [
      subnetwork(net, "europe-west1", "core-eu", core, "10.20.0.0/20"),
      subnetwork(net, "us-central1", "core-us", core, "10.20.16.0/20"),
    ],
    firewalls: coreRules,
    routes: [defaultRoute(net, "default-route-core", core)],
    firewallPolicies: [globalPolicy, regionalPolicy],
    routers: [
      thing(net, "regions/europe-west1", "routers", "edge", {
        network: core,
        bgpPeers: [{ name: "office", peerAsn: 64512, md5AuthenticationKeyName: "office" }],
        md5AuthenticationKeys: [{ name: "office", key: "bgp-secret" }],
      }),
      thing(net, "regions/us-central1", "routers", "nat-only", { network: core, nats: [{ name: "nat" }] }),
    ],
    vpnTunnels: [
      thing(net, "regions/europe-west1", "vpnTunnels", "to-office", {
        status: "ESTABLISHED",
        sharedSecret: "tunnel-secret",
        sharedSecretHash: "AbC",
      }),
    ],
    vpnGateways: [thing(net, "regions/europe-west1", "vpnGateways", "gateway", { network: core })],
    interconnectAttachments: [
      thing(net, "regions/europe-west1", "interconnectAttachments", "vlan-1", { state: "ACTIVE" }),
    ],
  },
  answers: {
    "GET global/networks/core/getEffectiveFirewalls": effective(coreRules, [
      hierarchical,
      { type: "NETWORK", name: "core-policy", rules },
    ]),
    "GET regions/europe-west1/firewallPolicies/getEffectiveFirewalls": effective(coreRules, [
      hierarchical,
      { type: "NETWORK", name: "core-policy", rules },
      { type: "NETWORK_REGIONAL", name: "core-eu", rules: regionalRules },
    ]),
    "GET regions/us-central1/firewallPolicies/getEffectiveFirewalls": effective(coreRules, [hierarchical]),
    "GET regions/europe-west1/routers/edge/getRouterStatus": {
      kind: "compute#routerStatusResponse",
      result: { network: core, bestRoutes: [{ destRange: "192.168.0.0/16", priority: 100, nextHopIp: "169.254.0.2" }] },
    },
  },
};

const offProject: Project = {
  number: "444000444000",
  parent: "organizations/900100200300",
  state: "ACTIVE",
  isOn: false,
  self: project(empty, "444000444000"),
  things: {},
  answers: {},
};

const bound = (number: string, { zone, id }: Body, value: string): readonly [string, readonly Body[]] => {
  const parent = `//compute.googleapis.com/projects/${number}/zones/${String(zone).split("/").at(-1)}/instances/${String(id)}`;
  return [parent, [{ name: `tagBindings/${encodeURIComponent(parent)}/${value}`, parent, tagValue: value }]];
};

export const harbour: Estate = {
  projects: {
    [shop]: shopProject,
    [tools]: toolsProject,
    [net]: netProject,
    [empty]: offProject,
    "harbour-gone": { ...offProject, number: "555000555000", state: "DELETE_REQUESTED" },
  },
  folders: { "folders/400100": "organizations/900100200300", "folders/400200": "organizations/900100200300" },
  organizations: ["organizations/900100200300"],
  policies: [
    {
      kind: "compute#firewallPolicy",
      id: "500600700",
      name: "500600700",
      shortName: "guardrails",
      parent: "organizations/900100200300",
      selfLink: `${compute}/locations/global/firewallPolicies/500600700`,
      associations: [{ name: "all", attachmentTarget: "organizations/900100200300", firewallPolicyId: "500600700" }],
      rules: hierarchical["rules"],
    },
  ],
  bindings: Object.fromEntries([bound("111000111000", shopWeb, "tagValues/281480000000001")]),
  addressGroups: {
    [`projects/${net}/locations/global`]: [
      {
        name: `projects/${net}/locations/global/addressGroups/blocked`,
        type: "IPV4",
        capacity: 10,
        items: ["203.0.113.66/32"],
      },
    ],
    "organizations/900100200300/locations/europe-west1": [
      {
        name: "organizations/900100200300/locations/europe-west1/addressGroups/offices",
        type: "IPV4",
        capacity: 10,
        items: ["203.0.113.0/28"],
      },
    ],
  },
};
