import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, Place, Rule } from "#model/gate.ts";
import type { Match } from "#model/match.ts";
import { exactly, perhaps } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import type { Prefix } from "#packets/address.ts";
import { formatPrefix, isUnder, parsePrefix } from "#packets/address.ts";
import { internetClients } from "#packets/internet.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, clients, everything, family, minus } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { rangeOf } from "./address.ts";
import { keyOf } from "./arm-id.ts";
import type { Effective, Facts } from "./facts.ts";
import { find } from "./facts.ts";
import type { Beyond } from "./gateway.ts";
import { beyondOf } from "./gateway.ts";
import { NOWHERE, doubtfulHop } from "#model/hop.ts";
import type { IpConfig } from "./network-interface.ts";
import { isOdd, member, memberItems, memberText, oddList, placeIn, texts } from "./raw.ts";
import type { Tags } from "./service-tag.ts";
import type { KnownSubnet, Networks, Subnet, VirtualNetwork } from "./virtual-network.ts";
import { isConnected } from "./virtual-network.ts";

/** Where packets to some addresses go next. */
export type NextHop = "internet" | "local" | "peering" | "gateway" | "appliance" | "none" | "unknown";

export interface Route {
  readonly prefix: Prefix;
  readonly hop: NextHop;
  readonly name: string;
  /** The next hop in the cloud's own words. */
  readonly via: string;
  /** Of routes to the same prefix the lowest rank is taken: set by hand, learned, made by the system. */
  readonly rank: 0 | 1 | 2 | 3;
  readonly source: Source;
}

/** The routes of a subnet, in the order in which they are taken, and what of them is not known. */
export interface Table {
  readonly place: Place;
  readonly routes: readonly Route[];
  /** Routes that a gateway may have learned besides. */
  readonly beyond: Beyond | undefined;
  /** Why nothing is known at all. */
  readonly unread: Gap | undefined;
  /** They were told by the cloud itself. */
  readonly isEffective: boolean;
  /** Routes for a service tag that could not be resolved. */
  readonly doubts: readonly Unresolved[];
}

interface Unresolved {
  readonly hop: NextHop;
  readonly gap: Gap;
  /** Whom it may concern, if not everybody. */
  readonly of?: PacketSet;
}

export interface Routes {
  table(config: IpConfig): Table;
  ofSubnet(known: KnownSubnet): Table;
  /** Whether replies to clients on the internet leave by the address that they were sent to. */
  toInternet(config: IpConfig): Final;
  /** Whether replies to clients inside leave for them. */
  toInside(config: IpConfig): Final;
  /** Prefixes that were set by hand for a subnet. */
  readonly setByHand: (known: KnownSubnet) => readonly Route[] | Gap;
}

const SYSTEM_NONE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

export const routes = (facts: Facts, those: Networks, tags: () => Tags): Routes => {
  const bySubnet = new Map<string, Table>();
  const byKind = new Map<string, Table>();
  const byNic = new Map<string, Table>();
  const internet = new WeakMap<Table, Final>();
  const within = new WeakMap<Table, Final>();

  const ofSubnet = (known: KnownSubnet): Table => {
    const before = bySubnet.get(known.subnet.key);
    if (before !== undefined) return before;
    // Subnets of a network that share a route table, or have none, share their routes.
    const kind = `${keyOf(known.subnet.vnet)} ${keyOf(known.subnet.table)}`;
    const made = byKind.get(kind) ?? tableOf(facts, those, tags(), known);
    byKind.set(kind, made);
    bySubnet.set(known.subnet.key, made);
    return made;
  };

  const table = (config: IpConfig): Table => {
    const effective = facts.effectiveRoutes.get(config.nic.key);
    if (effective !== undefined) {
      const before = byNic.get(config.nic.key);
      if (before !== undefined) return before;
      const made = effectiveTable(config, effective);
      byNic.set(config.nic.key, made);
      return made;
    }
    const known = config.subnet === undefined ? noSubnet(config) : those.ofSubnet(config.subnet, config.id, config.at);
    return "subnet" in known ? ofSubnet(known) : unreadTable(config.subnet ?? config.id, known);
  };

  return {
    table,
    ofSubnet,
    toInternet: (config) => {
      const own = table(config);
      const made = internet.get(own) ?? internetGate(own);
      internet.set(own, made);
      return made;
    },
    toInside: (config) => {
      const own = table(config);
      const made = within.get(own) ?? insideGate(own);
      within.set(own, made);
      return made;
    },
    setByHand: ({ subnet }) => {
      const own = userRoutes(facts, tags(), subnet);
      return "code" in own ? own : own.routes;
    },
  };
};

