import type { Seen } from "#model/answer.ts";
import type { Finding, FindingKind, Severity } from "#model/finding.ts";
import type { Gate } from "#model/gate.ts";
import type { Inventory, Machine, Resource, RuleList } from "#model/inventory.ts";
import { once } from "#model/once.ts";
import type { Via, Way } from "#model/way.ts";
import { internetSources, routable } from "#packets/internet.ts";
import { TCP, protocolName } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, begun, everything, isEmpty, meets, nothing, ports, some } from "#packets/set.ts";
import { alike, byGate, byOutline, isOutlined } from "#resolve/alike.ts";
import type { Counts } from "#resolve/ceiling.ts";
import { ceilings } from "#resolve/ceiling.ts";
import { admitting, deciding } from "#resolve/explain.ts";
import { gateFor, narrowed } from "#resolve/narrow.ts";
import { flowOf } from "#resolve/walk.ts";
import { admits } from "#resolve/whole.ts";
import type { Met } from "./exposure.ts";
import { exposures, weighing, worthAsking } from "./exposure.ts";
import { everyPort } from "./services.ts";

export interface AuditOptions {
  /** From which part of a family's routable addresses on sources count as the internet: above 0, up to 1. */
  readonly share: number;
}

type Meets = (set: PacketSet, carried: PacketSet) => readonly Met[];

type Sources = (set: PacketSet) => readonly string[];

/** A finding before it is told in full: what was met, where, and how to say why. */
export interface Found {
  readonly check: string;
  readonly kind: FindingKind;
  readonly severity: Finding["severity"];
  readonly resource: Resource;
  readonly met: Met;
  /** Who gets in, or may. */
  readonly reach: PacketSet;
  /** Those of a set who could come that way at all, as CIDRs. */
  readonly sources: Sources;
  readonly evidence: (set: PacketSet) => readonly Seen[];
  /** What the internet comes through, where it does not come straight. */
  readonly through: ((set: PacketSet) => readonly string[]) | undefined;
}

/** Everything that the internet reaches or could, machine by machine and then list by list. */
export const audit = (inventory: Inventory, { share }: AuditOptions): readonly Found[] => {
  const meets = exposures(share);
  const most = ceilings(weighing());
  const worth = worthAsking();
  // Whoever is told apart below by rounding up is far nearer to the whole than this.
  const asking = (counts: Counts): PacketSet => and(worth(counts, share * NEARLY), routable);
  const roughly = (doors: readonly Way[]): PacketSet =>
    doors.length === 0 ? nothing : asking(added(doors.map(most.ofOutline)));
  const closely = (doors: readonly Way[], kind: PacketSet): Coming | undefined => {
    const closer = doors.some(isOutlined) ? asking(added(doors.map((way) => most.ofWay(way, kind)))) : kind;
    return coming(doors, and(kind, closer), kind, meets);
  };
  const kindBy = alike(byOutline, roughly);
  const comingBy = bySet((kind) => alike(byGate(kind), (doors) => closely(doors, kind)));
  const doorsOf = (machine: Machine): readonly Way[] => {
    const doors: Way[] = [];
    for (const each of machine.interfaces) for (const way of inventory.doors(each)) doors.push(way);
    return doors;
  };
  const comingTo = byKin(inventory, {
    ofKin: (machine) => {
      const doors = doorsOf(machine);
      const kind = roughly(doors);
      return isEmpty(kind) ? undefined : closely(doors, kind);
    },
    ofOne: (machine) => {
      const doors = doorsOf(machine);
      const kind = kindBy(doors);
      return isEmpty(kind) ? undefined : comingBy(kind)(doors);
    },
  });
  // Many findings are of the same sources, which are worked out when somebody reads them.
  const sources = bySet((carried): Sources => bySet((set) => internetSources(set, carried)));
  const found: Found[] = [];
  for (const machine of inventory.machines) {
    const all = comingTo(machine);
    if (all !== undefined) machineFindings(machine, () => doorsOf(machine), all, sources, found);
  }
  for (const list of inventory.lists) {
    const kind = list.atMost === undefined ? everything : asking(most.ofOutlined(list.atMost));
    if (isEmpty(kind)) continue;
    const gate = gateFor(list, kind);
    const asked = and(kind, asking(most.ofGate(gate)));
    if (!isEmpty(asked)) listFindings(list, gate, asked, meets, sources, found);
  }
  return found;
};

/** Made once for each set. */
const bySet = <T>(make: (set: PacketSet) => T): ((set: PacketSet) => T) => {
  const known = new Map<PacketSet, T>();
  return (set) => {
    const before = known.get(set);
    if (before !== undefined) return before;
    const made = make(set);
    known.set(set, made);
    return made;
  };
};

/** Made once for all machines that are kin, and for each of those that are nobody's. */
const byKin = <T>(
  inventory: Inventory,
  make: { readonly ofKin: (machine: Machine) => T; readonly ofOne: (machine: Machine) => T },
): ((machine: Machine) => T) => {
  const known = new Map<object, { readonly made: T }>();
  return (machine) => {
    const kin = inventory.kin?.(machine);
    if (kin === undefined) return make.ofOne(machine);
    const before = known.get(kin);
    if (before !== undefined) return before.made;
    const made = make.ofKin(machine);
    known.set(kin, { made });
    return made;
  };
};

