import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { TCP, UDP } from "#packets/service.ts";
import { problems } from "#problems.ts";
import { keyOf, nameOf, ownerOf } from "./arm-id.ts";
import type { Fact, Facts } from "./facts.ts";
import type { IpConfig } from "./network-interface.ts";
import type { Raw } from "./raw.ts";
import { items, loosely, number, placeIn, text } from "./raw.ts";
import { doorProtocols } from "./service.ts";

/** One address of a balancer, which the internet may dial where it is a public one. */
export interface Frontend {
  readonly name: string;
  readonly privateAddress: string | undefined;
  readonly publicAddress: string | undefined;
  readonly publicPrefix: string | undefined;
  readonly gatewayBalancer: string | undefined;
  readonly at: Source;
}

/** What a rule of a balancer makes of one port: another port of a machine (azure.md A6). */
export interface Door {
  readonly balancer: Fact;
  /** The rule, in lower case: rules of several kinds may have one name. */
  readonly key: string;
  readonly name: string;
  readonly frontend: Frontend;
  readonly protocol: number;
  /** The port that clients dial: one, one of several, or the machine's own. */
  readonly dialled: number | string;
  /** The machine's port; undefined where it is any. */
  readonly port: number | undefined;
  readonly isFloating: boolean;
  readonly hasProbe: boolean;
  /** Why it is not known what it carries. */
  readonly doubt: Gap | undefined;
  readonly at: Source;
}

/** A door, and whether its balancer was told to send nobody there. */
export interface Leading {
  readonly door: Door;
  readonly isDown: boolean;
}

export interface Balancers {
  /** What leads to an address from outside. */
  of(config: IpConfig): readonly Leading[];
  /** What leads to it from an address inside. */
  within(config: IpConfig): readonly Leading[];
}

export const balancers = (facts: Facts): Balancers => {
  const index = new Map<string, Leading[]>();
  const put = (key: string, leading: Leading): void => {
    const known = index.get(key);
    if (known === undefined) index.set(key, [leading]);
    else known.push(leading);
  };
  for (const balancer of facts.things.loadBalancers.values()) indexOne(facts, balancer, put);
  const isByAddress = [...index.keys()].some((key) => key.includes(" "));
  const leading = (config: IpConfig): readonly Leading[] => {
    const keys = [config.key, ...config.pools, ...config.natRules, ...(isByAddress ? [addressKey(config)] : [])];
    const found = new Map<string, Leading>();
    for (const key of keys)
      for (const each of index.get(key) ?? []) {
        const id = `${each.door.key} ${each.door.protocol}`;
        if (!found.has(id) || each.isDown) found.set(id, each);
      }
    return found.size === 0 ? NOBODY : [...found.values()];
  };
  return {
    of: (config) => leading(config).filter(({ door }) => isPublic(door.frontend)),
    within: (config) => leading(config).filter(({ door }) => !isPublic(door.frontend)),
  };
};

const NOBODY: readonly Leading[] = [];
const addressKey = ({ subnet, address }: IpConfig): string => `${keyOf(ownerOf(subnet ?? ""))} ${address}`;

const isPublic = ({ publicAddress, publicPrefix }: Frontend): boolean => (publicAddress ?? publicPrefix) !== undefined;

const refIn = (of: Raw, name: string): string | undefined => {
  const value = loosely(of, name);
  return text(Object.entries(value ?? {}).find(([key]) => key === "id")?.[1]);
};

