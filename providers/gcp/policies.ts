import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Evidence } from "#model/evidence.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { problems } from "#problems.ts";
import type { Effective, Fact, Facts } from "./facts.ts";
import { askedFor, effectiveFor, gapFor, hostOf } from "./facts.ts";
import type { Policy, Tier } from "./firewall-policy.ts";
import { priorityOf, rulesOf } from "./firewall-policy.ts";
import type { Instance } from "./instance.ts";
import { linkOf, nameOf, pathOf, projectOf, regionOf } from "./link.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { permissionFor } from "./permissions.ts";
import type { Raw } from "./raw.ts";
import { areSame, items, number, text } from "./raw.ts";

/** A policy that is read for an interface, or may be: `doubt` says why, `or` is what it is where another answer holds. */
export interface Applied {
  readonly policy: Policy;
  readonly doubt?: Gap;
  readonly or?: Policy;
}

export type Assumed = Extract<Evidence, { readonly saw: "assumed" }>;

/** The policies of one tier for an interface, in order; or why nobody knows them; or what is taken for granted. */
export type Layer =
  | { readonly is: "known"; readonly policies: readonly Applied[]; readonly assumed?: Assumed }
  | { readonly is: "assumed"; readonly seen: Assumed }
  | { readonly is: "unread"; readonly gap: Gap };

export interface Layers {
  readonly hierarchical: Layer;
  readonly system: Layer;
  readonly global: Layer;
  readonly regional: Layer;
}

/** The policies that are read for an interface, by the answers that tell of it most closely. */
export const layersOf = (facts: Facts, nic: NetworkInterface, instance: Instance): Layers => {
  const best = bestAnswer(facts, nic);
  const told = best === undefined ? [] : policiesIn(best);
  // What is above the regions is the same in each of them.
  const wide = best ?? effectiveFor(facts, nic).find((each) => each.interface === undefined);
  const ofAll = (tier: Tier): readonly Policy[] =>
    wide === undefined ? [] : policiesIn(wide).filter((each) => each.tier === tier && !isSystemOfRegion(each.path));
  const of = (tier: Tier): readonly Policy[] => told.filter((each) => each.tier === tier);
  const isRegional =
    best?.region !== undefined || told.some(({ tier, path }) => tier === "regional" || isSystemOfRegion(path));
  const hierarchical =
    wide === undefined
      ? hierarchyOf(facts, nic, instance)
      : compared(facts, wide, "hierarchical", ofAll("hierarchical"), nic);
  return {
    hierarchical,
    system:
      best !== undefined && isRegional
        ? { is: "known", policies: ordered(of("system")).map((policy) => doubted(facts, best, policy)) }
        : hierarchical.is === "known"
          ? systemOf(facts, nic, wide, ordered(ofAll("system")))
          : NOTHING, // told of with the hierarchical ones
    global:
      wide === undefined ? ownPolicies(facts, nic, "global") : compared(facts, wide, "global", ofAll("global"), nic),
    regional:
      isRegional && best !== undefined
        ? compared(facts, best, "regional", of("regional"), nic)
        : ownPolicies(facts, nic, "regional"),
  };
};

const doubted = (facts: Facts, best: Effective, policy: Policy): Applied => {
  const doubt = oddness(facts, best, policy);
  return doubt === undefined ? { policy } : { policy, doubt };
};

/** Only the answer for a region tells of the policies that Google has there; refused, it is not empty. */
const systemOf = (facts: Facts, nic: NetworkInterface, best: Effective | undefined, told: readonly Policy[]): Layer => {
  const host = hostOf(nic.network);
  const keys = best === undefined ? (["effectiveRegion", "effective"] as const) : (["effectiveRegion"] as const);
  const refused = keys.find((key) => askedFor(facts, key, host, nic.region) === "refused");
  const where = nic.region ?? "the region";
  if (refused === undefined && !facts.how.strict) {
    const ask = permissionFor("effectiveRegion")?.cli ?? "";
    const assumed: Assumed = { saw: "assumed", says: `no system firewall policy of ${where} applies`, ask };
    return { is: "known", policies: told.map((policy) => ({ policy })), assumed };
  }
  const what = `the system firewall policies of ${where}`;
  return { is: "unread", gap: gapFor(facts, refused ?? "effectiveRegion", what, host) };
};

