import type { OtherWay } from "#model/answer.ts";
import type { Inventory, Machine } from "#model/inventory.ts";
import type { Service } from "#packets/service.ts";
import { and, begun, service } from "#packets/set.ts";
import { gapsOf } from "./explain.ts";
import { walk } from "./walk.ts";

/** Other ways in that nothing surely stops. */
export const otherWays = (inventory: Inventory, machine: Machine, asked: Service): readonly OtherWay[] =>
  inventory.alternatives(machine, asked).flatMap(({ kind, id, says, cli, way, depends }): readonly OtherWay[] => {
    const ruling = walk(way, and(service(asked), begun));
    if (ruling.answer === "blocked") return [];
    const certain = ruling.answer === "reachable" && ruling.clientPorts === undefined;
    const [why = depends] = gapsOf([ruling]);
    const doubt = certain || why === undefined ? "" : ` It may not get through: ${why.says}`;
    return [{ kind, id, certain, says: `${says}${doubt}`, cli }];
  });
