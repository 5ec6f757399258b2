import type { Final } from "#model/gate.ts";
import type { Facts } from "./facts.ts";
import type { InternetGateways } from "./internet-gateway.ts";
import { internetGateways } from "./internet-gateway.ts";
import type { NetworkAcls } from "./network-acl.ts";
import { networkAcls } from "./network-acl.ts";
import type { PrivateAddress } from "./network-interface.ts";
import { publicAccessBlocks } from "./public-access-block.ts";
import { text } from "./raw.ts";
import type { RouteTables } from "./route-table.ts";
import { routeTables } from "./route-table.ts";
import type { SecurityGroups } from "./security-group.ts";
import { securityGroups } from "./security-group.ts";

/** Everything that judges, made once for an inventory. */
export interface Judges {
  readonly facts: Facts;
  readonly groups: SecurityGroups;
  readonly acls: NetworkAcls;
  readonly tables: RouteTables;
  readonly gateways: InternetGateways;
  readonly block: ReturnType<typeof publicAccessBlocks>;
  /** Elastic IPs by interface, which DescribeAddresses lists and the interface itself does not. */
  readonly elastic: ReadonlyMap<string, readonly PrivateAddress[]>;
  /** The gate of that name, made if it is the first time that it is asked for. */
  gate(name: string, make: () => Final): Final;
}

export const judges = (facts: Facts): Judges => ({
  facts,
  groups: securityGroups(facts),
  acls: networkAcls(facts),
  tables: routeTables(facts),
  gateways: internetGateways(facts),
  block: publicAccessBlocks(facts),
  elastic: elasticAddresses(facts),
  gate: remembered(),
});

const remembered = (): Judges["gate"] => {
  const gates = new Map<string, Final>();
  return (name, make) => {
    const known = gates.get(name) ?? make();
    gates.set(name, known);
    return known;
  };
};

const elasticAddresses = (facts: Facts): ReadonlyMap<string, readonly PrivateAddress[]> => {
  const found = new Map<string, PrivateAddress[]>();
  for (const { raw } of facts.addresses) {
    const on = text(raw["NetworkInterfaceId"]);
    const own = text(raw["PrivateIpAddress"]);
    const address = text(raw["PublicIp"]);
    if (on === undefined || own === undefined || address === undefined) continue;
    if (facts.interfaces.get(on)?.v4.some((known) => known.public === address) === true) continue;
    found.set(on, [...(found.get(on) ?? []), { private: own, public: address }]);
  }
  return found;
};
