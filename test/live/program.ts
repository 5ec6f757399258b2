/** Runs the program as a process of its own, as a user would, against a server on loopback. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { SnapshotDocument } from "#model/snapshot.ts";
import { emptyFolder, filesIn, readJson, type Json } from "../snapshots/folder.ts";

export interface Ended {
  /** As a shell tells it: 128 and the number of the signal, where one ended it. */
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** How long it took, in milliseconds. */
  readonly took: number;
}

export interface Running {
  readonly signal: (name: Signal) => void;
  readonly ended: Promise<Ended>;
}

export type Signal = "SIGINT" | "SIGTERM" | "SIGKILL";
const numbers: Readonly<Record<string, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

type Env = Readonly<Record<string, string | undefined>>;

export const SECRET = "hush-0123456789-hush";

/** The user of the managing account. */
export const keys: Env = { AWS_ACCESS_KEY_ID: "AKIAHARBOURREADER001", AWS_SECRET_ACCESS_KEY: SECRET };

/** Code that was compiled once stays so, also for runs with another place for temporary files. */
const CACHE = process.env["NODE_COMPILE_CACHE"] ?? join(tmpdir(), "node-compile-cache");

/** Nobody's configuration, and all that is needed to ask a server on loopback. What is undefined is not set. */
export const environment = (url: string, more: Env = {}): Env => ({
  PATH: process.env["PATH"],
  HOME: emptyFolder(),
  NODE_COMPILE_CACHE: CACHE,
  AWS_ENDPOINT_URL: url,
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_REGION: "eu-west-1",
  ...keys,
  ...more,
});

const PROGRAM = ["--conditions=source", join(process.cwd(), "src", "bin.ts")];
/** No run of these tests takes so long, in milliseconds. */
const ENDLESS = 40_000;

/** `through` is a command that runs another. */
export const start = (words: readonly string[], env: Env, through: readonly string[] = []): Running => {
  const begin = performance.now();
  const [file = "", ...rest] = [...through, process.execPath, ...PROGRAM, ...words];
  const child = spawn(file, rest, { env, stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const late = new AbortController();
  sleep(ENDLESS, undefined, { signal: late.signal }).then(
    () => child.kill("SIGKILL"),
    () => undefined,
  );
  const ended = once(child, "close").then(([code, signal]: unknown[]) => {
    late.abort();
    const number = typeof code === "number" ? code : 128 + (numbers[String(signal)] ?? 0);
    return { code: number, out, err, took: performance.now() - begin };
  });
  return { signal: (name) => void child.kill(name), ended };
};

export const sallyport = (url: string, words: readonly string[], more: Env = {}): Promise<Ended> =>
  start(words, environment(url, more)).ended;

export interface Collected extends Ended {
  readonly folder: string;
}

/** Collects into a folder that is not there yet. */
export const collect = async (url: string, words: readonly string[] = [], more: Env = {}): Promise<Collected> => {
  const folder = join(emptyFolder(), "snapshot");
  return { folder, ...(await sallyport(url, ["collect", "--aws", "--output", folder, ...words], more)) };
};

export const documentOf = (folder: string): SnapshotDocument => {
  const document: unknown = readJson(folder, "snapshot.json");
  if (!isDocument(document)) throw new Error(`${folder} holds no finished snapshot`);
  return document;
};

export const isDocument = (value: unknown): value is SnapshotDocument =>
  typeof value === "object" && value !== null && "taken" in value && "answers" in value && "refused" in value;

/** All that a snapshot holds, but for when it was taken and how often was asked. */
export interface Content extends Pick<SnapshotDocument, "scopes" | "answers" | "refused"> {
  readonly pages: Readonly<Record<string, Json>>;
}

export const contentOf = (folder: string): Content => {
  const { scopes, answers, refused } = documentOf(folder);
  const pages = filesIn(folder).filter((file) => file !== "snapshot.json");
  return { scopes, answers, refused, pages: Object.fromEntries(pages.map((file) => [file, readJson(folder, file)])) };
};

/** The pages of each list as one document, by the list's file without its number. */
export const listsIn = (folder: string): ReadonlyMap<string, Json> => {
  const lists = new Map<string, Json>();
  for (const file of documentOf(folder).answers.flatMap(({ files }) => files)) {
    const name = file.replace(/(?:-\d{4})?\.json$/, "");
    const page = without(readJson(folder, file));
    const before = lists.get(name);
    lists.set(name, before === undefined ? page : joined(before, page));
  }
  return lists;
};

const TOKENS = ["NextToken", "NextMarker", "Marker"];

/** A page, without the word for the next one. */
export const without = (page: Json): Json =>
  isObject(page) ? Object.fromEntries(Object.entries(page).filter(([key]) => !TOKENS.includes(key))) : page;

const joined = (before: Json, more: Json): Json => {
  if (isList(before) && isList(more)) return [...before, ...more];
  if (!isObject(before) || !isObject(more)) return before;
  return Object.fromEntries(
    Object.entries({ ...more, ...before }).map(([key, value]) => {
      const [first, next] = [before[key], more[key]];
      return [key, first !== undefined && next !== undefined && isList(first) ? joined(first, next) : value];
    }),
  );
};

/** A text as it is, and anything else as JSON. */
export const textOf = (value: Json | undefined): string =>
  typeof value === "string" ? value : JSON.stringify(value ?? null);

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
export const isObject = (value: Json): value is { readonly [member: string]: Json } =>
  value !== null && typeof value === "object" && !isList(value);

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** The same JSON whatever the order of its members, with moments of time as what they are. */
export const plain = (value: Json): Json => {
  if (typeof value === "string" && INSTANT.test(value)) return new Date(value).toISOString();
  if (isList(value)) return value.map(plain);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, plain(value[key] ?? null)]),
  );
};

/** A configuration of AWS in a home of its own. */
export const homeWith = (write: (folder: string) => void): string => {
  const home = emptyFolder();
  mkdirSync(join(home, ".aws"));
  write(join(home, ".aws"));
  return home;
};

/** Does so many at once, and keeps their order. */
export const sideBySide = async <T, R>(
  most: number,
  things: readonly T[],
  each: (thing: T) => Promise<R>,
): Promise<readonly R[]> => {
  const done: R[] = [];
  const waiting = things.entries();
  const work = async (): Promise<void> => {
    for (const [index, thing] of waiting) done[index] = await each(thing);
  };
  await Promise.all(Array.from({ length: most }, work));
  return done;
};
