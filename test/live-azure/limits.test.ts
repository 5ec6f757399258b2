import { afterAll, describe, expect, test } from "@jest/globals";
import { managerOf } from "#providers/azure/collect/access.ts";
import { namesTag } from "#providers/azure/collect/service-tags.ts";
import { actions, beyondReader } from "#providers/azure/policy.ts";
import { bodiesIn, filesIn, folders, onLoopback, parsed, sallyport } from "./cli.ts";
import type { Body, Estate } from "./estate.ts";
import { shop } from "./estate.ts";
import type { Call, Options } from "./server.ts";
import { error, serve } from "./server.ts";

const { fresh, remove } = folders();
afterAll(remove);

const group = `/subscriptions/${shop}/resourceGroups/rg/providers`;
const subnets = ["one", "two", "three"];
const names = Array.from({ length: 60 }, (_, i) => `machine-${String(i).padStart(2, "0")}`);
const networkId = `${group}/Microsoft.Network/virtualNetworks/large`;
const networks = ["large", "b", "c"];
const placed = (id: string, name: string, properties: Body): Body => ({ id, name, location: "westeurope", properties });

/** Sixty machines behind a gateway, of which forty are in the first of three subnets. */
const large: Estate = {
  subscriptions: [
    {
      id: shop,
      name: "Large",
      registered: ["Microsoft.Network", "Microsoft.Compute"],
      things: [
        ...names.flatMap((name, i): readonly Body[] => [
          placed(`${group}/Microsoft.Compute/virtualMachines/${name}`, name, {}),
          placed(`${group}/Microsoft.Network/networkInterfaces/${name}`, name, {
            virtualMachine: { id: `${group}/Microsoft.Compute/virtualMachines/${name}`.toUpperCase() },
            ipConfigurations: [
              {
                properties: {
                  subnet: { id: `${networkId}/subnets/${subnets[Math.max(0, Math.floor((i - 30) / 10))]}` },
                },
              },
            ],
          }),
        ]),
        ...networks.map((name) =>
          placed(`${group}/Microsoft.Network/virtualNetworks/${name}`, name, {
            subnets:
              name === "large"
                ? [
                    ...subnets.map((each) => ({ id: `${networkId}/subnets/${each}`, name: each, properties: {} })),
                    {
                      id: `${networkId}/subnets/GatewaySubnet`,
                      name: "GatewaySubnet",
                      properties: {
                        ipConfigurations: [
                          { id: `${group}/Microsoft.Network/virtualNetworkGateways/gw/ipConfigurations/default` },
                        ],
                      },
                    },
                  ]
                : [],
          }),
        ),
      ],
      answers: Object.fromEntries([
        ...names.map((name): [string, Body] => [
          `POST ${group}/Microsoft.Network/networkInterfaces/${name}/effectiveRouteTable`,
          { value: [] },
        ]),
        ...networks.flatMap((name) =>
          ["SecurityAdminRules", "ConnectivityConfigurations"].map((what): [string, Body] => [
            `POST ${group}/Microsoft.Network/virtualNetworks/${name}/listNetworkManagerEffective${what}`,
            { value: [] },
          ]),
        ),
      ]),
    },
  ],
  rows: {
    [shop]: networks.map((name) => ({
      id: `${group}/Microsoft.Network/virtualNetworks/${name}/providers/Microsoft.Network/effectiveSecurityAdminRules/default`,
      type: "microsoft.network/effectivesecurityadminrules",
    })),
  },
};

const collected = async (
  options: Options,
): Promise<{ files: readonly string[]; refused: readonly Body[]; calls: readonly Call[] }> => {
  const server = await serve(large, options);
  const folder = fresh();
  await sallyport(["collect", "--azure", "--output", folder], onLoopback(server));
  await server.close();
  const files = filesIn(folder);
  const refused = bodiesIn(parsed(files.get("snapshot.json"))["refused"]);
  return { files: [...files.keys()], refused, calls: server.calls };
};

