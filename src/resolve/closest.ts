import type { Gate, Rule } from "#model/gate.ts";
import type { Dimension, PacketSet } from "#packets/set.ts";
import { and, isEmpty, some } from "#packets/set.ts";
import { clientRuns } from "#packets/runs.ts";

/** A rule that would let the question through if it, or the question, were a little different. */
export interface Near {
  readonly rule: Rule;
  /** What would have to be different. `order`: it matches, but another rule decides first. */
  readonly differs: readonly ("client" | "service" | "clientPort" | "order")[];
  /** Leading bits that the client shares with the nearest client that the rule admits. */
  readonly sharedBits: number;
}

const asks = ["client", "service", "clientPort"] as const satisfies readonly Dimension[];

/** The allowing rules of a gate that come nearest to `asked`, the nearest first. */
export const closest = (gate: Gate, asked: PacketSet, family: 4 | 6, most = 3): readonly Near[] =>
  allowing(gate)
    .flatMap((rule) => near(rule, asked, family))
    .toSorted(
      (a, b) =>
        a.differs.length - b.differs.length || distance(a, family) - distance(b, family) || b.sharedBits - a.sharedBits,
    )
    .slice(0, most);

/** Clients that share this many bits are neighbours: often the same person, whose address has changed. */
export const NEIGHBOUR = { 4: 24, 6: 48 } as const;

/** A rule for a neighbour is nearer than one for another service, and that is nearer than one for strangers. */
const distance = ({ differs, sharedBits }: Near, family: 4 | 6): number => {
  if (!differs.includes("client")) return 1;
  return sharedBits >= NEIGHBOUR[family] ? 0 : 2;
};

const allowing = (gate: Gate): readonly Rule[] => {
  if ("every" in gate) return gate.every.flatMap(allowing);
  return gate.rules.flatMap((rule) => {
    if (rule.action === "allow") return [rule];
    if (typeof rule.action === "string") return [];
    return allowing("goto" in rule.action ? rule.action.goto : rule.action);
  });
};

const near = (rule: Rule, asked: PacketSet, family: 4 | 6): readonly Near[] => {
  const admits = rule.match.possibly;
  if (isEmpty(admits) || rule.standard === true || rule.source.file === "") return []; // what nobody wrote stays as it is
  if (!isEmpty(and(admits, asked))) return [{ rule, differs: ["order"], sharedBits: ADDRESS_BITS[family] }];
  const differs = smallest(asks, (without) => !isEmpty(and(without.reduce<PacketSet>(some, admits), asked)));
  if (differs === undefined) return [];
  const sharedBits = differs.includes("client") ? shared(admits, asked, family) : ADDRESS_BITS[family];
  return [{ rule, differs, sharedBits }];
};

const ADDRESS_BITS = { 4: 32, 6: 128 } as const;

/** The smallest choice of `from` that satisfies, smaller choices first. */
const smallest = <T>(from: readonly T[], satisfies: (chosen: readonly T[]) => boolean): readonly T[] | undefined => {
  const choices = from.reduce<readonly (readonly T[])[]>(
    (all, each) => [...all, ...all.map((some) => [...some, each])],
    [[]],
  );
  return choices.toSorted((a, b) => a.length - b.length).find(satisfies);
};

const shared = (admits: PacketSet, asked: PacketSet, family: 4 | 6): number => {
  const client = clientRuns(asked, family)[0]?.[0] ?? 0n;
  const bits = clientRuns(admits, family).flatMap(([first, last]) =>
    [first, last].map((end) => common(end, client, family)),
  );
  return Math.max(0, ...bits);
};

const common = (a: bigint, b: bigint, family: 4 | 6): number =>
  ADDRESS_BITS[family] - (a === b ? 0 : (a ^ b).toString(2).length);
