import type { Evidence } from "#model/evidence.ts";
import { gap } from "#model/gap.ts";
import type { Final, Place } from "#model/gate.ts";
import { problems } from "#problems.ts";
import type { Facts } from "./facts.ts";
import { doubtfulHop, state } from "#model/hop.ts";
import type { Instance } from "./instance.ts";

/** Whether a machine runs, where that is plain. */
export const isRunning = ({ contradictions }: Facts, { path, status }: Instance): boolean | undefined => {
  // Paths are long, and put together only where somebody looks for one.
  if (status === undefined || (contradictions.size > 0 && contradictions.has(path))) return undefined;
  return status === "RUNNING" ? true : DOWN.has(status) ? false : undefined;
};

/** Only a machine that runs answers (gcp.md A6). */
export const machineState = (facts: Facts, { path, id, status, name, at }: Instance): Final => {
  const place: Place = { kind: "machine-state", id };
  const contradiction = facts.contradictions.get(path);
  if (contradiction !== undefined) return doubtfulHop(place, contradiction);
  if (status === undefined) {
    const how = "gcloud compute instances list --format=json";
    return doubtfulHop(place, gap("missing", problems.missing(`the status of ${name}`, how), at));
  }
  const source = { file: at.file, pointer: `${at.pointer}/status` };
  const seen: Evidence = { saw: "state", says: status, source };
  if (CHANGING.has(status)) return doubtfulHop(place, gap("depends", problems.changing(name, status), source));
  if (status !== "RUNNING" && !DOWN.has(status)) {
    const what = problems.newerThanThis(`the status "${status}"`, `${source.file}#${source.pointer}`);
    return doubtfulHop(place, gap("unreadable", what, source));
  }
  return state(place, status === "RUNNING" ? "allow" : "timeout", seen);
};

const DOWN = new Set(["STOPPED", "SUSPENDED", "TERMINATED"]);

const CHANGING = new Set([
  "PENDING",
  "PROVISIONING",
  "STAGING",
  "PENDING_STOP",
  "STOPPING",
  "SUSPENDING",
  "REPAIRING",
  "DEPROVISIONING",
]);
