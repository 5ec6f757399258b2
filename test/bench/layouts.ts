/**
 * The program's sets against the layout of `rank-axis.ts`, at the core of the AWS audit: for each distinct combination
 * of security groups and network ACL in an estate, which clients may ask for which services. Both get the same parsed
 * numbers and must give the same answers before anything is timed. Every round of either runs in a fresh process, since
 * the program's sets keep their tables for as long as a process lives; so both also start with code never run before.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import type { Address, Prefix } from "#packets/address.ts";
import { bounds, fromInteger, parsePrefix } from "#packets/address.ts";
import { ICMP, ICMPV6, PER_PROTOCOL, TCP, UDP } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, clients, everything, has, minus, nothing, or, ports } from "#packets/set.ts";
import { destinationsOf, protocolNumber } from "./brute.ts";
import type { AclEntry, Documents, Permission as RawPermission } from "./documents.ts";
import { found, readDocuments } from "./documents.ts";
import type { Page } from "./estate.ts";
import { estate } from "./estate.ts";
import type { Random } from "./random.ts";
import { at, random } from "./random.ts";
import type { Entry, Job, Permission, Stretch } from "./rank-axis.ts";
import { rankAxis } from "./rank-axis.ts";

/** How long each layout took for all classes of an estate, the best of several rounds. */
export interface Layouts {
  readonly classes: number;
  readonly rankAxisMs: number;
  readonly diagramMs: number;
  /** How many times longer the program's sets took. */
  readonly ratio: number;
}

const ROUNDS = 7;
const SAMPLES = 100_000;

/** Compares both on an estate of so many interfaces. Throws where they do not agree. */
export const layouts = (interfaces: number, seed: number): Layouts => compare(estate(interfaces, seed), seed);

const compare = (pages: Iterable<Page>, seed: number): Layouts => {
  const job = jobOf(readDocuments(pages));
  agree(job, random(seed, "layouts"), SAMPLES);
  const input = serialize(job);
  let [rankAxisMs, diagramMs] = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round++) {
    rankAxisMs = Math.min(rankAxisMs, fresh("rank-axis", input));
    diagramMs = Math.min(diagramMs, fresh("diagram", input));
  }
  return { classes: job.classes.length, rankAxisMs, diagramMs, ratio: diagramMs / rankAxisMs };
};

const EVERY_SERVICE: Stretch = { from: 0, to: 256 * PER_PROTOCOL };

/** Everything as numbers. Each prefix is parsed once; both layouts get the same. */
const jobOf = (documents: Documents): Job => {
  const sources: (readonly Prefix[])[] = [];
  const places = new Map<string, number>();
  const placeOf: PlaceOf = (name, texts = [name]) => remember(places, name, () => sources.push(texts.map(parsed)) - 1);
  const groups: (readonly Permission[])[] = [];
  const groupPlaces = new Map<string, number>();
  for (const [id, permissions] of documents.groups)
    groupPlaces.set(id, groups.push(permissions.map((each) => permissionOf(documents, each, placeOf))) - 1);

  const acls: (readonly Entry[])[] = [];
  const aclPlaces = new Map<AclEntry, number>();
  const combinations: (readonly number[])[] = [];
  const combinationPlaces = new Map<string, number>();
  const classes = new Map<string, Job["classes"][number]>();
  for (const { Groups, SubnetId } of documents.interfaces.values()) {
    const entries = found(documents.aclOfSubnet, SubnetId);
    const acl = remember(aclPlaces, at(entries, 0), () => acls.push(aclOf(entries, placeOf)) - 1);
    const carried = Groups.map(({ GroupId }) => found(groupPlaces, GroupId)).toSorted((a, b) => a - b);
    const combination = remember(combinationPlaces, carried.join(), () => combinations.push(carried) - 1);
    classes.set(`${combination} ${acl}`, { combination, acl });
  }
  for (const route of [...documents.mainTableOfVpc.values(), ...documents.tableOfSubnet.values()].flat())
    for (const block of destinationsOf(documents, route)) placeOf(block);
  return { sources, groups, acls, combinations, classes: [...classes.values()] };
};

/** The place of a source: of one prefix, or of the list of this name with its prefixes. */
type PlaceOf = (name: string, texts?: readonly string[]) => number;

const parsed = (text: string): Prefix => {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(`${text} is no prefix`);
  return prefix;
};

