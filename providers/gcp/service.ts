import { gap } from "#model/gap.ts";
import type { Match } from "#model/match.ts";
import { either, exactly, perhaps } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { TCP, UDP, protocolName, protocolNumber } from "#packets/service.ts";
import { everything, or, ports, protocol } from "#packets/set.ts";
import { problems } from "#problems.ts";
import type { Raw } from "./raw.ts";
import { items, protocolText } from "./raw.ts";

/** A service as a rule names it, and in words. */
export interface Named {
  readonly match: Match;
  readonly says: string;
}

const SCTP = 132;

/** What a list of protocols and ports means; no ports are all ports (gcp.md A3). `member` names the protocol in it. */
export const services = (list: unknown, member: "IPProtocol" | "ipProtocol", at: Source): Named => {
  const those = items(list).map((each, i) => service(each, member, inside(at, i)));
  if (!Array.isArray(list) || those.length < list.length || those.length === 0)
    return {
      match: perhaps(everything, gap("unreadable", problems.notARule(`${at.file}#${at.pointer}`), at)),
      says: "what is not clear",
    };
  return { match: either(those.map(({ match }) => match)), says: brief(those.map(({ says }) => says)) };
};

/** A list in words, of which a long one is cut. */
export const brief = (words: readonly string[]): string =>
  words.length > 4 ? `${words.slice(0, 3).join(", ")} and ${words.length - 3} more` : words.join(", ");

const service = (each: Raw, member: string, at: Source): Named => {
  const name = protocolText(each[member]).toLowerCase();
  const where = `${at.file}#${at.pointer}`;
  if (name === "all") return { match: exactly(everything), says: "all traffic" };
  // The name stands for protocol 94 in some registries and for 4 in others.
  if (name === "ipip") {
    const why = gap("unverified", problems.notDocumented("Whether ipip is protocol 4 or 94"), at);
    return { match: perhaps(or(protocol(4), protocol(94)), why), says: name };
  }
  const number = protocolNumber(name);
  if (number === undefined)
    return { match: perhaps(everything, gap("unreadable", problems.badProtocol(name, where), at)), says: name };
  const given = each["ports"] ?? [];
  const ranges: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (ranges.length === 0) return { match: exactly(protocol(number)), says: protocolName(number) };
  if (number === SCTP) {
    const why = gap("unmodelled", problems.notFollowed(`the ports of SCTP in ${where}`), at);
    return { match: perhaps(protocol(number), why), says: `sctp/${ranges.join(",")}` };
  }
  if (number !== TCP && number !== UDP) {
    const why = gap("unreadable", problems.badPorts(String(ranges), where), at);
    return { match: perhaps(protocol(number), why), says: protocolName(number) };
  }
  const matches = ranges.map((range): Match => {
    const [, first, last] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(range)) ?? [];
    const [from, until] = [Number(first), Number(last ?? first)];
    return first !== undefined && from <= until && until <= 65_535
      ? exactly(ports(number, from, until))
      : perhaps(protocol(number), gap("unreadable", problems.badPorts(String(range), where), at));
  });
  return { match: either(matches), says: `${protocolName(number)}/${brief(ranges.map(String))}` };
};
