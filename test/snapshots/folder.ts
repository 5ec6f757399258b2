import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "@jest/globals";

/** What a JSON document holds. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };

const isList = <T>(value: T | readonly T[]): value is readonly T[] => Array.isArray(value);

const checked = (value: unknown): Json => {
  if (value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "string")
    return value;
  if (isList<unknown>(value)) return value.map(checked);
  if (typeof value !== "object") throw new TypeError(`${typeof value} is no JSON`);
  return Object.fromEntries(Object.entries(value).map(([member, each]) => [member, checked(each)]));
};

export const parse = (text: string): Json => checked(JSON.parse(text));

/** What stands at a JSON pointer; undefined where nothing does. */
export const at = (document: Json, pointer: string): Json | undefined =>
  steps(pointer).reduce<Json | undefined>((value, step) => {
    if (value === undefined || value === null || typeof value !== "object") return undefined;
    return isList(value) ? value[Number(step)] : value[step];
  }, document);

/** The objects of a list at a pointer. */
export const objectsAt = (document: Json, pointer: string): readonly JsonObject[] => {
  const list = at(document, pointer);
  return isList(list) ? list.filter(isObject) : [];
};

interface JsonObject {
  readonly [member: string]: Json;
}

const isObject = (value: Json): value is JsonObject => value !== null && typeof value === "object" && !isList(value);

const steps = (pointer: string): readonly string[] => pointer.split("/").slice(1);

/** The document with something else at a pointer; `undefined` takes it out. */
export const changed = (document: Json, pointer: string, value: Json | undefined): Json =>
  put(document, steps(pointer), value) ?? null;

const put = (value: Json, path: readonly string[], made: Json | undefined): Json | undefined => {
  const [step, ...rest] = path;
  if (step === undefined) return made;
  if (value === null || typeof value !== "object") throw new Error(`there is no ${step} in ${String(value)}`);
  if (isList(value)) {
    const list = [...value];
    const inner = put(list[Number(step)] ?? null, rest, made);
    list.splice(Number(step), 1, ...(inner === undefined ? [] : [inner]));
    return list;
  }
  const { [step]: before, ...others } = value;
  const inner = put(before ?? null, rest, made);
  return inner === undefined ? others : { ...others, [step]: inner };
};

/** Every place in a document, by its pointer. */
export function* places(document: Json, pointer = ""): Generator<readonly [pointer: string, value: Json]> {
  if (document === null || typeof document !== "object") return;
  for (const [step, value] of Object.entries(document)) {
    yield [`${pointer}/${step}`, value];
    yield* places(value, `${pointer}/${step}`);
  }
}

const made: string[] = [];
afterAll(() => made.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** An empty folder that is gone when the tests of the file are over. */
export const emptyFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-"));
  made.push(folder);
  return folder;
};

/** Fixtures of AWS are called by their name, those of other clouds by `gcp/` and their name. */
const folderOf = (fixture: string): string => join("fixtures", fixture.includes("/") ? fixture : `aws/${fixture}`);

export const rawOf = (fixture: string): string => join(folderOf(fixture), "raw");

/** The raw answers of a fixture, in a folder of their own. */
export const copyOf = (fixture: string): string => {
  const folder = emptyFolder();
  cpSync(rawOf(fixture), folder, { recursive: true });
  return folder;
};

const fixturesIn = (cloud: string): readonly string[] =>
  readdirSync(join("fixtures", cloud), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

/** All fixtures, by the sentence that their name is. */
export const fixtures: readonly (readonly [sentence: string, fixture: string])[] = [
  ...fixturesIn("aws").map((name) => [name.replaceAll("-", " "), name] as const),
  ...["gcp", "azure"].flatMap((cloud) =>
    fixturesIn(cloud).map((name) => [`${cloud}: ${name.replaceAll("-", " ")}`, `${cloud}/${name}`] as const),
  ),
];

/** The files below a folder, by their paths in it. */
export const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .toSorted();

export const readJson = (...path: readonly string[]): Json => parse(readFileSync(join(...path), "utf8"));

export const writeJson = (value: Json, ...path: readonly string[]): void =>
  writeFileSync(join(...path), JSON.stringify(value, null, 2));

/** Changes one place of one file of a folder. */
export const edit = (folder: string, file: string, pointer: string, value: Json | undefined): void =>
  writeJson(changed(readJson(folder, file), pointer, value), folder, file);

/** What the author of a fixture asks of it, as words of the command line. */
export const questionsOf = (fixture: string, verb: string): readonly (readonly string[])[] =>
  objectsAt({ all: readJson(folderOf(fixture), "expect.json") }, "/all")
    .flatMap(({ ask }) => (typeof ask === "string" ? [ask.split(" ")] : []))
    .filter(([first]) => first === verb);

/** web-1 answers 203.0.113.9 on 22/tcp. */
export const OPEN = "a-group-without-outbound-rules-still-answers";
/** web-1 does not, because of the ACL on the reply. */
export const BLOCKED = "the-reply-needs-an-open-acl-too";
