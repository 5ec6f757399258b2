import { block, label } from "#model/terraform.ts";
import { groupOf, keyOf, nameOf } from "./arm-id.ts";
import type { Change, Wanted } from "./change.ts";
import { isSafe, newName, whereOf, withMember, withThing } from "./change.ts";
import type { Facts } from "./facts.ts";
import { NOWHERE } from "./hop.ts";
import type { Judges } from "./judges.ts";
import type { IpConfig } from "./network-interface.ts";
import { memberItems } from "./raw.ts";

/** A route for one client to the internet: the longest prefix is always taken first (azure.md A8). */
export const addRoute = (facts: Facts, judge: Judges, want: Wanted, config: IpConfig): Change | undefined => {
  const own = judge.filters.subnet(config);
  const table = "subnet" in own ? own.subnet.table : undefined;
  const fact = facts.things.routeTables.get(keyOf(table));
  if (fact === undefined) return undefined;
  const { id } = fact;
  const name = newName("reply-to", want.client);
  if (!isSafe(id)) return undefined;
  const raw = { name, addressPrefix: want.client, nextHopType: "Internet" };
  const touches = (each: IpConfig): boolean => {
    const at = judge.filters.subnet(each);
    return "subnet" in at && keyOf(at.subnet.table) === keyOf(id);
  };
  const effective = new Map(facts.effectiveRoutes);
  for (const { key, configs } of facts.nics.values()) {
    const told = effective.get(key);
    if (told === undefined || !configs.some(touches)) continue;
    const route = { source: "User", state: "Active", addressPrefix: [want.client], nextHopType: "Internet", name };
    effective.set(key, { ...told, items: [...told.items, { raw: route, at: NOWHERE }] });
  }
  const changed = withThing(
    facts,
    "routeTables",
    withMember(fact, "routes", [...memberItems(fact.raw, "routes"), raw]),
  );
  return {
    says: `Send what goes to ${want.client} to the internet in ${nameOf(id)}.`,
    cli: `az network route-table route create ${whereOf(id)} --route-table-name ${nameOf(id)} -n ${name} --address-prefix ${want.client} --next-hop-type Internet`,
    terraform: block("azurerm_route", label(name), {
      name,
      resource_group_name: groupOf(id) ?? "",
      route_table_name: nameOf(id),
      address_prefix: want.client,
      next_hop_type: "Internet",
    }),
    facts: { ...changed, effectiveRoutes: effective },
    touches,
  };
};
