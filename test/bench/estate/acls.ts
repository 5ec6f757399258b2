/** Network ACLs: first match by number, both directions, often with only a part of the client's ports on the way out. */
import { at, type Random, random } from "../random.ts";
import type { Plan, Subnet, Vpc } from "./plan.ts";
import { account, block4, id, publicBlock4, publicBlock6, publicAddress, tags } from "./text.ts";

interface Entry {
  readonly CidrBlock?: string;
  readonly Ipv6CidrBlock?: string;
  readonly Egress: boolean;
  readonly Protocol: string;
  readonly RuleAction: "allow" | "deny";
  readonly PortRange?: { readonly From: number; readonly To: number };
  readonly IcmpTypeCode?: { readonly Type: number; readonly Code: number };
}

/** The ACL of a subnet: half of them keep the default one, which is the first of the VPC. */
const aclOf = (plan: Plan, subnet: Subnet): number => {
  const { first, count } = subnet.vpc.acls;
  const r = random(plan.seed, "acl of", subnet.index);
  return r.chance(0.35) ? first : first + r.int(0, count - 1);
};

/** What AWS prints of all ACLs. */
export const aclAnswers = (plan: Plan): readonly object[] => {
  const members = Map.groupBy(plan.subnets, (subnet) => aclOf(plan, subnet));
  return plan.vpcs.flatMap((vpc) =>
    Array.from({ length: vpc.acls.count }, (_, k) => answer(plan, vpc, k, members.get(vpc.acls.first + k) ?? [])),
  );
};

const answer = (plan: Plan, vpc: Vpc, k: number, subnets: readonly Subnet[]): object => {
  const NetworkAclId = id("acl", vpc.acls.first + k);
  return {
    Associations: subnets.map((subnet) => ({
      NetworkAclAssociationId: id("aclassoc", subnet.index),
      NetworkAclId,
      SubnetId: subnet.id,
    })),
    Entries: entriesOf(random(plan.seed, "acl", vpc.acls.first + k), k, vpc.ipv6 !== undefined),
    IsDefault: k === 0,
    NetworkAclId,
    Tags: k === 0 ? [] : tags(`acl-${vpc.index}-${k}`),
    VpcId: vpc.id,
    OwnerId: account,
  };
};

const entriesOf = (r: Random, k: number, hasIpv6: boolean): readonly object[] => {
  const style =
    k === 0 ? allOpen : at([closedPorts, guarded, halves, guarded, closedPorts, replies], k < 4 ? k - 1 : r.int(0, 5));
  return [false, true].flatMap((Egress) => {
    const entries = style(r, Egress, "0.0.0.0/0", () => publicBlock4(r)).map((entry) => ({ ...entry, Egress }));
    const entries6 = hasIpv6
      ? style(r, Egress, "::/0", () => publicBlock6(r)).map((entry) => ({ ...forIpv6(entry), Egress }))
      : [];
    const numbered = [
      ...entries.map((entry, n) => ({ ...entry, RuleNumber: 100 + 10 * n })),
      ...entries6.map((entry, n) => ({ ...entry, RuleNumber: 105 + 10 * n })),
      { CidrBlock: "0.0.0.0/0", Egress, Protocol: "-1", RuleAction: "deny", RuleNumber: 32767 },
      ...(hasIpv6 ? [{ Ipv6CidrBlock: "::/0", Egress, Protocol: "-1", RuleAction: "deny", RuleNumber: 32768 }] : []),
    ];
    return r.chance(0.5) ? numbered : numbered.toReversed();
  });
};

type Draft = Omit<Entry, "Egress">;
type Style = (r: Random, egress: boolean, everywhere: string, somewhere: () => string) => readonly Draft[];

const entry = (RuleAction: "allow" | "deny", Protocol: string, CidrBlock: string, from?: number, to = from): Draft => ({
  CidrBlock,
  Protocol,
  RuleAction,
  ...portRange(Protocol, from, to),
});

/** TCP and UDP always name ports, if only all of them. */
const portRange = (protocol: string, from: number | undefined, to: number | undefined): Pick<Draft, "PortRange"> => {
  if (protocol !== "6" && protocol !== "17") return {};
  return { PortRange: { From: from ?? 0, To: to ?? 65_535 } };
};

/** All types and codes, or one of them. */
const icmp = (RuleAction: "allow" | "deny", CidrBlock: string, Type = -1, Code = -1): Draft => ({
  CidrBlock,
  Protocol: "1",
  RuleAction,
  IcmpTypeCode: { Type, Code },
});

