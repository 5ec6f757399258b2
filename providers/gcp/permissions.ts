import type { Permission } from "#model/provider.ts";

const call = (permission: string, cli: string, costs: string, ...keys: readonly string[]): Permission => ({
  call: permission,
  keys,
  cli: `gcloud ${cli} --format=json`,
  costs,
});

/** A call that is allowed by a permission of another name. */
const by = (needs: string, permission: Permission): Permission => ({ ...permission, needs });

/** Every call whose answer is read, by the permission that allows it, and what is lost without it. */
export const permissions: readonly Permission[] = [
  call("compute.instances.list", "compute instances list", "Machines and their addresses are unknown.", "instances"),
  call(
    "compute.networks.list",
    "compute networks list",
    "In which order firewalls are read, and which networks are peered, is unknown.",
    "networks",
  ),
  call(
    "compute.subnetworks.list",
    "compute networks subnets list",
    "Which clients are inside a network is told by its routes alone.",
    "subnetworks",
  ),
  call(
    "compute.firewalls.list",
    "compute firewall-rules list",
    "What VPC firewall rules admit is unknown.",
    "firewalls",
  ),
  call("compute.routes.list", "compute routes list", "Whether replies find back is unknown.", "routes"),
  by(
    "compute.firewallPolicies.list",
    call(
      "compute.networkFirewallPolicies.aggregatedList",
      "compute network-firewall-policies list",
      "Which network firewall policies there are is unknown, or assumed to be none where nobody asked.",
      "firewallPolicies",
    ),
  ),
  call(
    "compute.firewallPolicies.list",
    "compute firewall-policies list --organization=ORGANIZATION",
    "Hierarchical firewall policies are told by effective answers alone.",
    "firewallPolicies",
  ),
  call(
    "compute.networks.getEffectiveFirewalls",
    "compute networks get-effective-firewalls NETWORK",
    "Which hierarchical and system firewall policies hold is unknown, or assumed to be none where nobody asked.",
    "effective",
  ),
  by(
    "compute.networks.getRegionEffectiveFirewalls",
    call(
      "compute.regionNetworkFirewallPolicies.getEffectiveFirewalls",
      "compute network-firewall-policies get-effective-firewalls --network=NETWORK --region=REGION",
      "Regional firewall policies are taken from the list of policies alone.",
      "effectiveRegion",
    ),
  ),
  call(
    "compute.instances.getEffectiveFirewalls",
    "compute instances network-interfaces get-effective-firewalls INSTANCE --zone=ZONE --network-interface=nic0",
    "Which machines carry a secure tag is unknown.",
    "effectiveInstance",
  ),
  call(
    "compute.routers.list",
    "compute routers list",
    "Whether a network learns routes to private clients is unknown.",
    "routers",
  ),
  call(
    "compute.forwardingRules.list",
    "compute forwarding-rules list",
    "Whether load balancers lead to a machine is unknown.",
    "forwardingRules",
  ),
  call(
    "compute.targetInstances.list",
    "compute target-instances list",
    "Which machines protocol forwarding leads to is unknown.",
    "targetInstances",
  ),
  call(
    "compute.targetPools.list",
    "compute target-pools list",
    "Which machines are in target pools is unknown.",
    "targetPools",
  ),
  call(
    "compute.backendServices.list",
    "compute backend-services list",
    "Which groups are behind load balancers is unknown.",
    "backendServices",
  ),
  call(
    "compute.instanceGroups.list",
    "compute instance-groups list",
    "Which ports groups call by which name is unknown.",
    "instanceGroups",
  ),
  by(
    "compute.instanceGroups.list",
    call(
      "compute.instanceGroups.listInstances",
      "compute instance-groups list-instances GROUP --zone=ZONE",
      "Which machines are in a group is unknown.",
      "members",
    ),
  ),
  call(
    "compute.targetTcpProxies.list",
    "compute target-tcp-proxies list",
    "Where TCP proxies lead is unknown.",
    "targetTcpProxies",
  ),
  call(
    "compute.targetSslProxies.list",
    "compute target-ssl-proxies list",
    "Where SSL proxies lead is unknown.",
    "targetSslProxies",
  ),
  call(
    "compute.targetHttpProxies.list",
    "compute target-http-proxies list",
    "Where HTTP proxies lead is unknown.",
    "targetHttpProxies",
  ),
  call(
    "compute.targetHttpsProxies.list",
    "compute target-https-proxies list",
    "Where HTTPS proxies lead is unknown.",
    "targetHttpsProxies",
  ),
  call("compute.urlMaps.list", "compute url-maps list", "Where HTTP proxies lead is unknown.", "urlMaps"),
  call(
    "compute.projects.get",
    "compute project-info describe",
    "Whether a project lends its networks to others is unknown.",
    "projects",
  ),
  call(
    "resourcemanager.projects.get",
    "projects get-ancestors PROJECT",
    "Which folders are above a project is unknown.",
    "ancestors",
    "cloudProjects",
    "folders",
  ),
  call(
    "networksecurity.addressGroups.list",
    "network-security address-groups list --location=global",
    "What address groups hold is unknown.",
    "addressGroups",
  ),
  call(
    "compute.instances.listTagBindings",
    "resource-manager tags bindings list --parent=//compute.googleapis.com/projects/PROJECT/zones/ZONE/instances/ID --location=ZONE",
    "Which machines carry a secure tag is unknown.",
    "tagBindings",
  ),
  by(
    "compute.firewallPolicies.get",
    call(
      "compute.networkFirewallPolicies.get",
      "compute network-firewall-policies describe POLICY --global",
      "The rules of global policies are known only where a list tells them.",
      "globalPolicies",
    ),
  ),
  by(
    "compute.regionFirewallPolicies.get",
    call(
      "compute.regionNetworkFirewallPolicies.get",
      "compute network-firewall-policies describe POLICY --region=REGION",
      "The rules of regional policies are known only where a list tells them.",
      "regionalPolicies",
    ),
  ),
  call(
    "compute.firewallPolicies.get",
    "compute firewall-policies describe POLICY",
    "The rules of hierarchical policies are known only where a list tells them.",
    "hierarchicalPolicies",
  ),
  by(
    "compute.organizations.listAssociations",
    call(
      "compute.firewallPolicies.listAssociations",
      "compute firewall-policies associations list --organization=ORGANIZATION",
      "Which folders a hierarchical policy is for is told by the policy alone.",
      "firewallPolicyAssociations",
    ),
  ),
  call("compute.addresses.list", "compute addresses list", "Reserved addresses are not told from others.", "addresses"),
  call(
    "compute.globalAddresses.list",
    "compute addresses list --global",
    "Reserved global addresses are not told from others.",
    "addresses",
  ),
  call(
    "compute.globalForwardingRules.list",
    "compute forwarding-rules list --global",
    "Whether global load balancers lead to a machine is unknown.",
    "forwardingRules",
  ),
  call(
    "compute.networkEndpointGroups.list",
    "compute network-endpoint-groups list",
    "Which endpoints stand behind load balancers is unknown.",
    "networkEndpointGroups",
  ),
  by(
    "compute.networkEndpointGroups.get",
    call(
      "compute.networkEndpointGroups.listNetworkEndpoints",
      "compute network-endpoint-groups list-network-endpoints GROUP --zone=ZONE",
      "Which machines are endpoints behind load balancers is unknown.",
      "members",
    ),
  ),
  call(
    "compute.securityPolicies.list",
    "compute security-policies list",
    "What network edge security policies drop is unknown.",
    "securityPolicies",
  ),
  by(
    "compute.routers.get",
    call(
      "compute.routers.getRouterStatus",
      "compute routers get-status ROUTER --region=REGION",
      "Which routes are learnt from VPN and interconnects is unknown.",
      "routerStatus",
    ),
  ),
  call("compute.vpnTunnels.list", "compute vpn-tunnels list", "Clients behind VPN tunnels are unknown.", "vpnTunnels"),
  call(
    "compute.vpnGateways.list",
    "compute vpn-gateways list",
    "Which VPN gateways there are is unknown.",
    "vpnGateways",
  ),
  call(
    "compute.interconnectAttachments.list",
    "compute interconnects attachments list",
    "Clients behind interconnects are unknown.",
    "interconnectAttachments",
  ),
];

