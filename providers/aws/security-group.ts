import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, Gate, List, Rule } from "#model/gate.ts";
import type { Match } from "#model/match.ts";
import { always, either, exactly, perhaps } from "#model/match.ts";
import type { Scope } from "#model/provider.ts";
import { inside } from "#model/source.ts";
import type { PacketSet } from "#packets/set.ts";
import { everything, nothing } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { cidrClients } from "./client.ts";
import type { PeerKind } from "./group-rule.ts";
import { groupRules } from "./group-rule.ts";
import { NOWHERE, doubtfulHop, state } from "#model/hop.ts";
import { aboutMachine } from "./hop.ts";
import type { Fact, Facts } from "./facts.ts";
import { askedFor, find, gapFor, placeIn } from "./facts.ts";
import type { Groups, NetworkInterface } from "./network-interface.ts";
import { prefixList, prefixListClients, prefixListName } from "./prefix-list.ts";
import { raw, text } from "./raw.ts";
import type { Raw } from "./raw.ts";

/**
 * From where packets come to a group. A reference to a group means the private addresses of its members, so it never
 * matches what comes through an internet gateway; inside, only members in the client's own VPC are meant (aws.md A.7).
 */
export type Path =
  | { readonly from: "internet" }
  | { readonly from: "vpc"; readonly vpc: string }
  | { readonly from: "beyond"; readonly vpc: string; readonly gap: Gap }
  /** Everything comes from one thing with these groups, whatever address it keeps. */
  | { readonly from: "carrier"; readonly vpc: string; readonly groups: readonly string[] }
  | ThroughDoor;

/**
 * Through a load balancer or an accelerator that keeps the client's address: a reference to one of its own groups
 * matches all the same (aws.md A.7). Whether a reference to another does is not known, for the reason given.
 */
export interface ThroughDoor {
  readonly from: "door";
  readonly vpc: string;
  readonly groups: Groups;
  /** Groups of which it is not known whether they are its own; `any` where nothing of it was read. */
  readonly perhaps: readonly string[] | "any";
  readonly gap: Gap;
}

export const internet: Path = { from: "internet" };

/** What groups admit, each gate made once. */
export interface SecurityGroups {
  /** All groups of an interface: one hop. What no rule of any group allows is dropped. */
  hop(groups: Groups, path: Path, at: NetworkInterface): Final;
  /** What the groups of a client let out to a machine of a VPC. */
  out(groups: Groups, machine: PacketSet, vpc: string | undefined, client: NetworkInterface): Final;
  /** One group as its owner wrote it. */
  list(id: string): List;
}

export const securityGroups = (facts: Facts): SecurityGroups => {
  const fromInternet = new Map<Groups, Final>();
  const fromNetworks = new Map<string, Final>();
  const gates = new Map<string, Gate>();
  const members = membersOf(facts);

  const gateOf = (id: string, path: Path, namedBy: string, scope: Scope): Gate => {
    const key = `${id} ${keyOf(path)}`;
    const known = gates.get(key);
    if (known !== undefined) return known;
    const group = find(facts, "SecurityGroups", id, namedBy, scope);
    const made: Gate = group.is === "gap" ? unread(group.gap) : inbound(facts, id, group.fact, path, members);
    gates.set(key, made);
    return made;
  };

  const make = ({ ids }: Groups, path: Path, on: NetworkInterface): Final => ({
    at: { kind: "security-group", id: ids.join(","), ...nameOfOne(facts, ids) },
    rules: ids.map((id) => entering(id, gateOf(id, path, on.id, on), on)),
    otherwise: "timeout",
    because: [],
  });

  const hop = (groups: Groups, path: Path, on: NetworkInterface): Final => {
    if (groups.ids.length === 0) return ungrouped(facts, on);
    if (path.from === "internet") {
      const known = fromInternet.get(groups) ?? make(groups, path, on);
      fromInternet.set(groups, known);
      return known;
    }
    const name = `${groups.key} ${keyOf(path)}`;
    const known = fromNetworks.get(name) ?? make(groups, path, on);
    fromNetworks.set(name, known);
    return known;
  };

  return {
    hop,
    out: (groups, machine, vpc, client) => {
      const path: Path = vpc === undefined ? internet : { from: "vpc", vpc };
      return outbound(facts, groups, machine, path, client, members);
    },
    list: (id) => {
      const gate = gateOf(id, internet, id, ANYWHERE);
      return "every" in gate ? { rules: [], otherwise: "leave", because: [] } : gate;
    },
  };
};

