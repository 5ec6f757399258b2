import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ask, gapCodes, verdictOf } from "./ask.ts";
import { at, copyOf, edit, objectsAt, parse, readJson, writeJson } from "./folder.ts";

/** db-1 is reached through the balancer edge, which hides its clients; its target group is db. */
const HIDDEN = "a-balancer-that-hides-its-clients-opens-what-its-own-network-may-enter";
/** An accelerator before the balancer edge before db-1. */
const CHAIN = "an-accelerator-opens-an-internal-balancer";
const DIRECT = "behind-a-load-balancer-the-direct-way-is-still-closed";

const why = (folder: string, ...more: readonly string[]) =>
  ask("why", "db-1", "--from", "203.0.113.9", "--json", "--snapshot", folder, ...more);

const moved = (folder: string, from: string, to: string): void => {
  mkdirSync(dirname(join(folder, to)), { recursive: true });
  renameSync(join(folder, from), join(folder, to));
};

describe("the health of targets is of the target group that its file is called by:", () => {
  test.each([
    ["its name", "db.json"],
    ["its name among other words", "describe-target-health-db.json"],
    ["the last step of its ARN", "73e2d6bc24d8a067.json"],
    [
      "its ARN, with what no file may be called by replaced",
      "arn_aws_elasticloadbalancing_eu-west-1_111122223333_targetgroup_db_73e2d6bc24d8a067.json",
    ],
    ["the name of its folder", "db/target-health.json"],
  ])("%s", async (_how, name) => {
    const folder = copyOf(HIDDEN);
    moved(folder, "target-health-db.json", name);
    expect(verdictOf(await why(folder))).toBe("reachable");
  });

  test.each([
    ["no name", "target-health.json"],
    ["a name that is only part of a word", "dbs.json"],
  ])("%s is no answer", async (_how, name) => {
    const folder = copyOf(HIDDEN);
    moved(folder, "target-health-db.json", name);
    const answer = await why(folder);
    expect(verdictOf(answer)).toBe("unknown");
    expect(gapCodes(answer)).toContain("snapshot/unnamed");
  });

  test("the longest name wins", async () => {
    const folder = copyOf(HIDDEN);
    const [group] = objectsAt(readJson(folder, "target-groups.json"), "/TargetGroups");
    if (group === undefined) throw new Error("there is no target group");
    const arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/db-2/84e2d6bc24d8a067";
    const other = { ...group, TargetGroupName: "db-2", TargetGroupArn: arn, LoadBalancerArns: [] };
    edit(folder, "target-groups.json", "/TargetGroups", [group, other]);
    moved(folder, "target-health-db.json", "target-health-db-2.json");
    expect(verdictOf(await why(folder))).toBe("unknown");
    moved(folder, "target-health-db-2.json", "target-health-db.json");
    writeJson({ TargetHealthDescriptions: [] }, folder, "target-health-db-2.json");
    expect(verdictOf(await why(folder))).toBe("reachable");
  });

  test("two files of one group that differ are no answer", async () => {
    const folder = copyOf(HIDDEN);
    writeJson({ TargetHealthDescriptions: [] }, folder, "later-target-health-db.json");
    const answer = await why(folder);
    expect(verdictOf(answer)).toBe("unknown");
    expect(gapCodes(answer)).toContain("fact/contradicts-itself");
  });
});

test("attributes of a target group and of a balancer of the same name are told apart by what they are", async () => {
  const folder = copyOf(HIDDEN);
  edit(folder, "target-groups.json", "/TargetGroups/0/TargetGroupName", "edge");
  moved(folder, "target-health-db.json", "target-health-edge.json");
  moved(folder, "target-group-attributes-db.json", "a/attributes-edge.json");
  moved(folder, "load-balancer-attributes-edge.json", "b/attributes-edge.json");
  expect(verdictOf(await why(folder))).toBe("reachable");
});

test("listeners of balancers and of accelerators print the same key, and are told apart by their ARNs", async () => {
  const folder = copyOf(CHAIN);
  moved(folder, "listeners.json", "1.json");
  moved(folder, "accelerator-listeners.json", "2.json");
  expect(verdictOf(await why(folder, "--port", "8080"))).toBe("reachable");
});

test("rules of another service are not taken for a balancer's", async () => {
  const folder = copyOf(HIDDEN);
  writeJson(
    { Rules: [{ Name: "nightly", Arn: "arn:aws:events:eu-west-1:111122223333:rule/nightly" }] },
    folder,
    "e.json",
  );
  expect(verdictOf(await why(folder))).toBe("reachable");
});

