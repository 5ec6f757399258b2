import type { Dimension, PacketSet } from "#packets/set.ts";
import type { Gap } from "./gap.ts";
import type { Final, Place } from "./gate.ts";

/** Where a client's packets come from. */
export type Origin =
  | "internet"
  | "network"
  | "peering"
  | "transit-gateway"
  | "vpn"
  | "load-balancer"
  | "accelerator"
  | "iap";

/** What stands at a hop in place of the client's own packet: other values in the hidden dimensions, any of `instead`. */
export interface Sight {
  readonly hides: readonly Dimension[];
  readonly instead: PacketSet;
  /** What stands there by another reading, where it is not known which of the two holds. */
  readonly or?: Sight;
}

/** What a hop behind a rewrite sees. Where one thing that may stand there passes and another does not, it `depends`. */
export interface Sees extends Sight {
  /** On what it depends which of all this it is. */
  readonly depends?: Gap;
}

/** Whatever a gate lets through, and besides it anything from so many client addresses of each family. */
export interface Outline {
  readonly gate: Final;
  readonly besides: Readonly<Record<4 | 6, number>>;
}

/**
 * One thing that packets meet on their way. Behind a rewrite (a load balancer that hides the client, a changed port)
 * it `sees` other values in the hidden dimensions than the client's own packet has.
 */
export interface Hop {
  readonly gate: Final;
  /** What it lets through at most, where that is told without making its gate. */
  readonly atMost?: Outline;
  /** The gate for packets of one kind alone, where that is less to make. What it does with others means nothing. */
  readonly about?: (kind: PacketSet) => Final;
  readonly sees?: Sees;
}

/** What a client dials in the machine's stead. */
export interface Via {
  readonly place: Place;
  readonly host: string;
  /** Absent where it is the machine's own port. */
  readonly port?: number;
  /** Which of its doors, where it has several of the same name. */
  readonly door: string;
}

/**
 * One way in. `carries` are the conversations it can bring at all, whatever stands in it; hops are in the order in
 * which packets meet them, first on the request and then on the reply.
 */
export interface Way {
  readonly origin: Origin;
  /** The address that the client dials, or the delegated prefix it is in, as text; absent where there is none. */
  readonly address?: string;
  readonly via?: Via;
  /** Its clients are inside the network, although it is no network's way. */
  readonly isInside?: true;
  readonly interface: string;
  readonly carries: PacketSet;
  readonly request: readonly Hop[];
  readonly reply: readonly Hop[];
}
