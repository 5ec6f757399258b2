import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { problems } from "#problems.ts";
import type { Raw } from "./raw.ts";
import { text } from "./raw.ts";

/** Rules are for what comes in to a machine, or for what goes out of it. */
export type Direction = "INGRESS" | "EGRESS";

const KNOWN: ReadonlyMap<string, readonly Direction[]> = new Map([
  ["INGRESS", ["INGRESS"]],
  ["EGRESS", ["EGRESS"]],
]);

/** One without a direction is for what comes in (gcp.md A2); one with a direction that nobody knows may be for either. */
export const directionsOf = (rule: Raw): readonly Direction[] =>
  KNOWN.get(text(rule["direction"])?.toUpperCase() ?? "INGRESS") ?? ["INGRESS", "EGRESS"];

/** Why it is not known which direction a rule is for. */
export const directionGap = (rule: Raw, at: Source): Gap | undefined => {
  if (directionsOf(rule).length === 1) return undefined;
  const what = `the direction "${text(rule["direction"]) ?? ""}"`;
  return gap("unreadable", problems.newerThanThis(what, `${at.file}#${at.pointer}`), inside(at, "direction"));
};
