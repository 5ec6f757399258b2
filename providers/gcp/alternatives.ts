import type { Alternative } from "#model/inventory.ts";
import type { Service } from "#packets/service.ts";
import { TCP } from "#packets/service.ts";
import { google } from "./google.ts";
import { nameOf } from "./link.ts";
import type { End, Judges } from "./ways.ts";
import { insideWays } from "./ways.ts";

/** Identity-Aware Proxy leads to TCP ports of the internal address, and asks who may use it (gcp.md A6). */
export const alternativesFor = (judge: Judges, end: End, { protocol, port }: Service): readonly Alternative[] => {
  if (protocol !== TCP) return [];
  const { name, zone, project, id } = end.instance;
  const ways = insideWays(judge, google.iap, end).filter(
    ({ origin, address }) => origin === "iap" && address === end.nic.v4,
  );
  const where = `--zone=${zone ?? "ZONE"} --project=${project ?? "PROJECT"}`;
  return ways.map(
    (way): Alternative => ({
      kind: "identity-aware-proxy",
      id,
      says: `Identity-Aware Proxy leads to ${nameOf(end.nic.id)} of ${name} without an external address, for those who hold iap.tunnelInstances.accessViaIAP.`,
      cli:
        port === 22 && end.nic.index === 0
          ? `gcloud compute ssh ${name} --tunnel-through-iap ${where}`
          : `gcloud compute start-iap-tunnel ${name} ${port} --network-interface=${end.nic.name} ${where}`,
      way,
    }),
  );
};
