import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { RawAnswer, Reading, Scope } from "#model/provider.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { problems } from "#problems.ts";
import type { Asked, Effective, Fact, Facts, Learned, Member, Noun } from "./facts.ts";
import { nouns } from "./facts.ts";
import type { Instance } from "./instance.ts";
import { readInstance } from "./instance.ts";
import type { Instances } from "./instances.ts";
import { gathering } from "./instances.ts";
import { nameOf, pathOf, projectOf, regionOf, zoneOf } from "./link.ts";
import { keysOf } from "./permissions.ts";
import type { Raw } from "./raw.ts";
import { items, number, raw, text, texts } from "./raw.ts";
import { LIST, MEMBERS, effectiveOf } from "./recognise.ts";

type Answer = Extract<RawAnswer, { is: "answer" }>;

/** A list as it was told: whose, and what of it is missing. */
interface Told {
  readonly collection: string;
  readonly project: string | undefined;
  readonly region: string | undefined;
  readonly cut: boolean;
  readonly missing: readonly string[];
  readonly at: Source;
}

/** An effective answer before it is known what is called like that. */
interface Unplaced {
  readonly stem: string;
  readonly path: string;
  readonly region: string | undefined;
  readonly fact: Fact;
}

/** The members of a group that the file's name has to tell. */
interface UnplacedGroup {
  readonly stem: string;
  readonly members: readonly Member[];
  readonly at: Source;
}

const isNoun = (key: string): key is Noun => nouns.some((noun) => noun === key);

