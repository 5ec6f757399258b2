import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { audit } from "#checks/audit.ts";
import { weighing } from "#checks/exposure.ts";
import type { Inventory } from "#model/inventory.ts";
import type { Hop, Outline } from "#model/way.ts";
import { and } from "#packets/set.ts";
import { routable } from "#packets/internet.ts";
import { azure } from "#providers/azure/index.ts";
import { ceilings } from "#resolve/ceiling.ts";
import { passage } from "#resolve/whole.ts";
import { azureEstate } from "../bench/azure-estate.ts";

const folder = join("fixtures", "azure", "a-destination-picks-its-machine", "raw");
const parsed = (text: string): unknown => JSON.parse(text);
const fixed = ["nics.json", "public-ips.json", "vms.json", "vnets.json"].map((name) => ({
  name,
  json: parsed(readFileSync(join(folder, name), "utf8")),
}));
const GROUP =
  "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-shop/providers/Microsoft.Network/networkSecurityGroups/nsg-subnet";

const read = (documents: readonly { readonly name: string; readonly json: unknown }[]): Inventory => {
  const reader = azure.reader({ strict: false });
  for (const { name, json } of documents)
    for (const answer of azure.recognise(json, { file: name, pointer: "" }, name) ?? []) reader.add(answer);
  return reader.inventory();
};

const prefixes = fc.constantFrom(
  ["*"],
  ["Internet"],
  ["VirtualNetwork"],
  ["AzureCloud"],
  ["0.0.0.0/0"],
  ["::/0"],
  ["0.0.0.0/1"],
  ["128.0.0.0/1"],
  ["0.0.0.0/1", "128.0.0.0/1"],
  ["64.0.0.0/2", "198.51.100.0/24"],
  ["8.0.0.0/8"],
  ["2600::/16"],
  ["10.0.0.0/8"],
  ["203.0.113.9"],
  ["203.0.113.0/33"],
  [],
);
const near = fc.constantFrom(
  ["*"],
  ["*"],
  ["*"],
  ["10.20.1.10/32"],
  ["10.20.1.0/24"],
  ["VirtualNetwork"],
  ["0.0.0.0/0"],
);

/** A rule as it may be told, in good order or not. */
const rule = fc
  .record({
    direction: fc.constantFrom("Inbound", "Inbound", "Inbound", "inbound", "Outbound", "Sideways"),
    access: fc.constantFrom("Allow", "Allow", "Deny", "deny", "Perhaps"),
    priority: fc.constantFrom<unknown>(100, 200, 300, "300", 400, 500, undefined),
    protocol: fc.constantFrom("*", "Tcp", "Udp", "Icmp"),
    ports: fc.constantFrom(["*"], ["22"], ["22", "3389"], ["0-65535"], ["1-100"], ["many"]),
    from: prefixes,
    to: near,
    isFlat: fc.boolean(),
  })
  .map(({ ports, from, to, isFlat, ...told }) => {
    const body = {
      ...told,
      sourcePortRange: "*",
      destinationPortRanges: ports,
      ...(from.length === 1
        ? { sourceAddressPrefix: from[0], sourceAddressPrefixes: [] }
        : { sourceAddressPrefixes: from }),
      destinationAddressPrefixes: to,
    };
    return isFlat ? { name: "rule", ...body } : { name: "rule", properties: body };
  });

const groupOf = (rules: readonly object[]): object => ({
  id: GROUP,
  name: "nsg-subnet",
  type: "Microsoft.Network/networkSecurityGroups",
  location: "westeurope",
  properties: { securityRules: rules, defaultSecurityRules: [] },
});

/** The same inventory without outlines: every gate is made and looked into. */
const bare = (inventory: Inventory): Inventory => ({
  ...inventory,
  get lists() {
    return [...inventory.lists].map(({ resource, place, gate, attached, standard, carries }) => ({
      resource,
      place,
      gate,
      attached,
      standard,
      ...(carries === undefined ? {} : { carries }),
    }));
  },
  doors: (to) =>
    [...inventory.doors(to)].map((way) => ({ ...way, request: way.request.map(plain), reply: way.reply.map(plain) })),
});
const plain = ({ gate, sees }: Hop): Hop => ({ gate, ...(sees === undefined ? {} : { sees }) });

const found = (inventory: Inventory, share: number): readonly unknown[] =>
  audit(inventory, { share }).map(({ check, kind, resource, met }) => [check, kind, resource.id, met]);

const seed = 20_261_122;
const ROUNDING = 1e-9;

test("no group lets in more than its outline", () => {
  const measure = weighing();
  const most = ceilings(measure);
  let [seen, low] = [0, 0];
  const holds = (gate: Hop["gate"], atMost: Outline): void => {
    const { places, amounts } = measure.of(and(passage(gate).possibly, routable)).most;
    const ceiling = most.ofOutlined(atMost);
    seen++;
    if (ceiling.every((each) => each < 0.5)) low++;
    for (const [i, at] of places.entries()) expect(amounts[i]).toBeLessThanOrEqual((ceiling[at] ?? 0) + ROUNDING);
  };
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 8 }), (rules) => {
      const inventory = read([...fixed, { name: "nsgs.json", json: { value: [groupOf(rules)] } }]);
      for (const machine of inventory.machines)
        for (const to of machine.interfaces)
          for (const way of inventory.doors(to))
            for (const { gate, atMost } of way.request) if (atMost !== undefined) holds(gate, atMost);
      expect(found(inventory, 0.5)).toEqual(found(bare(inventory), 0.5));
    }),
    { seed, numRuns: 400 },
  );
  expect(Math.min(low, seen - low)).toBeGreaterThan(50);
});

test.each([
  [1000, 1, 0.5],
  [1000, 5, 0.01],
])("no finding of %d interfaces of seed %d is lost to an outline, from %d of the internet on", (size, own, share) => {
  const inventory = read([...azureEstate(size, own)].map(({ name, json }) => ({ name, json: parsed(json) })));
  const all = found(bare(inventory), share);
  expect(all.length).toBeGreaterThan(0);
  expect(found(inventory, share)).toEqual(all);
});
