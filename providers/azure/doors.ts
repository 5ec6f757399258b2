import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, Place, Rule } from "#model/gate.ts";
import type { Match } from "#model/match.ts";
import type { Hop, Sees, Way } from "#model/way.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, clientPorts, everything, family, isEmpty, meets, or, ports, protocol, within } from "#packets/set.ts";
import { TCP, UDP } from "#packets/service.ts";
import { problems } from "#problems.ts";
import { under, underAny } from "./address.ts";
import type { GatewayDoor, Gateways } from "./application-gateway.ts";
import { gateways } from "./application-gateway.ts";
import { keyOf, nameOf, ownerOf } from "./arm-id.ts";
import type { AzureFirewall } from "./azure-firewall.ts";
import { azureFirewalls } from "./azure-firewall.ts";
import { askedFor, find, gapFor } from "./facts.ts";
import { doubtfulHop, doubting, never, state } from "#model/hop.ts";
import { peeringGate } from "./inside-ways.ts";
import type { Judges } from "./judges.ts";
import type { Balancers, Door, Leading } from "./load-balancer.ts";
import { balancers } from "./load-balancer.ts";
import type { NatRule } from "./nat-rule.ts";
import { spanOf } from "./nat-rule.ts";
import type { IpConfig } from "./network-interface.ts";
import type { PublicAddress } from "./public-ip-address.ts";
import { publicAddress, readAddress } from "./public-ip-address.ts";
import { memberText } from "./raw.ts";
import { before, chained, hop, strangers } from "./ways.ts";

interface Known {
  readonly balancers: Balancers;
  readonly firewalls: readonly AzureFirewall[];
  readonly gateways: Gateways;
  /** Lists that were not read, by subscription. */
  readonly unread: Map<string | undefined, readonly List[]>;
}

const made = new WeakMap<Judges, Known>();
const knownOf = (judge: Judges): Known => {
  const before = made.get(judge);
  if (before !== undefined) return before;
  const now = {
    balancers: balancers(judge.facts),
    firewalls: azureFirewalls(judge.facts),
    gateways: gateways(judge.facts),
    unread: new Map<string | undefined, readonly List[]>(),
  };
  made.set(judge, now);
  return now;
};

/** The ways from the internet through what faces it in the machine's stead (azure.md A6, A7). */
export const doorWays = (judge: Judges, config: IpConfig): readonly Way[] => {
  const { balancers: those, firewalls, gateways: proxies } = knownOf(judge);
  return [
    ...those.of(config).flatMap((leading) => balanced(judge, config, leading)),
    ...firewalls.flatMap((firewall) => translated(judge, config, firewall)),
    ...proxies.of(config).flatMap((door) => proxied(judge, config, door)),
    ...unreadDoors(judge, config),
  ];
};

const atPort = (number: number, port: number | undefined): PacketSet =>
  port === undefined ? protocol(number) : ports(number, port, port);

/** The address of a frontend, which may be any of a prefix. */
const frontOf = ({ facts }: Judges, { frontend, balancer }: Door): PublicAddress | Gap => {
  if (frontend.publicAddress !== undefined)
    return publicAddress(facts, frontend.publicAddress, nameOf(balancer.id), frontend.at);
  const found = find(facts, "publicIPPrefixes", frontend.publicPrefix ?? "", nameOf(balancer.id), frontend.at);
  if (found.is === "gap") return found.gap;
  return { ...readAddress(found.fact), address: memberText(found.fact.raw, "ipPrefix") };
};

