/** Network security groups, and the ends and services that rules of all kinds are written with. */
import { block4, ipv4, privateBlock4, publicBlock4, publicBlock6 } from "../estate/text.ts";
import { allButPrivate, several } from "../gcp-estate/rules.ts";
import { at, type Random, random } from "../random.ts";
import type { Thing } from "./answers.ts";
import { groupId, idOf, type Network, networkOfGroup, type Plan } from "./plan.ts";
import { knownTags, unknownTags } from "./tags.ts";

/** The rules of a group, written out as its own and those that every group has. */
export const groupThing = (
  outline: Plan,
  group: number,
  attached: { readonly subnets: readonly string[]; readonly interfaces: readonly string[] },
  form: (thing: Thing) => object,
): Thing => {
  const r = random(outline.seed, "azure group", group);
  const network = networkOfGroup(outline, group);
  const id = groupId(outline, group);
  const [fewest, most] = outline.rules;
  const count = r.int(fewest, most);
  const outbound = Math.round(count * 0.12);
  const rules = [
    ...written(r, outline, network, "Inbound", count - outbound),
    ...written(r, outline, network, "Outbound", outbound),
    ...(r.chance(0.25) ? [{ name: "deny-the-rest", priority: 4096, direction: "Inbound", ...everything("Deny") }] : []),
  ];
  const print = (where: string, properties: object, name: string): object =>
    form({ id: `${id}/${where}/${name}`, type: `Microsoft.Network/networkSecurityGroups/${where}`, properties });
  return {
    id,
    type: "Microsoft.Network/networkSecurityGroups",
    location: network.region,
    properties: {
      resourceGuid: id.slice(15, 51),
      securityRules: rules.map(({ name, ...rule }) => print("securityRules", rule, name)),
      defaultSecurityRules: defaults.map(({ name, ...rule }) => print("defaultSecurityRules", rule, name)),
      ...(attached.subnets.length === 0 ? {} : { subnets: attached.subnets.map((each) => ({ id: each })) }),
      ...(attached.interfaces.length === 0
        ? {}
        : { networkInterfaces: attached.interfaces.map((each) => ({ id: each })) }),
    },
  };
};

interface Written {
  readonly name: string;
}

/** Rules in the order of their making, which is not that of their numbers. */
const written = (
  r: Random,
  outline: Plan,
  network: Network,
  direction: "Inbound" | "Outbound",
  count: number,
): readonly Written[] => {
  const step = Math.floor(3900 / count);
  return Array.from({ length: count }, (_, k) => ({
    name: `${direction === "Inbound" ? "in" : "out"}-${k}-${r.pick(["web", "partner", "office", "scan", "app"])}`,
    ...(r.chance(0.5) ? {} : { description: `Ticket SEC-${r.int(1000, 99_999)}` }),
    ...bodyOf(r, outline, network, direction),
    priority: 100 + ((k * 7919) % count) * step + r.int(0, step - 1),
    direction,
  }));
};

/** One rule without its number: who, whom, what. */
const bodyOf = (r: Random, outline: Plan, network: Network, direction: "Inbound" | "Outbound"): object => {
  const isDeny = r.chance(0.3);
  const far = farEnd(r, outline, network);
  const near = nearEnd(r, network, far.isV6);
  const [source, destination] = direction === "Inbound" ? [far.end, near] : [near, far.end];
  return {
    access: isDeny ? "Deny" : "Allow",
    ...serviceOf(r, far.isWide, isDeny),
    ...endMembers("source", source),
    ...endMembers("destination", destination),
  };
};

interface End {
  readonly prefixes?: readonly string[];
  readonly groups?: readonly string[];
}

/** One prefix stands in the singular member, several in the plural one, as ARM has it; one may stand in the plural too. */
const endMembers = (side: "source" | "destination", { prefixes = [], groups = [] }: End): object => {
  if (groups.length > 0) {
    return {
      [`${side}AddressPrefixes`]: [],
      [`${side}ApplicationSecurityGroups`]: groups.map((id) => ({ id })),
    };
  }
  const [only = "*"] = prefixes;
  return prefixes.length === 1 && !only.endsWith(".7/32")
    ? { [`${side}AddressPrefix`]: only, [`${side}AddressPrefixes`]: [] }
    : { [`${side}AddressPrefixes`]: prefixes };
};

