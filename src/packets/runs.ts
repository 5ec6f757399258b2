import { WORD_BITS } from "./address.ts";
import * as diagram from "./diagram.ts";
import type { Node } from "./diagram.ts";
import { PER_PROTOCOL } from "./service.ts";
import type { PacketSet } from "./set.ts";
import { CLIENT, CLIENT_PORT, FAMILY, SERVICE, clientsOf, some } from "./set.ts";

/** A stretch of whole numbers, both ends included. */
export type Run<N> = readonly [first: N, last: N];

/** The stretches between a node's cuts on `level`, with what holds in each; a node of a lower level is one stretch. */
const stretches = (node: Node, level: number, end: number): readonly (readonly [from: number, to: number, kid: Node])[] =>
  node.level === level
    ? node.kids.map((kid, i) => [i === 0 ? 0 : (node.cuts[i - 1] ?? 0), node.cuts[i] ?? end, kid] as const)
    : [[0, end, node] as const];

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

const ofFamily = (set: Node, family: 4 | 6): Node => (set.level === FAMILY ? diagram.kidAt(set, family === 4 ? 0 : 1) : set);

/** The services in the set for some client, as runs on the line of services. */
export const serviceRuns = (set: PacketSet): readonly Run<number>[] =>
  numbers(some(some(some(anyFamily(set), "machine"), "client"), "clientPort"), SERVICE, 256 * PER_PROTOCOL);

/** The client's own ports in the set, for some client and service. */
export const clientPortRuns = (set: PacketSet): readonly Run<number>[] =>
  numbers(some(some(some(anyFamily(set), "machine"), "client"), "service"), CLIENT_PORT, 65_536);

const anyFamily = (set: PacketSet): PacketSet => diagram.or(ofFamily(set, 4), ofFamily(set, 6));

const numbers = (node: Node, level: number, end: number): readonly Run<number>[] =>
  stretches(node, level, end).flatMap(([from, to, kid]) => (kid === diagram.NONE ? [] : [[from, to - 1] as const]));

/**
 * How much of all addresses of a family is in a set that speaks of clients first, as a part of 1, by what the set says
 * below the client (services and client's ports). The parts do not overlap, so those of several remainders add up.
 */
export const partsByRemainder = (set: PacketSet, family: 4 | 6): ReadonlyMap<PacketSet, number> => {
  const parts = new Map<PacketSet, number>();
  const widths: readonly number[] = WORD_BITS[family];
  const visit = (node: Node, word: number, weight: number): void => {
    if (node === diagram.NONE) return;
    if (word === widths.length || node.level >= SERVICE) {
      parts.set(node, (parts.get(node) ?? 0) + weight);
      return;
    }
    const end = 2 ** (widths[word] ?? 0);
    if (node.level !== CLIENT + word) return visit(node, word + 1, weight);
    const { cuts, kids } = node;
    for (let i = 0; i < kids.length; i++) {
      const from = i === 0 ? 0 : (cuts[i - 1] as number); // cut i - 1 opens kid i
      const to = i < cuts.length ? (cuts[i] as number) : end;
      visit(kids[i] as Node, word + 1, (weight * (to - from)) / end);
    }
  };
  visit(ofFamily(some(set, "machine"), family), 0, 1);
  return parts;
};
