import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { run } from "../run.ts";

const folder = mkdtempSync(join(tmpdir(), "sallyport-save-"));
afterAll(() => rmSync(folder, { recursive: true }));
const snapshot = ["--snapshot", "fixtures/aws/an-open-group-on-nothing-exposes-nobody/raw"];

test("a report goes to the file that was named, whole, and not to the terminal", async () => {
  const path = join(folder, "audit.json");
  const { out } = await run(["audit", "--json", "--output", path, ...snapshot]);
  expect(out).toBe("");
  expect(readFileSync(path, "utf8")).toBe((await run(["audit", "--json", ...snapshot])).out);
  expect(readdirSync(folder)).toEqual(["audit.json"]);
});

test("a report that cannot be written leaves what was there", async () => {
  const path = join(folder, "kept");
  writeFileSync(path, "before");
  const { err, code } = await run(["audit", "--output", join(path, "audit.txt"), ...snapshot]);
  expect(code).toBe(2);
  expect(err).toMatch(/could not be written/);
  expect(readFileSync(path, "utf8")).toBe("before");
  expect(existsSync(join(path, "audit.txt"))).toBe(false);
});
