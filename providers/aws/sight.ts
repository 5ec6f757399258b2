import type { Gap } from "#model/gap.ts";
import type { Final } from "#model/gate.ts";
import type { Hop, Sees, Sight } from "#model/way.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, clientPorts, everything, family } from "#packets/set.ts";
import { under } from "./neighbours.ts";
import type { NetworkInterface } from "./network-interface.ts";

/** The client itself, whom nothing hides. */
export const OWN: Sight = { hides: [], instead: everything };

/** Anybody at all: the sight of a thing of which nothing was read. */
export const anybody: Sight = { hides: ["family", "machine", "client", "clientPort"], instead: everything };

/** A node of a balancer in the client's place: one of its addresses, from one of its own ports (aws.md A.6). */
export const fromNode = (node: NetworkInterface, of: 4 | 6): Sight => ({
  hides: ["family", "machine", "client", "clientPort"],
  instead: and(addressesIn(node, of), clientPorts(1024, 65_535)),
});

/** The same, from the port that the client sends from. */
export const nodeAddress = (node: NetworkInterface, of: 4 | 6): Sight => ({
  hides: ["family", "machine", "client"],
  instead: addressesIn(node, of),
});

/** A node speaks in a family in which no address of it was read: then it may be any. */
const addressesIn = ({ v4, v4Prefixes, v6, v6Prefixes }: NetworkInterface, of: 4 | 6): PacketSet => {
  const own =
    of === 4
      ? [...v4.map((each) => `${each.private}/32`), ...v4Prefixes]
      : [...v6.map((each) => `${each}/128`), ...v6Prefixes];
  return own.length === 0 ? family(of) : anyOf(own.map(under));
};

/** One sight or the other. */
export const orElse = (sight: Sight, other: Sight): Sight =>
  sight.or === undefined ? { ...sight, or: other } : { ...sight, or: orElse(sight.or, other) };

export const seeing = (gate: Final, sight: Sight | undefined, depends: Gap): Hop =>
  sight === undefined ? { gate } : { gate, sees: { ...sight, depends } };

/** The hop where another port is dialled than the machine's; one that sees yet another service keeps it. */
export const atPort = (hop: Hop, dialled: PacketSet): Hop => {
  const { sees } = hop;
  const dialling = (sight: Sight): Sight => {
    const { or: other } = sight;
    const known = sight.hides.includes("service")
      ? sight
      : { hides: [...sight.hides, "service"] as const, instead: and(sight.instead, dialled) };
    return other === undefined ? known : { ...known, or: dialling(other) };
  };
  const made: Sees = { ...sees, ...dialling(sees ?? OWN) };
  return { gate: hop.gate, sees: made };
};
