import type { Place } from "#model/gate.ts";
import type { Inventory, Remedy } from "#model/inventory.ts";
import { exactSources } from "#packets/internet.ts";
import { serviceRuns } from "#packets/runs.ts";
import { PER_PROTOCOL } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import type { Change, Wanted } from "./change.ts";
import { addEgressRule, addRule } from "./change-firewall.ts";
import { amendPolicy } from "./change-policy.ts";
import { addRoute } from "./change-route.ts";
import { giveAddress, startMachine } from "./change-state.ts";
import type { Facts } from "./facts.ts";
import type { End, Judges } from "./ways.ts";

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
  end: End,
): readonly Remedy[] => {
  const want = wanted(open);
  if (want === undefined || !isSafe(end)) return [];
  return changesAt(facts, judge, place, direction, want, end)
    .filter((change) => change !== undefined)
    .map(({ says, cli, terraform, facts: after, touches }) => ({
      says,
      cli,
      terraform,
      after: () => make({ ...after, read: {} }),
      touches: () =>
        after.instances.all.flatMap((instance) => instance.interfaces.filter((nic) => touches({ nic, instance }))),
    }));
};

/** Names stand in commands, so they are what the cloud makes of them, or there is no command. */
const isSafe = ({ nic, instance }: End): boolean =>
  [instance.name, nic.name, instance.zone ?? "", instance.project ?? ""].every((name) => /^[a-z0-9:.-]+$/.test(name)) &&
  /^projects\/[a-z0-9:.-]+\/global\/networks\/[a-z0-9-]+$/.test(nic.network);

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

const changesAt = (
  facts: Facts,
  judge: Judges,
  place: Place,
  direction: "request" | "reply",
  want: Wanted,
  end: End,
): readonly (Change | undefined)[] => {
  switch (place.kind) {
    case "machine-state":
      return [startMachine(facts, end)];
    case "public-address":
      return [giveAddress(facts, place, want, end)];
    case "firewall-rule":
    case "implied-rule":
      return [addRule(facts, judge, want, end), addEgressRule(facts, judge, want, end)];
    case "firewall-policy":
      return [amendPolicy(facts, place, "goto_next", want, end), amendPolicy(facts, place, "allow", want, end)];
    case "route":
      return direction === "reply" ? [addRoute(facts, want, end)] : [];
    default:
      return [];
  }
};
