/** Service tags: whom Azure means by them. */
import { publicBlock4, publicBlock6 } from "../estate/text.ts";
import { random } from "../random.ts";

const sizes = new Map([
  ["AzureCloud", 300],
  ["AzureCloud.westeurope", 60],
  ["Storage", 80],
  ["Storage.WestEurope", 12],
  ["Sql", 30],
  ["AzureFrontDoor.Backend", 40],
  ["AppService", 60],
  ["AzureDevOps", 8],
  ["GatewayManager", 10],
]);

/** Tags that the answer lists, and tags that rules name and no answer lists. */
export const knownTags = [...sizes.keys()];
export const unknownTags = ["AzureMonitor", "MicrosoftContainerRegistry"] as const;

/** What `az network list-service-tags` prints for a location. */
export const serviceTagsAnswer = (seed: number, subscription: string, location: string): object => ({
  changeNumber: "312",
  cloud: "Public",
  id: `/subscriptions/${subscription}/providers/Microsoft.Network/serviceTags/Public`,
  name: "Public",
  nextLink: null,
  region: location,
  type: "Microsoft.Network/serviceTags",
  values: [...sizes].map(([name, size], k) => ({
    id: name,
    name,
    properties: {
      addressPrefixes: prefixesOf(seed, k, size),
      changeNumber: String(40 + k),
      networkFeatures: ["API", "NSG", "UDR", "FW"],
      region: name.split(".")[1]?.toLowerCase() ?? "",
      state: "GA",
      systemService: name.split(".")[0],
    },
    serviceChangeNumber: String(40 + k),
  })),
});

const prefixesOf = (seed: number, tag: number, size: number): readonly string[] => {
  const r = random(seed, "azure service tag", tag);
  return Array.from({ length: size }, () => (r.chance(0.2) ? publicBlock6(r) : publicBlock4(r)));
};
