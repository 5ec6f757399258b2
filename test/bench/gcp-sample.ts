/** Questions about Google Cloud that stand where programs err: at the ends of ranges, and at the edges of ports. */
import { cidr, contains, familyOf, isInternet } from "./brute.ts";
import { numberOf, portsOf, projectOf, type Question } from "./gcp-brute.ts";
import type { Documents, Instance, Nic, Service } from "./gcp-documents.ts";
import { type Random, random } from "./random.ts";
import { contested, edgePort, textOf } from "./sample.ts";

/** So many questions about the external addresses of an estate, always the same for the same seed. */
export const gcpSample = (documents: Documents, count: number, seed: number): readonly Question[] => {
  const r = random(seed, "gcp sample");
  const doors = [...documents.instances.values()].flatMap((instance) =>
    instance.networkInterfaces.flatMap((nic) => addressesOf(r, nic).map((address) => ({ instance, nic, address }))),
  );
  const taken = new Set(doors.map(({ address }) => address));
  const inside = [
    ...googles,
    ...contested,
    ...documents.subnets.flatMap((subnet) => [subnet.ipCidrRange, subnet.ipv6CidrRange ?? []].flat()),
  ];
  const mayAsk = (client: string): boolean =>
    isInternet(client) && !taken.has(client) && !inside.some((block) => contains(block, client));
  return Array.from({ length: count }, () => questionAbout(r, documents, r.pick(doors), mayAsk));
};

/** Google's own senders come by paths of their own. */
const googles = ["35.235.240.0/20", "35.191.0.0/16", "130.211.0.0/22", "2600:2d00:1:7::/64"];

interface Door {
  readonly instance: Instance;
  readonly nic: Nic;
  readonly address: string;
}

/** Of an IPv6 prefix, the address that is written. */
const addressesOf = (_: Random, { accessConfigs = [], ipv6AccessConfigs = [] }: Nic): readonly string[] => [
  ...accessConfigs.flatMap(({ natIP }) => natIP ?? []),
  ...ipv6AccessConfigs.map(({ externalIpv6 }) => externalIpv6),
];

/** What a rule of any kind asks for. */
interface Asked {
  readonly ranges: readonly string[];
  readonly services: readonly Service[];
}

const questionAbout = (
  r: Random,
  documents: Documents,
  { instance, nic, address }: Door,
  mayAsk: (client: string) => boolean,
): Question => {
  const family = familyOf(address);
  const rules = rulesAround(documents, instance, nic).filter(({ ranges }) =>
    ranges.some((range) => familyOf(range) === family),
  );
  const rule = rules.length > 0 && r.chance(0.95) ? r.pick(rules) : undefined;
  const other = rules.length > 0 ? r.pick(rules) : undefined;
  const routes = (documents.routesOfNetwork.get(nic.network) ?? []).map(({ destRange }) => destRange);
  const isWide = rule?.ranges.some((range) => familyOf(range) === family && cidr(range).length < 8) === true;
  const ranges = r.chance(isWide ? 0.3 : 0.75) ? rule?.ranges : r.chance(0.6) ? other?.ranges : routes;
  const [protocol, port] = serviceNearby(r, family, r.chance(0.85) ? rule : other);
  return {
    instance: instance.selfLink,
    nic: nic.name,
    address,
    client: clientNearby(r, family, ranges ?? [], mayAsk),
    protocol,
    port,
  };
};

/** Every rule that could say something about this machine. */
const rulesAround = (documents: Documents, instance: Instance, nic: Nic): readonly Asked[] => {
  const accounts = (instance.serviceAccounts ?? []).map(({ email }) => email);
  const isFor = (tags: readonly string[] = [], names: readonly string[] = []): boolean =>
    tags.length + names.length === 0 ||
    tags.some((tag) => (instance.tags.items ?? []).includes(tag)) ||
    names.some((name) => accounts.includes(name));
  const targets = [nic.network, ...(documents.above.get(projectOf(nic.network)) ?? [])];
  return [
    ...(documents.firewallsOfNetwork.get(nic.network) ?? [])
      .filter(
        ({ direction, targetTags, targetServiceAccounts }) =>
          direction === "INGRESS" && isFor(targetTags, targetServiceAccounts),
      )
      .map(({ sourceRanges = [], allowed, denied }) => ({ ranges: sourceRanges, services: allowed ?? denied ?? [] })),
    ...documents.policies
      .filter(({ associations }) => associations.some(({ attachmentTarget }) => targets.includes(attachmentTarget)))
      .flatMap(({ rules }) => rules)
      .filter(
        ({ direction, priority, targetServiceAccounts }) =>
          direction === "INGRESS" && priority < 2 ** 30 && isFor([], targetServiceAccounts),
      )
      .map(({ match }) => ({ ranges: match.srcIpRanges ?? ["0.0.0.0/0"], services: match.layer4Configs })),
  ];
};

const serviceNearby = (r: Random, family: 4 | 6, rule: Asked | undefined): readonly [number, number] => {
  const usual: readonly (readonly [number, number])[] = [
    [6, 22],
    [6, 22],
    [6, 443],
    [6, 3389],
    [17, 53],
    [17, 161],
    [50, 0],
    [47, 0],
    family === 4 ? [1, 8 << 8] : [58, 128 << 8],
  ];
  if (rule === undefined || rule.services.length === 0 || r.chance(0.1)) return r.pick(usual);
  const service = r.pick(rule.services);
  const number = numberOf(service);
  if (number === -1) return r.pick(usual);
  if (number !== 6 && number !== 17) return number === 1 ? [1, 8 << 8] : number === 58 ? [58, 128 << 8] : [number, 0];
  const [first, last] = r.pick(portsOf(service));
  return [r.chance(0.95) ? number : 23 - number, edgePort(r, first, last)];
};

/** An address at an edge of one of these ranges that may be asked about; after some tries, any address. */
const clientNearby = (
  r: Random,
  family: 4 | 6,
  ranges: readonly string[],
  mayAsk: (client: string) => boolean,
): string => {
  const fitting = ranges.filter((range) => familyOf(range) === family);
  for (let tries = 0; fitting.length > 0 && tries < 12; tries++) {
    const { first, last } = cidr(r.pick(fitting));
    const inside = first + (((last - first) * BigInt(r.int(0, 2 ** 30))) >> 30n);
    const text = textOf(
      family,
      r.pick([first - 1n, first, first, first + 1n, last - 1n, last, last, last + 1n, inside, inside, inside]),
    );
    if (mayAsk(text)) return text;
  }
  for (;;) {
    const number = BigInt(r.int(0, 2 ** 32 - 1));
    const text = textOf(family, family === 4 ? number : (2n << 124n) + (number << 93n) + BigInt(r.int(1, 2 ** 32)));
    if (mayAsk(text)) return text;
  }
};