/** Puts every answer where it can be found by its path. Concludes nothing. */
export const factReader = (
  how: Reading,
): { readonly add: (answer: RawAnswer) => void; readonly facts: () => Facts } => {
  const machines = gathering();
  /** The projects that machines are of, and the networks that they are in. */
  const owners = new Set<string>();
  const guests = new Map<string, Set<string>>();
  const things: Record<Noun, Map<string, Fact>> = {
    networks: new Map(),
    subnetworks: new Map(),
    firewalls: new Map(),
    routes: new Map(),
    firewallPolicies: new Map(),
    addressGroups: new Map(),
    projects: new Map(),
    routers: new Map(),
    forwardingRules: new Map(),
    targetInstances: new Map(),
    targetPools: new Map(),
    backendServices: new Map(),
    instanceGroups: new Map(),
    targetTcpProxies: new Map(),
    targetSslProxies: new Map(),
    targetHttpProxies: new Map(),
    targetHttpsProxies: new Map(),
    urlMaps: new Map(),
  };
  const groups = new Map<string, Member[]>();
  const unplacedGroups: UnplacedGroup[] = [];
  const unplaced: Unplaced[] = [];
  const parents = new Map<string, string>();
  const ancestors = new Map<string, readonly string[]>();
  const bindings: { readonly parent: string; readonly value: string }[] = [];
  const learned: Learned[] = [];
  const told: Told[] = [];
  const asked = new Map<string, Asked[]>();
  const visited: Scope[] = [];
  const contradictions = new Map<string, Gap>();
  const gaps: Gap[] = [];
  const refused: { readonly key: string; readonly how: Asked }[] = [];

  /** Keeps a thing unless one is there by its path; two that differ are a contradiction. */
  const keep = (known: Map<string, Fact>, fact: Fact): void => {
    const before = known.get(fact.path);
    // A list may leave out what a description of the same thing tells.
    if (before === undefined || isPart(before, fact)) return void known.set(fact.path, fact);
    if (isPart(fact, before) || same(before.raw, fact.raw) || contradictions.has(fact.path)) return;
    contradict(before, fact);
  };

  const contradict = (before: Found, now: Found): void => {
    const found = gap(
      "unreadable",
      problems.contradicts(nameOf(now.path), placeOf(before.at), placeOf(now.at)),
      now.at,
    );
    contradictions.set(now.path, found);
    gaps.push(found);
  };

  /** Of a machine only what decides is kept: there are many, and they are large. */
  const keepMachine = (path: string, now: Instance): void => {
    const before = machines.add(path, now);
    if (before !== undefined) {
      if (!contradictions.has(now.path) && !areAlike(before, now)) contradict(before, now);
      return;
    }
    if (now.project !== undefined) owners.add(now.project);
    for (const { network } of now.interfaces) noteGuest(guests, network, now.project);
  };

  /** A thing that nobody can place makes its list one that was not read in full. */
  const lose = (key: string, at: Source): void => {
    const found = gap("unreadable", problems.noLink(placeOf(at)), at);
    gaps.push(found);
    refused.push({ key, how: { project: undefined, region: undefined, how: "cut", gap: found } });
  };

  const readers: Readonly<Record<string, (answer: Answer) => void>> = {
    instances: ({ body, at }) => {
      const path = pathOfThing(body);
      if (path === undefined) lose("instances", at);
      else keepMachine(path, readInstance({ path, raw: body, at }, machines));
    },
    [LIST]: ({ body, at, scope }) => {
      const of = text(body["of"]) ?? "";
      const isOfAll = body["all"] === true;
      told.push({
        collection: text(body["collection"]) ?? "",
        project: projectOf(of),
        region: isOfAll ? undefined : (regionOfList(of) ?? scope.region),
        cut: body["cut"] === true,
        missing: texts(body["missing"]),
        at,
      });
    },
    effective: ({ body, at, scope }) => {
      const path = text(body["path"]) ?? at.file;
      const stem = effectiveOf(path);
      if (stem === undefined) {
        const what = "the effective firewalls of a network";
        gaps.push(gap("unreadable", problems.noNetworkName(at.file, what), at));
      } else unplaced.push({ stem, path, region: scope.region, fact: { path: "", raw: body, at } });
    },
    ancestors: ({ body }) => {
      const chain = items(body["items"]).map((each) => [text(each["type"]) ?? "", text(each["id"]) ?? ""] as const);
      const project = chain.find(([type]) => type === "project")?.[1];
      const above = chain.filter(([type]) => type !== "project").map(([type, id]) => `${type}s/${id}`);
      if (project !== undefined) ancestors.set(project, topDown(above));
    },
    cloudProjects: ({ body }) => {
      const above = parentOf(body["parent"]);
      const names = [text(body["projectId"]), text(body["projectNumber"])];
      for (const name of names) if (name !== undefined && above !== undefined) parents.set(`projects/${name}`, above);
    },
    folders: ({ body }) => {
      const [name, above] = [text(body["name"]), parentOf(body["parent"])];
      if (name !== undefined && above !== undefined) parents.set(name, above);
    },
    [MEMBERS]: ({ body, at }) => {
      const stem = text(body["stem"]);
      if (stem !== undefined)
        return void unplacedGroups.push({ stem, members: items(body["items"]).map(memberOf), at });
      const group = pathOf(text(body["selfLink"]) ?? text(body["id"])).replace(/\/list\w+$/, "");
      const known = groups.get(group) ?? [];
      groups.set(group, [...known, ...items(body["items"]).map(memberOf)]);
    },
    routerStatus: ({ body, at, scope: { region } }) => {
      const status = raw(body["result"]);
      const network = pathOf(text(status["network"]));
      const best = inside(inside(at, "result"), "bestRoutes");
      const routes = items(status["bestRoutes"]).map((each, i) => {
        const name = `learned-${text(each["destRange"]) ?? i}`;
        return { path: `${network}/${name}`, raw: { ...each, name, network }, at: inside(best, i) };
      });
      // What a router has learned itself comes by tunnels and attachments of its own region.
      const tunnels = items(status["bestRoutesForRouter"]).flatMap(
        (each) => text(each["nextHopVpnTunnel"]) ?? text(each["nextHopInterconnectAttachment"]) ?? [],
      );
      const where = region ?? regionOf(pathOf(tunnels[0]));
      if (network !== "") learned.push({ network, region: where, routes });
    },
    tagBindings: ({ body }) => {
      const [parent, value] = [text(body["parent"]), text(body["tagValue"])];
      if (parent !== undefined && value !== undefined) bindings.push({ parent, value });
    },
  };

  const readAnswer = (answer: Answer): void => {
    const { key, body, at } = answer;
    const reader = readers[key];
    if (reader !== undefined) return reader(answer);
    const path = key === "addressGroups" ? text(body["name"]) : pathOfThing(body);
    if (!isNoun(key)) return;
    if (path === undefined || (OF_NETWORK.has(key) && text(body["network"]) === undefined)) lose(key, at);
    else keep(things[key], { path, raw: body, at });
  };

  const note = (key: string, heard: Asked): void => void asked.set(key, [...(asked.get(key) ?? []), heard]);

  /** What the call would have told is not known. */
  const doWithout = (call: string, { account, region }: Scope, found: Gap): void => {
    gaps.push(found);
    for (const key of keysOf(call))
      refused.push({ key, how: { project: account, region, how: "refused", gap: found } });
  };

  const add = (answer: RawAnswer): void => {
    switch (answer.is) {
      case "answer":
        return readAnswer(answer);
      case "refused": {
        const { call, scope, why, at } = answer;
        const where = [scope.account && `in project ${scope.account}`, scope.region && `in ${scope.region}`];
        const said = where.filter(Boolean).join(" ") || "by the cloud";
        return doWithout(call, scope, gap("refused", problems.refused(call, said, why), at));
      }
      case "lost":
        return doWithout(
          answer.call,
          answer.scope,
          gap("missing", problems.lostFile(answer.file, answer.call), answer.at),
        );
      case "visited":
        return void visited.push(answer.scope);
    }
  };

  /** A list whose every page says that more follow was cut; a page that does not say so is the last. */
  const noteLists = (): void => {
    const groups = Map.groupBy(told, ({ collection, project, region }) => `${collection} ${project} ${region}`);
    for (const pages of groups.values()) {
      const [first] = pages;
      if (first === undefined) continue;
      const { collection, project, region } = first;
      const isCut = pages.every(({ cut }) => cut);
      const holes = [...new Set(pages.flatMap(({ missing }) => missing))].toSorted();
      if (!isCut && holes.length === 0) note(collection, { project, region, how: "read" });
      const found = isCut
        ? gap("missing", problems.incomplete(first.at.file, collection), first.at)
        : gap("missing", problems.partial(first.at.file, collection, holes.join(", ")), first.at);
      if (isCut || holes.length > 0) {
        gaps.push(found);
        note(collection, { project, region, how: "cut", gap: found });
      }
    }
    for (const { key, how: heard } of refused) note(key, heard);
  };

  const chainOf = (project: string): readonly string[] | undefined => {
    const known = ancestors.get(project);
    if (known !== undefined) return known;
    const above: string[] = [];
    for (let step = parents.get(`projects/${project}`); step !== undefined; step = parents.get(step)) {
      if (above.includes(step)) return undefined;
      above.unshift(step);
    }
    return above[0]?.startsWith("organizations/") === true ? above : undefined;
  };

  const facts = (): Facts => {
    noteLists();
    const projects = new Set(
      nouns.flatMap((noun) => [...things[noun].keys()]).flatMap((path) => projectOf(path) ?? []),
    );
    for (const project of owners) projects.add(project);
    for (const { project } of told) if (project !== undefined) projects.add(project);
    // A list that does not say whose it is may be that of the machine's project, or of its network's.
    for (const network of guests.keys()) projects.add(projectOf(network) ?? "");
    projects.delete("");
    placeGroups(unplacedGroups, groups, things, gaps);
    const effective = placed(unplaced, machines, guests, things, gaps);
    return {
      how,
      read: {},
      instances: machines,
      guests,
      things,
      effective,
      learned,
      ancestors: new Map(
        [...projects].flatMap((each) => {
          const chain = chainOf(each);
          return chain === undefined ? [] : [[each, chain] as const];
        }),
      ),
      secureTags: boundTags(bindings, machines),
      groups,
      asked,
      visited,
      projects,
      contradictions,
      gaps,
    };
  };
  return { add, facts };
};