const NOTHING: Layer = { is: "known", policies: [] };

/** Of the machine's interface, else of its network and region, else of its network. */
const bestAnswer = (facts: Facts, nic: NetworkInterface): Effective | undefined => {
  const those = effectiveFor(facts, nic).filter((each) => each.region === undefined || each.region === nic.region);
  return (
    those.find((each) => each.interface === nic.id) ??
    those.find((each) => each.interface === undefined && each.region !== undefined) ??
    those.find((each) => each.interface === undefined)
  );
};

/** In which tier an effective answer puts a policy. */
export const TIERS: ReadonlyMap<string, Tier> = new Map([
  ["HIERARCHY", "hierarchical"],
  ["SYSTEM", "system"],
  ["SYSTEM_GLOBAL", "system"],
  ["SYSTEM_REGIONAL", "system"],
  ["NETWORK", "global"],
  ["NETWORK_REGIONAL", "regional"],
]);

const isSystemOfRegion = (path: string): boolean => path.startsWith("SYSTEM_REGIONAL ");

/** The policies in an effective answer. A type that is not known here could stand anywhere, and is read first. */
const policiesIn = ({ network, region, interface: nic, fact }: Effective): readonly Policy[] =>
  items(fact.raw["firewallPolicys"]).map((raw, i): Policy => {
    const type = text(raw["type"]) ?? "HIERARCHY";
    const tier = TIERS.get(type) ?? "hierarchical";
    const name = text(raw["name"]) ?? `policy ${i}`;
    const project = hostOf(network);
    const paths = {
      hierarchical: `locations/global/firewallPolicies/${name}`,
      system: `${type} ${name}`,
      global: `projects/${project}/global/firewallPolicies/${name}`,
      regional: `projects/${project}/regions/${region ?? "unknown"}/firewallPolicies/${name}`,
    } as const satisfies Record<Tier, string>;
    const path = text(raw["selfLink"]) === undefined ? paths[tier] : pathOf(text(raw["selfLink"]));
    return {
      tier,
      path,
      place: placeOf(raw, tier === "system" ? name : linkOf(path)),
      raw,
      at: inside(inside(fact.at, "firewallPolicys"), i),
      isOfMachine: nic !== undefined,
      isOfNetwork: true,
    };
  });

const placeOf = (raw: Raw, id: string): Policy["place"] => {
  const name = text(raw["shortName"]) ?? text(raw["displayName"]);
  return { kind: "firewall-policy", id, ...(name === undefined || name === nameOf(id) ? {} : { name }) };
};

/** Policies of one place by the priority of their association, and then by its name (gcp.md A1). */
const ordered = (policies: readonly Policy[]): readonly Policy[] =>
  policies.toSorted((a, b) => {
    const of = ({ raw }: Policy): number => number(raw["priority"]) ?? DEFAULT_PRIORITY;
    return of(a) - of(b) || (a.place.id < b.place.id ? -1 : 1);
  });
const DEFAULT_PRIORITY = 1000;

