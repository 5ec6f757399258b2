/**
 * The small organization, grown until there is something to ask every call about: a peered VPC with a group that names
 * groups of the other side, VPCs behind a transit gateway, custom routing, and block public access with an exclusion.
 */
import {
  blockOptions,
  group,
  instance,
  interfaceOf,
  type Machine,
  type Place,
  tags,
  vpcAnswers,
  vpcIdOf,
} from "./parts.ts";
import { data, shop, smallEstate } from "./small.ts";
import { type Account, type Answers, type Body, by, type Call, type Estate } from "./types.ts";

const shopVpc = "vpc-0000000000000001";
const webGroup = "sg-0000000000000001b";

/** Peered with the shop. */
const lab: Place = { account: shop, region: "eu-west-1", name: "lab", block: "10.25", number: 5 };
/** Behind the transit gateway, as the shop is. */
const depot: Place = { account: shop, region: "eu-west-1", name: "depot", block: "10.26", number: 6 };
/** In a Region that keeps the internet out, but for one subnet. */
const edge: Place = { account: shop, region: "us-east-1", name: "edge", block: "10.27", number: 7 };

const peering = "pcx-00000000000000015";
const gateway = "tgw-00000000000000001";
const gatewayTable = "tgw-rtb-00000000000000001";
const offices = "pl-0a11f1ce0a11f1ce0";

const ssh = { IpProtocol: "tcp", FromPort: 22, ToPort: 22 } as const;
const everybody = { IpRanges: [{ CidrIp: "0.0.0.0/0" }] } as const;

/** One machine in a VPC of its own. */
const site = (place: Place, machine: Omit<Machine, "id" | "group">, permissions: readonly Body[]): Answers => {
  const one = { ...machine, id: `i-000000000000000${place.number}a`, group: `sg-0000000000000000${place.number}a` };
  const named = group(place, one.group, place.name, `Of ${place.name}`, permissions);
  return {
    ...vpcAnswers(place),
    "ec2:DescribeSecurityGroups": { SecurityGroups: [named] },
    "ec2:DescribeInstances": { Reservations: [instance(place, one)] },
    "ec2:DescribeNetworkInterfaces": { NetworkInterfaces: [interfaceOf(place, one)] },
  };
};

const labAnswers = site(lab, { at: 10, subnet: 0, public: "203.0.113.50" }, [
  { ...ssh, ...everybody },
  {
    IpProtocol: "tcp",
    FromPort: 5432,
    ToPort: 5432,
    UserIdGroupPairs: [
      { UserId: shop, GroupId: webGroup, VpcId: shopVpc, VpcPeeringConnectionId: peering, PeeringStatus: "active" },
      { UserId: shop, GroupId: "sg-0000000000000dead", VpcId: shopVpc, VpcPeeringConnectionId: peering },
    ],
  },
]);

const depotAnswers = site(depot, { at: 10, subnet: 1 }, [
  { ...ssh, IpRanges: [{ CidrIp: "10.20.0.0/16", Description: "the shop" }] },
]);

const edgeAnswers = site(edge, { at: 10, subnet: 0, public: "203.0.113.70" }, [{ ...ssh, ...everybody }]);

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isBody = (value: unknown): value is Body => typeof value === "object" && value !== null;

/** All that several places answer: their lists one behind the other, and of anything else what the first one says. */
const together = (...places: readonly Answers[]): Answers => {
  const all: Partial<Record<Call, Answers[Call]>> = {};
  const calls = (answers: Answers): readonly Call[] =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of answers are calls
    Object.keys(answers) as readonly Call[];
  for (const answers of places)
    for (const call of calls(answers)) {
      const [before, more] = [all[call], answers[call]];
      all[call] = isBody(before) && isBody(more) ? joined(before, more) : (before ?? more);
    }
  return all;
};

