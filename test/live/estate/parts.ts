/** Things of a small estate with all the fields that the AWS CLI prints of them. */
import type { Answers, Body } from "./types.ts";

/** A VPC, and where it lies. Its block is a /16, of which the first /24 is open to the internet and the second is not. */
export interface Place {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly block: string;
  readonly number: number;
}

export interface Machine {
  readonly id: string;
  /** The last number of its address. */
  readonly at: number;
  readonly subnet: 0 | 1;
  readonly group: string;
  readonly public?: string;
}

export const tags = (name: string): readonly Body[] => [{ Key: "Name", Value: name }];

export const vpcIdOf = ({ number }: Place): string => `vpc-000000000000000${number}`;
export const subnetIdOf = ({ number }: Place, subnet: 0 | 1): string =>
  `subnet-000000000000000${number}${subnet === 0 ? "a" : "b"}`;
export const zoneOf = ({ region }: Place, subnet: 0 | 1): string => `${region}${subnet === 0 ? "a" : "b"}`;

const idOf = (kind: string, { number }: Place, end = ""): string => `${kind}-000000000000000${number}${end}`;

/** The VPC, its subnets, tables, ACL and gateway, and what the account lets the internet do. */
export const vpcAnswers = (place: Place): Answers => ({
  "ec2:DescribeVpcs": { Vpcs: [vpc(place)] },
  "ec2:DescribeSubnets": { Subnets: [subnet(place, 0), subnet(place, 1)] },
  "ec2:DescribeRouteTables": { RouteTables: [mainTable(place), publicTable(place)] },
  "ec2:DescribeNetworkAcls": { NetworkAcls: [acl(place)] },
  "ec2:DescribeInternetGateways": {
    InternetGateways: [
      {
        Attachments: [{ State: "available", VpcId: vpcIdOf(place) }],
        InternetGatewayId: idOf("igw", place),
        OwnerId: place.account,
        Tags: tags(place.name),
      },
    ],
  },
  ...blockOptions(place.account, place.region),
});

/** What every Region answers, one with nothing in it too. */
export const blockOptions = (account: string, region: string, mode = "off"): Answers => ({
  "ec2:DescribeVpcBlockPublicAccessOptions": {
    VpcBlockPublicAccessOptions: {
      AwsAccountId: account,
      AwsRegion: region,
      State: mode === "off" ? "default-state" : "update-complete",
      InternetGatewayBlockMode: mode,
      LastUpdateTimestamp: "2024-11-19T00:00:00.500000+00:00",
      ManagedBy: "account",
      ExclusionsAllowed: "allowed",
    },
  },
});

const vpc = (place: Place): Body => ({
  OwnerId: place.account,
  InstanceTenancy: "default",
  CidrBlockAssociationSet: [
    {
      AssociationId: idOf("vpc-cidr-assoc", place),
      CidrBlock: `${place.block}.0.0/16`,
      CidrBlockState: { State: "associated" },
    },
  ],
  IsDefault: false,
  Tags: tags(place.name),
  BlockPublicAccessStates: { InternetGatewayBlockMode: "off" },
  VpcId: vpcIdOf(place),
  State: "available",
  CidrBlock: `${place.block}.0.0/16`,
  DhcpOptionsId: idOf("dopt", place),
});

const subnet = (place: Place, number: 0 | 1): Body => ({
  AvailabilityZoneId: `euw1-az${number + 1}`,
  MapCustomerOwnedIpOnLaunch: false,
  OwnerId: place.account,
  AssignIpv6AddressOnCreation: false,
  Ipv6CidrBlockAssociationSet: [],
  Tags: tags(`${place.name} ${number === 0 ? "public" : "private"}`),
  SubnetArn: `arn:aws:ec2:${place.region}:${place.account}:subnet/${subnetIdOf(place, number)}`,
  EnableDns64: false,
  Ipv6Native: false,
  PrivateDnsNameOptionsOnLaunch: {
    HostnameType: "ip-name",
    EnableResourceNameDnsARecord: false,
    EnableResourceNameDnsAAAARecord: false,
  },
  BlockPublicAccessStates: { InternetGatewayBlockMode: "off" },
  SubnetId: subnetIdOf(place, number),
  State: "available",
  VpcId: vpcIdOf(place),
  CidrBlock: `${place.block}.${number}.0/24`,
  AvailableIpAddressCount: 248,
  AvailabilityZone: zoneOf(place, number),
  DefaultForAz: false,
  MapPublicIpOnLaunch: number === 0,
});

const local = (place: Place): Body => ({
  DestinationCidrBlock: `${place.block}.0.0/16`,
  GatewayId: "local",
  Origin: "CreateRouteTable",
  State: "active",
});

const table = (place: Place, end: string, associations: readonly Body[], routes: readonly Body[]): Body => ({
  Associations: associations.map((association) => ({
    RouteTableAssociationId: idOf("rtbassoc", place, end),
    RouteTableId: idOf("rtb", place, end),
    ...association,
    AssociationState: { State: "associated" },
  })),
  PropagatingVgws: [],
  RouteTableId: idOf("rtb", place, end),
  Routes: [local(place), ...routes],
  Tags: [],
  VpcId: vpcIdOf(place),
  OwnerId: place.account,
});

const mainTable = (place: Place): Body => table(place, "a", [{ Main: true }], []);

const publicTable = (place: Place): Body =>
  table(
    place,
    "b",
    [{ Main: false, SubnetId: subnetIdOf(place, 0) }],
    [
      {
        DestinationCidrBlock: "0.0.0.0/0",
        GatewayId: idOf("igw", place),
        Origin: "CreateRoute",
        State: "active",
      },
    ],
  );

