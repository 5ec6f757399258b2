/** What a network manager has deployed to a network, as the effective answer tells it. */
import { publicBlock4 } from "../estate/text.ts";
import { several } from "../gcp-estate/rules.ts";
import { at, random } from "../random.ts";
import type { Network, Plan } from "./plan.ts";

/** The effective admin rules of a network; undefined where nobody asked. */
export const adminAnswer = (outline: Plan, network: Network): object | undefined => {
  if (network.index % 8 === 3) return { value: [], skipToken: "" };
  if (network.index % 4 !== 1) return undefined;
  const r = random(outline.seed, "azure admin rules", network.index);
  const list: readonly Admin[] = [
    ["scanners", 20, "AlwaysAllow", several(r, 3, () => publicBlock4(r)), ["*"], "Tcp", ["0-65535"]],
    ["offices", 50, "Allow", several(r, 6, () => publicBlock4(r)), ["*"], "Any", ["0-65535"]],
    ["bad-senders", 80, "Deny", several(r, 4, () => publicBlock4(r)), ["*"], "Any", ["0-65535"]],
    ["web-to-edge", 100, "AlwaysAllow", ["0.0.0.0/1"], [`10.${network.index}.64.0/20`], "Tcp", ["443"]],
    ["no-remote-hands", 200, "Deny", ["Internet"], ["*"], "Tcp", ["3389", "5985-5986"]],
    ["no-smb", 210, "Deny", ["*"], ["*"], "Any", ["445", "135-139"]],
    ["ssh-of-cloud", 250, "Deny", ["AzureCloud.westeurope"], ["*"], "Tcp", ["22"]],
    ["shield", 300, "Allow", ["93.0.0.0/8", "185.0.0.0/8"], ["*"], "Tcp", ["20-30"]],
    [
      "ssh-by-half",
      400,
      "Deny",
      ["128.0.0.0/1"],
      [network.index % 8 === 1 ? "*" : at(network.space, 0)],
      "Tcp",
      ["22"],
    ],
    ["dns", 500, "Deny", ["Internet"], ["*"], "Udp", ["53"]],
  ];
  const own = list.filter(() => r.chance(0.7));
  return {
    value: [
      ...own.map((rule) => adminRule(network, "base", rule)),
      // A collection of others has a rule of the same number; who comes first is not documented.
      ...own
        .slice(0, 2)
        .map(([name, priority, access, sources, destinations, protocol]) =>
          adminRule(network, "more", [
            `${name}-again`,
            priority,
            access === "Deny" ? "Allow" : "Deny",
            sources.slice(0, 1),
            destinations,
            protocol,
            ["8080-8090"],
          ]),
        ),
    ],
    skipToken: "",
  };
};

type Admin = readonly [
  name: string,
  priority: number,
  access: string,
  sources: readonly string[],
  destinations: readonly string[],
  protocol: string,
  ports: readonly string[],
];

const adminRule = (
  { subscription }: Network,
  collection: string,
  [name, priority, access, sources, destinations, protocol, ports]: Admin,
): object => {
  const manager = `/subscriptions/${subscription}/resourceGroups/rg-core/providers/Microsoft.Network/networkManagers/core`;
  return {
    id: `${manager}/securityAdminConfigurations/baseline/ruleCollections/${collection}/rules/${name}`,
    kind: "Custom",
    configurationDescription: "",
    ruleCollectionDescription: "",
    ruleCollectionAppliesToGroups: [{ networkGroupId: `${manager}/networkGroups/all` }],
    ruleGroups: [],
    properties: {
      access,
      description: "",
      destinationPortRanges: ports,
      destinations: destinations.map(prefix),
      direction: "Inbound",
      priority,
      protocol,
      provisioningState: "Succeeded",
      resourceGuid: name,
      sourcePortRanges: ["0-65535"],
      sources: sources.map(prefix),
    },
  };
};

const prefix = (addressPrefix: string): object => ({
  addressPrefix,
  addressPrefixType: /^[A-Z]/i.test(addressPrefix) ? "ServiceTag" : "IPPrefix",
});