const joined = (before: Body, more: Body): Body =>
  Object.fromEntries(
    Object.entries(before).map(([key, value]) => {
      const other = more[key];
      return [key, isList(value) && isList(other) ? [...value, ...other] : value];
    }),
  );

/** The same answers, with these routes in every table of a VPC. */
const routed = (answers: Answers, routes: Readonly<Record<string, readonly Body[]>>): Answers => {
  const told = answers["ec2:DescribeRouteTables"];
  const tables = isBody(told) && isList(told["RouteTables"]) ? told["RouteTables"].filter(isBody) : [];
  const longer = tables.map((table) => ({
    ...table,
    Routes: [...(isList(table["Routes"]) ? table["Routes"] : []), ...(routes[String(table["VpcId"])] ?? [])],
  }));
  return { ...answers, "ec2:DescribeRouteTables": { RouteTables: longer } };
};

const toPeer = (DestinationCidrBlock: string): Body => ({
  DestinationCidrBlock,
  Origin: "CreateRoute",
  State: "active",
  VpcPeeringConnectionId: peering,
});

const toGateway = (DestinationCidrBlock: string): Body => ({
  DestinationCidrBlock,
  Origin: "CreateRoute",
  State: "active",
  TransitGatewayId: gateway,
});

const side = (VpcId: string, CidrBlock: string): Body => ({
  CidrBlock,
  CidrBlockSet: [{ CidrBlock }],
  OwnerId: shop,
  PeeringOptions: {
    AllowDnsResolutionFromRemoteVpc: false,
    AllowEgressFromLocalClassicLinkToRemoteVpc: false,
    AllowEgressFromLocalVpcToRemoteClassicLink: false,
  },
  VpcId,
  Region: "eu-west-1",
});

const created = "2025-08-09T10:11:12+00:00";
const vpcs = [
  ["tgw-attach-00000000000000001", shopVpc, "subnet-0000000000000001b"],
  ["tgw-attach-00000000000000006", vpcIdOf(depot), "subnet-0000000000000006b"],
] as const;

const attachmentOf = ([TransitGatewayAttachmentId, ResourceId]: (typeof vpcs)[number]): Body => ({
  TransitGatewayAttachmentId,
  ResourceId,
  ResourceType: "vpc",
});

const transit: Answers = {
  "ec2:DescribeTransitGateways": {
    TransitGateways: [
      {
        TransitGatewayId: gateway,
        TransitGatewayArn: `arn:aws:ec2:eu-west-1:${shop}:transit-gateway/${gateway}`,
        State: "available",
        OwnerId: shop,
        Description: "",
        CreationTime: created,
        Options: {
          AmazonSideAsn: 64512,
          AutoAcceptSharedAttachments: "disable",
          DefaultRouteTableAssociation: "enable",
          AssociationDefaultRouteTableId: gatewayTable,
          DefaultRouteTablePropagation: "enable",
          PropagationDefaultRouteTableId: gatewayTable,
          VpnEcmpSupport: "enable",
          DnsSupport: "enable",
          SecurityGroupReferencingSupport: "enable",
          MulticastSupport: "disable",
        },
        Tags: tags("hub"),
      },
    ],
  },
  "ec2:DescribeTransitGatewayAttachments": {
    TransitGatewayAttachments: vpcs.map((one) => ({
      ...attachmentOf(one),
      TransitGatewayId: gateway,
      TransitGatewayOwnerId: shop,
      ResourceOwnerId: shop,
      State: "available",
      Association: { TransitGatewayRouteTableId: gatewayTable, State: "associated" },
      CreationTime: created,
      Tags: [],
    })),
  },
  "ec2:DescribeTransitGatewayVpcAttachments": {
    TransitGatewayVpcAttachments: vpcs.map(([TransitGatewayAttachmentId, VpcId, subnet]) => ({
      TransitGatewayAttachmentId,
      TransitGatewayId: gateway,
      VpcId,
      VpcOwnerId: shop,
      State: "available",
      SubnetIds: [subnet],
      CreationTime: created,
      Options: {
        DnsSupport: "enable",
        SecurityGroupReferencingSupport: "enable",
        Ipv6Support: "disable",
        ApplianceModeSupport: "disable",
      },
      Tags: [],
    })),
  },
  "ec2:DescribeTransitGatewayRouteTables": {
    TransitGatewayRouteTables: [
      {
        TransitGatewayRouteTableId: gatewayTable,
        TransitGatewayId: gateway,
        State: "available",
        DefaultAssociationRouteTable: true,
        DefaultPropagationRouteTable: true,
        CreationTime: created,
        Tags: [],
      },
    ],
  },
  "ec2:SearchTransitGatewayRoutes": by("TransitGatewayRouteTableId", {
    [gatewayTable]: {
      Routes: [
        ...vpcs.map((one, index) => ({
          DestinationCidrBlock: index === 0 ? "10.20.0.0/16" : "10.26.0.0/16",
          TransitGatewayAttachments: [attachmentOf(one)],
          Type: "propagated",
          State: "active",
        })),
        { DestinationCidrBlock: "198.51.100.0/24", PrefixListId: offices, Type: "static", State: "blackhole" },
      ],
      AdditionalRoutesAvailable: false,
    },
  }),
  "ec2:GetTransitGatewayPrefixListReferences": by("TransitGatewayRouteTableId", {
    [gatewayTable]: {
      TransitGatewayPrefixListReferences: [
        {
          TransitGatewayRouteTableId: gatewayTable,
          PrefixListId: offices,
          PrefixListOwnerId: shop,
          State: "available",
          Blackhole: true,
        },
      ],
    },
  }),
};