const indexOne = (facts: Facts, balancer: Fact, put: (key: string, leading: Leading) => void): void => {
  const { raw, at, id } = balancer;
  const listed = (name: string): readonly (readonly [Raw, Source])[] => {
    const list = items(loosely(raw, name));
    const where = placeIn(raw, at, name);
    return list.map((each, i) => [each, inside(where, i)] as const);
  };
  const own = (kind: string, each: Raw): string =>
    keyOf(text(each["id"]) ?? `${id}/${kind}/${text(each["name"]) ?? ""}`);
  const frontends = new Map(
    listed("frontendIPConfigurations").map(([each, source]): readonly [string, Frontend] => [
      own("frontendIPConfigurations", each),
      {
        name: text(each["name"]) ?? "frontend",
        privateAddress: text(loosely(each, "privateIPAddress")),
        publicAddress: refIn(each, "publicIPAddress"),
        publicPrefix: refIn(each, "publicIPPrefix"),
        gatewayBalancer: refIn(each, "gatewayLoadBalancer"),
        at: source,
      },
    ]),
  );
  const doors = (
    kind: string,
    each: Raw,
    source: Source,
    dialled: Door["dialled"],
    port: number | undefined,
  ): readonly Door[] => {
    const frontend = frontends.get(keyOf(refIn(each, "frontendIPConfiguration")));
    if (frontend === undefined) return [];
    const words = text(loosely(each, "protocol")) ?? "all";
    const protocols = doorProtocols([words]);
    const doubt =
      protocols.length > 0
        ? undefined
        : gap("unreadable", problems.badProtocol(words, `${source.file}#${source.pointer}`), source);
    return (doubt === undefined ? protocols : [TCP, UDP]).map((protocol) => ({
      balancer,
      key: own(kind, each),
      name: text(each["name"]) ?? nameOf(text(each["id"]) ?? "rule"),
      frontend,
      protocol,
      dialled: dialled === port ? "same" : dialled,
      port,
      isFloating: loosely(each, "enableFloatingIP") === true,
      hasProbe: refIn(each, "probe") !== undefined,
      doubt,
      at: source,
    }));
  };
  const pools = new Map(
    listed("backendAddressPools").map(([each]) => [own("backendAddressPools", each), each] as const),
  );
  const toPool = (key: string, list: readonly Door[]): void => {
    const pool = pools.get(key);
    for (const door of list) {
      put(key, { door, isDown: false });
      for (const each of items(loosely(pool ?? {}, "backendIPConfigurations")))
        put(keyOf(text(each["id"])), { door, isDown: false });
      for (const each of items(loosely(pool ?? {}, "loadBalancerBackendAddresses"))) {
        const isDown = text(loosely(each, "adminState"))?.toLowerCase() === "down";
        const config = refIn(each, "networkInterfaceIPConfiguration");
        const address = text(loosely(each, "ipAddress"));
        const network =
          refIn(each, "virtualNetwork") ?? ownerOf(refIn(each, "subnet") ?? "") ?? refIn(pool ?? {}, "virtualNetwork");
        if (config !== undefined) put(keyOf(config), { door, isDown });
        if (address === undefined) continue;
        const vnet = keyOf(network === "" ? refIn(pool ?? {}, "virtualNetwork") : network);
        if (vnet !== "") put(`${vnet} ${address}`, { door, isDown });
      }
    }
  };
  for (const [each, source] of listed("inboundNatRules")) {
    const [first, last] = [
      number(loosely(each, "frontendPortRangeStart")),
      number(loosely(each, "frontendPortRangeEnd")),
    ];
    const port = number(loosely(each, "backendPort"));
    const dialled =
      first !== undefined && first > 0
        ? `${first}-${last ?? first}`
        : (number(loosely(each, "frontendPort")) ?? "same");
    const list = doors("inboundNatRules", each, source, dialled, port);
    for (const door of list) {
      put(own("inboundNatRules", each), { door, isDown: false });
      const config = refIn(each, "backendIPConfiguration");
      if (config !== undefined) put(keyOf(config), { door, isDown: false });
    }
    const pool = refIn(each, "backendAddressPool");
    if (pool !== undefined) toPool(keyOf(pool), list);
  }
  for (const [each, source] of listed("inboundNatPools")) {
    const [first, last] = [
      number(loosely(each, "frontendPortRangeStart")),
      number(loosely(each, "frontendPortRangeEnd")),
    ];
    const kind = "inboundNatPools";
    const list = doors(kind, each, source, `${first ?? ""}-${last ?? ""}`, number(loosely(each, "backendPort")));
    const key = own(kind, each);
    for (const door of list) for (const config of inPool(facts, key)) put(config, { door, isDown: false });
  }
  for (const [each, source] of listed("loadBalancingRules")) {
    const [front, back] = [number(loosely(each, "frontendPort")), number(loosely(each, "backendPort"))];
    // Port 0 is every port, to the same of the machine.
    const kind = "loadBalancingRules";
    const list =
      front === 0
        ? doors(kind, each, source, "same", undefined)
        : doors(kind, each, source, front ?? "same", back ?? front);
    const many = items(loosely(each, "backendAddressPools")).map((pool) => text(pool["id"]) ?? "");
    for (const pool of new Set([...many, refIn(each, "backendAddressPool") ?? ""]))
      if (pool !== "") toPool(keyOf(pool), list);
  }
};

/**
 * The addresses of instances whose scale set has a pool of ports in its template, and those that name a rule which was
 * made of the pool.
 */
const inPool = (facts: Facts, pool: string): readonly string[] => {
  const prefix = `${pool.replace("/inboundnatpools/", "/inboundnatrules/")}.`;
  const sets = [...facts.things.virtualMachineScaleSets.values()].filter(({ raw }) =>
    JSON.stringify(raw).toLowerCase().includes(`"${pool}"`),
  );
  const found: string[] = [];
  for (const { key, configs } of facts.nics.values()) {
    const isOf = sets.some(({ id }) => key.startsWith(`${keyOf(id)}/`));
    for (const config of configs)
      if ((isOf && config.isPrimary) || config.natRules.some((rule) => rule.startsWith(prefix) || rule === pool))
        found.push(config.key);
  }
  return found;
};
