import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { RawAnswer, Reading, Scope } from "#model/provider.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { problems } from "#problems.ts";
import { isArmId, keyOf, nameOf, ownerOf, subscriptionOf } from "./arm-id.ts";
import { disagreements } from "./effective-rules.ts";
import type { Asked, Effective, Fact, Facts, Noun, Told } from "./facts.ts";
import { nouns } from "./facts.ts";
import { agree, decisive } from "./likeness.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { isForeign, readInterface } from "./network-interface.ts";
import { keysOf } from "./permissions.ts";
import type { Raw } from "./raw.ts";
import { isRaw, items, loosely, memberRaw, text } from "./raw.ts";
import { LIST, calledIn } from "./recognise.ts";
import type { VirtualMachine } from "./virtual-machine.ts";
import { merged, readMachine } from "./virtual-machine.ts";

type Answer = Extract<RawAnswer, { is: "answer" }>;

/** A list as it was told: whose, and whether more follows. */
interface ToldList {
  readonly collection: string;
  readonly subscription: string | undefined;
  readonly cut: boolean;
  readonly stem: string;
  readonly path: string;
  readonly at: Source;
}

/** An answer for one thing before it is known what is called like that. */
interface Unplaced {
  readonly key: string;
  readonly called: string | undefined;
  readonly path: string;
  readonly account: string | undefined;
  readonly effective: Effective;
}

const isNoun = (key: string): key is Noun => nouns.some((noun) => noun === key);

