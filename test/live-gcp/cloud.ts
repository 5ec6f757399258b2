/** What the cloud answers to a request, before anything goes wrong. */
import type { Body, Estate, Project } from "./estate.ts";
import { kindOf } from "./estate.ts";

export interface Question {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** What one may ask, under which permission, and what comes back; nothing where there is no such thing. */
interface Route {
  readonly path: RegExp;
  readonly method?: "POST";
  readonly permission: (parts: readonly string[]) => string;
  readonly answer: (estate: Estate, parts: readonly string[], question: Question) => Found | undefined;
}

/** A whole answer, or a list of which each page is a part. */
type Found = { readonly whole: Body } | Listing;

interface Listing {
  readonly head: Body;
  readonly things: readonly Body[];
  /** How one page looks with these of its things. */
  readonly page: (things: readonly Body[]) => Body;
  /** The names of size and token. */
  readonly size: "maxResults" | "pageSize";
}

export interface Answered {
  readonly permission: string;
  readonly project: Project | undefined;
  readonly body: Body | undefined;
}

/** Permissions of lists, by the name of the list in a path. Where two lists differ by where they are, `global` is another. */
const listed: Readonly<Record<string, string>> = {
  "global/addresses": "compute.globalAddresses.list",
  "global/forwardingRules": "compute.globalForwardingRules.list",
};

const compute = "https://www.googleapis.com/compute/v1";
const onProject = String.raw`^/compute/v1/projects/([^/]+)`;
const scoped = String.raw`(global|regions/[^/]+|zones/[^/]+)`;

const under = (rest: string): RegExp => new RegExp(`${onProject}${rest}$`);
const fixed = (permission: string | ((parts: readonly string[]) => string)): Pick<Route, "permission" | "answer"> => ({
  permission: typeof permission === "string" ? () => permission : permission,
  answer: (estate, [project = ""], { method, path, query }) => {
    const rest = path.slice(`/compute/v1/projects/${project}/`.length);
    const nic = query.get("networkInterface");
    if (path.endsWith("firewallPolicies/getEffectiveFirewalls") && query.get("network") === null) return undefined;
    const body =
      estate.projects[project]?.answers[`${method} ${rest}${nic === null ? "" : `?networkInterface=${nic}`}`];
    return body === undefined ? undefined : { whole: body };
  },
});

const things = (estate: Estate, project: string, collection: string): readonly Body[] =>
  estate.projects[project]?.things[collection] ?? [];

const scopeOf = (each: Body): string =>
  /\/projects\/[^/]+\/(global|(?:zones|regions)\/[^/]+)\//.exec(String(each["selfLink"]))?.[1] ?? "";

/** Lists of policies leave out the rules of those that are called like this. */
const withoutRules = (each: Body): Body => {
  if (each["kind"] !== "compute#firewallPolicy") return each;
  const { rules: _, ...rest } = { rules: undefined, ...each };
  return rest;
};

const scopes = [
  "global",
  "regions/europe-west1",
  "regions/us-central1",
  "zones/europe-west1-b",
  "zones/europe-west1-c",
  "zones/us-central1-a",
];

const routes: readonly Route[] = [
  {
    path: under("/aggregated/([A-Za-z]+)"),
    permission: ([, collection]) => `compute.${collection}.list`,
    answer: (estate, [project = "", collection = ""]) => ({
      head: {
        kind: `${kindOf(collection)}AggregatedList`,
        id: `projects/${project}/aggregated/${collection}`,
        selfLink: `${compute}/projects/${project}/aggregated/${collection}`,
      },
      things: things(estate, project, collection).map(withoutRules),
      size: "maxResults",
      page: (some) => ({
        items: Object.fromEntries(
          scopes.map((scope) => {
            const own = some.filter((each) => scopeOf(each) === scope);
            return [scope, own.length > 0 ? { [collection]: own } : nothing(scope)];
          }),
        ),
      }),
    }),
  },
  { path: under("/global/networks/[^/]+/getEffectiveFirewalls"), ...fixed("compute.networks.getEffectiveFirewalls") },
  {
    path: under("/regions/[^/]+/firewallPolicies/getEffectiveFirewalls"),
    ...fixed("compute.networks.getRegionEffectiveFirewalls"),
  },
  {
    path: under("/zones/[^/]+/instances/[^/]+/getEffectiveFirewalls"),
    ...fixed("compute.instances.getEffectiveFirewalls"),
  },
  { path: under("/regions/[^/]+/routers/[^/]+/getRouterStatus"), ...fixed("compute.routers.get") },
  {
    path: under(`/${scoped}/instanceGroups/[^/]+/listInstances`),
    method: "POST",
    ...fixed("compute.instanceGroups.list"),
  },
  {
    path: under(`/${scoped}/networkEndpointGroups/[^/]+/listNetworkEndpoints`),
    method: "POST",
    ...fixed("compute.networkEndpointGroups.get"),
  },
  {
    path: under(`/${scoped}/firewallPolicies/([^/]+)`),
    permission: ([, scope = ""]) =>
      scope === "global" ? "compute.firewallPolicies.get" : "compute.regionFirewallPolicies.get",
    answer: (estate, [project = "", scope = "", name = ""]) => {
      const found = things(estate, project, "firewallPolicies").find(
        (each) => each["name"] === name && scopeOf(each) === scope,
      );
      return found === undefined ? undefined : { whole: found };
    },
  },
  {
    path: under("/global/([A-Za-z]+)"),
    permission: ([, collection = ""]) => listed[`global/${collection}`] ?? `compute.${collection}.list`,
    answer: (estate, [project = "", collection = ""]) => ({
      head: {
        kind: `${kindOf(collection)}List`,
        id: `projects/${project}/global/${collection}`,
        selfLink: `${compute}/projects/${project}/global/${collection}`,
      },
      things: things(estate, project, collection).filter((each) => scopeOf(each) === "global"),
      size: "maxResults",
      page: (some) => (some.length === 0 ? {} : { items: some }),
    }),
  },
  {
    path: under(""),
    permission: () => "compute.projects.get",
    answer: (estate, [project = ""]) => {
      const self = estate.projects[project]?.self;
      return self === undefined ? undefined : { whole: self };
    },
  },
  {
    path: /^\/compute\/v1\/locations\/global\/firewallPolicies\/listAssociations$/,
    permission: () => "compute.organizations.listAssociations",
    answer: ({ policies }, _, { query }) => ({
      whole: {
        kind: "compute#firewallPoliciesListAssociationsResponse",
        associations: policies
          .flatMap(({ associations }) => listIn(associations))
          .filter(({ attachmentTarget }: Body) => attachmentTarget === query.get("targetResource")),
      },
    }),
  },
  {
    path: /^\/compute\/v1\/locations\/global\/firewallPolicies\/([^/]+)$/,
    permission: () => "compute.firewallPolicies.get",
    answer: ({ policies }, [id]) => {
      const found = policies.find((each) => each["id"] === id);
      return found === undefined ? undefined : { whole: found };
    },
  },
  {
    path: /^\/compute\/v1\/locations\/global\/firewallPolicies$/,
    permission: () => "compute.firewallPolicies.list",
    answer: ({ policies }, _, { query }) => ({
      head: { kind: "compute#firewallPolicyList", id: "locations/global/firewallPolicies" },
      things: policies.filter((each) => each["parent"] === query.get("parentId")).map(withoutRules),
      size: "maxResults",
      page: (some) => (some.length === 0 ? {} : { items: some }),
    }),
  },
  {
    path: /^\/v1\/projects\/([^/:]+):getAncestry$/,
    method: "POST",
    permission: () => "resourcemanager.projects.get",
    answer: ({ projects, folders }, [id = ""]) => {
      const chain: string[] = [];
      for (let step = projects[id]?.parent; step !== undefined; step = folders[step]) chain.push(step);
      return {
        whole: {
          ancestor: [`projects/${id}`, ...chain].map((each) => {
            const [kind = "", name = ""] = each.split("/");
            return { resourceId: { type: kind.slice(0, -1), id: name } };
          }),
        },
      };
    },
  },
  {
    path: /^\/v3\/organizations:search$/,
    permission: () => "resourcemanager.organizations.get",
    answer: ({ organizations }) =>
      managed(
        "organizations",
        organizations.map((name) => ({ name, state: "ACTIVE" })),
      ),
  },
  {
    path: /^\/v3\/folders$/,
    permission: () => "resourcemanager.folders.list",
    answer: ({ folders }, _, { query }) =>
      managed(
        "folders",
        Object.entries(folders)
          .filter(([, parent]) => parent === query.get("parent"))
          .map(([name, parent]) => ({ name, parent, state: "ACTIVE" })),
      ),
  },
  {
    path: /^\/v3\/projects$/,
    permission: () => "resourcemanager.projects.list",
    answer: ({ projects }, _, { query }) =>
      managed(
        "projects",
        Object.entries(projects)
          .filter(([, { parent }]) => parent === query.get("parent"))
          .map(([projectId, { number, parent, state }]) => ({
            name: `projects/${number}`,
            parent,
            projectId,
            state,
            displayName: projectId,
          })),
      ),
  },
  {
    path: /^\/v3\/tagBindings$/,
    permission: () => "compute.instances.listTagBindings",
    answer: ({ bindings }, _, { query }) => managed("tagBindings", bindings[query.get("parent") ?? ""] ?? []),
  },
  {
    path: /^\/v1\/((?:projects|organizations)\/[^/]+\/locations\/[^/]+)\/addressGroups$/,
    permission: () => "networksecurity.addressGroups.list",
    answer: ({ addressGroups }, [parent = ""]) => managed("addressGroups", addressGroups[parent] ?? []),
  },
];

const managed = (key: string, all: readonly Body[]): Listing => ({
  head: {},
  things: all,
  size: "pageSize",
  page: (some) => (some.length === 0 ? {} : { [key]: some }),
});

const listIn = (value: unknown): readonly Body[] => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter((each): each is Body => typeof each === "object" && each !== null);
};

