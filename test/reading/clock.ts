import { setImmediate as everythingDone } from "node:timers/promises";
import type { Clock } from "#reading/pace.ts";

/** A clock whose time passes only when nobody has anything left to do. */
export interface Simulated extends Clock {
  /** Runs until the work is done, however long that takes on this clock. */
  readonly run: <T>(work: Promise<T>) => Promise<T>;
}

export const simulated = (): Simulated => {
  let now = 0;
  const waiting: { readonly at: number; readonly wake: () => void }[] = [];
  const next = (): void => {
    waiting.sort((a, b) => a.at - b.at);
    const first = waiting.shift();
    if (first === undefined) return;
    now = Math.max(now, first.at);
    first.wake();
  };
  return {
    now: () => now,
    today: () => new Date(now),
    sleep: (milliseconds, signal) =>
      new Promise((wake, fail) => {
        if (signal.aborted) return fail(new Error("aborted"));
        waiting.push({ at: now + milliseconds, wake });
        signal.addEventListener("abort", () => fail(new Error("aborted")));
      }),
    run: async (work) => {
      const state = { isDone: false };
      const done = work.finally(() => {
        state.isDone = true;
      });
      done.catch(() => undefined);
      for (await everythingDone(); !state.isDone; await everythingDone()) next();
      return done;
    },
  };
};
