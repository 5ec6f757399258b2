import { expect, test } from "@jest/globals";
import { parseAddress } from "#packets/address.ts";
import { and, client, service } from "#packets/set.ts";
import { TCP } from "#packets/service.ts";
import { gcp } from "#providers/gcp/index.ts";
import { verdict } from "#resolve/verdict.ts";

const HOST = "https://www.googleapis.com/compute/v1/projects/shop/";
const TAG = "tagValues/281481234567890";

const listed = (kind: string, path: string, items: readonly object[]): object => ({
  kind: `compute#${kind}List`,
  selfLink: HOST + path,
  items,
});

const networks = ["red", "blue"].map((name) => ({
  kind: "compute#network",
  name,
  selfLink: `${HOST}global/networks/${name}`,
}));

const machine = (name: string, network: string, networkIP: string, id: string): object => ({
  kind: "compute#instance",
  name,
  id,
  selfLink: `${HOST}zones/us-central1-a/instances/${name}`,
  status: "RUNNING",
  networkInterfaces: [
    {
      name: "nic0",
      network: `${HOST}global/networks/${network}`,
      subnetwork: `${HOST}regions/us-central1/subnetworks/${network}`,
      networkIP,
    },
  ],
});

/** Two networks with one policy, which lets in whoever carries a tag. */
const answers: readonly (readonly [string, object])[] = [
  ["networks", listed("network", "global/networks", networks)],
  [
    "subnetworks",
    listed(
      "subnetwork",
      "regions/us-central1/subnetworks",
      networks.map(({ name, selfLink }, i) => ({
        kind: "compute#subnetwork",
        name,
        network: selfLink,
        ipCidrRange: `10.${i}.0.0/16`,
        selfLink: `${HOST}regions/us-central1/subnetworks/${name}`,
      })),
    ),
  ],
  ["firewalls", listed("firewall", "global/firewalls", [])],
  ["routes", listed("route", "global/routes", [])],
  [
    "instances",
    listed("instance", "zones/us-central1-a/instances", [
      machine("red-1", "red", "10.0.0.1", "1"),
      machine("red-2", "red", "10.0.0.2", "2"),
      machine("blue-1", "blue", "10.1.0.1", "3"),
      machine("blue-2", "blue", "10.1.0.2", "4"),
    ]),
  ],
  [
    "policies",
    listed("firewallPolicy", "global/firewallPolicies", [
      {
        kind: "compute#firewallPolicy",
        name: "base",
        id: "9",
        selfLink: `${HOST}global/firewallPolicies/base`,
        associations: networks.map(({ name, selfLink }) => ({ name, attachmentTarget: selfLink })),
        rules: [
          {
            priority: 10,
            direction: "INGRESS",
            action: "allow",
            match: { srcSecureTags: [{ name: TAG, state: "EFFECTIVE" }], layer4Configs: [{ ipProtocol: "tcp" }] },
          },
        ],
      },
    ]),
  ],
  [
    "tag-bindings",
    {
      tagBindings: ["2", "4"].map((id) => ({
        name: `tagBindings/${id}`,
        parent: `//compute.googleapis.com/projects/shop/zones/us-central1-a/instances/${id}`,
        tagValue: TAG,
      })),
    },
  ],
];

const verdicts = (order: readonly (readonly [name: string, from: string])[]): ReadonlyMap<string, string> => {
  const reader = gcp.reader({ strict: false });
  for (const [name, json] of answers)
    for (const answer of gcp.recognise(json, { file: `${name}.json`, pointer: "" }, `${name}.json`) ?? [])
      reader.add(answer);
  const inventory = reader.inventory();
  return new Map(
    order.map(([name, from]) => {
      const [asked] = inventory.find(name);
      const address = parseAddress(from);
      if (asked === undefined || address === undefined) throw new Error(`${name} was not read`);
      const packets = and(client(address), service({ protocol: TCP, port: 22 }));
      return [`${from} > ${name}`, verdict(inventory, asked, packets).answer];
    }),
  );
};

test("who carries a tag is told by his own network, whoever is asked about first", () => {
  const [red, blue] = [["red-1", "10.0.0.2"] as const, ["blue-1", "10.1.0.2"] as const];
  const one = verdicts([red, blue]);
  const other = verdicts([blue, red]);
  expect(Object.fromEntries(one)).toEqual({ "10.0.0.2 > red-1": "reachable", "10.1.0.2 > blue-1": "reachable" });
  expect(Object.fromEntries(other)).toEqual(Object.fromEntries(one));
});
