import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, Place } from "#model/gate.ts";
import type { Hop, Way } from "#model/way.ts";
import { internetClients } from "#packets/internet.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, everything, family, minus } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { keyOf, nameOf } from "./arm-id.ts";
import { doubtfulHop, state } from "#model/hop.ts";
import type { Judges } from "./judges.ts";
import { machineState, stateOf } from "./machine-state.ts";
import type { Unread } from "./machines.ts";
import { permissionFor } from "./permissions.ts";
import { askedFor, gapFor } from "./facts.ts";
import type { IpConfig, NetworkInterface } from "./network-interface.ts";
import type { PublicAddress } from "./public-ip-address.ts";
import { publicAddress, readAddress } from "./public-ip-address.ts";
import { HOST } from "./service-tag.ts";
import type { VirtualMachine } from "./virtual-machine.ts";
import { isConnected, peered } from "./virtual-network.ts";

export const hop = (gate: Final): Hop => ({ gate });

/** Whatever stands in the way to an interface before any filter is read. */
export const before = ({ facts }: Judges, nic: NetworkInterface): readonly Hop[] => {
  const machine = facts.machines.get(keyOf(nic.machine));
  const contradiction = facts.contradictions.get(nic.key) ?? strayed(machine, nic);
  return [
    hop(machineState(facts, machine, nic)),
    ...(contradiction === undefined ? [] : [hop(doubtfulHop({ kind: "public-address", id: nic.id }, contradiction))]),
  ];
};

/** Why an interface and the machine that it says it is of may have come apart. */
const strayed = (machine: VirtualMachine | undefined, nic: NetworkInterface): Gap | undefined => {
  const named = machine?.interfaces ?? [];
  if (machine === undefined || named.length === 0 || named.some((id) => id === nic.id || keyOf(id) === nic.key))
    return undefined;
  const why = problems.disagrees(`the interfaces of ${machine.name}`, machine.at.file, nic.at.file);
  return gap("unreadable", why, nic.at);
};

const known = new WeakMap<Judges, Map<string, PacketSet>>();

/** Addresses of the network itself and of those that it is peered with. */
export const insideOf = (judge: Judges, config: IpConfig): PacketSet => {
  const own = judge.filters.subnet(config);
  const sets = known.get(judge) ?? new Map<string, PacketSet>();
  known.set(judge, sets);
  const key = "subnet" in own ? keyOf(own.subnet.vnet) : "";
  const network = "subnet" in own ? own.network : undefined;
  const made =
    sets.get(key) ??
    anyOf(
      network === undefined
        ? []
        : [network.space, ...network.peerings.filter(isConnected).map((each) => peered(judge.networks, each))],
    );
  sets.set(key, made);
  return made;
};

/** Who can come from the internet: not those inside the network, and not the host itself. */
export const strangers = (judge: Judges, config: IpConfig, of: 4 | 6): PacketSet =>
  minus(outside[of], insideOf(judge, config));

const outside = {
  4: minus(and(family(4), internetClients), HOST),
  6: minus(and(family(6), internetClients), HOST),
} as const;

/** Gateway load balancers send everything through an appliance first. */
export const chained = (balancer: string | undefined, name: string): readonly Hop[] => {
  if (balancer === undefined) return [];
  const why = gap("unmodelled", problems.notModelled(`the gateway load balancer that ${name} is chained to`));
  return [hop(doubtfulHop({ kind: "middlebox", id: balancer }, why))];
};

/** One way for the public address of an ipConfiguration, if it has one. */
export const openWays = (judge: Judges, config: IpConfig): readonly Way[] => {
  const own = addressOf(judge, config);
  if (own === undefined) return [];
  const base = {
    origin: "internet",
    interface: config.id,
    carries: strangers(judge, config, config.family),
    reply: [hop(judge.routes.toInternet(config))],
  } as const;
  if ("code" in own) {
    const place: Place = { kind: "public-address", id: config.publicAddress ?? config.id };
    const request = [...before(judge, config.nic), hop(doubtfulHop(place, own)), ...unsure(judge, config, own)];
    return [{ ...base, request }];
  }
  if (own.address === undefined) return [];
  const seen: Evidence = {
    saw: "state",
    says: `${own.address} is translated to ${config.address ?? config.name}`,
    source: own.at,
  };
  return [
    {
      ...base,
      address: own.address,
      request: [
        ...before(judge, config.nic),
        hop(state({ kind: "public-address", id: own.address }, "allow", seen)),
        ...chained(config.gatewayBalancer, config.nic.name),
        ...judge.filters.into(config, own),
      ],
    },
  ];
};