/** Puts every answer where it can be found by its id. Concludes nothing. */
export const factReader = (
  how: Reading,
): { readonly add: (answer: RawAnswer) => void; readonly facts: () => Facts } => {
  const machines = new Map<string, VirtualMachine>();
  const nics = new Map<string, NetworkInterface>();
  const things: Record<Noun, Map<string, Fact>> = {
    networkSecurityGroups: new Map(),
    publicIPAddresses: new Map(),
    publicIPPrefixes: new Map(),
    virtualNetworks: new Map(),
    subnets: new Map(),
    routeTables: new Map(),
    applicationSecurityGroups: new Map(),
    loadBalancers: new Map(),
    azureFirewalls: new Map(),
    firewallPolicies: new Map(),
    ruleCollectionGroups: new Map(),
    ipGroups: new Map(),
    applicationGateways: new Map(),
    bastionHosts: new Map(),
    virtualNetworkGateways: new Map(),
    natGateways: new Map(),
    virtualMachineScaleSets: new Map(),
    networkManagers: new Map(),
  };
  const serviceTags: Fact[] = [];
  const adminRules = new Map<string, Effective>();
  const views: { readonly called: string; readonly machine: VirtualMachine }[] = [];
  const unplaced: Unplaced[] = [];
  const told: ToldList[] = [];
  const asked = new Map<string, Asked[]>();
  const visited: Scope[] = [];
  const contradictions = new Map<string, Gap>();
  const gaps: Gap[] = [];
  const refused: { readonly key: string; readonly how: Asked }[] = [];

  const contradict = (key: string, name: string, before: Source, now: Source): void => {
    if (contradictions.has(key)) return;
    const found = gap("unreadable", problems.contradicts(name, placeOf(before), placeOf(now)), now);
    contradictions.set(key, found);
    gaps.push(found);
  };

  /** Keeps a thing unless one is there by its id; two that differ are a contradiction. */
  const keep = (known: Map<string, Fact>, fact: Fact): void => {
    const key = keyOf(fact.id);
    const before = known.get(key);
    if (before === undefined) return void known.set(key, fact);
    if (!agree(before.raw, fact.raw)) contradict(key, nameOf(fact.id), before.at, fact.at);
    else known.set(key, { ...together(before, fact), id: before.id });
  };

  const keepNic = (now: NetworkInterface): void => {
    const before = nics.get(now.key);
    if (before === undefined) return void nics.set(now.key, now);
    if (gist(before) !== gist(now)) contradict(now.key, now.name, before.at, now.at);
    else if (now.isPrimary && !before.isPrimary) nics.set(now.key, now);
  };

  const keepMachine = (now: VirtualMachine): void => {
    const before = machines.get(now.key);
    if (before === undefined) return void machines.set(now.key, now);
    const [first, second] = [before.interfaces, now.interfaces];
    const differ = first !== undefined && second !== undefined && keyOf(first.join()) !== keyOf(second.join());
    if (differ) contradict(now.key, now.name, before.at, now.at);
    machines.set(now.key, merged(before, now));
  };

  /** A thing that nobody can place makes its list one that was not read in full. */
  const lose = (key: string, at: Source): void => {
    const found = gap("unreadable", problems.noLink(placeOf(at)), at);
    gaps.push(found);
    refused.push({ key, how: { subscription: undefined, how: "cut", gap: found } });
  };

  const factOf = (key: string, { body, at }: Answer): Fact | undefined => {
    const id = text(body["id"]) ?? text(body["Id"]);
    if (id !== undefined && isArmId(id)) return { id, raw: body, at };
    lose(key, at);
    return undefined;
  };

  const nic = (answer: Answer): void => {
    const fact = factOf("networkInterfaces", answer);
    if (fact !== undefined && !isForeign(fact.raw)) keepNic(readInterface(fact));
  };

  const machine = (answer: Answer): void => {
    const called = text(answer.body["called"]);
    if (called !== undefined) {
      const { at, body } = answer;
      return void views.push({ called, machine: readMachine({ id: "", raw: body, at }) });
    }
    const fact = factOf("virtualMachines", answer);
    if (fact !== undefined) keepMachine(readMachine({ ...fact, id: fact.id.replace(/\/instanceView(?:\/.*)?$/i, "") }));
  };

  const effective = ({ key, body, at, scope }: Answer): void =>
    void unplaced.push({
      key,
      called: text(body["called"]),
      path: text(body["path"]) ?? at.file,
      account: scope.account,
      effective: {
        items: items(body["items"]).map((raw, i) => ({ raw, at: inside(at, i) })),
        at,
        whole: body["whole"] === true,
      },
    });

  const readers: Readonly<Record<string, (answer: Answer) => void>> = {
    networkInterfaces: nic,
    scaleSetNetworkInterfaces: nic,
    virtualMachines: machine,
    instanceViews: machine,
    scaleSetVirtualMachines: machine,
    scaleSetPublicIPAddresses: (answer) => {
      const fact = factOf("publicIPAddresses", answer);
      if (fact !== undefined) keep(things.publicIPAddresses, fact);
    },
    serviceTags: ({ body, at }) => void serviceTags.push({ id: text(body["id"]) ?? "", raw: body, at }),
    subscriptions: () => undefined,
    effectiveSecurityAdminRules: (answer) => {
      const [row] = items(answer.body["rows"]);
      if (row === undefined) return effective(answer);
      const id = text(row["id"]) ?? "";
      const vnet = /^(.*\/virtualNetworks\/[^/]+)\//i.exec(id)?.[1];
      if (vnet === undefined) return lose("effectiveSecurityAdminRules", answer.at);
      adminRules.set(keyOf(vnet), ofGraph(row, answer.at));
    },
    effectiveConnectivity: effective,
    effectiveNetworkSecurityGroups: effective,
    effectiveRoutes: effective,
    [LIST]: ({ body, at }) =>
      void told.push({
        collection: text(body["collection"]) ?? "",
        subscription: text(body["of"]),
        cut: body["cut"] === true,
        stem: text(body["stem"]) ?? "",
        path: text(body["path"]) ?? at.file,
        at,
      }),
  };

  const readAnswer = (answer: Answer): void => {
    const reader = readers[answer.key];
    if (reader !== undefined) return reader(answer);
    if (!isNoun(answer.key)) return;
    const fact = factOf(answer.key, answer);
    if (fact !== undefined) keep(things[answer.key], fact);
  };

  const note = (key: string, heard: Asked): void => {
    const known = asked.get(key);
    if (known === undefined) asked.set(key, [heard]);
    else known.push(heard);
  };

  /** What the call would have told is not known. */
  const doWithout = (call: string, { account }: Scope, found: Gap): void => {
    gaps.push(found);
    for (const key of keysOf(call))
      refused.push({ key, how: { subscription: account?.toLowerCase(), how: "refused", gap: found } });
  };

  const add = (answer: RawAnswer): void => {
    switch (answer.is) {
      case "answer":
        return readAnswer(answer);
      case "refused": {
        const { call, scope, why, at } = answer;
        const said = scope.account === undefined ? "by the cloud" : `in subscription ${scope.account}`;
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
    const groups = Map.groupBy(told, ({ collection, subscription, stem }) =>
      calledIn(collection, stem) === undefined
        ? `${collection} ${subscription}`
        : `${collection} ${subscription} ${stem}`,
    );
    for (const pages of groups.values()) {
      const [first] = pages;
      if (first === undefined) continue;
      const { collection, subscription } = first;
      if (!pages.every(({ cut }) => cut)) {
        note(collection, { subscription, how: "read" });
        continue;
      }
      const found = gap("missing", problems.incomplete(first.at.file, collection), first.at);
      gaps.push(found);
      note(collection, { subscription, how: "cut", gap: found });
    }
    for (const { key, how: heard } of refused) note(key, heard);
  };

  const facts = (): Facts => {
    noteLists();
    const byName = Map.groupBy(views.length === 0 ? [] : machines.values(), ({ name }) => name.toLowerCase());
    for (const { called, machine: view } of views) {
      const [first, ...others] = byName.get(called.toLowerCase()) ?? [];
      const own = first === undefined ? undefined : machines.get(first.key);
      if (own !== undefined && others.length === 0) machines.set(own.key, merged(own, view));
      else
        gaps.push(
          gap(
            "unreadable",
            problems.noEntryName(view.at.file, "the state of a machine", "instance-view-web-1.json"),
            view.at,
          ),
        );
    }
    const placed = place(unplaced, { nics, things, note, gaps, adminRules });
    for (const [key, found] of disagreements(placed.effectiveRules, things.networkSecurityGroups)) {
      contradictions.set(key, found);
      gaps.push(found);
    }
    return {
      how,
      read: {},
      machines,
      nics,
      things,
      ...placed,
      adminRules,
      serviceTags,
      listedSets: listedSets(
        told,
        nics,
        [...things.virtualMachineScaleSets.values()].map(({ id }) => id),
      ),
      asked,
      visited,
      subscriptions: subscriptionsIn(machines, nics, things, told),
      contradictions,
      gaps,
    };
  };
  return { add, facts };
};

const placeOf = ({ file, pointer }: Source): string => `${file}#${pointer}`;

/** Of two that agree the one that tells more, with what only the other one tells. */
const together = (a: Fact, b: Fact): Fact => {
  const [first, second] = [decisive(a.raw), decisive(b.raw)];
  const [most, [more, less]] = second.size > first.size ? [b, [second, first]] : [a, [first, second]];
  const missing = [...less].filter(([key]) => !more.has(key)).map(([, member]) => member);
  return missing.length === 0 ? most : { ...most, raw: { ...most.raw, ...Object.fromEntries(missing) } };
};

/** What an interface says, wherever it was read and however its ids are spelled. */
const gist = (nic: NetworkInterface): string =>
  JSON.stringify(nic, (key, value: unknown) =>
    key === "at" || key === "nic" || key === "isPrimary" || key === "cloud" || key === "location" || key === "name"
      ? undefined
      : value,
  ).toLowerCase();

/** A row of Resource Graph, in which the rules stand wherever the version of the day puts them. */
const ofGraph = (row: Raw, at: Source): Effective => {
  const rules: Told[] = [];
  let configurations = 0;
  const look = (value: unknown, where: Source): void => {
    if (Array.isArray(value))
      value.forEach((each, i) => look(each, { file: where.file, pointer: `${where.pointer}/${i}` }));
    if (!isRaw(value)) return;
    if (loosely(value, "access") !== undefined && loosely(value, "direction") !== undefined) {
      rules.push({ raw: value, at: where });
      return;
    }
    for (const [key, each] of Object.entries(value)) {
      if (/^effectiveSecurityAdminConfigurations$/i.test(key)) configurations = items(each).length;
      look(each, { file: where.file, pointer: `${where.pointer}/${key}` });
    }
  };
  look(row["properties"] ?? {}, { file: at.file, pointer: `${at.pointer}/properties` });
  return { items: rules, at, whole: rules.length > 0 || configurations === 0 };
};

/** Scale sets of which some interface was listed, or whose list was empty. */
const listedSets = (
  told: readonly ToldList[],
  nics: ReadonlyMap<string, NetworkInterface>,
  sets: readonly string[],
): ReadonlySet<string> => {
  const found = new Set<string>();
  for (const { key, machine } of nics.values())
    if (key.includes("/virtualmachinescalesets/") && machine !== undefined) found.add(keyOf(ownerOf(machine)));
  const byNames = byName(sets);
  for (const { collection, stem, path, subscription } of told) {
    const called = collection === "scaleSetNetworkInterfaces" ? calledIn(collection, stem) : undefined;
    const set = called === undefined ? undefined : named(byNames, called, path, subscription);
    if (set !== undefined) found.add(keyOf(set));
  }
  return found;
};

const subscriptionsIn = (
  machines: Facts["machines"],
  nics: Facts["nics"],
  things: Facts["things"],
  told: readonly ToldList[],
): ReadonlySet<string> => {
  const found = new Set<string>();
  const put = (subscription: string | undefined): void => {
    if (subscription !== undefined) found.add(subscription);
  };
  for (const each of machines.values()) put(each.subscription);
  for (const each of nics.values()) put(each.subscription);
  for (const noun of nouns) for (const { id } of things[noun].values()) put(subscriptionOf(id));
  for (const { subscription } of told) put(subscription);
  return found;
};

interface Places {
  readonly nics: ReadonlyMap<string, NetworkInterface>;
  readonly things: Facts["things"];
  readonly note: (key: string, heard: Asked) => void;
  readonly gaps: Gap[];
  readonly adminRules: Map<string, Effective>;
}

type Placed = Pick<Facts, "connectivity" | "effectiveRules" | "effectiveRoutes">;

/** Answers for one thing with what their files' names mean: a VNet, or an interface. */
const place = (all: readonly Unplaced[], { nics, things, note, gaps, adminRules }: Places): Placed => {
  const connectivity = new Map<string, Effective>();
  const effectiveRules = new Map<string, Effective>();
  const effectiveRoutes = new Map<string, Effective>();
  const kinds = {
    effectiveSecurityAdminRules: { to: adminRules, among: "vnets", such: "effective-security-admin-rules-hub.json" },
    effectiveConnectivity: { to: connectivity, among: "vnets", such: "effective-connectivity-hub.json" },
    effectiveNetworkSecurityGroups: {
      to: effectiveRules,
      among: "nics",
      such: "effective-network-security-groups-web-1-nic.json",
    },
    effectiveRoutes: { to: effectiveRoutes, among: "nics", such: "effective-route-table-web-1-nic.json" },
  } as const;
  const vnets = byName([...things.virtualNetworks.values()].map(({ id }) => id));
  const interfaces = byName(all.length === 0 ? [] : [...nics.values()].map(({ id }) => id));
  const isKind = (key: string): key is keyof typeof kinds => Object.hasOwn(kinds, key);
  for (const { key, called, path, account, effective } of all) {
    if (!isKind(key)) continue;
    const { to, among, such } = kinds[key];
    const own = among === "nics" ? ownerTold(effective) : undefined;
    const found = own ?? named(among === "nics" ? interfaces : vnets, called, path, account);
    if (found === undefined) {
      const lost = gap(
        "unreadable",
        problems.noEntryName(effective.at.file, "an effective answer", such),
        effective.at,
      );
      gaps.push(lost);
      // It may be of any of them, so that none of them is known to have no such rules.
      note(key, { subscription: account, how: "cut", gap: lost });
      continue;
    }
    const before = to.get(keyOf(found));
    to.set(
      keyOf(found),
      before === undefined || placeOf(before.at) === placeOf(effective.at)
        ? effective
        : { ...before, items: [...before.items, ...effective.items], whole: before.whole || effective.whole },
    );
  }
  return { connectivity, effectiveRules, effectiveRoutes };
};

/** The interface that effective groups say that they are of. */
const ownerTold = ({ items: list }: Effective): string | undefined => {
  for (const each of list) {
    const on = text(memberRaw(memberRaw(each.raw, "association") ?? {}, "networkInterface")?.["id"]);
    if (on !== undefined) return on;
  }
  return undefined;
};

const byName = (ids: readonly string[]): ReadonlyMap<string, readonly string[]> =>
  Map.groupBy(ids, (id) => nameOf(id).toLowerCase());

/** The one thing of the subscription that is called so; of several, the one whose resource group is a folder above. */
const named = (
  ids: ReadonlyMap<string, readonly string[]>,
  called: string | undefined,
  path: string,
  account: string | undefined,
): string | undefined => {
  if (called === undefined) {
    const [[only, ...more] = [], ...others] = ids.values();
    return more.length === 0 && others.length === 0 ? only : undefined;
  }
  const all = (ids.get(called.toLowerCase()) ?? []).filter(
    (id) => account === undefined || subscriptionOf(id) === account,
  );
  const steps = path.toLowerCase().split(/[/\\]/).slice(0, -1);
  const inGroup = all.filter((id) => steps.includes((/\/resourcegroups\/([^/]+)/i.exec(id)?.[1] ?? "").toLowerCase()));
  for (const some of [all, inGroup]) if (some.length === 1) return some[0];
  return undefined;
};
