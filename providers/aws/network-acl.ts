import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, List, Rule } from "#model/gate.ts";
import type { Match } from "#model/match.ts";
import { both, exactly, perhaps } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { ICMP, ICMPV6, TCP, UDP, protocolName, protocolNumber } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import { anyOf, clientPorts, everything, icmp, minus, nothing, or, ports, protocol } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { cidrClients } from "./client.ts";
import type { Fact, Facts, Found } from "./facts.ts";
import { gapFor, placeIn } from "./facts.ts";
import type { FinalList } from "./hop.ts";
import { doubtfulHop } from "#model/hop.ts";
import { aboutMachine } from "./hop.ts";
import type { NetworkInterface } from "./network-interface.ts";
import type { Raw } from "./raw.ts";
import { items, number, numeral, protocolText, raw, text } from "./raw.ts";
import type { Named } from "./service.ts";
import { icmpService, isPortRange } from "./service.ts";

/**
 * Which packets of a conversation a list is read for. A reply goes to the client's own port, so there the ports of an
 * entry are the client's; an echo reply answers an echo request, so there its type is that of the answer.
 */
export type Leg = "request" | "reply";

/** Network ACLs by their subnets, each gate made once. */
export interface NetworkAcls {
  /** The inbound entries for packets into the subnet. */
  into(subnet: string, leg: Leg, on: NetworkInterface): Final;
  /** The outbound entries for packets out of the subnet. */
  outOf(subnet: string, leg: Leg, on: NetworkInterface): Final;
  /** The same of the client's own subnet, where entries name the machine: what it sends, and what it gets back. */
  clientOut(subnet: string, machine: PacketSet, on: NetworkInterface): Final;
  clientIn(subnet: string, machine: PacketSet, on: NetworkInterface): Final;
  list(acl: Fact): List;
}

export const networkAcls = (facts: Facts): NetworkAcls => {
  const bySubnet = new Map<string, Found<Fact>>();
  for (const [id, fact] of facts.things.NetworkAcls)
    for (const association of items(fact.raw["Associations"])) {
      const subnet = text(association["SubnetId"]) ?? "";
      const before = bySubnet.get(subnet);
      const why = facts.contradictions.get(id) ?? (before === undefined ? undefined : twoClaim(subnet, before, fact));
      bySubnet.set(subnet, why === undefined ? { is: "found", fact } : { is: "gap", gap: why });
    }
  const gates = new Map<string, FinalList>();

  const of = (subnet: string, egress: boolean, leg: Leg, on: NetworkInterface): FinalList => {
    const found = bySubnet.get(subnet);
    if (found === undefined || found.is === "gap") {
      const why = found?.gap ?? gapFor(facts, "NetworkAcls", `the network ACL of ${subnet}`, on.id, on, on.at);
      return doubtfulHop({ kind: "network-acl", id: subnet }, why);
    }
    const id = text(found.fact.raw["NetworkAclId"]) ?? "";
    const key = `${id} ${egress} ${leg}`;
    const known = gates.get(key);
    if (known !== undefined) return known;
    const made = aclGate(found.fact, egress, leg);
    gates.set(key, made);
    return made;
  };
  return {
    into: (subnet, leg, on) => of(subnet, false, leg, on),
    outOf: (subnet, leg, on) => of(subnet, true, leg, on),
    clientOut: (subnet, machine, on) => ofClient(of(subnet, true, "request", on), machine),
    clientIn: (subnet, machine, on) => ofClient(of(subnet, false, "reply", on), machine),
    list: (acl) => {
      const gate = aclGate(acl, false, "request");
      return { rules: gate.rules, otherwise: "timeout", because: gate.because };
    },
  };
};

/** The entry decides, and how is not known. */
const either = (why: Gap, source: Source): Rule<never>["action"] => ({
  rules: [{ match: perhaps(everything, why), action: "timeout", name: why.code, says: "it", source }],
  otherwise: "allow",
  because: [],
});

const twoClaim = (subnet: string, before: Found<Fact>, fact: Fact): Gap => {
  const place = ({ file, pointer }: Source): string => `${file}#${pointer}`;
  const first = before.is === "found" ? place(before.fact.at) : "another";
  return gap("unreadable", problems.contradicts(`the network ACL of ${subnet}`, first, place(fact.at)), fact.at);
};

const ofClient = (gate: FinalList, machine: PacketSet): Final => ({
  ...gate,
  rules: aboutMachine(gate.rules, machine),
});

