import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { permissions } from "#providers/gcp/permissions.ts";
import { organizationPermissions, policies, projectPermissions } from "#providers/gcp/policy.ts";
import { smallEstate } from "../live/estate.ts";
import { serve as serveAws } from "../live/server.ts";
import type { Run } from "./cli.ts";
import { bodiesIn, isBody, filesIn, folders, onLoopback, parsed, sallyport, withheld } from "./cli.ts";
import type { Body } from "./estate.ts";
import { empty, harbour, net, shop, tools } from "./estate.ts";
import type { Call, LiveServer, Options } from "./server.ts";
import { error, serve } from "./server.ts";

const { fresh, remove } = folders();
afterAll(remove);

interface Collected extends Run {
  readonly files: ReadonlyMap<string, string>;
  readonly document: Body;
  readonly calls: readonly Call[];
}

/** Reads the whole cloud, or what the words say, and tells what was written and what was asked. */
const collected = async (options: Options = {}, words: readonly string[] = ["--organization"]): Promise<Collected> => {
  const server = await serve(harbour, options);
  const folder = fresh();
  try {
    const run = await sallyport(["collect", "--gcp", ...words, "--output", folder], onLoopback(server));
    const all = existsSync(folder) ? filesIn(folder) : new Map<string, string>();
    const files = new Map([...all].filter(([file]) => file !== "snapshot.json"));
    return { ...run, files, document: parsed(all.get("snapshot.json") ?? "{}"), calls: server.calls };
  } finally {
    await server.close();
  }
};

const refusedIn = ({ document }: Collected): readonly string[] =>
  bodiesIn(document["refused"]).map(({ call, account, region, code }) => [call, account, region, code].join(" "));

const scopesIn = ({ document }: Collected): readonly string[] =>
  bodiesIn(document["scopes"]).map(({ cloud, account, region, skipped }) =>
    [cloud, account, region, skipped].join(" ").trim(),
  );

/** What only finds out which projects there are. */
const finding = /^\/v3\/(?:projects|folders|organizations)/;