/** Packets keep the client's address, and come to the machine's own address and port (azure.md A6). */
const balanced = (judge: Judges, config: IpConfig, { door, isDown }: Leading): readonly Way[] => {
  const front = frontOf(judge, door);
  const { balancer, name, dialled, port, isFloating, hasProbe, at } = door;
  const of = "code" in front ? config.family : front.family;
  if (of !== config.family) return [];
  const carries = and(strangers(judge, config, of), atPort(door.protocol, port));
  const host = "code" in front ? nameOf(door.frontend.publicAddress ?? "") : (front.address ?? front.name);
  const place: Place = { kind: "load-balancer", id: balancer.id, name: nameOf(balancer.id) };
  const through: PublicAddress =
    "code" in front
      ? {
          id: door.frontend.publicAddress ?? "",
          name: host,
          address: undefined,
          family: of,
          isClosed: front,
          sku: { saw: "nothing", says: "its SKU was not read" },
          at,
        }
      : front;
  const filter =
    isFloating && through.address !== undefined
      ? judge.filters.floating(config, through, through.address, nameOf(balancer.id), at)
      : judge.filters.into(config, through);
  const says = `${name} leads ${dialled === "same" ? "" : `port ${dialled} `}to ${config.nic.name}${port === undefined ? "" : `:${port}`}`;
  const seen: Evidence = {
    saw: "state",
    says: isDown ? `${config.nic.name} is taken out of ${name}` : says,
    source: at,
  };
  const healthy: Evidence = {
    saw: "assumed",
    says: `${config.nic.name} is a healthy backend of ${name}`,
    ask: "az network lb show -n BALANCER -g GROUP -o json",
  };
  return [
    {
      origin: "load-balancer",
      ...called(host, dialled),
      via: {
        place,
        host,
        door: `${door.key} ${door.protocol}`,
        ...(typeof dialled === "number" ? { port: dialled } : {}),
      },
      interface: config.id,
      carries,
      request: [
        ...before(judge, config.nic),
        ...("code" in front
          ? [hop(doubtfulHop({ kind: "public-address", id: through.id }, front))]
          : front.address === undefined
            ? [hop(state({ kind: "public-address", id: front.id }, "timeout", noAddress(front)))]
            : []),
        ...(door.doubt === undefined ? [] : [hop(doubtfulHop(place, door.doubt))]),
        hop(state(place, isDown ? "timeout" : "allow", seen, ...(hasProbe && !isDown ? [healthy] : []))),
        ...chained(door.frontend.gatewayBalancer, door.frontend.name),
        ...chained(config.gatewayBalancer, config.nic.name),
        ...filter,
      ],
      reply: [hop(judge.routes.toInternet(config))],
    },
  ];
};

const noAddress = ({ name, at }: PublicAddress): Evidence => ({
  saw: "state",
  says: `${name} has no address now`,
  source: at,
});

const called = (host: string, dialled: number | string): { readonly address: string } => ({
  address: dialled === "same" ? host : `${host}:${dialled}`,
});

/** What sends on in its own name does so from the addresses of its subnet (azure.md A7). */
const asSubnet = (of: 4 | 6, prefixes: readonly string[], name: string): Sees => ({
  hides: ["client", "clientPort"],
  instead: and(senders(of, prefixes), clientPorts(1024, 65_535)),
  depends: gap("depends", problems.senderOf(name)),
});

const senders = (of: 4 | 6, prefixes: readonly string[]): PacketSet =>
  and(family(of), prefixes.length === 0 ? everything : underAny(prefixes));

/** How a thing in another subnet comes to a machine; undefined where it is in a network that is not joined. */
const between = (judge: Judges, config: IpConfig, subnet: string, from: PacketSet): readonly Hop[] | undefined => {
  const own = judge.filters.subnet(config);
  if (!("subnet" in own)) return [hop(doubtfulHop({ kind: "route", id: config.subnet ?? config.id }, own))];
  const vnet = keyOf(ownerOf(subnet));
  if (keyOf(own.subnet.vnet) === vnet) return [];
  const peering = own.network?.peerings.find((each) => keyOf(each.remote) === vnet);
  return peering === undefined ? undefined : [hop(peeringGate(judge, own, peering, from, config))];
};

