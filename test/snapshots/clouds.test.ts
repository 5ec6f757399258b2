import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ask, verdictOf } from "./ask.ts";
import type { Json } from "./folder.ts";
import { OPEN, copyOf, emptyFolder, edit, filesIn, objectsAt, parse, rawOf, readJson, writeJson } from "./folder.ts";

const DEFAULT = "gcp/the-default-network-is-open";
const LINK = "projects/shop-prod/zones/europe-west1-b/instances/web-1";
const STAR = "azure/a-star-is-every-protocol";
const ARM = "rg-shop/web-1";
const AWS = "i-01f28dd44b94d7c6e";
const GROUPS = "Microsoft.Network/networkSecurityGroups/read";

const why = (folder: string, machine: string, ...more: readonly string[]): ReturnType<typeof ask> =>
  ask("why", machine, "--from", "203.0.113.9", "--snapshot", folder, ...more);

describe("three clouds in one folder", () => {
  const all = (): string => {
    const folder = copyOf(OPEN);
    cpSync(rawOf(DEFAULT), join(folder, "gcp"), { recursive: true });
    cpSync(rawOf(STAR), join(folder, "azure"), { recursive: true });
    return folder;
  };

  test("answer for their own machines", async () => {
    const folder = all();
    expect(verdictOf(await why(folder, AWS))).toBe("reachable");
    expect(verdictOf(await why(folder, LINK))).toBe("reachable");
    expect(verdictOf(await why(folder, ARM))).toBe("reachable");
    expect((await why(folder, "web-1")).err).toMatch(/^"web-1" fits several machines/);
  });

  test("are told apart in one snapshot.json", async () => {
    const folder = all();
    for (const file of ["network-acls.json", "azure/nsgs.json"]) rmSync(join(folder, file));
    const refused = [
      { cloud: "aws", call: "ec2:DescribeNetworkAcls", account: null, region: null, code: "UnauthorizedOperation" },
      { cloud: "gcp", call: "compute.routes.list", account: "shop-prod", region: null, code: "403" },
      { cloud: "azure", call: GROUPS, account: null, region: null, code: "AuthorizationFailed" },
    ];
    writeJson({ sallyport: "0.0.0", refused }, folder, "snapshot.json");
    expect((await why(folder, AWS)).out).toMatch(/ec2:DescribeNetworkAcls was refused/);
    expect(verdictOf(await why(folder, LINK))).toBe("unknown");
    expect((await why(folder, LINK)).out).toMatch(/compute\.routes\.list was refused in project shop-prod/);
    expect(verdictOf(await why(folder, ARM))).toBe("unknown");
    expect((await why(folder, ARM)).out).toContain(`${GROUPS} was refused`);
  });

  test("are each in the coverage", async () => {
    const { out } = await ask("audit", "--json", "--snapshot", all());
    expect(objectsAt(parse(out), "/coverage").map(({ cloud }) => cloud)).toEqual(["aws", "gcp", "azure"]);
  });
});

describe("an answer of GCP means the same in every shape", () => {
  const whole = why(rawOf(DEFAULT), "web-1");
  const list = (name: string): readonly Json[] => objectsAt({ all: readJson(rawOf(DEFAULT), name) }, "/all");
  const rules = list("firewalls.json");
  const machines = list("instances.json");

  test.each<readonly [string, string, readonly (readonly [string, Json])[]]>([
    ["a list with items", "firewalls.json", [["f.json", { kind: "compute#firewallList", items: rules }]]],
    ["items without a kind", "firewalls.json", [["f.json", { items: rules }]]],
    [
      "two pages",
      "firewalls.json",
      [
        ["a.json", { kind: "compute#firewallList", items: rules.slice(0, 1), nextPageToken: "more" }],
        ["b.json", { kind: "compute#firewallList", items: rules.slice(1) }],
      ],
    ],
    [
      "an aggregated list",
      "instances.json",
      [
        [
          "i.json",
          {
            kind: "compute#instanceAggregatedList",
            items: {
              "zones/europe-west1-b": { instances: machines },
              "zones/europe-west1-c": { warning: { code: "NO_RESULTS_ON_PAGE" } },
            },
          },
        ],
      ],
    ],
    ["several kinds in one array", "firewalls.json", [["f.json", [...rules, ...list("routes.json")]]]],
  ])("%s", async (_shape, file, documents) => {
    const folder = copyOf(DEFAULT);
    rmSync(join(folder, file));
    for (const [name, document] of documents) writeJson(document, folder, name);
    const asked = await why(folder, "web-1");
    expect(asked.out).toBe((await whole).out);
    expect(asked.err).toBe("");
  });
});