const acl = (place: Place): Body => ({
  Associations: ([0, 1] as const).map((number) => ({
    NetworkAclAssociationId: idOf("aclassoc", place, String(number)),
    NetworkAclId: idOf("acl", place),
    SubnetId: subnetIdOf(place, number),
  })),
  Entries: [true, false].flatMap((Egress) => [
    { CidrBlock: "0.0.0.0/0", Egress, Protocol: "-1", RuleAction: "allow", RuleNumber: 100 },
    { CidrBlock: "0.0.0.0/0", Egress, Protocol: "-1", RuleAction: "deny", RuleNumber: 32767 },
  ]),
  IsDefault: true,
  NetworkAclId: idOf("acl", place),
  Tags: [],
  VpcId: vpcIdOf(place),
  OwnerId: place.account,
});

const everywhere: Body = {
  IpProtocol: "-1",
  UserIdGroupPairs: [],
  IpRanges: [{ CidrIp: "0.0.0.0/0" }],
  Ipv6Ranges: [],
  PrefixListIds: [],
};

export const group = (
  place: Place,
  GroupId: string,
  GroupName: string,
  Description: string,
  permissions: readonly Body[],
): Body => ({
  GroupId,
  IpPermissionsEgress: [everywhere],
  Tags: [],
  VpcId: vpcIdOf(place),
  SecurityGroupArn: `arn:aws:ec2:${place.region}:${place.account}:security-group/${GroupId}`,
  OwnerId: place.account,
  GroupName,
  Description,
  IpPermissions: permissions.map((permission) => ({
    UserIdGroupPairs: [],
    IpRanges: [],
    Ipv6Ranges: [],
    PrefixListIds: [],
    ...permission,
  })),
});

const addressOf = (place: Place, { subnet, at }: Machine): string => `${place.block}.${subnet}.${at}`;
const interfaceIdOf = ({ number }: Place, { id }: Machine): string => `eni-000000000000${number}000${id.slice(-1)}`;
const started = "2025-03-04T05:06:07+00:00";

const associationOf = (place: Place, { public: PublicIp }: Machine): Body =>
  PublicIp === undefined
    ? {}
    : {
        Association: {
          IpOwnerId: place.account,
          PublicDnsName: `ec2-${PublicIp.replaceAll(".", "-")}.${place.region}.compute.amazonaws.com`,
          PublicIp,
        },
      };

const addressesOf = (place: Place, machine: Machine): readonly Body[] => [
  { ...associationOf(place, machine), Primary: true, PrivateIpAddress: addressOf(place, machine) },
];

/** What both the instance and the list of interfaces tell of an interface. */
const card = (place: Place, machine: Machine): Body => ({
  ...associationOf(place, machine),
  Description: "",
  Groups: [{ GroupId: machine.group, GroupName: "of the machine" }],
  InterfaceType: "interface",
  Ipv6Addresses: [],
  MacAddress: `06:00:00:00:0${place.number}:${machine.at}`,
  NetworkInterfaceId: interfaceIdOf(place, machine),
  OwnerId: place.account,
  PrivateIpAddress: addressOf(place, machine),
  PrivateIpAddresses: addressesOf(place, machine),
  SourceDestCheck: true,
  Status: "in-use",
  SubnetId: subnetIdOf(place, machine.subnet),
  VpcId: vpcIdOf(place),
});

const attachment = (place: Place, machine: Machine): Body => ({
  AttachTime: started,
  AttachmentId: `eni-attach-000000000000${place.number}000${machine.id.slice(-1)}`,
  DeleteOnTermination: true,
  DeviceIndex: 0,
  NetworkCardIndex: 0,
  Status: "attached",
});

export const interfaceOf = (place: Place, machine: Machine): Body => ({
  ...card(place, machine),
  Attachment: { ...attachment(place, machine), InstanceId: machine.id, InstanceOwnerId: place.account },
  AvailabilityZone: zoneOf(place, machine.subnet),
  RequesterManaged: false,
  TagSet: [],
  Operator: { Managed: false },
});

export const instance = (place: Place, machine: Machine): Body => ({
  ReservationId: `r-000000000000${place.number}000${machine.id.slice(-1)}`,
  OwnerId: place.account,
  Groups: [],
  Instances: [
    {
      Architecture: "x86_64",
      ClientToken: "",
      EbsOptimized: false,
      Hypervisor: "xen",
      NetworkInterfaces: [{ ...card(place, machine), Attachment: attachment(place, machine) }],
      RootDeviceType: "ebs",
      SecurityGroups: [{ GroupId: machine.group, GroupName: "of the machine" }],
      SourceDestCheck: true,
      Tags: tags(`${place.name}-${machine.id.slice(-1)}`),
      VirtualizationType: "hvm",
      InstanceId: machine.id,
      ImageId: "ami-00000000000000001",
      State: { Code: 16, Name: "running" },
      PrivateIpAddress: addressOf(place, machine),
      ...(machine.public === undefined ? {} : { PublicIpAddress: machine.public }),
      StateTransitionReason: "",
      InstanceType: "t3.micro",
      LaunchTime: started,
      Placement: { AvailabilityZone: zoneOf(place, machine.subnet), GroupName: "", Tenancy: "default" },
      Monitoring: { State: "disabled" },
      SubnetId: subnetIdOf(place, machine.subnet),
      VpcId: vpcIdOf(place),
    },
  ],
});

export const list = (region: string, owner: string, PrefixListId: string, PrefixListName: string): Body => ({
  PrefixListId,
  AddressFamily: "IPv4",
  State: "create-complete",
  PrefixListArn: `arn:aws:ec2:${region}:${owner === "AWS" ? "aws" : owner}:prefix-list/${PrefixListId}`,
  PrefixListName,
  ...(owner === "AWS" ? {} : { MaxEntries: 10, Version: 3 }),
  Tags: [],
  OwnerId: owner,
});
