import type { Permission } from "#model/provider.ts";

const ec2 = (action: string, cli: string, costs: string, ...keys: readonly [string, ...string[]]): Permission => ({
  call: `ec2:${action}`,
  keys,
  cli: `aws ec2 ${cli} --output json`,
  costs,
});

/** Every call whose answer is read, and what is lost without it. */
export const permissions: readonly Permission[] = [
  ec2("DescribeInstances", "describe-instances", "Whether machines run is unknown.", "Reservations"),
  ec2(
    "DescribeNetworkInterfaces",
    "describe-network-interfaces",
    "Addresses and groups of machines are unknown.",
    "NetworkInterfaces",
  ),
  ec2("DescribeSecurityGroups", "describe-security-groups", "What security groups admit is unknown.", "SecurityGroups"),
  ec2(
    "DescribeSecurityGroupRules",
    "describe-security-group-rules",
    "Rules are named by their place, not by their id.",
    "SecurityGroupRules",
  ),
  ec2(
    "DescribeStaleSecurityGroups",
    "describe-stale-security-groups --vpc-id VPC",
    "References to groups that are gone are found by their members alone.",
    "StaleSecurityGroupSet",
  ),
  ec2("DescribeNetworkAcls", "describe-network-acls", "What network ACLs let through is unknown.", "NetworkAcls"),
  ec2("DescribeRouteTables", "describe-route-tables", "Whether replies find back is unknown.", "RouteTables"),
  ec2("DescribeSubnets", "describe-subnets", "Who owns a subnet and which clients are in it is unknown.", "Subnets"),
  ec2("DescribeVpcs", "describe-vpcs", "Which addresses belong to a VPC is unknown.", "Vpcs"),
  ec2(
    "DescribeInternetGateways",
    "describe-internet-gateways",
    "Whether a VPC has a way to the internet is unknown.",
    "InternetGateways",
  ),
  ec2("DescribeAddresses", "describe-addresses", "Elastic IPs inside delegated prefixes are not seen.", "Addresses"),
  ec2(
    "DescribeManagedPrefixLists",
    "describe-managed-prefix-lists",
    "Prefix lists have no names, and changes under way are not seen.",
    "ManagedPrefixLists",
    "PrefixLists",
  ),
  ec2(
    "GetManagedPrefixListEntries",
    "get-managed-prefix-list-entries --prefix-list-id ID",
    "What a prefix list holds is unknown.",
    "Entries",
  ),
  ec2(
    "DescribeVpcBlockPublicAccessOptions",
    "describe-vpc-block-public-access-options",
    "Block public access is taken to be off.",
    "VpcBlockPublicAccessOptions",
  ),
  ec2(
    "DescribeVpcBlockPublicAccessExclusions",
    "describe-vpc-block-public-access-exclusions",
    "Block public access is taken to have no exclusions.",
    "VpcBlockPublicAccessExclusions",
  ),
  ec2(
    "DescribeVpcPeeringConnections",
    "describe-vpc-peering-connections",
    "Clients of peered VPCs are unknown.",
    "VpcPeeringConnections",
  ),
];

const byKey = new Map(permissions.flatMap((permission) => permission.keys.map((key) => [key, permission] as const)));

/** The call whose answer has this key. */
export const permissionFor = (key: string): Permission | undefined => byKey.get(key);
