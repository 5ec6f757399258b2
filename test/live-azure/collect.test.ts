import { existsSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { permissions } from "#providers/azure/permissions.ts";
import { actions, beyondReader, policies } from "#providers/azure/policy.ts";
import { start } from "../live/program.ts";
import type { Run } from "./cli.ts";
import { bodiesIn, filesIn, folders, isBody, onLoopback, parsed, sallyport, withheld } from "./cli.ts";
import type { Body } from "./estate.ts";
import { closed, empty, harbour, net, shop } from "./estate.ts";
import type { Call, Effect, LiveServer, Options } from "./server.ts";
import { denial, error, serve } from "./server.ts";

const { fresh, remove } = folders();
afterAll(remove);

interface Collected extends Run {
  readonly files: ReadonlyMap<string, string>;
  readonly document: Body;
  readonly calls: readonly Call[];
}

/** Reads the whole cloud, or what the words say, and tells what was written and what was asked. */
const collected = async (options: Options = {}, words: readonly string[] = []): Promise<Collected> => {
  const server = await serve(harbour, options);
  const folder = fresh();
  try {
    const run = await sallyport(["collect", "--azure", ...words, "--output", folder], onLoopback(server));
    const all = existsSync(folder) ? filesIn(folder) : new Map<string, string>();
    const files = new Map([...all].filter(([file]) => file !== "snapshot.json"));
    return { ...run, files, document: parsed(all.get("snapshot.json") ?? "{}"), calls: server.calls };
  } finally {
    await server.close();
  }
};

const refusedIn = ({ document }: Collected): readonly string[] =>
  bodiesIn(document["refused"]).map(({ call, account, region, code }) =>
    [call, account, region, code].join(" ").trim(),
  );

const messagesIn = ({ document }: Collected): readonly string[] =>
  bodiesIn(document["refused"]).map(({ message }) => String(message));

const scopesIn = ({ document }: Collected): readonly string[] =>
  bodiesIn(document["scopes"]).map(({ cloud, account, region, skipped }) =>
    [cloud, account, region, skipped].join(" ").trim(),
  );

/** What only finds out which subscriptions there are, or whether an answer is ready. */
const FINDING = /^\/subscriptions$|\/operations\/\d+$/;

/** Files by name, wherever the cloud was. */
const placeless = ({ files }: Collected): Body =>
  Object.fromEntries([...files].map(([file, text]) => [file, text.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1")]));

const GRAPH = "Microsoft.ResourceGraph/resources/read";
const SECRETS = ["hunter2", "ssh-ed25519"];
const onlyShop = ["--subscription", shop];

describe("all subscriptions", () => {
  let all: Collected;
  beforeAll(async () => {
    all = await collected({ most: 2, granted: new Set(actions) });
  }, 60_000);

  test("are read with the least role alone, and with all of it but what stands in for the rest", () => {
    expect([all.code, refusedIn(all)]).toEqual([0, []]);
    expect([...new Set(all.calls.flatMap((call) => call.actions))].toSorted()).toEqual(
      actions.filter((action) => action !== GRAPH),
    );
  });

  test("are told by the locations where machines are, and why there are none", () => {
    expect(scopesIn(all)).toEqual([
      `azure ${shop} westeurope`,
      `azure ${net} global`,
      `azure ${empty} global Microsoft.Network is not registered in it, so there are no machines`,
      `azure ${closed} global it is disabled`,
    ]);
  });

  test("are kept as they were told, byte by byte, but for what nobody should keep", () => {
    const told = all.calls.filter(({ path, status }) => status === 200 && !FINDING.test(path));
    const kept = [...all.files.values()].filter((text) => !text.includes('"because"'));
    expect(kept.toSorted()).toEqual(told.map(({ text }) => withheld(text)).toSorted());
  });

  test("have an empty list of what a namespace that is not registered would hold, which says why", () => {
    const because = [...all.files].filter(([, text]) => text.includes('"because"'));
    expect(because.length).toBe(3 + 18);
    for (const [, text] of because)
      expect(parsed(text)).toEqual({
        value: [],
        because: { code: "MissingSubscriptionRegistration", message: expect.stringContaining("is not registered") },
      });
  });

  test("are kept with members that no code of today knows", () => {
    expect(all.files.get(`azure/${shop}/network-interfaces-0001.json`)).toContain("postQuantumGrade");
    expect(all.files.get(`azure/${shop}/network-security-groups-0001.json`)).toContain("sourcePostQuantumGrade");
  });

  test("are kept without a secret or a token", () => {
    const everything = [...all.files.values(), JSON.stringify(all.document), all.out, all.err].join("\n");
    for (const secret of [...SECRETS, ...new Set(all.calls.map(({ token }) => token))])
      expect(everything).not.toContain(secret);
    expect(everything).toContain('"owner": "shop"');
  });

  test("name each file of each answer", () => {
    const named = bodiesIn(all.document["answers"]).flatMap(({ files }) => files);
    expect(new Set(named)).toEqual(new Set(all.files.keys()));
    const calls = new Set(bodiesIn(all.document["answers"]).map(({ call }) => call));
    expect(permissions.filter(({ call }) => !calls.has(call)).map(({ call }) => call)).toEqual([GRAPH]);
  });

  test("are asked for by the official clients, with one token", () => {
    for (const { path, headers } of all.calls)
      expect([path, headers["user-agent"]]).toEqual([path, expect.stringMatching(/azsdk-js-(?:api |arm-)/)]);
    expect(
      all.calls.filter(({ headers }) => /arm-network\/39\.0\.0/.test(headers["user-agent"] ?? "")).length,
    ).toBeGreaterThan(40);
    expect(new Set(all.calls.map(({ token }) => token)).size).toBe(1);
  });

  test("are read by calls that change nothing", () => {
    const posts = all.calls.filter(({ method }) => method !== "GET").map(({ path }) => path.split("/").at(-1));
    expect(new Set(posts)).toEqual(
      new Set([
        "effectiveNetworkSecurityGroups",
        "effectiveRouteTable",
        "listNetworkManagerEffectiveConnectivityConfigurations",
        "listNetworkManagerEffectiveSecurityAdminRules",
      ]),
    );
  });

  test("are asked what holds at running machines' interfaces behind a gateway, and at no others", () => {
    const files = [...all.files.keys()].filter((file) => /effective-(?:network|route)/.test(file));
    expect(files).toEqual([
      `azure/${shop}/shop-rg/effective-network-security-groups-web-1-nic.json`,
      `azure/${shop}/shop-rg/effective-network-security-groups-web-2-nic.json`,
      `azure/${shop}/shop-rg/effective-route-table-web-1-nic.json`,
      `azure/${shop}/shop-rg/effective-route-table-web-2-nic.json`,
    ]);
  });

  test("come out the same through storms", async () => {
    const busy = { is: "error", status: 429, body: error("TooManyRequests", "Too many requests.") } as const;
    const locked = {
      is: "error",
      status: 429,
      body: error("RetryableErrorDueToAnotherOperation", "Another operation is in progress."),
    } as const;
    const away = { is: "error", status: 503, body: error("ServerTimeout", "The server is busy.") } as const;
    const repeated = (body: Body): Body => ({
      ...body,
      value: [...bodiesIn(body["value"]), ...bodiesIn(body["value"])],
    });
    const stormy = await collected({
      most: 2,
      uses: 60,
      faults: [
        { path: new RegExp(`${shop}/providers/Microsoft.Network/networkSecurityGroups`), times: 2, does: busy },
        {
          path: new RegExp(`${shop}.*publicIPAddresses`),
          times: 1,
          does: { ...busy, headers: { "retry-after": "2" } },
        },
        { path: /virtualNetworks\?/, times: 2, does: locked },
        { path: /routeTables/, times: 2, does: away },
        { path: /loadBalancers/, times: 1, does: { is: "html", status: 502 } },
        { path: /natGateways/, times: 1, does: { is: "html", status: 200 } },
        { path: /virtualMachines\?.*skiptoken/, times: 2, does: { is: "torn" } },
        { path: /ipGroups/, times: 1, does: { is: "cut-off" } },
        { path: /bastionHosts/, times: 1, does: { is: "reset" } },
        { path: /operationResults/, times: 1, does: away },
        { path: /effectiveRouteTable/, times: 1, does: { is: "reset" } },
        { path: /listNetworkManagerEffectiveSecurity/, times: 1, does: away },
        { path: /networkInterfaces\?/, times: 1, does: { is: "changed", how: repeated } },
      ],
    });
    expect([stormy.code, refusedIn(stormy)]).toEqual([0, []]);
    expect(placeless(stormy)).toEqual(placeless(all));
    const [first, second] = stormy.calls.filter(({ path }) =>
      path.includes(`${shop}/providers/Microsoft.Network/publicIPAddresses`),
    );
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(2000);
    expect(new Set(stormy.calls.map(({ token }) => token)).size).toBeGreaterThan(1);
    expect(stormy.calls.filter(({ status }) => status === 401).length).toBeGreaterThan(0);
  }, 60_000);
});

describe("what cannot be read is a gap of that name", () => {
  test("whatever the reason is", async () => {
    const twice = (body: Body): Body => ({ ...body, value: [...bodiesIn(body["value"]), ...bodiesIn(body["value"])] });
    const found = await collected(
      {
        faults: [
          {
            path: /routeTables/,
            does: { is: "error", status: 403, body: denial("Microsoft.Network/routeTables/read", "/subscriptions/x") },
          },
          { path: /loadBalancers/, does: { is: "torn" } },
          { path: /natGateways/, does: { is: "html", status: 502 } },
          { path: /ipGroups/, does: { is: "error", status: 404, body: error("ResourceNotFound", "Not here.") } },
          { path: /bastionHosts/, does: { is: "changed", how: () => ({ unexpected: true }) } },
          { path: /Microsoft.Network\/networkInterfaces\?/, does: { is: "changed", how: twice } },
          { path: /publicIPPrefixes/, does: { is: "changed", how: (body) => ({ ...body, nextLink: 7 }) } },
          {
            path: /networkManagers/,
            does: { is: "error", status: 400, body: error("NoRegisteredProviderFound", "No.") },
          },
          {
            path: /azureFirewalls/,
            does: { is: "error", status: 401, body: error("InvalidAuthenticationToken", "No.") },
          },
        ],
      },
      onlyShop,
    );
    expect(refusedIn(found).toSorted()).toEqual(
      [
        `Microsoft.Network/azureFirewalls/read ${shop}  InvalidAuthenticationToken`,
        `Microsoft.Network/bastionHosts/read ${shop}  BrokenAnswer`,
        `Microsoft.Network/ipGroups/read ${shop}  ResourceNotFound`,
        `Microsoft.Network/loadBalancers/read ${shop}  BrokenAnswer`,
        `Microsoft.Network/natGateways/read ${shop}  HTTP 502`,
        `Microsoft.Network/networkInterfaces/read ${shop}  ChangedWhileRead`,
        `Microsoft.Network/networkManagers/read ${shop}  NoRegisteredProviderFound`,
        `Microsoft.Network/publicIPPrefixes/read ${shop}  BrokenAnswer`,
        `Microsoft.Network/routeTables/read ${shop}  AuthorizationFailed`,
      ].toSorted(),
    );
    expect(messagesIn(found)).toContainEqual(expect.stringContaining("does not have authorization to perform action"));
    expect(found.code).toBe(3);
    expect(found.out).toContain("Refused, and so unknown:");
  }, 60_000);

  test("an answer that never comes is waited for until the deadline, and the rest is there", async () => {
    const found = await collected(
      { faults: [{ path: /networkSecurityGroups.*skiptoken/, does: { is: "silent" } }], most: 2 },
      [...onlyShop, "--deadline", "15"],
    );
    expect(found.code).toBe(3);
    expect(refusedIn(found)).toContain(`Microsoft.Network/networkSecurityGroups/read ${shop}  OutOfTime`);
    expect([...found.files.keys()]).toContain(`azure/${shop}/network-interfaces-0001.json`);
  }, 60_000);

  test("an answer that takes the network for ever is no answer", async () => {
    const found = await collected(
      { faults: [{ path: /operationResults/, does: { is: "error", status: 202, body: {} } }] },
      [...onlyShop, "--deadline", "15"],
    );
    expect(refusedIn(found)).toContain(
      `Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups/action ${shop}  OutOfTime`,
    );
  }, 60_000);

  test("a question that fails on its way is told in the cloud's words", async () => {
    const found = await collected(
      {
        faults: [
          {
            path: /operationResults/,
            does: {
              is: "error",
              status: 200,
              body: { status: "Failed", error: { code: "NetworkInterfaceNotRunning", message: "It does not run." } },
            },
          },
        ],
      },
      onlyShop,
    );
    expect(new Set(refusedIn(found))).toEqual(
      new Set([
        `Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups/action ${shop}  NetworkInterfaceNotRunning`,
        `Microsoft.Network/networkInterfaces/effectiveRouteTable/action ${shop}  NetworkInterfaceNotRunning`,
      ]),
    );
  }, 60_000);
});

describe("a token is shown to nobody but the cloud", () => {
  let elsewhere: LiveServer;
  beforeAll(async () => {
    elsewhere = await serve(harbour);
  });
  afterAll(() => elsewhere.close());

  test("wherever an answer leads", async () => {
    const away = `/subscriptions/${shop}/providers/x?api-version=1`;
    const to = (nextLink: string): Effect => ({ is: "changed", how: (body) => ({ ...body, nextLink }) });
    const other = new URL(elsewhere.url);
    const found = await collected(
      {
        faults: [
          { path: /networkSecurityGroups\?/, does: to(`${elsewhere.url}${away}`) },
          { path: /routeTables\?/, does: to(`https://localhost:${other.port}${away}`) },
          { path: /loadBalancers\?/, does: to(`http://${other.host}${away}`) },
          { path: /natGateways\?/, does: to(`//${other.host}${away}`) },
          { path: /ipGroups\?/, does: to(`https:\\\\${other.host}${away}`) },
          { path: /bastionHosts\?/, does: to(`https://127.0.0.1@${other.host}${away}`) },
          { path: /applicationGateways\?/, does: to(`https://127.0.0.1.evil.example${away}`) },
          { path: /azureFirewalls\?/, does: to(`\thttps://${other.host}${away}`) },
          { path: /publicIPPrefixes\?/, does: to("file:///etc/passwd") },
          { path: /networkManagers\?/, does: { is: "elsewhere", to: `${elsewhere.url}${away}` } },
          { path: /effectiveRouteTable/, does: { is: "later", name: "location", at: `${elsewhere.url}${away}` } },
          {
            path: /effectiveNetworkSecurityGroups/,
            does: { is: "later", name: "azure-asyncoperation", at: `http://${other.host}${away}` },
          },
        ],
      },
      onlyShop,
    );
    expect(new Set(refusedIn(found))).toEqual(
      new Set(
        [
          "networkSecurityGroups/read",
          "routeTables/read",
          "loadBalancers/read",
          "natGateways/read",
          "ipGroups/read",
          "bastionHosts/read",
          "applicationGateways/read",
          "azureFirewalls/read",
          "publicIPPrefixes/read",
          "networkManagers/read",
          "networkInterfaces/effectiveRouteTable/action",
          "networkInterfaces/effectiveNetworkSecurityGroups/action",
        ].map((call) => `Microsoft.Network/${call} ${shop}  ForeignHost`),
      ),
    );
    expect(messagesIn(found).join("\n")).toContain(other.host);
    expect(messagesIn(found).join("\n")).toContain("127.0.0.1.evil.example");
    expect(elsewhere.calls).toEqual([]);
  }, 60_000);

  test("by name or port, and a link within the cloud is followed", async () => {
    const relative = await collected({ most: 2, link: (url) => url.slice(new URL(url).origin.length) }, onlyShop);
    const absolute = await collected({ most: 2 }, onlyShop);
    expect([relative.code, absolute.code]).toEqual([0, 0]);
    expect([...relative.files.keys()]).toEqual([...absolute.files.keys()]);
    expect(relative.calls.length).toBe(absolute.calls.length);
  }, 60_000);
});

describe("stopped by Ctrl-C", () => {
  test("in the middle, it ends at once and leaves nothing", async () => {
    const server = await serve(harbour, {
      faults: [{ path: /skiptoken/, does: { is: "silent" } }],
      most: 2,
    });
    const folder = fresh();
    const running = start(["collect", "--azure", "--output", `${folder}/snapshot`], {
      PATH: process.env["PATH"],
      HOME: folder,
      ...onLoopback(server),
    });
    while (!server.calls.some(({ query }) => query.includes("skiptoken"))) await sleep(10);
    const begin = performance.now();
    running.signal("SIGINT");
    const { code } = await running.ended;
    const lasted = performance.now() - begin;
    await server.close();
    expect(code).toBe(130);
    expect(lasted).toBeLessThan(3000);
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
  }, 60_000);
});

describe("without the questions that Azure's Reader does not allow", () => {
  const reader = new Set(actions.filter((action) => !beyondReader.includes(action)));

  test("Resource Graph tells the rules of network managers, as far as it has them", async () => {
    const run = await collected({ granted: reader });
    const ofRules = refusedIn(run).filter((line) => line.includes("SecurityAdminRules"));
    // The shop's one network is in its rows, its other and the hub are not.
    expect(ofRules).toEqual([
      `Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules/action ${shop}  AuthorizationFailed`,
      `Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules/action ${net}  AuthorizationFailed`,
    ]);
    expect(run.files.get(`azure/${shop}/effective-security-admin-rules.json`)).toContain("effectivesecurityadminrules");
  }, 60_000);
});

describe("subscriptions", () => {
  test("are named by name or id, whatever the case", async () => {
    const run = await collected({}, ["--subscription", "harbour net", "--subscription", shop.toUpperCase()]);
    expect(run.code).toBe(0);
    expect(scopesIn(run)).toEqual([`azure ${shop} westeurope`, `azure ${net} global`]);
  }, 60_000);

  test("that the list does not have are asked all the same", async () => {
    const lost = "22222222-aaaa-4bbb-8ccc-000000000009";
    const run = await collected({}, [...onlyShop, "--subscription", lost]);
    expect(scopesIn(run)).toEqual([
      `azure ${shop} westeurope`,
      `azure ${lost} global there is no such subscription, or the credentials do not see it`,
    ]);
  }, 60_000);

  test("are read by their ids where they may not be listed", async () => {
    const granted = new Set(actions.filter((action) => action !== "Microsoft.Resources/subscriptions/read"));
    const run = await collected({ granted }, onlyShop);
    expect(scopesIn(run)).toEqual([`azure ${shop} westeurope`]);
    expect(run.code).toBe(3);
  }, 60_000);
});

describe("nothing is read, and it is said why", () => {
  let server: LiveServer;
  beforeAll(async () => {
    server = await serve(harbour, {
      faults: [
        {
          path: new RegExp(`^/subscriptions/${net}`),
          does: { is: "error", status: 401, body: error("InvalidAuthenticationTokenTenant", "Wrong issuer.") },
        },
      ],
    });
  });
  afterAll(() => server.close());

  test.each<readonly [string, readonly string[], Readonly<Record<string, string>>, string]>([
    ["no credentials", [], { AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential" }, "Azure does not know who is asking."],
    ["no kind of credentials", [], { AZURE_TOKEN_CREDENTIALS: "Horoscope" }, "az login"],
    [
      "an endpoint elsewhere",
      [],
      { SALLYPORT_AZURE_ENDPOINT: "https://management.example.com" },
      "which is no https address on this machine",
    ],
    [
      "an endpoint in the clear",
      [],
      { SALLYPORT_AZURE_ENDPOINT: "http://127.0.0.1:8080" },
      "which is no https address on this machine",
    ],
    [
      "a name that nothing has",
      ["--subscription", "Harbour Lost"],
      {},
      'None that the credentials see is called "Harbour Lost".',
    ],
    ["another tenant", ["--subscription", net], {}, `${net} (it is in another tenant than the credentials)`],
    [
      "no machines",
      ["--subscription", empty],
      {},
      "Microsoft.Network is not registered in it, so there are no machines",
    ],
    ["a disabled subscription", ["--subscription", closed], {}, `${closed} (it is disabled)`],
  ])(
    "%s",
    async (_which, words, env, says) => {
      const folder = fresh();
      const run = await sallyport(["collect", "--azure", ...words, "--output", folder], {
        ...onLoopback(server),
        ...env,
      });
      expect(run.err.replaceAll(/\s+/g, " ")).toContain(says);
      expect([run.code, existsSync(folder)]).toEqual([2, false]);
    },
    60_000,
  );
});

describe("other verbs", () => {
  test("doctor says what Azure's Reader lacks, and what that costs", async () => {
    const server = await serve(harbour, {
      granted: new Set(actions.filter((action) => !beyondReader.includes(action))),
    });
    const { code, out, err } = await sallyport(["doctor", "--azure"], onLoopback(server));
    await server.close();
    const text = out.replaceAll(/\s+/g, " ");
    expect([code, err]).toEqual([3, ""]);
    expect(text).toContain("You are reader");
    for (const action of beyondReader) expect(text).toContain(`${action}: AuthorizationFailed`);
    expect(text).toContain("Which routes a gateway has learnt is unknown");
    expect(text).toContain("sallyport permissions azure --format role");
    expect(text).not.toContain("not tried");
  }, 60_000);

  test("doctor asks a first page of each list", async () => {
    const server = await serve(harbour, { most: 2 });
    const { code } = await sallyport(["doctor", "--azure", ...onlyShop], onLoopback(server));
    await server.close();
    expect(code).toBe(0);
    expect(server.calls.filter(({ query }) => query.includes("skiptoken")).map(({ path }) => path)).toEqual([
      "/subscriptions",
    ]);
    expect([...new Set(server.calls.flatMap((call) => call.actions))]).toContain(GRAPH);
  }, 60_000);
});

describe("roles", () => {
  test("have every call, and nothing but reads and questions", () => {
    expect(beyondReader).toEqual([
      "Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups/action",
      "Microsoft.Network/networkInterfaces/effectiveRouteTable/action",
      "Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveConnectivityConfigurations/action",
      "Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules/action",
    ]);
    for (const action of actions) expect(action).toMatch(/\/read$|\/(?:effective|list)\w+\/action$/);
    expect(permissions.filter(({ call }) => !actions.includes(call))).toEqual([]);
  });

  test.each(Object.keys(policies))("%s names exactly these actions", (form) => {
    const text = policies[form]?.text(undefined, undefined) ?? "";
    const named = [...text.matchAll(/["'](Microsoft\.(?!Authorization)[\w./]+)["']/g)].map(([, action]) => action);
    expect(named).toEqual(form === "beside-reader" ? beyondReader : actions);
    if (form === "role") expect(isBody(JSON.parse(text))).toBe(true);
  });
});
