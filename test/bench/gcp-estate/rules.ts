/** VPC firewall rules, and the sources and services that rules of all kinds are written with. */
import { privateBlock4, publicBlock4, publicBlock6 } from "../estate/text.ts";
import { type Random, random } from "../random.ts";
import { moment } from "./machines.ts";
import { idOf, link, type Network, type Plan } from "./plan.ts";

/** Every IPv4 address of the internet and none of RFC 1918, as people write it. */
export const allButPrivate = [
  "0.0.0.0/5",
  "8.0.0.0/7",
  "11.0.0.0/8",
  "12.0.0.0/6",
  "16.0.0.0/4",
  "32.0.0.0/3",
  "64.0.0.0/2",
  "128.0.0.0/3",
  "160.0.0.0/5",
  "168.0.0.0/6",
  "172.0.0.0/12",
  "172.32.0.0/11",
  "172.64.0.0/10",
  "172.128.0.0/9",
  "173.0.0.0/8",
  "174.0.0.0/7",
  "176.0.0.0/4",
  "192.0.0.0/9",
  "192.128.0.0/11",
  "192.160.0.0/13",
  "192.169.0.0/16",
  "192.170.0.0/15",
  "192.172.0.0/14",
  "192.176.0.0/12",
  "192.192.0.0/10",
  "193.0.0.0/8",
  "194.0.0.0/7",
  "196.0.0.0/6",
  "200.0.0.0/5",
  "208.0.0.0/4",
  "224.0.0.0/3",
] as const;

export const several = <T>(r: Random, most: number, make: () => T): readonly T[] =>
  Array.from({ length: r.int(1, most) }, make);

