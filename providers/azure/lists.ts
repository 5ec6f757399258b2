import type { Resource, RuleList } from "#model/inventory.ts";
import { everything, minus } from "#packets/set.ts";
import { keyOf, nameOf, subscriptionOf } from "./arm-id.ts";
import type { Fact, Facts } from "./facts.ts";
import { askedFor } from "./facts.ts";
import { unreadPart } from "#model/hop.ts";
import type { Judges } from "./judges.ts";
import { placeOf } from "./network-security-group.ts";
import { memberText, refsOf } from "./raw.ts";
import { HOST } from "./service-tag.ts";

/** Every network security group, as its own text admits packets from the internet. */
export function* listsOf({ facts, groups, networks }: Judges): Generator<RuleList> {
  const users = new Map<string, Set<string>>();
  const use = (nsg: string | undefined, by: string): void => {
    if (nsg === undefined) return;
    const key = keyOf(nsg);
    const known = users.get(key);
    if (known === undefined) users.set(key, new Set([by]));
    else known.add(by);
  };
  for (const { nsg, key } of facts.nics.values()) use(nsg, key);
  for (const { subnets } of networks.all) for (const { nsg, key } of subnets) use(nsg, key);
  for (const fact of facts.things.networkSecurityGroups.values()) {
    const own = users.get(keyOf(fact.id)) ?? new Set<string>();
    for (const each of [...refsOf(fact.raw, "subnets"), ...refsOf(fact.raw, "networkInterfaces")]) own.add(keyOf(each));
    const place = placeOf(fact.id);
    const text = groups.text(fact.id);
    const list = {
      resource: resourceOf(fact),
      place,
      attached: attachedTo(facts, fact, own.size),
      standard: false,
      carries: OTHERS,
    } as const;
    if ("code" in text) yield { ...list, gate: unreadPart(place, text) };
    else
      yield {
        ...list,
        atMost: text.atMost,
        about: text.about,
        get gate() {
          return text.gate();
        },
      };
  }
}

/** The address of the platform itself is nobody's on the internet (azure.md A4). */
const OTHERS = minus(everything, HOST);

/** How many things use a group; unknown where those that could were not read. */
const attachedTo = (facts: Facts, { id }: Fact, count: number): number | undefined => {
  const subscription = subscriptionOf(id);
  const isRead = (key: string): boolean => askedFor(facts, key, subscription) === "read";
  return count > 0 || (isRead("networkInterfaces") && isRead("virtualNetworks")) ? count : undefined;
};

const resourceOf = ({ id, raw }: Fact): Resource => ({
  cloud: "azure",
  account: subscriptionOf(id) ?? null,
  region: memberText(raw, "location")?.toLowerCase() ?? null,
  type: "network-security-group",
  id,
  name: memberText(raw, "name") ?? nameOf(id),
});
