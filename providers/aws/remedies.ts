import type { Place } from "#model/gate.ts";
import type { Inventory, Remedy } from "#model/inventory.ts";
import { exactSources } from "#packets/internet.ts";
import { serviceRuns } from "#packets/runs.ts";
import { ICMPV6, PER_PROTOCOL, isIcmp, protocolName } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import { hasClientPort, meets } from "#packets/set.ts";
import type { Fact, Facts, Noun } from "./facts.ts";
import { cidrClients } from "./client.ts";
import type { NetworkInterface } from "./network-interface.ts";
import type { Raw } from "./raw.ts";
import { items, number, text } from "./raw.ts";
import type { Judges } from "./ways.ts";

/** What is to be let through: one client and one service. */
interface Wanted {
  readonly client: string;
  readonly v6: boolean;
  readonly protocol: number;
  /** The port, or type × 256 + code. */
  readonly port: number;
  readonly set: PacketSet;
}

const wanted = (open: PacketSet): Wanted | undefined => {
  const [client, ...others] = exactSources(open);
  const [run] = serviceRuns(open);
  if (client === undefined || others.length > 0 || run === undefined) return undefined;
  const protocol = Math.floor(run[0] / PER_PROTOCOL);
  return { client, v6: client.includes(":"), protocol, port: run[0] % PER_PROTOCOL, set: open };
};

/** What one change needs to be tried: the facts with it, and the interfaces that it concerns. */
interface Change {
  readonly says: string;
  readonly cli: string;
  readonly terraform: string;
  readonly facts: Facts;
  readonly touches: (each: NetworkInterface) => boolean;
}

/** The smallest change at a place that lets one client's packets through: never wider than that client. */
export const remediesFor = (
  facts: Facts,
  judge: Judges,
  make: (facts: Facts) => Inventory,
  place: Place,
  direction: "request" | "reply",
  open: PacketSet,
  to: NetworkInterface,
): readonly Remedy[] => {
  const want = wanted(open);
  if (want === undefined) return [];
  const change = changeAt(facts, judge, place, direction, want, to);
  if (change === undefined) return [];
  const { says, cli, terraform } = change;
  return [
    {
      says,
      cli,
      terraform,
      after: () => make({ ...change.facts, read: {} }),
      touches: () => [...change.facts.interfaces.values()].filter(change.touches),
    },
  ];
};

const changeAt = (
  facts: Facts,
  judge: Judges,
  place: Place,
  direction: "request" | "reply",
  want: Wanted,
  to: NetworkInterface,
): Change | undefined => {
  switch (place.kind) {
    case "machine-state":
      return startMachine(facts, to);
    case "public-address":
      return giveAddress(facts, place, want, to);
    case "internet-gateway":
      return attachGateway(facts, judge, to);
    case "public-access-block":
      return excludeSubnet(facts, to);
    case "network-acl":
      return addEntry(facts, place.id, direction, want);
    case "security-group":
      return place.id === to.groups.ids.join(",") ? admit(facts, want, to) : undefined;
    case "route":
      return direction === "reply" ? answer(facts, judge, place.id, want, to) : undefined;
    case "peering":
    case "transit-gateway":
    case "vpn-gateway":
    case "middlebox":
      return undefined;
  }
};

/** The facts with one thing changed, or with one thing more. */
const withThing = (facts: Facts, noun: Noun, id: string, fact: Fact): Facts => ({
  ...facts,
  things: { ...facts.things, [noun]: new Map(facts.things[noun]).set(id, fact) },
});

const changed = (fact: Fact, members: Raw): Fact => ({ raw: { ...fact.raw, ...members }, at: fact.at });

const label = (...parts: readonly string[]): string =>
  parts
    .join("_")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .replace(/_$/, "");

/** A value that names another resource, and so stands without quotes. */
interface Reference {
  readonly ref: string;
}

const block = (
  kind: string,
  name: string,
  members: Readonly<Record<string, string | number | boolean | Reference>>,
): string => {
  const width = Math.max(...Object.keys(members).map((key) => key.length));
  const lines = Object.entries(members).map(
    ([key, value]) =>
      `  ${key.padEnd(width)} = ${typeof value === "object" ? value.ref : typeof value === "string" ? JSON.stringify(value) : value}`,
  );
  return [`resource "${kind}" "${name}" {`, ...lines, "}"].join("\n");
};

