/** Security groups: some ten rules each, a few with sixty, most of them for private sources. */
import { at, type Random, random } from "../random.ts";
import type { Plan, Vpc } from "./plan.ts";
import { account, id, privateBlock4, publicBlock4, publicBlock6, region, tags } from "./text.ts";

export const groupId = (index: number): string => id("sg", index);

/** The first group of a VPC is its default one. */
export const groupName = (vpc: Vpc, index: number): string =>
  vpc.groups.first === index ? "default" : `group-${index}`;

/** What AWS prints of one group: the k-th of its VPC. */
export const groupAnswer = (plan: Plan, vpc: Vpc, k: number): object => {
  const index = vpc.groups.first + k;
  const r = random(plan.seed, "group", index);
  return {
    GroupId: groupId(index),
    IpPermissionsEgress: [
      {
        IpProtocol: "-1",
        UserIdGroupPairs: [],
        IpRanges: [{ CidrIp: "0.0.0.0/0" }],
        Ipv6Ranges: [],
        PrefixListIds: [],
      },
    ],
    Tags: k === 0 ? [] : tags(`group-${index}`),
    VpcId: vpc.id,
    SecurityGroupArn: `arn:aws:ec2:${region}:${account}:security-group/${groupId(index)}`,
    OwnerId: account,
    GroupName: groupName(vpc, index),
    Description: k === 0 ? "default VPC security group" : `Access of application ${index % 977}, tier ${index % 5}`,
    IpPermissions: k === 0 ? [fromItself(index)] : permissions(r, plan, vpc, k),
  };
};

interface Permission {
  readonly IpProtocol: string;
  readonly FromPort?: number;
  readonly ToPort?: number;
  readonly UserIdGroupPairs: { readonly UserId: string; readonly GroupId: string }[];
  readonly IpRanges: { readonly CidrIp: string; readonly Description?: string }[];
  readonly Ipv6Ranges: { readonly CidrIpv6: string; readonly Description?: string }[];
  readonly PrefixListIds: { readonly PrefixListId: string }[];
}

interface Service {
  readonly protocol: string;
  readonly from?: number;
  readonly to?: number;
}

type Source = "private" | "office" | "everywhere" | "halves" | "ipv6" | "everywhere6" | "list" | "group";

const service = (protocol: string, from?: number, to = from): Service =>
  from === undefined || to === undefined ? { protocol } : { protocol, from, to };

const common: readonly Service[] = [
  service("tcp", 22),
  service("tcp", 443),
  service("tcp", 80),
  service("tcp", 3389),
  service("tcp", 5432),
  service("tcp", 3306),
  service("tcp", 8080, 8090),
  service("tcp", 6379),
];
const rare: readonly Service[] = [
  service("tcp", 0, 65535),
  service("tcp", 1024, 65535),
  service("tcp", 20, 25),
  service("udp", 53),
  service("udp", 500),
  service("udp", 1194),
  service("udp", 0, 65535),
  service("udp", 30000, 40000),
  service("-1"),
  service("47"),
  service("50", 0, 0),
  service("17", 161, 162),
];
const icmps: readonly Service[] = [
  service("icmp", -1),
  service("icmp", 8, -1),
  service("icmp", 8, 0),
  service("icmp", 3, 4),
];
const icmps6: readonly Service[] = [service("icmpv6", -1), service("icmpv6", 128, -1), service("icmpv6")];

const fromItself = (index: number): Permission => ({
  ...emptyPermission(service("-1")),
  UserIdGroupPairs: [{ UserId: account, GroupId: groupId(index) }],
});

const emptyPermission = ({ protocol, from, to }: Service): Permission => ({
  IpProtocol: protocol,
  ...(from === undefined || to === undefined ? {} : { FromPort: from, ToPort: to }),
  UserIdGroupPairs: [],
  IpRanges: [],
  Ipv6Ranges: [],
  PrefixListIds: [],
});

/** Rules for the same service stand in one permission, as AWS prints them. No rule comes twice. */
const permissions = (r: Random, plan: Plan, vpc: Vpc, k: number): readonly Permission[] => {
  const found = new Map<string, Permission>();
  const seen = new Set<string>();
  const wanted = r.chance(0.03) ? 60 : 1 + r.skewed(33);
  const ownServices = [service("tcp", r.int(1025, 49151)), r.pick(common), r.pick(common), r.pick(rare)];
  for (let rules = 0; rules < wanted; rules++) {
    const source = sourceOf(r, k);
    const asked = serviceFor(r, source, ownServices);
    const name = `${asked.protocol} ${asked.from} ${asked.to}`;
    const permission = found.get(name) ?? emptyPermission(asked);
    found.set(name, permission);
    addSource(r, plan, vpc, permission, source, (text) => {
      const isNew = !seen.has(`${name} ${text}`);
      seen.add(`${name} ${text}`);
      return isNew;
    });
  }
  return [...found.values()];
};

/** The groups that everybody carries (the second to the fifth) are for operations and open to nobody outside. */
const sourceOf = (r: Random, k: number): Source => {
  if (k <= 4) return r.pick(["private", "private", "private", "group", "office"]);
  const draw = r.int(1, 100);
  const steps: readonly (readonly [number, Source])[] = [
    [45, "private"],
    [71, "office"],
    [76, "everywhere"],
    [78, "halves"],
    [84, "ipv6"],
    [86, "everywhere6"],
    [91, "list"],
    [100, "group"],
  ];
  return steps.find(([limit]) => draw <= limit)?.[1] ?? "private";
};

const serviceFor = (r: Random, source: Source, ownServices: readonly Service[]): Service => {
  const isIpv6 = source === "ipv6" || source === "everywhere6";
  if (source !== "group" && source !== "list" && r.chance(0.06)) return r.pick(isIpv6 ? icmps6 : icmps);
  if (r.chance(0.75)) return r.pick(ownServices);
  return r.chance(0.8) ? r.pick(common) : r.pick(rare);
};

const addSource = (
  r: Random,
  plan: Plan,
  vpc: Vpc,
  to: Permission,
  source: Source,
  isNew: (text: string) => boolean,
): void => {
  const described = r.chance(0.55) ? { Description: `asked for in ticket NET-${r.int(1000, 99999)}` } : {};
  const add4 = (CidrIp: string) => isNew(CidrIp) && to.IpRanges.push({ CidrIp, ...described });
  const add6 = (CidrIpv6: string) => isNew(CidrIpv6) && to.Ipv6Ranges.push({ CidrIpv6, ...described });
  switch (source) {
    case "private":
      return void add4(privateBlock4(r));
    case "office":
      return void add4(publicBlock4(r));
    case "everywhere":
      return void add4("0.0.0.0/0");
    case "halves":
      return void [add4("0.0.0.0/1"), r.chance(0.7) && add4("128.0.0.0/1")];
    case "ipv6":
      return void add6(publicBlock6(r));
    case "everywhere6":
      return void add6(r.pick(["::/0", "::/0", "2000::/3", "2000::/4"]));
    case "list": {
      const list = at(plan.lists, 1 + r.skewed(plan.lists.length - 1));
      if (isNew(list.id)) to.PrefixListIds.push({ PrefixListId: list.id });
      return;
    }
    case "group": {
      const other = groupId(vpc.groups.first + r.skewed(vpc.groups.count));
      if (isNew(other)) to.UserIdGroupPairs.push({ UserId: account, GroupId: other });
    }
  }
};
