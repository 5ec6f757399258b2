import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, Place } from "#model/gate.ts";
import type { Source } from "#model/source.ts";
import type { Hop, Origin, Way } from "#model/way.ts";
import { exactSources, globalUnicast6, internetClients, neverClients } from "#packets/internet.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, clients, family, isEmpty, minus, nothing, or, within } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { under, underAny } from "./address.ts";
import { keyOf, nameOf } from "./arm-id.ts";
import { find } from "./facts.ts";
import { beyondOf } from "./gateway.ts";
import { doubtfulHop, state } from "#model/hop.ts";
import type { Judges } from "./judges.ts";
import type { IpConfig, NetworkInterface } from "./network-interface.ts";
import type { Route } from "./route.ts";
import { routeTo } from "./route.ts";
import { HOST } from "./service-tag.ts";
import { before, hop } from "./ways.ts";
import type { KnownSubnet, Peering, Subnet, VirtualNetwork } from "./virtual-network.ts";
import { isConnected, peered } from "./virtual-network.ts";

interface Leg {
  readonly origin: Origin;
  readonly carries: PacketSet;
  readonly request: readonly Hop[];
  readonly reply: readonly Hop[];
  /** The network whose machines the clients are. */
  readonly client?: VirtualNetwork;
}

/** Addresses that are nobody's: loopback, multicast, and IPv6 that is neither global nor unique local. */
const nobody = minus(or(neverClients, minus(family(6), or(globalUnicast6, under("fc00::/7")))), HOST);

/** The ways from inside to the private address; where there is none, one that says so. */
export const insideWays = (judge: Judges, asked: PacketSet, config: IpConfig): readonly Way[] => {
  const { address, nic } = config;
  const known =
    address === undefined
      ? [noAddress(judge, asked, config)]
      : legs(judge, and(asked, family(config.family)), config)
          .flatMap((leg) => byClient(judge, leg, config, address))
          .map(
            (leg): Way => ({
              origin: leg.origin,
              address,
              interface: config.id,
              carries: leg.carries,
              request: [...leg.request, ...before(judge, nic), ...judge.filters.into(config, "inside")],
              reply: leg.reply,
            }),
          );
  const lacking = ([4, 6] as const).filter((of) => config.isPrimary && !nic.configs.some((each) => each.family === of));
  return [...known, ...lacking.map((of) => notOfFamily(judge, asked, config, of))].filter(
    ({ carries }) => !isEmpty(carries),
  );
};

const noAddress = (judge: Judges, asked: PacketSet, config: IpConfig): Way => {
  const what = problems.missing(`the private address of ${config.nic.name}`, "az network nic list -o json");
  const place: Place = { kind: "route", id: config.subnet ?? config.id };
  return {
    origin: "network",
    interface: config.id,
    carries: and(minus(asked, internetClients), family(config.family)),
    request: [...before(judge, config.nic), hop(doubtfulHop(place, gap("missing", what, config.at)))],
    reply: [],
  };
};

const notOfFamily = (judge: Judges, asked: PacketSet, config: IpConfig, of: 4 | 6): Way => {
  const seen: Evidence = { saw: "state", says: `${config.nic.name} has no IPv${of} address`, source: config.nic.at };
  return {
    origin: "network",
    interface: config.id,
    carries: and(minus(asked, internetClients), family(of)),
    request: [
      ...before(judge, config.nic),
      hop(state({ kind: "route", id: config.subnet ?? config.id }, "timeout", seen)),
    ],
    reply: [],
  };
};

