/**
 * A Google Cloud estate of any size: an organisation with two folders, projects below them, networks with VPC rules,
 * hierarchical and network policies that hand packets on, and machines. Answers come as the API pages them where it
 * aggregates, and as gcloud prints them elsewhere. The same size and seed give the same bytes.
 */
import type { Page } from "./estate.ts";
import { instanceAnswer, zonePath } from "./gcp-estate/machines.ts";
import { networkAnswer, routeAnswers, subnetAnswer } from "./gcp-estate/networks.ts";
import { link, machineAt, organization, plan, type Plan, type Project, regions } from "./gcp-estate/plan.ts";
import { effectivePolicy, policiesFor, policiesOf, type Policy, policyAnswer } from "./gcp-estate/policies.ts";
import { firewallAnswers } from "./gcp-estate/rules.ts";

const pageSize = 500;

/** All answers of an estate, each under the path that it has in a snapshot. Only one page is in memory at a time. */
export function* gcpEstate(machines: number, seed: number): Generator<Page, void> {
  const outline = plan(machines, seed);
  const policies = policiesOf(outline);
  const of = (type: Policy["type"]): readonly object[] =>
    policies.flatMap((policy, k) => (policy.type === type ? [policyAnswer(policy, k)] : []));
  yield page(`${organization}/firewall-policies.json`, of("HIERARCHY"));
  const numbered = policies.map((policy, k) => ({ policy, answer: policyAnswer(policy, k) }));
  for (const project of outline.projects) {
    yield* networking(outline, project, policies);
    const own = numbered.filter(({ policy }) => policy.path.startsWith(`projects/${project.name}/`));
    yield page(`${project.name}/network-firewall-policies.json`, {
      id: `projects/${project.name}/aggregated/firewallPolicies`,
      items: Object.fromEntries(
        ["global", ...regions.map((region) => `regions/${region}`)].map((scope) => {
          const those = own.filter(({ policy }) => policy.path.startsWith(`projects/${project.name}/${scope}/`));
          return [scope, those.length > 0 ? { firewallPolicies: those.map(({ answer }) => answer) } : nothingIn(scope)];
        }),
      ),
      kind: "compute#networkFirewallPolicyAggregatedList",
      selfLink: link(`projects/${project.name}/aggregated/firewallPolicies`),
    });
    yield* instances(outline, project);
  }
}

const page = (name: string, json: object): Page => ({ name, json: JSON.stringify(json) });

const nothingIn = (scope: string): object => ({
  warning: {
    code: "NO_RESULTS_ON_PAGE",
    data: [{ key: "scope", value: scope }],
    message: `There are no results for scope '${scope}' on this page.`,
  },
});

function* networking(outline: Plan, project: Project, policies: readonly Policy[]): Generator<Page, void> {
  const { name, number, folder, networks } = project;
  yield page(`${name}/ancestors.json`, [
    { id: name, type: "project" },
    { id: folder.replace(/.*\//, ""), type: "folder" },
    { id: organization.replace(/.*\//, ""), type: "organization" },
  ]);
  yield page(`${name}/project.json`, {
    defaultServiceAccount: `${number}-compute@developer.gserviceaccount.com`,
    id: number,
    kind: "compute#project",
    name,
    selfLink: link(`projects/${name}`),
    xpnProjectStatus: "UNSPECIFIED_XPN_PROJECT_STATUS",
  });
  const named = policies.find(({ type, path }) => type === "NETWORK" && path.startsWith(`projects/${name}/`));
  yield page(
    `${name}/networks.json`,
    networks.map((network) => networkAnswer(network, named?.path)),
  );
  yield page(
    `${name}/subnetworks.json`,
    networks.flatMap(({ subnets }) => subnets.map(subnetAnswer)),
  );
  yield page(
    `${name}/routes.json`,
    networks.flatMap((network) => routeAnswers(outline, network)),
  );
  yield page(`${name}/routers.json`, {
    id: `projects/${name}/aggregated/routers`,
    items: {},
    kind: "compute#routerAggregatedList",
    selfLink: link(`projects/${name}/aggregated/routers`),
  });
  for (const network of networks) {
    const firewalls = firewallAnswers(outline, network);
    yield page(`${name}/firewalls-${network.name}.json`, firewalls);
    for (const region of regions)
      yield page(`${name}/${region}/effective-firewalls-${network.name}.json`, {
        firewallPolicys: policiesFor(policies, project, network, region).map(effectivePolicy),
        firewalls,
      });
  }
}

/** Pages of an aggregated list: every zone of the page with its machines. */
function* instances(outline: Plan, { name, networks }: Project): Generator<Page, void> {
  const [first, last] = [networks[0]?.subnets[0]?.index ?? 0, networks.at(-1)?.subnets.at(-1)?.index ?? 0];
  let zones = new Map<string, object[]>();
  let [count, number] = [0, 1];
  const print = (isLast: boolean): Page =>
    page(`${name}/instances-${String(number).padStart(4, "0")}.json`, {
      id: `projects/${name}/aggregated/instances`,
      items: Object.fromEntries(
        [...zones].map(([zone, list]) => [zone, list.length > 0 ? { instances: list } : nothingIn(zone)]),
      ),
      kind: "compute#instanceAggregatedList",
      ...(isLast ? {} : { nextPageToken: `page-${number + 1}` }),
      selfLink: link(`projects/${name}/aggregated/instances`),
    });
  for (let index = 0; index < outline.machines; index++) {
    const subnet = outline.subnetOf[index] ?? 0;
    if (subnet < first || subnet > last) continue;
    if (count === pageSize) {
      yield print(false);
      zones = new Map();
      [count, number] = [0, number + 1];
    }
    const machine = machineAt(outline, index);
    const zone = zonePath(machine).replace(/^projects\/[^/]+\//, "");
    const list = zones.get(zone) ?? [];
    zones.set(zone, [...list, instanceAnswer(outline, machine)]);
    count++;
  }
  for (const region of regions) if (!zones.has(`zones/${region}-a`)) zones.set(`zones/${region}-a`, []);
  yield print(true);
}