const keyOf = (path: Path): string => {
  switch (path.from) {
    case "internet":
      return "";
    case "vpc":
    case "beyond":
      return `${path.from} ${path.vpc}`;
    case "carrier":
      return `carrier ${path.vpc} ${path.groups.join(",")}`;
    case "door": {
      const others = path.perhaps === "any" ? "any" : path.perhaps.join(",");
      return `door ${path.vpc} ${path.groups.key} ${others} ${path.gap.code} ${path.gap.says}`;
    }
  }
};

const ANYWHERE: Scope = { account: undefined, region: undefined };

/** A group that could not be read: any of it may be allowed. */
const unread = (why: Gap): List => ({
  rules: [
    {
      match: perhaps(everything, why),
      action: "allow",
      name: "unread rules",
      says: "anything",
      source: why.source ?? NOWHERE,
    },
  ],
  otherwise: "leave",
  because: [],
});

const inbound = (facts: Facts, id: string, group: Fact, path: Path, members: Members): List => {
  const rules = rulesOf(facts, id, group, "IpPermissions", path, members);
  return {
    rules,
    otherwise: "leave",
    because: [
      {
        saw: "no-rule",
        says: `${text(group.raw["GroupName"]) ?? id} does not admit it: ${noneOf(rules.length, "inbound")}`,
        source: placeIn(group, "IpPermissions"),
      },
    ],
  };
};

/** The name of an interface's group, where it has one alone. */
const nameOfOne = (facts: Facts, [id = "", ...others]: readonly string[]): { readonly name?: string } => {
  const name = text(facts.things.SecurityGroups.get(id)?.raw["GroupName"]);
  return others.length > 0 || name === undefined ? {} : { name };
};

const noneOf = (count: number, side: "inbound" | "outbound"): string => {
  if (count === 0) return `it has no ${side} rule`;
  return count === 1 ? `its one ${side} rule does not match` : `none of its ${count} ${side} rules matches`;
};

const groupName = ({ raw }: Fact): string => {
  const id = text(raw["GroupId"]) ?? "a group";
  const name = text(raw["GroupName"]);
  return name === undefined ? id : `${id} (${name})`;
};

const rulesOf = (
  facts: Facts,
  id: string,
  group: Fact,
  side: "IpPermissions" | "IpPermissionsEgress",
  path: Path,
  members: Members,
): readonly Rule[] =>
  groupRules({
    group: id,
    permissions: group.raw[side],
    at: inside(group.at, side),
    peers: {
      prefixList: (list, at) => ({
        match: prefixListClients(
          prefixList(facts, list, id, { account: text(group.raw["OwnerId"]), region: undefined }, at),
        ),
        says: prefixListName(facts, list),
      }),
      group: (peer, pair, at) =>
        isStale(facts, id, pair)
          ? { match: exactly(nothing), says: `${peer} (a stale reference)` }
          : { match: members(peer, pair, path, at, id), says: `members of ${peer}` },
      ruleId: (permission, kind, peer) => ruleId(facts, id, permission, side === "IpPermissionsEgress", kind, peer),
    },
  });

const RULE_PEERS = {
  IpRanges: "CidrIpv4",
  Ipv6Ranges: "CidrIpv6",
  PrefixListIds: "PrefixListId",
  UserIdGroupPairs: "ReferencedGroupInfo",
} as const satisfies Record<PeerKind, string>;

/** The id that DescribeSecurityGroupRules gives the rule, by which it is revoked. */
const ruleId = (
  facts: Facts,
  group: string,
  permission: Raw,
  egress: boolean,
  kind: PeerKind,
  peer: string,
): string | undefined => {
  const same = (a: unknown, b: unknown): boolean => (a ?? -1) === (b ?? -1);
  const found = facts.groupRules.get(group)?.find(({ raw: of }) => {
    const named = of[RULE_PEERS[kind]];
    return (
      (of["IsEgress"] === true) === egress &&
      of["IpProtocol"] === permission["IpProtocol"] &&
      same(of["FromPort"], permission["FromPort"]) &&
      same(of["ToPort"], permission["ToPort"]) &&
      (kind === "UserIdGroupPairs" ? text(raw(named)["GroupId"]) : text(named)) === peer
    );
  });
  return text(found?.raw["SecurityGroupRuleId"]);
};

/** A reference to what is gone admits nobody (DescribeStaleSecurityGroups; aws.md A.7). */
const isStale = (facts: Facts, group: string, pair: Raw): boolean =>
  facts.stale.get(group)?.has(text(pair["GroupId"]) ?? "") === true ||
  ["deleted", "rejected", "expired", "failed"].includes(text(pair["PeeringStatus"]) ?? "");

type Members = (group: string, pair: Raw, path: Path, at: Rule["source"], namedBy: string) => Match;