const added = (all: readonly Counts[]): Counts => {
  const [only, ...others] = all;
  return only === undefined || others.length === 0
    ? (only ?? NOBODY)
    : only.map((each, i) => others.reduce((sum, other) => sum + (other[i] ?? 0), each));
};
const NOBODY: Counts = new Float64Array(0);

/** A part of a share that no rounding makes up for. */
const NEARLY = 0.999;

/** Two truths of one thing: what surely is, and what may be. */
interface Reach {
  readonly surely: PacketSet;
  readonly possibly: PacketSet;
}

/** Who comes by some doors. */
interface Coming {
  /** By each of them; only of what is asked. */
  readonly flows: readonly Reach[];
  readonly carried: PacketSet;
  readonly reach: Reach;
  readonly exposed: Exposed;
  /** Whether something stands before a machine on one of the ways that are open. */
  readonly isThrough: boolean;
}

const coming = (doors: readonly Way[], asked: PacketSet, kind: PacketSet, meets: Meets): Coming | undefined => {
  if (isEmpty(asked)) return undefined;
  const flows = doors.map((way) => flowOf(way, and(begun, asked), kind));
  const open = flows.filter(({ possibly }) => !isEmpty(possibly));
  const [only, ...others] = open;
  if (only === undefined) return undefined;
  const reach =
    others.length === 0
      ? only
      : { surely: anyOf(open.map(({ surely }) => surely)), possibly: anyOf(open.map(({ possibly }) => possibly)) };
  const carried = anyOf(doors.flatMap(({ carries }, i) => (isOpen(flows[i]) ? [carries] : [])));
  const isThrough = doors.some(({ via }, i) => via !== undefined && isOpen(flows[i]));
  return { flows, carried, reach, exposed: exposedBy(reach, carried, meets), isThrough };
};

const isOpen = (flow: Reach | undefined): boolean => flow !== undefined && !isEmpty(flow.possibly);

const machineFindings = (
  machine: Machine,
  doors: () => readonly Way[],
  all: Coming,
  sources: (carried: PacketSet) => Sources,
  found: Found[],
): void => {
  const { flows, carried, reach, exposed, isThrough } = all;
  const ways = once(() =>
    doors().flatMap((way, i): readonly Entered[] => {
      const flow = flows[i];
      return flow === undefined || !isOpen(flow) ? [] : [{ way, ...flow }];
    }),
  );
  const told = {
    resource: machine.resource,
    sources: sources(carried),
    evidence: (set: PacketSet) => ways().flatMap(({ way }) => deciding(way, set)),
    through: isThrough ? (set: PacketSet) => throughWhat(ways(), set) : undefined,
  };
  addFindings(found, "exposed", "reachable", told, reach, exposed, exposedSeverity);
};

/** A way, and who comes by it. */
interface Entered extends Reach {
  readonly way: Way;
}

/** What stands in front of a machine, on the ways by which a service is reached, unless it is reached without. */
const throughWhat = (ways: readonly Entered[], set: PacketSet): readonly string[] => {
  const sure = ways.filter(({ surely }) => meets(surely, set));
  const by = sure.length > 0 ? sure : ways.filter(({ possibly }) => meets(possibly, set));
  const through = by.map(({ way: { via } }) => (via === undefined ? undefined : words(via)));
  const named = through.filter((each) => each !== undefined);
  return named.length < through.length ? [] : [...new Set(named)].toSorted();
};

const words = ({ place: { kind, id, name }, port }: Via): string =>
  `${kind.replace("-", " ")} ${name ?? id}${port === undefined ? "" : ` (port ${port})`}`;

const listFindings = (
  list: RuleList,
  gate: Gate,
  asked: PacketSet,
  meets: Meets,
  sources: (carried: PacketSet) => Sources,
  found: Found[],
): void => {
  const all = admits(narrowed(gate, asked));
  const of = (set: PacketSet): PacketSet => fromAnyPort(and(set, asked));
  const reach = { surely: of(all.surely), possibly: of(all.possibly) };
  if (isEmpty(reach.possibly)) return;
  const evidence = (set: PacketSet): readonly Seen[] => admitting(list.gate, set);
  const carried = list.carries ?? everything;
  const told = { resource: list.resource, sources: sources(carried), evidence, through: undefined };
  addFindings(found, "open-rule", "rule", told, reach, exposedBy(reach, carried, meets), () => ruleSeverity(list));
};

/** What clients meet from some of the ports that they begin from: few rules name those, and then some suffice. */
const fromAnyPort = (set: PacketSet): PacketSet =>
  some(set, "clientPort") === set ? set : some(and(set, begun), "clientPort");

/** What all findings of one thing share. */
type Told = Pick<Found, "resource" | "sources" | "evidence" | "through">;

type Rate = (met: Met) => Severity;

