import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import type { Answer } from "#model/answer.ts";
import type { Final, Place, Stop } from "#model/gate.ts";
import { always, exactly, perhaps } from "#model/match.ts";
import type { Hop, Way } from "#model/way.ts";
import { parseAddress } from "#packets/address.ts";
import type { Packet, PacketSet } from "#packets/set.ts";
import {
  and,
  begun,
  client,
  clientPorts,
  everything,
  family,
  has,
  machine,
  meets,
  or,
  ports,
  service,
} from "#packets/set.ts";
import type { HopRuling, Symptom, WayRuling } from "#resolve/walk.ts";
import { flowOf, walk } from "#resolve/walk.ts";
import { throwPackets } from "../oracle/told.ts";
import { journeys } from "../oracle/travel.ts";
import { cases, depends, doubt, edges, final, rule, ruleSet, wayHiding } from "../oracle/world.ts";

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
  ["where some hops see a client of either family", wayHiding(["family", "machine", "client"])],
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
      { seed, numRuns: 150 },
    );
  });

  test("and all three answers are met often", () => {
    expect(Math.min(counts.reachable, counts.blocked, counts.unknown)).toBeGreaterThan(counts.ways / 25);
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
      { seed: seed + 1, numRuns: 150 },
    );
  });
});

/** What became of the packets at each hop as a whole, not of those within it. */
const rulings = ({ way, hops }: WayRuling): readonly HopRuling[] =>
  hops.filter((each) => [...way.request, ...way.reply].some((hop) => hop.gate === each.gate));

/** What is said not to be known at a hop, and touched it. */
const gapsAt = (hop: HopRuling): readonly string[] =>
  hop.touched.flatMap((touch) =>
    touch.by === "rule"
      ? touch.rule.match.gaps.map(({ says }) => says)
      : touch.because.flatMap((each) => (each.saw === "gap" ? [each.says] : [])),
  );

describe("the hops explain the answer,", () => {
  test.each(WAYS)("%s", (_how, ways) => {
    fc.assert(
      fc.property(ways, fc.nat(), (way, at) => {
        for (const packet of questions(way, at, 6)) {
          const asked = questionOf(packet);
          if (!meets(asked, way.carries)) continue;
          const found = walk(way, asked);
          const said = rulings(found).map((each) => each.ruling);
          expect(said).toHaveLength(way.request.length + way.reply.length);
          if (found.answer === "blocked") expect(said).toContain("stops");
          else expect(said).not.toContain("stops");
          if (found.answer === "unknown") expect(said).toContain("unclear");
          if (said.includes("unclear")) expect(found.hops.flatMap(gapsAt)).not.toEqual([]);
          if (found.answer === "reachable") expect(said.filter((each) => each !== "passes")).toEqual([]);
        }
      }),
      { seed: seed + 2, numRuns: 150 },
    );
  });
});

const addressOf = (text: string) => {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
};
const place = (id: string): Place => ({ kind: "network-acl", id });
const open = (id: string): Hop => ({ gate: final([], "allow", place(id)) });
const shut = (id: string, stop: Stop): Hop => ({ gate: final([], stop, place(id)) });
const admits = (id: string, set: PacketSet): Final =>
  final([{ ...rule(exactly(set), "allow"), action: "allow" }], "timeout", place(id));
const maybe = (id: string, set: PacketSet, stop: Stop): Hop => ({
  gate: final([{ ...rule(perhaps(set, doubt), "allow"), action: stop }], "allow", place(id)),
});
const from = (first: number, last: number): PacketSet => clientPorts(first, last);
const wayOf = (request: readonly Hop[], reply: readonly Hop[]): Way => ({
  origin: "internet",
  interface: "eni-1",
  carries: machine(addressOf("10.0.0.5")),
  request,
  reply,
});
const ssh = and(and(client(addressOf("203.0.113.9")), ports(6, 22, 22)), begun);
const told = (way: Way) => {
  const { answer, symptoms, hops } = walk(way, ssh);
  return { answer, symptoms: symptoms.toSorted(), rulings: hops.map(({ at, ruling }) => `${at.id} ${ruling}`) };
};

describe("a client sees", () => {
  test.each<readonly [string, Way, Answer, readonly Symptom[], readonly string[]]>([
    [
      "a connection where nothing stops it",
      wayOf([open("a")], [open("b")]),
      "reachable",
      ["connects"],
      ["a passes", "b passes"],
    ],
    [
      "what the first stop does",
      wayOf([open("a"), shut("b", "refused"), shut("c", "timeout")], [open("d")]),
      "blocked",
      ["refused"],
      ["a passes", "b stops", "c stops", "d passes"],
    ],
    [
      "a timeout where the reply is refused",
      wayOf([open("a")], [shut("b", "refused")]),
      "blocked",
      ["timeout"],
      ["a passes", "b stops"],
    ],
    [
      "a timeout where the reply finds no way",
      wayOf([], [shut("b", "unreachable")]),
      "blocked",
      ["timeout"],
      ["b stops"],
    ],
    [
      "either stop where the first is in doubt",
      wayOf([maybe("a", ssh, "refused"), shut("b", "timeout")], []),
      "blocked",
      ["refused", "timeout"],
      ["a unclear", "b stops"],
    ],
    [
      "either a stop or a connection where only doubt stands in the way",
      wayOf([maybe("a", ssh, "unreachable")], []),
      "unknown",
      ["connects", "unreachable"],
      ["a unclear"],
    ],
    [
      "nothing of a later doubt behind a sure stop",
      wayOf([shut("a", "timeout"), maybe("b", ssh, "refused")], []),
      "blocked",
      ["timeout"],
      ["a stops", "b unclear"],
    ],
    [
      "no stop where some of its ports get their reply",
      wayOf([open("a")], [{ gate: admits("b", from(32_768, 65_535)) }]),
      "reachable",
      ["connects"],
      ["a passes", "b passes"],
    ],
    [
      "a timeout where two hops admit different ports",
      wayOf([{ gate: admits("a", from(1024, 4999)) }], [{ gate: admits("b", from(5000, 65_535)) }]),
      "blocked",
      ["timeout"],
      ["a passes", "b stops"],
    ],
    [
      "a timeout where its ports begin below what replies are admitted to",
      wayOf([], [{ gate: admits("b", from(0, 1023)) }]),
      "blocked",
      ["timeout"],
      ["b stops"],
    ],
  ])("%s", (_what, way, answer, symptoms, rulings) => {
    expect(told(way)).toEqual({ answer, symptoms, rulings });
  });
});

