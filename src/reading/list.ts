import type { Bucket } from "./pace.ts";

/** One page of a list, in the shape that the cloud's own command line prints. */
export interface Page {
  readonly json: Uint8Array;
  /** The same, to be looked into. */
  readonly body: () => Body;
  readonly next: string | undefined;
  /** What tells its things apart, as far as that is known. */
  readonly ids: readonly string[];
}
export type Body = Readonly<Record<string, unknown>>;

/** One list of one place: how its pages are asked for, and how fast. */
export interface List {
  /** As policies name it. */
  readonly call: string;
  /** What its pages are called, and what tells it from other lists of the same call. */
  readonly file: string;
  readonly bucket: Bucket;
  /** The most that one page holds; undefined where there are no pages. */
  readonly size: number | undefined;
  readonly ask: (page: Asking, how: How) => Promise<Page>;
}

export interface Asking {
  readonly token: string | undefined;
  /** Fewer than the most. */
  readonly size?: number;
}

export interface How {
  readonly abortSignal: AbortSignal;
}