test("no more than fifty interfaces are asked, each subnet before another of the same, and the rest is named", async () => {
  const { refused, calls } = await collected({});
  expect(refused.map(({ call, code, message }) => [call, code, message])).toEqual([
    [
      "Microsoft.Network/networkInterfaces/effectiveRouteTable/action",
      "NotAsked",
      expect.stringContaining("10 of 60 interfaces"),
    ],
  ]);
  const asked = calls
    .filter(({ path, method }) => method === "POST" && path.endsWith("/effectiveRouteTable"))
    .map(({ path }) => Number(/machine-(\d+)/.exec(path)?.[1]));
  expect(new Set(asked).size).toBe(50);
  expect(asked.slice(0, 3).toSorted((a, b) => a - b)).toEqual([0, 40, 50]);
  // No more than five are on their way: the sixth is asked when one of the first is there.
  const begun = calls.filter(({ path }) => /effectiveRouteTable$|operationResults/.test(path));
  expect(begun.slice(0, 6).some(({ path }) => path.includes("operationResults"))).toBe(true);
}, 60_000);

describe("Resource Graph", () => {
  const reader = new Set(actions.filter((action) => !beyondReader.includes(action)));
  const ofRules = (refused: readonly Body[]): readonly Body[] =>
    refused.filter(({ call }) => /SecurityAdminRules|ResourceGraph/.test(String(call)));

  test("is read page by page", async () => {
    const { files, refused } = await collected({ granted: reader, most: 2 });
    expect(ofRules(refused)).toEqual([]);
    expect(files.filter((file) => file.includes("admin-rules"))).toEqual([
      `azure/${shop}/effective-security-admin-rules-0001.json`,
      `azure/${shop}/effective-security-admin-rules-0002.json`,
    ]);
  }, 60_000);

  test("does not stand in for what it leaves out", async () => {
    const { refused } = await collected({
      granted: reader,
      faults: [
        {
          path: /ResourceGraph/,
          does: { is: "changed", how: (body) => ({ ...body, resultTruncated: "true" }) },
        },
      ],
    });
    expect(
      ofRules(refused)
        .map(({ code }) => String(code))
        .toSorted(),
    ).toEqual(["AuthorizationFailed", "AuthorizationFailed", "AuthorizationFailed", "ResultTruncated"]);
  }, 60_000);
});

test("a list of subscriptions that breaks off is told, and what it has is read", async () => {
  const two = { ...large, subscriptions: [...large.subscriptions, ...lost] };
  const server = await serve(two, {
    most: 1,
    faults: [
      { path: /^\/subscriptions\?.*skiptoken/, does: { is: "error", status: 400, body: error("BadRequest", "No.") } },
    ],
  });
  const folder = fresh();
  const { code } = await sallyport(["collect", "--azure", "--output", folder], onLoopback(server));
  await server.close();
  const { refused, scopes } = parsed(filesIn(folder).get("snapshot.json"));
  expect(code).toBe(3);
  expect(bodiesIn(refused).map(({ call, code: why }) => [call, why])).toContainEqual([
    "Microsoft.Resources/subscriptions/read",
    "BadRequest",
  ]);
  expect(bodiesIn(scopes).map(({ account }) => account)).toEqual([shop]);
}, 60_000);

const lost = [{ id: "33333333-aaaa-4bbb-8ccc-000000000001", name: "Lost", registered: [], things: [], answers: {} }];

test.each([
  ["https://login.microsoftonline.com", "https://management.azure.com"],
  ["https://login.microsoftonline.us/", "https://management.usgovcloudapi.net"],
  ["login.chinacloudapi.cn", "https://management.chinacloudapi.cn"],
  [undefined, "https://management.azure.com"],
])("who logs in at %s is answered at %s", (authority, manager) => {
  expect(managerOf(authority)).toBe(manager);
});

test.each<readonly [boolean, Body]>([
  [true, { securityRules: [{ properties: { sourceAddressPrefix: "AzureCloud.WestEurope" } }] }],
  [true, { routes: [{ properties: { addressPrefix: "Storage" } }] }],
  [true, { ruleCollections: [{ rules: [{ sourceAddresses: ["10.0.0.1", "AzureCloud"] }] }] }],
  [true, { sources: [{ addressPrefixType: "ServiceTag", addressPrefix: "Sql" }] }],
  [false, { sourceAddressPrefix: "VirtualNetwork", destinationAddressPrefix: "*" }],
  [false, { sourceAddressPrefixes: ["INTERNET", "AZURE_LOADBALANCER", "fe80::/10", "10.0.0.0-10.0.0.9", "::1"] }],
  [false, { name: "AzureCloud", addressPrefixType: "ServiceTag" }],
])("%s: a tag whose addresses a list tells is named in %j", (isNamed, body) => {
  expect(namesTag(body)).toBe(isNamed);
});
