/** Interfaces, the instances behind them and their elastic addresses: three dumps that tell of the same things. */
import { random } from "../random.ts";
import { groupId, groupName } from "./groups.ts";
import type { Address, Interface, Plan } from "./plan.ts";
import { account, hex8, id, moment, region, tags } from "./text.ts";

/** What `describe-network-interfaces` prints of one interface. */
export const interfaceAnswer = (plan: Plan, at: Interface): object => {
  const r = random(plan.seed, "interface answer", at.index);
  const first = at.addresses[0];
  return {
    ...(first ? associationOf(first) : {}),
    ...attachmentOf(at, moment(r)),
    AvailabilityZone: zoneOf(at),
    Description: at.holder === "service" ? "RDSNetworkInterface" : "",
    Groups: groupsOf(at),
    InterfaceType: "interface",
    Ipv6Addresses: ipv6Addresses(at),
    MacAddress: macOf(at),
    NetworkInterfaceId: at.id,
    OwnerId: account,
    ...(first ? { PrivateDnsName: dnsName(first.private), PrivateIpAddress: first.private } : {}),
    PrivateIpAddresses: privateAddresses(at),
    ...(at.holder === "service" ? { RequesterId: "amazon-rds" } : {}),
    RequesterManaged: at.holder === "service",
    SourceDestCheck: true,
    Status: at.holder === "nobody" ? "available" : "in-use",
    SubnetId: at.subnet.id,
    TagSet: at.holder === "instance" ? tags(nameOf(at)) : [],
    VpcId: at.subnet.vpc.id,
    ...(at.deniesGateway ? { DenyAllIgwTraffic: true } : {}),
    Operator: { Managed: false },
  };
};

/** What `describe-instances` prints of the instance behind an interface, in a reservation of its own. */
export const reservationAnswer = (plan: Plan, at: Interface): object => {
  const r = random(plan.seed, "instance", at.index);
  const started = moment(r);
  const first = at.addresses[0];
  return {
    ReservationId: id("r", at.index),
    OwnerId: account,
    Groups: [],
    Instances: [
      {
        Architecture: "x86_64",
        BlockDeviceMappings: [
          {
            DeviceName: "/dev/xvda",
            Ebs: { AttachTime: started, DeleteOnTermination: true, Status: "attached", VolumeId: id("vol", at.index) },
          },
        ],
        ClientToken: "",
        EbsOptimized: true,
        EnaSupport: true,
        Hypervisor: "xen",
        IamInstanceProfile: {
          Arn: `arn:aws:iam::${account}:instance-profile/app-${at.index % 97}`,
          Id: `AIPA${hex8(at.index % 97).toUpperCase()}`,
        },
        NetworkInterfaces: [
          {
            ...(first ? associationOf(first) : {}),
            Attachment: {
              AttachTime: started,
              AttachmentId: attachmentId(at),
              DeleteOnTermination: true,
              DeviceIndex: 0,
              Status: "attached",
              NetworkCardIndex: 0,
            },
            Description: "",
            Groups: groupsOf(at),
            Ipv6Addresses: ipv6Addresses(at),
            MacAddress: macOf(at),
            NetworkInterfaceId: at.id,
            OwnerId: account,
            ...(first ? { PrivateDnsName: dnsName(first.private), PrivateIpAddress: first.private } : {}),
            PrivateIpAddresses: privateAddresses(at),
            SourceDestCheck: true,
            Status: "in-use",
            SubnetId: at.subnet.id,
            VpcId: at.subnet.vpc.id,
            InterfaceType: "interface",
          },
        ],
        RootDeviceName: "/dev/xvda",
        RootDeviceType: "ebs",
        SecurityGroups: groupsOf(at),
        SourceDestCheck: true,
        Tags: tags(nameOf(at)),
        VirtualizationType: "hvm",
        CpuOptions: { CoreCount: 2, ThreadsPerCore: 2 },
        MetadataOptions: {
          State: "applied",
          HttpTokens: "required",
          HttpPutResponseHopLimit: 2,
          HttpEndpoint: "enabled",
        },
        InstanceId: instanceId(at),
        ImageId: id("ami", at.index % 31),
        State: at.isRunning ? { Code: 16, Name: "running" } : { Code: 80, Name: "stopped" },
        ...(first ? { PrivateDnsName: dnsName(first.private), PrivateIpAddress: first.private } : {}),
        PublicDnsName: first?.public ? publicDnsName(first.public.text) : "",
        ...(first?.public ? { PublicIpAddress: first.public.text } : {}),
        StateTransitionReason: at.isRunning ? "" : "User initiated",
        InstanceType: r.pick(["t3.micro", "t3.large", "m6i.large", "m7g.xlarge", "c6i.2xlarge", "r6i.4xlarge"]),
        LaunchTime: started,
        Placement: { AvailabilityZone: zoneOf(at), GroupName: "", Tenancy: "default" },
        Monitoring: { State: "disabled" },
        SubnetId: at.subnet.id,
        VpcId: at.subnet.vpc.id,
      },
    ],
  };
};

