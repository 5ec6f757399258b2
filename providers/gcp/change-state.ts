import type { Place } from "#model/gate.ts";
import { block, label } from "#model/terraform.ts";
import type { Change, Wanted } from "./change.ts";
import type { Facts } from "./facts.ts";
import { withInstance } from "./instances.ts";
import type { End } from "./ways.ts";

const STARTS: ReadonlyMap<string, string> = new Map([
  ["TERMINATED", "start"],
  ["STOPPED", "start"],
  ["SUSPENDED", "resume"],
]);

/** Stands for the address that is not allocated yet. */
const NEW_ADDRESS = "a new external address";

export const startMachine = (facts: Facts, { instance }: End): Change | undefined => {
  const { name, zone, project, status } = instance;
  const verb = STARTS.get(status ?? "");
  if (verb === undefined || zone === undefined || project === undefined) return undefined;
  const isGiven = instance.interfaces.some((nic) => nic.external.some(({ address }) => address === undefined));
  const interfaces = instance.interfaces.map((nic) =>
    nic.with(nic.external.map((each) => ({ ...each, address: each.address ?? NEW_ADDRESS }))),
  );
  return {
    says: isGiven
      ? `${verb === "start" ? "Start" : "Resume"} ${name}, which gives it an external address.`
      : `${verb === "start" ? "Start" : "Resume"} ${name}.`,
    cli: `gcloud compute instances ${verb} ${name} --zone=${zone} --project=${project}`,
    terraform: block("google_compute_instance", label(name), { name, zone, desired_status: "RUNNING" }),
    facts: { ...facts, instances: withInstance(facts.instances, instance.with({ interfaces, status: "RUNNING" })) },
    touches: (end) => end.instance.path === instance.path,
  };
};

export const giveAddress = (facts: Facts, place: Place, want: Wanted, { nic, instance }: End): Change | undefined => {
  const { name, zone, project } = instance;
  // An interface has one access configuration at most, and what is set up already gets its address with the start.
  if (
    nic.external.length > 0 ||
    want.v6 ||
    place.id !== nic.id ||
    nic.v4 === undefined ||
    zone === undefined ||
    project === undefined
  )
    return undefined;
  const interfaces = instance.interfaces.map((each) =>
    each.id === nic.id ? each.with([{ address: NEW_ADDRESS, policy: undefined, place: 0 }]) : each,
  );
  return {
    says: `Give ${nic.name} of ${name} an external IPv4 address. (To reach it without one, allow 35.235.240.0/20 and use gcloud compute ssh --tunnel-through-iap.)`,
    cli: `gcloud compute instances add-access-config ${name} --zone=${zone} --project=${project} --network-interface=${nic.name}`,
    terraform: ["# in google_compute_instance, inside the network_interface block", "access_config {}"].join("\n"),
    facts: { ...facts, instances: withInstance(facts.instances, instance.with({ interfaces })) },
    touches: (end) => end.instance.path === instance.path,
  };
};
