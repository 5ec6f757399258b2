import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import type { Gate, List, Rule } from "#model/gate.ts";
import type { Match } from "#model/match.ts";
import { exactly } from "#model/match.ts";
import { firstOf } from "#packets/bulk.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, everything, has, minus, nothing, or, within } from "#packets/set.ts";
import type { Decision, Log, Word } from "#resolve/decide.ts";
import { decide, mayPass, mayStop } from "#resolve/decide.ts";
import { passage } from "#resolve/whole.ts";
import { wordsFor } from "../oracle/read.ts";
import { throwPackets } from "../oracle/told.ts";
import { edges, gate, list, match, rule, ruleSet, sureMatch, word } from "../oracle/world.ts";

const seed = 20_260_110;
const words = ["allow", "leave", "timeout", "refused", "unreachable"] as const satisfies readonly Word[];
const counts = { read: 0, doubtful: 0 };

/** Whether the sets of a decision hold the packets of the slow reader, and no others. */
const agrees = (of: Gate, asked: PacketSet, at: number, count: number): void => {
  const decision = decide(of, asked);
  for (const packet of throwPackets(edges, at, count)) {
    const possible = has(asked, packet) ? wordsFor(of, packet) : new Set<Word>();
    expect(words.filter((each) => has(decision[each], packet))).toEqual(words.filter((each) => possible.has(each)));
    counts.read += 1;
    counts.doubtful += possible.size > 1 ? 1 : 0;
  }
};

test("a gate does to a packet what a reader finds who reads it rule by rule, in every way that doubts may turn out", () => {
  fc.assert(
    fc.property(gate, fc.nat(), (of, at) => agrees(of, everything, at, 60)),
    { seed, numRuns: 2000 },
  );
  expect(counts.doubtful).toBeGreaterThan(10_000);
  expect(counts.read).toBeGreaterThanOrEqual(100_000);
});

test("and so it does to those who are asked about, and to nobody else", () => {
  fc.assert(
    fc.property(gate, ruleSet, fc.nat(), (of, asked, at) => agrees(of, asked, at, 20)),
    { seed, numRuns: 1000 },
  );
});

test("asking about some is asking about all and looking at those", () => {
  fc.assert(
    fc.property(gate, ruleSet, (of, asked) => {
      const [some, all] = [decide(of, asked), decide(of, everything)];
      for (const each of words) expect(some[each]).toBe(and(all[each], asked));
    }),
    { seed, numRuns: 1500 },
  );
});

test("something happens to everybody who is asked about", () => {
  fc.assert(
    fc.property(gate, ruleSet, (of, asked) => {
      expect(anyOf(Object.values(decide(of, asked)))).toBe(asked);
    }),
    { seed, numRuns: 1000 },
  );
});

const plainRules = (of: fc.Arbitrary<Match>, maxLength: number, minLength = 0): fc.Arbitrary<readonly Rule[]> =>
  fc
    .array(fc.tuple(of, word), { minLength, maxLength })
    .map((rules) => rules.map(([each, action]) => rule(each, action)));
const plainList = (of: fc.Arbitrary<Match>, maxLength: number, minLength = 0): fc.Arbitrary<List> =>
  fc.tuple(plainRules(of, maxLength, minLength), word).map(([rules, otherwise]) => list(rules, otherwise));

/** For each word the packets that surely meet it. */
type Sure = Readonly<Record<Word, PacketSet>>;
const table = (cell: (each: Word) => PacketSet): Sure => ({
  allow: cell("allow"),
  leave: cell("leave"),
  timeout: cell("timeout"),
  refused: cell("refused"),
  unreachable: cell("unreachable"),
});

const onlyWord = (word: Word): Sure => table((each) => (each === word ? everything : nothing));

/** The textbook: from the last rule to the first. Where `when` may hold, only what both agree on is decided. */
const choose = (when: Match, then: Sure, rest: Sure): Sure =>
  table((each) => anyOf([and(then[each], when.surely), minus(rest[each], when.possibly), and(then[each], rest[each])]));
