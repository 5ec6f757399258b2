import { describe, expect, test } from "@jest/globals";
import type { Desk, Refusal } from "#model/provider.ts";
import type { Fault } from "#reading/fault.ts";
import type { Bucket, Clock } from "#reading/pace.ts";
import { pace } from "#reading/pace.ts";
import { readList } from "#reading/read.ts";

/** A clock on which every wait is over at once, but for the time that one answer has. */
const hurried = (): Clock & { readonly waits: number[] } => {
  const waits: number[] = [];
  let now = 0;
  return {
    waits,
    now: () => now,
    today: () => new Date(now),
    sleep: (milliseconds, signal) => {
      if (milliseconds >= 45_000 && milliseconds < 46_000)
        return new Promise((_, fail) => signal.addEventListener("abort", () => fail(new Error("over"))));
      waits.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    },
  };
};

const told = { json: new Uint8Array(), body: () => ({}), next: undefined, ids: [] };

/** Reads lists of one bucket, one after the other, which at first are answered with faults. */
const reading = async (
  faults: readonly Fault[],
  places: readonly { readonly account: string; readonly charged?: string }[],
  bucket: Bucket,
): Promise<{ readonly waits: readonly number[]; readonly refused: readonly Refusal[]; readonly asked: number }> => {
  const clock = hurried();
  const signal = new AbortController().signal;
  const refused: Refusal[] = [];
  const left = [...faults];
  let asked = 0;
  const desk: Desk = {
    page: () => undefined,
    forget: () => undefined,
    refused: (refusal) => void refused.push(refusal),
    visited: () => undefined,
    progress: () => undefined,
    signal,
  };
  const means = {
    desk,
    pace: pace(1, 8, clock, signal),
    clock,
    chance: () => 0,
    outOfTime: signal,
    faultOf: () => left.shift() ?? { is: "refused", code: "Unforeseen", message: "" },
    sample: false,
    called: () => void asked++,
  } as const;
  for (const [i, { account, charged }] of places.entries())
    await readList(
      means,
      { cloud: "gcp", scope: { account, region: undefined }, folder: account, charged, renew: () => undefined },
      {
        call: `list.${i}`,
        file: "list",
        bucket,
        size: undefined,
        ask: () => (left.length > 0 ? Promise.reject(new Error("no")) : Promise.resolve(told)),
      },
    );
  return { waits: clock.waits, refused, asked };
};

const plenty: Bucket = { capacity: 1000, refill: 1000 };
const scarce: Bucket = { name: "reads", capacity: 2, refill: 1 };
const shop = { account: "shop" };
const throttled: Fault = { is: "throttled", code: "rateLimitExceeded", message: "" };

describe("a cloud that asks to be left alone", () => {
  test("is left alone for as long as it says, and a little longer", async () => {
    const { waits, refused } = await reading([{ ...throttled, after: 7000 }], [shop], plenty);
    expect(refused).toEqual([]);
    expect(Math.max(...waits)).toBeGreaterThan(7000);
    expect(Math.max(...waits)).toBeLessThan(8000);
  });

  test("is not waited for longer than two minutes at a time", async () => {
    const { waits } = await reading([{ ...throttled, after: 86_400_000 }], [shop], plenty);
    expect(Math.max(...waits)).toBeLessThan(125_000);
  });

  test("without a word is tried until the next minute has begun", async () => {
    const { waits, refused, asked } = await reading(
      Array.from({ length: 20 }, () => throttled),
      [shop],
      plenty,
    );
    expect(refused).toMatchObject([{ code: "rateLimitExceeded" }]);
    expect(waits.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(60_000);
    expect(asked).toBe(12);
  });
});

describe("calls that share a bucket", () => {
  const waited = async (places: Parameters<typeof reading>[1], bucket = scarce): Promise<number> =>
    (await reading([], places, bucket)).waits.length;

  test("wait for each other", async () => {
    expect(await waited([shop, shop, shop])).toBeGreaterThan(0);
  });
  test("do not wait for those of another project", async () => {
    expect(await waited([shop, { account: "tools" }, { account: "net" }])).toBe(0);
  });
  test("wait for those of another project that are charged to the same", async () => {
    expect(await waited(["shop", "tools", "net"].map((account) => ({ account, charged: "hub" })))).toBeGreaterThan(0);
  });
  test("are those that say so", async () => {
    expect(await waited([shop, shop, shop], { capacity: 2, refill: 1 })).toBe(0);
  });
});