const startMachine = (facts: Facts, { instance }: NetworkInterface): Change | undefined => {
  const found = facts.instances.get(instance ?? "");
  if (found?.state !== "stopped") return undefined;
  return {
    says: `Start ${found.id}.`,
    cli: `aws ec2 start-instances --instance-ids ${found.id}`,
    terraform: block("aws_ec2_instance_state", label(found.id), { instance_id: found.id, state: "running" }),
    facts: { ...facts, instances: new Map(facts.instances).set(found.id, { ...found, state: "running" }) },
    touches: (each) => each.instance === found.id,
  };
};

/** Stands for the elastic IP that is not allocated yet. */
const NEW_ADDRESS = "a new elastic IP";

const giveAddress = (facts: Facts, place: Place, want: Wanted, to: NetworkInterface): Change | undefined => {
  const [primary, ...others] = to.v4;
  if (want.v6 || place.id !== to.id || primary === undefined) return undefined;
  const changedTo: NetworkInterface = { ...to, v4: [{ ...primary, public: NEW_ADDRESS }, ...others] };
  return {
    says: `Give ${to.id} an elastic IP.`,
    cli: [
      "aws ec2 allocate-address --domain vpc",
      `aws ec2 associate-address --network-interface-id ${to.id} --private-ip-address ${primary.private} --allocation-id <the AllocationId it printed>`,
    ].join("\n"),
    terraform: block("aws_eip", label(to.id), {
      domain: "vpc",
      network_interface: to.id,
      associate_with_private_ip: primary.private,
    }),
    facts: { ...facts, interfaces: new Map(facts.interfaces).set(to.id, changedTo) },
    touches: (each) => each.id === to.id,
  };
};

const NEW_GATEWAY = "igw-new";

const attachGateway = (facts: Facts, { gateways }: Judges, { vpc, at }: NetworkInterface): Change | undefined => {
  if (vpc === undefined || gateways.of(vpc) !== undefined) return undefined;
  const [free] = gateways.free;
  const id = free ?? NEW_GATEWAY;
  const attached = { Attachments: [{ VpcId: vpc, State: "available" }], InternetGatewayId: id };
  const before = facts.things.InternetGateways.get(id) ?? { raw: {}, at };
  const attach = `aws ec2 attach-internet-gateway --vpc-id ${vpc} --internet-gateway-id`;
  return {
    says:
      free === undefined
        ? `Make an internet gateway and attach it to ${vpc}.`
        : `Attach the internet gateway ${free} to ${vpc}.`,
    cli:
      free === undefined
        ? `aws ec2 create-internet-gateway\n${attach} <the InternetGatewayId it printed>`
        : `${attach} ${free}`,
    terraform:
      free === undefined
        ? block("aws_internet_gateway", label(vpc), { vpc_id: vpc })
        : block("aws_internet_gateway_attachment", label(vpc), { vpc_id: vpc, internet_gateway_id: free }),
    facts: withThing(facts, "InternetGateways", id, changed(before, attached)),
    touches: (each) => each.vpc === vpc,
  };
};

const excludeSubnet = (facts: Facts, { subnet, at }: NetworkInterface): Change | undefined => {
  const forbidden = facts.blockOptions.some(({ raw: of }) => text(of["ExclusionsAllowed"]) === "not-allowed");
  if (subnet === undefined || forbidden) return undefined;
  const exclusion = {
    ExclusionId: `vpcbpa-exclude-${subnet}`,
    InternetGatewayExclusionMode: "allow-bidirectional",
    ResourceArn: `arn:aws:ec2:::subnet/${subnet}`,
    State: "create-complete",
  };
  return {
    says: `Exclude ${subnet} from block public access.`,
    cli: `aws ec2 create-vpc-block-public-access-exclusion --subnet-id ${subnet} --internet-gateway-exclusion-mode allow-bidirectional`,
    terraform: block("aws_vpc_block_public_access_exclusion", label(subnet), {
      subnet_id: subnet,
      internet_gateway_exclusion_mode: "allow-bidirectional",
    }),
    facts: withThing(facts, "VpcBlockPublicAccessExclusions", exclusion.ExclusionId, { raw: exclusion, at }),
    touches: (each) => each.subnet === subnet,
  };
};

