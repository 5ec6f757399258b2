import type { Source } from "#model/source.ts";
import type { PacketSet } from "#packets/set.ts";
import { anyOf, clients, everything, hasClientPort, nothing, ports, protocol } from "#packets/set.ts";
import { protocolNumber } from "#packets/service.ts";
import { rangeOf } from "./client.ts";
import type { Fact, Facts } from "./facts.ts";
import { linkOf, nameOf, pathOf } from "./link.ts";
import { protocolText, text, texts } from "./raw.ts";

/** An address of Google's that leads to machines: a balancer, or protocol forwarding. */
export interface ForwardingRule {
  readonly path: string;
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly of: 4 | 6;
  /** What can be dialled there. */
  readonly services: PacketSet;
  /** The one port, where it is one. */
  readonly port: number | undefined;
  readonly scheme: string;
  /** What it leads to: a target, or a backend service. */
  readonly target: string;
  /** Who is sent here; undefined where nobody in particular is. */
  readonly steers: PacketSet | undefined;
  readonly base: string | undefined;
  readonly at: Source;
}

/** The rules that face the internet. */
export const forwardingRules = (facts: Facts): readonly ForwardingRule[] =>
  [...facts.things.forwardingRules.values()]
    .flatMap((fact) => readRule(fact) ?? [])
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));

const readRule = ({ path, raw, at }: Fact): ForwardingRule | undefined => {
  const scheme = text(raw["loadBalancingScheme"])?.toUpperCase() ?? "EXTERNAL";
  const address = text(raw["IPAddress"]);
  const prefix = address === undefined ? undefined : rangeOf(address);
  // An endpoint of Private Service Connect leads to a service, and never straight to a machine.
  const isDoor = scheme.startsWith("EXTERNAL") && text(raw["pscConnectionStatus"]) === undefined;
  if (address === undefined || prefix === undefined || !isDoor) return undefined;
  const ranges = portRanges(raw);
  const steers = texts(raw["sourceIpRanges"]);
  const [first] = ranges;
  return {
    path,
    id: text(raw["selfLink"]) ?? linkOf(path),
    name: text(raw["name"]) ?? nameOf(path),
    address,
    of: prefix.address.family,
    services: servicesOf(protocolText(raw["IPProtocol"]) || "TCP", ranges),
    port: ranges.length === 1 && first !== undefined && first[0] === first[1] ? first[0] : undefined,
    scheme,
    target: pathOf(text(raw["target"]) ?? text(raw["backendService"])),
    steers: steers.length === 0 ? undefined : anyOf(steers.map(under)),
    base: text(raw["baseForwardingRule"]) === undefined ? undefined : pathOf(text(raw["baseForwardingRule"])),
    at,
  };
};

const under = (range: string): PacketSet => {
  const prefix = rangeOf(range);
  return prefix === undefined ? nothing : clients(prefix);
};

/** `portRange`, `ports` and `allPorts` exclude one another; without any it is all ports (gcp.md A6). */
const portRanges = (raw: Fact["raw"]): readonly (readonly [number, number])[] =>
  [text(raw["portRange"]), ...[raw["ports"] ?? []].flat().map(String)].flatMap((range) => {
    const [, first, last] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range ?? "") ?? [];
    return first === undefined ? [] : [[Number(first), Number(last ?? first)] as const];
  });

const servicesOf = (name: string, ranges: readonly (readonly [number, number])[]): PacketSet => {
  if (name === "L3_DEFAULT") return everything;
  const number = protocolNumber(name);
  if (number === undefined) return everything;
  if (ranges.length === 0 || !hasClientPort(number)) return protocol(number);
  return anyOf(ranges.filter(([a, b]) => a <= b && b <= 65_535).map(([a, b]) => ports(number, a, b)));
};
