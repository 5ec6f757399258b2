/**
 * One IP address. `words` are what sets compute with: IPv4 is one number below 2^32; IPv6 is three, of 48, 48 and
 * 32 bits, because a number is exact up to 2^53.
 */
export type Address =
  | { readonly family: 4; readonly words: readonly [number] }
  | { readonly family: 6; readonly words: readonly [number, number, number] };

/** A CIDR: an address and how many of its leading bits count. */
export interface Prefix {
  readonly address: Address;
  readonly bits: number;
}

/** Bits of each word of an address, by family. */
export const WORD_BITS = { 4: [32], 6: [48, 48, 32] } as const;
export const ADDRESS_BITS = { 4: 32, 6: 128 } as const;

/** The same address as one integer of 32 or 128 bits. */
export const toInteger = ({ family, words }: Address): bigint =>
  family === 4 ? BigInt(words[0]) : (BigInt(words[0]) << 80n) | (BigInt(words[1]) << 32n) | BigInt(words[2]);

export const fromInteger = (family: 4 | 6, value: bigint): Address =>
  family === 4
    ? { family, words: [Number(value)] }
    : { family, words: [Number(value >> 80n), Number((value >> 32n) & 0xffffffffffffn), Number(value & 0xffffffffn)] };

/** Bits below the prefix that are not zero: `10.1.2.3/8` has them, and so does not say clearly which range it means. */
export const hasHostBits = ({ address, bits }: Prefix): boolean => {
  if (address.family === 4) return address.words[0] % 2 ** (32 - bits) !== 0;
  return address.words.some((word, i) => word % 2 ** freeBits(6, bits, i) !== 0);
};

/** How many bits of word `i` lie below a prefix of that many bits. */
export const freeBits = (family: 4 | 6, bits: number, i: number): number => {
  const widths: readonly number[] = WORD_BITS[family];
  const width = widths[i] ?? 0;
  const before = family === 4 ? 0 : i * 48;
  return Math.min(Math.max(before + width - bits, 0), width);
};

/** Whether every address under `inner` is under `outer`. */
export const isUnder = (inner: Prefix, outer: Prefix): boolean => {
  const { family } = outer.address;
  if (inner.address.family !== family || inner.bits < outer.bits) return false;
  return outer.address.words.every((word, i) => {
    const size = 2 ** freeBits(family, outer.bits, i);
    return Math.floor(word / size) === Math.floor((inner.address.words[i] ?? 0) / size);
  });
};

/** The first and last address of a prefix, as integers. */
export const bounds = ({ address, bits }: Prefix): readonly [bigint, bigint] => {
  const size = 1n << BigInt(ADDRESS_BITS[address.family] - bits);
  const first = (toInteger(address) / size) * size;
  return [first, first + size - 1n];
};

/** Strict dotted quad: four decimal numbers to 255, no leading zero, no blank. Undefined for anything else. */
export const parseV4 = (text: string, end = text.length): number | undefined => {
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57) {
      if (octet === 0) return undefined;
      octet = octet === -1 ? code - 48 : octet * 10 + code - 48;
      if (octet > 255) return undefined;
    } else if (code === 46 && octet !== -1 && dots < 3) {
      value = value * 256 + octet;
      octet = -1;
      dots++;
    } else return undefined;
  }
  return dots === 3 && octet !== -1 ? value * 256 + octet : undefined;
};

/** The value of a hexadecimal digit by its character code, or -1. */
const hexDigit = (code: number): number => {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
};

