import type { Fix } from "#model/answer.ts";
import type { Inventory, Machine } from "#model/inventory.ts";
import type { PacketSet } from "#packets/set.ts";
import type { Verdict } from "#resolve/verdict.ts";

export const findFixes = (_inventory: Inventory, _machine: Machine, _verdict: Verdict, _question: PacketSet): readonly Fix[] => [];