const noSubnet = (config: IpConfig): Gap =>
  gap("unreadable", problems.lacks(`${config.at.file}#${config.at.pointer}`, "its subnet"), config.at);

const unreadTable = (id: string, why: Gap): Table => ({
  place: { kind: "route", id },
  routes: [],
  beyond: undefined,
  unread: why,
  isEffective: false,
  doubts: [],
});

interface UserRoutes {
  readonly routes: readonly Route[];
  readonly doubts: readonly Unresolved[];
  readonly isClosed: boolean;
  /** What it says of the routes that peerings bring, if not that they hold. */
  readonly peerings: string | undefined;
}

/** Routes that somebody set for a subnet, or why they are not known. */
const userRoutes = (facts: Facts, tags: Tags, subnet: Subnet): UserRoutes | Gap => {
  if (subnet.table === undefined) return { routes: [], doubts: [], isClosed: false, peerings: undefined };
  const found = find(facts, "routeTables", subnet.table, subnet.id, subnet.at);
  if (found.is === "gap") return found.gap;
  const { raw, at } = found.fact;
  const where = placeIn(raw, at, "routes");
  if (isOdd(member(raw, "routes"))) return oddList(where);
  const doubts: Unresolved[] = [];
  const list = memberItems(raw, "routes").flatMap((each, i): readonly Route[] => {
    const source = inside(where, i);
    const prefix = memberText(each, "addressPrefix") ?? "";
    const type = memberText(each, "nextHopType") ?? "";
    const to = memberText(each, "nextHopIpAddress");
    const route = {
      hop: hopOf(type),
      name: memberText(each, "name") ?? `route ${i}`,
      via: to === undefined ? type : `${type} ${to}`,
      rank: 0 as const,
      source,
    };
    const range = rangeOf(prefix);
    if (range !== undefined) return [{ ...route, prefix: range }];
    const named = tags.prefixes(prefix, source);
    if ("code" in named) {
      doubts.push({ hop: route.hop, gap: named });
      return [];
    }
    return named.flatMap((one) => {
      const own = rangeOf(one);
      return own === undefined ? [] : [{ ...route, prefix: own, rank: 1 as const }];
    });
  });
  const peerings = memberText(raw, "disablePeeringRoute");
  return {
    routes: list,
    doubts,
    isClosed: member(raw, "disableBgpRoutePropagation") === true,
    peerings: peerings?.toLowerCase() === "none" ? undefined : peerings,
  };
};

const HOPS: ReadonlyMap<string, NextHop> = new Map([
  ["internet", "internet"],
  ["vnetlocal", "local"],
  ["virtualnetwork", "local"],
  ["vnetpeering", "peering"],
  ["virtualnetworkpeering", "peering"],
  ["vnetglobalpeering", "peering"],
  ["globalvnetpeering", "peering"],
  ["connectedgroup", "peering"],
  ["globalconnectedgroup", "peering"],
  ["virtualnetworkgateway", "gateway"],
  ["virtualappliance", "appliance"],
  ["virtualapplianceecmp", "appliance"],
  ["none", "none"],
  ["null", "none"],
  // Replies to services of the cloud leave by its own network.
  ["virtualnetworkserviceendpoint", "internet"],
]);
const hopOf = (type: string): NextHop => HOPS.get(type.toLowerCase()) ?? "unknown";

const tableOf = (facts: Facts, those: Networks, tags: Tags, { subnet, network }: KnownSubnet): Table => {
  const place: Place = { kind: "route", id: subnet.table ?? subnet.id };
  const own = userRoutes(facts, tags, subnet);
  if ("code" in own) return unreadTable(place.id, own);
  const system = network === undefined ? [] : systemRoutes(those, network, subnet, own.peerings);
  return {
    place,
    routes: [...own.routes, ...system].toSorted(inOrder),
    beyond: own.isClosed || network === undefined ? undefined : beyondOf(facts, those, network),
    unread: undefined,
    isEffective: false,
    doubts: own.doubts,
  };
};

