import type { Evidence } from "#model/evidence.ts";
import { gap } from "#model/gap.ts";
import type { Final, Place } from "#model/gate.ts";
import { problems } from "#problems.ts";
import type { Facts } from "./facts.ts";
import { gapFor } from "./facts.ts";
import { doubtfulHop, state } from "#model/hop.ts";
import type { NetworkInterface } from "./network-interface.ts";

/** The machine runs and the interface is attached to it (aws.md A.1, 9). */
export const machineState = (facts: Facts, to: NetworkInterface): Final => {
  const { id, instance, at } = to;
  const place: Place = { kind: "machine-state", id: instance ?? id };
  const contradiction = facts.contradictions.get(id) ?? facts.contradictions.get(instance ?? id);
  if (contradiction !== undefined) return doubtfulHop(place, contradiction);
  const link = linkState(place, to);
  if (link !== undefined) return link;
  if (instance === undefined)
    return state(place, "allow", { saw: "state", says: `${id} (${to.type}) is in use`, source: at });
  const found = facts.instances.get(instance);
  if (found?.state === undefined)
    return doubtfulHop(place, gapFor(facts, "Reservations", `the state of ${instance}`, id, to, at));
  const { state: now, at: source } = found;
  const running: Evidence = { saw: "state", says: now, source };
  if (CHANGING.has(now)) return doubtfulHop(place, gap("depends", problems.changing(instance, now), source));
  if (now !== "running") return state(place, "timeout", running);
  if (to.device === 0 && to.card === undefined) return state(place, "allow", running);
  return state(place, "allow", running, {
    saw: "assumed",
    says: `the system of ${instance} answers through ${id}, its interface ${to.device}`,
    ask: "ip rule; ip route (on the machine)",
  });
};

const CHANGING = new Set(["pending", "stopping", "shutting-down", "associated", "attaching", "detaching"]);

/** What the interface's own state says, unless it is in use. */
const linkState = (place: Place, { id, status, attachment, at }: NetworkInterface): Final | undefined => {
  const now = status === "in-use" || status === undefined ? (attachment ?? status) : status;
  if (now === undefined)
    return doubtfulHop(
      place,
      gap("missing", problems.missing(`the state of ${id}`, "aws ec2 describe-network-interfaces --output json"), at),
    );
  if (now === "in-use" || now === "attached") return undefined;
  if (CHANGING.has(now)) return doubtfulHop(place, gap("depends", problems.changing(id, now), at));
  return state(place, "timeout", {
    saw: "state",
    says: `${id} is ${now}: it is attached to nothing that runs`,
    source: at,
  });
};