const remember = <Key>(places: Map<Key, number>, key: Key, make: () => number): number => {
  const place = places.get(key) ?? make();
  places.set(key, place);
  return place;
};

const permissionOf = (documents: Documents, raw: RawPermission, placeOf: PlaceOf): Permission => {
  const protocol = protocolNumber(raw.IpProtocol);
  const [from, to] = [raw.FromPort ?? -1, raw.ToPort ?? -1];
  const service =
    protocol === ICMP || protocol === ICMPV6 ? messages(protocol, from, to) : services(protocol, from, to);
  const sources = [
    ...raw.IpRanges.map(({ CidrIp }) => placeOf(CidrIp)),
    ...raw.Ipv6Ranges.map(({ CidrIpv6 }) => placeOf(CidrIpv6)),
    ...raw.PrefixListIds.map(({ PrefixListId }) => placeOf(PrefixListId, found(documents.lists, PrefixListId))),
  ];
  return { ...service, sources };
};

/** The inbound entries of an ACL, by their numbers. */
const aclOf = (entries: readonly AclEntry[], placeOf: PlaceOf): readonly Entry[] =>
  entries
    .filter(({ Egress }) => !Egress)
    .map(({ Protocol, PortRange, IcmpTypeCode, CidrBlock, Ipv6CidrBlock, RuleAction }) => {
      const protocol = Number(Protocol);
      const hasMessages = protocol === ICMP || (protocol === ICMPV6 && Ipv6CidrBlock !== undefined);
      const service = hasMessages
        ? messages(protocol, IcmpTypeCode?.Type ?? -1, IcmpTypeCode?.Code ?? -1)
        : services(protocol, PortRange?.From ?? -1, PortRange?.To ?? -1);
      return { ...service, source: placeOf(CidrBlock ?? Ipv6CidrBlock ?? ""), allow: RuleAction === "allow" };
    });

const services = (protocol: number, first: number, last: number): Stretch => {
  if (protocol === -1) return EVERY_SERVICE;
  const base = protocol * PER_PROTOCOL;
  if (first === -1 || (protocol !== TCP && protocol !== UDP)) return { from: base, to: base + PER_PROTOCOL };
  return { from: base + first, to: base + last + 1 };
};

const messages = (protocol: number, type: number, code: number): Stretch => {
  const base = protocol * PER_PROTOCOL;
  if (type === -1) return { from: base, to: base + PER_PROTOCOL };
  const from = base + 256 * type + Math.max(code, 0);
  return { from, to: code === -1 ? from + 256 : from + 1 };
};

/** The same job with the program's sets: one for each class. */
const diagrams = (job: Job): readonly PacketSet[] => {
  const sources = job.sources.map((prefixes) => anyOf(prefixes.map(clients)));
  const asked = new Map<number, PacketSet>();
  const service = ({ from, to }: Stretch): PacketSet => {
    const key = from * 2 ** 25 + to;
    const set = asked.get(key) ?? serviceSet(from, to);
    asked.set(key, set);
    return set;
  };
  const groups = job.groups.map((permissions) =>
    anyOf(permissions.map((each) => and(anyOf(each.sources.map((place) => sources[place] ?? nothing)), service(each)))),
  );
  const combinations = job.combinations.map((places) => anyOf(places.map((place) => groups[place] ?? nothing)));
  const acls = job.acls.map((entries) => {
    let [left, allowed] = [everything, nothing];
    for (const { source, allow, ...stretch } of entries) {
      const met = and(left, and(sources[source] ?? nothing, service(stretch)));
      if (allow) allowed = or(allowed, met);
      left = minus(left, met);
    }
    return allowed;
  });
  return job.classes.map(({ combination, acl }) => and(combinations[combination] ?? nothing, acls[acl] ?? nothing));
};

const serviceSet = (from: number, to: number): PacketSet => {
  if (from === EVERY_SERVICE.from && to === EVERY_SERVICE.to) return everything;
  const protocol = Math.floor(from / PER_PROTOCOL);
  return ports(protocol, from - protocol * PER_PROTOCOL, to - 1 - protocol * PER_PROTOCOL);
};