const doors = async (folder: string) => {
  const { out } = await ask("audit", "--json", "--snapshot", folder);
  return at(parse(out), "/coverage/0/notLookedAt");
};

test("the coverage names the doors that nobody asked for, and no others", async () => {
  const others = ["transit gateways", "VPN connections", "instance connect endpoints"];
  expect(await doors(copyOf(DIRECT))).toEqual(["load balancers", "accelerators", ...others]);
  const folder = copyOf(HIDDEN);
  expect(await doors(folder)).toEqual(["accelerators", ...others]);
  rmSync(join(folder, "classic.json"));
  expect(await doors(folder)).toEqual(["classic load balancers", "accelerators", ...others]);
  writeJson({ Accelerators: [] }, folder, "accelerators.json");
  expect(await doors(folder)).toEqual(["classic load balancers", ...others]);
});

test("with --strict, doors that nobody asked for may lead to whom the machine's own groups let in", async () => {
  expect(verdictOf(await why(copyOf(DIRECT)))).toBe("blocked");
  expect(verdictOf(await why(copyOf(DIRECT), "--strict"))).toBe("unknown");
  expect(verdictOf(await why(copyOf(DIRECT), "--strict", "--port", "443"))).toBe("blocked");
});

test("a balancer of which no node was read may lead to its targets", async () => {
  const folder = copyOf(HIDDEN);
  const [machine] = objectsAt(readJson(folder, "network-interfaces.json"), "/NetworkInterfaces");
  if (machine === undefined) throw new Error("there is no interface");
  edit(folder, "network-interfaces.json", "/NetworkInterfaces", [machine]);
  expect(verdictOf(await why(folder))).toBe("unknown");
});

test.each([
  ["target-groups.json", "/TargetGroups/0/LoadBalancerArns", undefined],
  ["listeners.json", "/Listeners/0/DefaultActions/0/ForwardConfig", { TargetGroups: [] }],
])("what says the same in another way changes nothing: %s %s", async (file, pointer, value) => {
  const folder = copyOf(HIDDEN);
  edit(folder, file, pointer, value);
  expect(verdictOf(await why(folder))).toBe("reachable");
});

test("a target group of weight 0 gets nothing", async () => {
  const folder = copyOf(HIDDEN);
  const [group] = objectsAt(readJson(folder, "target-groups.json"), "/TargetGroups");
  const TargetGroupArn = group?.["TargetGroupArn"] ?? null;
  const action = { Type: "forward", ForwardConfig: { TargetGroups: [{ TargetGroupArn, Weight: 0 }] } };
  edit(folder, "listeners.json", "/Listeners/0/DefaultActions", [action]);
  expect(verdictOf(await why(folder))).toBe("blocked");
});

test("an audit says through what the internet comes", async () => {
  const { out } = await ask("audit", "--json", "--snapshot", copyOf(HIDDEN));
  const [found] = objectsAt(parse(out), "/findings").filter(({ check }) => check === "exposed-ssh");
  expect(found?.["title"]).toBe(
    "The internet reaches SSH on db-1 (i-0d22ed630d3336181) through load balancer edge (port 2222).",
  );
  expect(at(found ?? null, "/exposure/through")).toEqual(["load balancer edge (port 2222)"]);
});

test("a balancer that faces the internet, on an interface without a public address, contradicts itself", async () => {
  const folder = copyOf(HIDDEN);
  const nodes = objectsAt(readJson(folder, "network-interfaces.json"), "/NetworkInterfaces");
  const node = nodes.findIndex(({ Description }) => Description === "ELB net/edge/5b1e0a7c9d2f4e68");
  edit(folder, "network-interfaces.json", `/NetworkInterfaces/${node}/Association`, undefined);
  edit(folder, "network-interfaces.json", `/NetworkInterfaces/${node}/PrivateIpAddresses/0/Association`, undefined);
  const answer = await why(folder);
  expect(verdictOf(answer)).toBe("unknown");
  expect(gapCodes(answer)).toContain("fact/faces-nobody");
});

test("that a classic balancer finds its machines in service is assumed, and with --strict it is not", async () => {
  const folder = copyOf("a-classic-balancer-carries-ssh");
  const answer = await why(folder);
  expect(verdictOf(answer)).toBe("reachable");
  expect(objectsAt(parse(answer.out), "/assumptions").map(({ says }) => says)).toContain(
    "old-front finds i-0d22ed630d3336181 in service",
  );
  expect(gapCodes(await why(folder, "--strict"))).toContain("way/not-read");
});
