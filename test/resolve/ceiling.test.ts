import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { exposures, mostMet } from "#checks/exposure.ts";
import { begun, everything, or } from "#packets/set.ts";
import { ceilings } from "#resolve/ceiling.ts";
import { flowOf } from "#resolve/walk.ts";
import { ruleSet, wayHiding } from "../oracle/world.ts";

const seed = 20_261_122;
const ROUNDING = 1e-9;

test.each([
  ["where every hop sees the client's own packet", wayHiding()],
  ["where some hops see another client", wayHiding(["client"])],
  ["where some hops see another client and port", wayHiding(["client", "clientPort"], ["client", "service"])],
] as const)("no way brings more than its ceiling, %s", (_how, ways) => {
  const most = mostMet();
  const ceiling = ceilings(most);
  let met = 0;
  let less = 0;
  fc.assert(
    fc.property(ways, (way) => {
      const comes = most(flowOf(way, begun).possibly);
      expect(comes).toBeLessThanOrEqual(ceiling(way) + ROUNDING);
      if (comes > 0) met++;
      if (ceiling(way) < 0.5) less++;
    }),
    { seed, numRuns: 1500 },
  );
  expect(Math.min(met, less)).toBeGreaterThan(100);
});

test("what is met of two sets together is no more than what is met of each, added up", () => {
  const most = mostMet();
  fc.assert(
    fc.property(ruleSet, ruleSet, (a, b) => expect(most(or(a, b))).toBeLessThanOrEqual(most(a) + most(b) + ROUNDING)),
    { seed, numRuns: 1000 },
  );
});

test("whoever meets a service, or every port, is counted", () => {
  const most = mostMet();
  const share = 0.5;
  const meets = exposures(share);
  fc.assert(
    fc.property(ruleSet, (set) => {
      for (const { ipv4, ipv6 } of meets(set, everything))
        expect(Math.max(ipv4, ipv6) * 0.999).toBeLessThanOrEqual(most(set));
    }),
    { seed, numRuns: 1000 },
  );
});