/** The whole internet is worst; a part of it, however large, is one step less. */
const exposedSeverity: Rate = ({ service, ipv4, ipv6 }) => {
  const worst = service === "any" ? "critical" : service.severity;
  return ipv4 === 1 || ipv6 === 1 || worst !== "critical" ? worst : "high";
};

/** What the cloud makes for everybody says little about its owner, so it weighs less than what somebody wrote. */
const ruleSeverity = ({ attached, standard }: RuleList): Severity => (attached === 0 || standard ? "medium" : "high");

/** What is met for sure, and what may be. */
interface Exposed {
  readonly surely: readonly Met[];
  readonly possibly: readonly Met[];
}

const exposedBy = ({ surely, possibly }: Reach, carried: PacketSet, meets: Meets): Exposed => {
  const certain = merged(meets(surely, carried));
  if (surely === possibly) return { surely: certain, possibly: [] };
  const known = new Set(certain.map(serviceId));
  return {
    surely: certain,
    possibly: spokesmen(merged(meets(possibly, carried)).filter((met) => !known.has(serviceId(met)))),
  };
};

const addFindings = (
  found: Found[],
  prefix: "exposed" | "open-rule",
  kind: FindingKind,
  told: Told,
  reach: Reach,
  { surely, possibly }: Exposed,
  rate: Rate,
): void => {
  for (const met of surely)
    found.push({
      check: `${prefix}-${serviceId(met)}`,
      kind,
      severity: rate(met),
      met,
      reach: reach.surely,
      ...told,
    });
  for (const met of possibly)
    found.push({
      check: `${prefix}-${serviceId(met)}`,
      kind: "unknown",
      severity: "unknown",
      met,
      reach: reach.possibly,
      ...told,
    });
};

const serviceId = ({ service }: Met): string => (service === "any" ? "any" : service.id);

/** Where nothing at all is known, every service would be in doubt: `any` says so, and stands for the less usual ones. */
const spokesmen = (open: readonly Met[]): readonly Met[] => {
  const all = open.some(({ service }) => service === "any");
  return all ? open.filter((met) => ["ssh", "rdp", "any"].includes(serviceId(met))) : open;
};

/** Every port of TCP and every port of UDP are one finding. */
const merged = (all: readonly Met[]): readonly Met[] => {
  if (all.length < 2) return all;
  const any = all.filter(({ service }) => service === "any");
  const [first, second] = any;
  if (first === undefined || second === undefined) return all;
  const both: Met = {
    ...first,
    protocol: -1,
    ipv4: Math.max(first.ipv4, second.ipv4),
    ipv6: Math.max(first.ipv6, second.ipv6),
  };
  return [...all.filter(({ service }) => service !== "any"), both];
};

/** The finding in full. Its sources and evidence are told when they are read: a large estate has more than memory holds. */
export const finding = (found: Found): Finding => {
  const { check, kind, severity, resource, met, reach, evidence } = found;
  const asked = serviceSet(met);
  const through = found.through?.(and(asked, routable)) ?? [];
  return {
    id: `${check}/${resource.cloud}/${resource.id}`,
    check,
    kind,
    severity,
    status: "open",
    resource,
    exposure: {
      ports: met.ports === "all" ? ["0-65535"] : met.ports.map(String),
      protocol: met.protocol === -1 ? "all" : protocolName(met.protocol),
      ipv4: met.ipv4,
      ipv6: met.ipv6,
      get sources() {
        return found.sources(and(reach, asked));
      },
      ...(through.length === 0 ? {} : { through }),
    },
    get evidence() {
      return evidence(and(asked, routable));
    },
    controls: [],
    title: title(check.startsWith("exposed") ? "exposed" : "open-rule", kind, resource, met, through),
    why: met.service === "any" ? "No service is meant, so nothing is kept out." : met.service.why,
    fix: [],
  };
};

const serviceSet = (met: Met): PacketSet => {
  if (met.ports !== "all") return anyOf(met.ports.map((port) => ports(met.protocol, port, port)));
  return anyOf(
    everyPort.filter(({ protocol }) => met.protocol === -1 || protocol === met.protocol).map(({ set }) => set),
  );
};

const title = (
  prefix: "exposed" | "open-rule",
  kind: FindingKind,
  resource: Resource,
  { service, protocol }: Met,
  through: readonly string[],
): string => {
  const name = resource.name === null ? resource.id : `${resource.name} (${resource.id})`;
  const every = protocol === -1 ? "every port" : `every ${protocol === TCP ? "TCP" : "UDP"} port`;
  const what = service === "any" ? every : service.name;
  const by = through.length === 0 ? "" : ` through ${through.join(" and ")}`;
  if (kind === "unknown")
    return prefix === "exposed"
      ? `Whether the internet reaches ${what} on ${name}${by} could not be decided.`
      : `Whether ${name} admits the internet to ${what} could not be decided.`;
  return prefix === "exposed"
    ? `The internet reaches ${what} on ${name}${by}.`
    : `${name} admits the internet to ${what}.`;
};
