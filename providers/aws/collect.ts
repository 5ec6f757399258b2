import { setTimeout as sleep } from "node:timers/promises";
import type { Ask, Desk, Live, Scope } from "#model/provider.ts";
import { readAccelerators } from "./collect/accelerators.ts";
import type { Account, Accounts } from "./collect/accounts.ts";
import { findAccounts } from "./collect/accounts.ts";
import type { Clients } from "./collect/clients.ts";
import { clients } from "./collect/clients.ts";
import { faultOf } from "./collect/fault.ts";
import type { Clock } from "#reading/pace.ts";
import { pace } from "#reading/pace.ts";
import type { Means, Place } from "#reading/read.ts";
import { readList } from "#reading/read.ts";
import { liveOf } from "#reading/trial.ts";
import type { Read } from "./collect/region.ts";
import { readRegion } from "./collect/region.ts";
import { permissions } from "./permissions.ts";
import { items, text } from "./raw.ts";

/** So many calls may be on their way at once, and so many accounts be read side by side. */
const CALLS = 64;
const ACCOUNTS = 6;

/** AWS itself, through its own SDK. Nothing here changes anything. */
export const live: Live = liveOf(
  permissions,
  (...how) => readAll(...how),
  ({ identities }) => identities,
);

const clock: Clock = {
  now: () => performance.now(),
  today: () => new Date(),
  sleep: async (milliseconds, signal) => {
    await sleep(milliseconds, undefined, { signal });
  },
};

type Answered = (call: string, scope: Scope) => void;

const readAll = async (ask: Ask, desk: Desk, sample: boolean, answered: Answered): Promise<Accounts> => {
  const over = AbortSignal.any([desk.signal, AbortSignal.timeout(ask.deadline)]);
  const tally = { cloud: "aws", accounts: [0, 0], regions: [0, 0], calls: 0, machines: 0 } satisfies Tally;
  const tell = (): void => desk.progress({ ...tally, accounts: [...tally.accounts], regions: [...tally.regions] });
  const means: Means = {
    desk: counting(desk, tally),
    pace: pace(ask.gentle ? 0.5 : 1, CALLS, clock, over),
    clock,
    chance: Math.random,
    outOfTime: over,
    faultOf,
    sample,
    called: () => {
      tally.calls++;
      tell();
    },
  };
  const of = await clients(ask.profiles[0]);
  try {
    const found = await findAccounts(ask, means, of);
    tally.accounts[1] = found.accounts.length;
    await inTurn(ACCOUNTS, found.accounts, async (account) => {
      await readAccount(ask, means, of, account, tally, answered);
      tally.accounts[0]++;
      tell();
    });
    desk.signal.throwIfAborted();
    return found;
  } finally {
    of.close();
  }
};

/** Counts the machines that come, and those that come again. */
const counting = (desk: Desk, tally: Tally): Desk => {
  const found = new Map<string, number>();
  return {
    ...desk,
    page: (page) => {
      if (page.call === "ec2:DescribeInstances") {
        found.set(page.file, page.things);
        tally.machines += page.things;
      }
      desk.page(page);
    },
    forget: (files) => {
      for (const file of files) tally.machines -= found.get(file) ?? 0;
      desk.forget(files);
    },
  };
};

/** Counts what was done, for those who watch. */
interface Tally {
  readonly cloud: "aws";
  accounts: [done: number, of: number];
  regions: [done: number, of: number];
  calls: number;
  machines: number;
}

/** So many at once, the next as soon as one is done. */
const inTurn = async <T>(most: number, things: readonly T[], each: (thing: T) => Promise<void>): Promise<void> => {
  const left = [...things];
  const work = async (): Promise<void> => {
    for (let thing = left.shift(); thing !== undefined; thing = left.shift()) await each(thing);
  };
  await Promise.all(Array.from({ length: Math.min(most, things.length) }, work));
};

const readAccount = async (
  ask: Ask,
  means: Means,
  of: Clients,
  account: Account,
  tally: Tally,
  answered: Answered,
): Promise<void> => {
  const { provide, renew } = account.credentials;
  const place = (region?: string): Place => ({
    cloud: "aws",
    scope: { account: account.id, region },
    folder: region === undefined ? account.id : `${account.id}/${region}`,
    renew,
  });
  const reader =
    (at: Place): Read =>
    async (list, see) => {
      const outcome = await readList(means, at, list, see);
      if (outcome === "read") answered(list.call, at.scope);
      return outcome;
    };
  const visit = (region: string, skipped?: string): void =>
    means.desk.visited({
      cloud: "aws",
      account: account.id,
      accountName: account.name,
      region,
      ...(skipped === undefined ? {} : { skipped }),
    });

  const { open, closed } = await regionsOf(ask, of, account, reader(place()));
  for (const [region, why] of closed) {
    visit(region, why);
    // Who names a Region means it to be read.
    if (ask.regions.includes(region))
      means.desk.refused({
        cloud: "aws",
        call: "ec2:DescribeRegions",
        scope: { account: account.id, region },
        code: "RegionClosed",
        message: `${region} cannot be read: ${why}.`,
      });
  }
  tally.regions[1] += open.length;
  const regions = open.map(async (region) => {
    await readRegion(await of.services(provide, region), reader(place(region)), means.sample);
    visit(region);
    tally.regions[0]++;
  });
  // Accelerators are a service of the public partition.
  const worldwide =
    account.partition === "aws"
      ? [readAccelerators(await of.accelerators(provide), reader(place()), means.sample)]
      : [];
  await Promise.all([...regions, ...worldwide]);
};

interface Regions {
  readonly open: readonly string[];
  /** Regions that are not read, and why. */
  readonly closed: ReadonlyMap<string, string>;
}

/** The Regions to read: those named, else all that the account has opted in to, or need not. */
const regionsOf = async ({ regions: named }: Ask, of: Clients, account: Account, read: Read): Promise<Regions> => {
  const states = new Map<string, string>();
  const outcome = await read((await of.regions(account.credentials.provide)).regions, ({ body }) => {
    for (const region of items(body()["Regions"]))
      states.set(text(region["RegionName"]) ?? "", text(region["OptInStatus"]) ?? "");
  });
  if (outcome === "refused") return { open: named.length === 0 ? [of.home] : named, closed: new Map() };
  const wanted = named.length === 0 ? [...states.keys()].toSorted() : [...new Set(named)];
  const isOpen = (region: string): boolean => !["not-opted-in", undefined].includes(states.get(region));
  const closed = wanted
    .filter((region) => !isOpen(region))
    .map((region) => [region, states.get(region) ?? "no Region of this name"] as const);
  return { open: wanted.filter(isOpen), closed: new Map(closed) };
};
