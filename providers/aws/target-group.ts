import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import { problems } from "#problems.ts";
import type { Fact, Facts } from "./facts.ts";
import { gapOfOne } from "./facts.ts";
import { number, raw, scopeOfArn, text } from "./raw.ts";

/** What a load balancer sends to: machines by their id or address, each on a port, and how each one is. */
export interface TargetGroup {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly protocol: string;
  readonly vpc: string | undefined;
  readonly family: 4 | 6;
  /** What may be registered could not be read, or is in doubt. */
  readonly unread: Gap | undefined;
  readonly targets: readonly RegisteredTarget[];
  readonly fact: Fact;
}

export interface RegisteredTarget {
  readonly id: string;
  readonly port: number;
  readonly seen: Evidence;
  readonly doubt: Gap | undefined;
}

export const readTargetGroup = (facts: Facts, id: string): TargetGroup | undefined => {
  const fact = facts.things.TargetGroups.get(id);
  if (fact === undefined) return undefined;
  const name = text(fact.raw["TargetGroupName"]) ?? id;
  const health = facts.named.health.get(id);
  const port = number(fact.raw["Port"]);
  const targets = (health ?? []).map((each) => ({ each, read: readTarget(name, port, each) }));
  const odd = targets.find(({ read }) => read === undefined)?.each.at;
  return {
    id,
    name,
    type: text(fact.raw["TargetType"]) ?? "instance",
    protocol: text(fact.raw["Protocol"]) ?? "TCP",
    vpc: text(fact.raw["VpcId"]),
    family: text(fact.raw["IpAddressType"]) === "ipv6" ? 6 : 4,
    unread:
      facts.contradictions.get(id) ??
      (health === undefined
        ? gapOfOne(facts, "TargetHealthDescriptions", `the targets of ${name}`, scopeOfArn(id), fact.at)
        : odd === undefined
          ? undefined
          : gap("unreadable", problems.lacks(`${odd.file}#${odd.pointer}`, "which machine and port it is"), odd)),
    targets: targets.flatMap(({ read }) => read ?? []).toSorted(byTarget),
    fact,
  };
};

const byTarget = (a: RegisteredTarget, b: RegisteredTarget): number =>
  a.id === b.id ? a.port - b.port : a.id < b.id ? -1 : 1;

const readTarget = (
  group: string,
  usual: number | undefined,
  { raw: item, at }: Fact,
): RegisteredTarget | undefined => {
  const target = raw(item["Target"]);
  const id = text(target["Id"]);
  const port = number(target["Port"]) ?? usual;
  if (id === undefined || port === undefined) return undefined;
  const health = raw(item["TargetHealth"]);
  const state = text(health["State"]) ?? "in no known state";
  const reason = text(health["Reason"]);
  const says = reason === undefined ? state : `${state}, ${reason}`;
  return {
    id,
    port,
    seen: { saw: "state", says: `its target group ${group} sends to ${id} port ${port}: ${says}`, source: at },
    doubt: state === "healthy" ? undefined : gap("depends", problems.targetState(`${id} port ${port}`, says), at),
  };
};

/**
 * Whether targets see the client's own address. UDP always keeps it; for TCP it is an attribute, whose default is by
 * the type of target (aws.md A.9). Of a group that was never read it is not known.
 */
export const keepsClient = (facts: Facts, { id, name, protocol, fact }: TargetGroup): boolean | Gap => {
  if (/UDP|QUIC/.test(protocol)) return true;
  const known = facts.named.attributes.get(id);
  if (known === undefined)
    return gapOfOne(facts, "Attributes", `whether ${name} keeps the client's address`, scopeOfArn(id), fact.at);
  const value = text(known.get("preserve_client_ip.enabled")?.raw["Value"]);
  if (value !== undefined) return value === "true";
  return text(fact.raw["TargetType"]) !== "ip";
};
