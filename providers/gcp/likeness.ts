import type { Arrival } from "./arrival.ts";
import { destinations } from "./destination.ts";
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
