import { setTimeout as sleep } from "node:timers/promises";
import type { AuthClient } from "google-auth-library";
import type { Ask, Desk, Live, Scope } from "#model/provider.ts";
import type { Clock } from "#reading/pace.ts";
import { pace } from "#reading/pace.ts";
import type { Means } from "#reading/read.ts";
import { readList } from "#reading/read.ts";
import { liveOf } from "#reading/trial.ts";
import type { Holder } from "./collect/access.ts";
import { access, endpointIn } from "./collect/access.ts";
import { DISABLED, faultOf } from "./collect/fault.ts";
import type { Lists } from "./collect/lists.ts";
import { listsOf } from "./collect/lists.ts";
import type { Official } from "./collect/official.ts";
import { official } from "./collect/official.ts";
import type { Hole } from "./collect/page.ts";
import { holesIn } from "./collect/page.ts";
import type { Machine, Mentions, Network, Read } from "./collect/project.ts";
import { aboveIn, each, notice, readAbove, readMachines, readNetworking } from "./collect/project.ts";
import type { Project } from "./collect/projects.ts";
import { findProjects } from "./collect/projects.ts";
import { permissions } from "./permissions.ts";
import { text } from "./raw.ts";

/** So many calls may be on their way at once, and so many projects be read side by side. */
const CALLS = 64;
const PROJECTS = 6;

/** Google Cloud itself, through its own SDK. Nothing here changes anything. */
export const live: Live = liveOf(
  permissions,
  (...how) => readAll(...how),
  ({ who, project = "" }) => [{ cloud: "gcp", account: project, who }],
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
    desk.progress({ cloud: "gcp", ...tally, accounts: [...tally.accounts], regions: [regions.size, regions.size] });
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
  const endpoint = endpointIn(process.env["SALLYPORT_GCP_ENDPOINT"]);
  const universe = process.env["GOOGLE_CLOUD_UNIVERSE_DOMAIN"] ?? "googleapis.com";
  const holder = await access(ask.impersonate, endpoint, universe);
  const known = new WeakMap<AuthClient, Official>();
  const lists = listsOf(holder, (client) => {
    const clients = known.get(client) ?? official(client, endpoint, universe);
    known.set(client, clients);
    return clients;
  });
  const projects = await findProjects(ask, means, lists, holder);
  tally.accounts[1] = projects.length;
  await readProjects(projects, {
    means,
    lists,
    holder,
    answered,
    machine: ({ region }) => {
      tally.machines++;
      regions.add(region);
    },
    done: (isRead) => {
      if (isRead) tally.accounts[0]++;
      else tally.accounts[1]--;
      tell();
    },
  });
  desk.signal.throwIfAborted();
  return holder;
};

interface Reading {
  readonly means: Means;
  readonly lists: Lists;
  readonly holder: Holder;
  readonly answered: (call: string, scope: Scope) => void;
  readonly machine: (machine: Machine) => void;
  readonly done: (isRead: boolean) => void;
}

/** So many at once, the next as soon as one is done. */
const inTurn = async <T>(most: number, things: readonly T[], doing: (thing: T) => Promise<void>): Promise<void> => {
  const left = [...things];
  const work = async (): Promise<void> => {
    for (let thing = left.shift(); thing !== undefined; thing = left.shift()) await doing(thing);
  };
  await Promise.all(Array.from({ length: Math.min(most, things.length) }, work));
};

/** A project that was read. */
interface Found {
  readonly id: string;
  readonly number: string;
  readonly machines: readonly Machine[];
  readonly above: readonly string[];
}

const readProjects = async (projects: readonly Project[], reading: Reading): Promise<void> => {
  const { means, lists, done } = reading;
  const mentions: Mentions = { tags: false, groups: new Set() };
  const found: Found[] = [];
  const above = new Set<string>();
  await inTurn(PROJECTS, projects, async (project) => {
    const its = await readProject(project, reading, mentions);
    for (const parent of its?.above ?? []) above.add(parent);
    if (its !== undefined) found.push(its);
    done(its !== undefined);
  });

  const asked = new Set(projects.map(({ id }) => id));
  const used = networksOf(found);
  // The rules and routes of a shared network are in its own project, whoever was asked for.
  const hosts = [...new Set(used.map(({ network }) => network.project))].filter((id) => !asked.has(id)).toSorted();
  await inTurn(PROJECTS, hosts, async (host) => {
    const read = readerOf(host, reading);
    await Promise.all([
      readNetworking(host, lists, lists.networking(host), read, mentions, means.sample),
      read(lists.project(host)),
      read(lists.ancestry(host), {}, ({ body }) => {
        for (const parent of aboveIn(body())) above.add(parent);
      }),
    ]);
  });

  await Promise.all([
    each(means.sample, used, ({ network: { project, name, link }, region }) =>
      readerOf(project, reading)(lists.effectiveIn(project, region, name, link), { region, folder: region }, (page) =>
        notice(page, mentions),
      ),
    ),
    each(means.sample, [...above].toSorted(), (parent) =>
      readAbove(parent, lists, readerOf(parent, reading), mentions, means.sample),
    ),
  ]);
  await Promise.all([readTagged(found, mentions, reading), readGroups(mentions, reading)]);
};

