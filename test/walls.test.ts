import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { breaches } from "./walls.ts";

const root = join(import.meta.dirname, "..");

test("no file crosses a wall", () => {
  const crossed = sources().flatMap((path) => breaches(path, readFileSync(join(root, path), "utf8")));
  expect(crossed).toEqual([]);
});

describe("a wall holds against", () => {
  test.each([
    ["a command that knows a cloud", "src/commands/audit.ts", 'import { aws } from "#providers/aws/index.ts";'],
    ["a cloud that knows another", "providers/aws/read.ts", 'import { tag } from "#providers/gcp/tag.ts";'],
    ["a cloud that decides", "providers/aws/ways.ts", 'import { decide } from "#resolve/decide.ts";'],
    ["an SDK outside collect.ts", "providers/aws/read.ts", 'import type { Vpc } from "@aws-sdk/client-ec2";'],
    ["an SDK loaded at once", "providers/aws/collect.ts", 'import { EC2Client } from "@aws-sdk/client-ec2";'],
    ["the SDK of another cloud", "providers/gcp/collect.ts", 'await import("@azure/identity");'],
    ["the address library beyond text.ts", "src/packets/set.ts", 'import IPCIDR from "ip-cidr";'],
    ["arithmetic that leans on the model", "src/packets/set.ts", 'import type { Gate } from "#model/gate.ts";'],
    ["a report that computes", "src/reports/csv.ts", 'import { stops } from "#model/gate.ts";'],
    ["a room reached by a relative path", "src/resolve/walk.ts", 'import { or } from "../packets/set.ts";'],
    ["an export that is an import", "src/model/gate.ts", 'export * from "#resolve/decide.ts";'],
    ["an import of a computed name", "src/commands/audit.ts", "await import(name);"],
    ["disk in the model", "src/model/gate.ts", 'import { readFileSync } from "node:fs";'],
    ["a clock in a check", "src/checks/unused.ts", "const now = Date.now();"],
    ["a hidden clock in a provider", "providers/gcp/read.ts", "const seen = new Date();"],
    ["the console in the resolver", "src/resolve/walk.ts", "console.log(1);"],
    ["the environment in a fix", "src/fixes/search.ts", "const { HOME } = process.env;"],
    ["a room nobody described", "src/cellar/wine.ts", ""],
  ])("%s", (_what, path, text) => {
    expect(breaches(path, text)).toHaveLength(1);
  });
});

describe("a wall lets through", () => {
  test.each([
    [
      "the one file that knows everything",
      "src/main.ts",
      'import { aws } from "#providers/aws/index.ts"; process.exit();',
    ],
    ["neighbours in a room", "src/resolve/walk.ts", 'import { decide } from "./decide.ts";'],
    ["an SDK when it is asked for", "providers/aws/collect.ts", 'await import("@aws-sdk/client-ec2");'],
    ["the types of an SDK", "providers/aws/collect.ts", 'import type { EC2Client } from "@aws-sdk/client-ec2";'],
    ["the types of the model", "src/reports/csv.ts", 'import { type Gate } from "#model/gate.ts";'],
    ["a process of some machine", "providers/host/sockets.ts", "const names = all.map((process) => process.name);"],
    ["a clock that is only spoken of", "src/model/gate.ts", "// Date.now()\nconst text = \"import('node:fs')\";"],
  ])("%s", (_what, path, text) => {
    expect(breaches(path, text)).toEqual([]);
  });
});

test("a breach names the file, the import and the reason", () => {
  expect(breaches("src/resolve/walk.ts", 'import { readFileSync } from "node:fs";')).toEqual([
    "src/resolve/walk.ts imports node:fs: same picture, same verdict",
  ]);
});

function sources(): readonly string[] {
  return ["src", "providers"]
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) =>
        posix.join(folder, file.replaceAll("\\", "/")),
      ),
    )
    .filter((path) => path.endsWith(".ts"));
}
