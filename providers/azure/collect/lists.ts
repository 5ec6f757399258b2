import type { ComputeManagementClient } from "@azure/arm-compute";
import type { NetworkManagementClient } from "@azure/arm-network";
import type { TokenCredential } from "@azure/identity";
import type { List } from "#reading/list.ts";
import type { Bucket } from "#reading/pace.ts";
import type { Access, ClientOptions } from "./access.ts";
import type { Shape } from "./page.ts";
import { EFFECTIVE, IN_FORCE, LIST, ONE, ROWS, TAGS, pageOf } from "./page.ts";

/** Azure Resource Manager lets so many calls of one subscription through at once, and then so many a second (azure.md C.4). */
const READS: Bucket = { name: "reads", capacity: 250, refill: 25 };
/** Questions that are asked by POST are counted with what changes things, although they change nothing. */
const QUESTIONS: Bucket = { name: "questions", capacity: 200, refill: 10 };
/** Resource Graph counts for each user: fifteen in five seconds. */
const GRAPH: Bucket = { name: "graph", capacity: 15, refill: 3 };

/** Rows of one page of Resource Graph. */
const ROWS_OF_A_PAGE = 1000;

/** What the official clients list, page by page. */
interface Pages {
  readonly byPage: (where?: { continuationToken?: string }) => AsyncIterator<unknown>;
}

/** A thing by its resource group and its name there. */
export interface Named {
  readonly group: string;
  readonly name: string;
}

