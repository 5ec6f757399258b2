import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { az, lists, loggedIn } from "./az.ts";
import { filesIn, folders, onLoopback, sallyport } from "./cli.ts";
import { harbour, shop } from "./estate.ts";
import type { LiveServer } from "./server.ts";
import { serve } from "./server.ts";

const isNeeded = process.env["CI"] === "true";
const { fresh, remove } = folders();
let server: LiveServer;
let files: ReadonlyMap<string, string>;
beforeAll(async () => {
  server = await serve(harbour);
  const folder = fresh();
  await sallyport(["collect", "--azure", "--output", folder], onLoopback(server));
  files = new Map([...filesIn(folder)].filter(([file]) => file !== "snapshot.json"));
}, 120_000);
afterAll(async () => {
  await server.close();
  remove();
});

const written = (all: ReadonlyMap<string, string>): string => {
  const folder = fresh();
  for (const [file, text] of all) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
};

const questions = [
  ["why", "web-1", "--from", "203.0.113.9"],
  ["why", "web-2", "--from", "10.20.2.4"],
  ["why", "stopped", "--from", "10.20.1.4"],
  ["who", "web-1"],
  ["audit"],
] as const;

const answersOf = async (all: ReadonlyMap<string, string>): Promise<readonly string[]> => {
  const folder = written(all);
  const answers: string[] = [];
  for (const words of questions) {
    const { out, err } = await sallyport([...words, "--snapshot", folder], {});
    expect([words, err]).toEqual([words, ""]);
    answers.push(out);
  }
  return answers;
};

describe("what the command line of Azure prints is answered as what was collected", () => {
  const path = az;
  if (path === undefined) {
    test("or is not there, where it need not be", () => {
      expect(isNeeded).toBe(false);
      expect(files.size).toBeGreaterThan(0);
    });
    return;
  }

  test("list by list in its own form", async () => {
    const printed = await loggedIn(path, server, fresh(), shop);
    const named = (list: string): string =>
      [...files.keys()].find((file) => file.startsWith(`azure/${shop}/`) && file.endsWith(`/${list}.json`)) ?? list;
    const told = new Map(files);
    // Debian's command line is too old to tell a flexible scale set from a uniform one.
    for (const [words, list] of lists.filter(([words]) => words !== "vmss list"))
      told.set(named(list), await printed(words.split(" ")));
    expect(told.size).toBe(files.size);

    const expected = await answersOf(files);
    expect(await answersOf(told)).toEqual(expected);
    expect(expected.join("\n")).toContain("web-1");

    // With details the list of machines tells which of them run, and no other answer need.
    const detailed = new Map(told);
    detailed.set(named("virtual-machines"), await printed(["vm", "list", "--show-details"]));
    detailed.delete(named("instance-views"));
    expect(await answersOf(detailed)).toEqual(expected);
  }, 240_000);
});