/** The private addresses of the interfaces that carry a group, of one VPC. */
const membersOf = (facts: Facts): Members => {
  let byGroup: Map<string, NetworkInterface[]> | undefined;
  const index = (): Map<string, NetworkInterface[]> => {
    if (byGroup !== undefined) return byGroup;
    const made = new Map<string, NetworkInterface[]>();
    for (const each of facts.interfaces.values())
      for (const id of each.groups.ids) {
        const carriers = made.get(id);
        if (carriers === undefined) made.set(id, [each]);
        else carriers.push(each);
      }
    byGroup = made;
    return made;
  };
  return (group, pair, path, at, namedBy) => {
    if (path.from === "internet") return exactly(nothing);
    if (path.from === "carrier") return exactly(path.groups.includes(group) ? everything : nothing);
    const scope = { account: text(pair["UserId"]), region: undefined };
    const carriers = index().get(group) ?? [];
    const among = (those: readonly NetworkInterface[]): Match =>
      either(those.flatMap((each) => addressesOf(each).map((cidr) => cidrClients(cidr, each.at))));
    if (path.from === "door") {
      if (path.groups.ids.includes(group)) return exactly(everything);
      if (path.perhaps === "any" || path.perhaps.includes(group)) return perhaps(everything, path.gap);
      return { ...among(carriers.filter((each) => each.vpc === path.vpc)), surely: nothing, gaps: [path.gap] };
    }
    const known =
      path.from === "beyond"
        ? { ...among(carriers), surely: nothing, gaps: [path.gap] }
        : among(carriers.filter((each) => each.vpc === path.vpc));
    if (askedFor(facts, "NetworkInterfaces", scope) !== "read") {
      const unseen = perhaps(
        everything,
        gapFor(facts, "NetworkInterfaces", `the members of ${group}`, namedBy, scope, at),
      );
      return { ...unseen, surely: known.surely };
    }
    return known;
  };
};

/** Every address of an interface inside its network, as CIDRs. */
export const addressesOf = (of: NetworkInterface): readonly string[] => [
  ...of.v4.map(({ private: own }) => `${own}/32`),
  ...of.v4Prefixes,
  ...of.v6.map((own) => `${own}/128`),
  ...of.v6Prefixes,
];

/** The type of a load balancer's interface where packets come to its listeners, and to nothing else that it may have. */
export const NODE = "load balancer node";

/** Some interfaces carry no group: a NAT gateway takes nothing from outside, a load balancer takes what it listens to. */
const ungrouped = (facts: Facts, on: NetworkInterface): Final => {
  const at = { kind: "security-group", id: on.id } as const;
  if (on.type === "natGateway" || on.type === "nat_gateway")
    return {
      at,
      rules: [],
      otherwise: "timeout",
      because: [{ saw: "state", says: "a NAT gateway takes no connection from outside", source: on.at }],
    };
  if (on.type === NODE)
    return state(at, "allow", {
      saw: "state",
      says: `${on.id} has no security group, so whoever dials a listener reaches it`,
      source: on.at,
    });
  const why =
    on.type === "interface"
      ? gapFor(facts, "NetworkInterfaces", `the groups of ${on.id}`, on.id, on, on.at)
      : gap("unmodelled", problems.notModelled(`${on.id} (${on.type}), which has no security group`), on.at);
  return doubtfulHop(at, why);
};

/** What the client's own groups let out: their rules are about the machine. What no rule of any group allows is dropped. */
const outbound = (
  facts: Facts,
  { ids }: Groups,
  machine: PacketSet,
  path: Path,
  on: NetworkInterface,
  members: Members,
): Final => {
  const gate = (id: string): List => {
    const group = find(facts, "SecurityGroups", id, on.id, on);
    if (group.is === "gap") return unread(group.gap);
    const rules = rulesOf(facts, id, group.fact, "IpPermissionsEgress", path, members);
    const worded = rules.map(({ match, action, name, says, source }) => ({
      match,
      action,
      name,
      says: says.replace(" from ", " to "),
      source,
    }));
    const says = `${groupName(group.fact)} does not let the client out to it: ${noneOf(rules.length, "outbound")}`;
    const because = [{ saw: "no-rule", says, source: placeIn(group.fact, "IpPermissionsEgress") }] as const;
    return { rules: aboutMachine(worded, machine), otherwise: "leave", because };
  };
  return {
    at: { kind: "security-group", id: ids.join(","), name: `of the ${on.type === NODE ? NODE : "client"} ${on.id}` },
    rules: ids.map((id) => entering(id, gate(id), on)),
    otherwise: "timeout",
    because: [],
  };
};

/** A group of many: it is entered, and what it leaves goes to the next. */
const entering = (id: string, gate: Gate, on: NetworkInterface): Rule<never> => ({
  match: always,
  action: gate,
  name: id,
  says: "everything",
  source: on.at,
});
