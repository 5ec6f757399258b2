import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import { isUnder } from "#packets/address.ts";
import { problems } from "#problems.ts";
import { rangeOf } from "./client.ts";

/**
 * How packets come to an interface, which rules may ask about and no address tells (gcp.md A4): from the internet to an
 * external address, from the same network, from a peered one, from beyond (VPN, interconnect), or from a proxy of Google.
 */
export interface Arrival {
  readonly from: "internet" | "network" | "peering" | "beyond" | "google";
  /** What the client dials, and what the machine has instead where that is translated. */
  readonly dials: readonly string[];
}

/** Whether the destination is in one of the ranges: yes, no, or it is not documented which address is compared. */
export const isDialled = (
  { dials }: Arrival,
  ranges: readonly string[],
  at: Source,
): { readonly is: "yes" | "no" } | { readonly is: "perhaps"; readonly gap: Gap } => {
  const wanted = ranges.map(rangeOf);
  const hits = dials.map((text) => {
    const own = rangeOf(text);
    return own !== undefined && wanted.some((range) => range !== undefined && isUnder(own, range));
  });
  if (wanted.includes(undefined)) {
    const where = `${at.file}#${at.pointer}`;
    return { is: "perhaps", gap: gap("unreadable", problems.badAddress(ranges.join(", "), where), at) };
  }
  if (hits.every(Boolean) || !hits.some(Boolean)) return { is: hits.some(Boolean) ? "yes" : "no" };
  const what = `whether destination ranges are compared with ${dials.join(" or ")}`;
  return { is: "perhaps", gap: gap("unverified", problems.notDocumented(what), at) };
};