/** Reads lists of one project, folder or organisation. What an answer leaves out is told as a refusal. */
const readerOf =
  (account: string, { means, holder, answered }: Reading): Read =>
  async (list, { region, folder } = {}, see = () => undefined) => {
    const scope = { account, region };
    const holes = new Map<string, Hole>();
    const place = {
      cloud: "gcp",
      scope,
      folder: folder === undefined ? account : `${account}/${folder}`,
      charged: holder.charged,
      renew: holder.renew,
    } as const;
    const outcome = await readList(means, place, list, (page) => {
      for (const hole of holesIn(page.body())) holes.set(`${hole.region} ${hole.code} ${hole.message}`, hole);
      see(page);
    });
    for (const { region: without, code, message } of holes.values())
      means.desk.refused({ cloud: "gcp", call: list.call, scope: { account, region: without }, code, message });
    if (outcome === "read") answered(list.call, scope);
    return outcome;
  };

/** One project; undefined where it has no machines because it cannot have any. */
const readProject = async ({ id, name }: Project, reading: Reading, mentions: Mentions): Promise<Found | undefined> => {
  const { means, lists, holder } = reading;
  const visit = (region: string, skipped?: string): void =>
    means.desk.visited({
      cloud: "gcp",
      account: id,
      accountName: name,
      region,
      ...(skipped === undefined ? {} : { skipped }),
    });
  const why: string[] = [];
  const listening: Means = {
    ...means,
    desk: {
      ...means.desk,
      refused: (refusal) => {
        // Where another project is charged for the calls, it may be that one which lacks the API.
        const isOff = refusal.code === DISABLED && [undefined, id].includes(holder.charged);
        if (isOff) why.push("the Compute Engine API is not enabled, so there are no machines");
        else if (refusal.code === "notFound") why.push("there is no such project");
        else means.desk.refused(refusal);
      },
    },
  };
  let number = "";
  await readerOf(id, { ...reading, means: listening })(lists.project(id), {}, ({ body }) => {
    number = text(body()["id"]) ?? "";
  });
  if (why.length > 0) {
    visit("global", why.join());
    return undefined;
  }

  const read = readerOf(id, reading);
  const above: string[] = [];
  const [machines] = await Promise.all([
    readMachines(id, lists, lists.machines(id), read, means.sample),
    readNetworking(id, lists, lists.networking(id), read, mentions, means.sample),
    read(lists.ancestry(id), {}, ({ body }) => void above.push(...aboveIn(body()))),
  ]);
  machines.forEach(reading.machine);
  const regions = new Set(machines.map(({ region }) => region));
  for (const region of regions.size === 0 ? ["global"] : regions) visit(region);
  return { id, number, machines, above };
};

/** Networks in which machines are, and in which regions. */
const networksOf = (found: readonly Found[]): readonly { readonly network: Network; readonly region: string }[] => {
  const used = found.flatMap(({ machines }) =>
    machines.flatMap(({ interfaces, region }) => interfaces.map(({ network }) => ({ network, region }))),
  );
  return [
    ...new Map(used.map((use) => [`${use.network.project} ${use.network.name} ${use.region}`, use] as const)).values(),
  ];
};

/** Which machines carry a secure tag is asked only where a rule speaks of one: each machine is a call of its own. */
const readTagged = async (found: readonly Found[], { tags }: Mentions, reading: Reading): Promise<void> => {
  const { lists, means } = reading;
  const machines = found.flatMap(({ id: project, number, machines: its }) =>
    its.filter(({ isRunning }) => isRunning).map((machine) => ({ project, number, machine })),
  );
  await each(means.sample, tags ? machines : [], async ({ project, number, machine }) => {
    const { id, name, zone, region, interfaces } = machine;
    const read = readerOf(project, reading);
    const where = { region, folder: zone };
    await Promise.all([
      read(lists.tagBindings(number, zone, id, name), where),
      ...interfaces.map((nic) => read(lists.effectiveAt(project, zone, name, nic.name), where)),
    ]);
  });
};

/** Address groups that rules name, wherever they are. */
const readGroups = async ({ groups }: Mentions, reading: Reading): Promise<void> => {
  await each(reading.means.sample, [...groups].toSorted(), (parent) => {
    const [kind = "", id = "", , place = ""] = parent.split("/");
    const account = kind === "projects" ? id : `${kind}/${id}`;
    return readerOf(account, reading)(
      reading.lists.addressGroups(parent),
      place === "global" ? {} : { region: place, folder: place },
    );
  });
};
