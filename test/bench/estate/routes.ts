/** Route tables: what the reply to a client meets. One main table for each VPC, and a handful of others. */
import { at, type Random, random } from "../random.ts";
import type { Plan, PrefixList, Subnet, Vpc } from "./plan.ts";
import { entryAnswers } from "./network.ts";
import { account, block4, id, publicAddress, publicBlock4, publicBlock6, tags } from "./text.ts";

interface Style {
  readonly isPublic: boolean;
  readonly routes: (r: Random, plan: Plan, vpc: Vpc) => readonly object[];
}

/** What AWS prints of all route tables. */
export const tableAnswers = (plan: Plan): readonly object[] => {
  const members = Map.groupBy(plan.subnets, (subnet) => tableOf(plan, subnet));
  return plan.vpcs.flatMap((vpc) =>
    Array.from({ length: vpc.tables.count }, (_, k) => answer(plan, vpc, k, members.get(vpc.tables.first + k) ?? [])),
  );
};

/** The first table is the main one: its subnets are named nowhere. The second is the plain public one. */
const tableOf = (plan: Plan, subnet: Subnet): number => {
  const { first, count } = subnet.vpc.tables;
  const r = random(plan.seed, "table of", subnet.index);
  const fitting = Array.from({ length: count }, (_, k) => k).filter((k) => styleOf(k).isPublic === subnet.isPublic);
  const usual = subnet.isPublic ? 1 : 0;
  return first + (r.chance(0.5) ? usual : r.pick(fitting));
};

const answer = (plan: Plan, vpc: Vpc, k: number, subnets: readonly Subnet[]): object => {
  const index = vpc.tables.first + k;
  const RouteTableId = id("rtb", index);
  const associated = { AssociationState: { State: "associated" }, RouteTableId };
  const style = styleOf(k);
  return {
    Associations:
      k === 0
        ? [{ Main: true, RouteTableAssociationId: id("rtbassoc", 10_000_000 + index), ...associated }]
        : subnets.map((subnet) => ({
            Main: false,
            RouteTableAssociationId: id("rtbassoc", subnet.index),
            SubnetId: subnet.id,
            ...associated,
          })),
    PropagatingVgws: style === propagated ? [{ GatewayId: id("vgw", vpc.index) }] : [],
    RouteTableId,
    Routes: [...localRoutes(vpc), ...withoutGateway(vpc, style.routes(random(plan.seed, "table", index), plan, vpc))],
    Tags: tags(`routes-${vpc.index}-${k}`),
    VpcId: vpc.id,
    OwnerId: account,
  };
};

const localRoutes = (vpc: Vpc): readonly object[] => [
  ...vpc.blocks.map((DestinationCidrBlock) => ({
    DestinationCidrBlock,
    GatewayId: "local",
    Origin: "CreateRouteTable",
    State: "active",
  })),
  ...(vpc.ipv6
    ? [
        {
          DestinationIpv6CidrBlock: `${vpc.ipv6.start}00::/56`,
          GatewayId: "local",
          Origin: "CreateRouteTable",
          State: "active",
        },
      ]
    : []),
];

/** Where the gateway was taken away, the routes that led to it are still there, as black holes. */
const withoutGateway = (vpc: Vpc, routes: readonly object[]): readonly object[] =>
  vpc.gateway !== undefined
    ? routes
    : routes.map((route) =>
        "GatewayId" in route && String(route.GatewayId).startsWith("igw-") ? { ...route, State: "blackhole" } : route,
      );

const route = (destination: string, target: object, State = "active", Origin = "CreateRoute"): object => ({
  ...(destination.startsWith("pl-")
    ? { DestinationPrefixListId: destination }
    : destination.includes(":")
      ? { DestinationIpv6CidrBlock: destination }
      : { DestinationCidrBlock: destination }),
  ...target,
  Origin,
  State,
});

const gateway = (vpc: Vpc): object => ({ GatewayId: id("igw", vpc.index) });
const nat = (vpc: Vpc): object => ({ NatGatewayId: id("nat", vpc.index) });
const egressOnly = (vpc: Vpc): object => ({ EgressOnlyInternetGatewayId: id("eigw", vpc.index) });
const vpn = (vpc: Vpc): object => ({ GatewayId: id("vgw", vpc.index) });
const transit = (): object => ({ TransitGatewayId: id("tgw", 0) });

