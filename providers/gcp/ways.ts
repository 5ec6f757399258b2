import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, Place } from "#model/gate.ts";
import type { Hop, Origin, Way } from "#model/way.ts";
import { globalUnicast6, internetClients, neverClients } from "#packets/internet.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, family, isEmpty, meets, minus, nothing, or } from "#packets/set.ts";
import { problems } from "#problems.ts";
import type { Arrival } from "./arrival.ts";
import type { Facts } from "./facts.ts";
import { askedFor, gapFor, hostOf } from "./facts.ts";
import type { Firewalls } from "./firewall.ts";
import { firewalls } from "./firewall.ts";
import { google, uniqueLocal } from "./google.ts";
import { doubtfulHop, state } from "#model/hop.ts";
import type { Instance } from "./instance.ts";
import type { Likeness } from "./likeness.ts";
import { likenessOf } from "./likeness.ts";
import { importing } from "./learned-route.ts";
import { linkOf, nameOf, networkOf, pathOf } from "./link.ts";
import { machineState } from "./machine-state.ts";
import { within } from "./members.ts";
import type { External, External6, NetworkInterface } from "./network-interface.ts";
import { placeOf, placeOfExternal } from "./network-interface.ts";
import type { Networks, Peering } from "./network.ts";
import { networks } from "./network.ts";
import { items, text } from "./raw.ts";
import type { Remember } from "#model/remember.ts";
import { remembering } from "#model/remember.ts";
import type { Routes } from "./route.ts";
import { routes } from "./route.ts";

/** Everything that judges, made once for an inventory. */
export interface Judges {
  readonly facts: Facts;
  readonly likeness: Likeness;
  readonly firewalls: Firewalls;
  readonly routes: Routes;
  readonly networks: Networks;
  /** What replies meet, which many machines have in common. */
  readonly replies: Remember<readonly Hop[]>;
}

export const judges = (facts: Facts): Judges => {
  const table = routes(facts);
  const likeness = likenessOf(facts);
  return {
    facts,
    likeness,
    firewalls: firewalls(facts, likeness),
    routes: table,
    networks: networks(facts, table),
    replies: remembering(),
  };
};

/** An interface and the machine that it is of. */
export interface End {
  readonly nic: NetworkInterface;
  readonly instance: Instance;
}

/** Whatever stands in the way to an interface before any firewall is read. */
const before = ({ facts }: Judges, { instance }: End): readonly Hop[] => [{ gate: machineState(facts, instance) }];

/** The firewalls, unless the network is one for special hardware, which follows rules of its own (gcp.md A1). */
export const firewallHop = ({ facts, firewalls: those }: Judges, { nic, instance }: End, arrival: Arrival): Hop => {
  const fact = facts.things.networks.get(nic.network);
  const profile = text(fact?.raw["networkProfile"]);
  if (fact === undefined || profile === undefined) return { gate: those.hop(nic, instance, arrival) };
  const why = gap("unmodelled", problems.notModelled(`a network with the profile ${nameOf(pathOf(profile))}`), fact.at);
  return { gate: doubtfulHop({ kind: "firewall-rule", id: linkOf(nic.network) }, why) };
};

/** A reply leaves by the default route, which the system of a machine has on its first interface (gcp.md A6). */
const replies = (judge: Judges, end: End): readonly Hop[] =>
  end.nic.index === 0 ? routesBack(judge, end) : [...routesBack(judge, end), ...otherInterface(end)];

/** The routes by which a reply leaves, whatever the system of the machine does. */
export const routesBack = (judge: Judges, { nic: { network }, instance }: End): readonly Hop[] =>
  judge.replies([instance.tags, network, instance.region], () =>
    routed(judge, network, instance, judge.routes.reply(network, instance)),
  );

const routed = ({ routes: table }: Judges, network: string, instance: Instance, gate: Final): readonly Hop[] => {
  const learned = table.learned(network, instance);
  return learned === undefined ? [{ gate }] : [{ gate }, { gate: learned }];
};