/** An entry written for IPv4 with an IPv6 block in its place: ICMP becomes ICMPv6, with its own number for echo. */
const forIpv6 = ({ CidrBlock, ...rest }: Draft): Draft => ({
  ...rest,
  ...(CidrBlock === undefined ? {} : { Ipv6CidrBlock: CidrBlock }),
  ...(rest.Protocol === "1" ? { Protocol: "58" } : {}),
  ...(rest.IcmpTypeCode?.Type === 8 ? { IcmpTypeCode: { Type: 128, Code: rest.IcmpTypeCode.Code } } : {}),
});

const allOpen: Style = (_r, _egress, everywhere) => [entry("allow", "-1", everywhere)];

/** A few sources and ports are turned away before everything else is let through. */
const guarded: Style = (r, egress, everywhere, somewhere) => [
  ...Array.from({ length: r.int(1, 8) }, () => entry("deny", "-1", somewhere())),
  ...(egress ? [entry("deny", "6", everywhere, 25)] : [entry("deny", "6", everywhere, r.pick([23, 445, 3389]))]),
  ...(r.chance(0.4) ? [entry("deny", "17", everywhere, r.pick([53, 161, 40000]), 40010)] : []),
  ...(r.chance(0.4) ? [entry("deny", "47", everywhere)] : []),
  ...(egress && r.chance(0.4) ? [entry("deny", "6", everywhere, 6000, 6063)] : []),
  entry("allow", "-1", everywhere),
];

/** Only what is named comes in, and only some of the client's ports get their reply. */
const closedPorts: Style = (r, egress, everywhere, somewhere) =>
  egress
    ? [...replyPorts(r, everywhere, somewhere), icmp("allow", everywhere)]
    : [
        entry("deny", "6", somewhere()),
        entry("allow", "6", everywhere, 443),
        entry("allow", "6", everywhere, 80),
        entry("allow", "6", r.chance(0.5) ? everywhere : somewhere(), 22),
        entry("deny", "6", everywhere, 3389),
        entry("allow", "6", everywhere, 1024, 65535),
        entry("allow", "17", everywhere, r.pick([53, 500, 1024]), 65535),
        ...(r.chance(0.5)
          ? [icmp("allow", everywhere, 8, r.pick([-1, 0]))]
          : [icmp("deny", somewhere()), icmp("allow", everywhere)]),
        ...(r.chance(0.5) ? [entry("allow", "47", everywhere)] : []),
      ];

const replyPorts = (r: Random, everywhere: string, somewhere: () => string): readonly Draft[] => [
  entry("deny", "6", somewhere()),
  entry("allow", "6", everywhere, 443),
  ...(r.chance(0.3) ? [entry("deny", "6", everywhere, 3389), entry("deny", "6", somewhere(), 32768, 40000)] : []),
  ...r.pick([
    [entry("allow", "6", everywhere, 1024, 65535)],
    [entry("allow", "6", everywhere, 0, 65535)],
    [entry("allow", "6", everywhere, 32768, 65535)],
    [entry("allow", "6", everywhere, 32768, 60999)],
    [entry("allow", "6", everywhere, 49152, 65535), entry("allow", "6", everywhere, 1025, 5000)],
  ]),
  ...(r.chance(0.7) ? [entry("allow", "17", everywhere, r.pick([1024, 1024, 32768]), 65535)] : []),
  ...(r.chance(0.5) ? [entry("allow", "47", everywhere)] : []),
];

/** One half of the world is closed, with a gap in the wall. */
const halves: Style = (r, egress, everywhere, somewhere) => {
  const [low, high] = everywhere === "::/0" ? ["2000::/4", "3000::/4"] : ["0.0.0.0/1", "128.0.0.0/1"];
  const quarter = everywhere === "::/0" ? "2a00::/12" : block4(publicAddress(r), 4);
  return egress && r.chance(0.6)
    ? allOpen(r, egress, everywhere, somewhere)
    : [
        entry("allow", "6", quarter),
        entry("deny", "-1", r.chance(0.5) ? high : quarter),
        entry("allow", "-1", low),
        entry("allow", "6", high, 0, 1023),
      ];
};

/** All may come in; the reply finds its way out for a part of the ports only. */
const replies: Style = (r, egress, everywhere, somewhere) =>
  egress
    ? [...replyPorts(r, everywhere, somewhere), icmp("allow", everywhere)]
    : allOpen(r, egress, everywhere, somewhere);
