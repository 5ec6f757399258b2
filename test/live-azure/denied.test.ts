import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Ask, Desk, Live, Refusal } from "#model/provider.ts";
import { azure } from "#providers/azure/index.ts";
import { actions } from "#providers/azure/policy.ts";
import { onLoopback } from "./cli.ts";
import { harbour, net, shop } from "./estate.ts";
import type { LiveServer } from "./server.ts";
import { serve } from "./server.ts";

const ask: Ask = {
  profiles: [],
  regions: [],
  accounts: [],
  projects: [],
  subscriptions: [shop, net],
  folders: [],
  role: undefined,
  impersonate: undefined,
  organization: false,
  gentle: false,
  deadline: 30_000,
};

/** Resource Graph stands in for others, and is asked only where they are denied. */
const GRAPH = "Microsoft.ResourceGraph/resources/read";
const trusted = getCACertificates();
const env = { ...process.env };
const granted = new Set<string>();
let live: Live;
let server: LiveServer;

// The client keeps for good where its tokens come from, so that one server has to do for all.
beforeAll(async () => {
  server = await serve(harbour, { granted });
  process.env = { ...env, ...onLoopback(server) };
  setDefaultCACertificates([...trusted, readFileSync(server.authority, "utf8")]);
  live = await azure.live();
}, 60_000);

afterAll(async () => {
  await server.close();
  setDefaultCACertificates(trusted);
  process.env = env;
});

/** What was refused, and how many pages came, with these actions alone. */
const readWith = async (
  allowed: readonly string[],
): Promise<{ readonly refused: readonly Refusal[]; readonly pages: number }> => {
  granted.clear();
  for (const action of allowed) granted.add(action);
  const refused: Refusal[] = [];
  let pages = 0;
  const desk: Desk = {
    page: () => void pages++,
    forget: () => undefined,
    refused: (refusal) => void refused.push(refusal),
    visited: () => undefined,
    progress: () => undefined,
    signal: new AbortController().signal,
  };
  await live.collect(ask, desk);
  return { refused, pages };
};

/** What comes with another call. */
const within: Readonly<Record<string, readonly string[]>> = {
  "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/instanceView/read": [
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read",
  ],
  "Microsoft.Network/locations/operationResults/read": [
    "Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups/action",
    "Microsoft.Network/networkInterfaces/effectiveRouteTable/action",
  ],
  "Microsoft.Network/locations/operations/read": ["Microsoft.Network/networkInterfaces/effectiveRouteTable/action"],
};

describe("each call that is denied is a refusal of that name, and stops nothing else", () => {
  test.each(actions.filter((action) => action !== GRAPH).map((action) => [action]))(
    "%s",
    async (action) => {
      const { refused, pages } = await readWith(actions.filter((each) => each !== action));
      const calls = within[action] ?? [action];
      expect([...new Set(refused.map((each) => each.call))].toSorted()).toEqual(calls);
      for (const { code, message } of refused)
        expect([code, message]).toEqual(["AuthorizationFailed", expect.stringContaining(`'${action}'`)]);
      expect(pages).toBeGreaterThan(30);
    },
    30_000,
  );

  test("those that stand in for others, too", async () => {
    const { refused } = await readWith(
      actions.filter((each) => each !== GRAPH && !each.includes("SecurityAdminRules")),
    );
    expect(new Set(refused.map((each) => each.call))).toEqual(
      new Set([GRAPH, ...actions.filter((each) => each.includes("SecurityAdminRules"))]),
    );
  }, 30_000);
});
