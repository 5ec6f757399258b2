import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { SnapshotDocument, Unfinished } from "#model/snapshot.ts";
import { Trouble, problems } from "#problems.ts";

/** A snapshot that is being written. It stands at its place when it is whole, and not before. */
export interface Writing {
  /** Writes one page, and says in which file: a name from a cloud may not be one that a disk takes. */
  readonly page: (file: string, json: Uint8Array) => string;
  readonly forget: (files: readonly string[]) => void;
  /** Puts the whole folder in its place. */
  readonly finish: (document: SnapshotDocument) => void;
  /** Leaves nothing behind. */
  readonly discard: () => void;
}

export const DOCUMENT = "snapshot.json";

/**
 * Writes beside the folder, and moves it there at the end, so that no half snapshot is ever at its place. What a killed
 * process leaves is marked as unfinished, and nobody reads it. The folder must not be there yet, or be empty.
 */
export const writeSnapshot = (folder: string, version: string): Writing => {
  const place = resolve(folder);
  const beside = `${place}.part-${process.pid}`;
  checkFree(folder, place);
  const unfinished: Unfinished = { sallyport: version, unfinished: true };
  tried(folder, () => {
    makeFolder(dirname(place));
    mkdirSync(beside, { mode: 0o700 });
    writeFileSync(join(beside, DOCUMENT), JSON.stringify(unfinished));
  });
  let isOpen = true;
  const written = new Map<string, string>();
  const taken = new Set<string>();
  const made = new Set<string>();

  /** Some disks hold `Web` and `web` for one name. */
  const nameFor = (file: string): string => {
    const known = written.get(file);
    if (known !== undefined) return known;
    const wanted = harmless(file);
    let name = wanted;
    for (let i = 2; taken.has(name.toLowerCase()); i++) name = wanted.replace(/\.json$/, `~${i}.json`);
    taken.add(name.toLowerCase());
    written.set(file, name);
    return name;
  };

  return {
    page: (file, json) =>
      tried(folder, () => {
        const name = nameFor(file);
        if (!isOpen) return name; // an answer that was on its way when the reading was stopped
        const path = join(beside, name);
        const within = dirname(path);
        if (!made.has(within)) makeFolder(within);
        made.add(within);
        writeFileSync(path, json);
        return name;
      }),
    forget: (files) =>
      tried(folder, () => {
        if (!isOpen) return;
        for (const file of files) rmSync(join(beside, nameFor(file)), { force: true });
      }),
    finish: (document) =>
      tried(folder, () => {
        if (!isOpen) return;
        const fresh = join(beside, `${DOCUMENT}.new`);
        writeFileSync(fresh, `${JSON.stringify(document, null, 2)}\n`);
        renameSync(fresh, join(beside, DOCUMENT));
        if (existsSync(place)) rmdirSync(place);
        renameSync(beside, place);
        isOpen = false;
      }),
    discard: () => {
      isOpen = false;
      rmSync(beside, { recursive: true, force: true });
    },
  };
};

/** Makes a folder and those above it, one by one: Node's own way of it never ends below `/proc`. */
const makeFolder = (path: string): void => {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
};

/** A path of plain names, whatever the cloud calls its things. */
const harmless = (file: string): string =>
  file
    .split("/")
    .map((step) => step.replaceAll(/[^A-Za-z0-9._-]/g, "_").replace(/^\.+/, "_"))
    .join("/");

const checkFree = (folder: string, place: string): void => {
  const isFree = tried(folder, () => !existsSync(place) || readdirSync(place).length === 0);
  if (!isFree) throw new Trouble(problems.taken(folder));
};

const tried = <T>(folder: string, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (error instanceof Trouble) throw error;
    throw new Trouble(problems.snapshotNotWritten(folder, error instanceof Error ? error.message : String(error)));
  }
};
