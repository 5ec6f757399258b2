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
