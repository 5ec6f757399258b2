import type { Match } from "#model/match.ts";
import { exactly, perhaps } from "#model/match.ts";
import { gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import { clients, everything } from "#packets/set.ts";
import { readPrefix } from "#packets/text.ts";
import { parsePrefix } from "#packets/address.ts";
import { problems } from "#problems.ts";

/** The clients under a CIDR as the cloud printed it. One that is not clear matches possibly, as widely as it may mean. */
export const cidrClients = (cidr: string, at: Source): Match => {
  const read = readPrefix(cidr);
  if (read.is === "good") return exactly(clients(read.value));
  const where = `${at.file}#${at.pointer}`;
  const prefix = parsePrefix(cidr);
  return read.because.fault === "host-bits" && prefix !== undefined
    ? perhaps(clients(prefix), gap("unreadable", problems.hostBits(cidr, read.because.meant, where), at))
    : perhaps(everything, gap("unreadable", problems.badAddress(cidr, where), at));
};