/** An entry for the client alone, in front of the first that stops it. */
const addEntry = (facts: Facts, id: string, direction: "request" | "reply", want: Wanted): Change | undefined => {
  const acl = facts.things.NetworkAcls.get(id);
  if (acl === undefined) return undefined;
  const egress = direction === "reply";
  const entries = items(acl.raw["Entries"]);
  const own = entries.filter((entry) => (entry["Egress"] === true) === egress);
  const order = freeNumber(own, want);
  if (order === undefined) return undefined;
  const where = want.v6 ? { Ipv6CidrBlock: want.client } : { CidrBlock: want.client };
  const service = entryService(want, egress);
  const entry = {
    RuleNumber: order,
    Egress: egress,
    RuleAction: "allow",
    Protocol: String(want.protocol),
    ...where,
    ...service.raw,
  };
  const subnets = new Set(items(acl.raw["Associations"]).map((each) => text(each["SubnetId"])));
  const cidr = want.v6 ? "ipv6-cidr-block" : "cidr-block";
  return {
    says: `${egress ? "Let replies to" : "Admit"} ${want.client} ${egress ? "out" : "in"} by rule ${order} of ${id} (${service.says}).`,
    cli: `aws ec2 create-network-acl-entry --network-acl-id ${id} --${egress ? "egress" : "ingress"} --rule-number ${order} --protocol ${want.protocol}${service.cli} --${cidr} ${want.client} --rule-action allow`,
    terraform: block("aws_network_acl_rule", label(id, String(order), egress ? "out" : "in"), {
      network_acl_id: id,
      egress,
      rule_number: order,
      protocol: String(want.protocol),
      rule_action: "allow",
      [want.v6 ? "ipv6_cidr_block" : "cidr_block"]: want.client,
      ...service.terraform,
    }),
    facts: withThing(facts, "NetworkAcls", id, changed(acl, { Entries: [...entries, entry] })),
    touches: (each) => subnets.has(each.subnet),
  };
};

/** The highest free number below the first entry that stops the client; entries that say nothing of it may stand before. */
const freeNumber = (entries: readonly Raw[], want: Wanted): number | undefined => {
  const taken = new Set(entries.map((entry) => number(entry["RuleNumber"])));
  const concerns = (entry: Raw): boolean => {
    const cidr = text(entry["CidrBlock"]) ?? text(entry["Ipv6CidrBlock"]) ?? "";
    return entry["RuleAction"] === "deny" && meets(cidrClients(cidr, { file: "", pointer: "" }).possibly, want.set);
  };
  const denies = entries.filter(concerns).map((entry) => number(entry["RuleNumber"]) ?? 0);
  const before = Math.min(...denies, 32_767);
  const usual = Math.max(0, ...[...taken].filter((each) => each !== undefined && each < before).map(Number)) + 10;
  if (usual < before && !taken.has(usual)) return usual;
  for (let free = before - 1; free > 0; free--) if (!taken.has(free)) return free;
  return undefined;
};

interface Written {
  readonly says: string;
  readonly cli: string;
  readonly raw: Raw;
  readonly terraform: Readonly<Record<string, number>>;
}

