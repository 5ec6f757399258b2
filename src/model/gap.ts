import type { Source } from "./source.ts";

/** Something the user should know about: what happened, what it costs, what to do. The sentences are in `problems.ts`. */
export interface Problem {
  readonly code: string;
  readonly says: string;
  readonly costs: string;
  readonly fix: string;
}

/**
 * Why a fact is not known. `missing`: never read; `refused`: asked for and denied; `unreadable`: read and not
 * understood, or read twice and different; `unmodelled`: a thing this program does not follow; `unverified`: the
 * cloud's own behaviour is not documented; `depends`: decided elsewhere, at another time.
 */
export type GapKind = "missing" | "refused" | "unreadable" | "unmodelled" | "unverified" | "depends";

/** Something that could not be read or is not understood. Whatever rests on it is unknown. */
export interface Gap extends Problem {
  readonly kind: GapKind;
  readonly source?: Source;
}

export const gap = (kind: GapKind, problem: Problem, source?: Source): Gap =>
  source === undefined ? { ...problem, kind } : { ...problem, kind, source };
