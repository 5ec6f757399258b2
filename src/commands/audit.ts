import { audit as auditAll, finding } from "#checks/audit.ts";
import type { AuditAnswer, Finding, Severity } from "#model/finding.ts";
import { severities } from "#model/finding.ts";
import { Trouble, problems } from "#problems.ts";
import { auditText } from "#reports/audit.ts";
import { auditJson } from "#reports/json.ts";
import { isUnread, readFacts } from "./facts.ts";
import type { Run, Words } from "./verb.ts";
import { textOf } from "./verb.ts";

/** What is exposed, and which rules are open, across everything read. */
export const run: Run = async (words, world) => {
  const failOn = readSeverity(words);
  const share = readShare(words);
  const format = readFormat(words);
  const { inventory, problems: files } = await readFacts(words, world);
  const findings = auditAll(inventory, { share }).map(finding).toSorted(bySeverity);
  const answer: AuditAnswer = {
    summary: summaryOf(findings),
    coverage: inventory.coverage,
    findings,
    gaps: [...inventory.gaps, ...files.filter(isUnread).map(({ problem }) => problem)],
  };
  const output = textOf(words, "output");
  const plain = output === undefined ? world.look : { ...world.look, paint: (_as: string, text: string) => text };
  const pieces = format === "json" ? auditJson(answer) : [auditText(answer, plain)];
  if (output !== undefined) world.save(output, pieces);
  else for (const piece of pieces) world.print(piece);
  return words.options["exitZero"] === true ? 0 : exitOf(answer, failOn, files.some(isUnread));
};

const rank = (severity: Finding["severity"]): number =>
  severity === "unknown" ? severities.length : severities.indexOf(severity);

/** The worst first; then by check and resource, so that the order never depends on the order of the answers. */
const bySeverity = (a: Finding, b: Finding): number =>
  rank(a.severity) - rank(b.severity) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

const summaryOf = (findings: readonly Finding[]): AuditAnswer["summary"] => {
  const counts = { critical: 0, high: 0, medium: 0, low: 0, unknown: 0, waived: 0 };
  for (const { severity, status } of findings) counts[status === "waived" ? "waived" : severity]++;
  return counts;
};

/** Findings decide first; a clean result with something unread is no clean result. */
const exitOf = ({ findings, coverage, gaps }: AuditAnswer, failOn: Severity, unreadFiles: boolean): number => {
  if (
    findings.some(
      ({ severity, status }) => status === "open" && severity !== "unknown" && rank(severity) <= rank(failOn),
    )
  )
    return 1;
  const unread = unreadFiles || gaps.length > 0 || coverage.some(({ missing }) => missing.length > 0);
  return unread || findings.some(({ kind }) => kind === "unknown") ? 3 : 0;
};

const readSeverity = (words: Words): Severity => {
  const text = textOf(words, "failOn") ?? "high";
  const severity = severities.find((each) => each === text);
  if (severity === undefined) throw new Trouble(problems.notASeverity(text));
  return severity;
};

const readShare = (words: Words): number => {
  const text = textOf(words, "internetShare") ?? "0.5";
  const share = Number(text);
  if (text.trim() === "" || !(share > 0 && share <= 1)) throw new Trouble(problems.notAShare(text));
  return share;
};

const readFormat = (words: Words): "text" | "json" => {
  const text = textOf(words, "format") ?? "text";
  if (text !== "text" && text !== "json") throw new Trouble(problems.notAFormat(text, "text, json"));
  return words.options["json"] === true ? "json" : text;
};
