import type { Permission } from "#model/provider.ts";

const call = (action: string, cli: string, costs: string, ...keys: readonly string[]): Permission => ({
  call: `Microsoft.${action}`,
  keys,
  cli: `az ${cli} -o json`,
  costs,
});

/** Every call whose answer is read, by the action that allows it, and what is lost without it. */
export const permissions: readonly Permission[] = [
  call("Compute/virtualMachines/read", "vm list -d", "Machines are unknown.", "virtualMachines"),
  call("Compute/virtualMachines/instanceView/read", "vm list -d", "Whether machines run is unknown.", "instanceViews"),
  call(
    "Network/networkInterfaces/read",
    "network nic list",
    "Machines' addresses and networks are unknown.",
    "networkInterfaces",
  ),
  call(
    "Network/networkSecurityGroups/read",
    "network nsg list",
    "What network security groups admit is unknown.",
    "networkSecurityGroups",
  ),
  call(
    "Network/virtualNetworks/read",
    "network vnet list",
    "Subnets, what is attached to them, and peerings are unknown.",
    "virtualNetworks",
    "subnets",
  ),
  call(
    "Network/publicIPAddresses/read",
    "network public-ip list",
    "Which machines have an address on the internet is unknown.",
    "publicIPAddresses",
  ),
  call(
    "Network/publicIPPrefixes/read",
    "network public-ip prefix list",
    "Addresses that a load balancer takes from a prefix are unknown.",
    "publicIPPrefixes",
  ),
  call("Network/routeTables/read", "network route-table list", "Whether replies find back is unknown.", "routeTables"),
  call(
    "Network/applicationSecurityGroups/read",
    "network asg list",
    "The names of application security groups are unknown; who is in them is told by the interfaces.",
    "applicationSecurityGroups",
  ),
  call(
    "Network/loadBalancers/read",
    "network lb list",
    "Whether load balancers lead to a machine is unknown.",
    "loadBalancers",
  ),
  call(
    "Network/azureFirewalls/read",
    "network firewall list",
    "Whether an Azure Firewall leads to a machine is unknown.",
    "azureFirewalls",
  ),
  call(
    "Network/firewallPolicies/read",
    "network firewall policy list",
    "Which policies an Azure Firewall follows is unknown.",
    "firewallPolicies",
  ),
  call(
    "Network/firewallPolicies/ruleCollectionGroups/read",
    "network firewall policy rule-collection-group list --policy-name POLICY -g GROUP",
    "To which machines an Azure Firewall translates is unknown.",
    "ruleCollectionGroups",
  ),
  call(
    "Network/ipGroups/read",
    "network ip-group list",
    "Which addresses rules of firewalls mean is unknown.",
    "ipGroups",
  ),
  call(
    "Network/applicationGateways/read",
    "network application-gateway list",
    "Whether application gateways stand before a machine is unknown.",
    "applicationGateways",
  ),
  call(
    "Network/bastionHosts/read",
    "network bastion list",
    "Whether a machine can be reached by Bastion instead is unknown.",
    "bastionHosts",
  ),
  call(
    "Network/virtualNetworkGateways/read",
    "network vnet-gateway list -g GROUP",
    "Which networks beyond a gateway there are is unknown.",
    "virtualNetworkGateways",
  ),
  call("Network/natGateways/read", "network nat gateway list", "How machines call out is unknown.", "natGateways"),
  call(
    "Compute/virtualMachineScaleSets/read",
    "vmss list",
    "Which scale sets there are is unknown, and so are their instances.",
    "virtualMachineScaleSets",
  ),
  call(
    "Compute/virtualMachineScaleSets/virtualMachines/read",
    "vmss list-instances -n SET -g GROUP --expand instanceView",
    "Instances of uniform scale sets, and whether they run, are unknown.",
    "scaleSetVirtualMachines",
  ),
  call(
    "Compute/virtualMachineScaleSets/networkInterfaces/read",
    "vmss nic list --vmss-name SET -g GROUP",
    "Addresses and networks of instances of uniform scale sets are unknown.",
    "scaleSetNetworkInterfaces",
  ),
  call(
    "Compute/virtualMachineScaleSets/publicIPAddresses/read",
    "vmss list-instance-public-ips -n SET -g GROUP",
    "Which instances of uniform scale sets have an address on the internet is unknown.",
    "scaleSetPublicIPAddresses",
  ),
  call(
    "Network/networkManagers/read",
    "network manager list",
    "Which network managers there are is unknown; what is in force is told by the networks.",
    "networkManagers",
  ),
  call(
    "Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules/action",
    "network manager list-effective-security-admin-rules --vnet-name VNET -g GROUP",
    "Which security admin rules come before the network security groups is told by Resource Graph alone, and unknown where that has none.",
    "effectiveSecurityAdminRules",
  ),
  call(
    "ResourceGraph/resources/read",
    `graph query --graph-query "networkresources | where type =~ 'microsoft.network/effectivesecurityadminrules'"`,
    "Which security admin rules are in force is unknown where the networks may not be asked.",
    "effectiveSecurityAdminRules",
  ),
  call(
    "Network/virtualNetworks/listNetworkManagerEffectiveConnectivityConfigurations/action",
    "network manager list-effective-connectivity-config --vnet-name VNET -g GROUP",
    "Which networks a network manager joins without a peering is unknown.",
    "effectiveConnectivity",
  ),
  call(
    "Network/networkInterfaces/effectiveNetworkSecurityGroups/action",
    "network nic list-effective-nsg -n NIC -g GROUP",
    "What the tag VirtualNetwork means behind a gateway, or behind a default route of one's own, is unknown.",
    "effectiveNetworkSecurityGroups",
  ),
  call(
    "Network/networkInterfaces/effectiveRouteTable/action",
    "network nic show-effective-route-table -n NIC -g GROUP",
    "Which routes a gateway has learnt is unknown, and so is whether replies find back beside them.",
    "effectiveRoutes",
  ),
  call(
    "Network/locations/serviceTags/read",
    "network list-service-tags -l LOCATION",
    "Which addresses service tags mean is unknown.",
    "serviceTags",
  ),
  call(
    "Resources/subscriptions/read",
    "account list",
    "Which subscriptions there are is unknown: name them by their ids.",
    "subscriptions",
  ),
];

const byKey = new Map(permissions.toReversed().flatMap((each) => each.keys.map((key) => [key, each] as const)));
const byCall = new Map(permissions.map((each) => [each.call.toLowerCase(), each]));

/** The first call that gives answers of a key. */
export const permissionFor = (key: string): Permission | undefined => byKey.get(key);

/** The keys that a refused call would have given; the case of actions varies. */
export const keysOf = (action: string): readonly string[] => byCall.get(action.toLowerCase())?.keys ?? [];
