import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Match } from "#model/match.ts";
import { perhaps } from "#model/match.ts";
import type { Scope } from "#model/provider.ts";
import { parsePrefix } from "#packets/address.ts";
import { problems } from "#problems.ts";
import { cidrClients } from "./client.ts";
import type { Fact, Facts, Found } from "./facts.ts";
import { askedFor, gapFor } from "./facts.ts";
import { NOWHERE } from "#model/hop.ts";
import { prefixList } from "./prefix-list.ts";
import { items, nameOf, raw, text } from "./raw.ts";
import type { Route, RouteTable, Target } from "./route-table.ts";
import { byPrecedence } from "./route-table.ts";

/**
 * A route table of a transit gateway, whose routes lead to attachments. Every entry of a prefix list that it refers to
 * is one of its routes (aws.md A.3, 4; VPC guide, "View prefix list references").
 */
export const transitTable = (facts: Facts, id: string, namedBy: string, scope: Scope): Found<RouteTable> => {
  const tables = known.get(facts) ?? new Map<string, Found<RouteTable>>();
  const found = tables.get(id) ?? readTable(facts, id, namedBy, scope);
  known.set(facts, tables.set(id, found));
  return found;
};
const known = new WeakMap<Facts, Map<string, Found<RouteTable>>>();

const readTable = (facts: Facts, id: string, namedBy: string, scope: Scope): Found<RouteTable> => {
  const own = facts.things.TransitGatewayRouteTables.get(id);
  const routes = facts.transit.routes.get(id);
  if (routes === undefined) return { is: "gap", gap: gapFor(facts, "Routes", `the routes of ${id}`, namedBy, scope) };
  const doubt = facts.contradictions.get(id) ?? facts.transit.cut.get(id) ?? unreadLists(facts, id, scope);
  if (doubt !== undefined) return { is: "gap", gap: doubt };
  return {
    is: "found",
    fact: {
      id,
      name: own === undefined ? undefined : nameOf(own.raw),
      routes: byPrecedence(doubtTies(id, [...routes.flatMap(readRoute), ...unlisted(facts, id, routes, scope)])),
      at: facts.transit.places.get(id) ?? NOWHERE,
    },
  };
};

const LISTS = "TransitGatewayPrefixListReferences";

/** A table's references were asked for and not told. */
const unreadLists = (facts: Facts, id: string, scope: Scope): Gap | undefined => {
  const heard = askedFor(facts, LISTS, scope);
  return facts.transit.lists.has(id) || heard === "never" || heard === "read"
    ? undefined
    : gapFor(facts, LISTS, `the prefix lists of ${id}`, id, scope);
};

const readRoute = ({ raw: route, at }: Fact): readonly Route[] => {
  const cidr = text(route["DestinationCidrBlock"]) ?? "";
  const list = text(route["PrefixListId"]);
  const state = text(route["State"]) ?? "active";
  if (state === "deleted") return [];
  const isStatic = text(route["Type"]) === "static" && list === undefined;
  const target = targetOf(items(route["TransitGatewayAttachments"]).flatMap((each) => text(each[ATTACHMENT]) ?? []));
  return [routeTo(cidr, cidrClients(cidr, at), isStatic ? 0 : 1, target, state, at, list)];
};

const ATTACHMENT = "TransitGatewayAttachmentId";

const routeTo = (
  destination: string,
  to: Match,
  rank: Route["rank"],
  target: Target,
  state: string,
  source: Route["source"],
  list: string | undefined,
): Route => ({
  to,
  destination,
  bits: parsePrefix(destination)?.bits ?? Infinity,
  rank,
  target,
  state,
  source,
  ...(list === undefined ? {} : { list }),
});

/** Several attachments share the packets of a route; nothing says which of them takes which. */
const targetOf = (ids: readonly string[]): Target =>
  ids.length === 0 ? { kind: "none", id: "no attachment" } : { kind: "attachment", id: ids.toSorted().join(",") };

/** Entries of lists that the table refers to and whose routes are not among those that were read: either may be old. */
const unlisted = (facts: Facts, id: string, routes: readonly Fact[], scope: Scope): readonly Route[] => {
  const listed = new Set(routes.map(({ raw: route }) => text(route["PrefixListId"])));
  return (facts.transit.lists.get(id) ?? []).flatMap(({ raw: reference, at }): readonly Route[] => {
    const list = text(reference["PrefixListId"]);
    if (list === undefined || listed.has(list)) return [];
    const attachment = text(raw(reference["TransitGatewayAttachment"])[ATTACHMENT]);
    const target = targetOf(attachment === undefined ? [] : [attachment]);
    const state = reference["Blackhole"] === true ? "blackhole" : "active";
    const why = gapFor(facts, "Routes", `the routes of ${id} to ${list}`, id, scope, at);
    const entries = prefixList(facts, list, id, scope, at);
    if (entries.is === "doubtful") return [routeTo(list, entries.match, 1, target, state, at, list)];
    return entries.entries.map(({ cidr, at: where }) =>
      routeTo(cidr, perhaps(cidrClients(cidr, where).possibly, why), 1, target, state, at, list),
    );
  });
};

/** A static route comes before any other to the same destination; how others that differ rank is not verified. */
const doubtTies = (id: string, routes: readonly Route[]): readonly Route[] =>
  routes.map((route) => {
    const others = routes.filter(
      (other) =>
        other.destination === route.destination &&
        other.rank === route.rank &&
        (other.target.id !== route.target.id || other.state !== route.state),
    );
    if (others.length === 0) return route;
    const what = `which of the routes of ${id} to ${route.destination} is taken`;
    return { ...route, to: perhaps(route.to.possibly, gap("unverified", problems.notDocumented(what), route.source)) };
  });