const SECRETS = ["hunter2", "ssh-ed25519", "bgp-secret", "tunnel-secret", "AbC"];
describe("a whole organisation", () => {
  let all: Collected;
  beforeAll(async () => {
    all = await collected({ most: 2, granted: new Set(organizationPermissions) });
  }, 60_000);

  test("is read with the least role alone, and with all of it", () => {
    expect([all.code, refusedIn(all)]).toEqual([0, []]);
    expect([...new Set(all.calls.map(({ permission }) => permission))].toSorted()).toEqual(organizationPermissions);
  });

  test("is told by the places where machines are", () => {
    expect(scopesIn(all)).toEqual([
      `gcp ${empty} global the Compute Engine API is not enabled, so there are no machines`,
      `gcp ${net} global`,
      `gcp ${shop} europe-west1`,
      `gcp ${shop} us-central1`,
      `gcp ${tools} europe-west1`,
      `gcp ${tools} us-central1`,
    ]);
  });

  test("is kept as it was told, byte by byte, but for what nobody should keep", () => {
    const told = all.calls
      .filter(({ path, status }) => status === 200 && !finding.test(path))
      .map(({ text }) => withheld(text));
    expect([...all.files.values()].toSorted()).toEqual(told.toSorted());
  });

  test("is kept with members that no code of today knows", () => {
    expect(all.files.get(`${net}/firewall-policy-core-policy.json`)).toContain("srcPostQuantumGrade");
    expect(all.files.get(`${net}/effective-firewalls-core.json`)).toContain("srcPostQuantumGrade");
  });

  test("is kept without a secret or a token", () => {
    const everything = [...all.files.values(), JSON.stringify(all.document), all.out, all.err].join("\n");
    for (const secret of [...SECRETS, ...new Set(all.calls.map(({ token }) => token))])
      expect(everything).not.toContain(secret);
    expect(everything).toContain('"enable-oslogin"');
    expect(everything).toContain('"TRUE"');
  });

  test("names each file of each answer", () => {
    const named = bodiesIn(all.document["answers"]).flatMap(({ files }) => files);
    expect(new Set(named)).toEqual(new Set(all.files.keys()));
    const calls = new Set(bodiesIn(all.document["answers"]).map(({ call }) => call));
    expect(permissions.filter(({ call }) => !calls.has(call))).toEqual([]);
  });

  test("is asked for in the largest pages, by the official client, with one token", () => {
    const lists = all.calls.filter(
      ({ path }) => path.startsWith("/compute/") && /aggregated|global\/[A-Za-z]+$/.test(path),
    );
    for (const { query, headers } of lists) {
      expect(query).toContain("maxResults=500");
      expect(headers["x-goog-api-client"]).toContain("gapic/7.8.0");
      expect(headers["x-sallyport-mark"]).toBeUndefined();
    }
    expect(new Set(all.calls.map(({ token }) => token))).toEqual(new Set(["token-1"]));
  });

  test("is read by calls that change nothing", () => {
    const posts = all.calls.filter(({ method }) => method !== "GET").map(({ path }) => path.split(/[/:]/).at(-1));
    expect(new Set(posts)).toEqual(new Set(["getAncestry", "listInstances", "listNetworkEndpoints"]));
  });

  test("comes out the same through storms", async () => {
    const rate = { is: "error", status: 403, body: error(403, "Rate Limit Exceeded", "rateLimitExceeded") } as const;
    const busy = { is: "error", status: 429, body: error(429, "Too many requests", "rateLimitExceeded") } as const;
    const away = {
      is: "error",
      status: 503,
      body: error(503, "Backend Error", "backendError", "UNAVAILABLE"),
    } as const;
    const stormy = await collected({
      most: 2,
      uses: 60,
      faults: [
        { path: /shop\/global\/networks\?/, times: 2, does: rate },
        { path: /shop\/global\/firewalls/, times: 2, does: busy },
        { path: /tools\/aggregated\/addresses/, times: 1, does: { ...busy, headers: { "retry-after": "2" } } },
        { path: /shop\/global\/routes/, times: 2, does: away },
        { path: /net\/global\/networks\/core\/getEffective/, times: 1, does: away },
        { path: /shop\/aggregated\/subnetworks/, times: 1, does: { is: "html", status: 502 } },
        { path: /shop\/aggregated\/routers/, times: 1, does: { is: "html", status: 200 } },
        { path: /tools\/aggregated\/instances/, times: 2, does: { is: "torn" } },
        { path: /net\/aggregated\/instances/, times: 1, does: { is: "cut-off" } },
        { path: /net\/aggregated\/vpnTunnels/, times: 1, does: { is: "reset" } },
        { path: /:getAncestry/, times: 1, does: away },
        { path: /addressGroups/, times: 1, does: { is: "torn" } },
      ],
    });
    expect([stormy.code, refusedIn(stormy)]).toEqual([0, []]);
    expect(Object.fromEntries(stormy.files)).toEqual(Object.fromEntries(all.files));
    const [first, second] = stormy.calls.filter(({ path }) => /tools\/aggregated\/addresses/.test(path));
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(2000);
    const used = new Set(stormy.calls.map(({ token }) => token));
    expect(used.size).toBeGreaterThan(1);
    expect(stormy.calls.filter(({ status }) => status === 401).length).toBeGreaterThan(0);
  }, 60_000);
});

