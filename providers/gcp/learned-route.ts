import type { Evidence } from "#model/evidence.ts";
import { gap } from "#model/gap.ts";
import type { Final, Place } from "#model/gate.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { problems } from "#problems.ts";
import type { Fact, Facts, Learned } from "./facts.ts";
import { askedFor, gapFor, hostOf } from "./facts.ts";
import { doubtfulHop, state } from "#model/hop.ts";
import type { Instance } from "./instance.ts";
import { linkOf, nameOf, networkOf, regionOf } from "./link.ts";
import { permissionFor } from "./permissions.ts";
import { items, raw, text } from "./raw.ts";

/** Routes that routers have learned by BGP. They are in no list of routes, and lead away from the internet (gcp.md A6). */
export interface LearnedRoutes {
  /** Those that hold in a region, or may. */
  readonly of: (network: string, region: string | undefined) => readonly LearnedRoute[];
  /** Whether one may take replies elsewhere, where that is not known; undefined where nothing could. */
  readonly gate: (network: string, instance: Instance) => Final | undefined;
}

export interface LearnedRoute {
  readonly fact: Fact;
  /** It was told of another region, where it has another priority. */
  readonly isFar: boolean;
}

export const learnedRoutes = (facts: Facts): LearnedRoutes => {
  const talking = Map.groupBy(
    [...facts.things.routers.values()].filter(({ raw: router }) => items(router["bgpPeers"]).length > 0),
    ({ raw: router, path }) => networkOf(text(router["network"]), path),
  );
  /** A status that does not say where it was read is of the one region in which there are routers. */
  const placed = ({ network, region }: Learned): string | undefined => {
    const regions = new Set((talking.get(network) ?? []).map(({ path }) => regionOf(path)));
    return region ?? (regions.size === 1 ? [...regions][0] : undefined);
  };
  const told = Map.groupBy(
    facts.learned.map((each) => ({ ...each, region: placed(each) })),
    ({ network }) => network,
  );
  const known = new Map<string, readonly LearnedRoute[]>();
  const gates = new Map<string, Final | undefined>();
  const isTold = (network: string, region: string | undefined): boolean =>
    (told.get(network) ?? []).some((each) => each.region !== undefined && each.region === region);

  const of = (network: string, region: string | undefined): readonly LearnedRoute[] => {
    const key = `${network} ${region}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const isFar = !isTold(network, region);
    const isApart = routingMode(facts, network) === "REGIONAL";
    const those = (told.get(network) ?? []).filter((each) =>
      isFar ? !isApart || each.region === undefined : each.region === region,
    );
    const routes = new Map(those.flatMap((each) => each.routes).map((fact) => [gistOf(fact), { fact, isFar }]));
    const made = [...routes.values()];
    known.set(key, made);
    return made;
  };

  const gate = (network: string, { region }: Instance): Final | undefined => {
    const key = `${network} ${region}`;
    if (gates.has(key)) return gates.get(key);
    // In a network of one table, what a router of another region has learned was told with that.
    const isWhole = routingMode(facts, network) === "GLOBAL" && (told.get(network) ?? []).length > 0;
    const routers = isWhole || isTold(network, region) ? [] : (talking.get(network) ?? []);
    const made = untold(facts, routers, network, region);
    gates.set(key, made);
    return made;
  };
  return { of, gate };
};

/** Whether routers of other regions count; undefined where that was not read. */
const routingMode = (facts: Facts, network: string): string | undefined => {
  if (facts.contradictions.has(network)) return undefined;
  return text(raw(facts.things.networks.get(network)?.raw["routingConfig"])["routingMode"]);
};

/** Several routers of a network tell of the same routes. */
const gistOf = ({ raw: route }: Fact): string =>
  JSON.stringify(
    ["destRange", "priority", "nextHopIp", "nextHopVpnTunnel", "nextHopInterconnectAttachment"].map(
      (each) => route[each],
    ),
  );

/** What may take the reply elsewhere and was not told: what routers have learned, and what peerings import. */
const untold = (
  facts: Facts,
  routers: readonly Fact[],
  network: string,
  region: string | undefined,
): Final | undefined => {
  const host = hostOf(network);
  const at: Place = { kind: "route", id: linkOf(network) };
  const what = `routes that routers of ${nameOf(network)} have learned`;
  if (["refused", "cut"].includes(askedFor(facts, "routers", host)))
    return doubtfulHop(at, gapFor(facts, "routers", what, host));
  const isApart = routingMode(facts, network) === "REGIONAL";
  const near = routers.filter(({ path }) => !isApart || regionOf(path) === region);
  if (near.some(({ path }) => askedFor(facts, "routerStatus", host, regionOf(path)) === "refused"))
    return doubtfulHop(at, gapFor(facts, "routerStatus", what, host));
  const how = permissionFor("routerStatus")?.cli ?? "";
  const open = [
    ...near.slice(0, 1).map(({ path, at: source }) => ({ of: nameOf(path), has: "has learned", how, source })),
    ...importing(facts, network).map((each) => ({ of: `peering ${each.name}`, has: "imports", ...each })),
  ];
  const [first] = open;
  if (first === undefined) return undefined;
  if (facts.how.strict)
    return doubtfulHop(
      at,
      gap("missing", problems.missing(`routes that ${first.of} ${first.has}`, first.how), first.source),
    );
  const seen = open.map(
    ({ of, has, how: ask }): Evidence => ({
      saw: "assumed",
      says: `no route that ${of} ${has} takes the reply elsewhere`,
      ask,
    }),
  );
  return state(at, "allow", ...seen);
};

/** A peering that imports the routes of its peer, which stand in no list of this network. */
export interface Importing {
  readonly name: string;
  readonly how: string;
  readonly source: Source;
}

export const importing = (facts: Facts, network: string): readonly Importing[] => {
  const fact = facts.things.networks.get(network);
  return items(fact?.raw["peerings"]).flatMap((each, i) => {
    if (fact === undefined || text(each["state"]) !== "ACTIVE" || each["importCustomRoutes"] !== true) return [];
    const name = text(each["name"]) ?? "PEERING";
    const how = `gcloud compute networks peerings list-routes ${name} --network=${nameOf(network)} --region=REGION --direction=INCOMING --format=json`;
    return [{ name, how, source: inside(inside(fact.at, "peerings"), i) }];
  });
};
