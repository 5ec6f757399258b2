import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, Place } from "#model/gate.ts";
import { problems } from "#problems.ts";
import type { Fact, Facts } from "./facts.ts";
import { askedFor, gapFor, hostOf } from "./facts.ts";
import { doubtfulHop, state } from "./hop.ts";
import type { Instance } from "./instance.ts";
import { linkOf, nameOf, pathIn, projectOf, regionOf } from "./link.ts";
import { permissionFor } from "./permissions.ts";
import { items, raw, text } from "./raw.ts";

/** Routes that routers have learned by BGP. They are in no list of routes, and lead away from the internet (gcp.md A6). */
export interface LearnedRoutes {
  /** Those that hold in a region; undefined where no router has told. */
  readonly of: (network: string, region: string | undefined) => readonly Fact[] | undefined;
  /** Whether one may take replies elsewhere, where that is not known; undefined where nothing could. */
  readonly gate: (network: string, instance: Instance) => Final | undefined;
}

export const learnedRoutes = (facts: Facts): LearnedRoutes => {
  const told = Map.groupBy(facts.learned, ({ network }) => network);
  const talking = Map.groupBy(
    [...facts.things.routers.values()].filter(({ raw: router }) => items(router["bgpPeers"]).length > 0),
    ({ raw: router, path }) => pathIn(text(router["network"]), projectOf(path)),
  );
  const known = new Map<string, readonly Fact[] | undefined>();
  const gates = new Map<string, Final | undefined>();

  const of = (network: string, region: string | undefined): readonly Fact[] | undefined => {
    const key = `${network} ${region}`;
    if (known.has(key)) return known.get(key);
    const those = (told.get(network) ?? []).filter((each) => each.region === undefined || each.region === region);
    const routes = new Map(those.flatMap((each) => each.routes).map((fact) => [gistOf(fact), fact]));
    const made = those.length === 0 ? undefined : [...routes.values()];
    known.set(key, made);
    return made;
  };

  const gate = (network: string, { region }: Instance): Final | undefined => {
    const key = `${network} ${region}`;
    if (gates.has(key)) return gates.get(key);
    const made =
      of(network, region) === undefined ? untold(facts, talking.get(network) ?? [], network, region) : undefined;
    gates.set(key, made);
    return made;
  };
  return { of, gate };
};

/** Several routers of a network tell of the same routes. */
const gistOf = ({ raw: route }: Fact): string =>
  JSON.stringify(
    ["destRange", "priority", "nextHopIp", "nextHopVpnTunnel", "nextHopInterconnectAttachment"].map(
      (each) => route[each],
    ),
  );

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
  const isGlobal = text(raw(facts.things.networks.get(network)?.raw["routingConfig"])["routingMode"]) === "GLOBAL";
  const near = routers.filter(({ path }) => isGlobal || regionOf(path) === region);
  const [router] = near;
  if (router === undefined) return undefined;
  const how = permissionFor("routerStatus")?.cli ?? "";
  const refused: Gap | undefined =
    askedFor(facts, "routerStatus", host, region) === "refused" ? gapFor(facts, "routerStatus", what, host) : undefined;
  if (refused !== undefined || facts.how.strict)
    return doubtfulHop(at, refused ?? gap("missing", problems.missing(what, how), router.at));
  const says = `no route that ${nameOf(router.path)} has learned takes the reply elsewhere`;
  return state(at, "allow", { saw: "assumed", says, ask: how });
};