/** What a reply meets where it has to leave by the routes that are given. */
export const leaving = (judge: Judges, end: End, gate: Final): readonly Hop[] => [
  ...routed(judge, end.nic.network, end.instance, gate),
  ...otherInterface(end),
];

/** Why an interface that is not the first may not answer. */
export const otherInterface = ({ nic, instance }: End): readonly Hop[] => {
  if (nic.index === 0) return [];
  const what = `Whether the system of ${instance.name} answers through ${nic.name}`;
  return [
    {
      gate: doubtfulHop(
        { kind: "route", id: linkOf(nic.network) },
        gap("unverified", problems.notDocumented(what), placeOf(nic)),
      ),
    },
  ];
};

/** A way from the internet to one of the interface's own addresses. Its firewalls are looked up when somebody comes to them. */
const way = (
  judge: Judges,
  end: End,
  carries: PacketSet,
  address: string | undefined,
  front: Final,
  policy: string | undefined,
  arrival: Arrival,
): Way => {
  const state = hop(machineState(judge.facts, end.instance));
  const behind: Hop = {
    get gate() {
      return firewallHop(judge, end, arrival).gate;
    },
  };
  const request =
    policy === undefined ? [state, hop(front), behind] : [state, hop(front), ...edge(policy, end), behind];
  const reply = replies(judge, end);
  return address === undefined
    ? { origin: "internet", interface: end.nic.id, carries, request, reply }
    : { origin: "internet", address, interface: end.nic.id, carries, request, reply };
};

const hop = (gate: Final): Hop => ({ gate });

/** What a policy at Google's edge drops comes never near a firewall of the network (gcp.md A6). */
export const edge = (policy: string | undefined, { nic }: End): readonly Hop[] => {
  if (policy === undefined) return [];
  const why = gap("unmodelled", problems.notModelled(`the edge policy ${nameOf(pathOf(policy))}`), placeOf(nic));
  return [hop(doubtfulHop({ kind: "security-policy", id: linkOf(pathOf(policy)) }, why))];
};

const translated = ({ nic }: End, external: External): Final => {
  const { address = "" } = external;
  const source = placeOfExternal(nic, external);
  const seen: Evidence = { saw: "state", says: `${address} is translated to ${nic.v4 ?? nic.name}`, source };
  return state({ kind: "public-address", id: address }, "allow", seen);
};

const global = ({ nic }: End, external: External6): Final => {
  const { address, bits } = external;
  const says = `${address}/${bits} is global and not translated`;
  return state({ kind: "public-address", id: address }, "allow", {
    saw: "state",
    says,
    source: placeOfExternal(nic, external),
  });
};

const noAddress = ({ nic }: End, of: 4 | 6): Final => {
  const at: Place = { kind: "public-address", id: nic.id };
  const says =
    of === 4
      ? nic.external.length > 0
        ? `${nic.name} is set up for an external IPv4 address, and has none now`
        : `${nic.name} has no external IPv4 address`
      : nic.v6 === undefined
        ? `${nic.name} has no external IPv6 address`
        : `${nic.name} has an internal IPv6 address only`;
  return state(at, "timeout", { saw: "state", says, source: placeOf(nic) });
};

/** Who can come from the internet: not those inside the network, and not Google's own proxies. */
export const strangers = ({ networks: those }: Judges, { nic }: End, of: 4 | 6): PacketSet =>
  of === 6 ? minus(anybody[6], those.inside(nic.network)) : anybody[4];

const anybody = {
  4: minus(and(family(4), internetClients), google.all),
  6: minus(and(family(6), internetClients), google.all),
} as const;

/** How packets come from the internet to an external address of an interface. */
export const arrivalAt = ({ v4 }: NetworkInterface, external: External | External6): Arrival => {
  const { address = "" } = external;
  return { from: "internet", dials: "bits" in external || v4 === undefined ? [address] : [address, v4] };
};

