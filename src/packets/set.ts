import type { Address, Prefix } from "./address.ts";
import { ADDRESS_BITS, WORD_BITS, freeBits } from "./address.ts";
import * as diagram from "./diagram.ts";
import type { Service } from "./service.ts";
import { PER_PROTOCOL, TCP, UDP, isIcmp, placeOf } from "./service.ts";

/**
 * A set of conversations, in the words of the conversation and not of one packet of it: family, the machine's address,
 * the client's address, the service asked, and the client's own port. IPv4 and IPv6 live in one set and never mix.
 * Equal sets are one object: compare them with `===`.
 */
export type PacketSet = diagram.Node;

/** One conversation. `clientPort` is 0 to 65535, and 0 where the protocol has no ports. */
export interface Packet {
  readonly machine: Address;
  readonly client: Address;
  readonly service: Service;
  readonly clientPort: number;
}

export type Dimension = "family" | "machine" | "client" | "service" | "clientPort";

// The order of the levels. An address takes one level a word; clients come before services because rules name few
// services and many clients.
export const FAMILY = 0;
const MACHINE = 1;
export const CLIENT = 4;
export const SERVICE = 7;
export const CLIENT_PORT = 8;
const LEVELS = {
  family: [FAMILY, FAMILY],
  machine: [MACHINE, MACHINE + 2],
  client: [CLIENT, CLIENT + 2],
  service: [SERVICE, SERVICE],
  clientPort: [CLIENT_PORT, CLIENT_PORT],
} as const satisfies Record<Dimension, readonly [number, number]>;

const PORTS = 65_536;
const SERVICES = 256 * PER_PROTOCOL;

export const nothing: PacketSet = diagram.NONE;
export const everything: PacketSet = diagram.ALL;
export const { and, or, minus, anyOf } = diagram;

export const isEmpty = (set: PacketSet): boolean => set === nothing;
export const within = (a: PacketSet, b: PacketSet): boolean => minus(a, b) === nothing;
export const meets = (a: PacketSet, b: PacketSet): boolean => and(a, b) !== nothing;
export const not = (set: PacketSet): PacketSet => minus(everything, set);

/**
 * The set without what it says of one dimension: whatever is in it for some value there is in it for every value. The
 * family says how addresses are to be read, so it is forgotten only together with both.
 */
export const some = (set: PacketSet, dimension: Dimension): PacketSet => {
  const [first, last] = LEVELS[dimension];
  return diagram.some(set, first, last);
};

/** Everything a client in the set could be asking, from any port, to any machine: only the clients remain. */
export const clientsOf = (set: PacketSet): PacketSet => some(some(some(set, "machine"), "service"), "clientPort");

/** Numbers `first` to `last` of a level that ends before `end`. */
const span = (level: number, first: number, last: number, end: number, inside: PacketSet = everything): PacketSet => {
  if (!(Number.isInteger(first) && Number.isInteger(last) && first >= 0 && first <= last && last < end))
    throw new RangeError(`${first} to ${last} is no range below ${end}`);
  return diagram.run(level, first, last + 1 === end ? Infinity : last + 1, inside);
};

const families = {
  4: diagram.run(FAMILY, 0, 1),
  6: diagram.run(FAMILY, 1, Infinity),
} as const;

export const family = (of: 4 | 6): PacketSet => families[of];

/** Addresses under a prefix, host bits ignored, in the words from `level` on. */
const addresses = (level: number, { address: { family: of, words }, bits }: Prefix, below = everything): PacketSet => {
  if (!(Number.isInteger(bits) && bits >= 0 && bits <= ADDRESS_BITS[of])) throw new RangeError(`/${bits} is no prefix`);
  const widths: readonly number[] = WORD_BITS[of];
  let inside = below;
  for (let i = words.length - 1; i >= 0; i--) {
    const width = widths[i] ?? 0;
    const free = freeBits(of, bits, i);
    if (free === width) continue;
    const word = words[i] ?? 0;
    const size = 2 ** free;
    const first = word - (word % size);
    inside = span(level + i, first, first + size - 1, 2 ** width, inside);
  }
  return of === 4 ? diagram.run(FAMILY, 0, 1, inside) : diagram.run(FAMILY, 1, Infinity, inside);
};

