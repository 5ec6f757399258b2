import type { Refusal } from "#model/provider.ts";
import { items, raw, text } from "#model/raw.ts";
import type { Body, List, Page } from "#reading/list.ts";
import type { Outcome } from "#reading/read.ts";
import type { Parts } from "./arm-id.ts";
import { partsOf } from "./arm-id.ts";
import type { Seen } from "./interfaces.ts";
import { chosen, gatewayGroupsOf } from "./interfaces.ts";
import type { Lists } from "./lists.ts";
import { ROWS, thingsIn } from "./page.ts";
import { namesTag } from "./service-tags.ts";

/** One subscription while it is read. */
export interface Reading {
  readonly id: string;
  readonly lists: Lists;
  /** A little of everything is enough. */
  readonly sample: boolean;
  /** Reads one list, and shows each of its pages. */
  readonly read: (list: List, where?: Where, see?: (page: Page) => void) => Promise<Outcome>;
  readonly refused: (refusal: Refusal) => void;
  /** Told of each machine. */
  readonly machine: () => void;
}

/** The part of a subscription that an answer is of, and its folder below the subscription's. */
export interface Where {
  readonly region?: string;
  readonly folder?: string;
  /** Takes a refusal that may yet be mended. */
  readonly refused?: (refusal: Refusal) => void;
}

/** So many interfaces of one subscription are asked what holds at them, and so many at a time. */
const INTERFACES = 50;
const AT_A_TIME = 5;

/** Reads one subscription, and tells in which locations machines are. */
export const readSubscription = async (reading: Reading): Promise<readonly string[]> => {
  const { id, lists, read, machine } = reading;
  const networking = lists.networking(id);
  const machines = lists.machines(id);
  const locations = new Set<string>();
  const running = new Set<string>();
  let isStateKnown = false;
  const tagged = new Set<string>();
  const seen: Record<"interfaces" | "networks" | "tables", Body[]> = { interfaces: [], networks: [], tables: [] };

  const keep =
    (into: Body[]) =>
    ({ body }: Page): void =>
      void into.push(...thingsIn(body()));
  const notice =
    (at?: string) =>
    ({ body }: Page): void => {
      for (const thing of thingsIn(body())) if (namesTag(thing)) tagged.add(at ?? locationOf(thing));
    };

  const states = async (): Promise<void> => {
    const outcome = await read(machines.states, {}, ({ body }) => {
      for (const each of thingsIn(body())) if (runs(each)) running.add((idOf(each) ?? "").toLowerCase());
    });
    isStateKnown = outcome === "read";
  };

  const sets = async (): Promise<void> => {
    const uniform: Parts[] = [];
    await read(machines.sets, {}, ({ body }) => {
      for (const set of thingsIn(body())) {
        const parts = partsOf(idOf(set));
        const mode = text(raw(set["properties"])["orchestrationMode"])?.toLowerCase();
        if (parts === undefined || mode === "flexible") continue;
        uniform.push(parts);
        locations.add(locationOf(set));
      }
    });
    await each(reading, uniform, async (set) => {
      const { instances, others } = lists.instances(id, set);
      const where = { folder: set.group };
      await Promise.all([
        read(instances, where, ({ body }) => thingsIn(body()).forEach(machine)),
        ...others.map((list) => read(list, where)),
      ]);
    });
  };

  const networks = async (): Promise<void> => {
    await read(networking.networks, {}, keep(seen.networks));
    const named = seen.networks.flatMap((network) => withParts(network));
    await Promise.all([
      each(reading, new Set(seen.networks.flatMap(gatewayGroupsOf)), (group) =>
        read(lists.gateways(id, group), { folder: group }),
      ),
      readAdminRules(named, reading, notice),
      each(reading, named, ({ parts }) => read(lists.connectivity(id, parts), { folder: parts.group })),
    ]);
  };

  const policies = async (): Promise<void> => {
    const all: Body[] = [];
    await read(networking.policies, {}, keep(all));
    await each(
      reading,
      all.flatMap((policy) => withParts(policy)),
      ({ parts, location }) => read(lists.ruleCollectionGroups(id, parts), { folder: parts.group }, notice(location)),
    );
  };

  await Promise.all([
    read(machines.models, {}, ({ body }) => {
      for (const each of thingsIn(body())) {
        locations.add(locationOf(each));
        machine();
      }
    }),
    states(),
    sets(),
    networks(),
    policies(),
    read(networking.interfaces, {}, keep(seen.interfaces)),
    read(networking.groups, {}, notice()),
    read(networking.routes, {}, (page) => {
      notice()(page);
      keep(seen.tables)(page);
    }),
    read(networking.firewalls, {}, notice()),
    ...networking.others.map((list) => read(list)),
  ]);

  tagged.delete("");
  locations.delete("");
  await Promise.all([
    each(reading, [...tagged].toSorted(), (region) => read(lists.serviceTags(id, region), { region })),
    readInterfaces({ ...seen, running: isStateKnown ? running : undefined }, reading),
  ]);
  return [...locations].toSorted();
};

