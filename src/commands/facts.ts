import type { GapAnswer } from "#model/answer.ts";
import { gap } from "#model/gap.ts";
import type { Cloud, Inventory, Machine } from "#model/inventory.ts";
import { together } from "#model/inventory.ts";
import type { FileProblem } from "#model/provider.ts";
import { Trouble, problems } from "#problems.ts";
import { problemText } from "#reports/problem.ts";
import { readSnapshot } from "#snapshots/read.ts";
import type { Words, World } from "./verb.ts";
import { textOf, textsOf } from "./verb.ts";
import { collectInto, readLive } from "./live.ts";

export interface Read {
  readonly inventory: Inventory;
  readonly problems: readonly FileProblem[];
}

/** Reads every snapshot and cloud that was named. Files that cannot be used are warned about, and do not stop the rest. */
export const readFacts = async (words: Words, world: World): Promise<Read> => {
  const folders = textsOf(words, "snapshot");
  const live = readLive(words, world);
  if (live === undefined && folders.length === 0) throw new Trouble(problems.noSnapshot());
  if (live === undefined) return readFolders(folders, words, world);
  const keep = textOf(words, "keep");
  const read = async (folder: string): Promise<Read> => {
    await collectInto(folder, live, world);
    return readFolders([...folders, folder], words, world);
  };
  return keep === undefined ? world.scratch(read) : read(keep);
};

const readFolders = (folders: readonly string[], words: Words, world: World): Read => {
  const how = { strict: words.options["strict"] === true };
  const readers = new Map(world.providers.map((provider) => [provider.cloud, provider.reader(how)] as const));
  const heard = new Set<Cloud>();
  const found: FileProblem[] = [];
  for (const folder of folders)
    for (const file of readSnapshot(folder, world.providers)) {
      for (const answer of file.answers) {
        readers.get(answer.cloud)?.add(answer);
        heard.add(answer.cloud);
      }
      found.push(...file.problems);
    }
  for (const { problem } of found) world.warn(problemText(problem, world.look));
  const inventory = together([...readers].flatMap(([cloud, reader]) => (heard.has(cloud) ? [reader.inventory()] : [])));
  return { inventory, problems: found };
};

/** What is only worth a warning: it was read all the same. */
export const isUnread = ({ problem }: FileProblem): boolean => problem.code !== "snapshot/large";

/** Everything that is not known: first what an answer met, then whatever else could not be read, which it did not. */
export const allGaps = ({ inventory, problems: files }: Read, met: readonly GapAnswer[]): readonly GapAnswer[] => {
  const known = new Set(met.map(({ code, says }) => `${code} ${says}`));
  const unread = files.filter(isUnread).map(({ problem, file }) => gap("unreadable", problem, { file, pointer: "" }));
  const others = [...inventory.gaps, ...unread].filter(({ code, says }) => !known.has(`${code} ${says}`));
  return [...met, ...others.map((each) => ({ ...each, hops: [] }))];
};

/** The one machine that a text means. */
export const theMachine = (inventory: Inventory, text: string): Machine => {
  const [machine, ...others] = inventory.find(text);
  if (machine === undefined) throw new Trouble(notFound(inventory, text));
  if (others.length === 0) return machine;
  const list = [machine, ...others].map(({ resource: { id, name } }) => (name === null ? id : `${id} (${name})`));
  throw new Trouble(problems.severalMachines(text, list.toSorted().join(", ")));
};

/** One letter more, less or other, or two turned. */
const isTypo = (a: string, b: string): boolean => {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return (
    (left.length <= 1 && right.length <= 1) ||
    (left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0])
  );
};

const notFound = (inventory: Inventory, text: string): Trouble["problem"] => {
  const all = [...inventory.machines].map(({ resource }) => resource);
  const wanted = text.toLowerCase();
  const near = all.filter(({ id, name }) => {
    const names = [id, name ?? ""].map((each) => each.toLowerCase());
    return names.some(
      (each) =>
        each !== "" &&
        wanted !== "" &&
        (each.includes(wanted) || (each.length > 3 && (wanted.includes(each) || isTypo(each, wanted)))),
    );
  });
  if (near.length === 0) return problems.noMachine(text, String(all.length));
  const some = near
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, 3)
    .map(({ id, name }) => (name === null ? id : `${name} (${id})`));
  return problems.nearMachine(text, some.join(", "));
};
