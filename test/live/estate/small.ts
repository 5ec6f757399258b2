/**
 * An organization that fits on a few pages: one account that manages, one that runs a shop, one that keeps data, and one
 * that was closed. Two Regions are enabled and a third is not.
 */
import { doors, doorInterfaces } from "./doors.ts";
import {
  blockOptions,
  group,
  instance,
  interfaceOf,
  list,
  type Machine,
  type Place,
  tags,
  vpcAnswers,
} from "./parts.ts";
import { type Account, type Answers, by, type Estate, type Region } from "./types.ts";

export const management = "111122223333";
export const shop = "444455556666";
export const data = "777788889999";
export const retired = "222233334444";

/** The role that the managing account may take in each account. */
export const reader = "SallyportReader";

const shopPlace: Place = { account: shop, region: "eu-west-1", name: "shop", block: "10.20", number: 1 };
const backupPlace: Place = { account: shop, region: "us-east-1", name: "backup", block: "10.21", number: 2 };
const dataPlace: Place = { account: data, region: "eu-west-1", name: "data", block: "10.30", number: 3 };
const homePlace: Place = { account: management, region: "eu-west-1", name: "home", block: "10.10", number: 4 };

const offices = "pl-0a11f1ce0a11f1ce0";

const shopGroups = [
  group(shopPlace, "sg-0000000000000001a", "default", "default VPC security group", []),
  group(shopPlace, "sg-0000000000000001b", "web", "HTTPS from everywhere", [
    {
      IpProtocol: "tcp",
      FromPort: 443,
      ToPort: 443,
      IpRanges: [{ CidrIp: "0.0.0.0/0", Description: "<all> & sundry" }],
    },
    { IpProtocol: "tcp", FromPort: 22, ToPort: 22, PrefixListIds: [{ PrefixListId: offices }] },
  ]),
  group(shopPlace, "sg-0000000000000001c", "app", "From the load balancers", [
    {
      IpProtocol: "tcp",
      FromPort: 8080,
      ToPort: 8080,
      UserIdGroupPairs: [{ UserId: shop, GroupId: "sg-0000000000000001b" }],
    },
  ]),
];

const shopMachines = [
  { id: "i-0000000000000001a", at: 10, subnet: 0, group: "sg-0000000000000001b", public: "203.0.113.10" },
  { id: "i-0000000000000001b", at: 11, subnet: 1, group: "sg-0000000000000001c" },
  { id: "i-0000000000000001c", at: 12, subnet: 1, group: "sg-0000000000000001c" },
] as const;

const shopAnswers: Answers = {
  ...vpcAnswers(shopPlace),
  "ec2:DescribeSecurityGroups": { SecurityGroups: shopGroups },
  "ec2:DescribeInstances": { Reservations: shopMachines.map((machine) => instance(shopPlace, machine)) },
  "ec2:DescribeNetworkInterfaces": {
    NetworkInterfaces: [
      ...shopMachines.map((machine) => interfaceOf(shopPlace, machine)),
      ...doorInterfaces(shopPlace, "sg-0000000000000001b"),
    ],
  },
  "ec2:DescribeAddresses": {
    Addresses: [
      {
        AllocationId: "eipalloc-0000000000000001a",
        AssociationId: "eipassoc-0000000000000001a",
        Domain: "vpc",
        InstanceId: "i-0000000000000001a",
        NetworkBorderGroup: "eu-west-1",
        NetworkInterfaceId: "eni-0000000000001000a",
        NetworkInterfaceOwnerId: shop,
        PrivateIpAddress: "10.20.0.10",
        PublicIp: "203.0.113.10",
        PublicIpv4Pool: "amazon",
      },
    ],
  },
  "ec2:DescribeManagedPrefixLists": {
    PrefixLists: [
      list("eu-west-1", "AWS", "pl-6da54004", "com.amazonaws.eu-west-1.s3"),
      list("eu-west-1", shop, offices, "offices"),
    ],
  },
  "ec2:GetManagedPrefixListEntries": by("PrefixListId", {
    "pl-6da54004": { Entries: [{ Cidr: "3.5.64.0/21" }, { Cidr: "52.218.0.0/17" }] },
    [offices]: {
      Entries: [
        { Cidr: "198.51.100.0/24", Description: "Oslo" },
        { Cidr: "192.0.2.128/25", Description: "Zürich" },
      ],
    },
  }),
  "ec2:DescribeInstanceConnectEndpoints": {
    InstanceConnectEndpoints: [
      {
        OwnerId: shop,
        InstanceConnectEndpointId: "eice-0000000000000001a",
        InstanceConnectEndpointArn: `arn:aws:ec2:eu-west-1:${shop}:instance-connect-endpoint/eice-0000000000000001a`,
        State: "create-complete",
        StateMessage: "",
        DnsName: "eice-0000000000000001a.0a1b2c3d.ec2-instance-connect-endpoint.eu-west-1.amazonaws.com",
        NetworkInterfaceIds: ["eni-0000000000000ece1"],
        VpcId: "vpc-0000000000000001",
        AvailabilityZone: "eu-west-1b",
        CreatedAt: "2024-05-06T07:08:09+00:00",
        SubnetId: "subnet-0000000000000001b",
        PreserveClientIp: false,
        SecurityGroupIds: ["sg-0000000000000001a"],
        Tags: tags("into the shop"),
        IpAddressType: "ipv4",
      },
    ],
  },
  ...doors(shopPlace, ["i-0000000000000001b", "i-0000000000000001c"]),
  "ssm:DescribeInstanceInformation": {
    InstanceInformationList: [
      {
        InstanceId: "i-0000000000000001b",
        PingStatus: "Online",
        LastPingDateTime: "2026-11-20T10:11:12.345000+00:00",
        AgentVersion: "3.3.2299.0",
        IsLatestVersion: true,
        PlatformType: "Linux",
        PlatformName: "Debian GNU/Linux",
        PlatformVersion: "12",
        ResourceType: "EC2Instance",
        IPAddress: "10.20.1.11",
        ComputerName: "app-1",
      },
    ],
  },
};

