import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Match } from "#model/match.ts";
import { both, either, exactly, perhaps } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import { ICMP, ICMPV6, TCP, UDP, protocolName, protocolNumber } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, clientPorts, everything, family, meets, or, ports, protocol } from "#packets/set.ts";
import { problems } from "#problems.ts";

/** A service as a rule names it, and in words. */
export interface Named {
  readonly match: Match;
  readonly says: string;
}

/** What a rule says of protocol and ports. */
export interface Asks {
  readonly protocol: string;
  readonly ports: readonly string[];
  readonly clientPorts: readonly string[];
}

const ANY = new Set(["*", "any", "all"]);
export const isAny = (text: string): boolean => ANY.has(text.toLowerCase());

/** Every port: as a star, or as the whole range, which answers print in its stead. */
const isEveryPort = (text: string): boolean => isAny(text) || text === "0-65535";

const EVERYTHING = "all traffic";
const WITH_PORTS = or(protocol(TCP), protocol(UDP));

/** A list in words, of which a long one is cut. */
export const brief = (words: readonly string[]): string =>
  words.length > 4 ? `${words.slice(0, 3).join(", ")} and ${words.length - 3} more` : words.join(", ");

/** What protocol and ports mean together (azure.md A2). The client's own port is a dimension of its own. */
export const service = (asks: Asks, at: Source): Named => {
  const where = `${at.file}#${at.pointer}`;
  const all = asks.ports.some(isEveryPort);
  const fromAll = asks.clientPorts.length === 0 || asks.clientPorts.some(isEveryPort);
  const [base, name] = protocolOf(asks.protocol, at);
  if (!meets(base.possibly, WITH_PORTS) && !(all && fromAll))
    return {
      match: perhaps(base.possibly, gap("unreadable", problems.badPorts(asks.ports.join(","), where), at)),
      says: `${name}/${brief(asks.ports)}`,
    };
  const own = asks.clientPorts;
  const dialledSays = all ? name : `${name === EVERYTHING ? "any protocol" : name}/${brief(asks.ports)}`;
  const says = fromAll ? dialledSays : `${dialledSays} from the client's ports ${brief(own)}`;
  const dialled = all ? exactly(everything) : portsOf(asks.ports, at, (first, last) => portsBetween(first, last));
  const sent = fromAll
    ? exactly(everything)
    : portsOf(own, at, (first, last) => and(WITH_PORTS, clientPorts(first, last)));
  return { match: both(base, both(dialled, sent)), says };
};

const portsBetween = (first: number, last: number): PacketSet => or(ports(TCP, first, last), ports(UDP, first, last));

const portsOf = (texts: readonly string[], at: Source, between: (first: number, last: number) => PacketSet): Match => {
  if (texts.length === 0) {
    const why = gap("unreadable", problems.notARule(`${at.file}#${at.pointer}`), at);
    return perhaps(everything, why);
  }
  return either(
    texts.map((text): Match => {
      const range = portRange(text);
      if (range !== undefined) return exactly(between(range[0], range[1]));
      return perhaps(WITH_PORTS, gap("unreadable", problems.badPorts(text, `${at.file}#${at.pointer}`), at));
    }),
  );
};

/** `22` or `20-30`, both ends included. */
export const portRange = (text: string): readonly [number, number] | undefined => {
  const [, first, last] = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(text) ?? [];
  if (first === undefined) return undefined;
  const [from, until] = [Number(first), Number(last ?? first)];
  return from <= until && until <= 65_535 ? [from, until] : undefined;
};

const ICMPS = or(protocol(ICMP), and(family(6), protocol(ICMPV6)));

const protocolOf = (text: string, at: Source): readonly [Match, string] => {
  if (isAny(text)) return [exactly(everything), EVERYTHING];
  const number = protocolNumber(text);
  if (number === undefined) {
    const why = gap("unreadable", problems.badProtocol(text, `${at.file}#${at.pointer}`), at);
    return [perhaps(everything, why), text === "" ? "what is not clear" : text];
  }
  if (number !== ICMP) return [exactly(protocol(number)), protocolName(number)];
  const why: Gap = gap("unverified", problems.notDocumented("Whether Icmp means ICMP of IPv6 too"), at);
  return [{ surely: and(family(4), protocol(ICMP)), possibly: ICMPS, gaps: [why] }, protocolName(ICMP)];
};

/** The services of a list of protocols, for a door that names them: TCP where it names none. */
export const doorProtocols = (texts: readonly string[]): readonly number[] => {
  const named = texts.flatMap((text): readonly number[] => {
    if (isAny(text)) return [TCP, UDP];
    const number = protocolNumber(text);
    return number === undefined ? [] : [number];
  });
  return [...new Set(named)];
};
