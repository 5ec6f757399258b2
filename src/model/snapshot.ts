import type { Cloud } from "./inventory.ts";
import type { Refusal, Scope, Visited } from "./provider.ts";

/** What stands in `snapshot.json` beside the answers: when they were read, by which version, and what is not there. */
export interface SnapshotDocument {
  /** The version that wrote it. */
  readonly sallyport: string;
  readonly taken: { readonly from: string; readonly to: string };
  readonly scopes: readonly Visited[];
  readonly calls: { readonly made: number; readonly answered: number };
  /** Every answer, and the files that hold it. */
  readonly answers: readonly Answered[];
  readonly refused: readonly Refused[];
}

export interface Answered {
  readonly cloud: Cloud;
  readonly call: string;
  readonly account: string | null;
  readonly region: string | null;
  readonly files: readonly string[];
}

export interface Refused {
  readonly cloud: Cloud;
  readonly call: string;
  readonly account: string | null;
  readonly region: string | null;
  readonly code: string;
  readonly message: string;
}

/** What stands there as long as the reading is not done. */
export interface Unfinished {
  readonly sallyport: string;
  readonly unfinished: true;
}

const flat = ({ account, region }: Scope): { readonly account: string | null; readonly region: string | null } => ({
  account: account ?? null,
  region: region ?? null,
});

export const refusedEntry = ({ cloud, call, scope, code, message }: Refusal): Refused => ({
  cloud,
  call,
  ...flat(scope),
  code,
  message,
});

export const answeredEntry = (cloud: Cloud, call: string, scope: Scope): Omit<Answered, "files"> => ({
  cloud,
  call,
  ...flat(scope),
});