const legs = (judge: Judges, asked: PacketSet, config: IpConfig): readonly Leg[] => {
  const own = judge.filters.subnet(config);
  const odd = and(asked, nobody);
  if (!("subnet" in own) || own.network === undefined) {
    const lacking = (): Gap => {
      const what = problems.missing("the network of the machine", "az network vnet list -o json");
      return gap("missing", what, config.at);
    };
    const gate = doubtfulHop({ kind: "route", id: config.subnet ?? config.id }, "subnet" in own ? lacking() : own);
    const carries = minus(asked, minus(internetClients, HOST));
    return isEmpty(carries) ? [] : [{ origin: "network", carries, request: [hop(gate)], reply: [] }];
  }
  const { network } = own;
  const replies = [hop(judge.routes.toInside(config))];
  // The platform itself asks from an address of its own.
  const near = and(asked, or(network.space, HOST));
  const home: Leg = { origin: "network", carries: near, request: [], reply: replies, client: network };
  let left = minus(asked, near);
  let lost: PacketSet = nothing;
  const joined: Leg[] = [];
  for (const peering of network.peerings) {
    const carries = and(left, peered(judge.networks, peering));
    if (isEmpty(carries)) continue;
    if (isConnected(peering)) left = minus(left, carries);
    else lost = or(lost, carries);
    const client = judge.networks.get(peering.remote);
    joined.push({
      origin: "peering",
      carries,
      request: [hop(peeringGate(judge, own, peering, carries, config))],
      reply: isConnected(peering) ? replies : [],
      ...(client === undefined ? {} : { client }),
    });
  }
  const rest = minus(left, or(internetClients, nobody));
  // Those behind a peering that carries nothing may still come another way, if there is one.
  const [strangers, parted] = [minus(rest, lost), and(rest, lost)];
  const never: Evidence = { saw: "nothing", says: "no packet comes from such an address" };
  const strange: Leg = {
    origin: "network",
    carries: and(left, odd),
    request: [hop(state({ kind: "route", id: own.subnet.id }, "timeout", never))],
    reply: [],
  };
  const others = [
    ...beyond(judge, strangers, own, network, config).legs,
    ...beyond(judge, parted, own, network, config).doubtful,
  ];
  return [home, ...joined, ...others, strange].filter(({ carries }) => !isEmpty(carries));
};

/** Both sides of a peering must be connected, and some are for some subnets only (azure.md A9). */
export const peeringGate = (
  judge: Judges,
  own: KnownSubnet,
  peering: Peering,
  carries: PacketSet,
  { address }: IpConfig,
): Final => {
  const { id, name, state: now, at, isComplete, localSubnets, remoteSubnets, onlyV6, remote } = peering;
  const place: Place = { kind: "peering", id, name };
  const told = (text: string): Evidence => ({ saw: "state", says: text, source: at });
  if (!isConnected(peering)) return state(place, "timeout", told(`peering ${name} is ${now}`));
  const other = judge.networks.get(remote);
  if (onlyV6 && !isEmpty(and(carries, family(4))))
    return state(place, "timeout", told(`peering ${name} carries IPv6 only`));
  if (other === undefined) {
    const found = find(judge.facts, "virtualNetworks", remote, name, at);
    return doubtfulHop(place, found.is === "gap" ? found.gap : unread(name, at));
  }
  const back = other.peerings.find((each) => each.remote.toLowerCase() === own.subnet.vnet.toLowerCase());
  if (back === undefined) {
    const why = problems.disagrees(`peering ${name}`, at.file, other.fact.at.file);
    return doubtfulHop(place, gap("unreadable", why, other.fact.at));
  }
  if (!isConnected(back))
    return state(place, "timeout", {
      saw: "state",
      says: `peering ${back.name} of the other side is ${back.state}`,
      source: back.at,
    });
  const isMirrored =
    isComplete === back.isComplete &&
    (isComplete || (alike(localSubnets, back.remoteSubnets) && alike(remoteSubnets, back.localSubnets)));
  if (!isMirrored) {
    const why = problems.disagrees("the subnets that they join", `peering ${name}`, `peering ${back.name}`);
    return doubtfulHop(place, gap("unreadable", why, back.at));
  }
  // What was added to a network after the two were joined is not joined before they are brought in step.
  if (
    isComplete &&
    address !== undefined &&
    back.prefixes.length > 0 &&
    !within(under(address), underAny(back.prefixes))
  ) {
    const elsewhere = beyondOf(judge.facts, judge.networks, other)?.gap ?? tableIn(other);
    if (elsewhere !== undefined) return doubtfulHop(place, elsewhere);
    const says = `peering ${back.name} of the other side does not know ${address}: the two are not in step`;
    return state(place, "timeout", { saw: "state", says, source: back.at });
  }
  const closed = [peering, back].find(({ isAccess }) => !isAccess);
  if (closed !== undefined) {
    const what = `Whether peering ${closed.name}, which gives no access to the other network, carries what rules let through`;
    return doubtfulHop(place, gap("unverified", problems.notDocumented(what), closed.at));
  }
  if (!isComplete) {
    const isHere = localSubnets.some((each) => each.toLowerCase() === own.subnet.name.toLowerCase());
    if (!isHere) return state(place, "timeout", told(`peering ${name} does not join ${own.subnet.name}`));
    const theirs = other.subnets.filter((each) =>
      remoteSubnets.some((one) => one.toLowerCase() === each.name.toLowerCase()),
    );
    const from = underAny(theirs.flatMap(({ prefixes }) => prefixes));
    return {
      at: place,
      rules: [
        {
          match: { surely: from, possibly: from, gaps: [] },
          action: "allow",
          name,
          says: `subnets ${remoteSubnets.join(", ")}`,
          source: at,
        },
      ],
      otherwise: "timeout",
      because: [told(`peering ${name} joins only some subnets of ${nameOf(remote)}`)],
    };
  }
  return state(place, "allow", told(`peering ${name} is ${now}`));
};

