/** Networks, subnets, and routes there and away. */
import { block4, ipv4, publicBlock4 } from "../estate/text.ts";
import { at, random } from "../random.ts";
import { fingerprint, moment } from "./machines.ts";
import { idOf, link, type Network, type Plan, type Subnet } from "./plan.ts";

export const networkAnswer = (network: Network, policy: string | undefined): object => ({
  autoCreateSubnetworks: false,
  creationTimestamp: moment(network.index * 104_729),
  ...(policy === undefined ? {} : { firewallPolicy: link(policy) }),
  id: idOf("network", network.index),
  kind: "compute#network",
  mtu: 1460,
  name: network.name,
  ...(network.order === undefined ? {} : { networkFirewallPolicyEnforcementOrder: network.order }),
  routingConfig: { routingMode: "REGIONAL" },
  selfLink: link(network.path),
  selfLinkWithId: link(network.path.replace(/[^/]+$/, idOf("network", network.index))),
  subnetworks: network.subnets.map((each) => link(subnetPath(each))),
  x_gcloud_bgp_routing_mode: "REGIONAL",
  x_gcloud_subnet_mode: "CUSTOM",
});

const subnetPath = ({ network, region, name }: Subnet): string =>
  `projects/${network.project}/regions/${region}/subnetworks/${name}`;

export const subnetAnswer = (subnet: Subnet): object => ({
  creationTimestamp: moment(subnet.index * 7919),
  fingerprint: fingerprint(subnet.index),
  gatewayAddress: ipv4(subnet.start + 1),
  id: idOf("subnet", subnet.index),
  ipCidrRange: block4(subnet.start, 20),
  ...(subnet.ipv6 === undefined
    ? {}
    : subnet.ipv6.access === "EXTERNAL"
      ? {
          externalIpv6Prefix: `${subnet.ipv6.start}::/64`,
          ipv6AccessType: "EXTERNAL",
          ipv6CidrRange: `${subnet.ipv6.start}::/64`,
        }
      : {
          internalIpv6Prefix: `${subnet.ipv6.start}::/64`,
          ipv6AccessType: "INTERNAL",
          ipv6CidrRange: `${subnet.ipv6.start}::/64`,
        }),
  kind: "compute#subnetwork",
  name: subnet.name,
  network: link(subnet.network.path),
  privateIpGoogleAccess: true,
  purpose: "PRIVATE",
  region: link(`projects/${subnet.network.project}/regions/${subnet.region}`),
  selfLink: link(subnetPath(subnet)),
  stackType: subnet.ipv6 === undefined ? "IPV4_ONLY" : "IPV4_IPV6",
});

/** The default routes, one for each subnet, and some that lead clients of the internet elsewhere, or back again. */
export const routeAnswers = (outline: Plan, network: Network): readonly object[] => {
  const r = random(outline.seed, "gcp routes", network.index);
  const gateway = { nextHopGateway: link(`projects/${network.project}/global/gateways/default-internet-gateway`) };
  const tunnel = { nextHopVpnTunnel: link(`projects/${network.project}/regions/europe-west1/vpnTunnels/office`) };
  const appliance = { nextHopIp: "10.0.0.9" };
  const partners = Array.from({ length: 4 }, () => publicBlock4(r));
  const [broad, narrow] = [`${r.pick([8, 62, 93, 151])}.0.0.0/8`, at(partners, 0)];
  const hasV6 = network.subnets.some(({ ipv6 }) => ipv6?.access === "EXTERNAL");
  const wanted: readonly (readonly [string, number, object, readonly string[]])[] = [
    ...(network.isIsolated ? [] : [["0.0.0.0/0", 1000, gateway, []] as const]),
    ...(network.isIsolated || !hasV6 ? [] : [["::/0", 1000, gateway, []] as const]),
    ...network.subnets.map(
      (subnet) => [block4(subnet.start, 20), 0, { nextHopNetwork: link(network.path) }, []] as const,
    ),
    [broad, 900, tunnel, []],
    [broad.replace("0.0.0/8", "64.0.0/10"), 900, gateway, []],
    ...partners.map(
      (range, k) =>
        [range, 1000, k === 0 ? tunnel : k === 1 ? appliance : gateway, k === 2 ? [at(network.tags, 0)] : []] as const,
    ),
    [narrow, 500, gateway, [at(network.tags, 1), at(network.tags, 2)]],
    ["0.0.0.0/0", 800, appliance, [at(network.tags, network.tags.length - 1)]],
    ...(network.isIsolated ? [["0.0.0.0/0", 700, gateway, [at(network.tags, 4)]] as const] : []),
  ];
  return wanted.map(([destRange, priority, hop, tags], k) => {
    const name = k === 0 ? `default-route-${network.index}` : `route-${network.index}-${k}`;
    return {
      creationTimestamp: moment(k * 7919),
      description: "",
      destRange,
      id: idOf("route", network.index * 1000 + k),
      kind: "compute#route",
      name,
      network: link(network.path),
      ...hop,
      priority,
      routeStatus: "ACTIVE",
      routeType: "nextHopNetwork" in hop ? "SUBNET" : "STATIC",
      selfLink: link(`projects/${network.project}/global/routes/${name}`),
      ...(tags.length === 0 ? {} : { tags }),
    };
  });
};
