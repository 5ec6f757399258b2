import type { Gap } from "./gap.ts";
import type { HopKind } from "./gate.ts";
import type { Alternative } from "./inventory.ts";
import type { Origin } from "./way.ts";
import type { Source } from "./source.ts";

/** What the verbs answer, in the shapes of their JSON. Reports print these and compute nothing. */

export type Answer = "reachable" | "blocked" | "unknown";
export type Ruling = "passes" | "stops" | "unclear";

export interface Question {
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  /** The port; the type for ICMP; null where the protocol has neither. */
  readonly port: number | null;
}

export interface Seen {
  readonly saw: "rule" | "no-rule" | "state" | "nothing" | "gap" | "assumed";
  readonly says: string;
  readonly rule?: string;
  readonly action?: string;
  readonly source?: Source;
}

export interface Nearly {
  readonly rule: string;
  readonly says: string;
  readonly differs: readonly string[];
  readonly source: Source;
}

export interface HopAnswer {
  readonly kind: HopKind;
  readonly id: string;
  readonly name?: string;
  readonly direction: "request" | "reply";
  readonly ruling: Ruling;
  readonly clientPorts?: string;
  readonly evidence: readonly Seen[];
  readonly closest: readonly Nearly[];
}

export interface WayAnswer {
  readonly origin: Origin;
  readonly address: string | null;
  readonly interface: string;
  readonly verdict: Answer;
  readonly clientPorts?: string;
  readonly hops: readonly HopAnswer[];
}

export interface GapAnswer extends Gap {
  readonly hops: readonly { readonly kind: HopKind; readonly id: string }[];
}

export interface Assumption {
  readonly says: string;
  readonly ask: string;
}

export interface Change {
  readonly says: string;
  readonly cli: string;
  readonly terraform: string;
}

/** A set of changes that was tried on what was read: with it the answer is `proved`, and it opens `opens` besides. */
export interface Fix {
  readonly way: { readonly origin: Origin; readonly address: string | null };
  readonly changes: readonly Change[];
  readonly proved: Answer;
  readonly opens: readonly string[];
}

/** Another way in; `certain` where nothing that was read leaves it in doubt. */
export interface OtherWay {
  readonly kind: Alternative["kind"];
  readonly id: string;
  readonly certain: boolean;
  readonly says: string;
  readonly cli: string;
}

export interface WhyAnswer {
  readonly question: Question;
  readonly name: string | null;
  readonly verdict: Answer;
  readonly symptom: string | null;
  readonly ways: readonly WayAnswer[];
  readonly gaps: readonly GapAnswer[];
  readonly assumptions: readonly Assumption[];
  readonly fixes: readonly Fix[];
  readonly alternatives: readonly OtherWay[];
}

export interface WhoAnswer {
  readonly target: string;
  readonly name: string | null;
  readonly protocol: string;
  readonly port: number | null;
  readonly sources: {
    readonly reachable: readonly string[];
    readonly unknown: readonly string[];
    readonly private: readonly string[];
    /** Documentation ranges among those who reach it: not of the internet, but what examples are written with. */
    readonly examples: readonly string[];
  };
  readonly internet: { readonly ipv4: number; readonly ipv6: number };
  readonly ways: readonly {
    readonly origin: Origin;
    readonly address: string | null;
    readonly interface: string;
    readonly sources: { readonly reachable: readonly string[]; readonly unknown: readonly string[] };
  }[];
  readonly gaps: readonly GapAnswer[];
  readonly assumptions: readonly Assumption[];
}
