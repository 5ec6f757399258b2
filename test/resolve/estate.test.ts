import { describe, expect, test } from "@jest/globals";
import { audit } from "#checks/audit.ts";
import { findFixes } from "#fixes/fix.ts";
import type { Inventory, Machine } from "#model/inventory.ts";
import { parseAddress } from "#packets/address.ts";
import { internetShare } from "#packets/internet.ts";
import { TCP } from "#packets/service.ts";
import { and, anyOf, begun, client, has, meets, service } from "#packets/set.ts";
import { aws } from "#providers/aws/index.ts";
import { reach, sources, verdict } from "#resolve/verdict.ts";
import { flowOf } from "#resolve/walk.ts";
import { readDocuments } from "../bench/documents.ts";
import { account, estate, region } from "../bench/estate.ts";
import { boundarySample } from "../bench/sample.ts";

const load = (seed: number): Inventory => {
  const reader = aws.reader({ strict: false });
  for (const { name, json } of estate(300, seed))
    for (const answer of aws.recognise(JSON.parse(json), { file: `${account}/${region}/${name}`, pointer: "" }) ?? [])
      reader.add(answer);
  return reader.inventory();
};

const SSH = { protocol: TCP, port: 22 };

describe.each([11, 12, 13])("in a random estate (seed %i)", (seed) => {
  const inventory = load(seed);
  const documents = readDocuments(estate(300, seed));
  const byInterface = new Map(
    [...inventory.machines].flatMap((machine) => machine.interfaces.map(({ id }) => [id, machine] as const)),
  );
  const questions = boundarySample(documents, 400, seed).flatMap((asked) => {
    const [machine, from] = [byInterface.get(asked.interface), parseAddress(asked.client)];
    return machine === undefined || from === undefined ? [] : [{ machine, from, service: asked }];
  });

  test("why and who agree on every client", () => {
    const odd = questions.filter(({ machine, from, service: asked }) => {
      const found = machine.interfaces.flatMap((each) => sources(inventory, each, service(asked)));
      const packet = { machine: from, client: from, service: asked, clientPort: 1024 };
      const who = has(reach(found).surely, packet);
      return who !== (verdict(inventory, machine, and(client(from), service(asked))).answer === "reachable");
    });
    expect(odd).toEqual([]);
  });

  test("the audit finds SSH on exactly the machines that who says half the internet reaches", () => {
    const met = (machine: Machine, of: 4 | 6): boolean => {
      const ways = machine.interfaces.flatMap((each) => [...inventory.doors(each)]);
      const outside = anyOf(ways.map((way) => flowOf(way, and(begun, service(SSH))).surely));
      return internetShare(outside, of) >= 0.5;
    };
    const expected = [...inventory.machines].filter((machine) => met(machine, 4) || met(machine, 6));
    const found = audit(inventory, { share: 0.5 }).filter(({ check }) => check === "exposed-ssh");
    expect(found.map(({ resource }) => resource.id).toSorted()).toEqual(
      expected.map(({ resource }) => resource.id).toSorted(),
    );
  });

  test("a fix that is offered makes the way reachable, and names one client alone", () => {
    const blocked = questions.filter(
      ({ machine, from, service: asked }) =>
        verdict(inventory, machine, and(client(from), service(asked))).answer === "blocked",
    );
    for (const { machine, from, service: asked } of blocked.slice(0, 60)) {
      const question = and(client(from), service(asked));
      for (const fix of findFixes(inventory, machine, verdict(inventory, machine, question), question)) {
        expect(fix.proved).toBe("reachable");
        const cidrs = fix.changes.flatMap(({ cli }) => cli.match(/[0-9a-f.:]+\/\d+/g) ?? []);
        expect(cidrs.every((cidr) => /\/(32|128)$/.test(cidr))).toBe(true);
      }
    }
  });

  test("no client reaches a machine by a way that does not carry it", () => {
    for (const { machine, from, service: asked } of questions.slice(0, 300)) {
      const question = and(and(client(from), service(asked)), begun);
      for (const { way } of verdict(inventory, machine, question).ways) expect(meets(way.carries, question)).toBe(true);
    }
  });
});
