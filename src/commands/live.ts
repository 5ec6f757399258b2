import type { Problem } from "#model/gap.ts";
import type { Cloud } from "#model/inventory.ts";
import type { Ask, Desk, Progress, Provider, Refusal, Visited } from "#model/provider.ts";
import type { Answered, SnapshotDocument } from "#model/snapshot.ts";
import { answeredEntry, refusedEntry } from "#model/snapshot.ts";
import { Trouble, problems } from "#problems.ts";
import { progressLine, readLine } from "#reports/progress.ts";
import type { Writing } from "#snapshots/write.ts";
import { writeSnapshot } from "#snapshots/write.ts";
import type { Words, World } from "./verb.ts";
import { liveOptions, textOf, textsOf } from "./verb.ts";

/** What is read live: which clouds, and what of them. */
export interface Live {
  readonly providers: readonly Provider[];
  readonly ask: Ask;
}

/** What to read live, or undefined where no cloud is named. */
export const readLive = (words: Words, { providers }: World): Live | undefined => {
  const named = providers.filter(({ cloud }) => words.options[cloud] === true);
  if (named.length > 0) return { providers: named, ask: readAsk(words) };
  const lonely = loneOption(words);
  if (lonely !== undefined) throw new Trouble(problems.withoutCloud(lonely));
  return undefined;
};

const readAsk = (words: Words): Ask => {
  const projects = textsOf(words, "project");
  for (const project of projects)
    if (!/^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(project))
      throw new Trouble(problems.notAProject(project));
  const folders = textsOf(words, "folder");
  for (const folder of folders)
    if (!/^(?:(?:folders|organizations)\/)?\d+$/.test(folder)) throw new Trouble(problems.notACloudFolder(folder));
  const impersonate = textOf(words, "impersonate");
  if (impersonate !== undefined && !/^[\w.+-]+@[\w.-]+$/.test(impersonate))
    throw new Trouble(problems.notAServiceAccount(impersonate));
  const accounts = textsOf(words, "account");
  for (const account of accounts) if (!/^\d{12}$/.test(account)) throw new Trouble(problems.notAnAccount(account));
  const deadline = textOf(words, "deadline") ?? "";
  const seconds = Number(deadline);
  if (!(Number.isInteger(seconds) && seconds > 0)) throw new Trouble(problems.notSeconds(deadline));
  return {
    profiles: textsOf(words, "profile"),
    regions: textsOf(words, "region"),
    accounts,
    projects,
    folders,
    subscriptions: textsOf(words, "subscription"),
    role: textOf(words, "role"),
    impersonate,
    organization: words.options["organization"] === true,
    gentle: words.options["gentle"] === true,
    deadline: seconds * 1000,
  };
};

/** An option that was given although no cloud was, and means nothing without one. */
const loneOption = ({ options }: Words): string | undefined =>
  [...liveOptions, { flags: "--keep <dir>", fallback: undefined }]
    .map(({ flags, fallback }) => ({ flag: flags.split(" ")[0] ?? "", fallback }))
    .find(({ flag, fallback }) => {
      const value = options[flag.slice(2)];
      return value !== undefined && value !== false && value !== fallback;
    })?.flag;

/** Reads the clouds into a folder, which is whole in the end or is not there. */
export const collectInto = async (folder: string, live: Live, world: World): Promise<SnapshotDocument> => {
  const writing = writeSnapshot(folder, world.version);
  try {
    return await world.interruptible(async (signal) => {
      const document = await collect(live, world, writing, signal);
      writing.finish(document);
      return document;
    });
  } finally {
    // Whatever is still on its way when the user has had enough finds nothing to write to.
    writing.discard();
    world.status(undefined);
  }
};

