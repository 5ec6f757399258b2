import { describe, expect, test } from "@jest/globals";
import { array, assert, asyncProperty, constantFrom, integer, record } from "fast-check";
import type { Bucket } from "#reading/pace.ts";
import { pace } from "#reading/pace.ts";
import { simulated } from "./clock.ts";

const READS: Bucket = { capacity: 100, refill: 20 };
const FEW: Bucket = { capacity: 20, refill: 5 };
const never = new AbortController().signal;

/** The cloud's side: a bucket that fills by its own clock, and says how often it was empty. */
const cloud = ({ capacity, refill }: Bucket, now: () => number) => {
  let [tokens, at, refused] = [capacity, 0, 0];
  return {
    call: (): void => {
      tokens = Math.min(capacity, tokens + ((now() - at) / 1000) * refill);
      at = now();
      if (tokens < 1) refused++;
      else tokens--;
    },
    refused: () => refused,
  };
};

/** So many calls as fast as they are let, each taking so long. */
const made = async (calls: number, bucket: Bucket, share: 1 | 0.5, latency: number, most = 64) => {
  const clock = simulated();
  const server = cloud(bucket, clock.now);
  const ours = pace(share, most, clock, never);
  const one = (): Promise<void> =>
    ours.turn("a", bucket, async () => {
      server.call();
      await clock.sleep(latency, never);
    });
  await clock.run(Promise.all(Array.from({ length: calls }, one)));
  return { seconds: clock.now() / 1000, refused: server.refused() };
};

describe("calls at the pace that a bucket allows", () => {
  test.each([
    [50, READS, 300],
    [90, READS, 300],
    [1000, READS, 300],
    [200, FEW, 300],
    [400, READS, 2000],
  ])("%i calls empty no bucket and take at most 1.3 times as long as it lets them", async (calls, bucket, latency) => {
    const { seconds, refused } = await made(calls, bucket, 1, latency);
    const rounds = Math.ceil(calls / 64) * (latency / 1000);
    const limit = Math.max(rounds, (calls - bucket.capacity) / bucket.refill + latency / 1000);
    expect(refused).toBe(0);
    expect(seconds).toBeLessThanOrEqual(1.3 * limit);
  });

  test("gently, they take about twice as long", async () => {
    const [full, gentle] = [await made(1000, READS, 1, 100), await made(1000, READS, 0.5, 100)];
    expect(gentle.seconds / full.seconds).toBeGreaterThan(1.9);
    expect(gentle.refused).toBe(0);
  });

  test("whatever others do meanwhile, no bucket is emptied by us alone", async () => {
    const others = array(record({ calls: integer({ min: 1, max: 120 }), latency: constantFrom(1, 50, 700, 3000) }), {
      maxLength: 6,
    });
    await assert(
      asyncProperty(others, integer({ min: 1, max: 300 }), async (rivals, calls) => {
        const clock = simulated();
        const server = cloud(READS, clock.now);
        const ours = pace(1, 16, clock, never);
        const busy = rivals.flatMap(({ calls: count, latency }, i) =>
          Array.from({ length: count }, () => ours.turn(`other ${i}`, READS, () => clock.sleep(latency, never))),
        );
        const mine = Array.from({ length: calls }, () =>
          ours.turn("mine", READS, async () => {
            server.call();
            await clock.sleep(100, never);
          }),
        );
        await clock.run(Promise.all([...busy, ...mine]));
        expect(server.refused()).toBe(0);
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});

test("a call that fails leaves its place to the next", async () => {
  const clock = simulated();
  const ours = pace(1, 1, clock, never);
  const first = ours.turn("a", READS, () => Promise.reject(new Error("no"))).catch(() => "failed");
  const second = ours.turn("a", READS, () => Promise.resolve("answered"));
  expect(await clock.run(Promise.all([first, second]))).toEqual(["failed", "answered"]);
});

test("a bucket that somebody else has emptied is waited for", async () => {
  const clock = simulated();
  const ours = pace(1, 8, clock, never);
  await clock.run(ours.turn("a", READS, () => Promise.resolve()));
  ours.empty("a");
  await clock.run(ours.turn("a", READS, () => Promise.resolve()));
  expect(clock.now()).toBeGreaterThan(0);
});
