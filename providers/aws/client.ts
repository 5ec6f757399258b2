import type { Match } from "#model/match.ts";
import { exactly, perhaps } from "#model/match.ts";
import { gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import { clients, everything } from "#packets/set.ts";
import { readPrefix } from "#packets/text.ts";
import { parsePrefix } from "#packets/address.ts";
import { problems } from "#problems.ts";

const known = new Map<string, Match>();

/** The clients under a CIDR as the cloud printed it. One that is not clear matches possibly, as widely as it may mean. */
export const cidrClients = (cidr: string, at: Source): Match => {
  const before = known.get(cidr);
  if (before !== undefined) return before;
  const read = readPrefix(cidr);
  const where = `${at.file}#${at.pointer}`;
  if (read.is === "good") {
    const match = exactly(clients(read.value));
    known.set(cidr, match);
    return match;
  }
  const prefix = parsePrefix(cidr);
  return read.because.fault === "host-bits" && prefix !== undefined
    ? perhaps(clients(prefix), gap("unreadable", problems.hostBits(cidr, read.because.meant, where), at))
    : perhaps(everything, gap("unreadable", problems.badAddress(cidr, where), at));
};
