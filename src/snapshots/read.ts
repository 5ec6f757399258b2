import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { Problem } from "#model/gap.ts";
import type { FileProblem, Provider, RawAnswer } from "#model/provider.ts";
import { Trouble, problems } from "#problems.ts";
import { foreignCloud } from "./foreign.ts";

/** What one file held, or why nothing in it is used. */
export interface FileRead {
  readonly file: string;
  readonly answers: readonly RawAnswer[];
  readonly problems: readonly FileProblem[];
}

const LARGE = 200_000_000;
/** A string holds 2^29 characters at most; JSON of clouds is one byte a character. */
const LARGEST = 2 ** 29 - 64;

/**
 * Reads every `.json` below a folder, one file after the other, in the order of their names. What cannot be used is
 * said and passed over. Only a folder that cannot be read at all is an error.
 */
export function* readSnapshot(folder: string, providers: readonly Provider[]): Generator<FileRead> {
  const files = jsonFiles(folder);
  if (files.length === 0) throw new Trouble(problems.emptyFolder(folder));
  for (const path of files) yield readFile(path, relative(folder, path), providers);
}

const reason = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error);

const jsonFiles = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && /\.json$/i.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted();
  } catch (error) {
    const why = reason(error);
    if (why === "ENOENT") throw new Trouble(problems.noFolder(folder));
    if (why === "ENOTDIR") throw new Trouble(problems.notAFolder(folder));
    throw new Trouble(problems.unreadable(folder, why));
  }
};

const readFile = (path: string, file: string, providers: readonly Provider[]): FileRead => {
  const nothing = (problem: Problem): FileRead => ({ file, answers: [], problems: [{ file, problem }] });
  let text: string;
  let size: number;
  try {
    size = statSync(path).size;
    if (size > LARGEST) return nothing(problems.tooLarge(file, megabytes(size)));
    text = readFileSync(path, "utf8");
  } catch (error) {
    return nothing(problems.unreadable(file, reason(error)));
  }
  const large = size >= LARGE ? [{ file, problem: problems.large(file, megabytes(size)) }] : [];
  let json: unknown;
  try {
    json = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    return nothing(isCutShort(error, text) ? problems.cutShort(file) : problems.notJson(file));
  }
  for (const provider of providers) {
    const answers = provider.recognise(json, { file, pointer: "" });
    if (answers !== undefined) return { file, answers, problems: large };
  }
  const cloud = foreignCloud(json);
  return nothing(cloud === undefined ? problems.unrecognised(file) : problems.otherCloud(file, cloud));
};

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** JSON that is right as far as it goes, and ends too early: the parser stopped at the very end. */
const isCutShort = (error: unknown, text: string): boolean => {
  if (!(error instanceof SyntaxError) || !/^\s*[[{]/.test(text.slice(0, 100))) return false;
  if (/end of JSON input|Unterminated string/.test(error.message)) return true;
  const at = /position (\d+)/.exec(error.message)?.[1];
  return at !== undefined && Number(at) >= text.trimEnd().length;
};
