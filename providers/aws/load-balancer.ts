import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Place } from "#model/gate.ts";
import type { Scope } from "#model/provider.ts";
import { problems } from "#problems.ts";
import type { Fact, Facts } from "./facts.ts";
import { gapOfOne, placeIn } from "./facts.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { items, raw, regionOf, scopeOfArn, text, texts } from "./raw.ts";
import { readTargetGroup } from "./target-group.ts";
import type { TargetGroup } from "./target-group.ts";

/** A load balancer, and the interfaces at which its clients arrive. */
export interface LoadBalancer {
  readonly id: string;
  readonly kind: "network" | "application" | "classic";
  readonly name: string;
  readonly place: Place;
  /** The name that clients dial. */
  readonly host: string;
  readonly isInternal: boolean;
  /** An internal one that takes what comes over IPv6 through the gateway all the same. */
  readonly takesGateway6: boolean;
  readonly vpc: string | undefined;
  readonly scope: Scope;
  /** What its state says, and why it may not answer at all. */
  readonly seen: readonly Evidence[];
  readonly doubt: Gap | undefined;
  readonly failed: boolean;
  readonly nodes: readonly NetworkInterface[];
  /** Subnets that it has an interface in, by what it says itself. */
  readonly subnets: readonly string[];
  readonly fact: Fact;
}

/** Every load balancer that was read, except those that only pass packets on to appliances. */
export const loadBalancers = (facts: Facts): readonly LoadBalancer[] => {
  const nodes = new Map<string, NetworkInterface[]>();
  const serving = [...facts.interfaces.values()].filter((each) => each.serves !== undefined);
  for (const each of serving.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
    nodes.set(each.serves ?? "", [...(nodes.get(each.serves ?? "") ?? []), each]);
  return [
    ...[...facts.things.LoadBalancers].flatMap(([id, fact]) => modern(facts, id, fact, nodes)),
    ...[...facts.things.LoadBalancerDescriptions].map(([id, fact]) => classic(facts, id, fact, nodes)),
  ].toSorted((a, b) => (a.id < b.id ? -1 : 1));
};

type Nodes = ReadonlyMap<string, readonly NetworkInterface[]>;

const modern = (facts: Facts, id: string, fact: Fact, nodes: Nodes): readonly LoadBalancer[] => {
  const { raw: of } = fact;
  const kind = text(of["Type"]) ?? "application";
  if (kind !== "network" && kind !== "application") return [];
  const name = text(of["LoadBalancerName"]) ?? id;
  const state = text(raw(of["State"])["Code"]) ?? "active";
  const isInternal = text(of["Scheme"]) === "internal";
  return [
    {
      id,
      kind,
      name,
      place: { kind: "load-balancer", id, name },
      host: text(of["DNSName"]) ?? name,
      isInternal,
      takesGateway6: text(facts.named.attributes.get(id)?.get("ipv6.deny_all_igw_traffic")?.raw["Value"]) === "false",
      vpc: text(of["VpcId"]),
      scope: scopeOfArn(id),
      seen: [{ saw: "state", says: `${name} is ${state.replace("_", ", but ")}`, source: placeIn(fact, "State") }],
      doubt:
        facts.contradictions.get(id) ??
        (state === "provisioning" ? gap("depends", problems.changing(name, state), fact.at) : undefined),
      failed: state === "failed",
      nodes: nodes.get(id.split(":loadbalancer/")[1] ?? "") ?? [],
      subnets: items(of["AvailabilityZones"]).flatMap((each) => text(each["SubnetId"]) ?? []),
      fact,
    },
  ];
};

const classic = (facts: Facts, id: string, fact: Fact, nodes: Nodes): LoadBalancer => {
  const { raw: of } = fact;
  const name = text(of["LoadBalancerName"]) ?? id;
  const vpc = text(of["VPCId"]);
  const own = (nodes.get(name) ?? []).filter((each) => vpc === undefined || each.vpc === vpc);
  return {
    id,
    kind: "classic",
    name,
    place: { kind: "load-balancer", id: name },
    host: text(of["DNSName"]) ?? name,
    isInternal: text(of["Scheme"]) === "internal",
    takesGateway6: false,
    vpc,
    scope: {
      account: text(facts.things.Vpcs.get(vpc ?? "")?.raw["OwnerId"]) ?? own[0]?.account,
      region: regionOf(texts(of["AvailabilityZones"])[0]) ?? own[0]?.region,
    },
    seen: [],
    doubt: facts.contradictions.get(id),
    failed: false,
    nodes: own,
    subnets: texts(of["Subnets"]),
    fact,
  };
};

/**
 * Whether a node sends to targets in other zones. Application load balancers do unless the target group says no, the
 * others do if they are told to (aws.md D.1, ELB_NOT_CROSSZONE). What was not read is not known.
 */
export const crossesZones = (facts: Facts, balancer: LoadBalancer, group: TargetGroup | undefined): boolean | Gap => {
  const of = (id: string, key: string): string | Gap | undefined => {
    const known = facts.named.attributes.get(id);
    if (known !== undefined) return text(known.get(key)?.raw["Value"]);
    const what = `whether ${balancer.name} sends to other zones`;
    return gapOfOne(facts, id === balancer.id ? "BalancerAttributes" : "Attributes", what, balancer.scope);
  };
  if (balancer.kind === "classic") return classicCrosses(facts, balancer);
  const own = of(balancer.id, CROSS_ZONE);
  const usual = balancer.kind === "application" ? true : typeof own === "object" ? own : own === "true";
  const told = group === undefined ? undefined : of(group.id, CROSS_ZONE);
  if (typeof told === "object") return told;
  return told === "true" || told === "false" ? told === "true" : usual;
};

const CROSS_ZONE = "load_balancing.cross_zone.enabled";

const classicCrosses = (facts: Facts, { id, name, scope, fact }: LoadBalancer): boolean | Gap => {
  const known = facts.named.attributes.get(id)?.get("CrossZoneLoadBalancing");
  if (known !== undefined) return raw(known.raw["Value"])["Enabled"] === true;
  const what = `whether ${name} sends to other zones`;
  return gapOfOne(facts, "LoadBalancerAttributes", what, scope, fact.at);
};

/** The target groups of a balancer's Region, each read once. */
export const targetGroups = (facts: Facts): ReadonlyMap<string, TargetGroup> =>
  new Map(
    [...facts.things.TargetGroups.keys()].toSorted().flatMap((id) => {
      const group = readTargetGroup(facts, id);
      return group === undefined ? [] : [[id, group] as const];
    }),
  );

/** The machines that a classic balancer sends to. */
export const classicTargets = ({ fact }: LoadBalancer): readonly { readonly id: string; readonly fact: Fact }[] =>
  items(fact.raw["Instances"])
    .flatMap((each, i) => {
      const id = text(each["InstanceId"]);
      const at = { file: fact.at.file, pointer: `${fact.at.pointer}/Instances/${i}` };
      return id === undefined ? [] : [{ id, fact: { raw: each, at } }];
    })
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