interface Found {
  readonly path: string;
  readonly at: Source;
}

/** Whether two answers tell the same of a machine, wherever they stand. */
const areAlike = (a: Instance, b: Instance): boolean => gistOf(a) === gistOf(b);

const gistOf = ({ id, name, number, status, tags, accounts, interfaces }: Instance): string =>
  JSON.stringify({ id, name, number, status, tags, accounts, interfaces }, (key, value: unknown) =>
    key === "owner" || key === "place" ? undefined : value,
  );

/** Things that mean nothing without their network. */
const OF_NETWORK = new Set<string>(["firewalls", "routes", "subnetworks"]);

/** A project's own answer has no self link in older dumps; others always have. */
const pathOfThing = (body: Raw): string | undefined => {
  const link = text(body["selfLink"]);
  if (link !== undefined) return pathOf(link);
  const [zone, region, name] = [text(body["zone"]), text(body["region"]), text(body["name"])];
  const collection = text(body["kind"]) === "compute#instance" ? "instances" : undefined;
  const home = zone ?? region;
  return home !== undefined && collection !== undefined && name !== undefined
    ? `${pathOf(home)}/${collection}/${name}`
    : undefined;
};

/** The region, or the one zone, that a list is of. */
const regionOfList = (of: string): string | undefined => zoneOf(of) ?? regionOf(`${of}/`);

