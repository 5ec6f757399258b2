import {
  AcceptVpcPeeringConnectionCommand,
  AllocateAddressCommand,
  AssignIpv6AddressesCommand,
  AssignPrivateIpAddressesCommand,
  AssociateAddressCommand,
  AssociateRouteTableCommand,
  AssociateSubnetCidrBlockCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateManagedPrefixListCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  type CreateNetworkAclEntryCommandInput,
  CreateRouteCommand,
  type CreateRouteCommandInput,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcPeeringConnectionCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeVpcsCommand,
  EC2Client,
  type IpPermission,
  ReplaceNetworkAclAssociationCommand,
  RevokeSecurityGroupEgressCommand,
  RunInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";

/** What was built, by the names that it was given. */
export interface Cloud {
  readonly instances: Readonly<Record<string, string>>;
  readonly groups: Readonly<Record<string, string>>;
  readonly acls: Readonly<Record<string, string>>;
  readonly lists: readonly string[];
  /** The IPv6 prefix of the subnet `front`, without the colons that end it. */
  readonly front6: string;
}

export const REGION = "eu-west-1";
const ANYWHERE = "0.0.0.0/0";
const ANYWHERE_6 = "::/0";

/** A member that the server always sends and that the SDK calls optional. */
const sent = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new Error(`the server sent no ${what}`);
  return value;
};

const port = (of: number): Pick<IpPermission, "IpProtocol" | "FromPort" | "ToPort"> => ({
  IpProtocol: "tcp",
  FromPort: of,
  ToPort: of,
});
const from = (...cidrs: readonly string[]): Pick<IpPermission, "IpRanges"> => ({
  IpRanges: cidrs.map((CidrIp) => ({ CidrIp })),
});
const from6 = (...cidrs: readonly string[]): Pick<IpPermission, "Ipv6Ranges"> => ({
  Ipv6Ranges: cidrs.map((CidrIpv6) => ({ CidrIpv6 })),
});
const members = (GroupId: string): Pick<IpPermission, "UserIdGroupPairs"> => ({ UserIdGroupPairs: [{ GroupId }] });

const named = <T extends string>(ResourceType: T, Name: string) => ({
  TagSpecifications: [{ ResourceType, Tags: [{ Key: "Name", Value: Name }] }],
});

type Entry = Omit<CreateNetworkAclEntryCommandInput, "NetworkAclId">;