/** What a rule of a firewall leads to, and what stands between that and the machine. */
interface Target {
  readonly rule: NatRule;
  readonly number: number;
  /** The machine's port; undefined where it is the one that was dialled. */
  readonly port: number | undefined;
  readonly between: readonly Hop[];
  readonly door: string;
}

/** Rules that lead to the machine itself, to a balancer inside that leads to it, or to a name that may be its own. */
const targets = (judge: Judges, config: IpConfig, { byTarget }: AzureFirewall): readonly Target[] => {
  const all = [...new Set([config.address, undefined])].flatMap((to) => byTarget.get(to) ?? []);
  const own = all.flatMap((rule) =>
    rule.protocols.map((number): Target => ({ rule, number, port: rule.port, between: [], door: "" })),
  );
  const inner = knownOf(judge).balancers.within(config);
  const behind = inner.flatMap(({ door, isDown }): readonly Target[] => {
    const { balancer, name, dialled, protocol: number, frontend, isFloating, at } = door;
    const place: Place = { kind: "load-balancer", id: balancer.id, name: nameOf(balancer.id) };
    const seen: Evidence = {
      saw: "state",
      says: isDown ? `${config.nic.name} is taken out of ${name}` : `${name} leads to ${config.nic.name}`,
      source: at,
    };
    const floats = gap(
      "unverified",
      problems.notDocumented(`Which destination address rules see behind ${name}, which has a floating address`),
      at,
    );
    const doubts = [door.doubt, isFloating ? floats : undefined].filter((each) => each !== undefined);
    return (byTarget.get(frontend.privateAddress) ?? [])
      .filter((rule) => rule.to !== undefined && rule.protocols.includes(number))
      .flatMap((rule): readonly Target[] => {
        const span =
          typeof dialled === "number"
            ? [dialled, dialled]
            : spanOf(dialled === "same" ? String(door.port ?? "*") : dialled);
        const [first, last] = span ?? [0, 65_535];
        const isDialled =
          rule.port === undefined ||
          (first !== undefined && last !== undefined && first <= rule.port && rule.port <= last);
        const hops = [
          ...doubts.map((why) => doubtfulHop(place, why)),
          state(place, isDown ? "timeout" : "allow", seen),
        ];
        return isDialled
          ? [
              {
                rule,
                number,
                port: door.port ?? rule.port,
                between: [...hops.map(hop), ...chained(frontend.gatewayBalancer, frontend.name)],
                door: door.key,
              },
            ]
          : [];
      });
  });
  return [...own, ...behind];
};