const placeOf = ({ file, pointer }: Source): string => `${file}#${pointer}`;

const noteGuest = (guests: Map<string, Set<string>>, network: string, project: string | undefined): void => {
  const there = guests.get(network) ?? new Set();
  guests.set(network, there);
  if (project !== undefined) there.add(project);
};

/** A group is the one whose name ends the file's, among those that a backend service has or a list tells. */
const placeGroups = (
  unplaced: readonly UnplacedGroup[],
  groups: Map<string, Member[]>,
  things: Facts["things"],
  gaps: Gap[],
): void => {
  const known = new Set([
    ...things.instanceGroups.keys(),
    ...[...things.backendServices.values()].flatMap(({ raw: service }) =>
      items(service["backends"]).map((each) => pathOf(text(each["group"]))),
    ),
  ]);
  for (const { stem, members, at } of unplaced) {
    const named = [...known].filter((path) => stem === nameOf(path) || stem.endsWith(`-${nameOf(path)}`));
    const longest = Math.max(0, ...named.map((path) => nameOf(path).length));
    const [group, ...others] = named.filter((path) => nameOf(path).length === longest);
    if (group !== undefined && others.length === 0) groups.set(group, [...(groups.get(group) ?? []), ...members]);
    else
      gaps.push(
        gap("unreadable", problems.noEntryName(at.file, "the members of a group", "instances-of-web-ig.json"), at),
      );
  }
};

const memberOf = (each: Raw): Member => {
  const point = raw(each["networkEndpoint"]);
  return {
    instance: pathOf(text(each["instance"]) ?? text(point["instance"])),
    address: text(point["ipAddress"]),
    port: number(point["port"]),
  };
};

/** Members that change from answer to answer and decide nothing. */
const PASSING = /ingerprint$|^last\w+Timestamp$|^kind$|^etag$|^selfLink/;

const canonical = (value: Raw): string => JSON.stringify(value, sorted);
const sorted = (key: string, value: unknown): unknown => {
  if (PASSING.test(key)) return undefined;
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;
};

const same = (a: Raw, b: Raw): boolean => canonical(a) === canonical(b);

/** Whether the first is the second without its rules, as lists of policies print them. */
const isPart = (some: Fact, whole: Fact): boolean =>
  some.raw["rules"] === undefined && whole.raw["rules"] !== undefined && pathOf(some.path) === pathOf(whole.path);

