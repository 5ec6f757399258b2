import type { WhoAnswer } from "#model/answer.ts";
import type { Look } from "./look.ts";
import { brief, hang, safe } from "./look.ts";
import { assumptionLines, gapLines } from "./unknown.ts";

/** The answer to `who` as a person reads it. */
export const whoText = (answer: WhoAnswer, look: Look): string => {
  const { target, name, protocol, port, sources } = answer;
  const machine = name === null ? brief(target) : `${safe(name)} (${brief(target)})`;
  return [
    look.paint("strong", hang("", `Who reaches ${machine}:${port === null ? "" : `${port}/`}${protocol}`, look.width)),
    "",
    ...listed("from the internet", sources.reachable, shares(answer), look),
    ...(sources.unknown.length === 0 ? [] : listed("from the internet, not certain", sources.unknown, "", look)),
    ...exampleLines(sources, look),
    ...listed("from inside", sources.private, "", look),
    ...wayLines(answer, look),
    ...gapLines(
      answer.gaps.filter(({ hops }) => hops.length > 0),
      look,
    ),
    ...assumptionLines(answer.assumptions, look),
    "",
  ].join("\n");
};

const shares = ({ internet: { ipv4, ipv6 } }: WhoAnswer): string =>
  `${percent(ipv4)} of IPv4, ${percent(ipv6)} of IPv6`;

const percent = (share: number): string => {
  if (share === 0 || share === 1) return `${share * 100} %`;
  const hundredths = share * 100;
  return hundredths < 0.01 ? "under 0.01 %" : `${hundredths > 99.99 ? "over 99.99" : hundredths.toFixed(2)} %`;
};

const MOST = 24;

const listed = (title: string, sources: readonly string[], note: string, look: Look): readonly string[] => {
  const shown = sources.slice(0, MOST);
  const more = sources.length - shown.length;
  const list =
    sources.length === 0
      ? "nobody"
      : [...shown, ...(more === 0 ? [] : [`and ${more} more (--json lists them all)`])].join(", ");
  return [hang(`  ${title}: `, `${list}${note === "" || sources.length === 0 ? "" : ` (${note})`}`, look.width)];
};

/** Documentation ranges, unless a list of everybody has them already. */
const exampleLines = ({ examples, reachable }: WhoAnswer["sources"], look: Look): readonly string[] => {
  const rest = examples.filter((each) => !reachable.includes(each.includes(":") ? "::/0" : "0.0.0.0/0"));
  return rest.length === 0 ? [] : listed("from documentation ranges", rest, "", look);
};

/** The ways one by one, where there are several from one side: else the lists above have said it all. */
const wayLines = ({ ways }: WhoAnswer, look: Look): readonly string[] => {
  const open = ways.filter(({ sources }) => sources.reachable.length + sources.unknown.length > 0);
  const sides = Map.groupBy(open, ({ origin }) => origin === "network" || origin === "peering");
  if (![...sides.values()].some((those) => those.length > 1)) return [];
  return ["", ...open.map((way) => wayLine(way, look))];
};

const wayLine = ({ origin, address, interface: on, sources }: WhoAnswer["ways"][number], look: Look): string => {
  const { reachable, unknown } = sources;
  const doubtful = unknown.length === 0 ? "" : `; not certain: ${unknown.slice(0, MOST).join(", ")}`;
  const list = reachable.length === 0 ? "nobody surely" : reachable.slice(0, MOST).join(", ");
  const more = reachable.length > MOST ? " …" : "";
  const to = address === null ? "" : ` to ${safe(address)}`;
  return hang("  ", `${origin}${to} on ${brief(on)}: ${list}${more}${doubtful}`, look.width);
};
