import { WORD_BITS } from "./address.ts";
import * as diagram from "./diagram.ts";
import type { Node } from "./diagram.ts";
import { PER_PROTOCOL } from "./service.ts";
import type { PacketSet } from "./set.ts";
import { CLIENT, CLIENT_PORT, FAMILY, SERVICE, clientsOf, some } from "./set.ts";

/** A stretch of whole numbers, both ends included. */
export type Run<N> = readonly [first: N, last: N];

/** The stretches between a node's cuts on `level`, with what holds in each; a node of a lower level is one stretch. */
const stretches = (
  node: Node,
  level: number,
  end: number,
): readonly (readonly [from: number, to: number, kid: Node])[] => {
  if (diagram.levelOf(node) !== level) return [[0, end, node]];
  const cuts = diagram.cutsOf(node);
  return diagram.kidsOf(node).map((kid, i) => [cuts[i - 1] ?? 0, cuts[i] ?? end, kid]);
};

/** Adds a stretch behind the others, joined to the last where they touch. */
const extend = (runs: [bigint, bigint][], first: bigint, last: bigint): void => {
  const previous = runs.at(-1);
  if (previous !== undefined && previous[1] + 1n === first) previous[1] = last;
  else runs.push([first, last]);
};

/** The client addresses of one family that are in the set for some service and port, rising, no two touching. */
export const clientRuns = (set: PacketSet, family: 4 | 6): readonly Run<bigint>[] => {
  const widths: readonly number[] = WORD_BITS[family];
  const runs: [bigint, bigint][] = [];
  const visit = (node: Node, word: number, prefix: bigint): void => {
    const width = widths[word] ?? 0;
    const below = BigInt(widths.slice(word + 1).reduce((sum, each) => sum + each, 0));
    for (const [from, to, kid] of stretches(node, CLIENT + word, 2 ** width)) {
      if (kid === diagram.NONE) continue;
      const at = (value: number): bigint => (prefix << BigInt(width)) + BigInt(value);
      if (kid === diagram.ALL) extend(runs, at(from) << below, (at(to) << below) - 1n);
      // Sets are made of prefixes, so only few neighbouring values can share a kid that looks further.
      else for (let value = from; value < to; value++) visit(kid, word + 1, at(value));
    }
  };
  visit(ofFamily(clientsOf(set), family), 0, 0n);
  return runs;
};

const ofFamily = (set: Node, family: 4 | 6): Node =>
  diagram.levelOf(set) === FAMILY ? diagram.kidAt(set, family === 4 ? 0 : 1) : set;

/** The services in the set for some client, as runs on the line of services. */
export const serviceRuns = (set: PacketSet): readonly Run<number>[] =>
  numbers(some(some(some(anyFamily(set), "machine"), "client"), "clientPort"), SERVICE, 256 * PER_PROTOCOL);

/** The client's own ports in the set, for some client and service. */
export const clientPortRuns = (set: PacketSet): readonly Run<number>[] =>
  numbers(some(some(some(anyFamily(set), "machine"), "client"), "service"), CLIENT_PORT, 65_536);

const anyFamily = (set: PacketSet): PacketSet => diagram.or(ofFamily(set, 4), ofFamily(set, 6));

const numbers = (node: Node, level: number, end: number): readonly Run<number>[] =>
  stretches(node, level, end).flatMap(([from, to, kid]) => (kid === diagram.NONE ? [] : [[from, to - 1] as const]));

/** How much of a family's addresses lie between two values of their first word, as a part of what counts. */
export type Measure = (from: number, to: number) => number;

/**
 * How much of what `measure` counts is in a set, by what the set says below the client (services and client's ports).
 * The remainders do not overlap in clients, so their parts add up.
 */
export const partsByRemainder = (set: PacketSet, family: 4 | 6, measure: Measure): ReadonlyMap<PacketSet, number> => {
  const all = some(ofFamily(set, family), "machine");
  if (all === diagram.NONE) return NO_PARTS;
  const parts = new Map<PacketSet, number>();
  const widths: readonly number[] = WORD_BITS[family];
  const visit = (node: Node, word: number, weight: number): void => {
    if (node === diagram.NONE || weight === 0) return;
    const level = diagram.levelOf(node);
    if (word === widths.length || level >= SERVICE) {
      parts.set(node, (parts.get(node) ?? 0) + weight);
      return;
    }
    if (level !== CLIENT + word) return visit(node, word + 1, weight);
    const end = 2 ** (widths[word] ?? 0);
    const last = diagram.endOfCuts(node);
    for (let at = diagram.firstCut(node), from = 0; at <= last; at++) {
      const to = at < last ? diagram.cutAt(at) : end;
      const kid = diagram.kidBefore(node, at);
      if (kid !== diagram.NONE) visit(kid, word + 1, word === 0 ? measure(from, to) : (weight * (to - from)) / end);
      from = to;
    }
  };
  visit(all, 0, 1);
  return parts;
};
const NO_PARTS: ReadonlyMap<PacketSet, number> = new Map();