interface Far {
  readonly end: End;
  readonly isV6: boolean;
  readonly isWide: boolean;
}

/** Who is on the other side: mostly small ranges, many of which stand in many rules. */
const farEnd = (r: Random, outline: Plan, network: Network): Far => {
  const far = (prefixes: readonly string[], isWide = false): Far => ({
    end: { prefixes },
    isV6: prefixes.some((each) => each.includes(":")),
    isWide,
  });
  const kind = r.int(0, 99);
  if (kind < 5) return far(r.pick(wide), true);
  if (kind < 11) return far([cased(r, r.pick(knownTags))]);
  if (kind < 12) return far([r.chance(0.05) ? r.pick(unknownTags) : r.pick(knownTags)]);
  if (kind < 19) return far([r.chance(0.1) ? "VIRTUAL_NETWORK" : cased(r, "VirtualNetwork")]);
  if (kind < 21) return far([r.chance(0.1) ? "AZURE_LOADBALANCER" : cased(r, "AzureLoadBalancer")]);
  if (kind < 26) {
    const groups = [...new Set(several(r, 2, () => r.pick(network.applicationGroups)))];
    return { end: { groups: groups.map((each) => applicationGroupId(r, network, each)) }, isV6: false, isWide: false };
  }
  if (kind < 44) return far(several(r, r.pick(few), () => privateBlock4(r)));
  if (kind < 52) return far(several(r, r.pick(few), () => publicBlock6(r)));
  return far(several(r, r.pick(few), () => publicRange(r, outline)));
};

/** Most rules name one thing; some name up to so many. */
const few = [1, 1, 1, 1, 1, 1, 2, 4] as const;

const wide: readonly (readonly string[])[] = [
  ["*"],
  ["*"],
  ["Internet"],
  ["Internet"],
  ["INTERNET"],
  ["0.0.0.0/0"],
  ["::/0"],
  ["0.0.0.0/1"],
  ["0.0.0.0/1", "128.0.0.0/1"],
  allButPrivate,
];

const cased = (r: Random, tag: string): string =>
  r.chance(0.1) ? (r.chance(0.5) ? tag.toLowerCase() : tag.toUpperCase()) : tag;