const translated = (judge: Judges, config: IpConfig, firewall: AzureFirewall): readonly Way[] => {
  const { facts } = judge;
  const { nat, subnet, fact, isInHub } = firewall;
  const [doubt] = nat.gaps;
  if (config.family !== 4 || (subnet === undefined && !isInHub)) return [];
  const mine = targets(judge, config, firewall);
  if (mine.length === 0 && doubt === undefined) return [];
  const place: Place = { kind: "firewall", id: firewall.id, name: firewall.name };
  const known = subnet === undefined ? undefined : judge.networks.ofSubnet(subnet, firewall.name, firewall.at);
  const prefixes = known !== undefined && "subnet" in known ? known.subnet.prefixes : [];
  // A firewall that translates the destination translates the source too, and keeps the client's port.
  const sees: Sees = { ...asSubnet(4, prefixes, firewall.name), hides: ["client"], instead: senders(4, prefixes) };
  const path = subnet === undefined ? [] : between(judge, config, subnet, sees.instead);
  if (path === undefined) return [];
  const hub =
    subnet === undefined ? gap("unmodelled", problems.notModelled("a hub of a virtual WAN"), fact.at) : undefined;
  const unread = known !== undefined && !("subnet" in known) ? known : hub;
  const addresses = [
    ...firewall.addresses.map((id): string | Gap | undefined => {
      const own = publicAddress(facts, id, firewall.name, firewall.at);
      return "code" in own ? own : own.address;
    }),
    ...firewall.hubAddresses,
  ].filter((each) => each !== undefined);
  const way = (
    carries: PacketSet,
    gate: Final,
    address: string | undefined,
    dialled: number | string,
    door: string,
    inner: readonly Hop[] = [],
  ): Way => ({
    origin: "load-balancer",
    ...(address === undefined ? {} : called(address, dialled)),
    via: { place, host: address ?? firewall.name, door, ...(typeof dialled === "number" ? { port: dialled } : {}) },
    interface: config.id,
    carries: and(strangers(judge, config, 4), carries),
    request: [
      ...before(judge, config.nic),
      hop(gate),
      ...(unread === undefined ? [] : [hop(doubtfulHop(place, unread))]),
      ...inner,
      ...path,
      ...judge.filters.into(config, "inside").map(({ gate }) => ({ gate, sees })),
    ],
    reply: [{ gate: judge.routes.toInside(config), sees }],
  });
  const ways = mine.flatMap(({ rule, number, port, between: inner, door }): readonly Way[] =>
    rule.ports.flatMap((text) =>
      addresses.flatMap((own): readonly Way[] => {
        const address = typeof own === "string" ? own : undefined;
        if (address !== undefined && !meets(rule.destinations.possibly, under(address))) return [];
        const gate =
          typeof own === "string" ? natGate(place, nat.rules, rule, { number, text, own }) : doubtfulHop(place, own);
        const range = spanOf(text);
        const only = range !== undefined && range[0] === range[1] ? range[0] : text;
        const carries = port === undefined && range !== undefined ? ports(number, ...range) : atPort(number, port);
        const id = `${firewall.id} ${rule.at.file} ${rule.at.pointer} ${text} ${number} ${door}`;
        return [way(carries, gate, address, only === port ? "same" : only, id, inner)];
      }),
    ),
  );
  // Rules that a policy names and nobody read may lead to any machine near.
  return doubt === undefined
    ? ways
    : [...ways, way(or(protocol(TCP), protocol(UDP)), doubtfulHop(place, doubt), undefined, "same", firewall.id)];
};

/** Who of a rule's sources it takes to an address of the firewall, as far as it is known what it does. */
const takes = ({ sources, destinations, doubts }: NatRule, own: string): Match => {
  const at = under(own);
  const unclear = within(at, destinations.surely)
    ? []
    : meets(at, destinations.possibly)
      ? destinations.gaps
      : undefined;
  if (unclear === undefined) return never;
  return doubting(sources, ...unclear, ...doubts);
};

/** The rules for one address and port, in order: the first that matches the client takes it. */
const natGate = (
  place: Place,
  rules: readonly NatRule[],
  rule: NatRule,
  { number, text, own }: { readonly number: number; readonly text: string; readonly own: string },
): Final => {
  const [from, until] = spanOf(text) ?? [0, 65_535];
  const sameDoor = (other: NatRule): boolean =>
    other.protocols.includes(number) &&
    other.ports.some((each) => {
      const range = spanOf(each);
      return each === text || (range !== undefined && range[0] <= from && until <= range[1]);
    });
  const earlier = rules.slice(0, rules.indexOf(rule)).filter(sameDoor);
  const line = (each: NatRule): Rule<never> => ({
    match: takes(each, own),
    action: each.to === rule.to && each.port === rule.port ? "allow" : "timeout",
    name: each.name,
    says: `${each.says} to ${each.target}:${each.port ?? text}`,
    source: each.at,
  });
  return {
    at: place,
    rules: [...earlier, rule].map(line).filter(({ match }) => !isEmpty(match.possibly)),
    otherwise: "timeout",
    because: [{ saw: "no-rule", says: "no rule translates it for this client" }],
  };
};

