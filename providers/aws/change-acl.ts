import { isUnder, parsePrefix } from "#packets/address.ts";
import { ICMPV6, isIcmp, protocolName } from "#packets/service.ts";
import { hasClientPort } from "#packets/set.ts";
import type { Change, Wanted } from "./change.ts";
import { changed, withThing } from "./change.ts";
import type { Facts } from "./facts.ts";
import type { Raw } from "./raw.ts";
import { items, number, text } from "./raw.ts";
import { block, label } from "./terraform.ts";

/** Which packets an entry is for: those of the request, or those of the reply, into the subnet or out of it. */
export interface Leg {
  readonly leg: "request" | "reply";
  readonly egress: boolean;
  /** The other end, as a CIDR of one address. */
  readonly peer: string;
}

/** An entry for one other end alone, in front of the first that stops it. */
export const addEntry = (facts: Facts, id: string, { leg, egress, peer }: Leg, want: Wanted): Change | undefined => {
  const acl = facts.things.NetworkAcls.get(id);
  if (acl === undefined) return undefined;
  const entries = items(acl.raw["Entries"]);
  const order = freeNumber(
    entries.filter((entry) => (entry["Egress"] === true) === egress),
    peer,
  );
  if (order === undefined) return undefined;
  const service = entryService(want, leg);
  const entry = {
    RuleNumber: order,
    Egress: egress,
    RuleAction: "allow",
    Protocol: String(want.protocol),
    [want.v6 ? "Ipv6CidrBlock" : "CidrBlock"]: peer,
    ...service.raw,
  };
  const subnets = new Set(items(acl.raw["Associations"]).map((each) => text(each["SubnetId"])));
  const cidr = want.v6 ? "ipv6-cidr-block" : "cidr-block";
  const what = leg === "reply" ? "replies" : service.says;
  return {
    says: `Let ${what} ${egress ? "out to" : "in from"} ${peer} by rule ${order} of ${id}${leg === "reply" ? ` (${service.says})` : ""}.`,
    cli: `aws ec2 create-network-acl-entry --network-acl-id ${id} --${egress ? "egress" : "ingress"} --rule-number ${order} --protocol ${want.protocol}${service.cli} --${cidr} ${peer} --rule-action allow`,
    terraform: block("aws_network_acl_rule", label(id, String(order), egress ? "out" : "in"), {
      network_acl_id: id,
      egress,
      rule_number: order,
      protocol: String(want.protocol),
      rule_action: "allow",
      [want.v6 ? "ipv6_cidr_block" : "cidr_block"]: peer,
      ...service.terraform,
    }),
    facts: withThing(facts, "NetworkAcls", id, changed(acl, { Entries: [...entries, entry] })),
    touches: (each) => subnets.has(each.subnet),
  };
};

/** The usual next number, or else the highest free one, in front of the first entry that denies the peer anything. */
const freeNumber = (entries: readonly Raw[], peer: string): number | undefined => {
  const one = parsePrefix(peer);
  const denies = (entry: Raw): boolean => {
    const cidr = parsePrefix(text(entry["CidrBlock"]) ?? text(entry["Ipv6CidrBlock"]) ?? "");
    return entry["RuleAction"] !== "allow" && (one === undefined || cidr === undefined || isUnder(one, cidr));
  };
  const orders = (some: readonly Raw[]): readonly number[] =>
    some.flatMap((entry) => number(entry["RuleNumber"]) ?? []);
  const taken = new Set(orders(entries));
  const before = Math.min(...orders(entries.filter(denies)), 32_767);
  const usual = Math.max(0, ...[...taken].filter((each) => each < before)) + 10;
  if (usual < before) return usual;
  for (let free = before - 1; free > 0; free--) if (!taken.has(free)) return free;
  return undefined;
};

interface Written {
  readonly says: string;
  readonly cli: string;
  readonly raw: Raw;
  readonly terraform: Readonly<Record<string, number>>;
}

const entryService = ({ protocol, port }: Wanted, leg: Leg["leg"]): Written => {
  const name = protocolName(protocol);
  if (hasClientPort(protocol)) {
    const [from, to] = leg === "reply" ? [1024, 65_535] : [port, port];
    const says = from === to ? `${name}/${from}` : `${name}/${from}-${to}`;
    return {
      says,
      cli: ` --port-range From=${from},To=${to}`,
      raw: { PortRange: { From: from, To: to } },
      terraform: { from_port: from, to_port: to },
    };
  }
  if (!isIcmp(protocol)) return { says: name, cli: "", raw: {}, terraform: {} };
  const [type, code] = leg === "reply" ? [replyType(protocol, port >> 8), -1] : [port >> 8, port & 255];
  return {
    says: `${name} type ${type}`,
    cli: ` --icmp-type-code Type=${type},Code=${code}`,
    raw: { IcmpTypeCode: { Type: type, Code: code } },
    terraform: { icmp_type: type, icmp_code: code },
  };
};

const replyType = (protocol: number, type: number): number => {
  if (protocol === ICMPV6) return type === 128 ? 129 : -1;
  return type === 8 ? 0 : [13, 15, 17].includes(type) ? type + 1 : -1;
};
