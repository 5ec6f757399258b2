import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Way } from "#model/way.ts";
import type { Packet, PacketSet } from "#packets/set.ts";
import { and, begun, client, everything, has, isEmpty, meets, service } from "#packets/set.ts";
import type { Answer, HopRuling, Symptom, WayRuling } from "#resolve/walk.ts";
import { flowOf, walk } from "#resolve/walk.ts";
import { throwPackets } from "../oracle/told.ts";
import { facing, journeys } from "../oracle/travel.ts";
import { cases, edges, ruleSet, wayHiding } from "../oracle/world.ts";

const seed = 20_260_111;
const counts = { ways: 0, reachable: 0, blocked: 0, unknown: 0 };

const answerOf = (noticed: readonly ReadonlySet<Symptom>[]): Answer => {
  if (noticed.some((each) => each.has("connects") && each.size === 1)) return "reachable";
  return noticed.some((each) => each.has("connects")) ? "unknown" : "blocked";
};
const symptomsOf = (noticed: readonly ReadonlySet<Symptom>[]): readonly Symptom[] =>
  answerOf(noticed) === "reachable" ? ["connects"] : [...new Set(noticed.flatMap((each) => [...each]))].toSorted();

const questionOf = (packet: Packet): PacketSet => and(and(client(packet.client), service(packet.service)), begun);

/** Some questions to a way, all of the address that it is dialled at. */
const questions = (way: Way, at: number, count: number): readonly Packet[] =>
  throwPackets(edges, at, 400)
    .filter((packet) => has(way.carries, packet))
    .slice(0, count);

const WAYS = [
  ["where every hop sees the client's own packet", wayHiding()],
  ["where some hops see another client", wayHiding(["client"])],
  ["where some hops see another service", wayHiding(["service"])],
  ["where some hops see another client's port", wayHiding(["clientPort"])],
  ["where some hops see another machine", wayHiding(["machine"])],
  ["where some hops see another client and port", wayHiding(["client", "clientPort"], ["client", "service"])],
] as const;

describe("a way answers one client as if each packet had been sent from each of its ports,", () => {
  test.each(WAYS)("%s", (_how, ways) => {
    fc.assert(
      fc.property(ways, fc.nat(), (way, at) => {
        for (const packet of questions(way, at, 6)) {
          const noticed = journeys(way, begun, packet, cases);
          const { answer, symptoms } = walk(way, questionOf(packet));
          expect([answer, symptoms.toSorted()]).toEqual([answerOf(noticed), symptomsOf(noticed)]);
          counts.ways += 1;
          counts[answer] += 1;
        }
      }),
      { seed, numRuns: 2500 },
    );
  });

  test("and all three answers are met often", () => {
    expect(Math.min(counts.reachable, counts.blocked, counts.unknown)).toBeGreaterThan(counts.ways / 20);
  });
});

describe("who gets through a way is told for all at once as for each alone,", () => {
  test.each(WAYS)("%s", (_how, ways) => {
    fc.assert(
      fc.property(ways, ruleSet, fc.nat(), (way, some, at) => {
        const asked = and(some, begun);
        const { possibly, surely } = flowOf(way, asked);
        for (const packet of [...questions(way, at, 4), ...throwPackets(edges, at, 4)]) {
          const noticed = journeys(way, asked, packet, cases);
          const one = walk(way, and(questionOf(packet), asked));
          expect([has(surely, packet), has(possibly, packet)]).toEqual([
            answerOf(noticed) === "reachable",
            answerOf(noticed) !== "blocked",
          ]);
          if (has(way.carries, packet)) expect(one.answer).toBe(answerOf(noticed));
        }
      }),
      { seed: seed + 1, numRuns: 2500 },
    );
  });
});

/** What became of the packets at each hop as a whole, not of those within it. */
const rulings = ({ way, hops }: WayRuling): readonly HopRuling[] =>
  hops.filter((each) => [...way.request, ...way.reply].some((hop) => hop.gate === each.gate));
const isBlind = (way: Way, packet: Packet): boolean =>
  [...way.request, ...way.reply].some((hop) => facing(hop, packet, cases).length === 0);

describe("the hops explain the answer,", () => {
  test.each(WAYS)("%s", (_how, ways) => {
    fc.assert(
      fc.property(ways, fc.nat(), (way, at) => {
        for (const packet of questions(way, at, 6)) {
          const asked = questionOf(packet);
          if (!meets(asked, way.carries) || isBlind(way, packet)) continue;
          const found = walk(way, asked);
          const said = rulings(found).map((each) => each.ruling);
          expect(said).toHaveLength(way.request.length + way.reply.length);
          if (found.answer === "blocked") expect(said).toContain("stops");
          else expect(said).not.toContain("stops");
          if (found.answer === "unknown") expect(said).toContain("unclear");
          if (found.answer === "reachable") expect(said.filter((each) => each !== "passes")).toEqual([]);
        }
      }),
      { seed: seed + 2, numRuns: 2500 },
    );
  });
});
