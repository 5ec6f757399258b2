import { hasClientPort } from "#packets/set.ts";
import { protocolName } from "#packets/service.ts";
import type { Fact, Facts, Noun } from "./facts.ts";
import type { Raw } from "./raw.ts";
import type { End } from "./ways.ts";

/** What is to be let through: one service from one client. */
export interface Wanted {
  readonly client: string;
  readonly v6: boolean;
  readonly protocol: number;
  /** The port; firewalls here do not tell types of ICMP apart. */
  readonly port: number;
}

/** One change: how a person makes it, the facts with it, and the interfaces that it concerns. */
export interface Change {
  readonly says: string;
  readonly cli: string;
  readonly terraform: string;
  readonly facts: Facts;
  readonly touches: (end: End) => boolean;
}

/** The facts with one thing changed, or with one thing more. */
export const withThing = (facts: Facts, noun: Noun, fact: Fact): Facts => ({
  ...facts,
  things: { ...facts.things, [noun]: new Map(facts.things[noun]).set(fact.path, fact) },
});

export const changed = (fact: Fact, members: Raw): Fact => ({ ...fact, raw: { ...fact.raw, ...members } });

/** A service as gcloud and the API write it: a protocol by name or number, and a port where it has ports. */
export const wantedService = ({
  protocol,
  port,
}: Wanted): { readonly protocol: string; readonly ports: readonly string[]; readonly says: string } => {
  const name = NAMED.has(protocol) ? protocolName(protocol) : String(protocol);
  return hasClientPort(protocol)
    ? { protocol: name, ports: [String(port)], says: `${name}:${port}` }
    : { protocol: name, ports: [], says: name };
};

/** Names that the cloud knows. */
const NAMED = new Set([1, 6, 17, 50, 51, 132]);

/** A name for something new, which the cloud takes: letters, digits and dashes. */
export const newName = (...parts: readonly string[]): string =>
  parts
    .join("-")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 62)
    .replace(/-$/, "");
