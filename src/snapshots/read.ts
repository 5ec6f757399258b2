import type { Dirent } from "node:fs";
import { readFileSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Problem } from "#model/gap.ts";
import type { FileProblem, Provider, RawAnswer } from "#model/provider.ts";
import { Trouble, problems } from "#problems.ts";
import { lostAnswers, promisesIn } from "./promise.ts";
import type { Promised } from "./promise.ts";
import { DOCUMENT } from "./write.ts";

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
  const found = entriesOf(folder);
  if (found.is === "closed") throw new Trouble(folderProblem(folder, found.why));
  if (isUnfinished(folder, found.entries)) throw new Trouble(problems.unfinished(folder));
  let files = 0;
  const used = new Set<string>();
  const promised: Promised[] = [];
  for (const each of below(folder, found.entries)) {
    files++;
    const file = relative(folder, each.path);
    const nothing = (problem: Problem): FileRead => ({ file, answers: [], problems: [{ file, problem }] });
    switch (each.is) {
      case "file": {
        const read = readFile(each.path, file, providers, (json) => promised.push(...promisesIn(json, file)));
        if (read.problems.every(({ problem }) => problem.code === "snapshot/large")) used.add(file);
        yield read;
        break;
      }
      case "closed":
        yield nothing(problems.unreadable(file, each.why));
        break;
      case "unfinished":
        yield nothing(problems.unfinished(file));
        break;
    }
  }
  if (files === 0) throw new Trouble(problems.emptyFolder(folder));
  yield { file: DOCUMENT, answers: lostAnswers(promised, used), problems: [] };
}

/** Whether somebody began to write this folder and never came to the end. */
const isUnfinished = (folder: string, entries: readonly Dirent[]): boolean => {
  if (!entries.some(({ name }) => name === DOCUMENT)) return false;
  try {
    const json: unknown = JSON.parse(readFileSync(join(folder, DOCUMENT), "utf8"));
    return typeof json === "object" && json !== null && "unfinished" in json && json.unfinished === true;
  } catch {
    return false; // whoever reads it as a file says why it cannot be read
  }
};

const reason = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : String(error);

type Listing =
  | { readonly is: "open"; readonly entries: readonly Dirent[] }
  | { readonly is: "closed"; readonly why: string };

const entriesOf = (folder: string): Listing => {
  try {
    return { is: "open", entries: readdirSync(folder, { recursive: false, withFileTypes: true }) };
  } catch (error) {
    return { is: "closed", why: reason(error) };
  }
};

const folderProblem = (folder: string, why: string): Problem => {
  if (why === "ENOENT") return problems.noFolder(folder);
  return why === "ENOTDIR" ? problems.notAFolder(folder) : problems.unreadable(folder, why);
};

type Found =
  | { readonly is: "file"; readonly path: string }
  | { readonly is: "closed"; readonly path: string; readonly why: string }
  | { readonly is: "unfinished"; readonly path: string };

const isFolder = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // whoever reads it says why it cannot be read
  }
};

/** Every `.json` below a folder and every folder that may not be looked into, in the order of their names. */
function* below(
  folder: string,
  entries: readonly Dirent[],
  above: readonly string[] = [realpathSync(folder)],
): Generator<Found> {
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory() && !(entry.isSymbolicLink() && isFolder(path))) {
      if (/\.json$/i.test(entry.name)) yield { is: "file", path };
      continue;
    }
    const real = entry.isSymbolicLink() ? realpathSync(path) : path;
    if (above.includes(real)) {
      if (/\.json$/i.test(entry.name)) yield { is: "closed", path, why: "it leads back to a folder that it is in" };
      continue;
    }
    const inner = entriesOf(path);
    if (inner.is === "closed") yield { is: "closed", path, why: inner.why };
    else if (isUnfinished(path, inner.entries)) yield { is: "unfinished", path };
    else yield* below(path, inner.entries, [...above, real]);
  }
}

const readFile = (
  path: string,
  file: string,
  providers: readonly Provider[],
  documented: (json: unknown) => void,
): FileRead => {
  const nothing = (problem: Problem): FileRead => ({ file, answers: [], problems: [{ file, problem }] });
  let text: string;
  let size: number;
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return nothing(problems.unreadable(file, "no plain file"));
    size = stat.size;
    if (size > LARGEST) return nothing(problems.tooLarge(file, megabytes(size)));
    text = decoded(readFileSync(path));
  } catch (error) {
    return nothing(problems.unreadable(file, reason(error)));
  }
  const large = size >= LARGE ? [{ file, problem: problems.large(file, megabytes(size)) }] : [];
  if (text.trim() === "") return nothing(problems.emptyFile(file));
  let json: unknown;
  try {
    json = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    return nothing(isCutShort(error, text) ? problems.cutShort(file) : problems.notJson(file));
  }
  documented(json);
  // What was read and refused, in whichever cloud, stands in one document.
  const answers = providers.flatMap((provider) => {
    const its = provider.recognise(json, { file, pointer: "" }, resolve(path));
    return its === undefined ? [] : [its];
  });
  return answers.length > 0 ? { file, answers: answers.flat(), problems: large } : nothing(problems.unrecognised(file));
};

/** JSON is UTF-8; an older PowerShell writes what it is given as UTF-16, and says so by a mark. */
const decoded = (bytes: Buffer): string => {
  const little = bytes[0] === 0xff && bytes[1] === 0xfe;
  return little ? bytes.toString("utf16le") : bytes.toString("utf8");
};

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** JSON that is right as far as it goes, and ends too early: the parser stopped at the very end. */
const isCutShort = (error: unknown, text: string): boolean => {
  if (!(error instanceof SyntaxError) || !/^\s*[[{]/.test(text.slice(0, 100))) return false;
  if (/end of JSON input|Unterminated string/.test(error.message)) return true;
  const at = /position (\d+)/.exec(error.message)?.[1];
  return at !== undefined && Number(at) >= text.trimEnd().length;
};