/** A thing with a name, and where it is. */
interface Placed {
  readonly parts: Parts;
  readonly location: string;
}

/** Rules of network managers, network by network; where that is not allowed, as far as Resource Graph tells them. */
const readAdminRules = async (
  networks: readonly Placed[],
  reading: Reading,
  notice: (at: string) => (page: Page) => void,
): Promise<void> => {
  const { id, lists, read, sample } = reading;
  const missing = new Map<string, Refusal>();
  await each(reading, networks, ({ parts, location }) =>
    read(
      lists.adminRules(id, parts),
      { folder: parts.group, refused: (refusal) => void missing.set(parts.key, refusal) },
      notice(location),
    ),
  );
  if (missing.size > 0 || (sample && networks.length > 0)) {
    const found = new Set<string>();
    await read(lists.adminRulesInGraph(id), {}, ({ body }) => {
      for (const row of thingsIn(body(), ROWS)) found.add(partsOf(idOf(row))?.key ?? "");
    });
    // Resource Graph leaves out what one may not read, so that a network without a row stays refused.
    for (const [key, refusal] of missing) if (sample || !found.has(key)) reading.refused(refusal);
  }
};

/** What holds at single interfaces, as the network itself says, where the lists do not tell it. */
const readInterfaces = async (seen: Seen, reading: Reading): Promise<void> => {
  const { id, lists, read, sample } = reading;
  const all = chosen(seen);
  await inTurn(AT_A_TIME, all.slice(0, sample ? 1 : INTERFACES), async (its) => {
    const where = { folder: its.group };
    if (its.groups) await read(lists.effectiveGroups(id, its), where);
    if (its.routes) await read(lists.effectiveRoutes(id, its), where);
  });
  const left = sample ? [] : all.slice(INTERFACES);
  const tell = (call: string, some: readonly unknown[]): void => {
    if (some.length === 0) return;
    const message = `${some.length} of ${all.length} interfaces were not asked what holds at them: no more than ${INTERFACES} of one subscription are.`;
    reading.refused({ cloud: "azure", call, scope: { account: id, region: undefined }, code: "NotAsked", message });
  };
  tell(
    "Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups/action",
    left.filter(({ groups }) => groups),
  );
  tell(
    "Microsoft.Network/networkInterfaces/effectiveRouteTable/action",
    left.filter(({ routes }) => routes),
  );
};

/** Does something for every thing, or only for the first where a sample is enough. */
const each = async <T>(
  { sample }: Reading,
  things: Iterable<T>,
  doing: (thing: T) => Promise<unknown>,
): Promise<void> => {
  await Promise.all((sample ? [...things].slice(0, 1) : [...things]).map(doing));
};

/** So many at once, the next as soon as one is done. */
export const inTurn = async <T>(
  most: number,
  things: readonly T[],
  doing: (thing: T) => Promise<unknown>,
): Promise<void> => {
  const left = [...things];
  const work = async (): Promise<void> => {
    for (let thing = left.shift(); thing !== undefined; thing = left.shift()) await doing(thing);
  };
  await Promise.all(Array.from({ length: Math.min(most, things.length) }, work));
};

const withParts = (thing: Body): readonly Placed[] => {
  const parts = partsOf(idOf(thing));
  return parts === undefined ? [] : [{ parts, location: locationOf(thing) }];
};

const idOf = (thing: Body): string | undefined => text(thing["id"]);

/** `West Europe` and `westeurope` are one location. */
const locationOf = (thing: Body): string => (text(thing["location"]) ?? "").toLowerCase().replaceAll(" ", "");

const runs = (machine: Body): boolean =>
  items(raw(raw(machine["properties"])["instanceView"])["statuses"]).some(
    ({ code }) => text(code)?.toLowerCase() === "powerstate/running",
  );