/** One way for each external address. */
export const openWays = (judge: Judges, end: End): readonly Way[] => {
  const { external, external6 } = end.nic;
  const made = (of: 4 | 6, each: External | External6, front: Final): Way =>
    way(judge, end, strangers(judge, end, of), each.address, front, each.policy, arrivalAt(end.nic, each));
  return [
    ...external.filter(({ address }) => address !== undefined).map((each) => made(4, each, translated(end, each))),
    ...external6.map((each) => made(6, each, global(end, each))),
  ];
};

/** The ways from the internet, of which there is one in each family at least: it says that there is no address. */
export const internetWays = (judge: Judges, end: End): readonly Way[] => {
  const open = openWays(judge, end);
  const closed = ([4, 6] as const)
    .filter((of) => !open.some((each) => meets(each.carries, family(of))))
    .map((of) =>
      way(judge, end, strangers(judge, end, of), undefined, noAddress(end, of), undefined, {
        from: "internet",
        dials: own(end.nic, of),
      }),
    );
  return [...open, ...closed];
};

/** Addresses inside the network, of one family. */
const own = ({ v4, aliases, v6, external6 }: NetworkInterface, of: 4 | 6): readonly string[] =>
  of === 4
    ? [...(v4 === undefined ? [] : [v4]), ...aliases]
    : [...(v6 === undefined ? [] : [v6]), ...external6.map(({ address }) => address)];

interface Leg {
  /** The network whose machines the clients are. */
  readonly client?: string;
  readonly origin: Origin;
  readonly from: Arrival["from"];
  readonly carries: PacketSet;
  readonly request?: readonly Hop[];
  readonly reply?: readonly Hop[];
}

/** The ways from inside, one for each address that can be dialled there. */
export const insideWays = (judge: Judges, asked: PacketSet, end: End): readonly Way[] =>
  ([4, 6] as const).flatMap((of) => {
    const mine = and(asked, family(of));
    const dials = own(end.nic, of);
    if (isEmpty(mine) || dials.length === 0) return [];
    return legs(judge, mine, end).flatMap((leg) =>
      dials.flatMap((address) =>
        byClient(judge, leg, end, address).map((each) => insideWay(judge, each, end, address)),
      ),
    );
  });

const insideWay = (judge: Judges, leg: Leg, end: End, address: string): Way => ({
  origin: leg.origin,
  address,
  interface: end.nic.id,
  ...(leg.origin === "load-balancer" ? { isInside: true as const } : {}),
  carries: leg.carries,
  request: [
    ...before(judge, end),
    ...(leg.request ?? []),
    firewallHop(judge, end, { from: leg.from, dials: [address] }),
  ],
  reply: leg.reply ?? [],
});

/** The same leg for clients whose own firewalls differ in what they let out. A machine is nobody's client. */
const byClient = (judge: Judges, leg: Leg, end: End, address: string): readonly Leg[] => {
  const { client } = leg;
  if (client === undefined) return [leg];
  const gates = new Map<Final, PacketSet[]>();
  for (const instance of judge.facts.instances.all)
    for (const nic of instance.interfaces) {
      if (nic.network !== client || nic.id === end.nic.id) continue;
      const from = within(addressesOf(nic), leg.carries);
      const gate = isEmpty(from) ? undefined : judge.firewalls.out(nic, instance, address);
      if (gate !== undefined) gates.set(gate, [...(gates.get(gate) ?? []), from]);
    }
  const known = [...gates].map(
    ([gate, sets]): Leg => ({
      ...leg,
      carries: anyOf(sets),
      request: [hop(gate), ...(leg.request ?? [])],
    }),
  );
  const others = minus(leg.carries, anyOf(known.map((each) => each.carries)));
  return [...known, { ...leg, carries: others }].filter((each) => !isEmpty(each.carries));
};

