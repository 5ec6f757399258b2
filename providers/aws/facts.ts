import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Reading, Scope } from "#model/provider.ts";
import type { Source } from "#model/source.ts";
import { problems } from "#problems.ts";
import type { Instance } from "./instance.ts";
import type { Named } from "./named-answer.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { permissionFor } from "./permissions.ts";
import type { Raw } from "./raw.ts";
import type { TransitAnswers } from "./transit-answers.ts";

/** One thing as it was read. */
export interface Fact {
  readonly raw: Raw;
  readonly at: Source;
}

/** Where a member of a thing was read; of one that it does not have, where the thing itself was. */
export const placeIn = ({ raw, at }: Fact, member: string): Source =>
  raw[member] === undefined ? at : { file: at.file, pointer: `${at.pointer}/${member}` };

/** A list of answers of one kind: of whom, and whether all of it is there. */
export interface Asked {
  readonly scope: Scope;
  readonly how: "read" | "refused" | "cut";
  readonly gap?: Gap;
}

/** Kinds of things that are kept by their id. Interfaces and instances, of which there are many, have shapes of their own. */
export const nouns = {
  SecurityGroups: "GroupId",
  NetworkAcls: "NetworkAclId",
  RouteTables: "RouteTableId",
  Subnets: "SubnetId",
  Vpcs: "VpcId",
  InternetGateways: "InternetGatewayId",
  ManagedPrefixLists: "PrefixListId",
  VpcPeeringConnections: "VpcPeeringConnectionId",
  VpcBlockPublicAccessExclusions: "ExclusionId",
  TransitGateways: "TransitGatewayId",
  TransitGatewayAttachments: "TransitGatewayAttachmentId",
  TransitGatewayVpcAttachments: "TransitGatewayAttachmentId",
  TransitGatewayRouteTables: "TransitGatewayRouteTableId",
  InstanceConnectEndpoints: "InstanceConnectEndpointId",
  LoadBalancers: "LoadBalancerArn",
  /** Classic ones: their names are unique in a Region only, and the DNS name says which. */
  LoadBalancerDescriptions: "DNSName",
  Listeners: "ListenerArn",
  Rules: "RuleArn",
  TargetGroups: "TargetGroupArn",
  Accelerators: "AcceleratorArn",
  AcceleratorListeners: "ListenerArn",
  EndpointGroups: "EndpointGroupArn",
} as const;
export type Noun = keyof typeof nouns;

/** Everything that the answers say, by id, before anything is concluded from it. */
export interface Facts {
  readonly how: Reading;
  /** Marks what comes of this reading. Facts with a change are another reading. */
  readonly read: object;
  readonly interfaces: ReadonlyMap<string, NetworkInterface>;
  readonly instances: ReadonlyMap<string, Instance>;
  readonly things: Readonly<Record<Noun, ReadonlyMap<string, Fact>>>;
  /** Entries of prefix lists by the list's id. */
  readonly entries: ReadonlyMap<string, readonly Fact[]>;
  /** Lists of which a page says that more follow, by id. */
  readonly cutEntries: ReadonlyMap<string, Gap>;
  /** Why not the whole list of what belongs to a thing was read, such as the listeners of a balancer, by that thing's id. */
  readonly cutLists: ReadonlyMap<string, Gap>;
  readonly transit: TransitAnswers;
  /** What Session Manager says of machines, by the machine. */
  readonly managed: ReadonlyMap<string, readonly Fact[]>;
  readonly addresses: readonly Fact[];
  readonly blockOptions: readonly Fact[];
  readonly groupRules: ReadonlyMap<string, readonly Fact[]>;
  /** Groups with references that the cloud calls stale: group id → referenced ids. */
  readonly stale: ReadonlyMap<string, ReadonlySet<string>>;
  /** What answers say that do not name what they are of. */
  readonly named: Named;
  readonly asked: ReadonlyMap<string, readonly Asked[]>;
  /** Accounts and Regions that were read live, whatever is in them. */
  readonly visited: readonly Scope[];
  /** Every Region that something read is in. */
  readonly regions: ReadonlySet<string>;
  /** Ids that were read twice and differ. */
  readonly contradictions: ReadonlyMap<string, Gap>;
  readonly gaps: readonly Gap[];
}

/** A fact, or why there is none. */
export type Found<T> = { readonly is: "found"; readonly fact: T } | { readonly is: "gap"; readonly gap: Gap };

const fits = (a: string | undefined, b: string | undefined): boolean => a === undefined || b === undefined || a === b;

/** Whether a list that does not say of which Region it is may be of another one than the scope asked about. */
const isAnybodys = (facts: Facts, of: Scope, asked: Scope): boolean =>
  of.region === undefined && asked.region !== undefined && facts.regions.size > 1;

/** How answers of this kind were asked for in a scope; the worst of what was heard counts. */
export const askedFor = (facts: Facts, key: string, scope: Scope): "read" | "refused" | "cut" | "never" => {
  const heard = (facts.asked.get(key) ?? []).filter(
    ({ scope: of, how }) =>
      fits(of.account, scope.account) &&
      fits(of.region, scope.region) &&
      (how !== "read" || !isAnybodys(facts, of, scope)),
  );
  return (["refused", "cut", "read"] as const).find((how) => heard.some((each) => each.how === how)) ?? "never";
};

/** Why a list of this kind was not had, or not all of it. */
const refusal = (facts: Facts, key: string, scope: Scope): Gap | undefined =>
  (facts.asked.get(key) ?? []).find(
    (each) => each.how !== "read" && fits(each.scope.account, scope.account) && fits(each.scope.region, scope.region),
  )?.gap;

/** Why nothing is known of something of this kind. */
export const gapFor = (
  facts: Facts,
  key: string,
  what: string,
  namedBy: string,
  scope: Scope,
  source?: Source,
): Gap => {
  const heard = refusal(facts, key, scope);
  if (heard !== undefined) return heard;
  const cli = permissionFor(key)?.cli ?? key;
  // What was read of another account or Region only is asked for where it is owned.
  return askedFor(facts, key, scope) === "never" && !facts.asked.has(key)
    ? gap("missing", problems.missing(what, cli), source)
    : gap("missing", problems.notInList(what, namedBy, cli), source);
};

/** Why nothing is known of what is asked for one thing at a time, such as the attributes of a target group. */
export const gapOfOne = (facts: Facts, key: string, what: string, scope: Scope, source?: Source): Gap =>
  refusal(facts, key, scope) ?? gap("missing", problems.missing(what, permissionFor(key)?.cli ?? key), source);

/** The thing with this id, which always exists in the cloud: what is not there was not read. */
export const find = (
  facts: Facts,
  noun: Noun,
  id: string,
  namedBy: string,
  scope: Scope,
  source?: Source,
): Found<Fact> => {
  const contradiction = facts.contradictions.get(id);
  if (contradiction !== undefined) return { is: "gap", gap: contradiction };
  const fact = facts.things[noun].get(id);
  return fact === undefined
    ? { is: "gap", gap: gapFor(facts, noun, id, namedBy, scope, source) }
    : { is: "found", fact };
};
