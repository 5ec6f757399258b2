import type { Source } from "#model/source.ts";
import { keyOf, nameOf, ownerOf } from "./arm-id.ts";
import type { Fact, Facts } from "./facts.ts";
import type { NatRule, NatRules } from "./nat-rule.ts";
import { natRules } from "./nat-rule.ts";
import { isRaw, items, loosely, placeIn, text } from "./raw.ts";

/** A firewall in a network, with its public addresses and what it translates. */
export interface AzureFirewall {
  readonly id: string;
  readonly name: string;
  /** Its subnet, whose addresses stand in what it passes on; undefined in a hub of a virtual WAN. */
  readonly subnet: string | undefined;
  readonly vnet: string | undefined;
  readonly addresses: readonly string[];
  /** Its addresses themselves, which a hub of a virtual WAN gives it. */
  readonly hubAddresses: readonly string[];
  readonly isInHub: boolean;
  readonly nat: NatRules;
  /** Its rules by the address that they lead to; those that lead to a name are under none. */
  readonly byTarget: ReadonlyMap<string | undefined, readonly NatRule[]>;
  readonly fact: Fact;
  readonly at: Source;
}

export const azureFirewalls = (facts: Facts): readonly AzureFirewall[] =>
  [...facts.things.azureFirewalls.values()].map((fact): AzureFirewall => {
    const { id, raw, at } = fact;
    const configs = items(loosely(raw, "ipConfigurations"));
    const ref = (each: Readonly<Record<string, unknown>>, name: string): string | undefined => {
      const value = loosely(each, name);
      return isRaw(value) ? text(value["id"]) : undefined;
    };
    const subnet = configs.map((each) => ref(each, "subnet")).find((each) => each !== undefined);
    const nat = natRules(facts, fact);
    const hub = loosely(raw, "hubIPAddresses");
    const given = isRaw(hub) ? loosely(hub, "publicIPs") : undefined;
    return {
      id,
      name: nameOf(id),
      subnet,
      vnet: subnet === undefined ? undefined : keyOf(ownerOf(subnet)),
      addresses: configs.flatMap((each) => ref(each, "publicIPAddress") ?? []),
      hubAddresses: isRaw(given)
        ? items(loosely(given, "addresses")).flatMap((each) => text(loosely(each, "address")) ?? [])
        : [],
      isInHub: ref(raw, "virtualHub") !== undefined || isRaw(hub),
      nat,
      byTarget: Map.groupBy(nat.rules, ({ to }) => to),
      fact,
      at: placeIn(raw, at, "ipConfigurations"),
    };
  });