/** Offices and partners are known to the whole estate; others stand in one rule alone. */
const publicRange = (r: Random, { seed }: Plan): string => {
  const from = r.chance(0.5) ? random(seed, "azure partner", r.skewed(400)) : r;
  const block = publicBlock4(from);
  return from.chance(0.1) ? block.replace(/\/.*/, "") : from.chance(0.05) ? block.replace(/\.\d+\//, ".77/") : block;
};

/** Some ids come back in another casing than they were made in. */
export const applicationGroupId = (r: Random, network: Network, name: string): string => {
  const id = idOf(network, "applicationSecurityGroups", name);
  return r.chance(0.1) ? id.toLowerCase() : id;
};

/** Which of the network's addresses are meant. */
const nearEnd = (r: Random, network: Network, isV6: boolean): End => {
  const kind = r.int(0, 99);
  if (kind < 76) return { prefixes: ["*"] };
  if (kind < 84) return { prefixes: ["VirtualNetwork"] };
  if (kind < 87)
    return {
      groups: [...new Set(several(r, 2, () => r.pick(network.applicationGroups)))].map((each) =>
        applicationGroupId(r, network, each),
      ),
    };
  if (isV6)
    return network.ipv6 === undefined
      ? { prefixes: ["::/0"] }
      : { prefixes: several(r, 2, () => `${network.ipv6}:${r.int(0, 4)}::/64`) };
  if (kind < 97)
    return { prefixes: several(r, 2, () => block4(r.pick(network.subnets).start, r.pick([20, 20, 20, 25]))) };
  if (kind < 98) return { prefixes: several(r, 2, () => hosts(r, r.pick(network.subnets).start + 4 + r.skewed(60))) };
  if (kind < 99) return { prefixes: [at(network.space, 0)] };
  return { prefixes: [`20.0.${r.int(0, 255)}.${r.int(0, 255)}`] };
};

const hosts = (r: Random, address: number): string => (r.chance(0.5) ? `${ipv4(address)}/32` : ipv4(address));

/** What is asked for. What everybody may have is mostly the web, and what nobody may have is said of single ports. */
const serviceOf = (r: Random, isWide: boolean, isDeny: boolean): object => {
  const ports = (list: readonly string[], sources: object = fromAll): object =>
    list.length === 1 && list[0] !== "22"
      ? { ...sources, destinationPortRange: list[0], destinationPortRanges: [] }
      : list.length === 1 && r.chance(0.7)
        ? { ...sources, destinationPortRange: list[0], destinationPortRanges: [] }
        : { ...sources, destinationPortRanges: list };
  if (isWide && !isDeny && r.chance(0.99)) return openService(r, ports);
  if (r.chance(isWide ? 0.02 : 0.05)) return { protocol: "*", ...ports(["*"]) };
  if (r.chance(0.03)) return { protocol: r.pick(["Icmp", "ICMP", "Esp", "Ah"]), ...ports(["*"]) };
  return {
    protocol: r.pick(["Tcp", "Tcp", "Tcp", "Tcp", "TCP", "tcp", "Udp", "UDP", "*"]),
    ...ports(
      several(r, r.pick(few), () => portsOf(r)),
      r.chance(0.03) ? r.pick(fromSome) : fromAll,
    ),
  };
};

const openService = (r: Random, ports: (list: readonly string[]) => object): object => {
  if (r.chance(0.08)) return { protocol: "Icmp", ...ports(["*"]) };
  if (r.chance(0.985))
    return { protocol: r.pick(["Tcp", "tcp", "*"]), ...ports(r.chance(0.6) ? ["443"] : ["80", "443"]) };
  return { protocol: "Tcp", ...ports([r.pick(["22", "3389", "8080", "5432", "20-25", "30000-32767"])]) };
};

const fromAll = { sourcePortRange: "*", sourcePortRanges: [] };
const fromSome = [
  { sourcePortRange: "22", sourcePortRanges: [] },
  { sourcePortRange: "1024-65535", sourcePortRanges: [] },
  { sourcePortRange: "0-65535", sourcePortRanges: [] },
  { sourcePortRanges: ["1024-5000", "32768-65535"] },
];

const portsOf = (r: Random): string => {
  if (r.chance(0.7))
    return r.pick(["22", "22", "22", "80", "443", "443", "3389", "1433", "3306", "5432", "5985-5986", "6379", "8080"]);
  const first = r.int(0, 60_000);
  return r.pick([
    "20-25",
    "0-21",
    "23-65535",
    "0-65535",
    "8000-9000",
    "49152-65535",
    `${first}-${first + r.int(0, 5000)}`,
    String(first),
  ]);
};

const everything = (access: string): object => ({
  access,
  protocol: "*",
  ...fromAll,
  destinationPortRange: "*",
  destinationPortRanges: [],
  ...endMembers("source", { prefixes: ["*"] }),
  ...endMembers("destination", { prefixes: ["*"] }),
});

/** What Azure puts at the end of every group. */
const standard = (
  name: string,
  direction: string,
  priority: number,
  access: string,
  source: string,
  destination: string,
) => ({
  name,
  description: name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " "),
  direction,
  priority,
  ...everything(access),
  sourceAddressPrefix: source,
  destinationAddressPrefix: destination,
});

const defaults = [
  standard("AllowVnetInBound", "Inbound", 65_000, "Allow", "VirtualNetwork", "VirtualNetwork"),
  standard("AllowAzureLoadBalancerInBound", "Inbound", 65_001, "Allow", "AzureLoadBalancer", "*"),
  standard("DenyAllInBound", "Inbound", 65_500, "Deny", "*", "*"),
  standard("AllowVnetOutBound", "Outbound", 65_000, "Allow", "VirtualNetwork", "VirtualNetwork"),
  standard("AllowInternetOutBound", "Outbound", 65_001, "Allow", "*", "Internet"),
  standard("DenyAllOutBound", "Outbound", 65_500, "Deny", "*", "*"),
];
