import type { Source } from "#model/source.ts";
import type { Raw } from "./raw.ts";
import { nameOf, raw, regionOf, text } from "./raw.ts";

/** A virtual machine: who owns it and whether it runs. */
export interface Instance {
  readonly id: string;
  readonly name: string | undefined;
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly state: string | undefined;
  readonly at: Source;
}

/** Reads `Reservations[].Instances[]`. */
export const readInstance = (instance: Raw, owner: string | undefined, at: Source): Instance | undefined => {
  const id = text(instance["InstanceId"]);
  if (id === undefined) return undefined;
  return {
    id,
    name: nameOf(instance),
    account: owner,
    region: regionOf(text(raw(instance["Placement"])["AvailabilityZone"])),
    state: text(raw(instance["State"])["Name"]),
    at,
  };
};