/** The lists of Azure. All of them are asked for by the official clients. */
export const listsOf = (access: Access) => {
  const row = (
    call: string,
    file: string,
    bucket: Bucket,
    shape: Shape,
    ask: (credential: TokenCredential, options: ClientOptions, token: string | undefined) => Promise<unknown>,
    answers: "one" | "many" = "one",
  ): List => ({
    call,
    file,
    bucket,
    size: undefined,
    ask: async ({ token }, { abortSignal }) => {
      if (token !== undefined && shape === LIST) access.check(token);
      return pageOf(
        await access.caught((credential, options) => ask(credential, options, token), abortSignal, answers),
        shape,
      );
    },
  });

  const inNetwork =
    (subscription: string) =>
    (call: string, file: string, pages: (client: NetworkManagementClient) => Pages): List =>
      row(call, file, READS, LIST, async (credential, options, token) => {
        const { NetworkManagementClient: Client } = await import("@azure/arm-network");
        await paged(pages(new Client(credential, subscription, options)), token);
      });
  const inCompute =
    (subscription: string) =>
    (call: string, file: string, pages: (client: ComputeManagementClient) => Pages): List =>
      row(call, file, READS, LIST, async (credential, options, token) => {
        const { ComputeManagementClient: Client } = await import("@azure/arm-compute");
        await paged(pages(new Client(credential, subscription, options)), token);
      });
  /** What is asked by POST, or is one thing by itself. */
  const question = (
    subscription: string,
    call: string,
    file: string,
    [bucket, shape, answers]: readonly [Bucket, Shape, "one" | "many"],
    ask: (client: NetworkManagementClient, token: string | undefined) => Promise<unknown>,
  ): List =>
    row(
      call,
      file,
      bucket,
      shape,
      async (credential, options, token) => {
        const { NetworkManagementClient: Client } = await import("@azure/arm-network");
        await ask(new Client(credential, subscription, options), token);
      },
      answers,
    );

  return {
    /** All subscriptions that the credentials see. */
    subscriptions: row(
      "Microsoft.Resources/subscriptions/read",
      "subscriptions",
      READS,
      LIST,
      async (credential, options, token) => {
        const { SubscriptionClient } = await import("@azure/arm-resources-subscriptions");
        await paged(new SubscriptionClient(credential, options).subscriptions.list(), token);
      },
    ),
    subscription: (id: string): List =>
      row("Microsoft.Resources/subscriptions/read", "subscription", READS, ONE, async (credential, options) => {
        const { SubscriptionClient } = await import("@azure/arm-resources-subscriptions");
        await new SubscriptionClient(credential, options).subscriptions.get(id);
      }),

    /** Machines, and whether they run. */
    machines: (id: string): Machines => {
      const list = inCompute(id);
      return {
        models: list("Microsoft.Compute/virtualMachines/read", "virtual-machines", (of) =>
          of.virtualMachines.listAll(),
        ),
        states: list("Microsoft.Compute/virtualMachines/instanceView/read", "instance-views", (of) =>
          of.virtualMachines.listAll({ statusOnly: "true" }),
        ),
        sets: list("Microsoft.Compute/virtualMachineScaleSets/read", "virtual-machine-scale-sets", (of) =>
          of.virtualMachineScaleSets.listAll(),
        ),
      };
    },

    /** What every subscription is asked for. */
    networking: (id: string): Networking => {
      const list = inNetwork(id);
      return {
        interfaces: list("Microsoft.Network/networkInterfaces/read", "network-interfaces", (of) =>
          of.networkInterfaces.listAll(),
        ),
        groups: list("Microsoft.Network/networkSecurityGroups/read", "network-security-groups", (of) =>
          of.networkSecurityGroups.listAll(),
        ),
        networks: list("Microsoft.Network/virtualNetworks/read", "virtual-networks", (of) =>
          of.virtualNetworks.listAll(),
        ),
        routes: list("Microsoft.Network/routeTables/read", "route-tables", (of) => of.routeTables.listAll()),
        policies: list("Microsoft.Network/firewallPolicies/read", "firewall-policies", (of) =>
          of.firewallPolicies.listAll(),
        ),
        firewalls: list("Microsoft.Network/azureFirewalls/read", "azure-firewalls", (of) =>
          of.azureFirewalls.listAll(),
        ),
        others: [
          list("Microsoft.Network/publicIPAddresses/read", "public-ip-addresses", (of) =>
            of.publicIPAddresses.listAll(),
          ),
          list("Microsoft.Network/publicIPPrefixes/read", "public-ip-prefixes", (of) => of.publicIPPrefixes.listAll()),
          list("Microsoft.Network/applicationSecurityGroups/read", "application-security-groups", (of) =>
            of.applicationSecurityGroups.listAll(),
          ),
          list("Microsoft.Network/loadBalancers/read", "load-balancers", (of) => of.loadBalancers.listAll()),
          list("Microsoft.Network/natGateways/read", "nat-gateways", (of) => of.natGateways.listAll()),
          list("Microsoft.Network/ipGroups/read", "ip-groups", (of) => of.ipGroups.list()),
          list("Microsoft.Network/applicationGateways/read", "application-gateways", (of) =>
            of.applicationGateways.listAll(),
          ),
          list("Microsoft.Network/bastionHosts/read", "bastion-hosts", (of) => of.bastionHosts.list()),
          list("Microsoft.Network/networkManagers/read", "network-managers", (of) =>
            of.networkManagers.listBySubscription(),
          ),
        ],
      };
    },

    /** Gateways are listed by resource group alone. */
    gateways: (id: string, group: string): List =>
      inNetwork(id)("Microsoft.Network/virtualNetworkGateways/read", "virtual-network-gateways", (of) =>
        of.virtualNetworkGateways.list(group),
      ),
    ruleCollectionGroups: (id: string, { group, name }: Named): List =>
      inNetwork(id)(
        "Microsoft.Network/firewallPolicies/ruleCollectionGroups/read",
        `rule-collection-groups-${name}`,
        (of) => of.firewallPolicyRuleCollectionGroups.list(group, name),
      ),

    /** The instances of a scale set, which no other list tells, and their interfaces and addresses. */
    instances: (id: string, { group, name }: Named): Instances => {
      const list = inNetwork(id);
      return {
        instances: inCompute(id)(
          "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read",
          `scale-set-virtual-machines-${name}`,
          (of) => of.virtualMachineScaleSetVMs.list(group, name, { expand: "instanceView" }),
        ),
        others: [
          list(
            "Microsoft.Compute/virtualMachineScaleSets/networkInterfaces/read",
            `scale-set-network-interfaces-${name}`,
            (of) => of.networkInterfaces.listVirtualMachineScaleSetNetworkInterfaces(group, name),
          ),
          list(
            "Microsoft.Compute/virtualMachineScaleSets/publicIPAddresses/read",
            `scale-set-public-ip-addresses-${name}`,
            (of) => of.publicIPAddresses.listVirtualMachineScaleSetPublicIPAddresses(group, name),
          ),
        ],
      };
    },

    serviceTags: (id: string, location: string): List =>
      question(
        id,
        "Microsoft.Network/locations/serviceTags/read",
        `service-tags-${location}`,
        [READS, TAGS, "one"],
        async (of) => of.serviceTags.list(location),
      ),

    /** Rules of network managers that are in force in a network, wherever the manager is. */
    adminRules: (id: string, { group, name }: Named): List =>
      question(
        id,
        "Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules/action",
        `effective-security-admin-rules-${name}`,
        [QUESTIONS, EFFECTIVE, "one"],
        async (of, token) => of.listNetworkManagerEffectiveSecurityAdminRules(group, name, skipping(token)),
      ),
    connectivity: (id: string, { group, name }: Named): List =>
      question(
        id,
        "Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveConnectivityConfigurations/action",
        `effective-connectivity-${name}`,
        [QUESTIONS, EFFECTIVE, "one"],
        async (of, token) => of.listNetworkManagerEffectiveConnectivityConfigurations(group, name, skipping(token)),
      ),
    /** The same rules as Resource Graph has them. It leaves out what one may not read, and does not say so. */
    adminRulesInGraph: (id: string): List =>
      row(
        "Microsoft.ResourceGraph/resources/read",
        "effective-security-admin-rules",
        GRAPH,
        ROWS,
        async (credential, options, token) => {
          const { ResourceGraphClient } = await import("@azure/arm-resourcegraph");
          await new ResourceGraphClient(credential, options).resources({
            subscriptions: [id],
            query: "networkresources | where type =~ 'microsoft.network/effectivesecurityadminrules' | order by id asc",
            options: { resultFormat: "objectArray", top: ROWS_OF_A_PAGE, ...skipping(token) },
          });
        },
      ),

    /** What holds at one interface, while its machine runs. The answer takes the network some seconds. */
    effectiveGroups: (id: string, { group, name }: Named): List =>
      question(
        id,
        "Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups/action",
        `effective-network-security-groups-${name}`,
        [QUESTIONS, IN_FORCE, "many"],
        async (of) => of.networkInterfaces.listEffectiveNetworkSecurityGroups(group, name, POLLING).pollUntilDone(),
      ),
    effectiveRoutes: (id: string, { group, name }: Named): List =>
      question(
        id,
        "Microsoft.Network/networkInterfaces/effectiveRouteTable/action",
        `effective-route-table-${name}`,
        [QUESTIONS, IN_FORCE, "many"],
        async (of) => of.networkInterfaces.getEffectiveRouteTable(group, name, POLLING).pollUntilDone(),
      ),
  };
};
export type Lists = ReturnType<typeof listsOf>;

export interface Machines {
  readonly models: List;
  readonly states: List;
  readonly sets: List;
}

export interface Instances {
  readonly instances: List;
  readonly others: readonly List[];
}

export interface Networking {
  readonly interfaces: List;
  readonly groups: List;
  readonly networks: List;
  readonly routes: List;
  readonly policies: List;
  readonly firewalls: List;
  readonly others: readonly List[];
}

/** How often an answer that is not ready yet is asked for, where the cloud does not say. */
const POLLING = { updateIntervalInMs: 1000 } as const;

const skipping = (token: string | undefined): { skipToken?: string } =>
  token === undefined ? {} : { skipToken: token };

/** One page, at the place to which the page before it led. */
const paged = async (pages: Pages, token: string | undefined): Promise<void> => {
  await pages.byPage(token === undefined ? {} : { continuationToken: token }).next();
};
