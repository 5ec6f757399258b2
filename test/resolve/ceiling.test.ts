import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { exposures, weighing, worthAsking } from "#checks/exposure.ts";
import type { Rule } from "#model/gate.ts";
import { always } from "#model/match.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, begun, everything, isEmpty, or } from "#packets/set.ts";
import type { Counts, Measure } from "#resolve/ceiling.ts";
import { ceilings } from "#resolve/ceiling.ts";
import { flowOf } from "#resolve/walk.ts";
import { list, rule, ruleSet, wayHiding } from "../oracle/world.ts";

const seed = 20_261_122;
const ROUNDING = 1e-9;
const worth = worthAsking();

/** How many meet each of what is weighed. */
const counted = ({ size, of }: Measure, set: PacketSet): Counts => {
  const { places, amounts } = of(set).most;
  const counts = new Float64Array(size);
  places.forEach((at, i) => (counts[at] = amounts[i] ?? 0));
  return counts;
};

test.each([
  ["where every hop sees the client's own packet", wayHiding()],
  ["where some hops see another client", wayHiding(["client"])],
  ["where some hops see another client and port", wayHiding(["client", "clientPort"], ["client", "service"])],
] as const)("no way brings more than its ceiling, %s", (_how, ways) => {
  const measure = weighing();
  const ceiling = ceilings(measure);
  let met = 0;
  let less = 0;
  fc.assert(
    fc.property(ways, (way) => {
      const comes = counted(measure, flowOf(way, begun).possibly);
      const atMost = ceiling.ofWay(way, everything);
      expect(comes.every((each, i) => each <= (atMost[i] ?? 0) + ROUNDING)).toBe(true);
      if (comes.some((each) => each > 0)) met++;
      if (isEmpty(worth(atMost, 0.5))) less++;
    }),
    { seed, numRuns: 1500 },
  );
  expect(Math.min(met, less)).toBeGreaterThan(100);
});

test("what is met of two sets together is no more than what is met of each, added up", () => {
  const measure = weighing();
  fc.assert(
    fc.property(ruleSet, ruleSet, (a, b) => {
      const [one, other] = [counted(measure, a), counted(measure, b)];
      const together = counted(measure, or(a, b));
      expect(together.every((each, i) => each <= (one[i] ?? 0) + (other[i] ?? 0) + ROUNDING)).toBe(true);
    }),
    { seed, numRuns: 1000 },
  );
});

test("whoever meets a service, or every port, is asked about", () => {
  const measure = weighing();
  const share = 0.5;
  const meets = exposures(share);
  fc.assert(
    fc.property(ruleSet, (set) => {
      const asked = worth(counted(measure, set), share * 0.999);
      expect(meets(and(set, asked), everything)).toEqual(meets(set, everything));
    }),
    { seed, numRuns: 1000 },
  );
});

test("what a place leaves comes to the place behind it", () => {
  const behind = (action: Rule["action"]): boolean => {
    const places = [list([rule(always, action)], "leave"), list([rule(always, "allow")], "leave")];
    const gate = list(
      places.map((each) => rule(always, each)),
      "timeout",
    );
    return isEmpty(worth(ceilings(weighing()).ofGate(gate), 0.5));
  };
  expect(behind("leave")).toBe(false);
  expect(behind("timeout")).toBe(true);
});
