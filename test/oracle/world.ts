import * as fc from "fast-check";
import type { Gap } from "#model/gap.ts";
import type { Every, Final, Gate, List, Place, Rule, Stop } from "#model/gate.ts";
import { stops } from "#model/gate.ts";
import type { Match } from "#model/match.ts";
import { exactly, perhaps } from "#model/match.ts";
import { TCP, UDP } from "#packets/service.ts";
import type { Hop, Sight, Way } from "#model/way.ts";
import type { Dimension, PacketSet } from "#packets/set.ts";
import { and, everything, family, or } from "#packets/set.ts";
import type { Told } from "./told.ts";
import { edgesOf, prefix, setOf } from "./told.ts";

/** A world with few words, in which random rules meet all the time. */
const told = {
  client: [
    ["0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/8", "203.0.113.0/24", "203.0.113.8/29", "203.0.113.9/32"],
    ["::/0", "2000::/3", "0:a00::/24", "2001:db8::/32", "2001:db8::/64", "2001:db8::8/125", "2001:db8::9/128"],
  ]
    .flat()
    .map((text): Told => ({ is: "client", prefix: prefix(text) })),
  machine: ["10.0.0.0/24", "10.0.0.5/32", "2001:db8:1::/64", "2001:db8:1::5/128"].map(
    (text): Told => ({ is: "machine", prefix: prefix(text) }),
  ),
  service: (
    [
      [TCP, 22, 22],
      [TCP, 0, 65_535],
      [TCP, 20, 80],
      [TCP, 443, 443],
      [UDP, 53, 53],
      [UDP, 0, 65_535],
      [1, 2048, 2303],
      [47, 0, 65_535],
    ] as const
  ).map(([protocol, first, last]): Told => ({ is: "service", protocol, first, last })),
  clientPort: (
    [
      [0, 65_535],
      [1024, 65_535],
      [32_768, 65_535],
      [1024, 4999],
      [5000, 32_767],
      [65_535, 65_535],
    ] as const
  ).map(([first, last]): Told => ({ is: "clientPort", first, last })),
} as const;

const words = Object.values(told).flat();
/** One value for every case that the world can tell apart. */
export const cases = edgesOf(words, false);
/** The same, and the values just inside and outside of each range. */
export const edges = edgesOf(words, true);

/** One of the words, or as often as there are `blanks` none. */
const chosen = (from: readonly Told[], blanks: number): fc.Arbitrary<PacketSet> =>
  fc.constantFrom(...from.map(setOf), ...Array.from({ length: blanks }, () => everything));

/** What one rule of some cloud names: mostly a client and a service. */
export const ruleSet: fc.Arbitrary<PacketSet> = fc
  .tuple(chosen(told.client, 6), chosen(told.service, 6), chosen(told.clientPort, 16), chosen(told.machine, 12))
  .map((parts) => parts.reduce(and, everything));

export const doubt: Gap = { kind: "missing", code: "test", says: "It was not read.", costs: "", fix: "" };

/** Where two matches differ, the narrower is sure. */
const between = (narrow: PacketSet, wide: PacketSet): Match => ({
  surely: and(narrow, wide),
  possibly: wide,
  gaps: [doubt],
});

export const sureMatch = ruleSet.map(exactly);
export const match: fc.Arbitrary<Match> = fc.oneof(
  { weight: 6, arbitrary: sureMatch },
  { weight: 2, arbitrary: ruleSet.map((set) => perhaps(set, doubt)) },
  { weight: 1, arbitrary: fc.tuple(ruleSet, ruleSet).map(([a, b]) => between(a, b)) },
  { weight: 1, arbitrary: fc.tuple(ruleSet, ruleSet).map(([a, b]) => between(a, or(a, b))) },
);

export const rule = (of: Match, action: Rule["action"], name = "rule"): Rule => ({
  match: of,
  action,
  name,
  says: "",
  source: { file: "test.json", pointer: "" },
});

export const list = (rules: readonly Rule[], otherwise: List["otherwise"], at?: Place): List =>
  at === undefined ? { rules, otherwise, because: [] } : { at, rules, otherwise, because: [] };

/** Rules of which none can leave. */
export const final = (rules: readonly Rule<never>[], otherwise: "allow" | Stop, at?: Place): Final =>
  at === undefined ? { rules, otherwise, because: [] } : { at, rules, otherwise, because: [] };

const place = fc.option(
  fc.nat(99).map((id): Place => ({ kind: "security-group", id: `sg-${id}` })),
  { nil: undefined },
);
export const stop: fc.Arbitrary<Stop> = fc.constantFrom(...stops);
export const word = fc.constantFrom("allow", "allow", "leave", "leave", ...stops);

const every = (members: readonly Gate[], at: Place | undefined): Every =>
  at === undefined ? { every: members } : { at, every: members };

