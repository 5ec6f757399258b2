import { gap } from "#model/gap.ts";
import type { Match } from "#model/match.ts";
import { either, exactly, perhaps } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import type { Prefix } from "#packets/address.ts";
import { parseAddress, parsePrefix } from "#packets/address.ts";
import { clients, everything } from "#packets/set.ts";
import { problems } from "#problems.ts";

/** A range as the cloud accepts them: a CIDR, with host bits or without, or one address alone (gcp.md A4). */
export const rangeOf = (text: string): Prefix | undefined => {
  const address = parseAddress(text);
  return address === undefined ? parsePrefix(text) : { address, bits: address.family === 4 ? 32 : 128 };
};

/** The clients in a range. One that cannot be read may be any. */
export const rangeClients = (text: string, at: Source): Match => {
  const prefix = rangeOf(text);
  return prefix === undefined
    ? perhaps(everything, gap("unreadable", problems.badAddress(text, `${at.file}#${at.pointer}`), at))
    : exactly(clients(prefix));
};

/** The clients in some range of a list. */
export const listClients = (list: unknown, at: Source): Match =>
  either((Array.isArray(list) ? list : []).map((each, i) => rangeClients(String(each), inside(at, i))));
