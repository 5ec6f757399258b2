import type { AuthClient } from "google-auth-library";
import type { List } from "#reading/list.ts";
import type { Bucket } from "#reading/pace.ts";
import type { Access } from "./access.ts";
import type { Official } from "./official.ts";
import { pageOf } from "./page.ts";

/** What every call of the official clients is told besides its request. */
interface Options {
  readonly autoPaginate: false;
  readonly timeout: number;
  readonly retry: { readonly retryCodes: number[] };
  readonly otherArgs: { readonly headers: Readonly<Record<string, string>> };
}

/** Which page, and how much of it. */
interface Part {
  readonly maxResults?: number;
  readonly pageToken?: string;
}

/**
 * A project's quota of reads is refilled at each full minute, and holds 1500 of them unless somebody asked for more or
 * less (gcp.md C.5). So many never leave within one minute.
 */
const READS: Bucket = { name: "reads", capacity: 150, refill: 20 };
/** Resource Manager counts for itself, and less. */
const MANAGING: Bucket = { name: "managing", capacity: 50, refill: 5 };
const GROUPS: Bucket = { name: "address groups", capacity: 50, refill: 5 };

/** The most that one page holds. */
const PAGE = 500;
const FEW = 300;

/** One answer has so long; tries are counted and paced elsewhere. */
const TIMEOUT_MS = 60_000;

