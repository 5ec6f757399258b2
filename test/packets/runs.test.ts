import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { toInteger } from "#packets/address.ts";
import type { Run } from "#packets/runs.ts";
import { clientPortRuns, clientRuns, serviceRuns } from "#packets/runs.ts";
import { placeOf } from "#packets/service.ts";
import type { Packet } from "#packets/set.ts";
import { everything, family, nothing } from "#packets/set.ts";
import type { Told } from "../oracle/told.ts";
import { edgesOf, holds, packetAt, prefix, setOf, throwPackets, toldSet } from "../oracle/told.ts";

const options = { seed: 20_260_108, numRuns: 200 };

/** Every case that the words can tell apart. */
const cases = (told: Told): readonly Packet[] => {
  const edges = edgesOf([told], false);
  return ([4, 6] as const).flatMap((of) =>
    [...edges.client[of]].flatMap((from) =>
      [...edges.machine[of]].flatMap((to) =>
        [...edges.place].flatMap((place) => [...edges.clientPort].map((port) => packetAt(of, from, to, place, port))),
      ),
    ),
  );
};

const isIn = <N extends bigint | number>(runs: readonly Run<N>[], value: N): boolean =>
  runs.some(([first, last]) => value >= first && value <= last);

const rises = (runs: readonly Run<bigint | number>[]): boolean =>
  runs.every(([first, last], i) => {
    const before = runs[i - 1];
    return first <= last && (before === undefined || BigInt(before[1]) + 1n < BigInt(first));
  });

// Sets with few cases, because every case is tried.
const small = toldSet.filter((told) => cases(told).length <= 3000);

test("client runs, service runs and client port runs hold what some conversation of the set has, rising and apart", () => {
  let inside = 0;
  fc.assert(
    fc.property(small, fc.nat(), (told, seed) => {
      const set = setOf(told);
      const members = cases(told).filter((packet) => holds(told, packet));
      inside += members.length;
      const [services, ports] = [serviceRuns(set), clientPortRuns(set)];
      const from = { 4: clientRuns(set, 4), 6: clientRuns(set, 6) };
      expect([services, ports, from[4], from[6]].every(rises)).toBe(true);
      for (const packet of members) {
        expect(isIn(from[packet.client.family], toInteger(packet.client))).toBe(true);
        expect(isIn(services, placeOf(packet.service))).toBe(true);
        expect(isIn(ports, packet.clientPort)).toBe(true);
      }
      for (const packet of throwPackets(edgesOf([told], false), seed, 20)) {
        const { family: of } = packet.client;
        const value = toInteger(packet.client);
        expect(isIn(from[of], value)).toBe(
          members.some((each) => each.client.family === of && toInteger(each.client) === value),
        );
        expect(isIn(services, placeOf(packet.service))).toBe(
          members.some((each) => placeOf(each.service) === placeOf(packet.service)),
        );
        expect(isIn(ports, packet.clientPort)).toBe(members.some((each) => each.clientPort === packet.clientPort));
      }
    }),
    options,
  );
  expect(inside).toBeGreaterThan(4000);
});

test("everything is one run of each kind, and nothing is none", () => {
  expect(clientRuns(everything, 4)).toEqual([[0n, 2n ** 32n - 1n]]);
  expect(clientRuns(everything, 6)).toEqual([[0n, 2n ** 128n - 1n]]);
  expect(serviceRuns(everything)).toEqual([[0, 256 * 65_536 - 1]]);
  expect(clientPortRuns(everything)).toEqual([[0, 65_535]]);
  expect([clientRuns(nothing, 4), clientRuns(nothing, 6), serviceRuns(nothing), clientPortRuns(nothing)]).toEqual([
    [],
    [],
    [],
    [],
  ]);
  expect(clientRuns(family(4), 6)).toEqual([]);
});

test("prefixes with the same numbers in both families run apart", () => {
  const both = setOf({
    is: "either",
    of: ["10.0.0.0/8", "0:a00::/24"].map((text) => ({ is: "client", prefix: prefix(text) })),
  });
  expect(clientRuns(both, 4)).toEqual([[0x0a000000n, 0x0affffffn]]);
  expect(clientRuns(both, 6)).toEqual([[0x0a00n << 96n, (0x0b00n << 96n) - 1n]]);
});
