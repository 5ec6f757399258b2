import type { Gap } from "#model/gap.ts";
import type { Match } from "#model/match.ts";
import { exactly } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import { internetClients } from "#packets/internet.ts";
import { anyOf, everything, minus } from "#packets/set.ts";
import { under, underAny } from "./address.ts";
import { nameOf, subscriptionOf } from "./arm-id.ts";
import type { Facts } from "./facts.ts";
import { askedFor, gapFor } from "./facts.ts";
import type { IpConfig } from "./network-interface.ts";
import { memberRaw, texts } from "./raw.ts";
import { unlistedSets } from "./scale-set.ts";

/** Application security groups: who is in them. A group means the private addresses of its members (azure.md A3). */
export interface Groups {
  members(group: string, at: Source): Match;
}

export const groups = (facts: Facts): Groups => {
  let byGroup: ReadonlyMap<string, readonly IpConfig[]> | undefined;
  const known = new Map<string, Match>();
  return {
    members: (group, at) => {
      byGroup ??= index(facts);
      const made = known.get(group) ?? membersOf(facts, byGroup.get(group) ?? [], group, at);
      known.set(group, made);
      return made;
    },
  };
};

const index = ({ nics }: Facts): ReadonlyMap<string, readonly IpConfig[]> => {
  const found = new Map<string, IpConfig[]>();
  for (const { configs } of nics.values())
    for (const config of configs)
      for (const group of config.groups) {
        const known = found.get(group);
        if (known === undefined) found.set(group, [config]);
        else known.push(config);
      }
  return found;
};

/**
 * Members are told by the interfaces alone, so that all of them must have been read. Nobody on the internet is one: not
 * read members are inside the networks.
 */
const membersOf = (facts: Facts, members: readonly IpConfig[], group: string, at: Source): Match => {
  const sure = anyOf(members.map(({ address }) => under(address)));
  const subscription = subscriptionOf(group);
  const what = `the members of ${nameOf(group)}`;
  const unread: Gap[] = (["networkInterfaces", "scaleSetNetworkInterfaces"] as const).flatMap((key) => {
    const heard = askedFor(facts, key, subscription);
    const isRead = heard === "read" || (heard === "never" && key !== "networkInterfaces");
    return isRead ? [] : [gapFor(facts, key, what, subscription, at)];
  });
  const odd = members.find(({ address }) => address === undefined);
  if (odd !== undefined) unread.push(gapFor(facts, "networkInterfaces", what, subscription, odd.at));
  unread.push(...unlistedSets(facts, subscription ?? ""));
  if (unread.length === 0) return exactly(sure);
  const spaces = [...facts.things.virtualNetworks.values()].map(({ raw }) =>
    underAny(texts(memberRaw(raw, "addressSpace")?.["addressPrefixes"])),
  );
  return { surely: sure, possibly: anyOf([sure, minus(everything, internetClients), ...spaces]), gaps: unread };
};