const addressesOf = ({ v4, v6, aliases, external6 }: NetworkInterface): readonly string[] => [
  ...[v4, v6].filter((each) => each !== undefined),
  ...aliases,
  ...external6.map(({ address, bits }) => `${address}/${bits}`),
];

/** Addresses that are nobody's: loopback, link-local, multicast, and IPv6 that is neither global nor unique local. */
const nobody = or(neverClients, minus(family(6), or(globalUnicast6, uniqueLocal)));

/** Who comes by which leg: machines in the network, in its peers, Google's proxies, and whoever is beyond them. */
const legs = (judge: Judges, asked: PacketSet, end: End): readonly Leg[] => {
  const { facts, networks: those } = judge;
  const { network } = end.nic;
  const near = and(asked, those.inside(network));
  const neighbours = neighbourLegs(judge, near, end);
  const peers = those.peerings(network).flatMap((peering): readonly Leg[] => {
    const carries = minus(and(asked, those.peered(network, peering)), those.inside(network));
    if (isEmpty(carries)) return [];
    const gate = peeringHop(facts, network, peering, carries);
    return [
      {
        origin: "peering",
        from: "peering",
        client: peering.network,
        carries,
        request: [hop(gate)],
        reply: otherInterface(end),
      },
    ];
  });
  const proxies = google.legs.flatMap(({ carries, origin, request }): readonly Leg[] => {
    const mine = and(asked, carries);
    return isEmpty(mine)
      ? []
      : [
          {
            origin,
            from: "google",
            carries: mine,
            request: request.map((why) => hop(doubtfulHop({ kind: "load-balancer", id: linkOf(network) }, why))),
          },
        ];
  });
  const left = minus(
    asked,
    anyOf([internetClients, nobody, near, ...[...peers, ...proxies].map((leg) => leg.carries)]),
  );
  const odd = minus(and(asked, nobody), anyOf([near, ...peers.map((leg) => leg.carries)]));
  const never: Evidence = { saw: "nothing", says: "no packet comes from such an address" };
  const gate = state({ kind: "route", id: linkOf(network) }, "timeout", never);
  const strange: Leg = { origin: "network", from: "beyond", carries: odd, request: [hop(gate)] };
  return [...neighbours, ...peers, ...proxies, ...beyond(judge, left, end), strange].filter(
    (leg) => !isEmpty(leg.carries),
  );
};

/** Neighbours of another subnet are answered by the first interface alone, unless the system knows better. */
const neighbourLegs = ({ facts }: Judges, near: PacketSet, end: End): readonly Leg[] => {
  const leg = { origin: "network", from: "network", client: end.nic.network } as const;
  const doubts = otherInterface(end);
  if (doubts.length === 0) return [{ ...leg, carries: near }];
  const subnet = facts.things.subnetworks.get(end.nic.subnetwork ?? "");
  const same = within(
    [text(subnet?.raw["ipCidrRange"]), text(subnet?.raw["ipv6CidrRange"])].filter((each) => each !== undefined),
    near,
  );
  return [
    { ...leg, carries: same },
    { ...leg, carries: minus(near, same), reply: doubts },
  ];
};

const peeringHop = (facts: Facts, network: string, peering: Peering, carries: PacketSet): Final => {
  const { name, state: now, carriesV6, importsPublic, pointer } = peering;
  const at: Place = { kind: "peering", id: `${linkOf(network)}/${name}` };
  const fact = facts.things.networks.get(network);
  const source = { file: fact?.at.file ?? "", pointer: `${fact?.at.pointer ?? ""}/${pointer}` };
  const contradiction = facts.contradictions.get(network);
  if (contradiction !== undefined) return doubtfulHop(at, contradiction);
  const says = (text: string): Evidence => ({ saw: "state", says: text, source });
  if (now !== "ACTIVE") return state(at, "timeout", says(`peering ${name} is ${now}`));
  if (meets(carries, family(6)) && !carriesV6) return state(at, "timeout", says(`peering ${name} carries IPv4 only`));
  if (meets(carries, internetClients) && !importsPublic && !meets(carries, family(6)))
    return state(at, "timeout", says(`peering ${name} imports no subnets with public addresses`));
  return state(at, "allow", says(`peering ${name} is ${now}`));
};

