import type { Match } from "#model/match.ts";
import { exactly, perhaps } from "#model/match.ts";
import { gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import { TCP, UDP, isIcmp, protocolName, protocolNumber } from "#packets/service.ts";
import { everything, icmp, ports, protocol } from "#packets/set.ts";
import { problems } from "#problems.ts";

/** A service as a rule names it, and in words. */
export interface Named {
  readonly match: Match;
  readonly says: string;
}

const all: Named = { match: exactly(everything), says: "all traffic" };
const known = new Map<string, Named>();

/**
 * The services that a security group rule names: `IpProtocol` is a name, a number or `-1`; ports count for TCP and UDP
 * only, and are type and code for ICMP, where -1 is all of them (aws.md A.7; CreateSecurityGroup API reference).
 */
export const groupService = (name: string, from: number | undefined, to: number | undefined, at: Source): Named => {
  const key = `${name} ${from} ${to}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const named = readService(name, from, to, at);
  if (named.match.gaps.length === 0) known.set(key, named); // a gap names its place, so it is not shared
  return named;
};

const readService = (name: string, from: number | undefined, to: number | undefined, at: Source): Named => {
  if (name === "-1") return all;
  const number = protocolNumber(name);
  const where = `${at.file}#${at.pointer}`;
  if (number === undefined)
    return { match: perhaps(everything, gap("unreadable", problems.badProtocol(name, where), at)), says: name };
  if (isIcmp(number)) return icmpService(number, from ?? -1, to ?? -1, at);
  if (number !== TCP && number !== UDP) return { match: exactly(protocol(number)), says: protocolName(number) };
  const half = (from === undefined) !== (to === undefined);
  const first = half ? (from ?? Number.NaN) : (from ?? 0);
  const last = half ? (to ?? Number.NaN) : (to ?? 65_535);
  if (first === -1 && last === -1) return portService(number, 0, 65_535);
  return isPortRange(first, last)
    ? portService(number, first, last)
    : {
        match: perhaps(protocol(number), gap("unreadable", problems.badPorts(`${first}-${last}`, where), at)),
        says: `${protocolName(number)}/${first}-${last}`,
      };
};

export const isPortRange = (first: number, last: number): boolean =>
  Number.isInteger(first) && Number.isInteger(last) && first >= 0 && first <= last && last <= 65_535;

const portService = (number: number, first: number, last: number): Named => ({
  match: exactly(ports(number, first, last)),
  says: `${protocolName(number)}/${first === last ? first : `${first}-${last}`}`,
});

/** ICMP by type and code; -1 is every type, or every code. */
export const icmpService = (number: number, type: number, code: number, at: Source): Named => {
  const name = protocolName(number);
  if (type === -1) return { match: exactly(protocol(number)), says: name };
  const isByte = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 255;
  if (!isByte(type) || (code !== -1 && !isByte(code))) {
    const where = `${at.file}#${at.pointer}`;
    const says = `${name} type ${type} code ${code}`;
    return { match: perhaps(protocol(number), gap("unreadable", problems.badPorts(says, where), at)), says };
  }
  return code === -1
    ? { match: exactly(icmp(number, type)), says: `${name} type ${type}` }
    : { match: exactly(icmp(number, type, code)), says: `${name} type ${type} code ${code}` };
};