const alike = (some: readonly string[], others: readonly string[]): boolean =>
  keyOf(some.toSorted().join()) === keyOf(others.toSorted().join());

/** Routes that somebody set in a network may lead where nothing else does. */
const tableIn = ({ subnets }: VirtualNetwork): Gap | undefined => {
  const set = subnets.find(({ table }) => table !== undefined);
  return set === undefined
    ? undefined
    : gap("unmodelled", problems.notModelled(`the route table of ${set.name}`), set.at);
};

const unread = (name: string, at: Source): Gap =>
  gap("missing", problems.missing(`the other side of peering ${name}`, "az network vnet list -o json"), at);

/** The same leg for clients whose own rules, and routes, differ in what they let out. A machine is nobody's client. */
const byClient = (judge: Judges, leg: Leg, to: IpConfig, address: string): readonly Leg[] => {
  const { client } = leg;
  if (client === undefined) return [leg];
  const parts: Leg[] = [];
  let left = leg.carries;
  const machines = inNetwork(judge, client.key);
  const told = new Set<string>();
  for (const subnet of client.subnets) {
    const mine = and(left, underAny(subnet.prefixes));
    if (isEmpty(mine)) continue;
    const route = forward(judge, { subnet, network: client }, address);
    const rules = ofSubnet(judge, subnet, mine, to);
    if (route === undefined && rules.length === 0) continue;
    const request = route === undefined ? leg.request : [...leg.request, hop(route)];
    parts.push(...ofMachines(judge, { ...leg, carries: mine, request }, machines.get(subnet.key) ?? [], to, rules));
    told.add(subnet.key);
    left = minus(left, mine);
  }
  const others = [...machines].flatMap(([key, list]) => (told.has(key) ? [] : list));
  return [...parts, ...ofMachines(judge, { ...leg, carries: left }, others, to, [])];
};

/** What the rules of a subnet let out, whoever of these is in it. */
interface Ruled {
  readonly clients: PacketSet;
  readonly out: readonly Final[];
}

