import type { Permission } from "#model/provider.ts";

const call = (permission: string, cli: string, costs: string, ...keys: readonly string[]): Permission => ({
  call: permission,
  keys,
  cli: `gcloud ${cli} --format=json`,
  costs,
});

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
  call(
    "compute.firewallPolicies.list",
    "compute network-firewall-policies list",
    "Network firewall policies are taken to be absent.",
    "firewallPolicies",
  ),
  call(
    "compute.networks.getEffectiveFirewalls",
    "compute networks get-effective-firewalls NETWORK",
    "Hierarchical and system firewall policies are taken to be absent.",
    "effective",
  ),
  call(
    "compute.networks.getRegionEffectiveFirewalls",
    "compute network-firewall-policies get-effective-firewalls --network=NETWORK --region=REGION",
    "Regional firewall policies are taken from the list of policies alone.",
    "effectiveRegion",
  ),
  call(
    "compute.instances.getEffectiveFirewalls",
    "compute instances network-interfaces get-effective-firewalls INSTANCE --zone=ZONE --network-interface=nic0",
    "Which machines carry a secure tag is unknown.",
    "effectiveInstance",
  ),
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
  call(
    "compute.firewallPolicies.get",
    "compute network-firewall-policies describe POLICY --global",
    "The rules of policies are known only where a list tells them.",
    "firewallPolicies",
  ),
  call(
    "compute.regionFirewallPolicies.get",
    "compute network-firewall-policies describe POLICY --region=REGION",
    "The rules of regional policies are known only where a list tells them.",
    "firewallPolicies",
  ),
  call(
    "compute.organizations.listAssociations",
    "compute firewall-policies associations list --organization=ORGANIZATION",
    "Hierarchical policies are known only by what effective firewalls tell of them.",
    "firewallPolicyAssociations",
  ),
  call("compute.addresses.list", "compute addresses list", "Reserved addresses are not told from others.", "addresses"),
  call(
    "compute.globalAddresses.list",
    "compute addresses list --global",
    "Reserved global addresses are not told from others.",
    "addresses",
  ),
  call(
    "compute.forwardingRules.list",
    "compute forwarding-rules list",
    "Whether load balancers and protocol forwarding lead to a machine is unknown.",
    "forwardingRules",
  ),
  call(
    "compute.globalForwardingRules.list",
    "compute forwarding-rules list --global",
    "Whether global load balancers lead to a machine is unknown.",
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
    "Which machines stand behind target pools is unknown.",
    "targetPools",
  ),
  call(
    "compute.backendServices.list",
    "compute backend-services list",
    "What stands behind load balancers is unknown.",
    "backendServices",
  ),
  call(
    "compute.instanceGroups.list",
    "compute instance-groups list",
    "Which machines are in instance groups behind load balancers is unknown.",
    "instanceGroups",
    "instanceGroupMembers",
  ),
  call(
    "compute.networkEndpointGroups.list",
    "compute network-endpoint-groups list",
    "Which endpoints stand behind load balancers is unknown.",
    "networkEndpointGroups",
  ),
  call(
    "compute.networkEndpointGroups.get",
    "compute network-endpoint-groups list-network-endpoints GROUP --zone=ZONE",
    "Which machines are endpoints behind load balancers is unknown.",
    "networkEndpoints",
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
    "compute.securityPolicies.list",
    "compute security-policies list",
    "What network edge security policies drop is unknown.",
    "securityPolicies",
  ),
  call("compute.routers.list", "compute routers list", "Which routers learn routes is unknown.", "routers"),
  call(
    "compute.routers.get",
    "compute routers get-status ROUTER --region=REGION",
    "Which routes are learnt from VPN and interconnects is unknown.",
    "routerStatus",
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

/** The keys that a refused call would have given, by the permission or by the method that was called. */
export const keysOf = (call: string): readonly string[] => {
  const known = permissions.find((permission) => permission.call === call)?.keys;
  if (known !== undefined) return known;
  const [, noun = "", method = ""] = /^compute\.(\w+)\.(\w+)$/.exec(call) ?? [];
  if (method === "getEffectiveFirewalls") return noun === "networks" ? ["effective"] : ["effectiveRegion"];
  if (noun === "firewallPolicies") return ["hierarchicalPolicies"];
  return [METHODS.get(noun) ?? noun];
};

/** Nouns of the API whose lists are read as another's. */
const METHODS: ReadonlyMap<string, string> = new Map([
  ["networkFirewallPolicies", "globalPolicies"],
  ["regionNetworkFirewallPolicies", "regionalPolicies"],
  ["globalForwardingRules", "forwardingRules"],
]);
