import type { Source } from "#model/source.ts";
import { keyOf, nameOf, ownerOf } from "./arm-id.ts";
import type { Fact, Facts } from "./facts.ts";
import type { NatRules } from "./nat-rule.ts";
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
  readonly nat: NatRules;
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
    return {
      id,
      name: nameOf(id),
      subnet,
      vnet: subnet === undefined ? undefined : keyOf(ownerOf(subnet)),
      addresses: configs.flatMap((each) => ref(each, "publicIPAddress") ?? []),
      nat: natRules(facts, fact),
      fact,
      at: placeIn(raw, at, "ipConfigurations"),
    };
  });
