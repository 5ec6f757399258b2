import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import type { Prefix } from "#packets/address.ts";
import { isUnder } from "#packets/address.ts";
import type { PacketSet } from "#packets/set.ts";
import { everything, family } from "#packets/set.ts";
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

/**
 * All packets that could come like this: those of the family that is dialled. A rule that matches none of them is as good
 * as none, and what is made of the others is smaller without the rest.
 */
export const coming = ({ dials: [dialled] }: Arrival): PacketSet =>
  dialled === undefined ? everything : family(dialled.includes(":") ? 6 : 4);

/** Whether all of some addresses are in some range of a list, none, or only a part of them. */
export const hit = (
  addresses: readonly (Prefix | undefined)[],
  list: readonly (Prefix | undefined)[],
): "yes" | "no" | "perhaps" | "unreadable" => {
  if (list.includes(undefined)) return "unreadable";
  let hits = 0;
  for (const own of addresses) if (own !== undefined && isInSome(own, list)) hits++;
  return hits === addresses.length ? "yes" : hits > 0 ? "perhaps" : "no";
};

const isInSome = (own: Prefix, list: readonly (Prefix | undefined)[]): boolean => {
  for (const range of list) if (range !== undefined && isUnder(own, range)) return true;
  return false;
};

/** Whether the destination is in one of the ranges: yes, no, or it is not documented which address is compared. */
export const isDialled = (
  { dials }: Arrival,
  ranges: readonly string[],
  at: Source,
): { readonly is: "yes" | "no" } | { readonly is: "perhaps"; readonly gap: Gap } => {
  const is = hit(dials.map(rangeOf), ranges.map(rangeOf));
  switch (is) {
    case "yes":
    case "no":
      return { is };
    case "unreadable": {
      const where = `${at.file}#${at.pointer}`;
      return { is: "perhaps", gap: gap("unreadable", problems.badAddress(ranges.join(", "), where), at) };
    }
    case "perhaps": {
      const what = "Whether destination ranges are compared with the external address or the internal one";
      return { is: "perhaps", gap: gap("unverified", problems.notDocumented(what), at) };
    }
  }
};
