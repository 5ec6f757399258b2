import type { RawAnswer, Scope } from "#model/provider.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { collectionOf, isRegion, pathOf, projectOf, regionOfZone } from "./link.ts";
import { listOf, permissions } from "./permissions.ts";
import type { Raw } from "./raw.ts";
import { isRaw, items, raw, text, texts } from "./raw.ts";

/** The key of an answer that tells of a whole list: which, of whom, and whether all of it is there. */
export const LIST = "list";

/** The key of an answer that lists the members of a group, which its self link names. */
export const MEMBERS = "members";

type Answer = Extract<RawAnswer, { is: "answer" }>;
const answer = (key: string, body: Raw, at: Source, scope: Scope): Answer => ({
  is: "answer",
  cloud: "gcp",
  key,
  body,
  at,
  scope,
});

/**
 * The answers in a document, by `kind` or self link: one thing, an array, a list with `items`, an aggregated list whose
 * items are a map by scope, or pages of these. Every list is told of besides its things, because an empty one is an
 * answer too.
 */
export const recognise = (json: unknown, at: Source, path = at.file): readonly RawAnswer[] | undefined => {
  const scope = scopeOfPath(path);
  if (Array.isArray(json)) return ofArray(json, at, path, scope);
  if (!isRaw(json)) return undefined;
  if (text(json["sallyport"]) !== undefined) return [...refusals(json, at), ...visits(json)];
  return ofDocument(json, at, path, scope);
};

const ofArray = (
  list: readonly unknown[],
  at: Source,
  path: string,
  scope: Scope,
): readonly RawAnswer[] | undefined => {
  if (list.length === 0) {
    const collection = listOf(stemOf(path));
    return collection === undefined ? undefined : [listed(collection, {}, at, scope)];
  }
  if (list.every(isAncestor)) return [answer("ancestors", { items: list }, at, scope)];
  if (list.every(isMember)) return [answer(MEMBERS, { items: list, stem: stemOf(path) }, at, scope)];
  const found: RawAnswer[] = [];
  const lists = new Map<string, Map<string, Raw>>();
  for (const [i, each] of list.entries()) {
    if (!isRaw(each)) return undefined;
    const key = keyOf(each);
    if (key === undefined) {
      const page = ofDocument(each, inside(at, i), path, scope);
      if (page === undefined) return undefined;
      found.push(...page);
    } else {
      found.push(answer(key, each, inside(at, i), scope));
      const known = lists.get(key) ?? new Map<string, Raw>();
      const path = pathOf(linkIn(each));
      lists.set(key, known.set(`${projectOf(path)} ${kindOfList(key, path)}`, each));
    }
  }
  // Things of several projects in one array are as many lists.
  const whole = [...lists].flatMap(([key, each]) =>
    [...each.values()].map((first) => listed(key, { of: pathOf(linkIn(first)), all: true }, at, scope)),
  );
  return [...found, ...whole];
};

/** `gcloud projects get-ancestors` prints ids and types alone. */
const isAncestor = (each: unknown): boolean =>
  isRaw(each) &&
  text(each["id"]) !== undefined &&
  ["project", "folder", "organization"].includes(text(each["type"]) ?? "");

/** The members of a group as gcloud prints them, which do not say of which. */
const isMember = (each: unknown): boolean =>
  isRaw(each) &&
  each["kind"] === undefined &&
  each["selfLink"] === undefined &&
  (isRaw(each["networkEndpoint"]) || (text(each["instance"]) !== undefined && text(each["status"]) !== undefined));

/** Lists of other services than Compute, which have one member that is called like what it lists. */
const WRAPPED = ["addressGroups", "tagBindings"] as const;

/** An empty list of these services is an empty object, and only its file's name says of what. */
const NOTHING_OF = /^(?:address-groups|tag-bindings)(?:-|$)/;

const ofOtherService = (json: Raw, at: Source, path: string, scope: Scope): readonly RawAnswer[] | undefined => {
  if (Array.isArray(json["ancestor"])) {
    const chain = items(json["ancestor"]).map((each) => raw(each["resourceId"]));
    return [answer("ancestors", { items: chain }, inside(at, "ancestor"), scope)];
  }
  const member = WRAPPED.find((each) => Array.isArray(json[each]));
  if (member !== undefined) {
    const list = items(json[member]);
    return list.length === 0 ? [] : ofArray(list, inside(at, member), path, scope);
  }
  return Object.keys(json).length === 0 && NOTHING_OF.test(stemOf(path)) ? [] : undefined;
};