/** Ranges of one family, mostly small ones; some hold much of the internet, or have host bits, or no length. */
export const rangesOf = (r: Random, widely: number): readonly string[] => {
  if (r.chance(widely))
    return r.pick([
      ["0.0.0.0/0"],
      ["0.0.0.0/0"],
      ["::/0"],
      ["0.0.0.0/1"],
      ["128.0.0.0/1"],
      ["0.0.0.0/1", "128.0.0.0/1"],
      allButPrivate,
    ]);
  if (r.chance(0.12)) return several(r, 3, () => publicBlock6(r));
  if (r.chance(0.3)) return several(r, 4, () => privateBlock4(r));
  return several(r, 6, () =>
    r.chance(0.1)
      ? publicBlock4(r).replace(/\/.*/, "")
      : r.chance(0.05)
        ? publicBlock4(r).replace(/\.\d+\//, ".77/")
        : publicBlock4(r),
  );
};

/** Protocols and ports under the member that names a protocol. ICMP has another number in IPv6. */
export const servicesOf = (
  r: Random,
  member: "IPProtocol" | "ipProtocol",
  isV6: boolean,
  isOpen = false,
): readonly object[] => {
  if (isOpen && r.chance(0.97)) return openServices(r, member, isV6);
  if (r.chance(0.06)) return [{ [member]: "all" }];
  return several(r, 3, () => {
    const protocol = r.pick(["tcp", "tcp", "tcp", "tcp", "tcp", "6", "udp", "udp", isV6 ? "58" : "icmp", "esp", "47"]);
    const hasPorts = ["tcp", "6", "udp"].includes(protocol) && r.chance(0.93);
    return { [member]: protocol, ...(hasPorts ? { ports: several(r, 4, () => portsOf(r)) } : {}) };
  });
};

/** What people open to everybody: mostly the web, now and then what they should not. */
const openServices = (r: Random, member: "IPProtocol" | "ipProtocol", isV6: boolean): readonly object[] => {
  if (r.chance(0.1)) return [{ [member]: isV6 ? "58" : "icmp" }];
  const ports = r.chance(0.8)
    ? ["443", ...(r.chance(0.6) ? ["80"] : [])]
    : [r.pick(["22", "22", "3389", "8080", "5432", "20-25", "30000-32767"])];
  return [{ [member]: "tcp", ports }, ...(r.chance(0.1) ? [{ [member]: "udp", ports: ["443"] }] : [])];
};

/** Ranges that hold much of the internet. */
export const areWide = (ranges: readonly string[]): boolean => ranges.some((range) => /\/[0-5]$/.test(range));

const portsOf = (r: Random): string => {
  if (r.chance(0.7))
    return r.pick([
      "22",
      "22",
      "80",
      "443",
      "443",
      "3389",
      "3306",
      "5432",
      "6379",
      "8080",
      "8443",
      "9200",
      "27017",
      "23",
      "445",
    ]);
  const first = r.int(0, 60000);
  return r.pick([
    "20-25",
    "1-21",
    "22-65535",
    "0-65535",
    "8000-9000",
    "30000-32767",
    `${first}-${first + r.int(0, 5000)}`,
    String(first),
  ]);
};

/** All VPC rules of a network, as `gcloud compute firewall-rules list --format=json` prints them. */
export const firewallAnswers = (outline: Plan, network: Network): readonly object[] =>
  Array.from({ length: network.rules }, (_, k) => {
    const r = random(outline.seed, `firewall ${network.index}`, k);
    const name = `${network.name}-rule-${k}`;
    return {
      ...bodyOf(r, network),
      creationTimestamp: moment(r.int(0, 2 ** 31)),
      description: r.chance(0.5) ? "" : `Ticket NET-${r.int(1000, 99_999)}`,
      disabled: r.chance(0.04),
      id: idOf("firewall", network.index * 1000 + k),
      kind: "compute#firewall",
      logConfig: { enable: false },
      name,
      network: link(network.path),
      selfLink: link(`projects/${network.project}/global/firewalls/${name}`),
    };
  });

const bodyOf = (r: Random, network: Network): object => {
  if (r.chance(0.08))
    return {
      [r.chance(0.5) ? "allowed" : "denied"]: servicesOf(r, "IPProtocol", false),
      destinationRanges: rangesOf(r, 0.5),
      direction: "EGRESS",
      priority: priorityOf(r),
    };
  const isDeny = r.chance(0.2);
  const ranges = rangesOf(r, isDeny ? 0.1 : 0.2);
  const isV6 = ranges.some((range) => range.includes(":"));
  const byTags = r.chance(0.7);
  return {
    [isDeny ? "denied" : "allowed"]: servicesOf(r, "IPProtocol", isV6, !isDeny && areWide(ranges)),
    ...(r.chance(0.02)
      ? { destinationRanges: [isV6 ? "2600::/12" : r.pick(["10.0.0.0/8", "34.0.0.0/8", "0.0.0.0/0"])] }
      : {}),
    direction: "INGRESS",
    priority: isDeny && r.chance(0.4) ? r.int(0, 999) : priorityOf(r),
    ...sourcesOf(r, network, ranges, byTags),
    ...targetsOf(r, network, byTags, !isDeny && areWide(ranges) ? 0.04 : 0.12),
  };
};

const priorityOf = (r: Random): number =>
  r.pick([1000, 1000, 1000, 900, 800, 500, 100, 65_534, r.int(0, 65_534), r.chance(0.05) ? 65_535 : 1000]);

/** Tags and accounts are alternatives to the ranges, and never stand in one rule together. */
const sourcesOf = (r: Random, network: Network, ranges: readonly string[], byTags: boolean): object => {
  const named = byTags
    ? { sourceTags: several(r, 2, () => r.pick(network.tags)) }
    : { sourceServiceAccounts: several(r, 2, () => r.pick(network.accounts)) };
  if (r.chance(0.12)) return named;
  return { sourceRanges: ranges, ...(r.chance(0.06) ? named : {}) };
};

const targetsOf = (r: Random, network: Network, byTags: boolean, ofAll: number): object => {
  if (r.chance(ofAll)) return {};
  return byTags
    ? { targetTags: [...new Set(several(r, 3, () => r.pick(network.tags)))] }
    : { targetServiceAccounts: [...new Set(several(r, 2, () => r.pick(network.accounts)))] };
};