/** Builds, step by step as a person would, what the questions of `moto.test.ts` are about. */
export const buildCloud = async (endpoint: string): Promise<Cloud> => {
  const ec2 = new EC2Client({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: "testing", secretAccessKey: "testing" },
    maxAttempts: 1,
  });

  const makeVpc = async (name: string, CidrBlock: string, six: boolean) => {
    const { Vpc } = await ec2.send(
      new CreateVpcCommand({ CidrBlock, AmazonProvidedIpv6CidrBlock: six, ...named("vpc", name) }),
    );
    const id = sent(Vpc?.VpcId, "VPC");
    const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand(named("internet-gateway", name)));
    const gateway = sent(InternetGateway?.InternetGatewayId, "internet gateway");
    await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: gateway, VpcId: id }));
    const of = { Filters: [{ Name: "vpc-id", Values: [id] }] };
    const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand(of));
    return { id, gateway, main: sent(RouteTables?.[0]?.RouteTableId, "main route table") };
  };

  const makeSubnet = async (name: string, VpcId: string, CidrBlock: string): Promise<string> => {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone: `${REGION}a`, ...named("subnet", name) }),
    );
    return sent(Subnet?.SubnetId, "subnet");
  };

  const makeTable = async (name: string, VpcId: string, ...subnets: readonly string[]): Promise<string> => {
    const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId, ...named("route-table", name) }));
    const RouteTableId = sent(RouteTable?.RouteTableId, "route table");
    for (const SubnetId of subnets) await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
    return RouteTableId;
  };

  const route = async (RouteTableId: string, to: Omit<CreateRouteCommandInput, "RouteTableId">): Promise<void> => {
    await ec2.send(new CreateRouteCommand({ RouteTableId, ...to }));
  };

  const addEntries = async (NetworkAclId: string, entries: readonly Entry[]): Promise<void> => {
    for (const entry of entries) await ec2.send(new CreateNetworkAclEntryCommand({ NetworkAclId, ...entry }));
  };

  const makeAcl = async (name: string, VpcId: string, subnet: string, entries: readonly Entry[]): Promise<string> => {
    const { NetworkAcl } = await ec2.send(new CreateNetworkAclCommand({ VpcId, ...named("network-acl", name) }));
    const NetworkAclId = sent(NetworkAcl?.NetworkAclId, "network ACL");
    await addEntries(NetworkAclId, entries);
    const { NetworkAcls = [] } = await ec2.send(new DescribeNetworkAclsCommand({}));
    const before = NetworkAcls.flatMap(({ Associations = [] }) => Associations).find((one) => one.SubnetId === subnet);
    const AssociationId = sent(before?.NetworkAclAssociationId, "ACL association");
    await ec2.send(new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }));
    return NetworkAclId;
  };

  const groups: Record<string, string> = {};
  const makeGroup = async (GroupName: string, VpcId: string): Promise<string> => {
    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: GroupName, VpcId }));
    return (groups[GroupName] = sent(GroupId, "security group"));
  };
  const admit = async (GroupId: string, ...IpPermissions: IpPermission[]): Promise<void> => {
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  };

  const instances: Record<string, string> = {};
  const interfaces: Record<string, string> = {};
  const run = async (name: string, SubnetId: string, PrivateIpAddress: string, Groups: string[]): Promise<void> => {
    const { Instances } = await ec2.send(
      new RunInstancesCommand({
        ImageId: "ami-12c6146b",
        InstanceType: "t3.micro",
        MinCount: 1,
        MaxCount: 1,
        NetworkInterfaces: [{ DeviceIndex: 0, SubnetId, PrivateIpAddress, Groups, AssociatePublicIpAddress: false }],
        ...named("instance", name),
      }),
    );
    instances[name] = sent(Instances?.[0]?.InstanceId, "instance");
    interfaces[name] = sent(Instances?.[0]?.NetworkInterfaces?.[0]?.NetworkInterfaceId, "network interface");
  };
  // The server would make elastic IPs within 127.0.0.0/8, so each is asked for by its address.
  const publish = async (name: string, Address: string, PrivateIpAddress?: string): Promise<void> => {
    const { AllocationId } = await ec2.send(new AllocateAddressCommand({ Domain: "vpc", Address }));
    const NetworkInterfaceId = sent(interfaces[name], `interface of ${name}`);
    await ec2.send(
      new AssociateAddressCommand({
        AllocationId,
        NetworkInterfaceId,
        ...(PrivateIpAddress === undefined ? {} : { PrivateIpAddress }),
      }),
    );
  };

  const shop = await makeVpc("shop", "10.20.0.0/16", true);
  const lab = await makeVpc("lab", "10.30.0.0/16", false);

  const front = await makeSubnet("front", shop.id, "10.20.1.0/24");
  const strict = await makeSubnet("strict", shop.id, "10.20.2.0/24");
  const half = await makeSubnet("half", shop.id, "10.20.3.0/24");
  const inner = await makeSubnet("inner", shop.id, "10.20.10.0/24");
  const bench = await makeSubnet("bench", lab.id, "10.30.1.0/24");
  const narrow = await makeSubnet("narrow", lab.id, "10.30.2.0/24");

  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [shop.id] }));
  const block = sent(Vpcs?.[0]?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock, "IPv6 block");
  await ec2.send(new AssociateSubnetCidrBlockCommand({ SubnetId: front, Ipv6CidrBlock: block.replace("/56", "/64") }));

  const front6 = block.replace("::/56", "");
  const number = async (name: string, address: string): Promise<void> => {
    const NetworkInterfaceId = sent(interfaces[name], `interface of ${name}`);
    await ec2.send(new AssignIpv6AddressesCommand({ NetworkInterfaceId, Ipv6Addresses: [`${front6}${address}`] }));
  };

  const { VpcPeeringConnection } = await ec2.send(
    new CreateVpcPeeringConnectionCommand({
      VpcId: shop.id,
      PeerVpcId: lab.id,
      ...named("vpc-peering-connection", "shop-lab"),
    }),
  );
  const peering = { VpcPeeringConnectionId: sent(VpcPeeringConnection?.VpcPeeringConnectionId, "peering") };
  await ec2.send(new AcceptVpcPeeringConnectionCommand(peering));

  // shop: three subnets have a table of their own; inner has the main one, which leads nowhere.
  const open = await makeTable("public", shop.id, front, strict, half);
  await route(open, { DestinationCidrBlock: ANYWHERE, GatewayId: shop.gateway });
  await route(open, { DestinationIpv6CidrBlock: ANYWHERE_6, GatewayId: shop.gateway });
  await route(open, { DestinationCidrBlock: "10.30.0.0/16", ...peering });
  // lab: a gateway but no default route. bench has the main table; narrow answers a quarter of the addresses.
  await route(lab.main, { DestinationCidrBlock: "10.20.0.0/16", ...peering });
  const quarter = await makeTable("quarter", lab.id, narrow);
  await route(quarter, { DestinationCidrBlock: "64.0.0.0/2", GatewayId: lab.gateway });

  const all = { Protocol: "-1", CidrBlock: ANYWHERE } as const;
  const ssh = { Protocol: "6", PortRange: { From: 22, To: 22 } } as const;
  const inAll = { ...all, Egress: false, RuleAction: "allow" } as const;
  const outAll = { ...all, Egress: true, RuleAction: "allow" } as const;
  const acls = {
    strict: await makeAcl("strict", shop.id, strict, [
      { ...inAll, RuleNumber: 100 },
      { ...ssh, CidrBlock: "64.0.0.0/2", Egress: false, RuleAction: "deny", RuleNumber: 50 },
      { ...ssh, CidrBlock: ANYWHERE, Egress: false, RuleAction: "deny", RuleNumber: 200 },
      { ...ssh, CidrBlock: "10.20.1.19/32", Egress: true, RuleAction: "deny", RuleNumber: 50 },
      { ...outAll, RuleNumber: 100 },
    ]),
    half: await makeAcl("half", shop.id, half, [
      { ...inAll, RuleNumber: 100 },
      {
        Protocol: "6",
        PortRange: { From: 32_768, To: 65_535 },
        CidrBlock: ANYWHERE,
        Egress: true,
        RuleAction: "allow",
        RuleNumber: 100,
      },
    ]),
  };
  // AWS itself adds these to the default ACL of a VPC that has an IPv6 block; the server does not.
  const { NetworkAcls = [] } = await ec2.send(new DescribeNetworkAclsCommand({}));
  const standard = NetworkAcls.find(({ IsDefault, VpcId }) => IsDefault === true && VpcId === shop.id);
  const six = { Protocol: "-1", Ipv6CidrBlock: ANYWHERE_6 } as const;
  await addEntries(sent(standard?.NetworkAclId, "default ACL"), [
    { ...six, Egress: false, RuleAction: "allow", RuleNumber: 101 },
    { ...six, Egress: true, RuleAction: "allow", RuleNumber: 101 },
  ]);

  const { PrefixList } = await ec2.send(
    new CreateManagedPrefixListCommand({
      PrefixListName: "partners",
      AddressFamily: "IPv4",
      MaxEntries: 5,
      Entries: [
        { Cidr: "81.2.70.0/24", Description: "one" },
        { Cidr: "81.2.72.0/23", Description: "other" },
      ],
    }),
  );
  const partners = sent(PrefixList?.PrefixListId, "prefix list");

  const office = await makeGroup("office", shop.id);
  await admit(office, { ...port(22), ...from("81.2.69.142/32") });
  await admit(office, { IpProtocol: "icmp", FromPort: 8, ToPort: -1, ...from("81.2.69.0/24") });
  const world = await makeGroup("world", shop.id);
  await admit(world, { ...port(22), ...from("0.0.0.0/1", "128.0.0.0/1") });
  const web = await makeGroup("web", shop.id);
  await admit(web, { IpProtocol: "6", FromPort: 443, ToPort: 443, ...from(ANYWHERE) });
  await admit(web, { IpProtocol: "47", FromPort: -1, ToPort: -1, ...from("81.2.69.0/24") });
  await admit(web, { IpProtocol: "-1", ...from("203.0.113.7/32") });
  const listed = await makeGroup("listed", shop.id);
  await admit(listed, { ...port(22), PrefixListIds: [{ PrefixListId: partners }] });
  const sixth = await makeGroup("six", shop.id);
  await admit(sixth, { ...port(22), ...from6(ANYWHERE_6) });
  await admit(sixth, { ...port(8443), ...from6(`${front6}::/64`) });
  await admit(sixth, { IpProtocol: "icmpv6", FromPort: -1, ToPort: -1, ...from6("2001:db8::/32") });
  const bastion = await makeGroup("bastion", shop.id);
  const database = await makeGroup("database", shop.id);
  await admit(database, { ...port(5432), ...members(bastion) });
  await admit(bastion, { ...port(9000), ...members(database) });
  await admit(bastion, { ...port(22), ...from("10.30.0.0/16") });
  const quiet = await makeGroup("quiet", shop.id);
  await ec2.send(
    new RevokeSecurityGroupEgressCommand({
      GroupId: quiet,
      IpPermissions: [{ IpProtocol: "-1", ...from6(ANYWHERE_6) }],
    }),
  );
  await ec2.send(
    new AuthorizeSecurityGroupEgressCommand({
      GroupId: quiet,
      IpPermissions: [{ ...port(22), ...from6(ANYWHERE_6) }],
    }),
  );
  const workshop = await makeGroup("workshop", lab.id);
  await admit(workshop, { ...port(22), ...from(ANYWHERE) });
  await admit(workshop, { ...port(5433), ...from("10.20.2.0/23") });
  await makeGroup("spare", shop.id).then((id) => admit(id, { ...port(3389), ...from(ANYWHERE) }));

  await run("office-1", front, "10.20.1.11", [office]);
  await run("world-1", front, "10.20.1.12", [world]);
  await run("web-1", front, "10.20.1.13", [web]);
  await run("listed-1", front, "10.20.1.14", [listed]);
  await run("six-1", front, "10.20.1.15", [sixth]);
  await run("bare-1", front, "10.20.1.16", [world]);
  await run("stopped-1", front, "10.20.1.17", [world]);
  await run("bastion-1", front, "10.20.1.18", [bastion]);
  await run("mute-1", front, "10.20.1.21", [sixth]);
  await run("quiet-1", front, "10.20.1.22", [quiet]);
  await run("double-1", front, "10.20.1.19", [world, office]);
  await run("strict-1", strict, "10.20.2.11", [world]);
  await run("half-1", half, "10.20.3.11", [world]);
  await run("inner-1", inner, "10.20.10.11", [world]);
  await run("database-1", inner, "10.20.10.12", [database]);
  await run("bench-1", bench, "10.30.1.11", [workshop]);
  await run("narrow-1", narrow, "10.30.2.11", [workshop]);

  await number("six-1", "::15");
  await number("quiet-1", "::22");
  await publish("office-1", "52.30.0.11");
  await publish("world-1", "52.30.0.12");
  await publish("web-1", "52.30.0.13");
  await publish("listed-1", "52.30.0.14");
  await publish("stopped-1", "52.30.0.17");
  await publish("double-1", "52.30.0.19");
  await publish("strict-1", "52.30.0.22");
  await publish("half-1", "52.30.0.33");
  await publish("inner-1", "52.30.0.44");
  await publish("bench-1", "52.30.0.55");
  await publish("narrow-1", "52.30.0.66");
  await ec2.send(
    new AssignPrivateIpAddressesCommand({
      NetworkInterfaceId: sent(interfaces["double-1"], "interface of double-1"),
      PrivateIpAddresses: ["10.20.1.20"],
    }),
  );
  await publish("double-1", "52.30.0.20", "10.20.1.20");
  await ec2.send(new StopInstancesCommand({ InstanceIds: [sent(instances["stopped-1"], "stopped-1")] }));

  ec2.destroy();
  return { instances, groups, acls, lists: [partners], front6 };
};
