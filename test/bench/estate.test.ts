import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { reaches } from "./brute.ts";
import { readDocuments } from "./documents.ts";
import { estate, type Page } from "./estate.ts";
import { boundarySample } from "./sample.ts";

const pages = [...estate(1000, 1)];
const documents = readDocuments(pages);

const digest = (some: Iterable<Page>): string => {
  const hash = createHash("sha256");
  for (const { name, json } of some) hash.update(`${name}\n${json}\n`);
  return hash.digest("hex");
};

/** The text of every value of a key, over all pages whose name begins so. */
const values = (beginning: string, key: string): readonly string[] =>
  pages
    .filter(({ name }) => name.startsWith(beginning))
    .flatMap(({ json }) =>
      [...json.matchAll(new RegExp(`"${key}":"?([^",}\\]]*)`, "g"))].map((match) => match[1] ?? ""),
    );

test("the same seed gives the same bytes, another seed gives others", () => {
  expect(digest(estate(1000, 1))).toBe(digest(pages));
  expect(digest(estate(1000, 2))).not.toBe(digest(pages));
});

test("a page holds at most a thousand answers and has a name of its own", () => {
  const large = [...estate(2500, 1)];
  const names = large.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => name.startsWith("network-interfaces"))).toEqual([
    "network-interfaces-0001.json",
    "network-interfaces-0002.json",
    "network-interfaces-0003.json",
  ]);
});

test("the shares are those of a real estate", () => {
  const share = (of: number): number => of / 1000;
  const all = [...documents.interfaces.values()];
  expect(all).toHaveLength(1000);
  expect(documents.groups.size).toBeGreaterThanOrEqual(90);
  expect(
    share(all.filter((one) => one.PrivateIpAddresses.some(({ Association }) => Association)).length),
  ).toBeGreaterThan(0.2);
  expect(share(all.filter((one) => one.Ipv6Addresses.length > 0).length)).toBeGreaterThan(0.1);
  const states = [...documents.stateOfInstance.values()];
  expect(states.filter((state) => state === "running").length / states.length).toBeGreaterThan(0.88);
  expect(all.every(({ Groups }) => Groups.length >= 1 && Groups.length <= 5)).toBe(true);
  const interfaceBytes = pages.find(({ name }) => name === "network-interfaces-0001.json")?.json.length ?? 0;
  expect(interfaceBytes / 1000).toBeGreaterThan(900);
  expect(interfaceBytes / 1000).toBeLessThan(1500);
});

test.each([
  ["vpcs", "VpcId"],
  ["subnets", "SubnetId"],
  ["subnets", "CidrBlock"],
  ["security-groups", "SecurityGroupArn"],
  ["network-interfaces", "NetworkInterfaceId"],
  ["network-interfaces", "MacAddress"],
  ["network-interfaces", "Ipv6Address"],
  ["instances", "InstanceId"],
  ["addresses", "AllocationId"],
  ["addresses", "PublicIp"],
])("in %s, each %s comes once", (file, key) => {
  const all = values(file, key);
  expect(all.length).toBeGreaterThan(0);
  expect(new Set(all).size).toBe(all.length);
});

test.each([
  ["network-interfaces", "SubnetId", "subnets", "SubnetId"],
  ["network-interfaces", "GroupId", "security-groups", "GroupId"],
  ["network-interfaces", "InstanceId", "instances", "InstanceId"],
  ["network-interfaces", "VpcId", "vpcs", "VpcId"],
  ["instances", "NetworkInterfaceId", "network-interfaces", "NetworkInterfaceId"],
  ["addresses", "NetworkInterfaceId", "network-interfaces", "NetworkInterfaceId"],
  ["addresses", "PublicIp", "network-interfaces", "PublicIp"],
  ["security-groups", "PrefixListId", "managed-prefix-lists", "PrefixListId"],
  ["route-tables", "DestinationPrefixListId", "managed-prefix-lists", "PrefixListId"],
  ["route-tables", "SubnetId", "subnets", "SubnetId"],
  ["subnets", "SubnetId", "network-acls", "SubnetId"],
  ["internet-gateways", "VpcId", "vpcs", "VpcId"],
])("each %s %s is found in %s", (from, key, to, id) => {
  const known = new Set(values(to, id));
  const wanted = values(from, key);
  expect(wanted.length).toBeGreaterThan(0);
  expect(wanted.filter((one) => !known.has(one))).toEqual([]);
});

test("every prefix list has its entries", () => {
  expect([...documents.lists.keys()].toSorted()).toEqual(values("managed-prefix-lists-", "PrefixListId").toSorted());
});