export const permissionFor = (key: string): Permission | undefined =>
  permissions.find(({ keys }) => keys.includes(key));

/** The keys that a refused call would have given. A list may be asked for by methods that no row names. */
export const keysOf = (call: string): readonly string[] => {
  const special = POLICIES.get(call);
  if (special !== undefined) return special;
  const known = permissions.find((permission) => permission.call === call)?.keys;
  return (
    known ?? [
      /^compute\.(?:global)?(\w+)\.\w+$/.exec(call)?.[1]?.replace(/^[A-Z]/, (first) => first.toLowerCase()) ?? call,
    ]
  );
};

/** Policies of one kind may be refused while those of another are answered. */
const POLICIES: ReadonlyMap<string, readonly string[]> = new Map([
  ["compute.firewallPolicies.list", ["hierarchicalPolicies"]],
  ["compute.networkFirewallPolicies.aggregatedList", ["globalPolicies", "regionalPolicies"]],
  ["compute.networkFirewallPolicies.list", ["globalPolicies"]],
  ["compute.regionNetworkFirewallPolicies.list", ["regionalPolicies"]],
]);

/** Lists of things, by what the API calls one of them, whatever is read of them. */
const COLLECTIONS: Readonly<Record<string, string>> = {
  instance: "instances",
  network: "networks",
  subnetwork: "subnetworks",
  firewall: "firewalls",
  route: "routes",
  firewallPolicy: "firewallPolicies",
  networkFirewallPolicy: "firewallPolicies",
  forwardingRule: "forwardingRules",
  targetInstance: "targetInstances",
  targetPool: "targetPools",
  backendService: "backendServices",
  instanceGroup: "instanceGroups",
  networkEndpointGroup: "networkEndpointGroups",
  targetTcpProxy: "targetTcpProxies",
  targetSslProxy: "targetSslProxies",
  targetHttpProxy: "targetHttpProxies",
  targetHttpsProxy: "targetHttpsProxies",
  urlMap: "urlMaps",
  address: "addresses",
  router: "routers",
  vpnTunnel: "vpnTunnels",
  vpnGateway: "vpnGateways",
  interconnectAttachment: "interconnectAttachments",
  securityPolicy: "securityPolicies",
  healthCheck: "healthChecks",
  project: "projects",
};

/** Other names that files of such lists go by. */
const ALIASES: Readonly<Record<string, string>> = {
  "firewall-rules": "firewalls",
  subnets: "subnetworks",
  "network-firewall-policies": "firewallPolicies",
  "region-network-firewall-policies": "regionalPolicies",
  "firewall-policies": "hierarchicalPolicies",
};

const camel = (text: string): string => text.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The list that a kind, a collection or a file's name means. */
export const listOf = (name: string | undefined): string | undefined => {
  if (name === undefined || name === "") return undefined;
  const alias = ALIASES[name];
  if (alias !== undefined) return alias;
  const own = COLLECTIONS[name];
  if (own !== undefined) return own;
  const known = camel(name);
  return Object.values(COLLECTIONS).find((each) => each === known);
};
