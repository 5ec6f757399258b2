import type { Alternative, Machine } from "#model/inventory.ts";
import type { Service } from "#packets/service.ts";
import { TCP } from "#packets/service.ts";
import { connectEndpoints } from "./connect-endpoint.ts";
import type { Judges } from "./judges.ts";
import type { InsideWays } from "./network.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { sessionManager } from "./session-manager.ts";

const SSH = 22;
const RDP = 3389;

/** What leads to a shell or a desktop of an instance without its ports being open to whoever asked (aws.md A.9). */
export const alternativesFor = (
  judge: Judges,
  fromInside: InsideWays,
  { resource }: Machine,
  [to]: readonly NetworkInterface[],
  { protocol, port }: Service,
): readonly Alternative[] => {
  // The id stands in commands, so it is what the cloud makes of it, or there is none.
  if (to === undefined || protocol !== TCP || !/^i-[a-z0-9]+$/.test(resource.id)) return [];
  if (port !== SSH && port !== RDP) return [];
  const through = connectEndpoints(
    judge,
    fromInside,
    to,
    resource.id,
    port === SSH ? ssh(resource.id) : tunnel(resource.id, port),
  );
  return port === SSH ? [...through, ...sessionManager(judge, to, resource.id)] : through;
};

const ssh = (machine: string): string => `aws ec2-instance-connect ssh --instance-id ${machine} --connection-type eice`;

const tunnel = (machine: string, port: number): string =>
  `aws ec2-instance-connect open-tunnel --instance-id ${machine} --remote-port ${port} --local-port ${port}`;