/** The way out for IPv6, where the VPC has any. */
const out6 = (vpc: Vpc, target: object, ...destinations: readonly string[]): readonly object[] =>
  vpc.ipv6 ? (destinations.length > 0 ? destinations : ["::/0"]).map((block) => route(block, target)) : [];

const inside: Style = {
  isPublic: false,
  routes: (_r, _plan, vpc) => [
    route("0.0.0.0/0", nat(vpc)),
    ...out6(vpc, egressOnly(vpc)),
    route("pl-6da54004", { GatewayId: id("vpce", vpc.index) }),
  ],
};

const plain: Style = {
  isPublic: true,
  routes: (_r, _plan, vpc) => [
    route("0.0.0.0/0", gateway(vpc)),
    ...out6(vpc, gateway(vpc)),
    route("pl-6da54004", { GatewayId: id("vpce", vpc.index) }),
  ],
};

/** The default leads to the internet, and some of it elsewhere. */
const detours: Style = {
  isPublic: true,
  routes: (r, _plan, vpc) => [
    route("0.0.0.0/0", gateway(vpc)),
    ...several(r, () => publicBlock4(r)).map((block) => route(block, r.pick([nat(vpc), transit(), vpn(vpc)]))),
    ...several(r, () => block4(publicAddress(r), r.int(6, 12))).map((block) =>
      route(block, r.pick([nat(vpc), gateway(vpc)]), "blackhole"),
    ),
    ...out6(vpc, gateway(vpc)),
    ...out6(vpc, egressOnly(vpc), ...several(r, () => publicBlock6(r))),
  ],
};

/** Only a part of the internet gets its reply. */
const narrow: Style = {
  isPublic: true,
  routes: (r, _plan, vpc) => [
    route(r.pick(["0.0.0.0/1", "128.0.0.0/1", "0.0.0.0/2"]), gateway(vpc)),
    ...several(r, () => publicBlock4(r)).map((block) => route(block, gateway(vpc))),
    ...(r.chance(0.5) ? [route("0.0.0.0/0", nat(vpc))] : []),
    ...out6(vpc, gateway(vpc), r.pick(["2000::/3", "2a00::/12", "::/1"])),
  ],
};

/** A prefix list leads to the internet; where a static route names the same block, the static one wins. */
const listed: Style = {
  isPublic: true,
  routes: (r, plan, vpc) => {
    const list = r.pick(plan.lists.filter(({ owner, family }) => owner === "customer" && family === "IPv4"));
    const [toList, other] = r.chance(0.7) ? [gateway(vpc), nat(vpc)] : [nat(vpc), gateway(vpc)];
    return [
      route(list.id, toList),
      ...some(r, blocksOf(plan, list), 3).map((block) => route(block, other)),
      ...(blocksOf(plan, list).includes("0.0.0.0/0") ? [] : [route("0.0.0.0/0", other)]),
      ...out6(vpc, gateway(vpc)),
    ];
  },
};

/** What the VPN tells loses against a static route to the same block, and wins where it is more specific. */
const propagated: Style = {
  isPublic: true,
  routes: (r, _plan, vpc) => {
    const blocks = several(r, () => publicBlock4(r));
    return [
      route("0.0.0.0/0", gateway(vpc)),
      ...some(r, blocks, 2).map((block) => route(block, gateway(vpc))),
      ...blocks.map((block) => route(block, vpn(vpc), "active", "EnableVgwRoutePropagation")),
      ...out6(vpc, gateway(vpc)),
    ];
  },
};

const lost: Style = {
  isPublic: false,
  routes: (_r, _plan, vpc) => [route("0.0.0.0/0", nat(vpc), "blackhole"), ...out6(vpc, egressOnly(vpc))],
};

const styleOf = (k: number): Style =>
  at([inside, plain, detours, narrow, listed, lost, propagated], k < 2 ? k : 2 + ((k - 2) % 5));

const several = (r: Random, make: () => string): readonly string[] => [
  ...new Set(Array.from({ length: r.int(2, 6) }, make)),
];

const some = <T>(r: Random, items: readonly T[], most: number): readonly T[] => items.slice(0, r.int(0, most));

const blocksOf = (plan: Plan, list: PrefixList): readonly string[] =>
  entryAnswers(plan, list).flatMap((entry) => ("Cidr" in entry ? [String(entry.Cidr)] : []));
