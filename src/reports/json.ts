import type { AuditAnswer } from "#model/finding.ts";

const indented = (value: unknown, by: string): string => JSON.stringify(value, null, 2).replaceAll("\n", `\n${by}`);

/**
 * The audit as one JSON document, piece by piece: the findings of a large estate are more than one string can hold.
 * Joined, the pieces are what `JSON.stringify(answer, null, 2)` would give.
 */
export function* auditJson({ summary, coverage, findings, gaps }: AuditAnswer): Generator<string> {
  yield `{\n  "summary": ${indented(summary, "  ")},\n  "coverage": ${indented(coverage, "  ")},\n  "findings": [`;
  for (const [i, finding] of findings.entries()) yield `${i === 0 ? "" : ","}\n    ${indented(finding, "    ")}`;
  yield `${findings.length === 0 ? "" : "\n  "}],\n  "gaps": ${indented(gaps, "  ")}\n}\n`;
}