const fold = (of: List): Sure =>
  of.rules.reduceRight<Sure>(
    (rest, { action, match: when }) => choose(when, onlyWord(typeof action === "string" ? action : "allow"), rest),
    onlyWord(of.otherwise),
  );
const sureOf = (decision: Decision): Sure =>
  table((each) =>
    minus(decision[each], anyOf(words.filter((other) => other !== each).map((other) => decision[other]))),
  );

describe("the textbook, from the last rule to the first, decides alike", () => {
  test.each([
    ["without doubt", sureMatch],
    ["with doubt", match],
  ])("%s", (_how, of) => {
    fc.assert(
      fc.property(plainList(of, 12), (each) => {
        expect(sureOf(decide(each, everything))).toEqual(fold(each));
      }),
      { seed, numRuns: 800 },
    );
  });
});

const samePassage = (of: Gate): void => {
  const decision = decide(of, everything);
  expect(passage(of).possibly).toBe(mayPass(decision));
  expect(passage(of).surely).toBe(minus(mayPass(decision), mayStop(decision)));
  expect(passage(of)).toBe(passage(of));
};

test("a long list decided in halves lets through what it lets through rule by rule", () => {
  fc.assert(fc.property(plainList(match, 60, 23), samePassage), { seed, numRuns: 150 });
});

test("any gate decided once for everybody lets through what it lets through when asked", () => {
  fc.assert(fc.property(gate, samePassage), { seed, numRuns: 500 });
});

test("a long list with one gate among its rules lets through what it lets through rule by rule", () => {
  fc.assert(
    fc.property(plainRules(match, 30, 24), gate, fc.nat(24), (rules, inner, at) =>
      samePassage(list(rules.toSpliced(at, 0, rule(exactly(everything), inner)), "timeout")),
    ),
    { seed, numRuns: 60 },
  );
});

test("a list in halves says of each word what it says rule by rule", () => {
  fc.assert(
    fc.property(plainList(match, 30), (each) => {
      const lines = each.rules.map(({ match: of, action }) => ({
        covers: of.possibly,
        hides: of.surely,
        word: typeof action === "string" ? action : "allow",
      }));
      const { words: told, left } = firstOf(lines);
      const decision = decide(each, everything);
      for (const one of words)
        expect(or(told.get(one) ?? nothing, one === each.otherwise ? left : nothing)).toBe(decision[one]);
    }),
    { seed, numRuns: 300 },
  );
});

const group = (matches: readonly Match[]): List =>
  list(
    matches.map((each) => rule(each, "allow")),
    "leave",
  );
const chain = (gates: readonly Gate[]): List =>
  list(
    gates.map((each) => rule(exactly(everything), each)),
    "timeout",
  );

test("the order and the grouping of rules that only allow do not matter", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(match, fc.nat(2), fc.nat()), { maxLength: 9 }), (rules) => {
      const shuffled = rules.toSorted((a, b) => a[2] - b[2]);
      const groups = [0, 1, 2].map((of) => group(shuffled.filter((each) => each[1] === of).map(([each]) => each)));
      const one = decide(chain([group(rules.map(([each]) => each))]), everything);
      expect(decide(chain(groups), everything)).toEqual(one);
      expect(decide(chain(groups.toReversed()), everything)).toEqual(one);
    }),
    { seed, numRuns: 600 },
  );
});

test("one more rule that allows never closes, and never makes unsure what surely passed", () => {
  fc.assert(
    fc.property(fc.array(match, { maxLength: 6 }), match, fc.nat(6), (matches, more, at) => {
      const before = decide(chain([group(matches)]), everything);
      const after = decide(chain([group(matches.toSpliced(at, 0, more))]), everything);
      expect(within(before.allow, after.allow)).toBe(true);
      expect(within(mayStop(after), mayStop(before))).toBe(true);
    }),
    { seed, numRuns: 600 },
  );
});

