import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { exposures, mostMet, weights, worthAsking } from "#checks/exposure.ts";
import { and, begun, everything, isEmpty, or } from "#packets/set.ts";
import { ceilings } from "#resolve/ceiling.ts";
import { flowOf } from "#resolve/walk.ts";
import { ruleSet, wayHiding } from "../oracle/world.ts";

const seed = 20_261_122;
const ROUNDING = 1e-9;
const worth = worthAsking();

/** The last two are every port of a protocol, which do not add up: they are told by the others. */
const ports = (i: number): boolean => i >= weights - 2;

test.each([
  ["where every hop sees the client's own packet", wayHiding()],
  ["where some hops see another client", wayHiding(["client"])],
  ["where some hops see another client and port", wayHiding(["client", "clientPort"], ["client", "service"])],
] as const)("no way brings more than its ceiling, %s", (_how, ways) => {
  const most = mostMet();
  const ceiling = ceilings(most, weights);
  let met = 0;
  let less = 0;
  fc.assert(
    fc.property(ways, (way) => {
      const comes = most(flowOf(way, begun).possibly);
      const atMost = ceiling.ofWay(way);
      expect(comes.every((each, i) => ports(i) || each <= (atMost[i] ?? 0) + ROUNDING)).toBe(true);
      if (comes.some((each) => each > 0)) met++;
      if (isEmpty(worth(atMost, 0.5))) less++;
    }),
    { seed, numRuns: 1500 },
  );
  expect(Math.min(met, less)).toBeGreaterThan(100);
});

test("what is met of two sets together is no more than what is met of each, added up", () => {
  const most = mostMet();
  fc.assert(
    fc.property(ruleSet, ruleSet, (a, b) => {
      const [one, other] = [most(a), most(b)];
      const together = most(or(a, b));
      expect(together.every((each, i) => ports(i) || each <= (one[i] ?? 0) + (other[i] ?? 0) + ROUNDING)).toBe(true);
    }),
    { seed, numRuns: 1000 },
  );
});

test("whoever meets a service, or every port, is asked about", () => {
  const most = mostMet();
  const share = 0.5;
  const meets = exposures(share);
  fc.assert(
    fc.property(ruleSet, (set) => {
      const asked = worth(most(set), share * 0.999);
      expect(meets(and(set, asked), everything)).toEqual(meets(set, everything));
    }),
    { seed, numRuns: 1000 },
  );
});
