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

/** The gateways that face the internet, and what leads where in them, read once. */
export interface Gateways {
  /** Those that lead to an address, once for each port. */
  of(config: IpConfig): readonly GatewayDoor[];
}

export const gateways = (facts: Facts): Gateways => {
  const index = new Map<string, Set<GatewayDoor>>();
  for (const gateway of facts.things.applicationGateways.values())
    for (const [door, keys] of doorsOf(gateway))
      for (const key of keys) {
        const known = index.get(key);
        if (known === undefined) index.set(key, new Set([door]));
        else known.add(door);
      }
  return {
    of: ({ key, address, gatewayPools }) => [
      ...new Set(
        [key, ...gatewayPools, ...(address === undefined ? [] : [address])].flatMap((each) => [
          ...(index.get(each) ?? []),
        ]),
      ),
    ],
  };
};

/** The doors of a gateway, with the pools, ipConfigurations and addresses that each leads to. */
const doorsOf = (gateway: Fact): readonly (readonly [GatewayDoor, ReadonlySet<string>])[] => {
  const { raw, id } = gateway;
  const publicAddress = items(loosely(raw, "frontendIPConfigurations"))
    .map((each) => refIn(each, "publicIPAddress"))
    .find((each) => each !== undefined);
  if (publicAddress === undefined) return [];
  const pools = new Map(
    items(loosely(raw, "backendAddressPools")).map((pool) => {
      const key = keyOf(text(pool["id"]) ?? `${id}/backendAddressPools/${text(pool["name"]) ?? ""}`);
      return [key, [key, ...membersOf(pool)]] as const;
    }),
  );
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
  const subnet = items(loosely(raw, "gatewayIPConfigurations"))
    .map((each) => refIn(each, "subnet"))
    .find((each) => each !== undefined);
  const byPort = new Map<number | undefined, Set<string>>();
  for (const rule of rulesIn(raw)) {
    const port = ["backendHttpSettings", "defaultBackendHttpSettings", "backendSettings"]
      .map((name) => settings.get(keyOf(refIn(rule, name))))
      .find((each) => each !== undefined);
    const keys = byPort.get(port) ?? new Set();
    for (const name of ["backendAddressPool", "defaultBackendAddressPool"])
      for (const key of pools.get(keyOf(refIn(rule, name))) ?? []) keys.add(key);
    byPort.set(port, keys);
  }
  return [...byPort].map(([port, keys]) => [{ gateway, name: nameOf(id), subnet, publicAddress, port }, keys]);
};

const membersOf = (pool: Raw): readonly string[] => [
  ...items(loosely(pool, "backendIPConfigurations")).map((each) => keyOf(text(each["id"]))),
  ...items(loosely(pool, "backendAddresses")).flatMap((each) => text(loosely(each, "ipAddress")) ?? []),
];

/** Rules of every kind, and what maps of paths lead to. */
const rulesIn = (raw: Raw): readonly Raw[] => [
  ...["requestRoutingRules", "routingRules"].flatMap((name) => items(loosely(raw, name))),
  ...items(loosely(raw, "urlPathMaps")).flatMap((map) => [map, ...items(loosely(map, "pathRules"))]),
];
