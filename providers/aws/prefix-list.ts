import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Match } from "#model/match.ts";
import { either, perhaps } from "#model/match.ts";
import type { Scope } from "#model/provider.ts";
import type { Source } from "#model/source.ts";
import { everything, family } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { cidrClients } from "./client.ts";
import type { Fact, Facts } from "./facts.ts";
import { gapFor } from "./facts.ts";
import { nameOf, text } from "./raw.ts";

/** What a prefix list holds, entry by entry, or why that is not known and what it may hold at most. */
export type PrefixList =
  | {
      readonly is: "read";
      readonly entries: readonly { readonly cidr: string; readonly at: Source }[];
      /** What the entries were read from, the same for every reference to the list. */
      readonly facts: readonly Fact[];
    }
  | { readonly is: "doubtful"; readonly match: Match };

/** The current version of a list counts; a list that is changing counts as unknown (aws.md A.7). */
export const prefixList = (facts: Facts, id: string, namedBy: string, scope: Scope, at: Source): PrefixList => {
  const list = facts.things.ManagedPrefixLists.get(id);
  const state = text(list?.raw["State"]);
  const contradiction = facts.contradictions.get(id);
  if (contradiction !== undefined) return doubtful(list, contradiction);
  if (state?.endsWith("-in-progress") === true)
    return doubtful(list, gap("depends", problems.changing(id, state), list?.at ?? at));
  const entries = facts.entries.get(id);
  if (entries === undefined) {
    const what = `the entries of prefix list ${id}`;
    return doubtful(list, gapFor(facts, "Entries", what, namedBy, scope, at));
  }
  const cut = facts.cutEntries.get(id);
  if (cut !== undefined) return doubtful(list, cut);
  const read = entries.map(({ raw, at: where }) => ({ cidr: text(raw["Cidr"]) ?? "", at: where }));
  return { is: "read", entries: read, facts: entries };
};

const doubtful = (list: Fact | undefined, why: Gap): PrefixList => {
  const ip = text(list?.raw["AddressFamily"]);
  const most = ip === "IPv4" ? family(4) : ip === "IPv6" ? family(6) : everything;
  return { is: "doubtful", match: perhaps(most, why) };
};

const united = new WeakMap<readonly Fact[], Match>();

/** The clients that a list names. */
export const prefixListClients = (list: PrefixList): Match => {
  if (list.is === "doubtful") return list.match;
  const known = united.get(list.facts) ?? either(list.entries.map(({ cidr, at }) => cidrClients(cidr, at)));
  united.set(list.facts, known);
  return known;
};

export const prefixListName = (facts: Facts, id: string): string => {
  const list = facts.things.ManagedPrefixLists.get(id);
  const name = list === undefined ? undefined : (text(list.raw["PrefixListName"]) ?? nameOf(list.raw));
  return name === undefined ? id : `${id} (${name})`;
};