/** Clients in a subnet by what its own rules tell apart; none where it has no rules. */
const ofSubnet = (judge: Judges, subnet: Subnet, mine: PacketSet, to: IpConfig): readonly Ruled[] => {
  const rules = judge.groups.rules(subnet.nsg ?? "", "Outbound") ?? [];
  const named = new Set(
    rules.flatMap(({ source }) => source.all.flatMap((end) => (end.is === "range" ? clients(end.prefix) : []))),
  );
  let cells: readonly PacketSet[] = [mine];
  for (const each of named)
    cells = cells.flatMap((cell) => [and(cell, each), minus(cell, each)]).filter((cell) => !isEmpty(cell));
  return cells
    .flatMap((cell) => exactSources(cell))
    .map((text) => ({
      clients: and(mine, under(text)),
      out: judge.filters.outOf(someoneIn(subnet, text, to.family), to),
    }))
    .filter(({ out }) => out.length > 0);
};

/** An interface of which nothing is known but where it is. */
const someoneIn = ({ id, name, at }: Subnet, address: string, family: 4 | 6): IpConfig => {
  const nic: NetworkInterface = {
    id,
    key: `${keyOf(id)} ${address}`,
    name,
    subscription: undefined,
    group: undefined,
    location: undefined,
    machine: undefined,
    nsg: undefined,
    isPrimary: true,
    configs: [],
    at,
  };
  return {
    id,
    cloud: "azure",
    key: nic.key,
    name,
    nic,
    family,
    isPrimary: true,
    address,
    subnet: id,
    publicAddress: undefined,
    groups: [],
    pools: [],
    natRules: [],
    gatewayPools: [],
    gatewayBalancer: undefined,
    at,
  };
};

const ofMachines = (
  judge: Judges,
  leg: Leg,
  those: readonly IpConfig[],
  to: IpConfig,
  rules: readonly Ruled[],
): readonly Leg[] => {
  const told = new Map<string, { readonly out: readonly Final[]; readonly sets: PacketSet[] }>();
  const number = numbering();
  const machines: PacketSet[] = [];
  for (const config of those) {
    if (config === to || config.family !== to.family) continue;
    const from = and(under(config.address), leg.carries);
    if (isEmpty(from)) continue;
    machines.push(from);
    const out = judge.filters.outOf(config, to);
    const key = out.map(number).join(" ");
    const known = told.get(key);
    if (known === undefined) told.set(key, { out, sets: [from] });
    else known.sets.push(from);
  }
  const others = minus(leg.carries, anyOf(machines));
  const free = told.get("");
  told.delete("");
  const parts = [
    ...[...told.values()].map(({ out, sets }) => ({ out, carries: anyOf(sets) })),
    ...rules.map(({ out, clients: whom }) => ({ out, carries: and(others, whom) })),
  ];
  const unruled = or(minus(others, anyOf(rules.map(({ clients: whom }) => whom))), anyOf(free?.sets ?? []));
  return [
    ...parts.map(({ out, carries }): Leg => ({ ...leg, carries, request: [...out.map(hop), ...leg.request] })),
    { ...leg, carries: unruled },
  ].filter(({ carries }) => !isEmpty(carries));
};

/** A number for each gate, by which it is known again. */
const numbering = (): ((gate: Final) => number) => {
  const seen = new Map<Final, number>();
  return (gate) => {
    const found = seen.get(gate) ?? seen.size;
    seen.set(gate, found);
    return found;
  };
};

type BySubnet = ReadonlyMap<string, readonly IpConfig[]>;
const indexed = new WeakMap<Judges, ReadonlyMap<string, BySubnet>>();

/** The addresses of machines in a network, by subnet. */
const inNetwork = (judge: Judges, vnet: string): BySubnet => {
  const index = indexed.get(judge) ?? indexOf(judge);
  indexed.set(judge, index);
  return index.get(vnet) ?? new Map();
};

