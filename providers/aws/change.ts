import type { Fact, Facts, Noun } from "./facts.ts";
import type { NetworkInterface } from "./network-interface.ts";
import type { Raw } from "./raw.ts";

/** What is to be let through: one service, between the client and the machine, each one address. */
export interface Wanted {
  readonly client: string;
  readonly machine: string;
  readonly v6: boolean;
  readonly protocol: number;
  /** The port, or type × 256 + code. */
  readonly port: number;
}

/** One change: how a person makes it, the facts with it, and the interfaces that it concerns. */
export interface Change {
  readonly says: string;
  readonly cli: string;
  readonly terraform: string;
  readonly facts: Facts;
  readonly touches: (each: NetworkInterface) => boolean;
}

/** The facts with one thing changed, or with one thing more. */
export const withThing = (facts: Facts, noun: Noun, id: string, fact: Fact): Facts => ({
  ...facts,
  things: { ...facts.things, [noun]: new Map(facts.things[noun]).set(id, fact) },
});

export const changed = (fact: Fact, members: Raw): Fact => ({ raw: { ...fact.raw, ...members }, at: fact.at });

/** Stands for the elastic IP that is not allocated yet. */
export const NEW_ADDRESS = "a new elastic IP";

/** An internet gateway that is not made yet. */
export const NEW_GATEWAY = "igw-new";