/** Gates with leave, nesting, goto, every and doubt. */
export const gate: fc.Arbitrary<Gate> = fc.letrec<{ gate: Gate; action: Rule["action"]; list: Gate; every: Gate }>(
  (tie) => ({
    gate: fc.oneof(
      { maxDepth: 3, depthSize: "max", withCrossShrink: true },
      { weight: 4, arbitrary: tie("list") },
      { weight: 1, arbitrary: tie("every") },
    ),
    action: fc.oneof(
      { maxDepth: 3, depthSize: "max" },
      { weight: 4, arbitrary: word },
      { weight: 2, arbitrary: tie("gate") },
      { weight: 1, arbitrary: tie("gate").map((inner) => ({ goto: inner })) },
    ),
    list: fc
      .tuple(fc.array(fc.tuple(match, tie("action")), { minLength: 1, maxLength: 5, size: "max" }), word, place)
      .map(([rules, otherwise, at]) =>
        list(
          rules.map(([of, action]) => rule(of, action)),
          otherwise,
          at,
        ),
      ),
    every: fc.tuple(fc.array(tie("gate"), { maxLength: 3 }), place).map(([members, at]) => every(members, at)),
  }),
).gate;

/** A gate with a name that always decides, whatever is in it. */
export const finalGate: fc.Arbitrary<Final> = fc
  .tuple(gate, fc.constantFrom("allow", "allow", "allow", ...stops), fc.nat(99), fc.boolean())
  .map(([inner, otherwise, id, chained]) => {
    const at: Place = { kind: "network-acl", id: `acl-${id}` };
    const wrapped = final([{ ...rule(exactly(everything), "allow"), action: inner }], otherwise, at);
    return chained ? { at, every: [wrapped, final([], "allow")] } : wrapped;
  });

const allowing = fc.constantFrom("allow", "allow", "allow", "allow", ...stops);

/** One list with a name, as most hops have it: a few rules, and more of what is allowed than not. */
const plainFinal = (of: fc.Arbitrary<Match>): fc.Arbitrary<Final> =>
  fc.tuple(fc.array(fc.tuple(of, allowing), { maxLength: 3 }), allowing, fc.nat(99)).map(([rules, otherwise, id]) =>
    final(
      rules.map(([each, action]) => ({ ...rule(each, "allow"), action })),
      otherwise,
      { kind: "network-acl", id: `acl-${id}` },
    ),
  );

const hopGate = fc.oneof({ weight: 4, arbitrary: plainFinal(match) }, { weight: 1, arbitrary: finalGate });

const pick = (from: readonly Told[]): fc.Arbitrary<PacketSet> => fc.constantFrom(...from.map(setOf));
const standsFor = (hides: Dimension): fc.Arbitrary<PacketSet> =>
  hides === "family" ? fc.constantFrom(everything, family(4), family(6)) : pick(told[hides]);

export const depends: Gap = { kind: "depends", code: "test/depends", says: "It depends.", costs: "", fix: "" };

const sight = (hides: readonly (readonly Dimension[])[]): fc.Arbitrary<Sight> =>
  fc
    .constantFrom(...hides)
    .chain((hidden) => fc.tuple(fc.constant(hidden), ...hidden.map(standsFor)))
    .map(([hidden, ...instead]) => ({ hides: hidden, instead: instead.reduce(and, everything) }));

/** A hop that sees something else, and sometimes one of two things. */
const seeing = (hides: readonly (readonly Dimension[])[]): fc.Arbitrary<Hop> =>
  fc.tuple(hopGate, sight(hides), fc.option(sight([...hides, []]), { nil: undefined })).map(([gate, one, other]) => ({
    gate,
    sees: other === undefined ? { ...one, depends } : { ...one, or: other, depends },
  }));

const plainHop = hopGate.map((at): Hop => ({ gate: at }));

/** What the reply meets: mostly the client's own ports matter. */
const replyMatch: fc.Arbitrary<Match> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(chosen(told.client, 8), pick(told.clientPort)).map(([a, b]) => exactly(and(a, b))) },
  { weight: 1, arbitrary: pick(told.clientPort).map((set) => perhaps(set, doubt)) },
);
const replyHop = fc
  .tuple(fc.oneof({ weight: 3, arbitrary: plainFinal(replyMatch) }, { weight: 1, arbitrary: hopGate }))
  .map(([at]): Hop => ({ gate: at }));

const hopArray = (of: fc.Arbitrary<Hop>, minLength: number, maxLength: number): fc.Arbitrary<readonly Hop[]> =>
  fc.array(of, { minLength, maxLength, size: "max" });

/** Ways of two to five hops, some behind a rewrite that hides one of `hides`. */
export const wayHiding = (...hides: readonly (readonly Dimension[])[]): fc.Arbitrary<Way> =>
  fc
    .record({
      carries: fc.tuple(
        pick(told.machine.filter((_, i) => i % 2 === 1)),
        chosen(told.client, 30),
        chosen(told.clientPort, 20),
      ),
      request: hopArray(
        fc.oneof(
          { weight: 3, arbitrary: plainHop },
          { weight: hides.length > 0 ? 1 : 0, arbitrary: hides.length > 0 ? seeing(hides) : plainHop },
        ),
        1,
        3,
      ),
      reply: hopArray(replyHop, 1, 2),
    })
    .map(({ carries, request, reply }) => ({
      origin: "internet",
      interface: "eni-1",
      carries: carries.reduce(and, everything),
      request,
      reply,
    }));
