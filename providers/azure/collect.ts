import { setTimeout as sleep } from "node:timers/promises";
import type { Ask, Desk, Live, Refusal, Scope } from "#model/provider.ts";
import type { Clock } from "#reading/pace.ts";
import { pace } from "#reading/pace.ts";
import type { Means } from "#reading/read.ts";
import { readList } from "#reading/read.ts";
import { liveOf } from "#reading/trial.ts";
import type { Holder } from "./collect/access.ts";
import { access, endpointIn, managerOf } from "./collect/access.ts";
import { UNREGISTERED, faultOf } from "./collect/fault.ts";
import type { Lists } from "./collect/lists.ts";
import { listsOf } from "./collect/lists.ts";
import type { Reading } from "./collect/subscription.ts";
import { inTurn, readSubscription } from "./collect/subscription.ts";
import type { Subscription } from "./collect/subscriptions.ts";
import { findSubscriptions } from "./collect/subscriptions.ts";
import { permissions } from "./permissions.ts";

/** So many calls may be on their way at once, and so many subscriptions be read side by side. */
const CALLS = 64;
const SUBSCRIPTIONS = 6;

/** Azure itself, through its own SDK. Nothing here changes anything. */
export const live: Live = liveOf(
  permissions,
  (...how) => readAll(...how),
  ({ who }) => [{ cloud: "azure", account: "", who }],
);

const clock: Clock = {
  now: () => performance.now(),
  today: () => new Date(),
  sleep: async (milliseconds, signal) => {
    await sleep(milliseconds, undefined, { signal });
  },
};

const readAll = async (
  ask: Ask,
  desk: Desk,
  sample: boolean,
  answered: (call: string, scope: Scope) => void,
): Promise<Holder> => {
  const over = AbortSignal.any([desk.signal, AbortSignal.timeout(ask.deadline)]);
  const tally = { accounts: [0, 0] as [number, number], calls: 0, machines: 0 };
  const regions = new Set<string>();
  const tell = (): void =>
    desk.progress({ cloud: "azure", ...tally, accounts: [...tally.accounts], regions: [regions.size, regions.size] });
  const means: Means = {
    desk,
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
  const endpoint = endpointIn(process.env["SALLYPORT_AZURE_ENDPOINT"]);
  const holder = await access(managerOf(process.env["AZURE_AUTHORITY_HOST"]), endpoint, clock);
  const lists = listsOf(holder);
  const subscriptions = await findSubscriptions(ask, means, lists, holder);
  tally.accounts[1] = subscriptions.length;
  await inTurn(SUBSCRIPTIONS, subscriptions, async (subscription) => {
    const locations = await readOne(subscription, means, lists, holder, answered, () => void tally.machines++);
    for (const location of locations ?? []) regions.add(location);
    if (locations === undefined) tally.accounts[1]--;
    else tally.accounts[0]++;
    tell();
  });
  desk.signal.throwIfAborted();
  return holder;
};

/** Why a subscription as a whole cannot be read, by what the cloud says of it. */
const CLOSED: Readonly<Record<string, string>> = {
  DisabledSubscription: "it is disabled",
  InvalidAuthenticationTokenTenant: "it is in another tenant than the credentials",
  InvalidSubscriptionId: "there is no such subscription",
  SubscriptionNotFound: "there is no such subscription, or the credentials do not see it",
};

/** Reads one subscription, and tells its locations; undefined where there is nothing to read. */
const readOne = async (
  { id, name }: Subscription,
  means: Means,
  lists: Lists,
  { renew }: Holder,
  answered: (call: string, scope: Scope) => void,
  machine: () => void,
): Promise<readonly string[] | undefined> => {
  const { desk, sample } = means;
  const missing = new Set<string>();

  const read: Reading["read"] = async (
    list,
    { region, folder, refused = desk.refused } = {},
    see = () => undefined,
  ) => {
    const scope = { account: id, region };
    const within = folder === undefined ? `azure/${id}` : `azure/${id}/${folder}`;
    const without: Refusal[] = [];
    const listening: Means = {
      ...means,
      desk: {
        ...desk,
        refused: (refusal) => {
          if (UNREGISTERED.has(refusal.code)) without.push(refusal);
          else refused(refusal);
        },
      },
    };
    // Resource Graph counts for whoever asks, all others for the subscription.
    const charged = list.bucket.name === "graph" ? "user" : undefined;
    const outcome = await readList(listening, { cloud: "azure", scope, folder: within, charged, renew }, list, see);
    for (const refusal of without) {
      missing.add(list.call.split("/")[0] ?? "");
      const file = `${within}/${list.file}.json`;
      if (!sample) desk.page({ cloud: "azure", call: list.call, scope, file, json: none(refusal), things: 0 });
    }
    if (outcome === "read" || without.length > 0) answered(list.call, scope);
    return outcome;
  };

  const visit = (region: string, skipped?: string): void =>
    desk.visited({
      cloud: "azure",
      account: id,
      accountName: name,
      region,
      ...(skipped === undefined ? {} : { skipped }),
    });

  const closed: string[] = [];
  await read(lists.subscription(id), {
    refused: (refusal) => {
      const why = CLOSED[refusal.code];
      if (why === undefined) desk.refused(refusal);
      else closed.push(why);
    },
  });
  if (closed.length > 0) {
    visit("global", closed.join());
    return undefined;
  }
  const locations = await readSubscription({ id, lists, sample, read, refused: desk.refused, machine });
  if (locations.length === 0 && missing.has("Microsoft.Network"))
    visit("global", "Microsoft.Network is not registered in it, so there are no machines");
  else for (const region of locations.length === 0 ? ["global"] : locations) visit(region);
  return locations;
};

/** A list of things that there cannot be, and why. */
const none = ({ code, message }: Refusal): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ value: [], because: { code, message } }, null, 2));