/** Asks both about packets at the edges of rules, class by class, and whether the same classes have equal answers. */
const agree = (job: Job, r: Random, samples: number): void => {
  const [ranked, drawn] = [rankAxis(job), diagrams(job)];
  const twins = new Map<number, PacketSet>();
  const machine: Address = { family: 4, words: [0] };
  const each = Math.ceil(samples / job.classes.length);
  job.classes.forEach((one, i) => {
    const [row, set] = [at(ranked.rows, i), at(drawn, i)];
    if ((twins.get(row) ?? set) !== set) throw new Error(`class ${i} equals another on the rank axis only`);
    twins.set(row, set);
    const rules = rulesAround(job, one);
    for (let n = 0; n < each; n++) {
      const client = clientNearby(job, r, rules);
      const service = serviceNearby(r, rules);
      const asked = { protocol: Math.floor(service / PER_PROTOCOL), port: service % PER_PROTOCOL };
      const packet = { machine, client: client.address, service: asked, clientPort: 0 };
      const answers = [ranked.has(row, client, service), has(set, packet), allows(job, one, client, service)];
      if (new Set(answers).size > 1) throw new Error(`class ${i}, ${JSON.stringify(packet)}: ${answers.join(", ")}`);
    }
  });
  if (new Set(twins.values()).size !== twins.size) throw new Error("two classes are equal as diagrams only");
};

type Class = Job["classes"][number];

const rulesAround = (job: Job, { combination, acl }: Class): readonly Permission[] => [
  ...at(job.combinations, combination).flatMap((place) => at(job.groups, place)),
  ...at(job.acls, acl).map(({ source, ...stretch }) => ({ ...stretch, sources: [source] })),
];

/** The slow and obvious answer, rule by rule. */
const allows = (job: Job, { combination, acl }: Class, client: Prefix, service: number): boolean => {
  const [asked] = bounds(client);
  const fits = ({ from, to }: Stretch, source: number): boolean => {
    if (service < from || service >= to) return false;
    return at(job.sources, source).some((prefix) => {
      const [first, last] = bounds(prefix);
      return prefix.address.family === client.address.family && first <= asked && asked <= last;
    });
  };
  const met = at(job.acls, acl).find((entry) => fits(entry, entry.source));
  return (
    met?.allow === true &&
    at(job.combinations, combination).some((place) =>
      at(job.groups, place).some((each) => each.sources.some((source) => fits(each, source))),
    )
  );
};

/** An address at an edge of a prefix or within it. */
const clientNearby = (job: Job, r: Random, rules: readonly Permission[]): Prefix => {
  const { sources } = r.pick(rules);
  const source = sources.length > 0 ? r.pick(sources) : r.int(0, job.sources.length - 1);
  const prefix = r.pick(at(job.sources, source));
  const [first, last] = bounds(prefix);
  const inside = first + (((last - first) * BigInt(r.int(0, 2 ** 30))) >> 30n);
  const { family } = prefix.address;
  const bits = family === 4 ? 32 : 128;
  const value = BigInt.asUintN(bits, r.pick([first - 1n, first, first, last, last, last + 1n, inside]));
  return { address: fromInteger(family, value), bits };
};

const serviceNearby = (r: Random, rules: readonly Permission[]): number => {
  const { from, to } = r.pick(rules);
  const service = r.pick([from - 1, from, from, to - 1, to - 1, to, r.int(from, to - 1)]);
  return Math.min(Math.max(service, 0), EVERY_SERVICE.to - 1);
};

const works = { "rank-axis": rankAxis, diagram: diagrams } as const satisfies Record<string, (job: Job) => unknown>;

/** One round in a process of its own, which reads the job from its standard input. */
const fresh = (layout: keyof typeof works, input: Buffer): number => {
  const words = ["--conditions=source", "--expose-gc", import.meta.filename, layout];
  const { stdout, stderr, status } = spawnSync(process.execPath, words, { input, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
};

/** It comes from the process that started this one, which made it. */
const isJob = (input: unknown): input is Job => typeof input === "object" && input !== null && "classes" in input;

const time = (work: (job: Job) => unknown): number => {
  const job: unknown = deserialize(readFileSync(0));
  if (!isJob(job)) throw new Error("no job came in");
  globalThis.gc?.();
  const start = process.hrtime.bigint();
  work(job);
  return Number(process.hrtime.bigint() - start) / 1e6;
};

if (import.meta.main) {
  const [layout] = process.argv.slice(2);
  const work = layout === "rank-axis" || layout === "diagram" ? works[layout] : undefined;
  if (work !== undefined) process.stdout.write(String(time(work)));
}
