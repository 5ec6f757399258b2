import type { Change, Fix } from "#model/answer.ts";
import type { Interface, Inventory, Machine, Remedy } from "#model/inventory.ts";
import type { Way } from "#model/way.ts";
import { exactSources, internetSources } from "#packets/internet.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, begun, isEmpty, meets, minus, or, some } from "#packets/set.ts";
import { formatServices } from "#packets/text.ts";
import { reach, sources, verdict } from "#resolve/verdict.ts";
import type { Verdict } from "#resolve/verdict.ts";
import type { WayRuling } from "#resolve/walk.ts";
import { flowOf, walk } from "#resolve/walk.ts";

/** No way needs more: each hop that stops is mended once. */
const MOST_CHANGES = 8;
/** Ways that are tried, those with the fewest stops first. */
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
  const fewest = ways.toSorted((a, b) => stopsOf(a).length - stopsOf(b).length).slice(0, MOST_WAYS);
  const fixes = fewest.flatMap((way): readonly Fix[] => {
    const tried = mend(inventory, machine, way, question);
    return tried === undefined ? [] : [proved(inventory, machine, tried, question)];
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
    const [remedy] = after.remedies(stop.at, stop.direction, question, to);
    if (remedy === undefined) return undefined;
    after = remedy.after();
    const again = sameWay(after, way, to, question);
    // The mended hop must no longer stop, or the next round would mend it for ever.
    if (again === undefined || stopsOf(again).length >= stopsOf(way).length) return undefined;
    remedies.push(remedy);
    way = again;
  }
  return { way: first, remedies, after };
};

/** The way that takes the place of one that was judged before a change: it may have an address now. */
const sameWay = (
  inventory: Inventory,
  { way }: WayRuling,
  to: Interface,
  question: PacketSet,
): WayRuling | undefined => {
  const all = [...inventory.ways(question, to)].filter(
    (each) => each.origin === way.origin && meets(each.carries, question),
  );
  const same = (each: Way): boolean => each.address === way.address;
  const found = all.find(same) ?? (way.address === undefined ? all[0] : undefined);
  return found === undefined ? undefined : walk(found, question);
};

const proved = (before: Inventory, machine: Machine, { way, remedies, after }: Tried, question: PacketSet): Fix => ({
  way: { origin: way.way.origin, address: way.way.address ?? null },
  changes: remedies.map(({ says, cli, terraform }): Change => ({ says, cli, terraform })),
  proved: verdict(after, machine, question).answer,
  opens: opened(before, after, machine, remedies, question),
});

/** What the changes open besides the question, on every interface whose gates they touch. */
const opened = (
  before: Inventory,
  after: Inventory,
  machine: Machine,
  remedies: readonly Remedy[],
  question: PacketSet,
): readonly string[] => {
  const owners = new Map([...before.machines].flatMap((each) => each.interfaces.map(({ id }) => [id, each] as const)));
  const touched = new Map(remedies.flatMap((remedy) => [...remedy.touches()].map((each) => [each.id, each] as const)));
  const found = [...touched.values()].flatMap((each) => {
    const more = minus(admitted(after, each, question), admitted(before, each, question));
    const owner = owners.get(each.id);
    const besides = owner === machine ? minus(more, some(question, "clientPort")) : more;
    if (isEmpty(besides)) return [];
    const { id, name } = owner?.resource ?? { id: each.id, name: null };
    const from = internetSources(besides);
    const whom = from.length === 0 ? exactSources(besides) : from;
    return [
      `${name === null ? id : `${name} (${id})`}: ${formatServices(besides)} from ${whom.slice(0, 4).join(", ")}${whom.length > 4 ? " …" : ""}`,
    ];
  });
  return [...new Set(found)].toSorted();
};

/** Everybody from outside, and the client of the question from wherever it comes. */
const admitted = (inventory: Inventory, to: Interface, question: PacketSet): PacketSet => {
  const client = some(some(question, "service"), "clientPort");
  const inside = reach(sources(inventory, to, client)).possibly;
  let all = inside;
  for (const way of inventory.doors(to)) all = or(all, flowOf(way, begun).possibly);
  return all;
};
