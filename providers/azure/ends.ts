import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Match } from "#model/match.ts";
import { both, either, exactly, perhaps } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import type { Prefix } from "#packets/address.ts";
import { isUnder } from "#packets/address.ts";
import { anyOf, clients, clientsAsking, everything, isOfServices, meets, nothing, within } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { rangeOf } from "./address.ts";
import type { Groups } from "./application-security-group.ts";
import { nameOf } from "./arm-id.ts";
import type { Asks, Named } from "./service.ts";
import { brief, isAny, service } from "./service.ts";
import type { Meaning, Tags } from "./service-tag.ts";
import { isTag } from "./service-tag.ts";

/** One of the things that a rule names as its source or destination. */
export type End =
  | { readonly is: "any" }
  | { readonly is: "range"; readonly text: string; readonly prefix: Prefix }
  | { readonly is: "tag"; readonly name: string }
  | { readonly is: "bad"; readonly text: string };

/** All that a rule names at one end; the same text is the same object. */
export interface Ends {
  readonly all: readonly End[];
  /** Application security groups, by id in lower case. */
  readonly groups: readonly string[];
  readonly isAny: boolean;
  /** Nothing in it means something else elsewhere. */
  readonly isPlain: boolean;
  readonly says: string;
  /** Who that is, where it is the same everywhere. */
  readonly match: Match | undefined;
}

/** The other end of a packet that some rule judges: an address of a machine, and the groups that it is in. */
export interface Spot {
  /** Undefined where it was not read. */
  readonly address: string | undefined;
  readonly range: Prefix | undefined;
  readonly groups: readonly string[];
  /** What tags mean here of those at the other end, and of the spot itself. */
  readonly meaning: Meaning;
  readonly own: Meaning;
  readonly at: Source;
}

/** The words of rules, read once each. */
export interface Terms {
  /** What tags mean to packets from the internet, wherever nothing is peculiar. */
  readonly nowhere: Meaning;
  readonly service: (asks: Asks, at: Source) => Named;
  /** How many addresses the members of an application group have at most, where that is known. */
  readonly groupSize: (group: string) => number | undefined;
  readonly ends: (texts: readonly string[], groups: readonly string[]) => Ends;
  /** Who of those meant asks for a service, seen from a spot. */
  readonly asking: (service: Match, ends: Ends, meaning: Meaning, at: Source) => Match;
  /** Who is meant, seen from a spot. */
  readonly senders: (ends: Ends, meaning: Meaning, at: Source) => Match;
  /** Whether the spot is meant: surely, not, or for these reasons possibly. */
  readonly hits: (ends: Ends, spot: Spot, at: Source) => boolean | readonly [Gap, ...Gap[]];
}