/** The longest prefix first; of the same, those set by hand, then those learned, then those of the system (azure.md A8). */
const inOrder = (a: Route, b: Route): number => b.prefix.bits - a.prefix.bits || a.rank - b.rank;

const systemRoutes = (
  those: Networks,
  network: VirtualNetwork,
  subnet: Subnet,
  peerings: string | undefined,
): readonly Route[] => {
  const route = (text: string, hop: NextHop, via: string, rank: 2 | 3, source: Source): readonly Route[] => {
    const prefix = parsePrefix(text);
    return prefix === undefined ? [] : [{ prefix, hop, name: `the system route to ${text}`, via, rank, source }];
  };
  const { raw, at } = network.fact;
  const space = placeIn(raw, at, "addressSpace");
  // A table that takes the routes of peerings away leaves it open what takes their place.
  const [joined, how]: readonly [NextHop, string] =
    peerings === undefined ? ["peering", ""] : ["unknown", ` (disablePeeringRoute: ${peerings})`];
  return [
    ...network.prefixes.flatMap((each) => route(each, "local", "the network itself", 2, space)),
    ...network.peerings
      .filter((peering) => isConnected(peering) && reaches(peering, subnet))
      .flatMap(({ prefixes, remote, name, at: source }) =>
        (prefixes.length > 0 ? prefixes : (those.get(remote)?.prefixes ?? [])).flatMap((each) =>
          route(each, joined, `peering ${name}${how}`, 2, source),
        ),
      ),
    ...SYSTEM_NONE.flatMap((each) => route(each, "none", "None", 3, at)),
    ...["0.0.0.0/0", "::/0"].flatMap((each) => route(each, "internet", "Internet", 3, at)),
  ];
};

const reaches = ({ isComplete, localSubnets }: VirtualNetwork["peerings"][number], { name }: Subnet): boolean =>
  isComplete || localSubnets.some((each) => each.toLowerCase() === name.toLowerCase());

/** What the cloud says is in force. A route that is invalid is not taken. */
const effectiveTable = (config: IpConfig, { items, at, whole }: Effective): Table => {
  const doubts: Unresolved[] = [];
  const list = items.flatMap(({ raw, at: source }): readonly Route[] => {
    if (memberText(raw, "state")?.toLowerCase() === "invalid") return [];
    const type = memberText(raw, "nextHopType") ?? "";
    const via = [type, ...texts(member(raw, "nextHopIpAddress"))].join(" ");
    const origin = memberText(raw, "source")?.toLowerCase();
    return texts(member(raw, "addressPrefix")).flatMap((each) => {
      const prefix = rangeOf(each);
      if (prefix === undefined) {
        const why = gap("unreadable", problems.badAddress(each, `${source.file}#${source.pointer}`), source);
        doubts.push({ hop: hopOf(type), gap: why });
        return [];
      }
      const rank = origin === "user" ? 0 : origin === "virtualnetworkgateway" ? 1 : 2;
      const name = memberText(raw, "name") ?? `the route to ${each}`;
      return [{ prefix, hop: hopOf(type), name, via, rank, source }];
    });
  });
  const partial = gap("missing", problems.incomplete(at.file, "effective routes"), at);
  // Every subnet has routes of both families: where one is not told of, it was left out.
  for (const each of [4, 6] as const)
    if (!list.some(({ prefix }) => prefix.address.family === each))
      doubts.push({ hop: "internet", gap: partial, of: family(each) });
  return {
    place: { kind: "route", id: config.subnet ?? config.id },
    routes: list.toSorted(inOrder),
    beyond: undefined,
    unread: whole && list.length > 0 ? undefined : partial,
    isEffective: true,
    doubts,
  };
};

const matchOf = ({ prefix }: Route): Match => exactly(clients(prefix));

const says = ({ prefix, via }: Route, delivered: boolean): string =>
  `replies to ${formatPrefix(prefix)}, which go to ${via}${delivered ? "; the request itself is delivered" : ""}`;