describe("a thing of GCP that cannot be placed leaves its list in doubt", () => {
  test.each([
    ["firewalls.json", "/0/selfLink"],
    ["firewalls.json", "/0/network"],
    ["routes.json", "/0/network"],
  ])("%s without %s", async (file, pointer) => {
    const folder = copyOf(DEFAULT);
    edit(folder, file, pointer, undefined);
    expect(verdictOf(await why(folder, "web-1"))).toBe("unknown");
  });
});

test("every file of a snapshot that was promised and is gone is missed", async () => {
  const folder = copyOf(DEFAULT);
  const answers = [
    { cloud: "gcp", call: "compute.firewalls.list", account: "shop-prod", region: null, files: ["gone.json"] },
  ];
  writeJson({ sallyport: "0.0.0", answers, refused: [] }, folder, "snapshot.json");
  expect(filesIn(folder)).toContain("firewalls.json");
  expect(verdictOf(await why(folder, "web-1"))).toBe("unknown");
});

type Thing = Readonly<Record<string, Json>>;

test.each(["acme-prod1", "sallyport-abcde1", "team-west2", "us-2"])(
  "a folder that is called %s is no region of Google's",
  async (name) => {
    const fixture = "gcp/global-policies-say-nothing-of-regional-ones";
    const folder = join(emptyFolder(), name);
    cpSync(rawOf(fixture), folder, { recursive: true });
    const [here, there] = await Promise.all([rawOf(fixture), folder].map((each) => why(each, "web-1")));
    expect(there?.out).toBe(here?.out);
  },
);

describe("an answer of Azure means the same in every shape", () => {
  const whole = why(rawOf(STAR), ARM);
  const list = (name: string): readonly Thing[] => objectsAt({ all: readJson(rawOf(STAR), name) }, "/all");
  const groups = list("nsgs.json");

  /** As the Resource Manager prints what the command line prints flat. */
  const nested = ({ id = null, name = null, type = null, location = null, ...rest }: Thing): Thing => ({
    id,
    name,
    type,
    location,
    properties: {
      ...rest,
      securityRules: objectsAt(rest, "/securityRules").map(flatRule),
      defaultSecurityRules: objectsAt(rest, "/defaultSecurityRules").map(flatRule),
    },
  });
  const flatRule = ({ id = null, name = null, ...properties }: Thing): Thing => ({ id, name, properties });
  const lower = (thing: Thing): Thing => ({ ...thing, type: "microsoft.network/networksecuritygroups" });

  test.each<readonly [string, readonly (readonly [string, Json])[]]>([
    ["nested under properties", [["g.json", groups.map(nested)]]],
    ["a page of the Resource Manager", [["g.json", { value: groups.map(nested) }]]],
    [
      "two pages",
      [
        ["network-security-groups-001.json", { value: groups.map(nested), nextLink: "https://management.azure.com/2" }],
        ["network-security-groups-002.json", { value: [] }],
      ],
    ],
    ["rows of the Resource Graph", [["g.json", { count: groups.length, data: groups.map(nested).map(lower) }]]],
    ["one thing a file", groups.map((group, i) => [`g${i}.json`, group] as const)],
    ["several kinds in one array", [["g.json", [...groups, ...list("vnets.json")]]]],
  ])("%s", async (_shape, documents) => {
    const folder = copyOf(STAR);
    rmSync(join(folder, "nsgs.json"));
    for (const [name, document] of documents) writeJson(document, folder, name);
    const asked = await why(folder, ARM);
    expect(asked.out).toBe((await whole).out);
    expect(asked.err).toBe("");
  });
});
