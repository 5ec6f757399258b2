import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { bodiesIn, blanked, filesIn, folders, isBody, onLoopback, parsed, sallyport } from "./cli.ts";
import type { Body } from "./estate.ts";
import { harbour, net, shop } from "./estate.ts";
import type { LiveServer } from "./server.ts";
import { serve } from "./server.ts";

/** The cloud's own command line, where it is there. No package brings it; where all tests have to run, it has to be there. */
const az = (process.env["PATH"] ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "az"))
  .find((path) => existsSync(path));
const isNeeded = process.env["CI"] === "true";

const { fresh, remove } = folders();
const home = fresh();
let server: LiveServer;
let files: ReadonlyMap<string, string>;
beforeAll(async () => {
  server = await serve(harbour);
  const folder = fresh();
  await sallyport(["collect", "--azure", "--output", folder], onLoopback(server));
  files = filesIn(folder);
}, 60_000);
afterAll(async () => {
  await server.close();
  remove();
});

/** What the command line prints, as somebody would keep it in a file. */
const printed = async (path: string, words: readonly string[]): Promise<string> => {
  const child = spawn(path, [...words, "--output", "json"], {
    env: {
      PATH: process.env["PATH"],
      HOME: home,
      AZURE_CONFIG_DIR: home,
      AZURE_CORE_COLLECT_TELEMETRY: "no",
      REQUESTS_CA_BUNDLE: server.authority,
      MSI_ENDPOINT: server.identity,
      MSI_SECRET: "any",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (err += text));
  const code = await new Promise((done) => child.on("close", done));
  if (code !== 0) throw new Error(`az ${words.join(" ")}: ${err}`);
  return out;
};

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

const lists: readonly (readonly [words: string, list: string])[] = [
  ["network nsg list", "network-security-groups"],
  ["network nic list", "network-interfaces"],
  ["network public-ip list", "public-ip-addresses"],
  ["network public-ip prefix list", "public-ip-prefixes"],
  ["network vnet list", "virtual-networks"],
  ["network lb list", "load-balancers"],
  ["network application-gateway list", "application-gateways"],
  ["vm list", "virtual-machines"],
  ["vmss list", "virtual-machine-scale-sets"],
  ["vmss nic list --resource-group shop-rg --vmss-name workers", "scale-set-network-interfaces-workers"],
  ["vmss list-instance-public-ips --resource-group shop-rg --name workers", "scale-set-public-ip-addresses-workers"],
];

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

  beforeAll(async () => {
    mkdirSync(home, { recursive: true });
    // Under its own profile Debian's command line cannot load its network commands.
    const profile = ["--profile", "2020-09-01-hybrid"];
    const ends = [
      "resource-manager",
      "active-directory-resource-id",
      "management",
      "active-directory-graph-resource-id",
    ];
    const wheres = ends.flatMap((end) => [`--endpoint-${end}`, server.url]);
    const login = ["--endpoint-active-directory", `${server.url}/aad`];
    await printed(path, ["cloud", "register", "--name", "Loopback", ...profile, ...wheres, ...login]);
    await printed(path, ["cloud", "set", "--name", "Loopback", ...profile]);
    await printed(path, ["login", "--identity"]);
    await printed(path, ["account", "set", "--subscription", shop]);
  }, 60_000);

  test.each(lists)(
    "%s",
    async (words, list) => {
      const told: unknown = JSON.parse(await printed(path, words.split(" ")));
      const ours = plainly(kept(list));
      // The command line leaves out what it does not know.
      expect(ours).toMatchObject([...plainly(bodiesIn(told))]);
      expect(ours.length).toBeGreaterThan(0);
    },
    30_000,
  );

  test("vm list --show-details, of which machines run", async () => {
    const told: unknown = JSON.parse(await printed(path, ["vm", "list", "--show-details"]));
    const states = bodiesIn(told).map(({ name, powerState }) => [name, powerState]);
    const ours = kept("instance-views").map((machine) => {
      const codes = bodiesIn(statusesOf(machine));
      return [machine["name"], `VM ${String(codes.at(-1)?.["code"]).replace("PowerState/", "")}`];
    });
    expect(states).toEqual(ours);
    expect(ours.length).toBe(3);
  }, 30_000);

  test.each(addresses)(
    "rest %s",
    async (url, file, method = "get") => {
      const body = method === "post" ? ["--body", "{}"] : [];
      const words = ["rest", "--method", method, "--url", `${url}?api-version=2024-05-01`, ...body];
      const told: unknown = JSON.parse(await printed(path, words));
      expect(blanked(told)).toEqual(parsed(files.get(`azure/${file}.json`)));
    },
    30_000,
  );
});

const statusesOf = ({ properties }: Body): unknown => {
  const view = isBody(properties) ? properties["instanceView"] : undefined;
  return isBody(view) ? view["statuses"] : [];
};