/** The lists of Google Cloud. All of them are asked for by way of the official client, or where there is none, by REST. */
export const listsOf = (access: Access, clients: (client: AuthClient) => Official) => {
  const row = (
    call: string,
    file: string,
    size: number | undefined,
    ask: (of: Official, part: Part, options: Options) => Promise<unknown>,
  ): List => ({
    call,
    file,
    bucket: READS,
    size,
    ask: async ({ token, size: fewer = size }, { abortSignal }) => {
      const part: Part =
        size === undefined
          ? {}
          : {
              ...(fewer === undefined ? {} : { maxResults: fewer }),
              ...(token === undefined ? {} : { pageToken: token }),
            };
      const answer = await access.caught(
        (headers, client) =>
          ask(clients(client), part, {
            autoPaginate: false,
            timeout: TIMEOUT_MS,
            retry: { retryCodes: [] },
            otherArgs: { headers: { ...headers } },
          }),
        abortSignal,
      );
      return pageOf(answer);
    },
  });
  const list = (call: string, file: string, ask: Parameters<typeof row>[3]): List => row(call, file, PAGE, ask);
  const one = (call: string, file: string, ask: Parameters<typeof row>[3]): List => row(call, file, undefined, ask);

  const rest = (
    call: string,
    file: string,
    bucket: Bucket,
    api: string,
    path: string,
    {
      size,
      query = {},
      post = false,
    }: { size?: number; query?: Readonly<Record<string, string>>; post?: boolean } = {},
  ): List => ({
    call,
    file,
    bucket,
    size,
    ask: async ({ token, size: fewer = size }, { abortSignal }) => {
      const params = new URLSearchParams({
        ...query,
        ...(size === undefined ? {} : { pageSize: String(fewer) }),
        ...(token === undefined ? {} : { pageToken: token }),
      });
      const url = `${access.url(api)}/${path}${params.size === 0 ? "" : `?${params.toString()}`}`;
      const how = post ? ({ method: "POST", data: {} } as const) : ({ method: "GET" } as const);
      return pageOf(
        await access.caught(
          async (headers, client) => client.request({ ...how, url, headers: { ...headers }, responseType: "stream" }),
          abortSignal,
        ),
      );
    },
  });

  return {
    /** Where a project stands: its folders and its organisation. */
    ancestry: (project: string): List =>
      rest(
        "resourcemanager.projects.get",
        "ancestry",
        MANAGING,
        "cloudresourcemanager",
        `v1/projects/${encodeURIComponent(project)}:getAncestry`,
        { post: true },
      ),
    organizations: rest(
      "resourcemanager.organizations.get",
      "organizations",
      MANAGING,
      "cloudresourcemanager",
      "v3/organizations:search",
      { size: FEW },
    ),
    projectsBelow: (parent: string): List =>
      rest("resourcemanager.projects.list", "projects", MANAGING, "cloudresourcemanager", "v3/projects", {
        size: FEW,
        query: { parent },
      }),
    foldersBelow: (parent: string): List =>
      rest("resourcemanager.folders.list", "folders", MANAGING, "cloudresourcemanager", "v3/folders", {
        size: FEW,
        query: { parent },
      }),
    addressGroups: (parent: string): List =>
      rest(
        "networksecurity.addressGroups.list",
        "address-groups",
        GROUPS,
        "networksecurity",
        `v1/${parent}/addressGroups`,
        { size: PAGE },
      ),
    /** What is bound to a machine is known where the machine is. */
    tagBindings: (number: string, zone: string, id: string, name: string): List =>
      rest(
        "compute.instances.listTagBindings",
        `tag-bindings-${name}`,
        MANAGING,
        `${zone}-cloudresourcemanager`,
        "v3/tagBindings",
        { size: FEW, query: { parent: `//compute.googleapis.com/projects/${number}/zones/${zone}/instances/${id}` } },
      ),

    project: (project: string): List =>
      one("compute.projects.get", "project", async (of, _, how) => (await of.projects()).get({ project }, how)),

    /** What every project is asked for, whoever its machines are of. */
    networking: (project: string): Networking => ({
      networks: list("compute.networks.list", "networks", async (of, part, how) =>
        begun((await of.networks()).listAsync({ project, ...part }, how)),
      ),
      subnetworks: list("compute.subnetworks.list", "subnetworks", async (of, part, how) =>
        begun((await of.subnetworks()).aggregatedListAsync({ project, ...part }, how)),
      ),
      firewalls: list("compute.firewalls.list", "firewalls", async (of, part, how) =>
        begun((await of.firewalls()).listAsync({ project, ...part }, how)),
      ),
      routes: list("compute.routes.list", "routes", async (of, part, how) =>
        begun((await of.routes()).listAsync({ project, ...part }, how)),
      ),
      policies: list(
        "compute.networkFirewallPolicies.aggregatedList",
        "network-firewall-policies",
        async (of, part, how) =>
          begun((await of.networkFirewallPolicies()).aggregatedListAsync({ project, ...part }, how)),
      ),
      routers: list("compute.routers.list", "routers", async (of, part, how) =>
        begun((await of.routers()).aggregatedListAsync({ project, ...part }, how)),
      ),
      others: [
        list("compute.vpnTunnels.list", "vpn-tunnels", async (of, part, how) =>
          begun((await of.vpnTunnels()).aggregatedListAsync({ project, ...part }, how)),
        ),
        list("compute.vpnGateways.list", "vpn-gateways", async (of, part, how) =>
          begun((await of.vpnGateways()).aggregatedListAsync({ project, ...part }, how)),
        ),
        list("compute.interconnectAttachments.list", "interconnect-attachments", async (of, part, how) =>
          begun((await of.interconnectAttachments()).aggregatedListAsync({ project, ...part }, how)),
        ),
      ],
    }),

    /** Machines, and what leads to them. */
    machines: (project: string): Machines => ({
      instances: list("compute.instances.list", "instances", async (of, part, how) =>
        begun((await of.instances()).aggregatedListAsync({ project, ...part }, how)),
      ),
      groups: list("compute.instanceGroups.list", "instance-groups", async (of, part, how) =>
        begun((await of.instanceGroups()).aggregatedListAsync({ project, ...part }, how)),
      ),
      endpointGroups: list("compute.networkEndpointGroups.list", "network-endpoint-groups", async (of, part, how) =>
        begun((await of.networkEndpointGroups()).aggregatedListAsync({ project, ...part }, how)),
      ),
      others: [
        list("compute.addresses.list", "addresses", async (of, part, how) =>
          begun((await of.addresses()).aggregatedListAsync({ project, ...part }, how)),
        ),
        list("compute.globalAddresses.list", "global-addresses", async (of, part, how) =>
          begun((await of.globalAddresses()).listAsync({ project, ...part }, how)),
        ),
        list("compute.forwardingRules.list", "forwarding-rules", async (of, part, how) =>
          begun((await of.forwardingRules()).aggregatedListAsync({ project, ...part }, how)),
        ),
        list("compute.globalForwardingRules.list", "global-forwarding-rules", async (of, part, how) =>
          begun((await of.globalForwardingRules()).listAsync({ project, ...part }, how)),
        ),
        list("compute.targetInstances.list", "target-instances", async (of, part, how) =>
          begun((await of.targetInstances()).aggregatedListAsync({ project, ...part }, how)),
        ),
        list("compute.targetPools.list", "target-pools", async (of, part, how) =>
          begun((await of.targetPools()).aggregatedListAsync({ project, ...part }, how)),
        ),
        list("compute.targetTcpProxies.list", "target-tcp-proxies", async (of, part, how) =>
          begun((await of.targetTcpProxies()).aggregatedListAsync({ project, ...part }, how)),
        ),
        list("compute.targetHttpProxies.list", "target-http-proxies", async (of, part, how) =>
          begun((await of.targetHttpProxies()).aggregatedListAsync({ project, ...part }, how)),
        ),
        list("compute.targetHttpsProxies.list", "target-https-proxies", async (of, part, how) =>
          begun((await of.targetHttpsProxies()).aggregatedListAsync({ project, ...part }, how)),
        ),
        list("compute.urlMaps.list", "url-maps", async (of, part, how) =>
          begun((await of.urlMaps()).aggregatedListAsync({ project, ...part }, how)),
        ),
        list("compute.targetSslProxies.list", "target-ssl-proxies", async (of, part, how) =>
          begun((await of.targetSslProxies()).listAsync({ project, ...part }, how)),
        ),
        list("compute.backendServices.list", "backend-services", async (of, part, how) =>
          begun((await of.backendServices()).aggregatedListAsync({ project, ...part }, how)),
        ),
        list("compute.securityPolicies.list", "security-policies", async (of, part, how) =>
          begun((await of.securityPolicies()).aggregatedListAsync({ project, ...part }, how)),
        ),
      ],
    }),

    effective: (project: string, network: string): List =>
      one("compute.networks.getEffectiveFirewalls", `effective-firewalls-${network}`, async (of, _, how) =>
        (await of.networks()).getEffectiveFirewalls({ project, network }, how),
      ),
    effectiveIn: (project: string, region: string, network: string, link: string): List =>
      one(
        "compute.regionNetworkFirewallPolicies.getEffectiveFirewalls",
        `effective-firewalls-${network}`,
        async (of, _, how) =>
          (await of.regionNetworkFirewallPolicies()).getEffectiveFirewalls({ project, region, network: link }, how),
      ),
    effectiveAt: (project: string, zone: string, instance: string, networkInterface: string): List =>
      one(
        "compute.instances.getEffectiveFirewalls",
        `effective-firewalls-${instance}-${networkInterface}`,
        async (of, _, how) =>
          (await of.instances()).getEffectiveFirewalls({ project, zone, instance, networkInterface }, how),
      ),

    /** A policy of networks, where the list of policies leaves out its rules. */
    policy: (project: string, region: string | undefined, firewallPolicy: string): List =>
      region === undefined
        ? one("compute.networkFirewallPolicies.get", `firewall-policy-${firewallPolicy}`, async (of, _, how) =>
            (await of.networkFirewallPolicies()).get({ project, firewallPolicy }, how),
          )
        : one("compute.regionNetworkFirewallPolicies.get", `firewall-policy-${firewallPolicy}`, async (of, _, how) =>
            (await of.regionNetworkFirewallPolicies()).get({ project, region, firewallPolicy }, how),
          ),
    /** Policies of a folder or an organisation. */
    policiesOf: (parentId: string): List =>
      list("compute.firewallPolicies.list", "firewall-policies", async (of, part, how) =>
        begun((await of.firewallPolicies()).listAsync({ parentId, ...part }, how)),
      ),
    policyAbove: (firewallPolicy: string): List =>
      one("compute.firewallPolicies.get", `firewall-policy-${firewallPolicy}`, async (of, _, how) =>
        (await of.firewallPolicies()).get({ firewallPolicy }, how),
      ),
    associations: (targetResource: string): List =>
      one("compute.firewallPolicies.listAssociations", "firewall-policy-associations", async (of, _, how) =>
        (await of.firewallPolicies()).listAssociations({ targetResource }, how),
      ),

    routerStatus: (project: string, region: string, router: string): List =>
      one("compute.routers.getRouterStatus", `router-status-${router}`, async (of, _, how) =>
        (await of.routers()).getRouterStatus({ project, region, router }, how),
      ),
    groupMembers: (project: string, at: Location, instanceGroup: string): List =>
      list("compute.instanceGroups.listInstances", `instance-group-members-${instanceGroup}`, async (of, part, how) =>
        at.kind === "zones"
          ? begun(
              (await of.instanceGroups()).listInstancesAsync(
                { project, zone: at.name, instanceGroup, ...all, ...part },
                how,
              ),
            )
          : begun(
              (await of.regionInstanceGroups()).listInstancesAsync(
                { project, region: at.name, instanceGroup, ...allInRegion, ...part },
                how,
              ),
            ),
      ),
    endpoints: (project: string, at: Location | undefined, networkEndpointGroup: string): List =>
      list(
        "compute.networkEndpointGroups.listNetworkEndpoints",
        `network-endpoints-${networkEndpointGroup}`,
        async (of, part, how) => {
          if (at === undefined)
            return begun(
              (await of.globalNetworkEndpointGroups()).listNetworkEndpointsAsync(
                { project, networkEndpointGroup, ...part },
                how,
              ),
            );
          return at.kind === "zones"
            ? begun(
                (await of.networkEndpointGroups()).listNetworkEndpointsAsync(
                  {
                    project,
                    zone: at.name,
                    networkEndpointGroup,
                    networkEndpointGroupsListEndpointsRequestResource: {},
                    ...part,
                  },
                  how,
                ),
              )
            : begun(
                (await of.regionNetworkEndpointGroups()).listNetworkEndpointsAsync(
                  { project, region: at.name, networkEndpointGroup, ...part },
                  how,
                ),
              );
        },
      ),
  };
};
export type Lists = ReturnType<typeof listsOf>;

export interface Networking {
  readonly networks: List;
  readonly subnetworks: List;
  readonly firewalls: List;
  readonly routes: List;
  readonly policies: List;
  readonly routers: List;
  readonly others: readonly List[];
}

export interface Machines {
  readonly instances: List;
  readonly groups: List;
  readonly endpointGroups: List;
  readonly others: readonly List[];
}

/** A zone or a region. */
export interface Location {
  readonly kind: "zones" | "regions";
  readonly name: string;
}

const all = { instanceGroupsListInstancesRequestResource: { instanceState: "ALL" } } as const;
const allInRegion = { regionInstanceGroupsListInstancesRequestResource: { instanceState: "ALL" } } as const;

/** Lists of the official client are asked for when their first thing is. Pages are counted elsewhere. */
const begun = async (things: AsyncIterable<unknown>): Promise<void> => {
  await things[Symbol.asyncIterator]().next();
};
