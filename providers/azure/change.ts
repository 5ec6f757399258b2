import { hasClientPort } from "#packets/set.ts";
import { protocolName } from "#packets/service.ts";
import { groupOf, keyOf, nameOf, subscriptionOf } from "./arm-id.ts";
import type { Fact, Facts, Noun } from "./facts.ts";
import type { IpConfig, NetworkInterface } from "./network-interface.ts";
import type { Raw } from "./raw.ts";
import { isRaw } from "./raw.ts";

/** What is to be let through: one service from one client. */
export interface Wanted {
  readonly client: string;
  readonly v6: boolean;
  readonly protocol: number;
  /** The port; rules here do not tell types of ICMP apart. */
  readonly port: number;
}

/** One change: how a person makes it, the facts with it, and the interfaces that it concerns. */
export interface Change {
  readonly says: string;
  readonly cli: string;
  readonly terraform: string;
  readonly facts: Facts;
  readonly touches: (config: IpConfig) => boolean;
}

/** The facts with one thing changed, or with one thing more. */
export const withThing = (facts: Facts, noun: Noun, fact: Fact): Facts => ({
  ...facts,
  things: { ...facts.things, [noun]: new Map(facts.things[noun]).set(keyOf(fact.id), fact) },
});

/** A thing with a member changed, where that member stands. */
export const withMember = (fact: Fact, name: string, value: unknown): Fact => {
  const inner = fact.raw["properties"];
  const isNested = isRaw(inner) && (fact.raw[name] === undefined || fact.raw[name] === null);
  const changed: Raw = isNested ? { properties: { ...inner, [name]: value } } : { [name]: value };
  return { ...fact, raw: { ...fact.raw, ...changed } };
};

/** The facts with an interface changed, and its addresses with it. */
export const withInterface = (
  facts: Facts,
  nic: NetworkInterface,
  change: (config: IpConfig) => Partial<IpConfig>,
  members: Partial<NetworkInterface> = {},
): Facts => {
  const configs: IpConfig[] = [];
  const made: NetworkInterface = { ...nic, ...members, configs };
  for (const config of nic.configs) configs.push({ ...config, ...change(config), nic: made });
  return { ...facts, nics: new Map(facts.nics).set(nic.key, made) };
};

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [1, "Icmp"],
  [6, "Tcp"],
  [17, "Udp"],
  [50, "Esp"],
  [51, "Ah"],
]);

/** A service as rules write it; undefined where no rule can name it alone. */
export const wantedService = (
  want: Wanted,
): { readonly protocol: string; readonly port: string; readonly says: string } | undefined => {
  const protocol = PROTOCOLS.get(want.protocol);
  if (protocol === undefined) return undefined;
  const name = protocolName(want.protocol);
  return hasClientPort(want.protocol)
    ? { protocol, port: String(want.port), says: `${name}/${want.port}` }
    : { protocol, port: "*", says: name };
};

/** A name for something new, which Azure takes: letters, digits and dashes. */
export const newName = (...parts: readonly string[]): string =>
  parts
    .join("-")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/-$/, "")
    .slice(0, 80);

/** The first name of its kind that is not taken: a command to make what is there would change it instead. */
export const freeName = (name: string, isTaken: (name: string) => boolean): string | undefined =>
  [name, ...Array.from({ length: 8 }, (_, i) => `${name}-${i + 2}`)].find((each) => !isTaken(each));

/** Names stand in commands, so they are what a shell takes as it is, or there is no command. */
export const areSafe = (...names: readonly (string | undefined)[]): boolean =>
  names.every((name) => name !== undefined && /^\w[\w.-]*$/.test(name));

/** A thing whose subscription and name are safe, and whose resource group is at least one that Azure takes. */
export const isSafe = (id: string): boolean =>
  areSafe(subscriptionOf(id), nameOf(id)) && /^[\w(][\w.()-]*$/.test(groupOf(id) ?? "");

/** Where commands are to find a thing. Resource groups may have parentheses, which a shell would read. */
export const whereOf = (id: string): string => {
  const group = groupOf(id) ?? "";
  return `--subscription ${subscriptionOf(id)} -g ${areSafe(group) ? group : `'${group}'`}`;
};
