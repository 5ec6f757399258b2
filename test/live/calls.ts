/** What was asked, and what became of it. */
import type { Params } from "./wire/form.ts";
import type { Api } from "./wire/operations.ts";

export interface CallRecord {
  readonly service: Api;
  readonly action: string;
  readonly account: string;
  readonly region: string;
  /** The access key that signed. */
  readonly key: string;
  readonly params: Params;
  /** Milliseconds since the server was started. */
  readonly at: number;
  /** Refused is what the real cloud would refuse too; a fault is what was asked for in the options. */
  readonly outcome: "answered" | "refused" | "throttled" | "fault";
  /** One of several pages: a size or a token was given. */
  readonly page: boolean;
}

/** How many calls there were, by what they asked for and by what became of them. */
export interface Stats {
  readonly total: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** By `account region service:action`. */
  readonly calls: Readonly<Record<string, number>>;
  /** The most calls of one account, Region and action in one second. */
  readonly busiest: number;
}

export const statsOf = (calls: readonly CallRecord[]): Stats => ({
  total: calls.length,
  outcomes: counts(calls.map(({ outcome }) => outcome)),
  calls: counts(calls.map(placeOf)),
  busiest: Math.max(0, ...Object.values(counts(calls.map((call) => `${placeOf(call)} ${Math.floor(call.at / 1000)}`)))),
});

const placeOf = ({ account, region, service, action }: CallRecord): string =>
  `${account} ${region} ${service}:${action}`;

const counts = (names: readonly string[]): Readonly<Record<string, number>> => {
  const found = new Map<string, number>();
  for (const name of names) found.set(name, (found.get(name) ?? 0) + 1);
  return Object.fromEntries(found);
};