test("the sample asks the same questions again, and both answers are common", () => {
  const questions = boundarySample(documents, 4000, 1);
  expect(boundarySample(documents, 4000, 1)).toEqual(questions);
  const reachable = questions.filter((question) => reaches(documents, question).verdict === "reachable").length;
  expect(reachable / questions.length).toBeGreaterThan(0.1);
  expect(reachable / questions.length).toBeLessThan(0.4);
});

/** A small world, written by hand, with one thing of each kind that the oracle must read rightly. */
const world = (changes: object = {}): ReturnType<typeof readDocuments> => {
  const association = { Association: { PublicIp: "52.16.0.1" } };
  const answers: Record<string, unknown> = {
    VpcBlockPublicAccessOptions: { InternetGatewayBlockMode: "off" },
    Vpcs: [
      {
        VpcId: "vpc-1",
        CidrBlockAssociationSet: [{ CidrBlock: "10.0.0.0/16" }],
        Ipv6CidrBlockAssociationSet: [
          {
            Ipv6CidrBlock: "2a05:d018:1::/56",
            Ipv6AddressAttribute: "public",
            Ipv6CidrBlockState: { State: "associated" },
          },
        ],
      },
    ],
    InternetGateways: [{ InternetGatewayId: "igw-1", Attachments: [{ VpcId: "vpc-1", State: "available" }] }],
    RouteTables: [
      {
        VpcId: "vpc-1",
        Associations: [{ Main: true }],
        Routes: [
          { DestinationCidrBlock: "10.0.0.0/16", GatewayId: "local", Origin: "CreateRouteTable", State: "active" },
          { DestinationCidrBlock: "0.0.0.0/0", GatewayId: "igw-1", Origin: "CreateRoute", State: "active" },
          { DestinationCidrBlock: "8.0.0.0/8", NatGatewayId: "nat-1", Origin: "CreateRoute", State: "active" },
          { DestinationCidrBlock: "8.8.0.0/16", GatewayId: "igw-1", Origin: "CreateRoute", State: "blackhole" },
          { DestinationPrefixListId: "pl-0a", GatewayId: "igw-1", Origin: "CreateRoute", State: "active" },
          {
            DestinationCidrBlock: "9.9.9.0/24",
            GatewayId: "vgw-1",
            Origin: "EnableVgwRoutePropagation",
            State: "active",
          },
          { DestinationIpv6CidrBlock: "::/0", GatewayId: "igw-1", Origin: "CreateRoute", State: "active" },
        ],
      },
    ],
    Entries: [{ Cidr: "8.4.0.0/16" }, { Cidr: "9.9.9.0/24" }, { Cidr: "8.0.0.0/8" }],
    NetworkAcls: [
      {
        Associations: [{ SubnetId: "subnet-1" }],
        Entries: [
          { RuleNumber: 20, Egress: false, RuleAction: "allow", Protocol: "-1", CidrBlock: "0.0.0.0/0" },
          {
            RuleNumber: 10,
            Egress: false,
            RuleAction: "deny",
            Protocol: "6",
            CidrBlock: "4.0.0.0/8",
            PortRange: { From: 22, To: 23 },
          },
          {
            RuleNumber: 10,
            Egress: true,
            RuleAction: "allow",
            Protocol: "6",
            CidrBlock: "0.0.0.0/0",
            PortRange: { From: 32768, To: 65535 },
          },
          {
            RuleNumber: 20,
            Egress: true,
            RuleAction: "allow",
            Protocol: "1",
            CidrBlock: "0.0.0.0/0",
            IcmpTypeCode: { Type: 0, Code: -1 },
          },
          { RuleNumber: 30, Egress: true, RuleAction: "allow", Protocol: "47", CidrBlock: "0.0.0.0/0" },
          { RuleNumber: 40, Egress: false, RuleAction: "allow", Protocol: "-1", Ipv6CidrBlock: "::/0" },
          { RuleNumber: 40, Egress: true, RuleAction: "allow", Protocol: "-1", Ipv6CidrBlock: "::/0" },
        ],
      },
    ],
    SecurityGroups: [
      {
        GroupId: "sg-1",
        IpPermissions: [
          permission("tcp", 22, 23, ["0.0.0.0/1"], ["2a00::/12"]),
          permission("icmp", 8, -1, ["0.0.0.0/0"], []),
          permission("47", undefined, undefined, ["6.0.0.0/8"], []),
        ],
      },
    ],
    NetworkInterfaces: [
      {
        NetworkInterfaceId: "eni-1",
        VpcId: "vpc-1",
        SubnetId: "subnet-1",
        Status: "in-use",
        Attachment: { Status: "attached", InstanceId: "i-1" },
        Groups: [{ GroupId: "sg-1" }],
        PrivateIpAddresses: [{ PrivateIpAddress: "10.0.0.4", ...association }, { PrivateIpAddress: "10.0.0.5" }],
        Ipv6Addresses: [{ Ipv6Address: "2a05:d018:1::4" }],
      },
    ],
    Reservations: [{ Instances: [{ InstanceId: "i-1", State: { Name: "running" } }] }],
    ...changes,
  };
  return readDocuments([{ name: "everything-pl-0a.json", json: JSON.stringify(answers) }]);
};

