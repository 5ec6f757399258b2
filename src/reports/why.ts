import type { HopAnswer, Question, Ruling, WayAnswer, WhyAnswer } from "#model/answer.ts";
import type { Look } from "./look.ts";
import { brief, called, hang, safe } from "./look.ts";
import { assumptionLines, gapLines } from "./unknown.ts";

const marks = { passes: "✓", stops: "✗", unclear: "?" } as const satisfies Record<Ruling, string>;
const colours = { passes: "good", stops: "bad", unclear: "doubt" } as const satisfies Record<Ruling, string>;

/** The answer to `why` as a person reads it: the ways, hop by hop, then what to do, and the verdict last. */
export const whyText = (answer: WhyAnswer, look: Look): string =>
  [
    look.paint("strong", hang("", question(answer), look.width)),
    ...answer.ways.flatMap((way) => ["", ...wayLines(way, answer.ways.length > 1, look)]),
    ...fixLines(answer, look),
    ...otherLines(answer, look),
    ...gapLines(
      answer.gaps.filter(({ hops }) => hops.length > 0),
      look,
    ),
    ...assumptionLines(answer.assumptions, look),
    "",
    verdictLine(answer, look),
    "",
  ].join("\n");

const question = ({ question: { from, to, protocol, port }, name }: WhyAnswer): string => {
  const machine = name === null ? brief(to) : `${safe(name)} (${brief(to)})`;
  return `${from} > ${machine}:${port === null ? "" : `${port}/`}${protocol}`;
};

const origins = {
  internet: "from the internet",
  network: "from inside the network",
  peering: "from a peered network",
  "transit-gateway": "through a transit gateway",
  vpn: "through a VPN gateway",
  "load-balancer": "through a load balancer",
  accelerator: "through an accelerator",
  iap: "through Identity-Aware Proxy",
} as const satisfies Record<WayAnswer["origin"], string>;

const wayLines = (way: WayAnswer, several: boolean, look: Look): readonly string[] => {
  const to = way.address === null ? "" : ` to ${safe(way.address)}`;
  const verdict = several ? `: ${way.verdict}` : "";
  const title = hang("", `${origins[way.origin]}${to} on ${brief(way.interface)}${verdict}`, look.width);
  const column = Math.max(...way.hops.map((hop) => hop.kind.length));
  const replies = way.hops.findIndex((hop) => hop.direction === "reply");
  return [
    title,
    ...way.hops.flatMap((hop, i) => [
      ...(i === replies ? [look.paint("quiet", "  and the reply")] : []),
      ...hopLines(hop, column, look),
    ]),
  ];
};

/** Below this width the kind of a hop has a line of its own. */
const WIDE = 72;

const hopLines = (hop: HopAnswer, column: number, look: Look): readonly string[] => {
  const mark = look.paint(colours[hop.ruling], marks[hop.ruling]);
  const seen = unique(
    hop.evidence.map(({ says, saw }) => (saw === "assumed" ? `${says} (assumed: nobody asked)` : says)),
  );
  const ports = hop.clientPorts === undefined ? [] : [`only to the client's ports ${hop.clientPorts}`];
  const [first, ...rest] = [...seen, ...ports].map(safe);
  const isWide = look.width >= WIDE;
  const indent = " ".repeat(isWide ? column + 6 : 6);
  const head = `${called(hop.id, hop.name)}${first === undefined ? "" : `: ${first}`}`;
  const [top = "", ...below] = hang(indent, head, look.width).split("\n");
  return [
    ...(isWide
      ? [`  ${mark} ${hop.kind.padEnd(column)}  ${top.slice(indent.length)}`]
      : [`  ${mark} ${hop.kind}`, top]),
    ...below,
    ...rest.map((line) => hang(indent, line, look.width)),
    ...hop.closest.map(({ says }) => look.paint("quiet", hang(`${indent}closest: `, safe(says), look.width))),
  ];
};

const unique = (lines: readonly string[]): readonly string[] => [...new Set(lines)];

const fixLines = ({ fixes, verdict }: WhyAnswer, look: Look): readonly string[] => {
  if (fixes.length === 0)
    return verdict === "blocked" ? ["", hang("", "No change is known here that would open it.", look.width)] : [];
  return fixes.flatMap(({ changes, opens, proved }, i) => {
    const which = fixes.length === 1 ? "To open it" : i === 0 ? "To open it, the smallest change" : "Or";
    const besides = opens.length === 0 ? "opens nothing else" : `also opens: ${opens.map(brief).join("; ")}`;
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
};

const otherLines = ({ alternatives }: WhyAnswer, look: Look): readonly string[] =>
  alternatives.length === 0
    ? []
    : [
        "",
        look.paint("strong", "Other ways in:"),
        ...alternatives.flatMap(({ certain, says, cli }) => [
          hang(certain ? "  - " : "  ? ", safe(says), look.width),
          `      ${safe(cli)}`,
        ]),
      ];

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
        hops.filter((hop) => hop.ruling === ruling).map((hop) => `${hop.kind} ${brief(hop.id)}`),
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
