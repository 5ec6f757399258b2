import { block, label } from "#model/terraform.ts";
import type { Change, Wanted } from "./change.ts";
import { newName, withThing } from "./change.ts";
import type { Facts } from "./facts.ts";
import { hostOf } from "./facts.ts";
import { linkOf, nameOf } from "./link.ts";
import type { End } from "./ways.ts";

/** A route to one client by the internet gateway: the longest prefix is always taken first. */
export const addRoute = (facts: Facts, want: Wanted, { nic }: End): Change | undefined => {
  const { network } = nic;
  const project = hostOf(network);
  if (project === undefined) return undefined;
  const name = newName("reply-to", want.client);
  const path = `projects/${project}/global/routes/${name}`;
  const gateway = `projects/${project}/global/gateways/default-internet-gateway`;
  const raw = {
    kind: "compute#route",
    name,
    network: linkOf(network),
    destRange: want.client,
    priority: 0,
    nextHopGateway: linkOf(gateway),
  };
  return {
    says: `Send what goes to ${want.client} to the internet gateway in ${nameOf(network)}.`,
    cli: `gcloud compute routes create ${name} --project=${project} --network=${nameOf(network)} --destination-range=${want.client} --priority=0 --next-hop-gateway=default-internet-gateway`,
    terraform: block("google_compute_route", label(name), {
      name,
      project,
      network: nameOf(network),
      dest_range: want.client,
      priority: 0,
      next_hop_gateway: "default-internet-gateway",
    }),
    facts: withThing(facts, "routes", { path, raw, at: { file: "", pointer: "" } }),
    touches: (end) => end.nic.network === network,
  };
};
