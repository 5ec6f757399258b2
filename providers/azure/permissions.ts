import type { Permission } from "#model/provider.ts";

const call = (action: string, cli: string, costs: string, ...keys: readonly string[]): Permission => ({
  call: action,
  keys,
  cli: `az ${cli} -o json`,
  costs,
});

const network = (what: string, cli: string, costs: string, ...keys: readonly string[]): Permission =>
  call(`Microsoft.Network/${what}`, cli, costs, ...keys);

const compute = (what: string, cli: string, costs: string, ...keys: readonly string[]): Permission =>
  call(`Microsoft.Compute/${what}`, cli, costs, ...keys);

/** Every call whose answer is read, by the action that allows it, and what is lost without it. */
export const permissions: readonly Permission[] = [
  compute("virtualMachines/read", "vm list -d", "Machines and whether they run are unknown.", "virtualMachines"),
  compute("virtualMachines/instanceView/read", "vm list -d", "Whether machines run is unknown.", "instanceViews"),
  network(
    "networkInterfaces/read",
    "network nic list",
    "Addresses and groups of machines are unknown.",
    "networkInterfaces",
  ),
  network(
    "networkSecurityGroups/read",
    "network nsg list",
    "What network security groups admit is unknown.",
    "networkSecurityGroups",
  ),
  network(
    "publicIPAddresses/read",
    "network public-ip list",
    "Public addresses and what they let in by themselves are unknown.",
    "publicIPAddresses",
  ),
  network(
    "publicIPPrefixes/read",
    "network public-ip prefix list",
    "Which addresses a balancer has of a prefix is unknown.",
    "publicIPPrefixes",
  ),
  network(
    "virtualNetworks/read",
    "network vnet list",
    "Subnets, their groups and route tables, and peerings are unknown.",
    "virtualNetworks",
    "subnets",
  ),
  network("routeTables/read", "network route-table list", "Whether replies find back is unknown.", "routeTables"),
  network(
    "applicationSecurityGroups/read",
    "network asg list",
    "Application security groups are told by their members alone.",
    "applicationSecurityGroups",
  ),
  network(
    "loadBalancers/read",
    "network lb list",
    "Whether load balancers lead to a machine is unknown.",
    "loadBalancers",
  ),
  network(
    "azureFirewalls/read",
    "network firewall list",
    "Whether a firewall leads to a machine is unknown.",
    "azureFirewalls",
  ),
  network(
    "firewallPolicies/read",
    "network firewall policy list",
    "What a firewall translates is unknown.",
    "firewallPolicies",
  ),
  network(
    "firewallPolicies/ruleCollectionGroups/read",
    "network firewall policy rule-collection-group list --policy-name POLICY -g GROUP",
    "What a firewall translates is unknown.",
    "ruleCollectionGroups",
  ),
  network("ipGroups/read", "network ip-group list", "Whom a firewall lets in by a group is unknown.", "ipGroups"),
  network(
    "applicationGateways/read",
    "network application-gateway list",
    "Whether a gateway for web traffic leads to a machine is unknown.",
    "applicationGateways",
  ),
  network("bastionHosts/read", "network bastion list", "Bastion hosts are not offered.", "bastionHosts"),
  network(
    "virtualNetworkGateways/read",
    "network vnet-gateway list -g GROUP",
    "Whether a network learns routes from a gateway is told by its subnets alone.",
    "virtualNetworkGateways",
  ),
  network("natGateways/read", "network nat gateway list", "Nothing: they let nobody in.", "natGateways"),
  compute(
    "virtualMachineScaleSets/read",
    "vmss list",
    "Machines of scale sets are known by their interfaces alone.",
    "virtualMachineScaleSets",
  ),
  compute(
    "virtualMachineScaleSets/virtualMachines/read",
    "vmss list-instances -n SET -g GROUP --expand instanceView",
    "Whether machines of scale sets run is unknown.",
    "scaleSetVirtualMachines",
  ),
  compute(
    "virtualMachineScaleSets/networkInterfaces/read",
    "vmss nic list --vmss-name SET -g GROUP",
    "Addresses of machines of scale sets are unknown.",
    "scaleSetNetworkInterfaces",
  ),
  compute(
    "virtualMachineScaleSets/publicIPAddresses/read",
    "vmss list-instance-public-ips -n SET -g GROUP",
    "Public addresses of machines of scale sets are unknown.",
    "scaleSetPublicIPAddresses",
  ),
  network(
    "networkManagers/read",
    "network manager list",
    "Whether a network manager rules is told by its rules in force alone.",
    "networkManagers",
  ),
  network(
    "virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules/action",
    "network manager list-effective-security-admin-rules --vnet-name VNET -g GROUP",
    "Security admin rules are unknown, or assumed to be none where nobody asked.",
    "effectiveSecurityAdminRules",
  ),
  network(
    "virtualNetworks/listNetworkManagerEffectiveConnectivityConfigurations/action",
    "network manager list-effective-connectivity-config --vnet-name VNET -g GROUP",
    "Groups of networks that a manager connects are not seen.",
    "effectiveConnectivity",
  ),
  network(
    "networkInterfaces/effectiveNetworkSecurityGroups/action",
    "network nic list-effective-nsg -n NIC -g GROUP",
    "What service tags mean for a machine is told by their lists alone.",
    "effectiveNetworkSecurityGroups",
  ),
  network(
    "networkInterfaces/effectiveRouteTable/action",
    "network nic show-effective-route-table -n NIC -g GROUP",
    "Routes that gateways have learned are unknown.",
    "effectiveRoutes",
  ),
  network(
    "locations/serviceTags/read",
    "network list-service-tags -l LOCATION",
    "Whom rules mean by service tags is unknown.",
    "serviceTags",
  ),
  call("Microsoft.Resources/subscriptions/read", "account list", "Only named subscriptions are read.", "subscriptions"),
];

const byKey = new Map(permissions.flatMap((each) => each.keys.map((key) => [key, each] as const)));
const byCall = new Map(permissions.map((each) => [each.call.toLowerCase(), each]));

export const permissionFor = (key: string): Permission | undefined => byKey.get(key);

/** The keys that a call would have answered; ARM is not sure of the case of actions. */
export const keysOf = (action: string): readonly string[] => byCall.get(action.toLowerCase())?.keys ?? [];
