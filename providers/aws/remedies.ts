import type { Place } from "#model/gate.ts";
import type { Remedy } from "#model/inventory.ts";
import type { PacketSet } from "#packets/set.ts";
import type { Facts } from "./facts.ts";
import type { NetworkInterface } from "./network-interface.ts";
import type { Judges } from "./ways.ts";

export const remediesFor = (
  _facts: Facts,
  _judge: Judges,
  _place: Place,
  _direction: "request" | "reply",
  _open: PacketSet,
  _to: NetworkInterface,
): readonly Remedy[] => [];
