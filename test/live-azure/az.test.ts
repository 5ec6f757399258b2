import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Az } from "./az.ts";
import { az, lists, loggedIn } from "./az.ts";
import { bodiesIn, blanked, filesIn, folders, isBody, onLoopback, parsed, sallyport } from "./cli.ts";
import type { Body } from "./estate.ts";
import { harbour, net, shop } from "./estate.ts";
import type { LiveServer } from "./server.ts";
import { serve } from "./server.ts";

/** Where all tests have to run, the command line has to be there. */
const isNeeded = process.env["CI"] === "true";

const { fresh, remove } = folders();
let server: LiveServer;
let files: ReadonlyMap<string, string>;
beforeAll(async () => {
  server = await serve(harbour);
  const folder = fresh();
  await sallyport(["collect", "--azure", "--output", folder], onLoopback(server));
  files = filesIn(folder);
}, 120_000);
afterAll(async () => {
  await server.close();
  remove();
});

/** Every thing of one list, from all of its files. */
const kept = (list: string, subscription = shop): readonly Body[] =>
  [...files]
    .filter(([file]) => new RegExp(`^azure/${subscription}/(?:[a-z-]+/)?${list}(?:-\\d{4})?\\.json$`).test(file))
    .flatMap(([, text]) => bodiesIn(parsed(text)["value"]));

/**
 * A thing as the command line tells it and as Resource Manager does, in one shape: without a difference of how members
 * are written or nested, without what is empty, and without what nobody should keep.
 */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain);
  if (!isBody(value)) return value;
  const { properties, ...rest } = value;
  return Object.fromEntries(
    Object.entries({ ...rest, ...(isBody(properties) ? properties : {}) })
      .filter(([name, its]) => name !== "resourceGroup" && !isEmpty(its))
      .map(([name, its]): [string, unknown] => [name.toLowerCase(), plain(its)])
      .filter(([, its]) => !isEmpty(its))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
};
const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  (Array.isArray(value) ? value : Object.keys(isBody(value) ? value : { a: 1 })).length === 0;

/** Things in one shape and order. */
const plainly = (things: readonly Body[]): readonly unknown[] =>
  things
    .map((each) => plain(blanked(each)))
    .toSorted((a, b) => (JSON.stringify(idIn(a)) < JSON.stringify(idIn(b)) ? -1 : 1));
const idIn = (thing: unknown): unknown => (isBody(thing) ? thing["id"] : undefined);

const inShop = `/subscriptions/${shop}`;
const ofShop = `${inShop}/resourceGroups/shop-rg/providers/Microsoft.Network`;
const ofHub = `/subscriptions/${net}/resourceGroups/hub-rg/providers/Microsoft.Network`;

/** What the old command line on this machine cannot list is asked for by its address. */
const addresses: readonly (readonly [url: string, file: string, method?: "get" | "post"])[] = [
  [`${inShop}/providers/Microsoft.Network/routeTables`, `${shop}/route-tables`],
  [`${inShop}/providers/Microsoft.Network/applicationSecurityGroups`, `${shop}/application-security-groups`],
  [`${inShop}/providers/Microsoft.Network/natGateways`, `${shop}/nat-gateways`],
  [`${inShop}/providers/Microsoft.Network/bastionHosts`, `${shop}/bastion-hosts`],
  [`${inShop}/providers/Microsoft.Network/locations/westeurope/serviceTags`, `${shop}/service-tags-westeurope`],
  [`${ofHub}/virtualNetworkGateways`, `${net}/hub-rg/virtual-network-gateways`],
  [`${ofHub}/firewallPolicies/core-policy/ruleCollectionGroups`, `${net}/hub-rg/rule-collection-groups-core-policy`],
  [
    `${ofShop}/virtualNetworks/depot/listNetworkManagerEffectiveSecurityAdminRules`,
    `${shop}/shop-rg/effective-security-admin-rules-depot`,
    "post",
  ],
];

describe("the real command line of Azure, asking the same cloud, prints what was kept", () => {
  const path = az;
  if (path === undefined) {
    test("or is not there, where it need not be", () => {
      expect(isNeeded).toBe(false);
      expect(kept("network-interfaces").length).toBe(3);
    });
    return;
  }

  let printed: Az;
  beforeAll(async () => {
    printed = await loggedIn(path, server, fresh(), shop);
  }, 120_000);

  test.each(lists)(
    "%s",
    async (words, list) => {
      const told: unknown = JSON.parse(await printed(words.split(" ")));
      const ours = plainly(kept(list));
      // The command line leaves out what it does not know.
      expect(ours).toMatchObject([...plainly(bodiesIn(told))]);
      expect(ours.length).toBeGreaterThan(0);
    },
    60_000,
  );

  test("vm list --show-details, of which machines run", async () => {
    const told: unknown = JSON.parse(await printed(["vm", "list", "--show-details"]));
    const states = bodiesIn(told).map(({ name, powerState }) => [name, powerState]);
    const ours = kept("instance-views").map((machine) => {
      const codes = bodiesIn(statusesOf(machine));
      return [machine["name"], `VM ${String(codes.at(-1)?.["code"]).replace("PowerState/", "")}`];
    });
    expect(states).toEqual(ours);
    expect(ours.length).toBe(3);
  }, 120_000);

  test.each(addresses)(
    "rest %s",
    async (url, file, method = "get") => {
      const body = method === "post" ? ["--body", "{}"] : [];
      const words = ["rest", "--method", method, "--url", `${url}?api-version=2024-05-01`, ...body];
      const told: unknown = JSON.parse(await printed(words));
      expect(blanked(told)).toEqual(parsed(files.get(`azure/${file}.json`)));
    },
    60_000,
  );
});

const statusesOf = ({ properties }: Body): unknown => {
  const view = isBody(properties) ? properties["instanceView"] : undefined;
  return isBody(view) ? view["statuses"] : [];
};
