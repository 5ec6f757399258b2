import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { bodiesIn, filesIn, folders, isBody, onLoopback, parsed, sallyport, withheld } from "./cli.ts";
import type { Body } from "./estate.ts";
import { harbour, net, shop } from "./estate.ts";
import type { LiveServer } from "./server.ts";
import { serve } from "./server.ts";

/** The cloud's own command line, where it is there. No package brings it, so no test may need it. */
const gcloud = (process.env["PATH"] ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "gcloud"))
  .find((path) => existsSync(path));

const { fresh, remove } = folders();
let server: LiveServer;
let files: ReadonlyMap<string, string>;
beforeAll(async () => {
  server = await serve(harbour, { most: 2 });
  const folder = fresh();
  await sallyport(["collect", "--gcp", "--organization", "--output", folder], onLoopback(server));
  files = filesIn(folder);
}, 60_000);
afterAll(async () => {
  await server.close();
  remove();
});

/** What gcloud prints, as somebody would keep it in a file. */
const printed = async (path: string, words: readonly string[], project: string): Promise<string> => {
  const child = spawn(path, [...words, "--format=json"], {
    env: {
      PATH: process.env["PATH"],
      CLOUDSDK_CONFIG: fresh(),
      CLOUDSDK_CORE_PROJECT: project,
      CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
      CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "1",
      CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "1",
      CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "1",
      CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${server.url}/compute/v1/`,
      CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER: `${server.url}/`,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (err += text));
  const code = await new Promise((done) => child.on("close", done));
  if (code !== 0) throw new Error(`gcloud ${words.join(" ")}: ${err}`);
  return out;
};

/** Every thing in the files of these names, each told once. */
const kept = (project: string, names: readonly string[]): readonly Body[] => {
  const pages = [...files]
    .filter(([file]) =>
      names.some((name) => new RegExp(`^${project}/(?:[a-z0-9-]+/)?${name}(?:-\\d{4})?\\.json$`).test(file)),
    )
    .map(([, text]) => parsed(text));
  const found = pages.flatMap(({ items }) =>
    isBody(items)
      ? Object.values(items).flatMap((part) => (isBody(part) ? Object.values(part).flatMap(bodiesIn) : []))
      : bodiesIn(items),
  );
  return [...new Map(found.map((each) => [each["selfLink"] ?? each["instance"], each])).values()].toSorted(byLink);
};

const byLink = (a: Body, b: Body): number => (String(a["selfLink"]) < String(b["selfLink"]) ? -1 : 1);

/** gcloud adds some members of its own for people. */
const plain = (each: Body): Body =>
  Object.fromEntries(
    Object.entries(each).filter(([name]) => !/^(?:x_gcloud_|isManaged$|instanceGroupManager)/.test(name)),
  );

const lists: readonly (readonly [string, string, readonly string[]])[] = [
  ["compute instances list", shop, ["instances"]],
  ["compute networks list", net, ["networks"]],
  ["compute networks subnets list", shop, ["subnetworks"]],
  ["compute firewall-rules list", net, ["firewalls"]],
  ["compute routes list", shop, ["routes"]],
  ["compute addresses list", shop, ["addresses", "global-addresses"]],
  ["compute forwarding-rules list", shop, ["forwarding-rules", "global-forwarding-rules"]],
  ["compute target-instances list", shop, ["target-instances"]],
  ["compute target-pools list", shop, ["target-pools"]],
  ["compute backend-services list", shop, ["backend-services"]],
  ["compute network-endpoint-groups list", shop, ["network-endpoint-groups"]],
  ["compute routers list", net, ["routers"]],
  ["compute vpn-tunnels list", net, ["vpn-tunnels"]],
];

const things: readonly (readonly [string, string, string])[] = [
  ["compute project-info describe", shop, `${shop}/project.json`],
  ["compute network-firewall-policies describe core-policy --global", net, `${net}/firewall-policy-core-policy.json`],
  ["compute routers get-status edge --region=europe-west1", net, `${net}/europe-west1/router-status-edge.json`],
];

describe("the real gcloud, asking the same cloud, prints what was kept", () => {
  const path = gcloud;
  if (path === undefined) {
    // What it would be held against is there all the same: lists of things with links, and things of a kind.
    test.each(lists)("or is not there, and %s has something to be held against", (_words, project, names) => {
      const expected = kept(project, names);
      expect(expected.length).toBeGreaterThan(0);
      for (const each of expected) expect(each).toMatchObject({ selfLink: expect.stringContaining(`/projects/`) });
      expect(new Set(expected.map(({ selfLink }) => selfLink)).size).toBe(expected.length);
    });
    test.each(things)("or is not there, and %s has something to be held against", (_words, _project, file) => {
      expect(parsed(files.get(file))).toMatchObject({ kind: expect.stringMatching(/^compute#/) });
    });
    return;
  }

  test.each(lists)(
    "%s",
    async (words, project, names) => {
      const list: unknown = JSON.parse(withheld(await printed(path, words.split(" "), project)));
      const expected = kept(project, names);
      expect(bodiesIn(list).map(plain).toSorted(byLink)).toEqual(expected);
      expect(expected.length).toBeGreaterThan(0);
    },
    30_000,
  );

  test.each(things)(
    "%s",
    async (words, project, file) => {
      const thing: unknown = JSON.parse(withheld(await printed(path, words.split(" "), project)));
      expect(Array.isArray(thing) ? thing : [thing]).toEqual([parsed(files.get(file))]);
    },
    30_000,
  );

  test("which policies and rules are in force", async () => {
    const told = parsed(await printed(path, ["compute", "networks", "get-effective-firewalls", "core"], net));
    const ours = parsed(files.get(`${net}/effective-firewalls-core.json`));
    const namesIn = ({ firewalls, firewallPolicys }: Body) =>
      [firewalls, firewallPolicys].map((list) => new Set(bodiesIn(list).map(({ name }) => name)));
    expect(namesIn(told)).toEqual(namesIn(ours));
  }, 30_000);

  test("which folders a project is in", async () => {
    const told: unknown = JSON.parse(await printed(path, ["projects", "get-ancestors", shop], shop));
    const ours = bodiesIn(parsed(files.get(`${shop}/ancestry.json`))["ancestor"]);
    expect(told).toEqual(ours.map(({ resourceId }) => resourceId));
  }, 30_000);
});