/** Conversations whose client is under the prefix (host bits are ignored: look for them before). */
export const clients = (prefix: Prefix): PacketSet => addresses(CLIENT, prefix);
/** The same, of them only those that are in `services`, a set that speaks of services and client's ports alone. */
export const clientsAsking = (prefix: Prefix, services: PacketSet): PacketSet => addresses(CLIENT, prefix, services);
/** Whether a set speaks of services and client's ports alone. */
export const isOfServices = (set: PacketSet): boolean => diagram.levelOf(set) >= SERVICE;
/** Conversations whose machine is dialled at an address under the prefix. */
export const machines = (prefix: Prefix): PacketSet => addresses(MACHINE, prefix);

const whole = (address: Address): Prefix => ({ address, bits: address.family === 4 ? 32 : 128 });
export const client = (address: Address): PacketSet => clients(whole(address));
export const machine = (address: Address): PacketSet => machines(whole(address));

/** Every port, type and code of one protocol, 0 to 255. */
export const protocol = (number: number): PacketSet => ports(number, 0, PORTS - 1);

/** Ports `first` to `last` of one protocol, both included. An inverted range throws. */
export const ports = (number: number, first: number, last: number): PacketSet => {
  if (!(Number.isInteger(number) && Number.isInteger(first) && Number.isInteger(last) && first >= 0 && last < PORTS))
    throw new RangeError(`${first} to ${last} are no ports`);
  const base = number * PER_PROTOCOL;
  return span(SERVICE, base + first, base + last, SERVICES);
};

/** ICMP messages of one type, 0 to 255, and one code or all of them. */
export const icmp = (number: number, type: number, code?: number): PacketSet => {
  if (!(type >= 0 && type < 256) || (code !== undefined && !(code >= 0 && code < 256)))
    throw new RangeError(`type ${type} code ${code ?? "any"} is no ICMP message`);
  return ports(number, type * 256 + (code ?? 0), type * 256 + (code ?? 255));
};

/** One service; a protocol that has neither ports nor types is one as a whole. */
export const service = ({ protocol: number, port }: Service): PacketSet =>
  hasClientPort(number) || isIcmp(number) ? ports(number, port, port) : protocol(number);

/** The client's own ports `first` to `last`, both included. */
export const clientPorts = (first: number, last: number): PacketSet => span(CLIENT_PORT, first, last, PORTS);

/**
 * Conversations as clients begin them: over TCP and UDP from a port between 1024 and 65535 (old and new systems, and
 * address translators, use different parts of it); other protocols have no such port.
 */
export const begun: PacketSet = minus(everything, and(or(protocol(TCP), protocol(UDP)), clientPorts(0, 1023)));

export const hasClientPort = (number: number): boolean => number === TCP || number === UDP;

/** Whether a set that speaks of services and nothing else holds one. */
export const holds = (services: PacketSet, asked: Service): boolean => diagram.has(services, atService(asked));
const atService = (asked: Service): readonly number[] => {
  SERVICE_VALUES[SERVICE] = placeOf(asked);
  return SERVICE_VALUES;
};
const SERVICE_VALUES: number[] = new Array<number>(CLIENT_PORT + 1).fill(0);

/** Whether the conversation is in the set. */
export const has = (set: PacketSet, packet: Packet): boolean => diagram.has(set, valuesOf(packet));

const valuesOf = ({ machine: dialled, client: from, service: asked, clientPort }: Packet): readonly number[] => [
  from.family === 4 ? 0 : 1,
  ...padded(dialled),
  ...padded(from),
  placeOf(asked),
  clientPort,
];
const padded = ({ words: [first, second = 0, third = 0] }: Address): readonly number[] => [first, second, third];