/** What a router has learned, which names its network and not itself. */
const ROUTER_STATUS = "compute#routerStatusResponse";

const ofDocument = (json: Raw, at: Source, path: string, scope: Scope): readonly RawAnswer[] | undefined => {
  const other = ofOtherService(json, at, path, scope);
  if (other !== undefined) return other;
  const kind = text(json["kind"]);
  if (kind === ROUTER_STATUS) return [answer("routerStatus", json, at, scope)];
  const collection = listOf(kind?.replace(/^compute#/, "").replace(/(?:Aggregated)?List$/, ""));
  const isList = kind?.endsWith("List") === true || (kind === undefined && json["items"] !== undefined);
  if (!isList) {
    if (kind !== undefined && /Groups(?:ListInstances|ListNetworkEndpoints)$/.test(kind))
      return [answer(MEMBERS, json, at, scope)];
    const key = keyOf(json);
    if (key !== undefined) return [answer(key, json, at, scope)];
    return isEffective(json, path) ? [answer("effective", { ...json, path }, at, scope)] : undefined;
  }
  const content = json["items"];
  const of = pathOf(text(json["selfLink"]) ?? text(json["id"]));
  const cut = text(json["nextPageToken"]) !== undefined;
  const warning = text(raw(json["warning"])["code"]);
  const missing = [
    ...(warning === undefined || warning === "NO_RESULTS_ON_PAGE" ? [] : [warning]),
    ...texts(json["unreachables"]),
  ];
  if (isRaw(content)) return ofScopes(content, { collection, of, cut, unreachable: missing }, at, scope);
  const found: RawAnswer[] = [];
  const lists = new Set<string>(collection === undefined ? [] : [collection]);
  for (const [i, each] of items(content).entries()) {
    const key = keyOf(each) ?? collection;
    if (key === undefined) return undefined;
    lists.add(key);
    found.push(answer(key, each, inside(inside(at, "items"), i), scope));
  }
  if (lists.size === 0) return kind === undefined ? undefined : [];
  const first = pathOf(linkIn(items(content)[0] ?? {}));
  return [
    ...found,
    ...[...lists].map((key) => listed(key, { of: of === "" ? first : of, cut, missing, all: of === "" }, at, scope)),
  ];
};

interface Aggregated {
  readonly collection: string | undefined;
  readonly of: string;
  readonly cut: boolean;
  readonly unreachable: readonly string[];
}

/** An aggregated list: one part for each zone or region, which may carry a warning that it is not whole. */
const ofScopes = (
  scopes: Raw,
  { collection, of, cut, unreachable }: Aggregated,
  at: Source,
  scope: Scope,
): readonly RawAnswer[] | undefined => {
  const found: RawAnswer[] = [];
  const lists = new Map<string, string>(collection === undefined ? [] : [[collection, of]]);
  const missing = [...unreachable];
  for (const [name, part] of Object.entries(scopes)) {
    const warning = text(raw(raw(part)["warning"])["code"]);
    if (warning !== undefined && warning !== "NO_RESULTS_ON_PAGE") missing.push(name);
    for (const [member, list] of Object.entries(raw(part))) {
      if (!Array.isArray(list)) continue;
      const where = inside(inside(inside(at, "items"), name.replaceAll("/", "~1")), member);
      for (const [i, each] of items(list).entries()) {
        const key = keyOf(each) ?? listOf(member);
        if (key === undefined) return undefined;
        if (!lists.has(key)) lists.set(key, pathOf(linkIn(each)));
        found.push(answer(key, each, inside(where, i), scope));
      }
    }
  }
  const whole = [...lists].map(([key, first]) =>
    listed(key, { of: of === "" ? first : of, cut, missing, all: true }, at, scope),
  );
  return lists.size === 0 ? undefined : [...found, ...whole];
};

const listed = (collection: string, body: Raw, at: Source, scope: Scope): RawAnswer =>
  answer(LIST, { ...body, collection: kindOfList(collection, text(body["of"]) ?? "") }, at, scope);

/** Policies of organisations, of networks and of regions are lists of their own, and one says nothing of the others. */
const kindOfList = (collection: string, of: string): string => {
  if (collection !== "firewallPolicies") return collection;
  if (of.startsWith("locations/")) return "hierarchicalPolicies";
  if (/\/regions\/[^/]+\/firewallPolicies/.test(of)) return "regionalPolicies";
  if (of.endsWith("/global/firewallPolicies")) return "globalPolicies";
  return collection;
};

const linkIn = (each: Raw): string | undefined =>
  text(each["selfLink"]) ?? text(each["selfLinkWithId"]) ?? text(each["id"]) ?? text(each["name"]);

/** What kind of thing an object is: by its kind, else by its self link, else by what only such a thing has. */
const keyOf = (each: Raw): string | undefined => {
  const kind = text(each["kind"]);
  if (kind?.endsWith("List") === true) return undefined;
  if (kind?.startsWith("compute#") === true) return listOf(kind.slice("compute#".length)) ?? kind;
  const link = text(each["selfLink"]);
  if (link !== undefined && /\/(?:projects\/|locations\/global\/)/.test(link))
    return listOf(collectionOf(pathOf(link))) ?? collectionOf(pathOf(link));
  const name = text(each["name"]) ?? "";
  if (/\/addressGroups\/[^/]+$/.test(name)) return "addressGroups";
  if (name.startsWith("tagBindings/")) return "tagBindings";
  // What Google's own analyser found says nothing of what it was not allowed to see (gcp.md F, 32).
  if (/\/connectivityTests\/[^/]+$/.test(name)) return "connectivityTests";
  if (name.startsWith("folders/")) return "folders";
  return text(each["projectId"]) !== undefined && each["parent"] !== undefined ? "cloudProjects" : undefined;
};

const EFFECTIVE = /^effective-firewalls-(.+)$/;

/** An effective answer does not say of what it is: its file's name does. One that is empty says nothing but that. */
const isEffective = (json: Raw, path: string): boolean =>
  Array.isArray(json["firewalls"]) ||
  Array.isArray(json["firewallPolicys"]) ||
  (Object.values(json).every((each) => each === null) && EFFECTIVE.test(stemOf(path)));

export const stemOf = (path: string): string => (path.split(/[/\\]/).at(-1) ?? "").replace(/\.json$/i, "");

/** What the file's name says an effective answer is of: a network, a network and a region, or an instance's interface. */
export const effectiveOf = (path: string): string | undefined => EFFECTIVE.exec(stemOf(path))?.[1];

/** What `snapshot.json` says was asked for and denied. A project is told as the account. */
const refusals = (json: Raw, at: Source): readonly RawAnswer[] =>
  items(json["refused"]).flatMap((each, i) => {
    const call = text(each["call"]);
    const cloud = text(each["cloud"]) ?? "gcp";
    if (call === undefined || cloud !== "gcp" || !CALL.test(call)) return [];
    const why = text(each["code"]) ?? text(each["message"]) ?? "no reason was given";
    const scope = { account: text(each["account"]), region: text(each["region"]) };
    return [{ is: "refused", cloud: "gcp", call, scope, why, at: inside(inside(at, "refused"), i) }];
  });

const CALL = /^[a-z][A-Za-z]*(?:\.[A-Za-z]+)+$/;

const visits = (json: Raw): readonly RawAnswer[] =>
  items(json["scopes"]).flatMap((each) =>
    text(each["cloud"]) === "gcp" && text(each["skipped"]) === undefined
      ? [{ is: "visited", cloud: "gcp", scope: { account: text(each["account"]), region: text(each["region"]) } }]
      : [],
  );

/** A folder that is called like a region or a zone says that its answers are of it. */
const scopeOfPath = (path: string): Scope => {
  const steps = path.split(/[/\\]/).slice(0, -1);
  return {
    account: undefined,
    region: steps.map(regionOfZone).findLast((step) => step !== undefined && isRegion(step)),
  };
};

/** The collections that are read by some call. */
export const read: ReadonlySet<string> = new Set(permissions.flatMap(({ keys }) => keys));