const entryService = ({ protocol, port }: Wanted, egress: boolean): Written => {
  const name = protocolName(protocol);
  if (hasClientPort(protocol)) {
    const [from, to] = egress ? [1024, 65_535] : [port, port];
    const says = from === to ? `${name}/${from}` : `${name}/${from}-${to}`;
    return {
      says,
      cli: ` --port-range From=${from},To=${to}`,
      raw: { PortRange: { From: from, To: to } },
      terraform: { from_port: from, to_port: to },
    };
  }
  if (!isIcmp(protocol)) return { says: name, cli: "", raw: {}, terraform: {} };
  const [type, code] = egress ? [replyType(protocol, port >> 8), -1] : [port >> 8, port & 255];
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

/** A rule in the group that the fewest interfaces carry, so that it opens the least besides. */
const admit = (facts: Facts, want: Wanted, to: NetworkInterface): Change | undefined => {
  const carriers = (id: string): number =>
    [...facts.interfaces.values()].filter((each) => each.groups.ids.includes(id)).length;
  const [id] = to.groups.ids
    .filter((each) => facts.things.SecurityGroups.has(each))
    .toSorted((a, b) => carriers(a) - carriers(b) || (a < b ? -1 : 1));
  const group = facts.things.SecurityGroups.get(id ?? "");
  if (id === undefined || group === undefined) return undefined;
  const icmp = isIcmp(want.protocol);
  const name = want.protocol === ICMPV6 ? "icmpv6" : protocolName(want.protocol).replace("protocol ", "");
  const named = ["tcp", "udp", "icmp", "icmpv6"].includes(name) ? name : String(want.protocol);
  const [from, until] = icmp
    ? [want.port >> 8, want.port & 255]
    : hasClientPort(want.protocol)
      ? [want.port, want.port]
      : [-1, -1];
  const source = want.v6 ? { Ipv6Ranges: [{ CidrIpv6: want.client }] } : { IpRanges: [{ CidrIp: want.client }] };
  const permission = { IpProtocol: named, FromPort: from, ToPort: until, ...source };
  const ranges = want.v6 ? `Ipv6Ranges=[{CidrIpv6=${want.client}}]` : `IpRanges=[{CidrIp=${want.client}}]`;
  const says = icmp ? `${named} type ${from}` : hasClientPort(want.protocol) ? `${named}/${from}` : named;
  return {
    says: `Allow ${says} from ${want.client} in ${id}.`,
    cli: `aws ec2 authorize-security-group-ingress --group-id ${id} --ip-permissions 'IpProtocol=${named},FromPort=${from},ToPort=${until},${ranges}'`,
    terraform: block("aws_vpc_security_group_ingress_rule", label(id, named, String(want.port), want.client), {
      security_group_id: id,
      ip_protocol: named,
      from_port: from,
      to_port: until,
      [want.v6 ? "cidr_ipv6" : "cidr_ipv4"]: want.client,
    }),
    facts: withThing(
      facts,
      "SecurityGroups",
      id,
      changed(group, { IpPermissions: [...items(group.raw["IpPermissions"]), permission] }),
    ),
    touches: (each) => each.groups.ids.includes(id),
  };
};

/** A route to the client alone through the VPC's own internet gateway: the longest prefix is always taken first. */
const answer = (
  facts: Facts,
  { gateways, tables }: Judges,
  id: string,
  want: Wanted,
  to: NetworkInterface,
): Change | undefined => {
  const table = facts.things.RouteTables.get(id);
  const gateway = gateways.of(to.vpc ?? "");
  if (table === undefined || gateway === undefined) return undefined;
  const member = want.v6 ? "DestinationIpv6CidrBlock" : "DestinationCidrBlock";
  const routes = items(table.raw["Routes"]);
  const exists = routes.some((route) => text(route[member]) === want.client);
  const others = routes.filter((route) => text(route[member]) !== want.client);
  const route = { [member]: want.client, GatewayId: gateway, State: "active", Origin: "CreateRoute" };
  const destination = want.v6 ? "destination-ipv6-cidr-block" : "destination-cidr-block";
  const own = (each: NetworkInterface): boolean => {
    const found = tables.ofSubnet(each.subnet ?? "", each.vpc, each.id, each);
    return found.is === "found" && found.fact.id === id;
  };
  const known = gateway === NEW_GATEWAY ? "<the new internet gateway>" : gateway;
  return {
    says: `Send replies to ${want.client} through ${known} in ${id}.`,
    cli: `aws ec2 ${exists ? "replace" : "create"}-route --route-table-id ${id} --${destination} ${want.client} --gateway-id ${known}`,
    terraform: block("aws_route", label(id, want.client), {
      route_table_id: id,
      [want.v6 ? "destination_ipv6_cidr_block" : "destination_cidr_block"]: want.client,
      gateway_id: gateway === NEW_GATEWAY ? { ref: `aws_internet_gateway.${label(to.vpc ?? "")}.id` } : gateway,
    }),
    facts: withThing(facts, "RouteTables", id, changed(table, { Routes: [route, ...others] })),
    touches: own,
  };
};
