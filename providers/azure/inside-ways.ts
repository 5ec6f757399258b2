import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, Place } from "#model/gate.ts";
import type { Source } from "#model/source.ts";
import type { Hop, Origin, Way } from "#model/way.ts";
import { globalUnicast6, internetClients, neverClients } from "#packets/internet.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, clients, family, isEmpty, minus, or } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { under, underAny } from "./address.ts";
import { nameOf } from "./arm-id.ts";
import { find } from "./facts.ts";
import { beyondOf } from "./gateway.ts";
import { doubtfulHop, state } from "./hop.ts";
import type { Judges } from "./judges.ts";
import type { IpConfig } from "./network-interface.ts";
import type { Route } from "./route.ts";
import { routeTo } from "./route.ts";
import { HOST } from "./service-tag.ts";
import { before, hop } from "./ways.ts";
import type { KnownSubnet, Peering, VirtualNetwork } from "./virtual-network.ts";
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
              request: [...leg.request, ...before(judge, nic), ...judge.filters.into(config, "inside").map(hop)],
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
  const joined: Leg[] = [];
  for (const peering of network.peerings) {
    const carries = and(left, peered(judge.networks, peering));
    if (isEmpty(carries)) continue;
    left = minus(left, carries);
    const client = judge.networks.get(peering.remote);
    joined.push({
      origin: "peering",
      carries,
      request: [hop(peeringGate(judge, own, peering, carries))],
      reply: isConnected(peering) ? replies : [],
      ...(client === undefined ? {} : { client }),
    });
  }
  const rest = minus(left, or(internetClients, nobody));
  const never: Evidence = { saw: "nothing", says: "no packet comes from such an address" };
  const strange: Leg = {
    origin: "network",
    carries: and(left, odd),
    request: [hop(state({ kind: "route", id: own.subnet.id }, "timeout", never))],
    reply: [],
  };
  return [home, ...joined, ...beyond(judge, rest, own, network, config), strange].filter(
    ({ carries }) => !isEmpty(carries),
  );
};

/** Both sides of a peering must be connected, and some are for some subnets only (azure.md A9). */
export const peeringGate = (judge: Judges, own: KnownSubnet, peering: Peering, carries: PacketSet): Final => {
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

const unread = (name: string, at: Source): Gap =>
  gap("missing", problems.missing(`the other side of peering ${name}`, "az network vnet list -o json"), at);

/** The same leg for clients whose own rules, and routes, differ in what they let out. A machine is nobody's client. */
const byClient = (judge: Judges, leg: Leg, to: IpConfig, address: string): readonly Leg[] => {
  const { client } = leg;
  if (client === undefined) return [leg];
  const parts: Leg[] = [];
  let left = leg.carries;
  for (const subnet of client.subnets) {
    const mine = and(left, underAny(subnet.prefixes));
    if (isEmpty(mine)) continue;
    const route = forward(judge, { subnet, network: client }, address);
    if (route === undefined) continue;
    parts.push(...ofMachines(judge, { ...leg, carries: mine, request: [...leg.request, hop(route)] }, client, to));
    left = minus(left, mine);
  }
  return [...parts, ...ofMachines(judge, { ...leg, carries: left }, client, to)];
};

const ofMachines = (judge: Judges, leg: Leg, client: VirtualNetwork, to: IpConfig): readonly Leg[] => {
  const told = new Map<string, { readonly out: readonly Final[]; readonly sets: PacketSet[] }>();
  const number = numbering();
  for (const config of inNetwork(judge, client.key)) {
    if (config === to || config.family !== to.family) continue;
    const from = and(under(config.address), leg.carries);
    if (isEmpty(from)) continue;
    const out = judge.filters.outOf(config, to);
    if (out.length === 0) continue;
    const key = out.map(number).join(" ");
    const known = told.get(key);
    if (known === undefined) told.set(key, { out, sets: [from] });
    else known.sets.push(from);
  }
  const parts = [...told.values()].map(
    ({ out, sets }): Leg => ({ ...leg, carries: anyOf(sets), request: [...out.map(hop), ...leg.request] }),
  );
  const others = minus(leg.carries, anyOf(parts.map(({ carries }) => carries)));
  return [...parts, { ...leg, carries: others }].filter(({ carries }) => !isEmpty(carries));
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

const indexed = new WeakMap<Judges, ReadonlyMap<string, readonly IpConfig[]>>();

/** The addresses of machines in a network. */
const inNetwork = (judge: Judges, vnet: string): readonly IpConfig[] => {
  const index = indexed.get(judge) ?? indexOf(judge);
  indexed.set(judge, index);
  return index.get(vnet) ?? [];
};

const indexOf = ({ facts }: Judges): ReadonlyMap<string, readonly IpConfig[]> => {
  const found = new Map<string, IpConfig[]>();
  for (const { configs } of facts.nics.values())
    for (const config of configs) {
      const vnet = config.subnet?.toLowerCase().replace(/\/subnets\/[^/]+$/, "") ?? "";
      const there = found.get(vnet);
      if (there === undefined) found.set(vnet, [config]);
      else there.push(config);
    }
  return found;
};

/** Where the routes of a client's subnet lead a packet; undefined where they lead straight. */
const forward = (judge: Judges, from: KnownSubnet, address: string): Final | undefined => {
  const table = judge.routes.ofSubnet(from);
  if (table.unread !== undefined) return doubtfulHop(table.place, table.unread);
  const route = routeTo(table, address);
  if (route === undefined || route.hop === "local" || route.hop === "peering" || route.rank > 0) return undefined;
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
): readonly Leg[] => {
  if (isEmpty(left)) return [];
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
  return [
    ...(through === undefined
      ? []
      : [{ origin: "network", carries: byRoute, request: [hop(doubtfulHop(place, through))], reply: [] } as const]),
    { origin: out === undefined ? "network" : "vpn", carries: rest, request: [hop(gate)], reply: [] },
  ];
};

/** A manager may connect networks that have no peering at all (azure.md A9). */
const connectedGroup = ({ facts }: Judges, network: VirtualNetwork): Gap | undefined => {
  const told = facts.connectivity.get(network.key);
  const [first] = told?.items ?? [];
  return first === undefined
    ? undefined
    : gap("unmodelled", problems.notModelled(`the connected group of ${network.name}`), first.at);
};