const doubt = (
  match: Match,
  why: Gap,
  source: Source = NOWHERE,
  action: "allow" | "timeout" = "timeout",
): Rule<never> => ({
  match,
  action,
  name: why.code,
  says: "everything",
  source,
});

/** Packets of which it is not known whether they get on, whatever comes after. */
const anything = (packets: PacketSet, why: Gap): readonly Rule<never>[] =>
  (["allow", "timeout"] as const).map((action) => doubt(perhaps(packets, why), why, why.source, action));

/**
 * What came to a public address must leave by the system's way to the internet. What a gateway has learned may be longer
 * than any prefix but that of one address, and takes the replies away (azure.md A8).
 */
const internetGate = (table: Table): Final => {
  const { place, routes: list, beyond, unread, doubts } = table;
  if (unread !== undefined) return doubtfulHop(place, unread);
  const rule = (route: Route): readonly Rule<never>[] => {
    const isBack = route.hop === "internet";
    if (route.hop === "unknown") {
      const why = problems.newerThanThis(`the next hop ${route.via}`, `${route.source.file}#${route.source.pointer}`);
      return anything(clients(route.prefix), gap("unreadable", why, route.source));
    }
    return [
      {
        match: matchOf(route),
        action: isBack ? "allow" : "timeout",
        name: route.name,
        says: says(route, !isBack),
        source: route.source,
      },
    ];
  };
  const hosts = list.filter(
    ({ prefix, rank }) => rank === 0 && prefix.bits === (prefix.address.family === 4 ? 32 : 128),
  );
  const rest = list.filter((route) => !hosts.includes(route));
  const near = anyOf(
    rest.filter(({ hop }) => hop === "local" || hop === "peering").map(({ prefix }) => clients(prefix)),
  );
  const learned = beyond?.is === "dynamic" ? [doubt(perhaps(minus(everything, near), beyond.gap), beyond.gap)] : [];
  return {
    at: place,
    rules: [
      ...hosts.flatMap(rule),
      ...doubts.map(({ gap: why, hop, of = everything }) =>
        doubt(perhaps(of, why), why, why.source, hop === "internet" ? "allow" : "timeout"),
      ),
      ...learned,
      ...rest.flatMap(rule),
    ],
    otherwise: "timeout",
    because: [{ saw: "no-rule", says: "no route leads to the client" }],
  };
};

/** Inside, replies go straight; an appliance or a gateway in between is not followed. */
const insideGate = (table: Table): Final => {
  const { place, routes: list, beyond, unread, doubts } = table;
  if (unread !== undefined) return doubtfulHop(place, unread);
  const rule = (route: Route): readonly Rule<never>[] => {
    const match = matchOf(route);
    const shape = { name: route.name, says: says(route, false), source: route.source };
    switch (route.hop) {
      case "local":
      case "peering":
        return [{ ...shape, match, action: "allow" }];
      case "none":
      case "internet":
        return [
          { ...shape, match: exactly(and(match.possibly, minus(everything, internetClients))), action: "timeout" },
        ];
      case "appliance":
      case "gateway":
      case "unknown": {
        const why = gap("unmodelled", problems.notModelled(`${route.via}, to which ${route.name} leads`), route.source);
        return anything(match.possibly, why);
      }
    }
  };
  const learned = beyond === undefined ? [] : [doubt(perhaps(minus(everything, nearOf(list)), beyond.gap), beyond.gap)];
  return {
    at: place,
    rules: [
      ...doubts.map(({ gap: why, of = everything }) => doubt(perhaps(of, why), why, why.source)),
      ...learned,
      ...list.flatMap(rule),
    ],
    otherwise: "allow",
    because: [],
  };
};

const nearOf = (list: readonly Route[]): Match["possibly"] =>
  anyOf(list.filter(({ hop }) => hop === "local" || hop === "peering").map(({ prefix }) => clients(prefix)));

/** The route that packets to an address take. */
export const routeTo = ({ routes: list }: Table, address: string): Route | undefined => {
  const to = rangeOf(address);
  return to === undefined ? undefined : list.find(({ prefix }) => isUnder(to, prefix));
};
