import type { Dimension, PacketSet } from "#packets/set.ts";
import type { Final } from "./gate.ts";

/** Where a client's packets come from. */
export type Origin = "internet" | "network" | "peering" | "transit-gateway" | "vpn" | "load-balancer" | "accelerator" | "iap";

/**
 * One thing that packets meet on their way. Behind a rewrite (a load balancer that hides the client, a changed port)
 * it `sees` other values in the hidden dimensions than the client's own packet has.
 */
export interface Hop {
  readonly gate: Final;
  readonly sees?: { readonly hides: readonly Dimension[]; readonly instead: PacketSet };
}

/**
 * One way in. `carries` are the conversations it can bring at all, whatever stands in it; hops are in the order in
 * which packets meet them, first on the request and then on the reply.
 */
export interface Way {
  readonly origin: Origin;
  /** The address that the client dials, or the delegated prefix it is in, as text; absent where there is none. */
  readonly address?: string;
  readonly interface: string;
  readonly carries: PacketSet;
  readonly request: readonly Hop[];
  readonly reply: readonly Hop[];
}