const nothing = (scope: string): Body => ({
  warning: {
    code: "NO_RESULTS_ON_PAGE",
    message: `There are no results for scope '${scope}' on this page.`,
    data: [{ key: "scope", value: scope }],
  },
});

/** A member of the query that the API does not know; all but Compute Engine turn such questions down. */
export const strangeIn = ({ path, query }: Question): string | undefined => {
  const known = ["alt", ...(path.endsWith(":getAncestry") ? [] : ["parent", "pageSize", "pageToken"])];
  return path.startsWith("/compute/") ? undefined : [...query.keys()].find((name) => !known.includes(name));
};

/** The answer to a question; undefined where there is no such question at all. No page holds more than `most`. */
export const answerOf = (estate: Estate, question: Question, most: number): Answered | undefined => {
  const route = routes.find(({ path, method = "GET" }) => method === question.method && path.test(question.path));
  if (route === undefined) return undefined;
  const parts = route.path.exec(question.path)?.slice(1) ?? [];
  const [, name = ""] = new RegExp(onProject).exec(question.path) ?? [];
  const found = route.answer(estate, parts, question);
  return { permission: route.permission(parts), project: estate.projects[name], body: bodyOf(found, question, most) };
};

const bodyOf = (found: Found | undefined, { query }: Question, most: number): Body | undefined => {
  if (found === undefined) return undefined;
  if ("whole" in found) return found.whole;
  const { head, things: all, page, size } = found;
  const asked = Number(query.get(size) ?? most);
  const from = Number(query.get("pageToken")?.replace("from-", "") ?? 0);
  const to = from + Math.min(asked, most);
  return { ...head, ...page(all.slice(from, to)), ...(to < all.length ? { nextPageToken: `from-${to}` } : {}) };
};
