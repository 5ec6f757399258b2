/** VPCs, subnets, gateways, prefix lists and block public access: what AWS prints of them. */
import { random } from "../random.ts";
import type { Plan, PrefixList, Subnet, Vpc } from "./plan.ts";
import { account, block4, id, publicBlock4, publicBlock6, region, tags } from "./text.ts";

export const vpcAnswer = (vpc: Vpc): object => ({
  OwnerId: account,
  InstanceTenancy: "default",
  Ipv6CidrBlockAssociationSet: vpc.ipv6
    ? [
        {
          AssociationId: id("vpc-cidr-assoc", 1_000_000 + vpc.index),
          Ipv6CidrBlock: `${vpc.ipv6.start}00::/56`,
          Ipv6CidrBlockState: { State: "associated" },
          NetworkBorderGroup: region,
          Ipv6Pool: "Amazon",
          Ipv6AddressAttribute: vpc.ipv6.isPublic ? "public" : "private",
          IpSource: vpc.ipv6.isPublic ? "amazon" : "none",
        },
      ]
    : [],
  CidrBlockAssociationSet: vpc.blocks.map((CidrBlock, k) => ({
    AssociationId: id("vpc-cidr-assoc", vpc.index * 1000 + k),
    CidrBlock,
    CidrBlockState: { State: "associated" },
  })),
  IsDefault: false,
  Tags: tags(`network-${vpc.index}`),
  BlockPublicAccessStates: { InternetGatewayBlockMode: "off" },
  VpcId: vpc.id,
  State: "available",
  CidrBlock: vpc.blocks[0],
  DhcpOptionsId: id("dopt", 0),
});

export const subnetAnswer = (subnet: Subnet): object => ({
  AvailabilityZoneId: `euw1-az${(subnet.index % 3) + 1}`,
  MapCustomerOwnedIpOnLaunch: false,
  OwnerId: account,
  AssignIpv6AddressOnCreation: subnet.ipv6 !== undefined,
  Ipv6CidrBlockAssociationSet: subnet.ipv6
    ? [
        {
          AssociationId: id("subnet-cidr-assoc", subnet.index),
          Ipv6CidrBlock: `${subnet.ipv6}::/64`,
          Ipv6CidrBlockState: { State: "associated" },
          Ipv6AddressAttribute: subnet.vpc.ipv6?.isPublic ? "public" : "private",
          IpSource: subnet.vpc.ipv6?.isPublic ? "amazon" : "none",
        },
      ]
    : [],
  Tags: tags(`${subnet.isPublic ? "public" : "private"}-${subnet.index}`),
  SubnetArn: `arn:aws:ec2:${region}:${account}:subnet/${subnet.id}`,
  EnableDns64: false,
  Ipv6Native: false,
  PrivateDnsNameOptionsOnLaunch: { HostnameType: "ip-name", EnableResourceNameDnsARecord: false },
  BlockPublicAccessStates: { InternetGatewayBlockMode: "off" },
  SubnetId: subnet.id,
  State: "available",
  VpcId: subnet.vpc.id,
  CidrBlock: block4(subnet.start, 21),
  AvailableIpAddressCount: 1500,
  AvailabilityZone: `${region}${"abc".charAt(subnet.index % 3)}`,
  DefaultForAz: false,
  MapPublicIpOnLaunch: subnet.isPublic,
});

/** One gateway for each VPC that has one, and one that nobody took. */
export const gatewayAnswers = (plan: Plan): readonly object[] => [
  ...plan.vpcs.flatMap((vpc) =>
    vpc.gateway === undefined
      ? []
      : [gateway(vpc.gateway, [{ State: vpc.index % 9 === 4 ? "attached" : "available", VpcId: vpc.id }])],
  ),
  gateway(id("igw", 1_000_000), []),
];

const gateway = (InternetGatewayId: string, Attachments: readonly object[]): object => ({
  Attachments,
  InternetGatewayId,
  OwnerId: account,
  Tags: [],
});

export const listAnswer = (list: PrefixList): object => ({
  PrefixListId: list.id,
  AddressFamily: list.family,
  State: "create-complete",
  PrefixListArn: `arn:aws:ec2:${region}:${list.owner === "AWS" ? "aws" : account}:prefix-list/${list.id}`,
  PrefixListName: list.owner === "AWS" ? `com.amazonaws.${region}.s3` : `list-${list.index}`,
  ...(list.owner === "AWS" ? {} : { MaxEntries: 100, Version: 1 + (list.index % 7) }),
  Tags: [],
  OwnerId: list.owner === "AWS" ? "AWS" : account,
});

/** The entries of a list. Most lists are offices; a few hide half or all of the internet. */
export const entryAnswers = (plan: Plan, list: PrefixList): readonly object[] =>
  [...new Set(blocksOf(plan, list))].map((Cidr, k) => ({ Cidr, Description: `entry ${k}` }));

const blocksOf = (plan: Plan, list: PrefixList): readonly string[] => {
  const r = random(plan.seed, "list", list.index);
  const several = <T>(make: () => T): readonly T[] => Array.from({ length: r.int(3, 40) }, make);
  if (list.owner === "AWS") return ["3.5.64.0/21", "52.218.0.0/17", "52.92.0.0/17"];
  if (list.family === "IPv6") return list.index % 10 === 9 ? ["::/1", "8000::/1"] : several(() => publicBlock6(r));
  switch (list.index % 10) {
    case 3:
      return ["0.0.0.0/1", "128.0.0.0/1"];
    case 6:
      return ["64.0.0.0/2", "198.0.0.0/7", ...several(() => publicBlock4(r))];
    case 7:
      return list.index % 20 === 7 ? ["0.0.0.0/0"] : ["128.0.0.0/2", "192.0.0.0/3"];
    default:
      return several(() => (r.chance(0.1) ? block4(r.int(11, 99) * 2 ** 24, r.int(8, 12)) : publicBlock4(r)));
  }
};

export const blockPublicAccess = {
  VpcBlockPublicAccessOptions: {
    AwsAccountId: account,
    AwsRegion: region,
    State: "default-state",
    InternetGatewayBlockMode: "off",
    ManagedBy: "account",
    ExclusionsAllowed: "allowed",
  },
} as const;
