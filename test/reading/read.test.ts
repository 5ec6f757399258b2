import { expect, test } from "@jest/globals";
import type { Desk } from "#model/provider.ts";
import type { Page } from "#reading/list.ts";
import { pace } from "#reading/pace.ts";
import { readList } from "#reading/read.ts";
import { simulated } from "./clock.ts";

const never = new AbortController().signal;
const page = (ids: readonly string[], next: string | undefined): Page => ({
  json: new Uint8Array(2),
  ids,
  next,
  body: () => ({}),
});

/** Reads a list that answers by itself; tells what was seen, what is kept and what was refused. */
const read = async (ask: (token: string | undefined) => Page) => {
  const clock = simulated();
  const [seen, refused, kept] = [[] as string[], [] as string[], new Set<string>()];
  const desk: Desk = {
    page: ({ file }) => void kept.add(file),
    forget: (files) => files.forEach((file) => kept.delete(file)),
    refused: ({ code }) => void refused.push(code),
    visited: () => undefined,
    progress: () => undefined,
    signal: never,
  };
  const outcome = await clock.run(
    readList(
      {
        desk,
        pace: pace(1, 8, clock, never),
        clock,
        chance: () => 0,
        outOfTime: never,
        faultOf: () => ({ is: "refused", code: "Odd", message: "" }),
        sample: false,
        called: () => undefined,
      },
      { cloud: "aws", scope: { account: undefined, region: undefined }, folder: "0", renew: () => undefined },
      {
        call: "ec2:DescribeSubnets",
        file: "subnets",
        bucket: { capacity: 100, refill: 20 },
        size: 2,
        ask: ({ token }) => Promise.resolve(ask(token)),
      },
      ({ ids }) => void seen.push(...ids),
    ),
  );
  return { outcome, seen, refused, kept: [...kept] };
};

test("a page that names itself as the next one ends the list", async () => {
  const found = await read(() => page([], "again"));
  expect(found.outcome).toBe("refused");
  expect(found.refused).toEqual(["SamePageAgain"]);
});

test("what is seen of a list that was begun anew is seen once", async () => {
  let begun = 0;
  const found = await read((token) => {
    if (token === undefined) begun++;
    if (token === undefined) return page(["a", "b"], "2");
    return begun === 1 ? page(["b", "c"], undefined) : page(["c"], undefined);
  });
  expect(found).toEqual({
    outcome: "read",
    seen: ["a", "b", "c"],
    refused: [],
    kept: ["0/subnets-0001.json", "0/subnets-0002.json"],
  });
});