/** Entries by number, the first that matches decides, whatever their order in the answer (aws.md A.6). */
const aclGate = (acl: Fact, egress: boolean, leg: Leg): FinalList => {
  const id = text(acl.raw["NetworkAclId"]) ?? "";
  const entries = items(acl.raw["Entries"])
    .map((entry, i) => ({ entry, at: inside(acl.at, `Entries/${i}`), order: number(entry["RuleNumber"]) ?? -Infinity }))
    .filter(({ entry }) => (entry["Egress"] === true) === egress)
    .toSorted((a, b) => a.order - b.order);
  const rules = entries.map(({ entry, at, order }): Rule<never> => {
    const is6 = (of: Raw): boolean => text(of["Ipv6CidrBlock"]) !== undefined;
    const twice = entries.filter((each) => each.order === order && is6(each.entry) === is6(entry)).length > 1;
    const { match, says } = entryMatch(entry, leg, at);
    const action = text(entry["RuleAction"]);
    const doubt = gap("unreadable", problems.badNumber(String(order), id), at);
    const unclear = gap("unreadable", problems.badAction(action ?? "nothing", `${at.file}#${at.pointer}`), at);
    return {
      match: twice || order === -Infinity ? perhaps(match.possibly, doubt) : match,
      action: action === "allow" ? "allow" : action === "deny" ? "timeout" : either(unclear, at),
      name: order > 32_766 ? "the last rule (*)" : `rule ${order}`,
      says,
      source: at,
    };
  });
  const name = text(items(acl.raw["Tags"]).find((tag) => tag["Key"] === "Name")?.["Value"]);
  return {
    at: { kind: "network-acl", id, ...(name === undefined ? {} : { name }) },
    rules: leg === "reply" ? [unanswered, ...rules] : rules,
    otherwise: "timeout",
    because: [
      {
        saw: "no-rule",
        says: `no ${egress ? "outbound" : "inbound"} rule of ${id} matches`,
        source: placeIn(acl, "Entries"),
      },
    ],
  };
};

/** The type that asks for each type that answers, for ICMP and ICMPv6 (RFC 792, RFC 4443). */
const ASKED_BY: Readonly<Record<number, ReadonlyMap<number, number>>> = {
  [ICMP]: new Map([
    [0, 8],
    [14, 13],
    [16, 15],
    [18, 17],
  ]),
  [ICMPV6]: new Map([[129, 128]]),
};
const answeredTypes = anyOf(
  [ICMP, ICMPV6].flatMap((of) => [...(ASKED_BY[of]?.values() ?? [])].map((type) => icmp(of, type))),
);

/** Messages that nobody answers are not stopped on the way back. */
const unanswered: Rule<never> = {
  match: exactly(minus(or(protocol(ICMP), protocol(ICMPV6)), answeredTypes)),
  action: "allow",
  name: "no reply",
  says: "ICMP messages that have no reply",
  source: { file: "", pointer: "" },
};

const entryMatch = (entry: Raw, leg: Leg, at: Source): Named => {
  const cidr = text(entry["CidrBlock"]);
  const cidr6 = text(entry["Ipv6CidrBlock"]);
  const peer: Match = cidr6 === undefined ? cidrClients(cidr ?? "", at) : cidrClients(cidr6, at);
  const service = entryService(entry, cidr6 !== undefined, leg, at);
  const preposition = entry["Egress"] === true ? "to" : "from";
  return { match: both(peer, service.match), says: `${service.says} ${preposition} ${cidr6 ?? cidr ?? "nowhere"}` };
};

/**
 * Protocols are numbers here. Ports count for TCP and UDP, type and code for ICMP, and for ICMPv6 where the entry is
 * about IPv6; everything else means all of the protocol (aws.md A.6; CreateNetworkAclEntry API reference).
 */
const entryService = (entry: Raw, v6: boolean, leg: Leg, at: Source): Named => {
  const name = protocolText(entry["Protocol"]);
  if (name === "-1") return { match: exactly(everything), says: "all traffic" };
  const of = protocolNumber(name);
  const where = `${at.file}#${at.pointer}`;
  if (of === undefined)
    return { match: perhaps(everything, gap("unreadable", problems.badProtocol(name, where), at)), says: name };
  if (of === TCP || of === UDP) return portEntry(of, entry, leg, at, where);
  if (of !== ICMP && !(of === ICMPV6 && v6)) return { match: exactly(protocol(of)), says: protocolName(of) };
  const codes = raw(entry["IcmpTypeCode"]);
  const [type, code] = [numeral(codes["Type"]) ?? Number.NaN, numeral(codes["Code"]) ?? -1];
  const named = icmpService(of, type, code, at);
  if (leg === "request" || type === -1 || named.match.gaps.length > 0) return named;
  return { says: named.says, match: exactly(answers(of, type, code)) };
};

/** The requests that a reply of this type and code answers. Echo replies have code 0. */
const answers = (of: number, type: number, code: number): PacketSet => {
  const asking = ASKED_BY[of]?.get(type);
  return asking === undefined || (code !== -1 && code !== 0) ? nothing : icmp(of, asking);
};

const portEntry = (of: number, entry: Raw, leg: Leg, at: Source, where: string): Named => {
  const range = raw(entry["PortRange"]);
  const [first, last] = [numeral(range["From"]) ?? Number.NaN, numeral(range["To"]) ?? Number.NaN];
  const says = `${protocolName(of)}/${first === last ? first : `${first}-${last}`}`;
  if (!isPortRange(first, last))
    return { match: perhaps(protocol(of), gap("unreadable", problems.badPorts(`${first}-${last}`, where), at)), says };
  const match = exactly(leg === "request" ? ports(of, first, last) : clientPorts(first, last));
  return { match: leg === "request" ? match : both(exactly(protocol(of)), match), says };
};