export const terms = (tags: Tags, groups: Groups): Terms => {
  const services = new Map<string, Named>();
  const sizes = new Map<string, { readonly of: number | undefined }>();
  const lists = new Map<string, Ends>();
  const single = new Map<string, End>();
  const relative = new WeakMap<Meaning, Map<Ends, Match>>();

  const end = (text: string): End => {
    const before = single.get(text);
    if (before !== undefined) return before;
    const made = ((): End => {
      if (isAny(text)) return { is: "any" };
      const prefix = rangeOf(text);
      if (prefix !== undefined) return { is: "range", text, prefix };
      return isTag(text) ? { is: "tag", name: text } : { is: "bad", text };
    })();
    single.set(text, made);
    return made;
  };

  const matchOf = (each: End, meaning: Meaning, at: Source): Match => {
    switch (each.is) {
      case "any":
        return ALL;
      case "range":
        return exactly(clients(each.prefix));
      case "tag":
        return tags.match(each.name, meaning, at);
      case "bad":
        return perhaps(everything, gap("unreadable", problems.badAddress(each.text, `${at.file}#${at.pointer}`), at));
    }
  };

  const alone = new Map<string, Ends>();
  const ends = (texts: readonly string[], named: readonly string[]): Ends => {
    const [only] = texts;
    if (only === undefined || texts.length > 1 || named.length > 0) return listed(texts, named);
    const made = alone.get(only) ?? endsOf(texts, named);
    alone.set(only, made);
    return made;
  };

  const listed = (texts: readonly string[], named: readonly string[]): Ends => {
    const key = `${texts.join(",")} ${named.join(",")}`;
    const made = lists.get(key) ?? endsOf(texts, named);
    lists.set(key, made);
    return made;
  };

  const endsOf = (texts: readonly string[], named: readonly string[]): Ends => {
    const all = texts.map(end);
    const isEvery = all.some(({ is }) => is === "any");
    const isPlain = named.length === 0 && all.length > 0 && (isEvery || all.every(({ is }) => is === "range"));
    const words = [
      ...texts.map((text) => (isTag(text) && !isAny(text) ? `${text}${tags.says(text)}` : text)),
      ...named.map((group) => `group ${nameOf(group)}`),
    ];
    let match: Match | undefined;
    return {
      all,
      groups: named,
      isAny: isEvery,
      isPlain,
      says: isEvery ? "anywhere" : brief(words),
      get match() {
        if (isPlain) match ??= isEvery ? ALL : either(all.map((each) => matchOf(each, tags.nowhere, NOBODY)));
        return match;
      },
    };
  };

  const senders = (of: Ends, meaning: Meaning, at: Source): Match => {
    if (of.match !== undefined) return of.match;
    const known = relative.get(meaning) ?? new Map<Ends, Match>();
    relative.set(meaning, known);
    const before = known.get(of);
    if (before !== undefined) return before;
    const made =
      of.all.length === 0 && of.groups.length === 0
        ? perhaps(everything, gap("unreadable", problems.notARule(`${at.file}#${at.pointer}`), at))
        : either([
            ...of.all.map((each) => matchOf(each, meaning, at)),
            ...of.groups.map((group) => groups.members(group, at)),
          ]);
    known.set(of, made);
    return made;
  };

  const asking = (asked: Match, of: Ends, meaning: Meaning, at: Source): Match => {
    const { surely, possibly } = asked;
    if (!of.isPlain || of.isAny || surely !== possibly || !isOfServices(surely))
      return both(asked, senders(of, meaning, at));
    // Built with the service at the bottom, and not taken apart again: most rules are of this kind.
    return exactly(anyOf(of.all.map((each) => (each.is === "range" ? clientsAsking(each.prefix, surely) : nothing))));
  };

  const hits = (of: Ends, spot: Spot, at: Source): boolean | readonly [Gap, ...Gap[]] => {
    if (of.isAny || of.groups.some((group) => spot.groups.includes(group))) return true;
    const gaps: Gap[] = [];
    if (of.all.length === 0 && of.groups.length === 0)
      gaps.push(gap("unreadable", problems.notARule(`${at.file}#${at.pointer}`), at));
    for (const each of of.all) {
      if (each.is === "bad") gaps.push(...matchOf(each, spot.own, at).gaps);
      else if (spot.range === undefined)
        gaps.push(
          gap(
            "missing",
            problems.missing("the private address of an interface", "az network nic list -o json"),
            spot.at,
          ),
        );
      else if (each.is === "range") {
        if (isUnder(spot.range, each.prefix)) return true;
        if (isUnder(each.prefix, spot.range))
          gaps.push(
            gap("depends", problems.notDocumented(`Which address of ${spot.address ?? ""} is asked for`), spot.at),
          );
      } else if (each.is === "tag") {
        const match = tags.match(each.name, spot.own, at);
        const own = clients(spot.range);
        if (within(own, match.surely)) return true;
        if (meets(own, match.possibly)) gaps.push(...match.gaps);
      }
    }
    const [first, ...others] = gaps;
    return first === undefined ? false : [first, ...others];
  };

  return {
    nowhere: tags.nowhere,
    service: (asks, at) => {
      const { protocol, ports, clientPorts } = asks;
      const key = `${protocol}|${ports.length === 1 ? ports[0] : ports.join(",")}|${clientPorts.join(",")}`;
      const before = services.get(key);
      if (before !== undefined) return before;
      const made = service(asks, at);
      services.set(key, made);
      return made;
    },
    groupSize: (group) => {
      const before = sizes.get(group);
      if (before !== undefined) return before.of;
      const made = { of: groups.count(group) };
      sizes.set(group, made);
      return made.of;
    },
    ends,
    asking,
    senders,
    hits,
  };
};

const ALL: Match = exactly(everything);
const NOBODY: Source = { file: "", pointer: "" };