/** What an effective answer says, held against the policies themselves where they were read too. */
const compared = (facts: Facts, best: Effective, tier: Tier, told: readonly Policy[], nic: NetworkInterface): Layer => {
  const sorted = tier === "hierarchical" ? told : ordered(told);
  const known = sorted.map((policy): Applied => {
    const fact = facts.things.firewallPolicies.get(policy.path) ?? alike(facts, policy);
    const odd = oddness(facts, best, policy);
    if (odd !== undefined) return { policy, doubt: odd };
    if (fact === undefined || items(fact.raw["rules"]).length === 0) return { policy };
    const own = { ...policyOf(fact), place: { ...policyOf(fact).place, id: policy.place.id } };
    if (policy.isOfMachine) return { policy: { ...policy, place: own.place } };
    // Mostly the answers are the same to the letter, which is told faster.
    if (areSame(policy.raw["rules"], own.raw["rules"]) || gistOf(policy, nic) === gistOf(own, nic))
      return { policy: own };
    return { policy, doubt: disagreement(own.place, best.fact.at, fact.at), or: own };
  });
  const listed = new Set(known.flatMap(({ policy, or }) => [policy.path, or?.path]));
  const chain = facts.ancestors.get(hostOf(nic.network) ?? "") ?? [];
  const forgotten = [...facts.things.firewallPolicies.values()]
    .map(policyOf)
    .filter((own) => isTier(own, best, tier) && !listed.has(own.path))
    .filter((own) =>
      tier === "hierarchical"
        ? items(own.raw["associations"]).some((each) => chain.includes(nodeOf(each) ?? ""))
        : associationOf(own.raw, nic) !== undefined,
    )
    .map((own): Applied => ({ policy: own, doubt: disagreement(own.place, best.fact.at, own.at) }));
  // What is above the regions is the same in every answer of the network.
  const elsewhere = effectiveFor(facts, nic)
    .filter((each) => each !== best && each.interface === undefined)
    .flatMap((each) =>
      tier === "regional" ? [] : policiesIn(each).filter((other) => other.tier === tier && !listed.has(other.path)),
    )
    .filter((other) => !told.some(({ path }) => path === other.path))
    .map((other): Applied => ({ policy: other, doubt: disagreement(other.place, best.fact.at, other.at) }));
  return { is: "known", policies: [...known, ...forgotten, ...unique(elsewhere)] };
};

const unique = (all: readonly Applied[]): readonly Applied[] => [
  ...new Map(all.map((each) => [each.policy.path, each])).values(),
];

/** Why a policy of an effective answer may be none of this tier's, or none of this region's. */
const oddness = (facts: Facts, { network, region, fact }: Effective, { raw, tier, at }: Policy): Gap | undefined => {
  const type = text(raw["type"]);
  const where = textOf(at);
  if (type !== undefined && !TIERS.has(type))
    return gap("unreadable", problems.newerThanThis(`the policy type "${type}"`, where), at);
  if ((tier !== "regional" && type !== "SYSTEM_REGIONAL") || region !== undefined) return undefined;
  const nics = facts.instances.all.flatMap(({ interfaces }) => interfaces);
  const regions = new Set(nics.flatMap((nic) => (nic.network === network ? (nic.region ?? []) : [])));
  const how = permissionFor("effectiveRegion")?.cli ?? "";
  return regions.size < 2
    ? undefined
    : gap("missing", problems.missing(`the region of the policies in ${fact.at.file}`, how), at);
};

const isTier = (own: Policy, { region }: Effective, tier: Tier): boolean =>
  own.tier === tier && (tier !== "regional" || regionOf(own.path) === region);

/** An effective answer names a policy by its number or its name. */
const alike = (facts: Facts, { tier, raw }: Policy): Fact | undefined =>
  [...facts.things.firewallPolicies.values()].find((fact) => {
    const names = [text(fact.raw["name"]), text(fact.raw["id"]), nameOf(fact.path)];
    return tierOf(fact.path) === tier && names.includes(text(raw["name"]));
  });

const disagreement = ({ id, name }: Policy["place"], effective: Source, own: Source): Gap =>
  gap(
    "unreadable",
    problems.disagrees(`the firewall policy ${name ?? nameOf(id)}`, textOf(effective), textOf(own)),
    own,
  );

const textOf = ({ file, pointer }: Source): string => (pointer === "" ? file : `${file}#${pointer}`);