test("what is opened anywhere below allow-only gates opens and never closes", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(match, match), { maxLength: 6 }), (pairs) => {
      const wider = pairs.map(
        ([a, b]): Match => ({ ...a, surely: or(a.surely, b.surely), possibly: or(a.possibly, b.possibly) }),
      );
      const before = decide(chain([group(pairs.map(([a]) => a))]), everything);
      const after = decide(chain([group(wider)]), everything);
      expect(within(before.allow, after.allow)).toBe(true);
      expect(within(mayStop(after), mayStop(before))).toBe(true);
    }),
    { seed, numRuns: 600 },
  );
});

const logOf = (of: Gate, asked: PacketSet): { readonly log: Log; readonly decision: Decision } => {
  const log: Log = [];
  const named: Gate = { ...of, at: { kind: "network-acl", id: "acl-0" } };
  return { decision: decide(named, asked, log), log };
};
const wordOf = (touch: Log[number]["touched"][number]): string =>
  touch.by === "otherwise" ? touch.word : typeof touch.rule.action === "string" ? touch.rule.action : "enter";

describe("the evidence agrees with the decision:", () => {
  test("keeping it changes nothing, and the gate asked is the first in it", () => {
    fc.assert(
      fc.property(gate, ruleSet, (of, asked) => {
        const { log, decision } = logOf(of, asked);
        expect(decision).toEqual(decide(of, asked));
        expect(log[0]?.decision).toBe(decision);
        expect(log[0]?.asked).toBe(asked);
      }),
      { seed, numRuns: 800 },
    );
  });

  test("packets are stopped in some way exactly where a rule or the end of a list is named that stops them so", () => {
    fc.assert(
      fc.property(gate, ruleSet, (of, asked) => {
        const { log, decision } = logOf(of, asked);
        const touched = log.flatMap((reading) => reading.touched);
        for (const each of ["timeout", "refused", "unreachable"] as const)
          expect(anyOf(touched.filter((touch) => wordOf(touch) === each).map((touch) => touch.packets))).toBe(
            decision[each],
          );
        const allowing = anyOf(touched.filter((touch) => wordOf(touch) === "allow").map((touch) => touch.packets));
        expect("every" in of || within(decision.allow, or(allowing, everyOf(log)))).toBe(true);
      }),
      { seed, numRuns: 1500 },
    );
  });

  test("in a named list everybody asked about was touched by a rule or met none", () => {
    fc.assert(
      fc.property(gate, ruleSet, (of, asked) => {
        for (const reading of logOf(of, asked).log)
          if (!("every" in reading.gate)) {
            expect(within(reading.asked, anyOf(reading.touched.map((touch) => touch.packets)))).toBe(true);
            expect(within(anyOf(reading.touched.map((touch) => touch.packets)), reading.asked)).toBe(true);
          }
      }),
      { seed, numRuns: 800 },
    );
  });

  test("a rule surely matched no more than it may have matched", () => {
    fc.assert(
      fc.property(gate, ruleSet, (of, asked) => {
        for (const touch of logOf(of, asked).log.flatMap((reading) => reading.touched)) {
          expect(touch.packets).not.toBe(nothing);
          if (touch.by === "rule") expect(within(touch.surely, touch.packets)).toBe(true);
        }
      }),
      { seed, numRuns: 500 },
    );
  });

  test("every named gate that was entered says of its packets what it does to them when asked alone", () => {
    fc.assert(
      fc.property(gate, ruleSet, (of, asked) => {
        for (const reading of logOf(of, asked).log)
          expect(reading.decision).toEqual(decide(reading.gate, reading.asked));
      }),
      { seed, numRuns: 500 },
    );
  });
});

/** What gates that want all members passed were asked: they may allow where no single rule does. */
const everyOf = (log: Log): PacketSet => (log.some((reading) => hasEvery(reading.gate)) ? everything : nothing);
const hasEvery = (of: Gate): boolean =>
  "every" in of ||
  of.rules.some(({ action }) => typeof action !== "string" && hasEvery("goto" in action ? action.goto : action));