const parentOf = (parent: unknown): string | undefined => {
  const typed = raw(parent);
  const [type, id] = [text(typed["type"]), text(typed["id"])];
  return type !== undefined && id !== undefined ? `${type}s/${id}` : text(parent);
};

/** gcloud prints a project's ancestors from the project up. */
const topDown = (above: readonly string[]): readonly string[] =>
  above[0]?.startsWith("organizations/") === true ? above : above.toReversed();

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** A machine by its zone and its number, or by its name where only one is called so there. */
const boundTags = (
  bindings: readonly { readonly parent: string; readonly value: string }[],
  instances: Instances,
): ReadonlyMap<string, ReadonlySet<string>> => {
  const found = new Map<string, Set<string>>();
  if (bindings.length === 0) return found;
  const called = new Map<string, Set<Instance>>();
  for (const each of instances.all)
    for (const id of [each.number, each.name])
      if (id !== undefined) {
        const key = `${each.zone} ${id}`;
        called.set(key, (called.get(key) ?? new Set()).add(each));
      }
  for (const { parent, value } of bindings) {
    const [, project = "", zone, id] =
      /\/projects\/([^/]+)\/zones\/([^/]+)\/instances\/([^/]+)$/.exec(decoded(parent)) ?? [];
    const all = [...(called.get(`${zone} ${id}`) ?? [])];
    const own = /^\d+$/.test(project) ? all : all.filter((each) => each.project === project);
    const [only, ...others] = own;
    if (only !== undefined && others.length === 0) found.set(only.path, (found.get(only.path) ?? new Set()).add(value));
  }
  return found;
};

/** Effective answers with what their names mean: a network, a network in a region, or an interface of a machine. */
const placed = (
  unplaced: readonly Unplaced[],
  instances: Instances,
  guests: Facts["guests"],
  things: Facts["things"],
  gaps: Gap[],
): readonly Effective[] => {
  const networks = new Set([
    ...things.networks.keys(),
    ...[...things.firewalls.values()].map(({ raw: rule }) => pathOf(text(rule["network"]))),
    ...guests.keys(),
  ]);
  const named = (name: string, path: string): readonly string[] => {
    const all = [...networks].filter((each) => nameOf(each) === name);
    const steps = path.split(/[/\\]/);
    const near = all.filter((each) => steps.includes(projectOf(each) ?? ""));
    return near.length === 1 ? near : all;
  };
  let byName: ReadonlyMap<string, readonly Instance[]> | undefined;
  const called = (name: string): readonly Instance[] => {
    byName ??= Map.groupBy(instances.all, (each) => each.name);
    return byName.get(name) ?? [];
  };
  const place = ({ stem, path, region, fact }: Unplaced): readonly Effective[] => {
    const [, network = "", inRegion] = /^(.+)-([a-z]+-[a-z]+\d+)$/.exec(stem) ?? [];
    const [, machine = "", name] = /^(.+)-(nic\d+)$/.exec(stem) ?? [];
    const whole = named(stem, path);
    if (whole.length > 0) return whole.map((each) => ({ network: each, region, interface: undefined, fact }));
    const part = named(network, path);
    if (part.length > 0) return part.map((each) => ({ network: each, region: inRegion, interface: undefined, fact }));
    return called(name === undefined ? stem : machine)
      .flatMap((each) => each.interfaces.filter((nic) => nic.name === (name ?? "nic0")))
      .map((nic) => ({ network: nic.network, region: nic.region, interface: nic.id, fact }));
  };
  return unplaced.flatMap((each) => {
    const found = place(each);
    const machines = new Set(found.map(({ interface: id, network }) => id ?? network));
    if (machines.size === 1) return found;
    gaps.push(gap("unreadable", problems.noNetworkName(each.fact.at.file, "effective firewalls"), each.fact.at));
    return [];
  });
};
