import type { Place } from "#model/gate.ts";
import type { Inventory, Remedy } from "#model/inventory.ts";
import { exactSources } from "#packets/internet.ts";
import { serviceRuns } from "#packets/runs.ts";
import { PER_PROTOCOL } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import { keyOf } from "./arm-id.ts";
import { addRoute } from "./change-route.ts";
import { addGroup, addRule } from "./change-rule.ts";
import { giveAddress, startMachine } from "./change-state.ts";
import type { Change, Wanted } from "./change.ts";
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
  { facts, judge, make }: World,
  place: Place,
  direction: "request" | "reply",
  open: PacketSet,
  config: IpConfig,
): readonly Remedy[] => {
  const want = wanted(open);
  if (want === undefined) return [];
  return changesAt(facts, judge, place, direction, want, open, config)
    .filter((change) => change !== undefined)
    .map(({ says, cli, terraform, facts: after, touches }) => ({
      says,
      cli,
      terraform,
      after: () => make({ ...after, read: {} }),
      touches: () => [...after.nics.values()].flatMap(({ configs }) => configs.filter(touches)),
    }));
};

/** One client and one service, or undefined where it is more. */
const wanted = (open: PacketSet): Wanted | undefined => {
  const [client, ...others] = exactSources(open);
  const [run] = serviceRuns(open);
  if (client === undefined || others.length > 0 || run === undefined) return undefined;
  return {
    client,
    v6: client.includes(":"),
    protocol: Math.floor(run[0] / PER_PROTOCOL),
    port: run[0] % PER_PROTOCOL,
  };
};

/** A Standard address lets nobody in where no group stands, so that both come together. */
const giveBoth = (facts: Facts, place: Place, want: Wanted, config: IpConfig): Change | undefined => {
  const first = giveAddress(facts, place, want, config);
  const own = first?.facts.nics.get(config.nic.key)?.configs.find(({ key }) => key === config.key);
  const second = first === undefined || own === undefined ? undefined : addGroup(first.facts, want, own);
  if (first === undefined || second === undefined) return undefined;
  return {
    says: `${first.says} ${second.says}`,
    cli: `${first.cli} && ${second.cli}`,
    terraform: `${first.terraform}\n\n${second.terraform}`,
    facts: second.facts,
    touches: second.touches,
  };
};

/** An admin rule is for those who rule over many networks, and no change here undoes it (azure.md A11). */
const changesAt = (
  facts: Facts,
  judge: Judges,
  place: Place,
  direction: "request" | "reply",
  want: Wanted,
  open: PacketSet,
  config: IpConfig,
): readonly (Change | undefined)[] => {
  switch (place.kind) {
    case "machine-state":
      return [startMachine(facts, config)];
    case "public-address":
      return [giveAddress(facts, place, want, config), giveBoth(facts, place, want, config)];
    case "network-security-group":
      return facts.things.networkSecurityGroups.has(keyOf(place.id))
        ? (["Inbound", "Outbound"] as const).map((way) => addRule(facts, judge, place.id, way, want, open, config))
        : [addGroup(facts, want, config)];
    case "route":
      return direction === "reply" ? [addRoute(facts, judge, want, config)] : [];
    default:
      return [];
  }
};