describe("what cannot be read is a gap of that name", () => {
  test("whatever the reason is", async () => {
    const unreachable =
      (scope: string) =>
      (body: Body): Body => ({
        ...body,
        items: {
          ...(typeof body["items"] === "object" ? body["items"] : {}),
          [scope]: { warning: { code: "UNREACHABLE", message: `The resource '${scope}' is not available.` } },
        },
      });
    const elsewhere = await serve(harbour);
    const found = await collected(
      {
        faults: [
          { path: /tools\/aggregated\/instances\?/, does: { is: "changed", how: unreachable("zones/us-central1-a") } },
          {
            path: /tools\/aggregated\/routers/,
            does: { is: "changed", how: (body) => ({ ...body, unreachables: ["regions/us-central1"] }) },
          },
          {
            path: /tools\/global\/routes/,
            does: {
              is: "changed",
              how: (body) => ({ ...body, warning: { code: "PARTIAL_SUCCESS", message: "Some are missing." } }),
            },
          },
          {
            path: /tools\/global\/firewalls/,
            does: {
              is: "error",
              status: 403,
              body: error(
                403,
                "Required 'compute.firewalls.list' permission for 'projects/harbour-tools'",
                "forbidden",
              ),
            },
          },
          { path: /tools\/aggregated\/subnetworks/, does: { is: "torn" } },
          { path: /tools\/aggregated\/targetPools/, does: { is: "html", status: 502 } },
          {
            path: /tools\/global\/networks/,
            does: { is: "elsewhere", to: `${elsewhere.url}/compute/v1/projects/harbour-tools/global/networks` },
          },
          {
            path: /tools\/aggregated\/securityPolicies/,
            does: { is: "error", status: 404, body: error(404, "Not here", "notFound") },
          },
          { path: /addressGroups/, does: { is: "error", status: 403, body: newStyle } },
        ],
      },
      ["--project", tools],
    );
    await elsewhere.close();
    expect(refusedIn(found)).toEqual([
      `networksecurity.addressGroups.list ${net}  IAM_PERMISSION_DENIED`,
      `compute.firewalls.list ${tools}  forbidden`,
      `compute.networks.list ${tools}  HTTP 302`,
      `compute.routes.list ${tools}  PARTIAL_SUCCESS`,
      `compute.securityPolicies.list ${tools}  notFound`,
      `compute.subnetworks.list ${tools}  BrokenAnswer`,
      `compute.targetPools.list ${tools}  HTTP 502`,
      `compute.instances.list ${tools} us-central1 UNREACHABLE`,
      `compute.routers.list ${tools} us-central1 UNREACHABLE`,
      "networksecurity.addressGroups.list organizations/900100200300 europe-west1 IAM_PERMISSION_DENIED",
    ]);
    expect(found.code).toBe(3);
    expect(elsewhere.calls).toEqual([]);
    expect(found.out).toContain("Refused, and so unknown:");
  }, 60_000);

  test("a host project that was not named is read, but for its machines", async () => {
    const found = await collected({ granted: new Set(projectPermissions) }, ["--project", shop]);
    expect(scopesIn(found)).toEqual([`gcp ${shop} europe-west1`, `gcp ${shop} us-central1`]);
    expect([...new Set(refusedIn(found))]).toEqual([
      "compute.firewallPolicies.listAssociations folders/400100  forbidden",
      "compute.firewallPolicies.listAssociations folders/400200  forbidden",
      "compute.firewallPolicies.listAssociations organizations/900100200300  forbidden",
    ]);
    expect([...found.files.keys()]).toEqual(
      expect.arrayContaining([
        `${net}/firewalls.json`,
        `${net}/effective-firewalls-core.json`,
        `${net}/europe-west1/effective-firewalls-core.json`,
      ]),
    );
    expect([...found.files.keys()]).not.toContain(`${net}/instances.json`);
  }, 60_000);

  test("an answer that never comes is waited for until the deadline, and the rest is there", async () => {
    const found = await collected({ faults: [{ path: /tools\/global\/firewalls/, does: { is: "silent" } }] }, [
      "--project",
      tools,
      "--deadline",
      "15",
    ]);
    expect(found.code).toBe(3);
    expect(refusedIn(found)).toContain(`compute.firewalls.list ${tools}  OutOfTime`);
    expect([...found.files.keys()]).toContain(`${tools}/instances.json`);
  }, 60_000);
});

const newStyle: Body = {
  error: {
    code: 403,
    message: "Permission 'networksecurity.addressGroups.list' denied.",
    status: "PERMISSION_DENIED",
    details: [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: "IAM_PERMISSION_DENIED",
        domain: "iam.googleapis.com",
      },
    ],
  },
};