const collect = async (
  { providers, ask }: Live,
  world: World,
  writing: Writing,
  signal: AbortSignal,
): Promise<SnapshotDocument> => {
  const from = world.today();
  const refused: Refusal[] = [];
  const scopes: Visited[] = [];
  const answers = new Map<string, Answered & { files: string[] }>();
  const places = new Map<string, readonly [answer: string, name: string]>();
  const last = new Map<string, Progress>();
  let pages = 0;
  const desk: Desk = {
    page: ({ cloud, call, scope, file, json }) => {
      pages++;
      const name = writing.page(file, json);
      const key = `${cloud} ${call} ${scope.account ?? ""} ${scope.region ?? ""}`;
      const answer = answers.get(key) ?? { ...answeredEntry(cloud, call, scope), files: [] };
      answer.files.push(name);
      answers.set(key, answer);
      places.set(file, [key, name]);
    },
    forget: (files) => {
      writing.forget(files);
      for (const file of files) {
        const [key = "", name = ""] = places.get(file) ?? [];
        const answer = answers.get(key);
        if (answer !== undefined) answers.set(key, { ...answer, files: answer.files.filter((each) => each !== name) });
      }
    },
    refused: (refusal) => void refused.push(refusal),
    visited: (scope) => void scopes.push(scope),
    progress: (now) => {
      last.set(now.cloud, now);
      world.status(progressLine([...last.values()], secondsSince(from, world), world.look));
    },
    signal,
  };
  await together(providers, desk, async (provider, its) => (await provider.live()).collect(ask, its));
  if (scopes.every(({ skipped }) => skipped !== undefined)) throw nothingRead(scopes, refused);
  world.status(undefined);
  world.warn(readLine([...last.values()], secondsSince(from, world), world.look));
  const byPlace = (a: Visited, b: Visited): number =>
    `${a.account} ${a.region}` < `${b.account} ${b.region}` ? -1 : 1;
  return {
    sallyport: world.version,
    taken: { from: from.toISOString(), to: world.today().toISOString() },
    scopes: scopes.toSorted(byPlace),
    calls: { made: [...last.values()].reduce((sum, { calls }) => sum + calls, 0), answered: pages },
    answers: [...answers]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, answer]) => ({ ...answer, files: answer.files.toSorted() })),
    refused: refused.map(refusedEntry).toSorted((a, b) => (refusalKey(a) < refusalKey(b) ? -1 : 1)),
  };
};

/** Several clouds at once. What stops one of them for good stops them all. */
export const together = async <T>(
  providers: readonly Provider[],
  desk: Desk,
  read: (provider: Provider, desk: Desk) => Promise<T>,
): Promise<readonly T[]> => {
  const stop = new AbortController();
  const signal = AbortSignal.any([desk.signal, stop.signal]);
  try {
    return await Promise.all(providers.map((provider) => read(provider, { ...desk, signal })));
  } finally {
    stop.abort();
  }
};

const refusalKey = ({ account, region, call }: SnapshotDocument["refused"][number]): string =>
  `${account ?? ""} ${region ?? ""} ${call}`;

const secondsSince = (from: Date, { today }: World): number => (today().getTime() - from.getTime()) / 1000;

/** Why there is nothing at all: no account let us in, no Region is one, or no project has machines. */
const nothingRead = (scopes: readonly Visited[], refused: readonly Refusal[]): Trouble => {
  const namesOf = (some: readonly Visited[], name: (scope: Visited) => string): string =>
    [...new Set(some.map((scope) => `${name(scope)} (${scope.skipped ?? ""})`))].join(", ");
  const regions = scopes.filter(({ region }) => region !== "global");
  if (regions.length > 0) return new Trouble(problems.noRegion(namesOf(regions, ({ region }) => region)));
  const [first] = scopes;
  if (first !== undefined) return new Trouble(nowhere[first.cloud](`${namesOf(scopes, ({ account }) => account)}.`));
  return new Trouble(problems.noAccount([...new Set(refused.map(({ message }) => message))].join(" ")));
};

/** What each cloud calls what its machines belong to, where there is none. */
const nowhere = {
  aws: problems.noAccount,
  gcp: problems.noProject,
  azure: problems.noSubscription,
} as const satisfies Record<Cloud, (why: string) => Problem>;

/** What is lost without each call. */
export const costsOf = ({ providers }: World): ReadonlyMap<string, string> =>
  new Map(providers.flatMap(({ permissions }) => permissions.map(({ call, costs }) => [call, costs] as const)));
