import type { Permission } from "#model/provider.ts";

const ec2 = (action: string, cli: string, costs: string, ...keys: readonly [string, ...string[]]): Permission => ({
  call: `ec2:${action}`,
  keys,
  cli: `aws ec2 ${cli} --output json`,
  costs,
});

const other = (call: string, cli: string, costs: string, ...keys: readonly [string, ...string[]]): Permission => ({
  call,
  keys,
  cli: `aws ${cli} --output json`,
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
    "Whether block public access keeps the internet out is unknown, or assumed not to be so where nobody asked.",
    "VpcBlockPublicAccessOptions",
  ),
  ec2(
    "DescribeVpcBlockPublicAccessExclusions",
    "describe-vpc-block-public-access-exclusions",
    "What is excluded from block public access is unknown, or assumed to be nothing where nobody asked.",
    "VpcBlockPublicAccessExclusions",
  ),
  ec2(
    "DescribeVpcPeeringConnections",
    "describe-vpc-peering-connections",
    "Clients of peered VPCs are unknown.",
    "VpcPeeringConnections",
  ),
  ec2(
    "DescribeTransitGateways",
    "describe-transit-gateways",
    "Whether a transit gateway carries references to groups is unknown.",
    "TransitGateways",
  ),
  ec2(
    "DescribeTransitGatewayAttachments",
    "describe-transit-gateway-attachments",
    "Clients behind a transit gateway are unknown.",
    "TransitGatewayAttachments",
  ),
  ec2(
    "DescribeTransitGatewayVpcAttachments",
    "describe-transit-gateway-vpc-attachments",
    "Clients of other VPCs behind a transit gateway are unknown.",
    "TransitGatewayVpcAttachments",
  ),
  ec2(
    "DescribeTransitGatewayRouteTables",
    "describe-transit-gateway-route-tables",
    "Which route tables a transit gateway has is unknown, and so are the clients behind it.",
    "TransitGatewayRouteTables",
  ),
  ec2(
    "SearchTransitGatewayRoutes",
    "search-transit-gateway-routes --transit-gateway-route-table-id ID --filters Name=state,Values=active,blackhole",
    "Where a transit gateway sends packets is unknown.",
    "Routes",
  ),
  ec2(
    "GetTransitGatewayPrefixListReferences",
    "get-transit-gateway-prefix-list-references --transit-gateway-route-table-id ID",
    "Which routes of a transit gateway come from prefix lists is unknown.",
    "TransitGatewayPrefixListReferences",
  ),
  ec2(
    "DescribeInstanceConnectEndpoints",
    "describe-instance-connect-endpoints",
    "Instance connect endpoints are not offered as another way in.",
    "InstanceConnectEndpoints",
  ),
  other(
    "elasticloadbalancing:DescribeLoadBalancers",
    "elbv2 describe-load-balancers",
    "Whether load balancers lead to a machine is unknown.",
    "LoadBalancers",
    "LoadBalancerDescriptions",
  ),
  other(
    "elasticloadbalancing:DescribeListeners",
    "elbv2 describe-listeners --load-balancer-arn ARN",
    "Which ports load balancers listen on is unknown.",
    "Listeners",
  ),
  other(
    "elasticloadbalancing:DescribeRules",
    "elbv2 describe-rules --listener-arn ARN",
    "Where application load balancers send requests is unknown.",
    "Rules",
  ),
  other(
    "elasticloadbalancing:DescribeTargetGroups",
    "elbv2 describe-target-groups",
    "What stands behind load balancers is unknown.",
    "TargetGroups",
  ),
  other(
    "elasticloadbalancing:DescribeTargetHealth",
    "elbv2 describe-target-health --target-group-arn ARN",
    "Which machines are targets of load balancers is unknown.",
    "TargetHealthDescriptions",
  ),
  other(
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elbv2 describe-target-group-attributes --target-group-arn ARN",
    "Whether load balancers keep the client's address is unknown.",
    "Attributes",
  ),
  other(
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "elbv2 describe-load-balancer-attributes --load-balancer-arn ARN",
    "Whether load balancers cross zones is unknown.",
    "Attributes",
    "LoadBalancerAttributes",
  ),
  other(
    "globalaccelerator:ListAccelerators",
    "globalaccelerator list-accelerators --region us-west-2",
    "Whether accelerators lead to a machine is unknown.",
    "Accelerators",
  ),
  other(
    "globalaccelerator:ListListeners",
    "globalaccelerator list-listeners --accelerator-arn ARN --region us-west-2",
    "Which ports accelerators listen on is unknown.",
    "Listeners",
  ),
  other(
    "globalaccelerator:ListEndpointGroups",
    "globalaccelerator list-endpoint-groups --listener-arn ARN --region us-west-2",
    "What stands behind accelerators is unknown.",
    "EndpointGroups",
  ),
  other(
    "globalaccelerator:ListCustomRoutingAccelerators",
    "globalaccelerator list-custom-routing-accelerators --region us-west-2",
    "Whether custom routing accelerators lead to a machine is unknown.",
    "Accelerators",
  ),
  other(
    "globalaccelerator:ListCustomRoutingListeners",
    "globalaccelerator list-custom-routing-listeners --accelerator-arn ARN --region us-west-2",
    "Which ports custom routing accelerators listen on is unknown.",
    "Listeners",
  ),
  other(
    "globalaccelerator:ListCustomRoutingEndpointGroups",
    "globalaccelerator list-custom-routing-endpoint-groups --listener-arn ARN --region us-west-2",
    "What stands behind custom routing accelerators is unknown.",
    "EndpointGroups",
  ),
  other(
    "ssm:DescribeInstanceInformation",
    "ssm describe-instance-information",
    "Session Manager is not offered as another way in.",
    "InstanceInformationList",
  ),
];

/** What several calls print under one key has a key of its own here. */
export const ownKey = (call: string, key: string): string => {
  if (key === "Listeners" && call.startsWith("globalaccelerator:")) return "AcceleratorListeners";
  return key === "Attributes" && call === "elasticloadbalancing:DescribeLoadBalancerAttributes"
    ? "BalancerAttributes"
    : key;
};

const byKey = new Map(
  permissions
    .flatMap((permission) => permission.keys.map((key) => [ownKey(permission.call, key), permission] as const))
    .toReversed(), // of several calls the first is the usual one
);

/** The call whose answer has this key. */
export const permissionFor = (key: string): Permission | undefined => byKey.get(key);
