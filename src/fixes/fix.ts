import type { Change, Fix } from "#model/answer.ts";
import type { Interface, Inventory, Machine, Remedy } from "#model/inventory.ts";
import type { Way } from "#model/way.ts";
import { exactSources, internetSources, neverClients } from "#packets/internet.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, begun, clientsOf, everything, isEmpty, meets, minus, or, some } from "#packets/set.ts";
import { formatServices } from "#packets/text.ts";
import { reach, sources, verdict } from "#resolve/verdict.ts";
import type { Verdict } from "#resolve/verdict.ts";
import type { HopRuling, WayRuling } from "#resolve/walk.ts";
import { flowOf, walk } from "#resolve/walk.ts";

/** No way needs more: each hop that stops is mended once. */
const MOST_CHANGES = 8;
/** Ways that are tried of those straight to the machine, and of those through something; the fewest stops first. */
const MOST_WAYS = 4;

/** Changes that were made one after the other, and what was read with all of them. */
interface Tried {
  readonly way: WayRuling;
  readonly remedies: readonly Remedy[];
  readonly after: Inventory;
}

/**
 * The smallest set of changes that opens one way for the question, proved by deciding again with them. Of two as small,
 * the one that opens less besides. Empty where no set is known.
 */
export const findFixes = (
  inventory: Inventory,
  machine: Machine,
  { ways }: Verdict,
  asked: PacketSet,
): readonly Fix[] => {
  const question = and(asked, begun);
  const byStops = ways.toSorted((a, b) => stopsOf(a).length - stopsOf(b).length);
  const [direct, through] = [false, true].map((is) => byStops.filter(({ way }) => (way.via !== undefined) === is));
  const fewest = [direct, through].flatMap((those = []) => those.slice(0, MOST_WAYS));
  const fixes = fewest.flatMap((way): readonly Fix[] => {
    const tried = mend(inventory, machine, way, question);
    if (tried === undefined) return [];
    const opens = opened(inventory, tried.after, machine, tried.remedies, question);
    // Whom a balancer hides, it hides among all its clients: what lets one on may let the internet on.
    const hides = stopsOf(way).some(({ sees }) => sees?.hides.includes("client") === true);
    if (hides && opens.some(({ isInternet }) => isInternet)) return [];
    return [proved(machine, tried, question, [...new Set(opens.map(({ says }) => says))].toSorted())];
  });
  return fixes
    .filter((fix) => fix.proved === "reachable")
    .toSorted((a, b) => a.changes.length - b.changes.length || a.opens.length - b.opens.length)
    .slice(0, 1);
};

const stopsOf = ({ hops }: WayRuling): WayRuling["hops"] => hops.filter(({ ruling }) => ruling === "stops");

/** Mends the first stop that is left, until none is. */
const mend = (inventory: Inventory, machine: Machine, first: WayRuling, question: PacketSet): Tried | undefined => {
  let way = first;
  let after = inventory;
  const remedies: Remedy[] = [];
  while (way.answer === "blocked") {
    const [stop] = stopsOf(way);
    const to = machine.interfaces.find(({ id }) => id === way.way.interface);
    if (stop === undefined || to === undefined || remedies.length === MOST_CHANGES) return undefined;
    // Behind a rewrite it is what stands there that must be let through.
    const next = after
      .remedies(stop.at, stop.direction, stop.sees === undefined ? question : stop.asked, to)
      .flatMap((remedy) => {
        const changed = remedy.after();
        const again = sameWay(changed, way, to, question);
        return again !== undefined && isMended(stop, way, again) ? [{ remedy, changed, again }] : [];
      });
    const [step] = next.toSorted((a, b) => stopsOf(a.again).length - stopsOf(b.again).length);
    if (step === undefined) return undefined;
    remedies.push(step.remedy);
    after = step.changed;
    way = step.again;
  }
  return { way: first, remedies, after };
};

/** What is mended no longer stops, though what stood behind it may now; a change that mends nothing is none. */
const isMended = ({ at, direction }: HopRuling, before: WayRuling, after: WayRuling): boolean => {
  const left = stopsOf(after);
  if (left.length < stopsOf(before).length) return true;
  const isThere = left.some((each) => each.at.kind === at.kind && each.at.id === at.id && each.direction === direction);
  return left.length === stopsOf(before).length && !isThere;
};

/** The way that takes the place of one that was judged before a change: it may have an address now. */
const sameWay = (
  inventory: Inventory,
  { way }: WayRuling,
  to: Interface,
  question: PacketSet,
): WayRuling | undefined => {
  const all = [...inventory.ways(question, to)].filter(
    (each) => each.origin === way.origin && each.via?.door === way.via?.door && meets(each.carries, question),
  );
  const same = (each: Way): boolean => each.address === way.address;
  const found = all.find(same) ?? (way.address === undefined ? all[0] : undefined);
  return found === undefined ? undefined : walk(found, question);
};

const proved = (
  machine: Machine,
  { way, remedies, after }: Tried,
  question: PacketSet,
  opens: readonly string[],
): Fix => ({
  way: { origin: way.way.origin, address: way.way.address ?? null },
  changes: remedies.map(({ says, cli, terraform }): Change => ({ says, cli, terraform })),
  proved: verdict(after, machine, question).answer,
  opens,
});

/** What the changes open besides the question, on every interface whose gates they touch. */
const opened = (
  before: Inventory,
  after: Inventory,
  machine: Machine,
  remedies: readonly Remedy[],
  question: PacketSet,
): readonly { readonly says: string; readonly isInternet: boolean }[] => {
  const owners = new Map([...before.machines].flatMap((each) => each.interfaces.map(({ id }) => [id, each] as const)));
  const touched = new Map(
    [...machine.interfaces, ...remedies.flatMap((remedy) => [...remedy.touches()])].map((each) => [each.id, each]),
  );
  const client = clientsOf(question);
  return [...touched.values()].flatMap((each) => {
    const owner = owners.get(each.id);
    // A change on the client's side may let others out to this machine too; elsewhere only the client can be new.
    const whom = owner === machine ? everything : client;
    const more = minus(admitted(after, each, whom), admitted(before, each, whom));
    const besides = owner === machine ? minus(more, some(question, "clientPort")) : more;
    if (isEmpty(besides)) return [];
    const { id, name } = owner?.resource ?? { id: each.id, name: null };
    const carried = anyOf([...after.doors(each)].map((way) => way.carries));
    const outside = and(besides, carried);
    const inside = minus(besides, or(outside, neverClients));
    const from = internetSources(outside, carried);
    const parts = [
      ...(isEmpty(outside) ? [] : [fromWhom(outside, from.length === 0 ? exactSources(outside) : from)]),
      ...(isEmpty(inside) ? [] : [fromWhom(inside, exactSources(inside))]),
    ];
    const who = name === null ? id : `${name} (${id})`;
    return [{ says: `${who}: ${parts.join(", ")}`, isInternet: from.length > 0 }];
  });
};

const fromWhom = (set: PacketSet, list: readonly string[]): string =>
  `${formatServices(set)} from ${list.slice(0, 4).join(", ")}${list.length > 4 ? " …" : ""}`;

/** Everybody from outside, and those of `inside` from wherever they come. */
const admitted = (inventory: Inventory, to: Interface, inside: PacketSet): PacketSet => {
  const doors = [...inventory.doors(to)].map((way) => flowOf(way, begun).possibly);
  return anyOf([reach(sources(inventory, to, inside)).possibly, ...doors]);
};
