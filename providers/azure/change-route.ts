import { block, label } from "#model/terraform.ts";
import { within } from "#packets/set.ts";
import { under } from "./address.ts";
import { groupOf, keyOf, nameOf } from "./arm-id.ts";
import type { Change, Wanted } from "./change.ts";
import { areSafe, freeName, isSafe, newName, whereOf, withMember, withThing } from "./change.ts";
import type { Facts } from "./facts.ts";
import { NOWHERE } from "#model/hop.ts";
import type { Judges } from "./judges.ts";
import type { IpConfig } from "./network-interface.ts";
import type { Raw } from "./raw.ts";
import { memberItems, memberText, texts } from "./raw.ts";

/** A route for one client to the internet: the longest prefix is always taken first (azure.md A8). */
export const addRoute = (facts: Facts, judge: Judges, want: Wanted, config: IpConfig): Change | undefined => {
  const client = under(want.client);
  const own = judge.filters.subnet(config);
  const table = "subnet" in own ? own.subnet.table : undefined;
  const fact = facts.things.routeTables.get(keyOf(table));
  if (fact === undefined) return undefined;
  const { id } = fact;
  const routes = memberItems(fact.raw, "routes");
  const isSame = (each: Raw, member: string): boolean =>
    texts(each[member] ?? memberText(each, member)).some(
      (text) => within(under(text), client) && within(client, under(text)),
    );
  // A table holds one route to the same addresses: the one that is there makes way.
  const there = routes.find((each) => isSame(each, "addressPrefix"));
  const names = new Set(routes.map((each) => memberText(each, "name")?.toLowerCase()));
  const free = freeName(newName("reply-to", want.client), (each) => names.has(each));
  const name = there === undefined ? free : memberText(there, "name");
  if (name === undefined || !isSafe(id) || !areSafe(name)) return undefined;
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
    const others = told.items.filter(
      (each) => memberText(each.raw, "source")?.toLowerCase() !== "user" || !isSame(each.raw, "addressPrefix"),
    );
    effective.set(key, { ...told, items: [...others, { raw: route, at: NOWHERE }] });
  }
  const others = routes.filter((each) => each !== there);
  const changed = withThing(facts, "routeTables", withMember(fact, "routes", [...others, raw]));
  const route = `${whereOf(id)} --route-table-name ${nameOf(id)} -n ${name}`;
  const create = `az network route-table route create ${route} --address-prefix ${want.client} --next-hop-type Internet`;
  return {
    says: `Send what goes to ${want.client} to the internet in ${nameOf(id)}${there === undefined ? "" : `, in place of the route ${name}`}.`,
    cli: there === undefined ? create : `az network route-table route delete ${route} && ${create}`,
    terraform:
      there === undefined
        ? block("azurerm_route", label(name), {
            name,
            resource_group_name: groupOf(id) ?? "",
            route_table_name: nameOf(id),
            address_prefix: want.client,
            next_hop_type: "Internet",
          })
        : `# in azurerm_route ${name}, without next_hop_in_ip_address\nnext_hop_type = "Internet"`,
    facts: { ...changed, effectiveRoutes: effective },
    touches,
  };
};
