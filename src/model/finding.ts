import type { GapAnswer, Seen } from "./answer.ts";
import type { Problem } from "./gap.ts";
import type { Coverage, Resource } from "./inventory.ts";

export type Severity = "critical" | "high" | "medium" | "low";
export const severities = ["critical", "high", "medium", "low"] as const satisfies readonly Severity[];

/** `reachable` was proved on a machine, `rule` is what rules say, `unknown` could not be decided. Never mixed. */
export type FindingKind = "reachable" | "rule" | "unknown";

export interface Exposure {
  readonly ports: readonly string[];
  readonly protocol: string;
  /** Parts of the routable internet, 0 to 1. */
  readonly ipv4: number;
  readonly ipv6: number;
  readonly sources: readonly string[];
  /** What stands in front of the machine on the way; absent where the internet comes straight. */
  readonly through?: readonly string[];
}

export interface Finding {
  /** The same from run to run for the same exposure of the same resource. */
  readonly id: string;
  readonly check: string;
  readonly kind: FindingKind;
  readonly severity: Severity | "unknown";
  readonly status: "open" | "waived";
  readonly resource: Resource;
  readonly exposure: Exposure;
  readonly evidence: readonly Seen[];
  readonly controls: readonly string[];
  readonly title: string;
  readonly why: string;
  readonly fix: readonly { readonly says: string; readonly cli: string }[];
}

export interface AuditAnswer {
  readonly summary: Readonly<Record<Severity | "unknown" | "waived", number>>;
  readonly coverage: readonly CoverageAnswer[];
  readonly findings: readonly Finding[];
  /** What could not be read, or is not understood, anywhere. */
  readonly gaps: readonly (Problem | GapAnswer)[];
}

export interface CoverageAnswer extends Omit<Coverage, "missing"> {
  readonly missing: readonly Problem[];
}
