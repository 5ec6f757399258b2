import type { AuditAnswer, CoverageAnswer, Finding } from "#model/finding.ts";
import type { Look } from "./look.ts";
import { brief, hang, safe } from "./look.ts";

const colours = { critical: "bad", high: "bad", medium: "doubt", low: "quiet", unknown: "doubt" } as const;

/** The audit as a person reads it: what is exposed, resource by resource, then what was and was not looked at. */
export const auditText = (answer: AuditAnswer, look: Look): string => {
  const kinds = [
    ["Reached from the internet", "reachable"],
    ["Could not be decided", "unknown"],
    ["Rules that admit the internet, whatever stands behind them", "rule"],
  ] as const;
  return [
    ...kinds.flatMap(([title, kind]) =>
      section(
        title,
        answer.findings.filter((each) => each.kind === kind),
        look,
      ),
    ),
    ...coverage(answer, look),
    "",
    summary(answer, look),
    "",
  ].join("\n");
};

const section = (title: string, findings: readonly Finding[], look: Look): readonly string[] => {
  if (findings.length === 0) return [];
  const resources = Map.groupBy(findings, ({ resource }) => resource.id);
  return [
    look.paint("strong", hang("", title, look.width)),
    ...[...resources.values()].flatMap((those) => resourceLines(those, look)),
    "",
  ];
};

/** One resource: its findings in one line for each severity, then what lets the internet in. */
const resourceLines = (findings: readonly Finding[], look: Look): readonly string[] => {
  const [first] = findings;
  if (first === undefined) return [];
  const { type, id, name, account, region } = first.resource;
  const where = [account, region].filter((each) => each !== null).join(" ");
  const called = name === null ? brief(id) : `${safe(name)} (${brief(id)})`;
  const any = findings.find(({ check }) => check.endsWith("-any"));
  const told = any ?? first;
  const lines = Map.groupBy(findings, ({ severity }) => severity);
  return [
    hang("  ", `${called}, ${type}${where === "" ? "" : `, ${safe(where)}`}`, look.width),
    ...[...lines].map(([severity, those]) => {
      const list = listed(those, any).join(", ");
      return look.paint(colours[severity], hang(`    ${severity.padEnd(8)} `, list, look.width));
    }),
    ...sourceLine(told, look),
    ...(told.exposure.through ?? []).map((each) => hang("      ", `through ${safe(each)}`, look.width)),
    ...told.evidence
      .slice(0, MOST)
      .map(({ saw, says }) =>
        look.paint("quiet", hang("      ", `${safe(says)}${saw === "assumed" ? " (assumed)" : ""}`, look.width)),
      ),
    ...(told.evidence.length > MOST
      ? [
          look.paint(
            "quiet",
            hang("      ", `and ${told.evidence.length - MOST} more (--json lists them all)`, look.width),
          ),
        ]
      : []),
  ];
};
const MOST = 12;

/** Where every port is open, the services that this opens are counted and not listed. */
const listed = (findings: readonly Finding[], any: Finding | undefined): readonly string[] => {
  const words = (each: Finding): string =>
    `${each.check} (${each.exposure.ports.join(", ")}/${each.exposure.protocol})`;
  const usual = findings.filter((each) => any === undefined || each === any || /-(ssh|rdp)$/.test(each.check));
  const more = findings.length - usual.length;
  return [...usual.map(words), ...(more === 0 ? [] : [`and ${more} more services`])];
};

const sourceLine = ({ exposure: { sources } }: Finding, look: Look): readonly string[] => {
  if (sources.length === 0) return [];
  const more = sources.length > MOST ? ` and ${sources.length - MOST} more` : "";
  return [hang("      from ", `${sources.slice(0, MOST).join(", ")}${more}`, look.width)];
};

const coverage = ({ coverage: rows, gaps }: AuditAnswer, look: Look): readonly string[] => {
  const doors = [...new Set(rows.flatMap(({ notLookedAt }) => notLookedAt))];
  const told = new Set(rows.flatMap(({ missing }) => missing.map(({ says }) => says)));
  return [
    look.paint("strong", "Looked at"),
    ...(rows.length === 0 ? ["  nothing"] : rows.flatMap((row) => coverageLines(row, look))),
    // Files that could not be used were warned of when they were read.
    ...gaps
      .filter(({ code, says }) => !code.startsWith("snapshot/") && !told.has(says))
      .flatMap(({ says, fix }) => [hang("  ? ", safe(says), look.width), hang("    ", safe(fix), look.width)]),
    ...(doors.length === 0
      ? []
      : [look.paint("quiet", hang("  ", `Not looked behind: ${doors.join(", ")}.`, look.width))]),
  ];
};

/** Of a place that is closed altogether, so many gaps are told in full. */
const MISSING = 8;

const coverageLines = (
  { cloud, account, region, machines, missing }: CoverageAnswer,
  look: Look,
): readonly string[] => {
  const where = [cloud, account ?? "unknown account", region ?? "unknown Region"].join(" ");
  return [
    hang("  ", `${safe(where)}: ${machines} ${machines === 1 ? "machine" : "machines"}`, look.width),
    ...missing
      .slice(0, MISSING)
      .flatMap(({ says, fix }) => [hang("    ? ", safe(says), look.width), hang("      ", safe(fix), look.width)]),
    ...(missing.length > MISSING
      ? [hang("    ? ", `and ${missing.length - MISSING} more like these (--json lists them all)`, look.width)]
      : []),
  ];
};

const summary = ({ summary: counts, coverage: rows, gaps }: AuditAnswer, look: Look): string => {
  const { critical, high, medium, low, unknown, waived } = counts;
  const line = `${critical} critical, ${high} high, ${medium} medium, ${low} low, ${unknown} undecided, ${waived} waived`;
  const machines = rows.reduce((sum, row) => sum + row.machines, 0);
  const isUnread = unknown > 0 || gaps.length > 0 || rows.some(({ missing }) => missing.length > 0);
  const mark =
    critical + high > 0 ? look.paint("bad", "✗") : isUnread ? look.paint("doubt", "?") : look.paint("good", "✓");
  return `${mark} ${hang("  ", `${line}; ${machines} ${machines === 1 ? "machine" : "machines"} looked at.`, look.width).trimStart()}`;
};