/** What decides, in one text: targets that the effective answer leaves out count only where they say no. */
const gistOf = (policy: Policy, { network }: NetworkInterface): string =>
  JSON.stringify(
    rulesOf(policy)
      .filter(({ rule }) => {
        const targets = Array.isArray(rule["targetResources"]) ? rule["targetResources"].map(String).map(pathOf) : [];
        return targets.length === 0 || targets.includes(network);
      })
      .map(({ rule }) => [
        priorityOf(rule),
        rule["action"],
        gist(rule["match"]),
        gist(rule["targetServiceAccounts"]),
        gist(rule["targetSecureTags"]),
        rule["targetType"] ?? "INSTANCES",
      ]),
  );

const gist = (value: unknown): unknown => {
  if (Array.isArray(value))
    return value.length === 0
      ? undefined
      : value
          .map(gist)
          .map((each) => JSON.stringify(each))
          .toSorted();
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "state")
      .map(([key, each]) => [key, gist(each)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
};

export const tierOf = (path: string): Tier => {
  if (path.startsWith("locations/")) return "hierarchical";
  return path.includes("/regions/") ? "regional" : "global";
};

const policyOf = ({ path, raw, at }: Fact): Policy => ({
  tier: tierOf(path),
  path,
  place: placeOf(raw, text(raw["selfLink"]) ?? linkOf(path)),
  raw,
  at,
  isOfMachine: false,
  isOfNetwork: false,
});

const associationOf = (raw: Raw, { network }: NetworkInterface): Raw | undefined =>
  items(raw["associations"]).find((each) => pathOf(text(each["attachmentTarget"])) === network);

/** One that names a network by the number of its project, which may be this network. */
const numberedAssociation = (raw: Raw, { network }: NetworkInterface): Raw | undefined =>
  items(raw["associations"]).find((each) => {
    const path = pathOf(text(each["attachmentTarget"]));
    return path !== network && /^projects\/\d+\//.test(path) && nameOf(path) === nameOf(network);
  });

const priorityIn = (association: Raw): number => number(association["priority"]) ?? DEFAULT_PRIORITY;

const byAssociation = (a: Raw, b: Raw): number =>
  priorityIn(a) - priorityIn(b) || ((text(a["name"]) ?? "") < (text(b["name"]) ?? "") ? -1 : 1);

/** Network policies from the policies themselves, by what they are associated with. */
const ownPolicies = (facts: Facts, nic: NetworkInterface, tier: "global" | "regional"): Layer => {
  const project = hostOf(nic.network);
  const region = tier === "regional" ? nic.region : undefined;
  const unread = (key: string): Layer => ({
    is: "unread",
    gap: gapFor(facts, key, `the ${tier} network firewall policies of ${nameOf(nic.network)}`, project),
  });
  const refused = [`${tier}Policies`, "firewallPolicies"].find((key) =>
    ["refused", "cut"].includes(askedFor(facts, key, project, region)),
  );
  if (refused !== undefined) return unread(refused);
  const all = [...facts.things.firewallPolicies.values()].filter(
    ({ path, raw }) => projectOf(path) === project && tierOf(path) !== "hierarchical" && isForMachines(raw),
  );
  const isAsked = ["firewallPolicies", `${tier}Policies`].some(
    (key) => askedFor(facts, key, project, region) === "read",
  );
  if (!isAsked && all.every(({ path }) => tierOf(path) !== tier)) {
    const denied = [tier === "regional" ? "effectiveRegion" : "effective", "hierarchicalPolicies"].find(
      (key) => askedFor(facts, key, project) === "refused",
    );
    if (denied !== undefined) return unread(denied);
    const named = tier === "global" ? namedBy(facts, nic) : undefined;
    if (named === undefined)
      return unasked(facts, `no ${tier} network firewall policy applies`, "firewallPolicies", project, nic, [tier]);
  }
  const those = all
    .filter(({ path }) => tierOf(path) === tier && (tier === "global" || regionOf(path) === nic.region))
    .flatMap((fact) => {
      const association = associationOf(fact.raw, nic) ?? (fact.path === namedBy(facts, nic)?.path ? {} : undefined);
      if (association !== undefined) return [{ fact, association, isSure: true }];
      const numbered = numberedAssociation(fact.raw, nic);
      return numbered === undefined ? [] : [{ fact, association: numbered, isSure: false }];
    })
    .toSorted((a, b) => byAssociation(a.association, b.association));
  const named = tier === "global" ? namedBy(facts, nic) : undefined;
  if (named !== undefined && !those.some(({ fact }) => fact.path === named.path)) {
    const how = permissionFor("firewallPolicies")?.cli ?? "";
    const what = `the firewall policy ${nameOf(named.path)}`;
    return { is: "unread", gap: gap("missing", problems.notInList(what, nameOf(nic.network), how), named.at) };
  }
  return {
    is: "known",
    policies: those.map(({ fact, association, isSure }): Applied => {
      const doubt = unsureOf(fact) ?? (isSure ? undefined : numberedGap(fact, association, nic));
      return doubt === undefined ? applied(facts, fact) : { policy: policyOf(fact), doubt };
    }),
  };
};

/** Policies of these types are for networks of special hardware, which are not followed. */
const SPECIAL: ReadonlySet<string> = new Set(["RDMA_ROCE_POLICY", "ULL_POLICY"]);
const isForMachines = (raw: Raw): boolean => !SPECIAL.has(text(raw["policyType"]) ?? "VPC_POLICY");

/** Why a policy may be none for machines. */
const unsureOf = ({ raw, at }: Fact): Gap | undefined => {
  const type = text(raw["policyType"]) ?? "VPC_POLICY";
  return type === "VPC_POLICY"
    ? undefined
    : gap("unreadable", problems.newerThanThis(`the policy type "${type}"`, textOf(at)), at);
};

const numberedGap = ({ at }: Fact, association: Raw, { network }: NetworkInterface): Gap => {
  const path = pathOf(text(association["attachmentTarget"]));
  const what = `whether ${path} is ${nameOf(network)} of ${projectOf(network) ?? "the project"}`;
  return gap("missing", problems.missing(what, "gcloud projects describe PROJECT --format=json"), at);
};

/** The network itself names its global policy. */
const namedBy = (
  facts: Facts,
  { network }: NetworkInterface,
): { readonly path: string; readonly at: Source } | undefined => {
  const fact = facts.things.networks.get(network);
  const link = text(fact?.raw["firewallPolicy"]);
  return fact === undefined || link === undefined
    ? undefined
    : { path: pathOf(link), at: inside(fact.at, "firewallPolicy") };
};

const applied = (facts: Facts, fact: Fact): Applied => {
  const doubt = facts.contradictions.get(fact.path);
  return { policy: policyOf(fact), ...(doubt === undefined ? {} : { doubt }) };
};

/** What nobody asked for is taken to be absent, unless the user wants to know for sure. */
const unasked = (
  facts: Facts,
  says: string,
  key: string,
  project: string | undefined,
  { network }: NetworkInterface,
  tiers: readonly Tier[],
): Layer => {
  // A neighbour's answer tells that there is something, and not what of it is for this machine.
  const isHinted = facts.effective.some(
    (each) => each.network === network && policiesIn(each).some(({ tier }) => tiers.includes(tier)),
  );
  if (facts.how.strict || isHinted)
    return { is: "unread", gap: gapFor(facts, key, says.replace(/^no (.*) applies$/, "$1"), project) };
  return { is: "assumed", seen: { saw: "assumed", says, ask: permissionFor(key)?.cli ?? key } };
};

/** Hierarchical policies from the policies themselves, by what is above the project (gcp.md A1). */
const hierarchyOf = (facts: Facts, nic: NetworkInterface, instance: Instance): Layer => {
  const host = hostOf(nic.network);
  const all = [...facts.things.firewallPolicies.values()].filter(({ path }) => tierOf(path) === "hierarchical");
  const what = "hierarchical and system firewall policies";
  const refused =
    HIERARCHICAL.find((key) => askedFor(facts, key, host) === "refused") ??
    ((facts.asked.get("hierarchicalPolicies") ?? []).some(({ how }) => how !== "read")
      ? "hierarchicalPolicies"
      : undefined);
  if (all.length === 0 || refused === "hierarchicalPolicies")
    return refused === undefined
      ? unasked(facts, "no hierarchical or system firewall policy applies", "effective", host, nic, [
          "hierarchical",
          "system",
        ])
      : { is: "unread", gap: gapFor(facts, refused, what, undefined) };
  const chain = facts.ancestors.get(host ?? "");
  const guest = facts.ancestors.get(instance.project ?? "");
  const theirs = instance.project === host ? chain : guest;
  const targets = [...new Set([...(chain ?? []), ...(theirs ?? [])])];
  // A policy is in the list of what it belongs to, and no list tells of the policies of others.
  const listed = new Set(all.flatMap(({ raw }) => text(raw["parent"]) ?? []));
  const unlisted = targets.filter((node) => listed.size > 0 && !listed.has(node));
  const assumed: Assumed | undefined =
    unlisted.length === 0
      ? undefined
      : {
          saw: "assumed",
          says: `no firewall policy that belongs to ${unlisted.join(" or ")} applies`,
          ask: permissionFor("effective")?.cli ?? "",
        };
  if (facts.how.strict && assumed !== undefined)
    return {
      is: "unread",
      gap: gapFor(facts, "effective", `the firewall policies of ${unlisted.join(" and ")}`, host),
    };
  const found = all
    .flatMap((fact) =>
      items(fact.raw["associations"]).map((association) => ({ fact, association, node: nodeOf(association) })),
    )
    .filter(({ node }) => node !== undefined && (chain === undefined || theirs === undefined || targets.includes(node)))
    .toSorted(
      (a, b) => rankOf(targets, a.node) - rankOf(targets, b.node) || byAssociation(a.association, b.association),
    );
  return {
    is: "known",
    ...(assumed === undefined ? {} : { assumed }),
    policies: found.map(({ fact, node = "" }): Applied => {
      const known = applied(facts, fact);
      if (known.doubt !== undefined || (chain?.includes(node) === true && theirs?.includes(node) === true))
        return known;
      const how = permissionFor("ancestors")?.cli ?? "";
      const doubt =
        chain === undefined || theirs === undefined
          ? gap("missing", problems.missing(`whether ${host ?? "the project"} is below ${node}`, how), fact.at)
          : gap(
              "unverified",
              problems.notDocumented(`Whether policies of ${node} hold for guests of a shared network`),
              fact.at,
            );
      return { policy: known.policy, doubt };
    }),
  };
};

const HIERARCHICAL = ["effective", "effectiveRegion", "effectiveInstance"] as const;

const nodeOf = (association: Raw): string | undefined =>
  /(?:organizations|folders)\/\d+$/.exec(text(association["attachmentTarget"]) ?? "")?.[0];

/** Organisations before folders, where the way down is not known. */
const rankOf = (chain: readonly string[], node: string | undefined): number => {
  const at = chain.indexOf(node ?? "");
  return at === -1 ? (node?.startsWith("organizations/") === true ? -1 : chain.length) : at;
};

/** Every policy that was read, once: by itself, or else as an effective answer tells it. */
export const allPolicies = (facts: Facts): readonly Policy[] => {
  const own = [...facts.things.firewallPolicies.values()].map(policyOf);
  const known = new Map(own.map((policy) => [policy.path, policy]));
  for (const each of facts.effective)
    for (const policy of policiesIn(each))
      if (!known.has(policy.path) && alike(facts, policy) === undefined) known.set(policy.path, policy);
  return [...known.values()];
};
