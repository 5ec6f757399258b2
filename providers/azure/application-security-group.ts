import type { Gap } from "#model/gap.ts";
import type { Match } from "#model/match.ts";
import { exactly } from "#model/match.ts";
import { NOWHERE } from "#model/hop.ts";
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
  /** How many addresses its members have at most; undefined where not all of them were read. */
  count(group: string): number | undefined;
}

export const groups = (facts: Facts): Groups => {
  let byGroup: ReadonlyMap<string, readonly IpConfig[]> | undefined;
  const known = new Map<string, Match>();
  const of = (group: string): readonly IpConfig[] => {
    byGroup ??= index(facts);
    return byGroup.get(group) ?? [];
  };
  return {
    members: (group, at) => {
      const made = known.get(group) ?? membersOf(facts, of(group), group, at);
      known.set(group, made);
      return made;
    },
    count: (group) => {
      const those = of(group);
      const isRead = unreadMembers(facts, those, group, NOWHERE).length === 0;
      // An interface may have a whole block.
      return isRead && !those.some(({ address }) => address?.includes("/")) ? those.length : undefined;
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
  const unread = unreadMembers(facts, members, group, at);
  if (unread.length === 0) return exactly(sure);
  const spaces = [...facts.things.virtualNetworks.values()].map(({ raw }) =>
    underAny(texts(memberRaw(raw, "addressSpace")?.["addressPrefixes"])),
  );
  return { surely: sure, possibly: anyOf([sure, minus(everything, internetClients), ...spaces]), gaps: unread };
};

/** Why there may be other members. */
const unreadMembers = (facts: Facts, members: readonly IpConfig[], group: string, at: Source): readonly Gap[] => {
  const subscription = subscriptionOf(group);
  const what = `the members of ${nameOf(group)}`;
  const unread: Gap[] = (["networkInterfaces", "scaleSetNetworkInterfaces"] as const).flatMap((key) => {
    const heard = askedFor(facts, key, subscription);
    const isRead = heard === "read" || (heard === "never" && key !== "networkInterfaces");
    return isRead ? [] : [gapFor(facts, key, what, subscription, at)];
  });
  const odd = members.find(({ address }) => address === undefined);
  if (odd !== undefined) unread.push(gapFor(facts, "networkInterfaces", what, subscription, odd.at));
  return [...unread, ...unlistedSets(facts, subscription ?? "")];
};
