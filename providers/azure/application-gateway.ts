import { keyOf, nameOf } from "./arm-id.ts";
import type { Fact, Facts } from "./facts.ts";
import type { IpConfig } from "./network-interface.ts";
import type { Raw } from "./raw.ts";
import { isRaw, items, loosely, number, text } from "./raw.ts";

/** A gateway for web traffic that leads to a port of a machine, in the machine's stead. */
export interface GatewayDoor {
  readonly gateway: Fact;
  readonly name: string;
  /** Its subnet, whose addresses stand in what it passes on. */
  readonly subnet: string | undefined;
  readonly publicAddress: string | undefined;
  readonly port: number | undefined;
}

const refIn = (of: Raw, name: string): string | undefined => {
  const value = loosely(of, name);
  return isRaw(value) ? text(value["id"]) : undefined;
};

/** The gateways that face the internet and lead to an address, once for each port. */
export const gatewayDoors = (facts: Facts, config: IpConfig): readonly GatewayDoor[] =>
  [...facts.things.applicationGateways.values()].flatMap((gateway): readonly GatewayDoor[] => {
    const { raw, id } = gateway;
    const publicAddress = items(loosely(raw, "frontendIPConfigurations"))
      .map((each) => refIn(each, "publicIPAddress"))
      .find((each) => each !== undefined);
    if (publicAddress === undefined) return [];
    const pools = new Set(
      items(loosely(raw, "backendAddressPools"))
        .filter((pool) => leadsTo(pool, config))
        .map((pool) => keyOf(text(pool["id"]) ?? `${id}/backendAddressPools/${text(pool["name"]) ?? ""}`)),
    );
    if (pools.size === 0) return [];
    const settings = new Map(
      ["backendHttpSettingsCollection", "backendSettingsCollection"].flatMap((name) =>
        items(loosely(raw, name)).map(
          (each) =>
            [
              keyOf(text(each["id"]) ?? `${id}/${name}/${text(each["name"]) ?? ""}`),
              number(loosely(each, "port")),
            ] as const,
        ),
      ),
    );
    const ports = new Set(
      rulesIn(raw)
        .filter((rule) =>
          ["backendAddressPool", "defaultBackendAddressPool"].some((name) => pools.has(keyOf(refIn(rule, name)))),
        )
        .map((rule) =>
          ["backendHttpSettings", "defaultBackendHttpSettings", "backendSettings"]
            .map((name) => settings.get(keyOf(refIn(rule, name))))
            .find((port) => port !== undefined),
        ),
    );
    const subnet = items(loosely(raw, "gatewayIPConfigurations"))
      .map((each) => refIn(each, "subnet"))
      .find((each) => each !== undefined);
    return [...ports].map((port) => ({ gateway, name: nameOf(id), subnet, publicAddress, port }));
  });

const leadsTo = (pool: Raw, { key, address, gatewayPools }: IpConfig): boolean =>
  gatewayPools.includes(keyOf(text(pool["id"]))) ||
  items(loosely(pool, "backendIPConfigurations")).some((each) => keyOf(text(each["id"])) === key) ||
  items(loosely(pool, "backendAddresses")).some(
    (each) => address !== undefined && text(loosely(each, "ipAddress")) === address,
  );

/** Rules of every kind, and what maps of paths lead to. */
const rulesIn = (raw: Raw): readonly Raw[] => [
  ...["requestRoutingRules", "routingRules"].flatMap((name) => items(loosely(raw, name))),
  ...items(loosely(raw, "urlPathMaps")).flatMap((map) => [map, ...items(loosely(map, "pathRules"))]),
];
