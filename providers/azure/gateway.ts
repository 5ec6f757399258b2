import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import { problems } from "#problems.ts";
import { keyOf, nameOf, ownerOf } from "./arm-id.ts";
import type { Facts } from "./facts.ts";
import { permissionFor } from "./permissions.ts";
import { member, memberItems, memberText, refOf } from "./raw.ts";
import type { Networks, VirtualNetwork } from "./virtual-network.ts";
import { isConnected } from "./virtual-network.ts";

/**
 * What leads out of a network to other places than the internet: nothing; a gateway whose routes are set by hand; or one
 * that may learn a route to anywhere.
 */
export interface Beyond {
  readonly is: "none" | "static" | "dynamic";
  /** What it is, by id. */
  readonly id: string;
  readonly gap: Gap;
}

const EFFECTIVE = permissionFor("effectiveRoutes")?.cli ?? "";

export const beyondOf = (facts: Facts, those: Networks, network: VirtualNetwork): Beyond | undefined => {
  const own = gatewayIn(facts, network);
  if (own?.is === "dynamic") return own;
  for (const peering of network.peerings) {
    if (!peering.usesRemoteGateways || !isConnected(peering)) continue;
    const remote = those.get(peering.remote);
    const found =
      remote === undefined
        ? learned("dynamic", peering.id, `a gateway behind peering ${peering.name}`)
        : gatewayIn(facts, remote);
    if (found !== undefined) return found;
  }
  return own;
};

const gatewayIn = (facts: Facts, { subnets, id }: VirtualNetwork): Beyond | undefined => {
  const server = subnets.find(({ name, isUsed }) => name === "RouteServerSubnet" && isUsed);
  if (server !== undefined) return learned("dynamic", server.id, `the route server of ${nameOf(id)}`);
  const gateways = [...facts.things.virtualNetworkGateways.values()].filter(({ raw }) =>
    memberItems(raw, "ipConfigurations").some((each) => keyOf(ownerOf(refOf(each, "subnet") ?? "")) === keyOf(id)),
  );
  const subnet = subnets.find(({ name }) => name === "GatewaySubnet");
  if (gateways.length === 0) {
    return subnet?.isUsed === true ? learned("dynamic", subnet.id, `the gateway of ${nameOf(id)}`) : undefined;
  }
  const dynamic = gateways.find(
    ({ raw }) =>
      memberText(raw, "gatewayType")?.toLowerCase() !== "vpn" ||
      member(raw, "enableBgp") !== false ||
      refOf(raw, "gatewayDefaultSite") !== undefined,
  );
  const [first] = gateways;
  if (dynamic !== undefined) return learned("dynamic", dynamic.id, nameOf(dynamic.id));
  return first === undefined ? undefined : learned("static", first.id, nameOf(first.id));
};

const learned = (is: Beyond["is"], id: string, what: string): Beyond => ({
  is,
  id,
  gap: gap("missing", problems.missing(`routes that ${what} has learned`, EFFECTIVE)),
});
