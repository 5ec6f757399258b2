import type { Prefix } from "#packets/address.ts";
import { parseAddress, parsePrefix } from "#packets/address.ts";
import type { PacketSet } from "#packets/set.ts";
import { anyOf, clients, nothing } from "#packets/set.ts";

/** A range as Azure accepts them: a CIDR, with host bits or without, or one address alone. */
export const rangeOf = (text: string): Prefix | undefined => {
  const address = parseAddress(text);
  return address === undefined ? parsePrefix(text) : { address, bits: address.family === 4 ? 32 : 128 };
};

/** Clients under a text that an answer gives as an address or a CIDR; nobody where it is none. */
export const under = (text: string | undefined): PacketSet => {
  const prefix = text === undefined ? undefined : rangeOf(text);
  return prefix === undefined ? nothing : clients(prefix);
};

export const underAny = (texts: readonly string[]): PacketSet => anyOf(texts.map(under));

/** Clients between two addresses, both included, as firewalls accept them: `10.0.0.1-10.0.0.9`. */
export const between = (text: string): PacketSet | undefined => {
  const [from, to, ...more] = text.split("-").map((each) => parseAddress(each.trim()));
  if (from?.family !== 4 || to?.family !== 4 || more.length > 0 || from.words[0] > to.words[0]) return undefined;
  const sets: PacketSet[] = [];
  for (let at = from.words[0]; at <= to.words[0]; ) {
    let size = 1;
    while (size < 2 ** 32 && at % (size * 2) === 0 && at + size * 2 - 1 <= to.words[0]) size *= 2;
    sets.push(clients({ address: { family: 4, words: [at] }, bits: 32 - Math.log2(size) }));
    at += size;
  }
  return anyOf(sets);
};