const accelerator = `arn:aws:globalaccelerator::${shop}:accelerator/0a1b2c3d-0000-4000-8000-000000000001`;
const listener = `${accelerator}/listener/0a1b2c3d`;

const shopGlobal: Answers = {
  "globalaccelerator:ListAccelerators": {
    Accelerators: [
      {
        AcceleratorArn: accelerator,
        Name: "front",
        IpAddressType: "IPV4",
        Enabled: true,
        IpSets: [{ IpFamily: "IPv4", IpAddresses: ["198.51.100.200", "198.51.100.201"], IpAddressFamily: "IPv4" }],
        DnsName: "a0a1b2c3d.awsglobalaccelerator.com",
        Status: "DEPLOYED",
        CreatedTime: "2025-01-02T03:04:05+00:00",
        LastModifiedTime: "2025-01-02T03:14:15+00:00",
      },
    ],
  },
  "globalaccelerator:ListListeners": by("AcceleratorArn", {
    [accelerator]: {
      Listeners: [
        {
          ListenerArn: listener,
          PortRanges: [{ FromPort: 443, ToPort: 443 }],
          Protocol: "TCP",
          ClientAffinity: "NONE",
        },
      ],
    },
  }),
  "globalaccelerator:ListEndpointGroups": by("ListenerArn", {
    [listener]: {
      EndpointGroups: [
        {
          EndpointGroupArn: `${listener}/endpoint-group/0a1b2c3d4e5f`,
          EndpointGroupRegion: "eu-west-1",
          EndpointDescriptions: [
            {
              EndpointId: "i-0000000000000001a",
              Weight: 128,
              HealthState: "HEALTHY",
              ClientIPPreservationEnabled: true,
            },
          ],
          TrafficDialPercentage: 100,
          HealthCheckPort: 443,
          HealthCheckProtocol: "TCP",
          HealthCheckIntervalSeconds: 30,
          ThresholdCount: 3,
          PortOverrides: [{ ListenerPort: 443, EndpointPort: 8443 }],
        },
      ],
    },
  }),
};

/** One VPC with one machine that nobody outside reaches. */
const quiet = (place: Place): Answers => {
  const machine: Machine = {
    id: `i-000000000000000${place.number}a`,
    at: 10 + place.number,
    subnet: 1,
    group: `sg-0000000000000000${place.number}a`,
  };
  return {
    ...vpcAnswers(place),
    "ec2:DescribeSecurityGroups": {
      SecurityGroups: [
        group(place, machine.group, "default", "default VPC security group", [
          { IpProtocol: "-1", UserIdGroupPairs: [{ UserId: place.account, GroupId: machine.group }] },
        ]),
      ],
    },
    "ec2:DescribeInstances": { Reservations: [instance(place, machine)] },
    "ec2:DescribeNetworkInterfaces": { NetworkInterfaces: [interfaceOf(place, machine)] },
  };
};

const regions = (account: string, answers: Readonly<Record<string, Answers>>): Readonly<Record<string, Region>> => ({
  ...Object.fromEntries(
    ["eu-west-1", "us-east-1"].map((region) => [
      region,
      { optIn: "opt-in-not-required" as const, answers: answers[region] ?? blockOptions(account, region) },
    ]),
  ),
  "af-south-1": { optIn: "not-opted-in", answers: {} },
});

const member = (
  account: string,
  name: string,
  answers: Readonly<Record<string, Answers>>,
  global: Answers = {},
): Account => ({
  name,
  keys: [],
  roles: { [reader]: { trusts: [management] } },
  global,
  regions: regions(account, answers),
});

export const smallEstate: Estate = {
  organization: { management },
  accounts: {
    [management]: {
      ...member(management, "Harbour", { "eu-west-1": quiet(homePlace) }),
      keys: ["AKIAHARBOURREADER001"],
    },
    [shop]: member(shop, "Harbour Shop", { "eu-west-1": shopAnswers, "us-east-1": quiet(backupPlace) }, shopGlobal),
    [data]: member(data, "Harbour Data", { "eu-west-1": quiet(dataPlace) }),
    [retired]: { name: "Harbour Attic", state: "SUSPENDED", keys: [], roles: {}, global: {}, regions: {} },
  },
};