/** What `describe-addresses` prints of the elastic addresses of one interface. */
export const addressAnswers = (at: Interface): readonly object[] =>
  at.addresses.flatMap(({ private: PrivateIpAddress, public: shown }) =>
    shown?.elastic === undefined
      ? []
      : [
          {
            ...(at.holder === "instance" ? { InstanceId: instanceId(at) } : {}),
            AllocationId: id("eipalloc", shown.elastic),
            AssociationId: id("eipassoc", shown.elastic),
            Domain: "vpc",
            NetworkInterfaceId: at.id,
            NetworkInterfaceOwnerId: account,
            PrivateIpAddress,
            Tags: [],
            PublicIp: shown.text,
            PublicIpv4Pool: "amazon",
            NetworkBorderGroup: region,
          },
        ],
  );

const instanceId = (at: Interface): string => id("i", at.index);
const attachmentId = (at: Interface): string => id("eni-attach", at.index);
const nameOf = (at: Interface): string => `machine-${at.index}`;
const zoneOf = (at: Interface): string => `${region}${"abc".charAt(at.subnet.index % 3)}`;
const dnsName = (address: string): string => `ip-${address.replaceAll(".", "-")}.${region}.compute.internal`;
const publicDnsName = (address: string): string =>
  `ec2-${address.replaceAll(".", "-")}.${region}.compute.amazonaws.com`;
const macOf = (at: Interface): string => `06:${hex8(at.index).match(/../g)?.join(":")}:0a`;

const groupsOf = (at: Interface): readonly object[] =>
  at.groups.map((group) => ({ GroupId: groupId(group), GroupName: groupName(at.subnet.vpc, group) }));

const ipv6Addresses = (at: Interface): readonly object[] =>
  at.ipv6 === undefined ? [] : [{ Ipv6Address: at.ipv6, IsPrimaryIpv6: false }];

const privateAddresses = (at: Interface): readonly object[] =>
  at.addresses.map((address, k) => ({
    ...associationOf(address),
    Primary: k === 0,
    PrivateDnsName: dnsName(address.private),
    PrivateIpAddress: address.private,
  }));

const associationOf = ({ public: shown }: Address): object =>
  shown === undefined
    ? {}
    : {
        Association: {
          ...(shown.elastic === undefined
            ? { IpOwnerId: "amazon" }
            : {
                AllocationId: id("eipalloc", shown.elastic),
                AssociationId: id("eipassoc", shown.elastic),
                IpOwnerId: account,
              }),
          PublicDnsName: publicDnsName(shown.text),
          PublicIp: shown.text,
        },
      };

const attachmentOf = (at: Interface, AttachTime: string): object =>
  at.holder === "nobody"
    ? {}
    : {
        Attachment: {
          AttachTime,
          AttachmentId: attachmentId(at),
          DeleteOnTermination: at.holder === "instance",
          DeviceIndex: at.holder === "instance" ? 0 : 1,
          NetworkCardIndex: 0,
          ...(at.holder === "instance"
            ? { InstanceId: instanceId(at), InstanceOwnerId: account }
            : { InstanceOwnerId: "amazon-rds" }),
          Status: "attached",
        },
      };