/** What filters behind an address of which it is not known what it lets in by itself. */
const unsure = (judge: Judges, config: IpConfig, why: Gap): readonly Hop[] =>
  judge.filters.into(config, {
    id: config.publicAddress ?? config.id,
    name: nameOf(config.publicAddress ?? config.id),
    address: undefined,
    family: config.family,
    isClosed: why,
    sku: { saw: "nothing", says: "its SKU was not read" },
    at: config.at,
  });

/** The public address of an ipConfiguration; a gap where it was not read, or where two answers differ about it. */
export const addressOf = (judge: Judges, config: IpConfig): PublicAddress | Gap | undefined => {
  const { facts, claims } = judge;
  const claim = claims.get(config.key);
  if (config.publicAddress === undefined) {
    if (claim === undefined) return undefined;
    const own = readAddress(claim);
    return gap("unreadable", problems.notItsAddress(config.name, own.address ?? own.name, config.nic.name), claim.at);
  }
  return publicAddress(facts, config.publicAddress, config.nic.name, config.at);
};

/** Ways from the internet that stop at once: there is no address of that family to dial. */
export const closedWays = (judge: Judges, config: IpConfig): readonly Way[] =>
  ([4, 6] as const).flatMap((of): readonly Way[] => {
    const { nic } = config;
    const isOwn = of === config.family;
    // The first one speaks for a family that no other has.
    if (!isOwn && (!config.isPrimary || nic.configs.some((each) => each.family === of))) return [];
    const own = isOwn ? addressOf(judge, config) : undefined;
    if (own !== undefined && ("code" in own || own.address !== undefined)) return [];
    const says =
      own === undefined
        ? `${nic.configs.length > 1 ? `${config.name} of ` : ""}${nic.name} has no public IPv${of} address`
        : `${own.name} has no address now`;
    const seen: Evidence = { saw: "state", says, source: own?.at ?? config.at };
    return [
      {
        origin: "internet",
        interface: config.id,
        carries: strangers(judge, config, of),
        request: [
          ...before(judge, nic),
          hop(state({ kind: "public-address", id: own?.id ?? config.id }, "timeout", seen)),
          ...judge.filters.into(config, "inside"),
        ],
        reply: [hop(judge.routes.toInternet(config))],
      },
    ];
  });

/** A door of which nothing is known: an interface that a machine has, and that nobody read. */
export const unreadWays = ({ facts }: Judges, { id, machine: key }: Unread): readonly Way[] => {
  const machine = facts.machines.get(key);
  const list = key.includes("/virtualmachinescalesets/") ? "scaleSetNetworkInterfaces" : "networkInterfaces";
  const how = permissionFor(list)?.cli ?? "";
  const name = machine?.name ?? nameOf(key);
  const isNamed = machine?.interfaces?.includes(id) === true;
  const own = facts.nics.get(keyOf(id));
  const empty = (): Gap =>
    gap("unreadable", problems.lacks(`${own?.at.file}#${own?.at.pointer}`, "its addresses"), own?.at);
  const why =
    own !== undefined
      ? empty()
      : isNamed && askedFor(facts, list, machine.subscription) === "read"
        ? gap("missing", problems.notInList(nameOf(id), name, how), machine.at)
        : gapFor(facts, list, `the interfaces of ${name}`, machine?.subscription, machine?.at);
  return [
    {
      origin: "internet",
      interface: id,
      carries: everything,
      request: [hop(stateOf(facts, machine, key)), hop(doubtfulHop({ kind: "public-address", id }, why))],
      reply: [],
    },
  ];
};