function permission(
  IpProtocol: string,
  FromPort: number | undefined,
  ToPort: number | undefined,
  v4: string[],
  v6: string[],
) {
  return {
    IpProtocol,
    ...(FromPort === undefined ? {} : { FromPort }),
    ...(ToPort === undefined ? {} : { ToPort }),
    IpRanges: v4.map((CidrIp) => ({ CidrIp })),
    Ipv6Ranges: v6.map((CidrIpv6) => ({ CidrIpv6 })),
    PrefixListIds: [],
  };
}

const verdictOn = (row: string, documents = world()): string => {
  const [, client = "", address = "", protocol, port] = /^(\S+) > (\S+) (\d+)\/(\d+)$/.exec(row) ?? [];
  const answer = reaches(documents, {
    interface: "eni-1",
    address,
    client,
    protocol: Number(protocol),
    port: Number(port),
  });
  return answer.verdict === "blocked" ? "blocked" : `reachable from ${answer.clientPorts} ports`;
};

test.each([
  ["3.3.3.3 > 10.0.0.4 6/22", "reachable from some ports", "only 32768-65535 get their reply"],
  ["3.3.3.3 > 10.0.0.4 6/24", "blocked", "the group opens 22 and 23"],
  ["127.255.255.255 > 10.0.0.4 6/22", "blocked", "no packet comes from there"],
  ["126.255.255.255 > 10.0.0.4 6/23", "reachable from some ports", "inside 0.0.0.0/1"],
  ["128.0.0.0 > 10.0.0.4 6/22", "blocked", "just outside 0.0.0.0/1"],
  ["3.3.3.3 > 10.0.0.5 6/22", "blocked", "this address has no public twin"],
  ["10.0.0.9 > 10.0.0.4 6/22", "blocked", "a gateway takes no private source"],
  ["4.1.1.1 > 10.0.0.4 6/22", "blocked", "ACL entry 10 comes before 20"],
  ["8.1.1.1 > 10.0.0.4 6/22", "blocked", "the static route to the NAT gateway beats the list's 8.0.0.0/8"],
  ["8.4.1.1 > 10.0.0.4 6/22", "reachable from some ports", "the list's 8.4.0.0/16 is longer"],
  ["8.8.1.1 > 10.0.0.4 6/22", "blocked", "a black hole does not fall through"],
  ["9.9.9.9 > 10.0.0.4 6/22", "reachable from some ports", "the list beats what the VPN tells"],
  ["200.1.1.1 > 10.0.0.4 1/2048", "reachable from all ports", "echo in, echo reply out"],
  ["200.1.1.1 > 10.0.0.4 1/772", "blocked", "the group takes type 8 only"],
  ["6.1.1.1 > 10.0.0.4 47/0", "reachable from all ports", "a protocol without ports"],
  ["6.1.1.1 > 10.0.0.4 50/0", "blocked", "another one"],
  ["2a01::1 > 2a05:d018:1::4 6/22", "reachable from all ports", "IPv6 needs no twin"],
  ["2a10::1 > 2a05:d018:1::4 6/22", "blocked", "just outside 2a00::/12"],
  ["3.3.3.3 > 2a05:d018:1::4 6/22", "blocked", "the families never mix"],
])("%s: %s, for %s", (row, answer) => {
  expect(verdictOn(row)).toBe(answer);
});

test.each([
  ["the instance is stopped", { Reservations: [{ Instances: [{ InstanceId: "i-1", State: { Name: "stopped" } }] }] }],
  ["no gateway is attached", { InternetGateways: [{ InternetGatewayId: "igw-1", Attachments: [] }] }],
  [
    "the gateway is another VPC's",
    { InternetGateways: [{ InternetGatewayId: "igw-1", Attachments: [{ VpcId: "vpc-2", State: "available" }] }] },
  ],
])("where %s, nothing comes in", (_, changes) => {
  const documents = world(changes);
  for (const row of ["3.3.3.3 > 10.0.0.4 6/22", "2a01::1 > 2a05:d018:1::4 6/22"])
    expect(verdictOn(row, documents)).toBe("blocked");
});
