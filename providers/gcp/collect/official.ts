import type { AuthClient } from "google-auth-library";

/** How the official clients are made: whose they are, and where the cloud is. */
type Options = {
  readonly authClient: AuthClient;
  readonly universeDomain: string;
  readonly apiEndpoint?: string;
  readonly port?: number;
  readonly protocol?: "http" | "https";
};
export type Official = ReturnType<typeof official>;

/** The SDK's clients, each imported when it is first used. The whole SDK at once would take seconds. */
export const official = (client: AuthClient, endpoint: URL | undefined, universe: string) => {
  const options = (): Options => ({
    authClient: client,
    universeDomain: universe,
    ...(endpoint === undefined
      ? {}
      : {
          apiEndpoint: endpoint.hostname,
          port: Number(endpoint.port === "" ? (endpoint.protocol === "http:" ? 80 : 443) : endpoint.port),
          protocol: endpoint.protocol === "http:" ? ("http" as const) : ("https" as const),
        }),
  });
  const made = <T>(load: () => Promise<new (how: Options) => T>): (() => Promise<T>) => {
    let client: Promise<T> | undefined;
    return () => (client ??= load().then((Client) => new Client(options())));
  };
  return {
    addresses: made(
      async () => (await import("@google-cloud/compute/build/src/v1/addresses_client.js")).AddressesClient,
    ),
    backendServices: made(
      async () => (await import("@google-cloud/compute/build/src/v1/backend_services_client.js")).BackendServicesClient,
    ),
    firewallPolicies: made(
      async () =>
        (await import("@google-cloud/compute/build/src/v1/firewall_policies_client.js")).FirewallPoliciesClient,
    ),
    firewalls: made(
      async () => (await import("@google-cloud/compute/build/src/v1/firewalls_client.js")).FirewallsClient,
    ),
    forwardingRules: made(
      async () => (await import("@google-cloud/compute/build/src/v1/forwarding_rules_client.js")).ForwardingRulesClient,
    ),
    globalAddresses: made(
      async () => (await import("@google-cloud/compute/build/src/v1/global_addresses_client.js")).GlobalAddressesClient,
    ),
    globalForwardingRules: made(
      async () =>
        (await import("@google-cloud/compute/build/src/v1/global_forwarding_rules_client.js"))
          .GlobalForwardingRulesClient,
    ),
    globalNetworkEndpointGroups: made(
      async () =>
        (await import("@google-cloud/compute/build/src/v1/global_network_endpoint_groups_client.js"))
          .GlobalNetworkEndpointGroupsClient,
    ),
    instanceGroups: made(
      async () => (await import("@google-cloud/compute/build/src/v1/instance_groups_client.js")).InstanceGroupsClient,
    ),
    instances: made(
      async () => (await import("@google-cloud/compute/build/src/v1/instances_client.js")).InstancesClient,
    ),
    interconnectAttachments: made(
      async () =>
        (await import("@google-cloud/compute/build/src/v1/interconnect_attachments_client.js"))
          .InterconnectAttachmentsClient,
    ),
    networkEndpointGroups: made(
      async () =>
        (await import("@google-cloud/compute/build/src/v1/network_endpoint_groups_client.js"))
          .NetworkEndpointGroupsClient,
    ),
    networkFirewallPolicies: made(
      async () =>
        (await import("@google-cloud/compute/build/src/v1/network_firewall_policies_client.js"))
          .NetworkFirewallPoliciesClient,
    ),
    networks: made(async () => (await import("@google-cloud/compute/build/src/v1/networks_client.js")).NetworksClient),
    projects: made(async () => (await import("@google-cloud/compute/build/src/v1/projects_client.js")).ProjectsClient),
    regionInstanceGroups: made(
      async () =>
        (await import("@google-cloud/compute/build/src/v1/region_instance_groups_client.js"))
          .RegionInstanceGroupsClient,
    ),
    regionNetworkEndpointGroups: made(
      async () =>
        (await import("@google-cloud/compute/build/src/v1/region_network_endpoint_groups_client.js"))
          .RegionNetworkEndpointGroupsClient,
    ),
    regionNetworkFirewallPolicies: made(
      async () =>
        (await import("@google-cloud/compute/build/src/v1/region_network_firewall_policies_client.js"))
          .RegionNetworkFirewallPoliciesClient,
    ),
    routers: made(async () => (await import("@google-cloud/compute/build/src/v1/routers_client.js")).RoutersClient),
    routes: made(async () => (await import("@google-cloud/compute/build/src/v1/routes_client.js")).RoutesClient),
    securityPolicies: made(
      async () =>
        (await import("@google-cloud/compute/build/src/v1/security_policies_client.js")).SecurityPoliciesClient,
    ),
    subnetworks: made(
      async () => (await import("@google-cloud/compute/build/src/v1/subnetworks_client.js")).SubnetworksClient,
    ),
    targetHttpProxies: made(
      async () =>
        (await import("@google-cloud/compute/build/src/v1/target_http_proxies_client.js")).TargetHttpProxiesClient,
    ),
    targetHttpsProxies: made(
      async () =>
        (await import("@google-cloud/compute/build/src/v1/target_https_proxies_client.js")).TargetHttpsProxiesClient,
    ),
    urlMaps: made(async () => (await import("@google-cloud/compute/build/src/v1/url_maps_client.js")).UrlMapsClient),
    targetInstances: made(
      async () => (await import("@google-cloud/compute/build/src/v1/target_instances_client.js")).TargetInstancesClient,
    ),
    targetPools: made(
      async () => (await import("@google-cloud/compute/build/src/v1/target_pools_client.js")).TargetPoolsClient,
    ),
    targetSslProxies: made(
      async () =>
        (await import("@google-cloud/compute/build/src/v1/target_ssl_proxies_client.js")).TargetSslProxiesClient,
    ),
    targetTcpProxies: made(
      async () =>
        (await import("@google-cloud/compute/build/src/v1/target_tcp_proxies_client.js")).TargetTcpProxiesClient,
    ),
    vpnGateways: made(
      async () => (await import("@google-cloud/compute/build/src/v1/vpn_gateways_client.js")).VpnGatewaysClient,
    ),
    vpnTunnels: made(
      async () => (await import("@google-cloud/compute/build/src/v1/vpn_tunnels_client.js")).VpnTunnelsClient,
    ),
  };
};
