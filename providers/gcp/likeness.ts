import type { Prefix } from "#packets/address.ts";
import { parseAddress, parseV4 } from "#packets/address.ts";
import type { Arrival } from "./arrival.ts";
import { hit } from "./arrival.ts";
import { rangeOf } from "./client.ts";
import type { Direction } from "./direction.ts";
import { directionsOf } from "./direction.ts";
import type { Facts } from "./facts.ts";
import type { Instance } from "./instance.ts";
import { networkOf } from "./link.ts";
import type { NetworkInterface } from "./network-interface.ts";
import type { Raw } from "./raw.ts";
import { items, raw, text, texts } from "./raw.ts";

/** What the firewalls of a network may ask of a machine and of where a packet goes. */
export interface Asks {
  readonly tags: ReadonlySet<string>;
  readonly accounts: ReadonlySet<string>;
  /** Tells where packets go, as far as some rule asks. */
  readonly destination: Readonly<Record<Direction, (dials: readonly string[]) => string>>;
}

/** Machines of one likeness get the same answer from every rule, so that they share what is made of the rules. */
export interface Likeness {
  /** What of a machine the rules of a network ask for. */
  of(network: string, instance: Instance): string;
  /** What of a machine policies ask for. */
  inPolicies(instance: Instance): string;
  /** Where packets go, as far as some rule asks. */
  destination(network: string, arrival: Arrival, direction: Direction): string;
  /** The interface, where some answer is of it or its machine alone. */
  alone(nic: NetworkInterface): string;
}

export const likenessOf = (facts: Facts): Likeness => {
  const everywhere = asking();
  const byNetwork = new Map<string, Asking>();
  const at = (network: string): Asking => {
    const known = byNetwork.get(network) ?? asking();
    byNetwork.set(network, known);
    return known;
  };
  for (const { path, raw: rule } of facts.things.firewalls.values())
    askVpc(at(networkOf(text(rule["network"]), path)), rule);
  for (const { raw: policy } of facts.things.firewallPolicies.values()) askPolicy(everywhere, policy);
  const alone = new Set<string>();
  for (const { network, interface: nic, fact } of facts.effective) {
    if (nic !== undefined) alone.add(nic);
    for (const rule of items(fact.raw["firewalls"])) askVpc(at(network), rule);
    for (const policy of items(fact.raw["firewallPolicys"])) askPolicy(everywhere, policy);
  }
  const isAnyAlone = alone.size > 0 || facts.secureTags.size > 0;
  const known = new Map<string, Asks>();
  const asks = (network: string): Asks => {
    const made = known.get(network) ?? together(everywhere, at(network));
    known.set(network, made);
    return made;
  };

  return {
    destination: (network, { dials }, direction) => asks(network).destination[direction](dials),
    alone: ({ id, instance }) => (isAnyAlone && (alone.has(id) || facts.secureTags.has(instance)) ? id : ""),
    inPolicies: ({ accounts }) => those(accounts, everywhere.accounts),
    of: (network, { tags, accounts }) => {
      const wanted = asks(network);
      return `${those(tags, wanted.tags)} ${those(accounts, wanted.accounts)}`;
    },
  };
};

/**
 * Tells addresses apart as far as some list does. Those between the same edges of ranges are the same to all lists, and
 * are told by their places there.
 */
const destinations = (lists: readonly (readonly (Prefix | undefined)[])[]): ((dials: readonly string[]) => string) => {
  const slowly = (dials: readonly string[]): string => {
    const ranges = lists.length === 0 ? [] : dials.map(rangeOf);
    return dials.map(familyOf).join("") + lists.map((list) => hit(ranges, list)[0]).join("");
  };
  const ranges = lists.flat().filter((range) => range !== undefined);
  const edges = { 4: edgesOf(ranges, 4), 6: edgesOf(ranges, 6) } as const;
  const isLong = ranges.some(({ address: { family }, bits }) => family === 6 && bits > FIRST_WORD[6]);
  const places = edges[4].length + edges[6].length + 3;
  const placeOf = (text: string): number => {
    if (familyOf(text) === "4") {
      const value = parseV4(text);
      return value === undefined ? -1 : above(edges[4], value);
    }
    if (edges[6].length === 0) return edges[4].length + 1;
    const address = isLong ? undefined : parseAddress(text);
    return address === undefined ? -1 : edges[4].length + 1 + above(edges[6], address.words[0]);
  };
  const known = new Map<number, string>();
  return (dials) => {
    const [first = "", second] = dials;
    const one = placeOf(first);
    const other = second === undefined ? places - 1 : placeOf(second);
    if (dials.length === 0 || dials.length > 2 || one === -1 || other === -1) return slowly(dials);
    const key = one * places + other;
    const before = known.get(key);
    if (before !== undefined) return before;
    const made = slowly(dials);
    known.set(key, made);
    return made;
  };
};

/** So many bits of an address are its first word, which is all that is looked at. */
const FIRST_WORD = { 4: 32, 6: 48 } as const;

const edgesOf = (ranges: readonly Prefix[], of: 4 | 6): readonly number[] => {
  const edges = ranges.flatMap(({ address: { family, words }, bits }) => {
    const size = 2 ** (FIRST_WORD[of] - bits);
    const first = Math.floor(words[0] / size) * size;
    return family === of ? [first, first + size] : [];
  });
  return [...new Set(edges)].toSorted((a, b) => a - b);
};

/** How many edges a value is not below. */
const above = (edges: readonly number[], value: number): number => {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
};

const familyOf = (address: string): "4" | "6" => (address.includes(":") ? "6" : "4");

/** The words that somebody asks for, in one order. */
export const those = (words: readonly string[], asked: ReadonlySet<string>): string => {
  const found = words.filter((word) => asked.has(word));
  return found.length < 2 ? (found[0] ?? "") : [...new Set(found)].toSorted().join(",");
};

interface Asking {
  readonly tags: Set<string>;
  readonly accounts: Set<string>;
  readonly destinations: Readonly<Record<Direction, Map<string, readonly string[]>>>;
}

const asking = (): Asking => ({
  tags: new Set(),
  accounts: new Set(),
  destinations: { INGRESS: new Map(), EGRESS: new Map() },
});

const askVpc = (asking: Asking, rule: Raw): void => {
  for (const tag of texts(rule["targetTags"])) asking.tags.add(tag);
  for (const account of texts(rule["targetServiceAccounts"])) asking.accounts.add(account);
  askWhere(asking, rule, texts(rule["destinationRanges"]));
};

const askPolicy = (asking: Asking, policy: Raw): void => {
  for (const rule of items(policy["rules"])) {
    for (const account of texts(rule["targetServiceAccounts"])) asking.accounts.add(account);
    askWhere(asking, rule, texts(raw(rule["match"])["destIpRanges"]));
  }
};

const askWhere = ({ destinations }: Asking, rule: Raw, ranges: readonly string[]): void => {
  if (ranges.length > 0) for (const direction of directionsOf(rule)) destinations[direction].set(ranges.join(), ranges);
};

const together = (a: Asking, b: Asking): Asks => {
  const destination = (direction: Direction): Asks["destination"][Direction] =>
    destinations(
      [...new Map([...a.destinations[direction], ...b.destinations[direction]]).values()].map((each) =>
        each.map(rangeOf),
      ),
    );
  return {
    tags: new Set([...a.tags, ...b.tags]),
    accounts: new Set([...a.accounts, ...b.accounts]),
    destination: { INGRESS: destination("INGRESS"), EGRESS: destination("EGRESS") },
  };
};