const peered: Answers = {
  "ec2:DescribeVpcPeeringConnections": {
    VpcPeeringConnections: [
      {
        AccepterVpcInfo: side(vpcIdOf(lab), "10.25.0.0/16"),
        RequesterVpcInfo: side(shopVpc, "10.20.0.0/16"),
        Status: { Code: "active", Message: "Active" },
        Tags: tags("shop and lab"),
        VpcPeeringConnectionId: peering,
      },
    ],
  },
  "ec2:DescribeStaleSecurityGroups": by("VpcId", {
    [shopVpc]: { StaleSecurityGroupSet: [] },
    [vpcIdOf(lab)]: {
      StaleSecurityGroupSet: [
        {
          Description: "Of lab",
          GroupId: "sg-00000000000000005a",
          GroupName: "lab",
          StaleIpPermissions: [
            {
              FromPort: 5432,
              IpProtocol: "tcp",
              IpRanges: [],
              PrefixListIds: [],
              ToPort: 5432,
              UserIdGroupPairs: [
                { GroupId: "sg-0000000000000dead", UserId: shop, VpcId: shopVpc, VpcPeeringConnectionId: peering },
              ],
            },
          ],
          StaleIpPermissionsEgress: [],
          VpcId: vpcIdOf(lab),
        },
      ],
    },
  }),
};

const closed: Answers = {
  ...blockOptions(shop, "us-east-1", "block-bidirectional"),
  "ec2:DescribeVpcBlockPublicAccessExclusions": {
    VpcBlockPublicAccessExclusions: [
      {
        ExclusionId: "vpcbpa-exclude-00000000000000007",
        InternetGatewayExclusionMode: "allow-bidirectional",
        ResourceArn: `arn:aws:ec2:us-east-1:${shop}:subnet/subnet-0000000000000007a`,
        State: "create-complete",
        CreationTimestamp: created,
        LastUpdateTimestamp: created,
        Tags: [],
      },
    ],
  },
};