/** What a gateway for web traffic asks of its clients before it asks the machine is not followed. */
const proxied = (judge: Judges, config: IpConfig, door: GatewayDoor): readonly Way[] => {
  const { gateway, name, subnet, port } = door;
  const own = publicAddress(judge.facts, door.publicAddress ?? "", name, gateway.at);
  const known = subnet === undefined ? undefined : judge.networks.ofSubnet(subnet, name, gateway.at);
  const prefixes = known !== undefined && "subnet" in known ? known.subnet.prefixes : [];
  const sees = asSubnet(
    config.family,
    prefixes.filter((each) => each.includes(":") === (config.family === 6)),
    name,
  );
  const path = subnet === undefined ? [] : between(judge, config, subnet, sees.instead);
  const carries = and(strangers(judge, config, config.family), atPort(TCP, port));
  if (path === undefined || isEmpty(carries)) return [];
  const place: Place = { kind: "load-balancer", id: gateway.id, name };
  const why = gap("unmodelled", problems.notModelled(`the application gateway ${name}`), gateway.at);
  const host = "code" in own ? name : (own.address ?? name);
  return [
    {
      origin: "load-balancer",
      address: host,
      via: { place, host, door: `${keyOf(gateway.id)} ${port ?? ""}` },
      interface: config.id,
      carries,
      request: [
        ...before(judge, config.nic),
        hop(doubtfulHop(place, why)),
        ...path,
        ...judge.filters.into(config, "inside").map(({ gate }) => ({ gate, sees })),
      ],
      reply: [{ gate: judge.routes.toInside(config), sees }],
    },
  ];
};

const LISTS = [
  ["loadBalancers", "load balancers", "load-balancer"],
  ["azureFirewalls", "firewalls", "firewall"],
  ["applicationGateways", "application gateways", "load-balancer"],
] as const;
type List = (typeof LISTS)[number];

/** Lists of a subscription that were asked for in vain; where all is to be known for sure, also those never asked for. */
const unreadLists = (judge: Judges, subscription: string | undefined): readonly List[] => {
  const { facts } = judge;
  const { unread } = knownOf(judge);
  const made =
    unread.get(subscription) ??
    LISTS.filter(([key]) => {
      const heard = askedFor(facts, key, subscription);
      return heard !== "read" && (heard !== "never" || (facts.how.strict && facts.things[key].size === 0));
    });
  unread.set(subscription, made);
  return made;
};

/** Doors that were asked for in vain, or, for those who want to know for sure, never; and those that a NIC names. */
const unreadDoors = (judge: Judges, config: IpConfig): readonly Way[] => {
  const { facts } = judge;
  const { subscription, name } = config.nic;
  const way = (place: Place, why: Gap, door: string): Way => ({
    origin: "load-balancer",
    via: { place, host: nameOf(place.id), door },
    interface: config.id,
    carries: strangers(judge, config, config.family),
    request: [...before(judge, config.nic), hop(doubtfulHop(place, why))],
    reply: [],
  });
  const refused = unreadLists(judge, subscription).map(([key, what, kind]) => {
    const why = gapFor(facts, key, `the ${what} of ${subscription ?? "the subscription"}`, subscription, config.at);
    return way({ kind, id: config.nic.id }, why, key);
  });
  if (["refused", "cut"].includes(askedFor(facts, "loadBalancers", subscription))) return refused;
  if (config.pools.length === 0 && config.natRules.length === 0) return refused;
  // Whoever names a balancer says that it is there.
  const named = new Set([...config.pools, ...config.natRules].map((each) => ownerOf(each)));
  const missing = [...named].filter((id) => id.includes("/loadbalancers/") && !facts.things.loadBalancers.has(id));
  return [
    ...refused,
    ...missing.map((id) => {
      const found = find(facts, "loadBalancers", id, name, config.at);
      const why = found.is === "gap" ? found.gap : gapFor(facts, "loadBalancers", nameOf(id), subscription);
      return way({ kind: "load-balancer", id }, why, id);
    }),
  ];
};
