/** What a cloud does besides answering. */
import type { Answer } from "./estate/types.ts";
import type { Trouble } from "./wire/errors.ts";
import type { Api } from "./wire/operations.ts";

/** Something that goes wrong, and when. Of several that fit a call, the first one happens. */
export interface Fault {
  readonly match: Match;
  readonly does: Effect;
}

/** The calls that a fault is for: all of those that fit, or the nth of them, or some in a row. The first one is 1. */
export interface Match {
  readonly api?: Api;
  readonly action?: string;
  readonly region?: string;
  readonly account?: string;
  /** The access key that signs. */
  readonly key?: string;
  readonly nth?: number | { readonly from: number; readonly to?: number };
}

export type Effect =
  /** An error, as the protocol of the call names it. */
  | { readonly is: "refused"; readonly trouble: Trouble; readonly message?: string }
  /** A key is taken for so many of the calls, and then it has expired. A key from AssumeRole starts anew. */
  | { readonly is: "expires"; readonly after: number }
  /** A page for people, as a proxy would send it. */
  | { readonly is: "html"; readonly status: 200 | 502 }
  /** Half of the answer, and the connection ends before the announced length. */
  | { readonly is: "cut-off" }
  /** Half of the answer, as if it were all. */
  | { readonly is: "torn" }
  | { readonly is: "reset" }
  /** The call is taken, and nothing ever follows. */
  | { readonly is: "silent" }
  /** The answer comes in small pieces. */
  | { readonly is: "slow"; readonly bytes: number; readonly every: number }
  /** The call is answered, and from then on the cloud holds something else. */
  | { readonly is: "changes"; readonly to: Answer };

/** What of a call decides whether a fault is for it. */
export interface Occasion {
  readonly api: Api;
  readonly action: string;
  readonly region: string;
  readonly account: string;
  readonly key: string;
}

/** Tells what happens to each call, one after the other. */
export const happenings = (faults: readonly Fault[]): ((occasion: Occasion) => Effect | undefined) => {
  const counts = faults.map(() => new Map<string, number>());
  return (occasion) => {
    const due = faults.map((fault, index) => {
      if (!fits(fault.match, occasion)) return false;
      const owner = fault.does.is === "expires" ? occasion.key : "";
      const count = (counts[index]?.get(owner) ?? 0) + 1;
      counts[index]?.set(owner, count);
      return isDue(fault, count);
    });
    return faults.find((_, index) => due[index])?.does;
  };
};

const traits = ["api", "action", "region", "account", "key"] as const;

const fits = (match: Match, occasion: Occasion): boolean =>
  traits.every((trait) => match[trait] === undefined || match[trait] === occasion[trait]);

const isDue = ({ match: { nth }, does }: Fault, count: number): boolean => {
  if (does.is === "expires") return count > does.after;
  if (nth === undefined) return true;
  return typeof nth === "number" ? count === nth : count >= nth.from && count <= (nth.to ?? Infinity);
};