/** A rule by its id for the machine of the lab, so that rules have names. */
const ruleIds: Answers = {
  "ec2:DescribeSecurityGroupRules": {
    SecurityGroupRules: [
      {
        SecurityGroupRuleId: "sgr-00000000000000005",
        GroupId: "sg-00000000000000005a",
        GroupOwnerId: shop,
        IsEgress: false,
        IpProtocol: "tcp",
        FromPort: 22,
        ToPort: 22,
        CidrIpv4: "0.0.0.0/0",
        Tags: [],
      },
    ],
  },
};

const accelerator = `arn:aws:globalaccelerator::${shop}:accelerator/0a1b2c3d-0000-4000-8000-000000000002`;
const listener = `${accelerator}/listener/1b2c3d4e`;

const routing: Answers = {
  "globalaccelerator:ListCustomRoutingAccelerators": {
    Accelerators: [
      {
        AcceleratorArn: accelerator,
        Name: "games",
        IpAddressType: "IPV4",
        Enabled: true,
        IpSets: [{ IpFamily: "IPv4", IpAddresses: ["198.51.100.210", "198.51.100.211"], IpAddressFamily: "IPv4" }],
        DnsName: "a1b2c3d4e.awsglobalaccelerator.com",
        Status: "DEPLOYED",
        CreatedTime: "2025-02-03T04:05:06+00:00",
        LastModifiedTime: "2025-02-03T04:15:16+00:00",
      },
    ],
  },
  "globalaccelerator:ListCustomRoutingListeners": by("AcceleratorArn", {
    [accelerator]: { Listeners: [{ ListenerArn: listener, PortRanges: [{ FromPort: 10_000, ToPort: 30_000 }] }] },
  }),
  "globalaccelerator:ListCustomRoutingEndpointGroups": by("ListenerArn", {
    [listener]: {
      EndpointGroups: [
        {
          EndpointGroupArn: `${listener}/endpoint-group/1b2c3d4e5f60`,
          EndpointGroupRegion: "eu-west-1",
          DestinationDescriptions: [{ FromPort: 8080, ToPort: 8090, Protocols: ["TCP", "UDP"] }],
          EndpointDescriptions: [{ EndpointId: "subnet-0000000000000001b" }],
        },
      ],
    },
  }),
};

const grown = (account: Account): Account => {
  const [west, east] = ["eu-west-1", "us-east-1"].map((region) => account.regions[region]?.answers ?? {});
  const routes = {
    [shopVpc]: [toPeer("10.25.0.0/16"), toGateway("10.26.0.0/16")],
    [vpcIdOf(lab)]: [toPeer("10.20.0.0/16")],
    [vpcIdOf(depot)]: [toGateway("10.20.0.0/16")],
  };
  const inWest = together(west ?? {}, labAnswers, depotAnswers, transit, peered, ruleIds);
  return {
    ...account,
    global: together(account.global, routing),
    regions: {
      ...account.regions,
      "eu-west-1": { optIn: "opt-in-not-required", answers: routed(inWest, routes) },
      "us-east-1": { optIn: "opt-in-not-required", answers: together(closed, east ?? {}, edgeAnswers) },
    },
  };
};

const { [shop]: small, ...others } = smallEstate.accounts;
if (small === undefined) throw new Error("the small estate has no shop");

export const wholeEstate: Estate = { ...smallEstate, accounts: { ...others, [shop]: grown(small) } };

/** Every machine of the estate, and the account and Region that it is in. */
export const machines: readonly (readonly [id: string, account: string, region: string])[] = [
  ["i-0000000000000001a", shop, "eu-west-1"],
  ["i-0000000000000001b", shop, "eu-west-1"],
  ["i-0000000000000001c", shop, "eu-west-1"],
  ["i-0000000000000005a", shop, "eu-west-1"],
  ["i-0000000000000006a", shop, "eu-west-1"],
  ["i-0000000000000002a", shop, "us-east-1"],
  ["i-0000000000000007a", shop, "us-east-1"],
  ["i-0000000000000003a", data, "eu-west-1"],
  ["i-0000000000000004a", "111122223333", "eu-west-1"],
];