describe("credentials", () => {
  let server: LiveServer;
  beforeAll(async () => {
    server = await serve(harbour);
  });
  afterAll(() => server.close());

  test("of a service account that they may act as", async () => {
    const run = await sallyport(
      ["doctor", "--gcp", "--project", tools, "--impersonate", "audit@harbour-net.iam.gserviceaccount.com", "--json"],
      onLoopback(server),
    );
    expect([run.code, run.err]).toEqual([0, ""]);
    expect(bodiesIn(parsed(run.out)["identities"])).toEqual([
      { cloud: "gcp", account: shop, who: "audit@harbour-net.iam.gserviceaccount.com" },
    ]);
    expect(new Set(server.calls.map(({ token }) => token))).toEqual(new Set(["acting-token-1"]));
  }, 60_000);

  test("that are charged to another project", async () => {
    const before = server.calls.length;
    const run = await sallyport(["doctor", "--gcp", "--project", empty], {
      ...onLoopback(server),
      GOOGLE_CLOUD_QUOTA_PROJECT: net,
    });
    const payers = server.calls.slice(before).map(({ headers }) => headers["x-goog-user-project"]);
    expect(new Set(payers)).toEqual(new Set([net]));
    // It may be the payer that lacks the API, so the project is not taken to be without machines.
    expect([run.code, run.out.replaceAll(/\s+/g, " ")]).toEqual([
      3,
      expect.stringContaining(`${empty}: SERVICE_DISABLED`),
    ]);
  }, 60_000);

  test.each<readonly [string, readonly string[], Readonly<Record<string, string>>, string]>([
    ["none", [], { GOOGLE_APPLICATION_CREDENTIALS: "nowhere.json" }, "gcloud auth application-default login"],
    [
      "shown to nobody but Google",
      [],
      { SALLYPORT_GCP_ENDPOINT: "http://compute.example.com" },
      "which is not on this machine",
    ],
    [
      "that may not act as another",
      ["--impersonate", "root@harbour-net.iam.gserviceaccount.com"],
      {},
      "may not be impersonated",
    ],
    ["of nobody", ["--impersonate", "../../root"], {}, "is no service account"],
    [
      "of projects of which none can be read",
      ["--project", empty, "--project", "harbour-lost"],
      {},
      `${empty} (the Compute Engine API is not enabled, so there are no machines), harbour-lost (there is no such project)`,
    ],
    ["of a folder without projects", ["--folder", "999"], {}, "There is no project to read"],
  ])(
    "%s",
    async (_which, words, env, says) => {
      const folder = fresh();
      const run = await sallyport(["collect", "--gcp", ...words, "--output", folder], {
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
  /** Compute Network Viewer is thought to be enough, and is not (gcp.md C.6). */
  const networkViewer = new Set(
    organizationPermissions.filter(
      (each) =>
        !/instances\.getEffective|[fF]irewallPolicies|networkEndpointGroups|securityPolicies|listAssociations|networksecurity|TagBindings/.test(
          each,
        ),
    ),
  );

  test("doctor says what a role lacks, what that costs and which role has it", async () => {
    const server = await serve(harbour, { granted: networkViewer });
    const { code, out } = await sallyport(["doctor", "--gcp", "--folder", "400100"], onLoopback(server));
    await server.close();
    const text = out.replaceAll(/\s+/g, " ");
    expect(code).toBe(3);
    expect(text).toContain("You are reader@harbour-shop.iam.gserviceaccount.com in project harbour-shop");
    expect(text).toContain("compute.networkFirewallPolicies.aggregatedList: forbidden in harbour-shop");
    expect(text).toContain("Which network firewall policies there are is unknown");
    expect(text).toContain("roles/compute.viewer");
    expect(text).toContain("Compute Network Viewer does not");
    expect(server.calls.filter(({ query }) => /maxResults=(?!5\b)/.test(query))).toEqual([]);
    expect(new Set(server.calls.map(({ status }) => status))).toEqual(new Set([200, 403]));
  }, 60_000);

  test("an audit reads two clouds at once, and keeps what it read", async () => {
    const [google, amazon] = await Promise.all([serve(harbour), serveAws(smallEstate)]);
    const folder = fresh();
    const { code, err } = await sallyport(
      ["audit", "--aws", "--gcp", "--project", tools, "--region", "eu-west-1", "--keep", folder],
      {
        ...onLoopback(google),
        AWS_ENDPOINT_URL: amazon.url,
        AWS_ACCESS_KEY_ID: "AKIAHARBOURREADER001",
        AWS_SECRET_ACCESS_KEY: "any",
        AWS_EC2_METADATA_DISABLED: "true",
      },
    );
    const document = parsed(filesIn(folder).get("snapshot.json"));
    await Promise.all([google.close(), amazon.close()]);
    expect([0, 1, 3]).toContain(code);
    expect(new Set(bodiesIn(document["answers"]).map(({ cloud }) => cloud))).toEqual(new Set(["aws", "gcp"]));
    // A call that was lost on its way is made, and arrives nowhere.
    const calls = isBody(document["calls"]) ? document["calls"] : {};
    expect(Number(calls["made"])).toBeGreaterThanOrEqual(google.calls.length + amazon.calls.length);
    expect(err).toMatch(/in \d+ Regions? of 1 account:[^]*in 2 regions of 1 project:/);
  }, 60_000);
});

describe("roles", () => {
  test("of a project have nothing that a project may not give", () => {
    expect(organizationPermissions.filter((each) => !projectPermissions.includes(each))).toEqual([
      "compute.organizations.listAssociations",
      "resourcemanager.folders.list",
      "resourcemanager.organizations.get",
      "resourcemanager.projects.list",
    ]);
  });

  test.each(Object.keys(policies))("%s only reads", (form) => {
    const text = policies[form]?.text(undefined, undefined) ?? "";
    const named = [...text.matchAll(/\b(?:compute|resourcemanager|networksecurity)\.[A-Za-z]+\.([A-Za-z]+)/g)];
    expect(named.length).toBeGreaterThan(20);
    for (const [, verb = ""] of named) expect(verb).toMatch(/^(?:get|list)/);
  });
});
