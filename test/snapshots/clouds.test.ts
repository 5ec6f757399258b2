import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ask, verdictOf } from "./ask.ts";
import type { Json } from "./folder.ts";
import { OPEN, copyOf, edit, filesIn, objectsAt, parse, rawOf, readJson, writeJson } from "./folder.ts";

const DEFAULT = "gcp/the-default-network-is-open";
const LINK = "projects/shop-prod/zones/europe-west1-b/instances/web-1";
const AWS = "10.20.1.10";

const why = (folder: string, machine: string, ...more: readonly string[]): ReturnType<typeof ask> =>
  ask("why", machine, "--from", "203.0.113.9", "--snapshot", folder, ...more);

describe("two clouds in one folder", () => {
  const both = (): string => {
    const folder = copyOf(OPEN);
    cpSync(rawOf(DEFAULT), join(folder, "gcp"), { recursive: true });
    return folder;
  };

  test("answer for their own machines", async () => {
    const folder = both();
    expect(verdictOf(await why(folder, AWS))).toBe("reachable");
    expect(verdictOf(await why(folder, LINK))).toBe("reachable");
    expect((await why(folder, "web-1")).err).toMatch(/^"web-1" fits several machines/);
  });

  test("are told apart in one snapshot.json", async () => {
    const folder = both();
    rmSync(join(folder, "network-acls.json"));
    const refused = [
      { cloud: "aws", call: "ec2:DescribeNetworkAcls", account: null, region: null, code: "UnauthorizedOperation" },
      { cloud: "gcp", call: "compute.routes.list", account: "shop-prod", region: null, code: "403" },
    ];
    writeJson({ sallyport: "0.0.0", refused }, folder, "snapshot.json");
    expect((await why(folder, AWS)).out).toMatch(/ec2:DescribeNetworkAcls was refused/);
    expect(verdictOf(await why(folder, LINK))).toBe("unknown");
    expect((await why(folder, LINK)).out).toMatch(/compute\.routes\.list was refused in project shop-prod/);
  });

  test("are each in the coverage", async () => {
    const { out } = await ask("audit", "--json", "--snapshot", both());
    expect(objectsAt(parse(out), "/coverage").map(({ cloud }) => cloud)).toEqual(["aws", "gcp"]);
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
