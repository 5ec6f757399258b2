import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { run } from "../run.ts";
import { gist } from "./ask.ts";
import type { Json } from "./folder.ts";
import { at, emptyFolder, filesIn, fixtures, objectsAt, parse, questionsOf, rawOf, readJson } from "./folder.ts";

type Order = (list: readonly Json[]) => readonly Json[];

/** Orders in which the cloud might as well have listed things. */
const orders: readonly (readonly [string, Order])[] = [
  ["backwards", (list) => list.toReversed()],
  ["every second first", (list) => [...list.filter((_, i) => i % 2 === 1), ...list.filter((_, i) => i % 2 === 0)]],
];

const reordered = (value: Json, order: Order): Json => {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return order(value.map((each: Json) => reordered(each, order)));
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([member, each]) => [member, ORDERED.has(member) ? each : reordered(each, order)]),
  );
};

/** The cloud lists policies in the order in which they are read. */
const ORDERED = new Set(["firewallPolicys"]);

/** The same answers under other names and in another order. Names that say of what an answer is stay. */
const otherwise = (fixture: string, order: Order): string => {
  const [raw, folder] = [rawOf(fixture), emptyFolder()];
  filesIn(raw)
    .toReversed()
    .forEach((file, i) => {
      // Only its name says of what an empty list is.
      const isEmpty = JSON.stringify(readJson(raw, file)) === "[]";
      const isNamed =
        isEmpty || /pl-|tgw-rtb-|^\d|snapshot|target-health|attributes|effective-|instances-of/.test(file);
      const name = isNamed ? join(`z${i}`, file) : `${String(i).padStart(2, "0")}.json`;
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), JSON.stringify(reordered(readJson(raw, file), order)));
    });
  return folder;
};

const findings = (out: string): readonly (readonly (Json | undefined)[])[] =>
  objectsAt(parse(out), "/findings").map((each) => [each["id"], each["kind"], each["severity"], each["exposure"]]);

describe.each(fixtures)("%s", (_sentence, fixture) => {
  const raw = rawOf(fixture);
  const questions = [...questionsOf(fixture, "why"), ...questionsOf(fixture, "who"), ["audit"]];

  test("says the same twice, to the byte", async () => {
    for (const words of questions.flatMap((each) => [each, [...each, "--json"]])) {
      const asked = [...words, "--snapshot", raw];
      expect(await run(asked)).toEqual(await run(asked));
    }
  });

  test.each(orders)("says the same of the same in another order: %s", async (_order, order) => {
    const folder = otherwise(fixture, order);
    for (const words of questions) {
      const [here, there] = await Promise.all(
        [raw, folder].map((each) => run([...words, "--json", "--snapshot", each])),
      );
      if (here === undefined || there === undefined) throw new Error("two folders, two answers");
      expect(`${words.join(" ")}: exit ${there.code}`).toBe(`${words.join(" ")}: exit ${here.code}`);
      if (here.code === 2) expect(there.err).toBe(here.err);
      else if (words[0] === "why") expect(gist(there.out)).toEqual(gist(here.out));
      else if (words[0] === "who")
        for (const part of ["/sources", "/internet", "/ways"])
          expect(at(parse(there.out), part)).toEqual(at(parse(here.out), part));
      else {
        expect(findings(there.out)).toEqual(findings(here.out));
        expect(at(parse(there.out), "/summary")).toEqual(at(parse(here.out), "/summary"));
        expect(objectsAt(parse(there.out), "/coverage").map(({ machines }) => machines)).toEqual(
          objectsAt(parse(here.out), "/coverage").map(({ machines }) => machines),
        );
      }
    }
  });
});
