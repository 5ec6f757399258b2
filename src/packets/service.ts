/**
 * What is asked of a machine: a protocol, and its port or its ICMP type and code. All services lie on one line of
 * numbers: 65,536 for each IP protocol number, ports in order, ICMP as type × 256 + code.
 */
export const PER_PROTOCOL = 65_536;

export const TCP = 6;
export const UDP = 17;
export const ICMP = 1;
export const ICMPV6 = 58;

/** The protocols that have a name here. All others are called by their number. */
const NAMES: readonly (readonly [string, number])[] = [
  ["icmp", ICMP],
  ["tcp", TCP],
  ["udp", UDP],
  ["gre", 47],
  ["esp", 50],
  ["ah", 51],
  ["icmpv6", ICMPV6],
  ["sctp", 132],
];
const numbers = new Map(NAMES);
const names = new Map(NAMES.map(([name, number]) => [number, name]));

export const protocolName = (protocol: number): string => names.get(protocol) ?? `protocol ${protocol}`;

/** A protocol by its name or its number 0 to 255, in lower case or not. Undefined for anything else. */
export const protocolNumber = (text: string): number | undefined => {
  if (/^(0|[1-9]\d{0,2})$/.test(text)) return Number(text) <= 255 ? Number(text) : undefined;
  return numbers.get(text.toLowerCase());
};

export const isIcmp = (protocol: number): boolean => protocol === ICMP || protocol === ICMPV6;

/** One service: `port` is 0 to 65535; for ICMP it is type × 256 + code; protocols that have neither use 0. */
export interface Service {
  readonly protocol: number;
  readonly port: number;
}

/** Where the service lies on the line. */
export const placeOf = ({ protocol, port }: Service): number => protocol * PER_PROTOCOL + port;

/** One service as people write it: `tcp/22`, `icmp type 8 code 0`, `gre`. */
export const formatService = ({ protocol, port }: Service): string => {
  if (isIcmp(protocol)) return `${protocolName(protocol)} type ${port >> 8} code ${port & 255}`;
  return protocol === TCP || protocol === UDP || protocol === 132
    ? `${protocolName(protocol)}/${port}`
    : protocolName(protocol);
};
