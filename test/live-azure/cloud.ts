/** What the cloud answers to a question, before anything goes wrong. */
import type { Body, Estate, Subscription } from "./estate.ts";

export interface Question {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Body;
}

export interface Answered {
  /** What must be allowed. */
  readonly actions: readonly string[];
  readonly subscription: Subscription | undefined;
  /** Undefined where there is no such thing. */
  readonly found: Found | undefined;
}

export type Found =
  | { readonly is: "whole"; readonly body: Body }
  /** What takes a while: one is told where the answer will be. */
  | { readonly is: "later"; readonly body: Body }
  | { readonly is: "list"; readonly things: readonly Body[] }
  | { readonly is: "rows"; readonly things: readonly Body[] };

const SUBSCRIPTION = /^\/subscriptions\/([^/]+)/;

export const answerOf = (estate: Estate, question: Question): Answered => {
  const { path, method } = question;
  const id = SUBSCRIPTION.exec(path)?.[1]?.toLowerCase();
  const subscription = estate.subscriptions.find((each) => each.id === id);
  const answer = (actions: readonly string[], found: Found | undefined): Answered => ({ actions, subscription, found });
  if (path === "/subscriptions")
    return answer(["Microsoft.Resources/subscriptions/read"], { is: "list", things: estate.subscriptions.map(told) });
  if (path === "/providers/Microsoft.ResourceGraph/resources" && method === "POST") {
    const asked: unknown = question.body["subscriptions"];
    const rows = Array.isArray(asked) ? asked.flatMap((each: unknown) => estate.rows[String(each)] ?? []) : [];
    return answer(["Microsoft.ResourceGraph/resources/read"], { is: "rows", things: rows });
  }
  if (subscription === undefined) return answer([], undefined);
  if (path === `/subscriptions/${subscription.id}`)
    return answer(["Microsoft.Resources/subscriptions/read"], { is: "whole", body: told(subscription) });
  const [, said = "", rest = ""] = /\/providers\/([^/]+)\/(.+)$/i.exec(path) ?? [];
  const namespace = said.replace(/^microsoft/, "Microsoft");
  const steps = rest.split("/");
  const types = steps
    .filter((_, i) => i % 2 === 0)
    .join("/")
    .replace("publicipaddresses", "publicIPAddresses");
  const known = subscription.answers[`${method} ${path}`];
  if (method === "POST") {
    const isSlow = (steps.at(-1) ?? "").startsWith("effective");
    return answer(
      [`${namespace}/${types}/action`],
      known === undefined ? undefined : { is: isSlow ? "later" : "whole", body: known },
    );
  }
  if (known !== undefined) return answer([`${namespace}/${types}/read`], { is: "whole", body: known });
  if (steps.length % 2 === 0) {
    const one = subscription.things.find((each) => idOf(each) === path.toLowerCase());
    return answer(
      [`${namespace}/${types}/read`],
      one === undefined ? undefined : { is: "whole", body: seen(one, question) },
    );
  }
  return answer(actionsOf(question, `${namespace}/${types}`), { is: "list", things: listed(subscription, question) });
};

/** Whether the path is of a kind that the cloud knows. */
const actionsOf = ({ query }: Question, type: string): readonly string[] => {
  if (query.get("statusOnly") === "true") return [`${type}/instanceView/read`];
  return [`${type}/read`, ...(query.get("$expand") === "instanceView" ? [`${type}/instanceView/read`] : [])];
};

const told = ({ id, name }: Subscription): Body => ({
  id: `/subscriptions/${id}`,
  subscriptionId: id,
  tenantId: TENANT,
  displayName: name,
  state: "Enabled",
  subscriptionPolicies: { locationPlacementId: "Public_2014-09-01", spendingLimit: "Off" },
  authorizationSource: "RoleBased",
});

export const TENANT = "99999999-aaaa-4bbb-8ccc-000000000009";

const idOf = (thing: Body): string => String(thing["id"]).toLowerCase();

/** Things below a subscription, a resource group or another thing. */
const listed = ({ id, things }: Subscription, { path, query }: Question): readonly Body[] => {
  const wanted = path.toLowerCase();
  const [, group, type = ""] = /^\/subscriptions\/[^/]+(\/resourcegroups\/[^/]+)?\/providers\/(.+)$/.exec(wanted) ?? [];
  const ofSet = /^(microsoft\.compute\/virtualmachinescalesets\/[^/]+)\/(networkinterfaces|publicipaddresses)$/.exec(
    type,
  );
  const fits = (thing: Body): boolean => {
    const its = idOf(thing);
    if (ofSet !== null)
      return its.includes(`/providers/${ofSet[1]}/virtualmachines/`) && its.split("/").at(-2) === ofSet[2];
    const home = its.slice(0, its.lastIndexOf("/"));
    return group === undefined
      ? new RegExp(`^/subscriptions/${id}/resourcegroups/[^/]+/providers/${type}$`).test(home)
      : home === wanted;
  };
  const found = things.filter(fits);
  return query.get("statusOnly") === "true" ? found.map(stateOf) : found;
};

/** A machine with its state, where that is asked for. */
const seen = (one: Body, { query }: Question): Body => {
  const { properties } = one;
  if (query.get("$expand") !== "instanceView" || !isBody(properties)) return one;
  return { ...one, properties: { ...properties, instanceView: viewOf(one) } };
};

const isBody = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value);

const viewOf = ({ name }: Body): Body => {
  const state = name === "stopped" ? "deallocated" : "running";
  return {
    statuses: [
      { code: "ProvisioningState/succeeded", level: "Info", displayStatus: "Provisioning succeeded" },
      { code: `PowerState/${state}`, level: "Info", displayStatus: `VM ${state}` },
    ],
  };
};

const stateOf = (machine: Body): Body => {
  const { id, name, type, location } = machine;
  return {
    id: String(id).replace("/resourceGroups/shop-rg", "/resourceGroups/SHOP-RG"),
    name,
    type,
    location,
    properties: { instanceView: viewOf(machine) },
  };
};
