import type { Cloud } from "#model/inventory.ts";
import type { Desk, Scope } from "#model/provider.ts";
import { drift } from "./drift.ts";
import type { Fault } from "./fault.ts";
import type { List, Page } from "./list.ts";
import type { Clock, Pace } from "./pace.ts";

/** Where a list is read: an account, a Region or none, and its folder in a snapshot. */
export interface Place {
  readonly cloud: Cloud;
  readonly scope: Scope;
  readonly folder: string;
  /** Whose bucket the calls are drawn from, where it is not that of the place. */
  readonly charged?: string | undefined;
  /** Gets new credentials, where the old ones have run out. */
  readonly renew: () => void;
}

/** What all lists of a reading share. */
export interface Means {
  readonly desk: Desk;
  readonly pace: Pace;
  readonly clock: Clock;
  /** A number from 0 to 1 that nobody can foresee. */
  readonly chance: () => number;
  /** Ends what is still asked when the time for the whole is over. */
  readonly outOfTime: AbortSignal;
  /** What an error of the cloud's client means. */
  readonly faultOf: (error: unknown) => Fault;
  /** A first page, and a small one, is enough. */
  readonly sample: boolean;
  /** Told of every call that leaves. */
  readonly called: () => void;
}

export type Outcome = "read" | "refused";

/** One request and its answer, the whole body included. */
const REQUEST_MS = 45_000;

/** How often the same page is asked for, by what went wrong. Some buckets stay empty until the minute is over. */
const TRIES = { again: 5, throttled: 12, expired: 3 } as const;

/** Nobody waits longer than that for a cloud that asks to be left alone. */
const LONGEST_MS = 120_000;

/** How often a list is begun anew, because it changed while it was read. */
const RESTARTS = 3;

/** Pages of a list that is only tried. */
const SMALL = 5;

/**
 * Reads one list to its end. What comes is put on the desk page by page; `see` looks at each page at the end, and never
 * at those of a beginning that was forgotten.
 */
export const readList = async (
  means: Means,
  place: Place,
  list: List,
  see?: (page: Page) => void,
): Promise<Outcome> => {
  for (let begun = 1; ; begun++) {
    const files: string[] = [];
    const pages: Page[] = [];
    const fault = await readPages(means, place, list, files, see === undefined ? undefined : pages);
    if (fault?.is === "restart" && begun < RESTARTS) {
      means.desk.forget(files);
      continue;
    }
    for (const page of pages) see?.(page);
    if (fault === undefined) return "read";
    const { code, message } = fault;
    means.desk.refused({ cloud: place.cloud, call: list.call, scope: place.scope, code, message });
    return "refused";
  }
};

const readPages = async (
  means: Means,
  place: Place,
  list: List,
  files: string[],
  pages: Page[] | undefined,
): Promise<Fault | undefined> => {
  const isTwice = drift();
  let token: string | undefined;
  for (let number = 1; ; number++) {
    const answer = await askFor(means, place, list, token);
    if ("is" in answer) return answer;
    const { json, ids, next } = answer;
    if (isTwice(ids)) return CHANGED;
    const file = `${place.folder}/${list.file}${number === 1 && next === undefined ? "" : `-${numbered(number)}`}.json`;
    if (!means.sample) {
      files.push(file);
      means.desk.page({ cloud: place.cloud, call: list.call, scope: place.scope, file, json, things: ids.length });
    }
    pages?.push(answer);
    if (next === undefined || means.sample) return undefined;
    if (next === token) return STUCK;
    token = next;
  }
};

const numbered = (page: number): string => String(page).padStart(4, "0");

const CHANGED: Fault = {
  is: "restart",
  code: "ChangedWhileRead",
  message: "The list changed between its pages each time that it was read.",
};

/** A page that names itself as the next one would be read for ever. */
const STUCK: Fault = {
  is: "restart",
  code: "SamePageAgain",
  message: "The list leads from one page to the same page again.",
};

/** One page, tried until it comes or there is no hope. */
const askFor = async (means: Means, place: Place, list: List, token: string | undefined): Promise<Page | Fault> => {
  const { account = "", region = "" } = place.scope;
  const { name } = list.bucket;
  const bucket = name === undefined ? `${account} ${region} ${list.call}` : `${place.charged ?? account} ${name}`;
  const tries = { again: 0, throttled: 0, expired: 0 };
  let last: Fault | undefined;
  for (;;) {
    if (means.outOfTime.aborted) return outOfTime(last);
    const answer = await once(means, list, token, bucket);
    if (!("is" in answer) || answer.is === "restart") return answer;
    if (answer.is === "refused") return answer === OUT_OF_TIME ? outOfTime(last) : answer;
    last = answer;
    means.desk.signal.throwIfAborted();
    tries[answer.is]++;
    if (tries[answer.is] >= TRIES[answer.is]) return answer;
    if (answer.is === "expired") place.renew();
    if (answer.is === "throttled") means.pace.empty(bucket);
    await means.clock.sleep(backoff(answer, tries[answer.is], means.chance), means.outOfTime).catch(() => undefined);
  }
};

const OUT_OF_TIME: Fault = { is: "refused", code: "OutOfTime", message: "The time for the whole reading was over." };

/** What the cloud said last says more than that the time was over. */
const outOfTime = (last: Fault | undefined): Fault =>
  last === undefined ? OUT_OF_TIME : { ...OUT_OF_TIME, message: `${OUT_OF_TIME.message} Before: ${last.code}.` };

/** What another try may help against. */
type Again = Exclude<Fault, { readonly is: "refused" | "restart" }>;

/** First and longest waits, in milliseconds. */
const WAITS = { again: [100, 5000], throttled: [500, 20_000], expired: [1500, 3000] } as const;

/** Longer each time, and never the same for all who wait. */
const backoff = (fault: Again, tries: number, chance: () => number): number => {
  const [first, most] = WAITS[fault.is];
  const wait = Math.min(most, first * 2 ** (tries - 1)) * (0.5 + chance() / 2);
  return fault.is === "throttled" && fault.after !== undefined ? Math.min(fault.after, LONGEST_MS) + wait / 2 : wait;
};

const once = async (
  { pace, clock, called, outOfTime, sample, faultOf }: Means,
  list: List,
  token: string | undefined,
  bucket: string,
): Promise<Page | Fault> => {
  const size = sample ? { size: SMALL } : {};
  try {
    return await pace.turn(bucket, list.bucket, () => {
      outOfTime.throwIfAborted();
      called();
      return within(REQUEST_MS, clock, outOfTime, (abortSignal) => list.ask({ token, ...size }, { abortSignal }));
    });
  } catch (error) {
    return outOfTime.aborted ? OUT_OF_TIME : faultOf(error);
  }
};

/** The call's answer, or an error when the time is over, whatever the call itself does. */
const within = async <T>(
  milliseconds: number,
  clock: Clock,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const late = clock.sleep(milliseconds, both).then(() => {
    throw Object.assign(new Error("The cloud did not answer in time."), { name: "TimeoutError" });
  });
  try {
    return await Promise.race([call(both), late]);
  } finally {
    over.abort();
    late.catch(() => undefined);
  }
};