test("a hop says which of the client's ports it lets through, where it is not all of them", () => {
  const { hops } = walk(wayOf([open("a")], [{ gate: admits("b", from(32_768, 65_535)) }]), ssh);
  expect(hops.map((hop) => hop.clientPorts)).toEqual([
    undefined,
    and(and(ssh, machine(addressOf("10.0.0.5"))), from(32_768, 65_535)),
  ]);
});

test("two hops of which each passes other ports for sure leave one that is unclear", () => {
  const way = wayOf([maybe("a", from(5000, 65_535), "timeout")], [{ gate: admits("b", from(5000, 65_535)) }]);
  expect(told(way)).toEqual({
    answer: "unknown",
    symptoms: ["connects", "timeout"],
    rulings: ["a passes", "b unclear"],
  });
});

test("a hop that sees another's ports, of which it lets only some through, is unclear", () => {
  const hop: Hop = {
    gate: admits("b", from(32_768, 65_535)),
    sees: { hides: ["clientPort"], instead: from(1024, 65_535) },
  };
  expect(told(wayOf([hop], []))).toEqual({
    answer: "unknown",
    symptoms: ["connects", "timeout"],
    rulings: ["b unclear"],
  });
});

test("a hop that sees another's ports says nothing of the client's", () => {
  const hop: Hop = {
    gate: admits("b", from(1024, 65_535)),
    sees: { hides: ["clientPort"], instead: from(32_768, 65_535) },
  };
  const [ruling] = walk(wayOf([hop], []), ssh).hops;
  expect(ruling?.ruling).toBe("passes");
  expect(ruling?.clientPorts).toBeUndefined();
});

test("a hop at which nothing can stand in the client's place stops", () => {
  const hop: Hop = { gate: final([], "allow", place("b")), sees: { hides: ["client"], instead: family(6) } };
  const { answer, rulings } = told(wayOf([hop], []));
  expect([answer, rulings]).toEqual(["blocked", ["b stops"]]);
});

test("a hop in the client's place is judged on all that may stand there", () => {
  const balancers = and(client(addressOf("10.0.0.7")), ports(6, 8080, 8080));
  const seen = (gate: Final): Way => wayOf([{ gate, sees: { hides: ["client", "service"], instead: balancers } }], []);
  expect(told(seen(admits("b", client(addressOf("10.0.0.7"))))).answer).toBe("reachable");
  expect(told(seen(admits("b", client(addressOf("203.0.113.9"))))).answer).toBe("blocked");
  expect(
    told(
      seen(
        final(
          [{ match: always, action: "allow", name: "", says: "", source: { file: "", pointer: "" } }],
          "timeout",
          place("b"),
        ),
      ),
    ).answer,
  ).toBe("reachable");
});

test("a hop that sees one of two things passes what passes as either, and says on what the rest depends", () => {
  const node = client(addressOf("10.0.0.7"));
  const own = { hides: [], instead: everything } as const;
  const seen = (gate: Final): Way =>
    wayOf([{ gate, sees: { hides: ["client"], instead: node, or: own, depends } }], []);
  const both = or(node, client(addressOf("203.0.113.9")));
  expect(told(seen(admits("b", both))).answer).toBe("reachable");
  expect(told(seen(admits("b", client(addressOf("203.0.113.6"))))).answer).toBe("blocked");
  const [torn] = walk(seen(admits("b", node)), ssh).hops;
  expect([torn?.ruling, torn === undefined ? [] : gapsAt(torn)]).toEqual(["unclear", ["It depends."]]);
  const [sure] = walk(seen(admits("b", both)), ssh).hops;
  expect(sure === undefined ? [] : gapsAt(sure)).toEqual([]);
});

test("a client of one family may stand behind an address of the other", () => {
  const node = client(addressOf("10.0.0.7"));
  const hop: Hop = { gate: admits("b", node), sees: { hides: ["family", "machine", "client"], instead: node } };
  const from6 = and(and(client(addressOf("2001:db8::9")), ports(6, 22, 22)), begun);
  const way: Way = { origin: "internet", interface: "eni-1", carries: everything, request: [hop], reply: [] };
  expect(walk(way, from6).answer).toBe("reachable");
});
