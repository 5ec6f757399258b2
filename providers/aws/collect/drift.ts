/** What tells things apart, by the name that the API has for them. */
export const IDS: Readonly<Record<string, string>> = {
  Instance: "InstanceId",
  InternetGateway: "InternetGatewayId",
  LoadBalancer: "LoadBalancerArn",
  ManagedPrefixList: "PrefixListId",
  NetworkAcl: "NetworkAclId",
  NetworkInterface: "NetworkInterfaceId",
  RouteTable: "RouteTableId",
  SecurityGroup: "GroupId",
  SecurityGroupRule: "SecurityGroupRuleId",
  Subnet: "SubnetId",
  TargetGroup: "TargetGroupArn",
  Vpc: "VpcId",
};

/**
 * Watches the pages of one list. A thing that comes twice has moved from one page to another, so that some other thing
 * may have moved past the reader.
 */
export const drift = (): ((ids: readonly string[]) => boolean) => {
  const seen = new Set<string>();
  return (ids) => {
    const before = seen.size;
    for (const id of ids) seen.add(id);
    return seen.size < before + ids.length;
  };
};
