import type { Problem } from "./gap.ts";
import type { Cloud, Inventory } from "./inventory.ts";
import type { Source } from "./source.ts";

/** The account and Region that an answer is of, as far as something says so. */
export interface Scope {
  readonly account: string | undefined;
  readonly region: string | undefined;
}

/** Something that a cloud said: an answer as it was printed, or a refusal to answer. */
export type RawAnswer =
  | {
      readonly is: "answer";
      readonly cloud: Cloud;
      /** What kind of answer: the key that holds its items. */
      readonly key: string;
      readonly body: Readonly<Record<string, unknown>>;
      readonly at: Source;
      readonly scope: Scope;
    }
  | {
      readonly is: "refused";
      readonly cloud: Cloud;
      readonly call: string;
      readonly scope: Scope;
      readonly why: string;
      readonly at: Source;
    };

/** One call, and what is lost without it. */
export interface Permission {
  readonly call: string;
  /** The keys of the answers that it gives. */
  readonly keys: readonly string[];
  /** How a person gets the same answer. */
  readonly cli: string;
  readonly costs: string;
}

export interface Reading {
  /** What was never asked for and may well not exist is unknown, instead of assumed to be absent. */
  readonly strict: boolean;
}

/** One cloud: what its answers are, and what they say together. */
export interface Provider {
  readonly cloud: Cloud;
  readonly permissions: readonly Permission[];
  /** The answers in one document, by its content; `path` may say whose they are. Undefined where it is none of this cloud's. */
  recognise(json: unknown, at: Source, path?: string): readonly RawAnswer[] | undefined;
  /** Pure. Answers may come in any order, page by page, and are not kept. */
  reader(how: Reading): Reader;
}

/** Takes in answers one by one, and then says what they amount to. */
export interface Reader {
  add(answer: RawAnswer): void;
  inventory(): Inventory;
}

/** What reading a folder told about its files. */
export interface FileProblem {
  readonly file: string;
  readonly problem: Problem;
}