const indexOf = ({ facts }: Judges): ReadonlyMap<string, BySubnet> => {
  const found = new Map<string, Map<string, IpConfig[]>>();
  for (const { configs } of facts.nics.values())
    for (const config of configs) {
      const subnet = keyOf(config.subnet);
      const vnet = subnet.replace(/\/subnets\/[^/]+$/, "");
      const there = found.get(vnet) ?? new Map<string, IpConfig[]>();
      found.set(vnet, there);
      const list = there.get(subnet);
      if (list === undefined) there.set(subnet, [config]);
      else list.push(config);
    }
  return found;
};

/** Where the routes of a client's subnet lead a packet; undefined where they lead straight. */
const forward = (judge: Judges, from: KnownSubnet, address: string): Final | undefined => {
  const table = judge.routes.ofSubnet(from);
  if (table.unread !== undefined) return doubtfulHop(table.place, table.unread);
  const route = routeTo(table, address);
  if (route === undefined || route.hop === "local" || route.hop === "peering") return undefined;
  if (route.rank > 0 && route.hop !== "unknown") return undefined;
  return alongGate(table.place, route);
};

const alongGate = (place: Place, route: Route): Final => {
  const seen: Evidence = { saw: "state", says: `${route.name} leads to ${route.via}`, source: route.source };
  if (route.hop === "none" || route.hop === "internet") return state(place, "timeout", seen);
  const why = problems.notModelled(`${route.via}, to which ${route.name} leads`);
  return doubtfulHop(place, gap("unmodelled", why, route.source));
};

/** Private clients that are in no joined network: beyond a gateway, an appliance, or nowhere that leads here. */
const beyond = (
  judge: Judges,
  left: PacketSet,
  own: KnownSubnet,
  network: VirtualNetwork,
  config: IpConfig,
): { readonly legs: readonly Leg[]; readonly doubtful: readonly Leg[] } => {
  if (isEmpty(left)) return { legs: [], doubtful: [] };
  const table = judge.routes.table(config);
  const place: Place = { kind: "route", id: own.subnet.table ?? own.subnet.id };
  const grouped = connectedGroup(judge, network);
  const routed = table.routes.filter(({ hop: next, rank }) => (next === "appliance" || next === "gateway") && rank < 2);
  const byRoute = and(left, anyOf(routed.map(({ prefix }) => clients(prefix))));
  const out = beyondOf(judge.facts, judge.networks, network);
  const [first] = routed;
  const through =
    first === undefined
      ? undefined
      : gap("unmodelled", problems.notModelled(`${first.via}, to which ${first.name} leads`), first.source);
  const rest = minus(left, byRoute);
  const doubt: readonly [Place, Gap] | undefined =
    table.unread !== undefined
      ? [place, table.unread]
      : out !== undefined
        ? [{ kind: "vpn-gateway", id: out.id }, out.gap]
        : grouped === undefined
          ? undefined
          : [{ kind: "peering", id: network.id }, grouped];
  const says = `nothing that was read leads from ${network.name} to the client`;
  const gate =
    doubt === undefined
      ? state(place, "timeout", { saw: "state", says, source: network.fact.at })
      : doubtfulHop(...doubt);
  const routedLegs: readonly Leg[] =
    through === undefined
      ? []
      : [{ origin: "network", carries: byRoute, request: [hop(doubtfulHop(place, through))], reply: [] }];
  const last: Leg = { origin: out === undefined ? "network" : "vpn", carries: rest, request: [hop(gate)], reply: [] };
  return { legs: [...routedLegs, last], doubtful: doubt === undefined ? routedLegs : [...routedLegs, last] };
};

/** A manager may connect networks that have no peering at all (azure.md A9). */
const connectedGroup = ({ facts }: Judges, network: VirtualNetwork): Gap | undefined => {
  const told = facts.connectivity.get(network.key);
  const [first] = told?.items ?? [];
  return first === undefined
    ? undefined
    : gap("unmodelled", problems.notModelled(`the connected group of ${network.name}`), first.at);
};
