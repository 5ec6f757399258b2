import type { Place } from "#model/gate.ts";
import type { Inventory, Remedy } from "#model/inventory.ts";
import type { PacketSet } from "#packets/set.ts";
import type { Facts } from "./facts.ts";
import type { Judges } from "./judges.ts";
import type { IpConfig } from "./network-interface.ts";

/** What changes are made to. */
export interface World {
  readonly facts: Facts;
  readonly judge: Judges;
  readonly make: (facts: Facts) => Inventory;
}

/** Changes at a place that may let one client's packets through, none wider than that client. Whoever asks tries them. */
export const remediesFor = (
  _world: World,
  _place: Place,
  _direction: "request" | "reply",
  _open: PacketSet,
  _config: IpConfig,
): readonly Remedy[] => [];