/** Eight groups of 16 bits, of which `::` stands for one or more zero groups, and the last two may be a dotted quad. */
const parseV6 = (text: string): Address | undefined => {
  const groups = [0, 0, 0, 0, 0, 0, 0, 0];
  let count = 0;
  let gap = -1;
  let at = 0;
  if (text.startsWith("::")) {
    gap = 0;
    at = 2;
  } else if (text.startsWith(":")) return undefined;
  while (at < text.length) {
    let value = 0;
    let digits = 0;
    const start = at;
    for (; at < text.length && digits <= 4; at++, digits++) {
      const digit = hexDigit(text.charCodeAt(at));
      if (digit === -1) break;
      value = value * 16 + digit;
    }
    if (text.charCodeAt(at) === 46) {
      const quad = parseV4(text.slice(start));
      if (quad === undefined) return undefined;
      groups[count++] = Math.floor(quad / 65_536);
      groups[count++] = quad % 65_536;
      at = text.length;
      break;
    }
    if (digits < 1 || digits > 4 || count === 8) return undefined;
    groups[count++] = value;
    if (at === text.length) break;
    if (text.charCodeAt(at) !== 58) return undefined;
    at++;
    if (text.charCodeAt(at) === 58) {
      if (gap !== -1) return undefined;
      gap = count;
      at++;
    } else if (at === text.length) return undefined; // ends in one colon
  }
  const missing = 8 - count;
  if (gap === -1 ? missing !== 0 : missing < 1) return undefined;
  if (gap !== -1) groups.copyWithin(gap + missing, gap, count).fill(0, gap, gap + missing);
  return { family: 6, words: [join(groups, 0, 2), join(groups, 3, 5), join(groups, 6, 7)] };
};

const join = (groups: readonly number[], first: number, last: number): number => {
  let word = 0;
  for (let i = first; i <= last; i++) word = word * 65_536 + (groups[i] ?? 0);
  return word;
};

/** An address as RFC 4291 and dotted quads write it; no zone, no blanks, no IPv4 inside IPv6 (`::ffff:…` is an error). */
export const parseAddress = (text: string): Address | undefined => {
  if (!text.includes(":")) {
    const value = parseV4(text);
    return value === undefined ? undefined : { family: 4, words: [value] };
  }
  const address = parseV6(text);
  return address !== undefined && isMapped(address) ? undefined : address;
};

const isMapped = ({ family, words }: Address): boolean => family === 6 && words[0] === 0 && words[1] === 0xffff;

/** `address/bits`, host bits and all: whoever reads it decides what host bits mean. */
export const parsePrefix = (text: string): Prefix | undefined => {
  const slash = text.indexOf("/");
  if (slash === -1) return undefined;
  const bits = parseBits(text, slash + 1);
  if (bits === undefined) return undefined;
  if (bits <= 32) {
    const value = parseV4(text, slash);
    if (value !== undefined) return { address: { family: 4, words: [value] }, bits };
  }
  const address = parseAddress(text.slice(0, slash));
  return address !== undefined && bits <= ADDRESS_BITS[address.family] ? { address, bits } : undefined;
};

/** One to three digits to the end of the text, without a leading zero. */
const parseBits = (text: string, from: number): number | undefined => {
  const length = text.length - from;
  if (length < 1 || length > 3 || (length > 1 && text.charCodeAt(from) === 48)) return undefined;
  let bits = 0;
  for (let i = from; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    bits = bits * 10 + digit;
  }
  return bits;
};

/** The address as people write it; IPv6 by RFC 5952 (lower case, the longest run of zero groups as `::`). */
export const formatAddress = (address: Address): string => {
  if (address.family === 4) {
    const [value] = address.words;
    return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
  }
  const groups = toInteger(address).toString(16).padStart(32, "0").match(/.{4}/g) ?? [];
  const text = groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":");
  const zeros = (text.match(/(?:^|(?<=:))0(?::0)+(?=:|$)/g) ?? []).reduce((a, b) => (b.length > a.length ? b : a), "");
  if (zeros === "") return text;
  const at = text.search(new RegExp(`(?:^|(?<=:))${zeros}(?=:|$)`));
  return `${text.slice(0, at).replace(/:$/, "")}::${text.slice(at + zeros.length).replace(/^:/, "")}`;
};

export const formatPrefix = ({ address, bits }: Prefix): string => `${formatAddress(address)}/${bits}`;
