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
    }
  | {
      /** An answer that was there, in a file that is not. */
      readonly is: "lost";
      readonly cloud: Cloud;
      readonly call: string;
      readonly scope: Scope;
      readonly file: string;
      readonly at: Source;
    }
  | {
      /** An account and Region that was read, whatever is in it. */
      readonly is: "visited";
      readonly cloud: Cloud;
      readonly scope: Scope;
    };

/** One call, and what is lost without it. */
export interface Permission {
  readonly call: string;
  /** What allows it, where that is called otherwise. */
  readonly needs?: string;
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

/** What to read of a cloud, as the user named it. What is not named is whatever the credentials see. */
export interface Ask {
  readonly profiles: readonly string[];
  readonly regions: readonly string[];
  readonly accounts: readonly string[];
  readonly projects: readonly string[];
  /** Azure's, by id or name. */
  readonly subscriptions: readonly string[];
  /** Folders, every project below which is meant. */
  readonly folders: readonly string[];
  /** The role to take on in accounts that are not the caller's own. */
  readonly role: string | undefined;
  /** The service account to act as. */
  readonly impersonate: string | undefined;
  /** Every account or project of the organisation. */
  readonly organization: boolean;
  /** At half the pace. */
  readonly gentle: boolean;
  /** When to stop asking, in milliseconds from the start. What was not read by then is a gap. */
  readonly deadline: number;
}

/** One page of one answer, as it came. */
export interface Collected {
  readonly cloud: Cloud;
  readonly call: string;
  readonly scope: Scope;
  /** Where it belongs in a snapshot, relative to its folder. */
  readonly file: string;
  /** JSON, as it is kept. */
  readonly json: Uint8Array;
  /** How many things it lists, as far as that is known. */
  readonly things: number;
}

/** A call that was not answered, and the cloud's words for it. */
export interface Refusal {
  readonly cloud: Cloud;
  readonly call: string;
  readonly scope: Scope;
  readonly code: string;
  readonly message: string;
}

/** How far a reading is. */
export interface Progress {
  readonly cloud: Cloud;
  /** Accounts, or projects. */
  readonly accounts: readonly [done: number, of: number];
  readonly regions: readonly [done: number, of: number];
  readonly calls: number;
  readonly machines: number;
}

/** An account and Region that was asked, or was not, and why. */
export interface Visited {
  readonly cloud: Cloud;
  readonly account: string;
  readonly accountName: string | undefined;
  /** A Region, or `global` where nothing in it has one. */
  readonly region: string;
  /** Why it was not asked. */
  readonly skipped?: string;
}

/** Takes what a reading brings. */
export interface Desk {
  readonly page: (page: Collected) => void;
  /** Pages of a list that must be read anew. */
  readonly forget: (files: readonly string[]) => void;
  readonly refused: (refusal: Refusal) => void;
  readonly visited: (scope: Visited) => void;
  readonly progress: (now: Progress) => void;
  /** Ends the reading at once. */
  readonly signal: AbortSignal;
}

/** Who the credentials say that one is. */
export interface Identity {
  readonly cloud: Cloud;
  /** The account or project that is one's own; empty where there is none. */
  readonly account: string;
  readonly who: string;
}

/** What `doctor` found of one call: it is answered, it is not, or there was nothing to ask it about. */
export interface Trial {
  readonly call: string;
  readonly scope: Scope;
  readonly outcome: "allowed" | "refused" | "not tried";
  readonly why: string | undefined;
}

export interface Examination {
  readonly identities: readonly Identity[];
  readonly visited: readonly Visited[];
  readonly trials: readonly Trial[];
}

/** The way to a cloud itself. It only reads. */
export interface Live {
  /** Reads everything asked. What is refused is told and stops nothing; no credentials at all are a `Trouble`. */
  collect(ask: Ask, desk: Desk): Promise<void>;
  /** Asks a little of everything, to see what is allowed. */
  examine(ask: Ask, desk: Desk): Promise<Examination>;
}

/** One cloud: what its answers are, and what they say together. */
export interface Provider {
  readonly cloud: Cloud;
  readonly permissions: readonly Permission[];
  /** The answers in one document, by its content; `path` may say whose they are. Undefined where it is none of this cloud's. */
  recognise(json: unknown, at: Source, path?: string): readonly RawAnswer[] | undefined;
  /** Pure. Answers may come in any order, page by page, and are not kept. */
  reader(how: Reading): Reader;
  /** Loads what talks to the cloud. */
  live(): Promise<Live>;
  /** The least that must be allowed, ready to paste, by the name of its form. */
  readonly policies: Readonly<Record<string, Policy>>;
}

/** One form of a policy. */
export interface Policy {
  readonly says: string;
  /** `hub` is the account that asks, and `role` the role that it takes on in the others. */
  readonly text: (hub: string | undefined, role: string | undefined) => string;
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
