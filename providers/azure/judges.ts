import { adminRules } from "./admin-rule.ts";
import { groups } from "./application-security-group.ts";
import { terms } from "./ends.ts";
import type { Fact, Facts } from "./facts.ts";
import type { Filters } from "./filter.ts";
import { filters } from "./filter.ts";
import type { SecurityGroups } from "./network-security-group.ts";
import { securityGroups } from "./network-security-group.ts";
import { claims } from "./public-ip-address.ts";
import type { Routes } from "./route.ts";
import { routes } from "./route.ts";
import type { Tags } from "./service-tag.ts";
import { tags } from "./service-tag.ts";
import type { Networks } from "./virtual-network.ts";
import { networks } from "./virtual-network.ts";

/** Everything that judges, made once for an inventory. */
export interface Judges {
  readonly facts: Facts;
  readonly networks: Networks;
  readonly routes: Routes;
  readonly tags: Tags;
  readonly groups: SecurityGroups;
  readonly filters: Filters;
  /** Public addresses by the ipConfiguration that they say they are of. */
  readonly claims: ReadonlyMap<string, Fact>;
}

export const judges = (facts: Facts): Judges => {
  const those = networks(facts);
  const table = routes(facts, those, () => named);
  const named: Tags = tags(facts, those, table);
  const words = terms(named, groups(facts));
  const nsgs = securityGroups(facts, words);
  return {
    facts,
    networks: those,
    routes: table,
    tags: named,
    groups: nsgs,
    filters: filters({ facts, networks: those, tags: named, groups: nsgs, admin: adminRules(facts, words) }),
    claims: claims(facts),
  };
};