/**
 * Private clients that are in no joined network. Those of another network that was read have no way here; others may come
 * by a tunnel, over routes that a router has learned.
 */
const beyond = (judge: Judges, left: PacketSet, { nic }: End): readonly Leg[] => {
  const { facts, routes: table, networks: those } = judge;
  const { network } = nic;
  const at: Place = { kind: "route", id: linkOf(network) };
  const host = hostOf(network);
  const routed = and(
    left,
    anyOf(
      table
        .of(network)
        .flatMap(({ hop, destination }) => (FOLLOWED.has(hop.kind) ? [] : [within([destination], left)])),
    ),
  );
  const isRead = facts.things.networks.has(network) && !facts.contradictions.has(network);
  const elsewhere = isRead ? minus(and(left, those.elsewhere(network)), routed) : nothing;
  const unknown = minus(left, anyOf([routed, elsewhere]));
  const says = (text: string): Evidence => ({ saw: "state", says: text, source: placeOf(nic) });
  const leg = { origin: "network", from: "beyond" } as const;
  const apart = state(at, "timeout", says(`the client is in a network that is not joined to ${nameOf(network)}`));
  const tunnel = gap(
    "unmodelled",
    problems.notModelled("a tunnel or an appliance that a route leads to"),
    placeOf(nic),
  );
  const doubt =
    table.unread(network) ??
    (isRead
      ? unlearned(facts, network, host, nic)
      : gapFor(facts, "networks", `the peerings of ${nameOf(network)}`, host));
  const joined =
    askedFor(facts, "routers", host) === "never" && !facts.how.strict ? undefined : learned(facts, network, host, nic);
  return [
    { ...leg, carries: elsewhere, request: [hop(joined === undefined ? apart : doubtfulHop(at, joined))] },
    { ...leg, carries: routed, request: [hop(doubtfulHop(at, tunnel))] },
    {
      ...leg,
      carries: unknown,
      request: [
        hop(
          doubt === undefined
            ? state(at, "timeout", says(`nothing that was read leads from ${nameOf(network)} to the client`))
            : doubtfulHop(at, doubt),
        ),
      ],
    },
  ];
};

/** Next hops that lead to no network outside. */
const FOLLOWED: ReadonlySet<string> = new Set(["internet", "subnet", "peering", "none"]);

/** Why there may be routes that no list of routes tells; undefined where no router is there to learn them. */
const unlearned = (facts: Facts, network: string, host: string | undefined, nic: NetworkInterface): Gap | undefined => {
  if (askedFor(facts, "subnetworks", host) !== "read")
    return gapFor(facts, "subnetworks", `the subnets of ${nameOf(network)}`, host);
  return learned(facts, network, host, nic);
};

/** Why a router may have learned of a way to any network; undefined where there is none to learn it. */
const learned = (facts: Facts, network: string, host: string | undefined, nic: NetworkInterface): Gap | undefined => {
  const how = "gcloud compute routers list --format=json; gcloud compute routers get-status ROUTER --format=json";
  if (askedFor(facts, "routers", host) !== "read")
    return gap(
      "missing",
      problems.missing(`routes that routers of ${nameOf(network)} have learned`, how),
      placeOf(nic),
    );
  const [peering] = importing(facts, network);
  if (peering !== undefined)
    return gap("missing", problems.missing(`routes that peering ${peering.name} imports`, peering.how), placeOf(nic));
  const router = [...facts.things.routers.values()].find(
    ({ raw, path }) => networkOf(text(raw["network"]), path) === network && items(raw["bgpPeers"]).length > 0,
  );
  return router === undefined
    ? undefined
    : gap("missing", problems.missing(`routes that ${nameOf(router.path)} has learned`, how), router.at);
};
