import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Place } from "#model/gate.ts";
import { TCP, UDP } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import { anyOf, isEmpty, minus, ports } from "#packets/set.ts";
import { problems } from "#problems.ts";
import type { Fact, Facts } from "./facts.ts";
import { gapFor } from "./facts.ts";
import type { Raw } from "./raw.ts";
import { items, number, scopeOfArn, text, texts } from "./raw.ts";

/** An accelerator, as far as it was read. */
export interface Accelerator {
  readonly id: string;
  readonly name: string;
  readonly place: Place;
  readonly host: string;
  readonly families: readonly (4 | 6)[];
  readonly seen: readonly Evidence[];
  readonly doubts: readonly Gap[];
  readonly isShut: boolean;
  readonly fact: Fact | undefined;
}

/** What an accelerator sends to one port of its endpoints, or to as many as it listens to. */
export interface Sent {
  readonly services: PacketSet;
  /** The port that is dialled, where it is another. */
  readonly dialled: number | undefined;
}

export const accelerator = (facts: Facts, id: string): Accelerator => {
  const fact = facts.things.Accelerators.get(id);
  const scope = { account: scopeOfArn(id).account, region: undefined };
  const name = text(fact?.raw["Name"]) ?? id.split("/").at(-1) ?? id;
  const isShut = fact?.raw["Enabled"] === false;
  const status = text(fact?.raw["Status"]) ?? "DEPLOYED";
  const contradiction = facts.contradictions.get(id);
  const [first] = items(fact?.raw["IpSets"]).flatMap((each) => texts(each["IpAddresses"]));
  return {
    id,
    name,
    place: { kind: "accelerator", id, name },
    host: text(fact?.raw["DnsName"]) ?? first ?? name,
    families: text(fact?.raw["IpAddressType"]) === "DUAL_STACK" ? [4, 6] : [4],
    seen:
      fact === undefined
        ? []
        : [{ saw: "state", says: `${name} is ${isShut ? "disabled" : "enabled"}`, source: fact.at }],
    doubts: [
      ...(contradiction === undefined ? [] : [contradiction]),
      ...(fact === undefined ? [gapFor(facts, "Accelerators", id, name, scope)] : []),
      ...(status === "DEPLOYED" ? [] : [gap("depends", problems.changing(name, status), fact?.at)]),
    ],
    isShut,
    fact,
  };
};

/** What an accelerator may send of which no listener was read. */
export const EVERYTHING: readonly Sent[] = [
  { services: anyOf([ports(TCP, 0, 65_535), ports(UDP, 0, 65_535)]), dialled: undefined },
];

export const words = ({ raw: of }: Fact): string => {
  const ranges = items(of["PortRanges"]).map(({ FromPort: from, ToPort: to }) =>
    from === to ? String(from) : `${String(from)}-${String(to)}`,
  );
  return `${text(of["Protocol"]) ?? "TCP"} on port ${ranges.join(", ")}`;
};

export const endpointDoubts = (endpoint: Raw, name: string, at: Fact["at"]): readonly Gap[] => {
  const id = text(endpoint["EndpointId"]) ?? "an endpoint";
  const health = text(endpoint["HealthState"]) ?? "HEALTHY";
  const reason = text(endpoint["HealthReason"]);
  return [
    ...(number(endpoint["Weight"]) === 0
      ? [gap("depends", problems.noTraffic(`${id} has weight 0 in ${name}`), at)]
      : []),
    ...(health === "HEALTHY"
      ? []
      : [gap("depends", problems.targetState(id, reason === undefined ? health : `${health}, ${reason}`), at)]),
  ];
};

/** The ports of the listener, each to the same port of the endpoint, but for those that the group overrides. */
export const sentTo = ({ raw: of }: Fact, { raw: group }: Fact): readonly Sent[] => {
  const protocols = text(of["Protocol"]) === "UDP" ? [UDP] : text(of["Protocol"]) === "TCP" ? [TCP] : [TCP, UDP];
  const range = (from: number, to: number): PacketSet => anyOf(protocols.map((each) => ports(each, from, to)));
  const listened = anyOf(
    items(of["PortRanges"]).flatMap((each) => {
      const [from, to] = [number(each["FromPort"]), number(each["ToPort"])];
      return isPort(from) && isPort(to) && from <= to ? [range(from, to)] : [];
    }),
  );
  const overrides = items(group["PortOverrides"]).flatMap((each) => {
    const [from, to] = [number(each["ListenerPort"]), number(each["EndpointPort"])];
    return isPort(from) && isPort(to) ? [{ services: range(to, to), dialled: from }] : [];
  });
  const same = minus(listened, anyOf(overrides.map(({ dialled }) => range(dialled, dialled))));
  const others = overrides.toSorted((a, b) => a.dialled - b.dialled);
  return [...(isEmpty(same) ? [] : [{ services: same, dialled: undefined }]), ...others];
};

const isPort = (value: number | undefined): value is number =>
  value !== undefined && Number.isInteger(value) && value >= 0 && value <= 65_535;
