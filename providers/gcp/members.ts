import { gap } from "#model/gap.ts";
import type { Match } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, clients, everything, minus, nothing, or } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { rangeOf } from "./client.ts";
import type { Facts } from "./facts.ts";
import { askedFor, gapFor, hostOf } from "./facts.ts";
import type { Instance } from "./instance.ts";
import { nameOf } from "./link.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { text } from "./raw.ts";

/** Who sends from inside a network, by what their machines carry. */
export interface Members {
  /** Senders whose machine carries one of the network tags, or runs as one of the accounts. */
  carrying(network: string, has: (instance: Instance) => boolean, what: string, at: Source): Match;
  /** Senders in the network to whose machine one of the secure tags is bound. What is inherited is in no answer. */
  bound(network: string | undefined, values: readonly string[], at: Source): Match;
}

export const members = (facts: Facts): Members => {
  const all = facts.instances.all;
  return {
    carrying: (network, has, what, at) => {
      const there = all.flatMap((instance) =>
        instance.interfaces.filter((nic) => nic.network === network).map((nic) => ({ instance, nic })),
      );
      const those = there.filter(({ instance }) => has(instance));
      const surely = anyOf(those.map(({ nic }) => primary(nic)));
      const aliases = minus(anyOf(those.map(({ nic }) => ranges(nic.aliases))), surely);
      const known = anyOf(there.map(({ nic }) => primary(nic)));
      const unread = unreadMembers(facts, network);
      const gaps = [
        ...(aliases === nothing
          ? []
          : [gap("unverified", problems.notDocumented(`Whether ${what} covers alias ranges`), at)]),
        ...(unread
          ? [gapFor(facts, "instances", `machines in ${nameOf(network)} with ${what}`, hostOf(network), at)]
          : []),
      ];
      const possibly = or(or(surely, aliases), unread ? minus(everything, known) : nothing);
      return { surely, possibly, gaps };
    },
    bound: (network, values, at) => {
      const those = all.filter(({ path }) => values.some((value) => facts.secureTags.get(path)?.has(value)));
      const surely = anyOf(
        those.flatMap(({ interfaces }) => interfaces.filter((nic) => nic.network === network).map(primary)),
      );
      return { surely, possibly: everything, gaps: [secureTagGap(values, at)] };
    },
  };
};

export const secureTagGap = (values: readonly string[], at: Source): Match["gaps"][number] =>
  gap(
    "missing",
    problems.notTold(
      `the secure ${values.length === 1 ? "tag" : "tags"} ${values.join(", ")}`,
      "Add the tag bindings of the machine: gcloud resource-manager tags bindings list --format=json.",
    ),
    at,
  );

/** The addresses of an interface itself: no alias ranges (gcp.md A3). */
const primary = ({ v4, v6, external6 }: NetworkInterface): PacketSet =>
  or(
    ranges([v4, v6].filter((each) => each !== undefined)),
    ranges(external6.map(({ address, bits }) => `${address}/${bits}`)),
  );

const ranges = (texts: readonly string[]): PacketSet =>
  anyOf(
    texts.map((each) => {
      const prefix = rangeOf(each);
      return prefix === undefined ? nothing : clients(prefix);
    }),
  );

/** Whether machines may be in the network that were not read: of its own project, or of one that it is lent to. */
export const unreadMembers = (facts: Facts, network: string): boolean => {
  const host = hostOf(network);
  const guests = facts.guests.get(network) ?? [];
  const lent = [...facts.things.projects.values()].some(
    ({ raw: project }) => text(project["name"]) === host && text(project["xpnProjectStatus"]) === "HOST",
  );
  return (
    lent || [...guests, host].some((project) => project !== host || askedFor(facts, "instances", project) !== "read")
  );
};

/** Clients of one family in a set of ranges. */
export const within = (texts: readonly string[], all: PacketSet): PacketSet => and(ranges(texts), all);
