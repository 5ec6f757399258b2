import IPCIDR from "ip-cidr";
import type { Address, Prefix } from "./address.ts";
import { formatPrefix, hasHostBits, parseAddress, parsePrefix } from "./address.ts";
import type { Run } from "./runs.ts";
import { clientPortRuns, serviceRuns } from "./runs.ts";
import { PER_PROTOCOL, TCP, UDP, formatService, isIcmp, protocolName, protocolNumber } from "./service.ts";
import type { PacketSet } from "./set.ts";

/** What a text turned out to be, or what is wrong with it. */
export type Reading<T> = { readonly is: "good"; readonly value: T } | { readonly is: "bad"; readonly because: Fault };
export type Fault =
  | {
      readonly fault: "not-an-address" | "not-a-cidr" | "a-range" | "not-a-port" | "not-a-protocol";
      readonly text: string;
    }
  | { readonly fault: "host-bits"; readonly text: string; readonly meant: string };

const good = <T>(value: T): Reading<T> => ({ is: "good", value });
const bad = (because: Fault): Reading<never> => ({ is: "bad", because });

/** One address. A CIDR or a range of addresses is a fault of its own, because people try it. */
export const readAddress = (text: string): Reading<Address> => {
  const address = parseAddress(text);
  if (address !== undefined) return good(address);
  const range = parsePrefix(text) !== undefined || /^[0-9a-f.:]+\s*-\s*[0-9a-f.:]+$/i.test(text);
  return bad({ fault: range ? "a-range" : "not-an-address", text });
};

/** A CIDR without host bits, as clouds print them. */
export const readPrefix = (text: string): Reading<Prefix> => {
  const prefix = parsePrefix(text);
  if (prefix === undefined) return bad({ fault: "not-a-cidr", text });
  return hasHostBits(prefix) ? bad({ fault: "host-bits", text, meant: canonical(prefix) }) : good(prefix);
};

/** The CIDR that one with host bits most likely meant: `10.1.2.3/8` → `10.0.0.0/8`. */
const canonical = (prefix: Prefix): string => {
  const start = parseAddress(String(new IPCIDR(formatPrefix(prefix)).start()));
  return formatPrefix({ address: start ?? prefix.address, bits: prefix.bits });
};

/** A port, 0 to 65535, in decimal. */
export const readPort = (text: string): Reading<number> =>
  /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535 ? good(Number(text)) : bad({ fault: "not-a-port", text });

export const readProtocol = (text: string): Reading<number> => {
  const number = protocolNumber(text);
  return number === undefined ? bad({ fault: "not-a-protocol", text }) : good(number);
};

const hasPorts = (protocol: number): boolean => protocol === TCP || protocol === UDP || protocol === 132;

/** One run within one protocol. */
const formatRun = (protocol: number, first: number, last: number): string => {
  const name = protocolName(protocol);
  if (first === 0 && last === PER_PROTOCOL - 1) return hasPorts(protocol) ? `${name}/0-65535` : name;
  if (first === last && !isIcmp(protocol)) return formatService({ protocol, port: first });
  if (!isIcmp(protocol)) return `${name}/${first}-${last}`;
  if (first === last) return formatService({ protocol, port: first });
  const wholeTypes = first % 256 === 0 && last % 256 === 255;
  if (!wholeTypes) return `${name} type ${first >> 8} code ${first % 256} to type ${last >> 8} code ${last % 256}`;
  return first >> 8 === last >> 8 ? `${name} type ${first >> 8}` : `${name} types ${first >> 8} to ${last >> 8}`;
};

/** The services of a set in words: `tcp/22, tcp/8000-8100, icmp`; every protocol and port is `all traffic`. */
export const formatServices = (set: PacketSet): string => {
  const runs = serviceRuns(set);
  if (runs.length === 1 && runs[0]?.[0] === 0 && runs[0][1] === 256 * PER_PROTOCOL - 1) return "all traffic";
  const pieces = splitByProtocol(runs);
  const others = pieces.length < MANY ? [] : splitByProtocol(between(runs));
  return pieces.length < MANY || others.length > FEW
    ? pieces.map(formatPiece).join(", ")
    : `all traffic but ${others.map(formatPiece).join(", ")}`;
};

/** From so many pieces on, what is not in a set is said instead, where that is so little. */
const MANY = 16;
const FEW = 8;

type Piece = readonly [protocol: number, first: number, last: number];
const formatPiece = ([protocol, first, last]: Piece): string => formatRun(protocol, first, last);

/** What lies between runs, before the first and after the last. */
const between = (runs: readonly Run<number>[]): readonly Run<number>[] => {
  const starts = [0, ...runs.map(([, last]) => last + 1)];
  const ends = [...runs.map(([first]) => first - 1), 256 * PER_PROTOCOL - 1];
  return starts.flatMap((first, i) => {
    const last = ends[i] ?? -1;
    return first <= last ? [[first, last] as const] : [];
  });
};

const splitByProtocol = (runs: readonly Run<number>[]): readonly Piece[] =>
  runs.flatMap(([first, last]) => {
    const from = Math.floor(first / PER_PROTOCOL);
    const to = Math.floor(last / PER_PROTOCOL);
    return Array.from({ length: to - from + 1 }, (_, i) => {
      const base = (from + i) * PER_PROTOCOL;
      return [from + i, Math.max(first - base, 0), Math.min(last - base, PER_PROTOCOL - 1)] as const;
    });
  });

/** The client's own ports in the set: `32768-65535`. */
export const formatClientPorts = (set: PacketSet): string =>
  clientPortRuns(set)
    .map(([first, last]) => (first === last ? String(first) : `${first}-${last}`))
    .join(", ");
