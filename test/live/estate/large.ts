/** One account of any size in many Regions. What is in it is the estate of the bench, its VPCs dealt out to Regions. */
import { aclAnswers } from "../../bench/estate/acls.ts";
import { groupAnswer } from "../../bench/estate/groups.ts";
import { addressAnswers, interfaceAnswer, reservationAnswer } from "../../bench/estate/machines.ts";
import {
  blockPublicAccess,
  entryAnswers,
  gatewayAnswers,
  listAnswer,
  subnetAnswer,
  vpcAnswer,
} from "../../bench/estate/network.ts";
import { type Interface, interfaceAt, plan, type Plan, type Vpc } from "../../bench/estate/plan.ts";
import { tableAnswers } from "../../bench/estate/routes.ts";
import { account, region as benchRegion } from "../../bench/estate/text.ts";
import { at } from "../../bench/random.ts";
import { type Answers, by, type Estate } from "./types.ts";

/** The first one holds about a third of all. */
const names = [
  "eu-west-1",
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
  "eu-central-1",
  "eu-west-2",
  "eu-west-3",
  "eu-north-1",
  "ap-south-1",
  "ap-northeast-1",
  "ap-northeast-2",
  "ap-northeast-3",
  "ap-southeast-1",
  "ap-southeast-2",
  "ca-central-1",
  "sa-east-1",
] as const;

/** The access key of the account. */
const key = "AKIALARGEESTATE00001";

/**
 * As many network interfaces as asked for, nearly all of them of an instance of their own. There are two VPCs at least
 * and one for each 5000 interfaces, so a small number of interfaces leaves Regions empty. The same numbers give the
 * same estate.
 */
export const largeEstate = (interfaces: number, regions: number): Estate => {
  if (regions > names.length) throw new Error(`there are ${names.length} Regions`);
  const outline = plan(interfaces, 7);
  const shares = dealt(outline, regions);
  return {
    accounts: {
      [account]: {
        name: "Large",
        keys: [key],
        roles: {},
        global: {},
        regions: Object.fromEntries(
          shares.map((vpcs, index) => [
            at(names, index),
            { optIn: "opt-in-not-required" as const, answers: answersIn(outline, vpcs, at(names, index)) },
          ]),
        ),
      },
    },
  };
};

/** The first Region gets one VPC, and more until it holds a third; the others take turns. */
const dealt = (outline: Plan, regions: number): readonly ReadonlySet<Vpc>[] => {
  const sizes = new Map<Vpc, number>();
  for (const subnet of outline.subnetOf) {
    const { vpc } = at(outline.subnets, subnet);
    sizes.set(vpc, (sizes.get(vpc) ?? 0) + 1);
  }
  const shares = Array.from({ length: regions }, () => new Set<Vpc>());
  let held = 0;
  let others = 0;
  for (const vpc of outline.vpcs) {
    const size = sizes.get(vpc) ?? 0;
    const isFirst = regions === 1 || held === 0 || held + size <= outline.interfaces * 0.36;
    if (isFirst) held += size;
    at(shares, isFirst ? 0 : 1 + (others++ % (regions - 1))).add(vpc);
  }
  return shares;
};

const answersIn = (outline: Plan, vpcs: ReadonlySet<Vpc>, region: string): Answers => {
  const ids = new Set<unknown>(Array.from(vpcs, ({ id }) => id));
  const mine = (answers: readonly object[]): readonly object[] =>
    answers.filter((answer) => "VpcId" in answer && ids.has(answer.VpcId));
  const told = (items: () => Iterable<object>): Iterable<object> => ({
    *[Symbol.iterator]() {
      for (const item of items()) yield inRegion(item, region);
    },
  });
  return {
    "ec2:DescribeVpcs": { Vpcs: told(() => Array.from(vpcs, vpcAnswer)) },
    "ec2:DescribeSubnets": { Subnets: told(() => mine(outline.subnets.map(subnetAnswer))) },
    "ec2:DescribeInternetGateways": {
      InternetGateways: told(() =>
        gatewayAnswers(outline).filter((gateway) =>
          Array.from(ids).some((id) => JSON.stringify(gateway).includes(String(id))),
        ),
      ),
    },
    "ec2:DescribeRouteTables": { RouteTables: told(() => mine(tableAnswers(outline))) },
    "ec2:DescribeNetworkAcls": { NetworkAcls: told(() => mine(aclAnswers(outline))) },
    "ec2:DescribeManagedPrefixLists": { PrefixLists: told(() => outline.lists.map(listAnswer)) },
    "ec2:GetManagedPrefixListEntries": by(
      "PrefixListId",
      Object.fromEntries(outline.lists.map((list) => [list.id, { Entries: entryAnswers(outline, list) }])),
    ),
    "ec2:DescribeVpcBlockPublicAccessOptions": inRegion(blockPublicAccess, region),
    "ec2:DescribeSecurityGroups": { SecurityGroups: told(() => groupsOf(outline, vpcs)) },
    "ec2:DescribeNetworkInterfaces": {
      NetworkInterfaces: told(() => ofInterfaces(outline, vpcs, (one) => [interfaceAnswer(outline, one)])),
    },
    "ec2:DescribeInstances": {
      Reservations: told(() =>
        ofInterfaces(outline, vpcs, (one) =>
          one.holder === "instance" ? [toldOfInstance(reservationAnswer(outline, one))] : [],
        ),
      ),
    },
    "ec2:DescribeAddresses": { Addresses: told(() => ofInterfaces(outline, vpcs, addressAnswers)) },
  };
};

function* groupsOf(outline: Plan, vpcs: ReadonlySet<Vpc>): Generator<object, void> {
  for (const vpc of vpcs) for (let k = 0; k < vpc.groups.count; k++) yield groupAnswer(outline, vpc, k);
}

/** What there is to tell of each interface, made while it is gone through: there may be a hundred thousand. */
function* ofInterfaces(
  outline: Plan,
  vpcs: ReadonlySet<Vpc>,
  told: (one: Interface) => readonly object[],
): Generator<object, void> {
  for (const [index, subnet] of outline.subnetOf.entries())
    if (vpcs.has(at(outline.subnets, subnet).vpc)) yield* told(interfaceAt(outline, index));
}

/** An instance tells less of its elastic addresses than its interfaces do. */
const toldOfInstance = (reservation: object): object =>
  copied(reservation, (text) => text.replaceAll(/"(?:AllocationId|AssociationId)":"[^"]*",/g, ""));

/** The same thing in another Region: its zones and names say so. */
const inRegion = <T extends object>(thing: T, region: string): T =>
  region === benchRegion ? thing : copied(thing, (text) => text.replaceAll(benchRegion, region));

const copied = <T extends object>(thing: T, change: (json: string) => string): T =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- texts change, and members that may be absent go
  JSON.parse(change(JSON.stringify(thing))) as T;
