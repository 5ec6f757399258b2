/** Questions about Azure that stand where programs err: at the ends of prefixes, and at the edges of ports. */
import { type Door, doorsOf, numberOf, portsOf, type Question, rangeOf, sourcesOf } from "./azure-brute.ts";
import type { Config, Documents, Nic } from "./azure-documents.ts";
import { keyOf } from "./azure-documents.ts";
import { cidr, contains, familyOf, isInternet } from "./brute.ts";
import { type Random, random } from "./random.ts";
import { contested, edgePort, textOf } from "./sample.ts";

/** So many questions about the public addresses of an estate, always the same for the same seed. */
export const azureSample = (documents: Documents, count: number, seed: number): readonly Question[] => {
  const r = random(seed, "azure sample");
  const doors = [...documents.nics.values()].flatMap((nic) =>
    nic.virtualMachine === undefined
      ? []
      : nic.ipConfigurations.flatMap((config) =>
          doorsOf(documents, config).map((door): Target => ({ nic, config, door })),
        ),
  );
  const taken = new Set([...documents.addresses.values()].flatMap(({ ipAddress = [] }) => ipAddress));
  const host = "168.63.129.16";
  const mayAsk = (client: string): boolean =>
    isInternet(client) && client !== host && !taken.has(client) && !contested.some((block) => contains(block, client));
  return Array.from({ length: count }, () => questionAbout(r, documents, r.pick(doors), mayAsk));
};

interface Target {
  readonly nic: Nic;
  readonly config: Config;
  readonly door: Door;
}

/** What a rule of any kind asks for. */
interface Asked {
  readonly sources: readonly string[];
  readonly protocol: string;
  readonly ports: readonly string[];
  /** It lets somebody in to this address: of many rules that is said of few. */
  readonly isTelling: boolean;
}

const questionAbout = (
  r: Random,
  documents: Documents,
  { nic, config, door }: Target,
  mayAsk: (client: string) => boolean,
): Question => {
  const family = familyOf(config.privateIPAddress);
  const where = documents.subnets.get(keyOf(config.subnet.id));
  const rules = rulesAround(documents, nic, config).filter(({ sources }) =>
    sources.some((each) => /^[A-Za-z*]/.test(each) || familyOf(each) === family),
  );
  const telling = rules.filter(({ isTelling }) => isTelling);
  const rule =
    rules.length > 0 && r.chance(0.95) ? r.pick(telling.length > 0 && r.chance(0.8) ? telling : rules) : undefined;
  const other = rules.length > 0 ? r.pick(rules) : undefined;
  const routes = documents.tables.get(keyOf(where?.subnet.routeTable?.id ?? ""))?.routes ?? [];
  const prefixesIn = (texts: readonly string[]): readonly string[] =>
    texts.flatMap((each) => documents.tags.get(each.toLowerCase()) ?? (/^[\da-f]*[.:]/.test(each) ? [each] : []));
  const own = prefixesIn(rule?.sources ?? []);
  const isWide = own.length === 0 || own.some((each) => familyOf(each) === family && cidr(each).length < 8);
  const near = r.chance(isWide ? 0.3 : 0.75)
    ? own
    : r.chance(0.5)
      ? prefixesIn(other?.sources ?? [])
      : routes.flatMap(({ addressPrefix }) => prefixesIn([addressPrefix]));
  const client = clientNearby(r, family, near, mayAsk);
  const asked = { nic: nic.id, config: config.name, address: door.address, client };
  const { leads } = door;
  if (leads !== undefined && r.chance(0.9)) return { ...asked, ...leads };
  const [protocol, port] = serviceNearby(r, family, r.chance(0.85) ? rule : other);
  return { ...asked, protocol, port };
};

/** Every rule that could say something about this address. */
const rulesAround = (documents: Documents, nic: Nic, config: Config): readonly Asked[] => {
  const where = documents.subnets.get(keyOf(config.subnet.id));
  const groups = [where?.subnet.networkSecurityGroup, nic.networkSecurityGroup].flatMap(
    (each) => documents.groups.get(keyOf(each?.id ?? "")) ?? [],
  );
  // Rules with the lowest numbers are those that are read.
  const rules = groups.flatMap(({ securityRules }) =>
    securityRules
      .filter(({ direction }) => direction === "Inbound")
      .toSorted((a, b) => a.priority - b.priority)
      .slice(0, 300)
      .map(
        (rule): Asked => ({
          sources: sourcesOf(rule),
          protocol: rule.protocol,
          ports: portsOf(rule),
          isTelling: rule.access === "Allow" && isTo(rule.destinationAddressPrefix ?? "", config),
        }),
      ),
  );
  const admin = (documents.adminRules.get(where?.network.name ?? "") ?? []).map(
    ({ sources, protocol, destinationPortRanges: ports }): Asked => ({
      sources: sources.map(({ addressPrefix }) => addressPrefix),
      protocol,
      ports,
      isTelling: true,
    }),
  );
  // There are few of them, and they come first.
  return [...rules, ...admin, ...admin, ...admin, ...admin];
};

const isTo = (text: string, { privateIPAddress }: Config): boolean =>
  text === "*" || (/^\d/.test(text) && contains(text, privateIPAddress));

const serviceNearby = (r: Random, family: 4 | 6, rule: Asked | undefined): readonly [number, number] => {
  const usual: readonly (readonly [number, number])[] = [
    [6, 22],
    [6, 22],
    [6, 443],
    [6, 80],
    [6, 3389],
    [17, 53],
    [17, 161],
    [50, 0],
    family === 4 ? [1, 8 << 8] : [58, 128 << 8],
  ];
  if (rule === undefined || r.chance(0.1)) return r.pick(usual);
  const number = numberOf(rule.protocol);
  if (number === 1) return family === 4 ? [1, 8 << 8] : [58, 128 << 8];
  if (number !== -1 && number !== 6 && number !== 17) return [number, 0];
  const ranges = rule.ports.flatMap(rangeOf);
  if (ranges.length === 0) return r.pick(usual);
  const [first, last] = r.pick(ranges);
  const protocol = number === -1 ? r.pick([6, 6, 17]) : number;
  return [r.chance(0.95) ? protocol : 23 - protocol, edgePort(r, first, last)];
};

/** An address at an edge of one of these prefixes that may be asked about; after some tries, any address. */
const clientNearby = (
  r: Random,
  family: 4 | 6,
  prefixes: readonly string[],
  mayAsk: (client: string) => boolean,
): string => {
  const fitting = prefixes.filter((each) => familyOf(each) === family);
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
