import { items, raw, text } from "#model/raw.ts";
import type { Body } from "#reading/list.ts";
import type { Parts } from "./arm-id.ts";
import { partsOf } from "./arm-id.ts";

/** What was read of a subscription that tells at which interfaces more has to be asked. */
export interface Seen {
  readonly interfaces: readonly Body[];
  readonly networks: readonly Body[];
  readonly tables: readonly Body[];
  /** Ids of machines that run, in lower case; undefined where that is not known. */
  readonly running: ReadonlySet<string> | undefined;
}

/** An interface, and which of its answers may be another than what the lists say. */
export interface Chosen extends Parts {
  readonly groups: boolean;
  readonly routes: boolean;
}

/**
 * Interfaces of running machines at which the lists do not tell all: a gateway may have learnt routes for the subnet,
 * or a default route of its own makes the tag VirtualNetwork mean something else (azure.md A4). Those that speak for a
 * subnet of which none was chosen come first.
 */
export const chosen = (seen: Seen): readonly Chosen[] => {
  const subnets = subnetsIn(seen);
  const perSubnet = new Map<string, number>();
  const found = seen.interfaces.flatMap((each): readonly (readonly [order: number, Chosen])[] => {
    const parts = partsOf(idOf(each));
    const { virtualMachine, networkSecurityGroup, ipConfigurations } = raw(each["properties"]);
    const machine = keyOf(idOf(raw(virtualMachine)));
    const isAsleep = machine === "" || seen.running?.has(machine) === false;
    if (parts === undefined || isAsleep) return [];
    const ids = new Set(items(ipConfigurations).map((config) => keyOf(idOf(raw(raw(config["properties"])["subnet"])))));
    const its = [...ids].flatMap((id) => subnets.get(id) ?? []);
    const routes = its.some(({ learns }) => learns);
    const isListed = networkSecurityGroup !== undefined || its.some(({ isListed: at }) => at);
    const groups = isListed && its.some(({ learns, isTurned }) => learns || isTurned);
    if (!groups && !routes) return [];
    const [first = ""] = ids;
    const order = perSubnet.get(first) ?? 0;
    perSubnet.set(first, order + 1);
    return [[order, { ...parts, groups, routes }]];
  });
  return found
    .toSorted(([a, { key: one }], [b, { key: other }]) => a - b || (one < other ? -1 : 1))
    .map(([, its]) => its);
};

interface Subnet {
  /** Whether a gateway may tell it routes. */
  readonly learns: boolean;
  /** Whether a route table sends what has no other way to somewhere of its own. */
  readonly isTurned: boolean;
  /** Whether a network security group is attached to it. */
  readonly isListed: boolean;
}

const subnetsIn = ({ networks, tables }: Seen): ReadonlyMap<string, Subnet> => {
  const turned = new Set(tables.filter(turnsDefault).map((table) => keyOf(idOf(table))));
  return new Map(
    networks.flatMap((network) => {
      const { subnets, virtualNetworkPeerings } = raw(network["properties"]);
      const usesRemote = items(virtualNetworkPeerings).some(
        (peering) => raw(peering["properties"])["useRemoteGateways"] === true,
      );
      const learns = usesRemote || gatewayGroupsOf(network).length > 0;
      return items(subnets).map((subnet): readonly [string, Subnet] => {
        const { routeTable, networkSecurityGroup } = raw(subnet["properties"]);
        return [
          keyOf(idOf(subnet)),
          {
            learns,
            isTurned: turned.has(keyOf(idOf(raw(routeTable)))),
            isListed: networkSecurityGroup !== undefined && networkSecurityGroup !== null,
          },
        ];
      });
    }),
  );
};

const turnsDefault = (table: Body): boolean =>
  items(raw(table["properties"])["routes"]).some((route) => {
    const { addressPrefix, nextHopType } = raw(route["properties"]);
    return /^(?:0\.0\.0\.0|::)\/0$/.test(text(addressPrefix) ?? "") && nextHopType !== "Internet";
  });

/** The resource groups of the gateways that stand in a network. */
export const gatewayGroupsOf = (network: Body): readonly string[] =>
  items(raw(network["properties"])["subnets"])
    .filter((subnet) => text(subnet["name"])?.toLowerCase() === "gatewaysubnet")
    .flatMap((subnet) => items(raw(subnet["properties"])["ipConfigurations"]))
    .flatMap((config) => partsOf(idOf(config))?.group ?? []);

const idOf = (thing: Body): string | undefined => text(thing["id"]);
const keyOf = (id: string | undefined): string => (id ?? "").toLowerCase();
