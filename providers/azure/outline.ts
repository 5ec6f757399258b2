import type { List, Place, Rule } from "#model/gate.ts";
import type { Outline } from "#model/way.ts";
import { ADDRESS_BITS } from "#packets/address.ts";
import { rangeOf } from "./address.ts";
import { keyOf } from "./arm-id.ts";
import type { Terms } from "./ends.ts";
import type { Told } from "./facts.ts";
import { bothOf, idsIn, isRaw } from "./raw.ts";
import type { SecurityGroup } from "./security-group.ts";
import type { SecurityRule } from "./security-rule.ts";
import { headOf, readRule } from "./security-rule.ts";
import type { Meaning } from "./service-tag.ts";

/** What a group lets in at most, to whomever: its widest rules, and how many clients the others name. */
export interface Glance {
  /** Those of which more is to be known than how many clients they name. */
  readonly wide: readonly SecurityRule[];
  readonly besides: Outline["besides"];
  readonly isRelative: boolean;
}

/** Most rules of a group name few clients. What these are let in to is of little weight, and need not be read. */
export const glance = ({ told }: SecurityGroup, terms: Terms): Glance => {
  const wide: SecurityRule[] = [];
  const besides = { 4: 0, 6: 0 };
  const allowed = new Set<number>();
  for (const each of told) {
    const head = headOf(each.raw, "Inbound");
    if (head === undefined) continue;
    const few = narrowly(each, terms);
    if (few === undefined) wide.push(readRule(each.raw, each.at, terms, head));
    else if (head.action !== "timeout") {
      besides[4] += few[4];
      besides[6] += few[6];
      allowed.add(head.priority);
    }
  }
  // What stands at the number of another rule may come behind it.
  const sure = wide.filter((rule) => rule.action !== "timeout" || isSure(rule, allowed, wide));
  return {
    wide: sure.toSorted((a, b) => a.priority - b.priority),
    besides,
    isRelative: sure.some(({ source }) => !source.isPlain),
  };
};

/** Whether a rule denies something to all whom the group stands before, whatever the others do. */
const isSure = (
  { priority, destination, doubts }: SecurityRule,
  allowed: ReadonlySet<number>,
  all: readonly SecurityRule[],
): boolean =>
  destination.isAny &&
  doubts.length === 0 &&
  !allowed.has(priority) &&
  !all.some((other) => other.priority === priority && other.action !== "timeout");

/** From so many bits on a block is small. */
const SMALL = { 4: 8, 6: 12 } as const;

/** How many clients a rule names, by family, where these are some blocks of addresses and no more. */
const narrowly = ({ raw }: Told, terms: Terms): Outline["besides"] | undefined => {
  const inner = isRaw(raw["properties"]) ? raw["properties"] : raw;
  const groups = idsIn(raw["sourceApplicationSecurityGroups"] ?? inner["sourceApplicationSecurityGroups"]);
  const sources = bothOf(
    raw["sourceAddressPrefix"] ?? inner["sourceAddressPrefix"],
    raw["sourceAddressPrefixes"] ?? inner["sourceAddressPrefixes"],
  );
  const clients = { 4: 0, 6: 0 };
  for (const each of sources) {
    const range = rangeOf(each);
    if (range === undefined) return undefined;
    const { address, bits } = range;
    if (bits < SMALL[address.family]) return undefined;
    clients[address.family] += 2 ** (ADDRESS_BITS[address.family] - bits);
  }
  for (const each of groups) {
    const members = terms.groupSize(keyOf(each));
    if (members === undefined) return undefined;
    clients[4] += members;
    clients[6] += members;
  }
  return sources.length === 0 && groups.length === 0 ? undefined : clients;
};

/** The same as a gate, where tags mean this. */
export const outlineOf = ({ wide, besides }: Glance, place: Place, meaning: Meaning, terms: Terms): Outline => {
  const rules = wide.flatMap(({ action, name, service, source, at }): readonly Rule<never>[] => {
    const match = terms.asking(service.match, source, meaning, at);
    return [{ match, action: action === "timeout" ? "timeout" : "allow", name, says: service.says, source: at }];
  });
  const gate: List<never> = { at: place, rules, otherwise: "timeout", because: [] };
  return { gate, besides };
};
