import type { Fix, HopAnswer, Question, Ruling, WayAnswer, WhyAnswer } from "#model/answer.ts";
import type { Look } from "./look.ts";
import { hang, safe, wrap } from "./look.ts";
import { assumptionLines, gapLines } from "./unknown.ts";

const marks = { passes: "✓", stops: "✗", unclear: "?" } as const satisfies Record<Ruling, string>;
const colours = { passes: "good", stops: "bad", unclear: "doubt" } as const satisfies Record<Ruling, string>;

/** The answer to `why` as a person reads it: the ways, hop by hop, then what to do, and the verdict last. */
export const whyText = (answer: WhyAnswer, look: Look): string =>
  [
    look.paint("strong", hang("", question(answer), look.width)),
    ...answer.ways.flatMap((way) => ["", ...wayLines(way, answer.ways.length > 1, look)]),
    ...fixLines(answer.fixes, look),
    ...gapLines(answer.gaps, look),
    ...assumptionLines(answer.assumptions, look),
    "",
    verdictLine(answer, look),
    "",
  ].join("\n");

const question = ({ question: { from, to, protocol, port }, name }: WhyAnswer): string => {
  const machine = name === null ? safe(to) : `${safe(name)} (${safe(to)})`;
  return `${from} > ${machine}:${port === null ? "" : `${port}/`}${protocol}`;
};

const wayLines = (way: WayAnswer, several: boolean, look: Look): readonly string[] => {
  const to = way.address === null ? "" : ` to ${safe(way.address)}`;
  const verdict = several ? `: ${way.verdict}` : "";
  const title = hang(
    "",
    `from ${way.origin === "internet" ? "the internet" : `the ${way.origin}`}${to} on ${safe(way.interface)}${verdict}`,
    look.width,
  );
  const columns = columnsOf(way.hops, look.width);
  const replies = way.hops.findIndex((hop) => hop.direction === "reply");
  return [
    title,
    ...way.hops.flatMap((hop, i) => [
      ...(i === replies ? [look.paint("quiet", "  and the reply")] : []),
      ...hopLines(hop, columns, look),
    ]),
  ];
};

interface Columns {
  readonly kind: number;
  readonly id: number;
}

/** Columns as wide as their widest cell, or none where the terminal is narrow. */
const columnsOf = (hops: readonly HopAnswer[], width: number): Columns | undefined => {
  const kind = Math.max(...hops.map((hop) => hop.kind.length));
  const id = Math.min(Math.max(...hops.map((hop) => called(hop).length)), 34);
  return width >= kind + id + 40 ? { kind, id } : undefined;
};

const called = ({ id, name }: HopAnswer): string => (name === undefined ? safe(id) : `${safe(id)} (${safe(name)})`);

const hopLines = (hop: HopAnswer, columns: Columns | undefined, look: Look): readonly string[] => {
  const mark = look.paint(colours[hop.ruling], marks[hop.ruling]);
  const seen = unique(
    hop.evidence.map(({ says, saw }) => (saw === "assumed" ? `${says} (assumed: nobody asked)` : says)),
  );
  const ports = hop.clientPorts === undefined ? [] : [`only to the client's ports ${hop.clientPorts}`];
  const lines = [...seen, ...ports].map(safe);
  const nearest = hop.closest.map(({ says }) => safe(says));
  if (columns === undefined) {
    return [
      `  ${mark} ${hang("", `${hop.kind} ${called(hop)}`, look.width - 4)}`,
      ...lines.map((line) => hang("      ", line, look.width)),
      ...nearest.map((line) => look.paint("quiet", hang("      closest: ", line, look.width))),
    ];
  }
  const head = `${hop.kind.padEnd(columns.kind)}  ${called(hop).padEnd(columns.id)}  `;
  const indent = " ".repeat(columns.kind + columns.id + 8);
  const room = look.width - indent.length;
  const long = called(hop).length > columns.id;
  const [first = "", ...rest] = lines.flatMap((line) => wrap(line, room));
  return [
    long ? `  ${mark} ${head.trimEnd()}` : `  ${mark} ${head}${first}`.trimEnd(),
    ...(long ? [first, ...rest] : rest).map((line) => `${indent}${line}`),
    ...nearest.map((line) => look.paint("quiet", hang(`${indent}closest: `, line, look.width))),
  ];
};

const unique = (lines: readonly string[]): readonly string[] => [...new Set(lines)];

const fixLines = (fixes: readonly Fix[], look: Look): readonly string[] =>
  fixes.flatMap(({ changes, opens, proved }, i) => {
    const which = fixes.length === 1 ? "To open it" : i === 0 ? "To open it, the smallest change" : "Or";
    const besides = opens.length === 0 ? "opens nothing else" : `also opens: ${opens.map(safe).join("; ")}`;
    return [
      "",
      look.paint("strong", `${which}:`),
      ...changes.flatMap((change) => [
        hang("  - ", safe(change.says), look.width),
        ...change.cli.split("\n").map((line) => `      ${safe(line)}`),
        ...change.terraform.split("\n").map((line) => look.paint("quiet", `      ${safe(line)}`)),
      ]),
      hang("  ", `Tried on these facts: ${proved}, and it ${besides}.`, look.width),
    ];
  });

const sees = (symptom: string | null): string => {
  switch (symptom) {
    case "connects":
      return "the client connects";
    case "timeout":
      return "the client waits until it times out";
    case "refused":
      return "the client is refused at once";
    case "unreachable":
      return "the client is told that the host cannot be reached";
    default:
      return "what the client sees cannot be told";
  }
};

const verdictLine = ({ verdict, symptom, ways, question: asked }: WhyAnswer, look: Look): string => {
  const mark = { reachable: "passes", blocked: "stops", unknown: "unclear" } as const;
  const line = hang(
    `${marks[mark[verdict]]} `,
    `${verdict.toUpperCase()}: ${reason(verdict, ways, symptom, asked)}`,
    look.width,
  );
  return look.paint(colours[mark[verdict]], line);
};

const reason = (
  verdict: WhyAnswer["verdict"],
  ways: readonly WayAnswer[],
  symptom: string | null,
  asked: Question,
): string => {
  const of = (ruling: Ruling): string =>
    unique(
      ways.flatMap(({ hops }) =>
        hops.filter((hop) => hop.ruling === ruling).map((hop) => `${hop.kind} ${safe(hop.id)}`),
      ),
    ).join(", ");
  if (verdict === "reachable") {
    const open = ways.find((way) => way.verdict === "reachable");
    const ports =
      open?.clientPorts === undefined
        ? ""
        : `, but only from its ports ${open.clientPorts}; connections from others hang`;
    const address = open?.address === undefined || open.address === null ? "" : ` at ${safe(open.address)}`;
    return `${asked.from} reaches it${address}${ports}.`;
  }
  if (verdict === "blocked") return `stopped by ${of("stops")}; ${sees(symptom)}.`;
  return `it depends on ${of("unclear")}; ${sees(symptom)}.`;
};
