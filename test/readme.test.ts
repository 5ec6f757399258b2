import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { policies } from "#providers/aws/policy.ts";
import { run } from "./run.ts";

const readme = readFileSync("README.md", "utf8");

const block = (language: string): string =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1] ?? "";

test("the policy in the README is the one that is printed", () => {
  const printed: unknown = JSON.parse(policies["policy"]?.text(undefined, undefined) ?? "");
  expect(JSON.parse(block("json"))).toEqual(printed);
});

test("the answer in the README is what the demo prints, but for the Terraform form", async () => {
  const [command = "", ...shown] = block("text").trimEnd().split("\n");
  const { out } = await run(command.split(" ").slice(2));
  const withoutTerraform = out.trimEnd().replace(/^ {6}resource[\s\S]*?^ {6}\}\n/gm, "");
  expect(shown.join("\n")).toBe(withoutTerraform);
});

test("the README starts with the two commands that do all their own set-up", () => {
  expect(readme).toContain("\nnpm ci && npm run demo\n");
  expect(readme).toContain("\nnpm ci && npm test\n");
});
