import { gap } from "#model/gap.ts";
import { toInteger } from "#packets/address.ts";
import type { PacketSet } from "#packets/set.ts";
import { everything, meets } from "#packets/set.ts";
import { problems } from "#problems.ts";
import type { Ends, Terms } from "./ends.ts";
import type { SecurityGroup } from "./security-group.ts";
import type { Direction, Head, SecurityRule } from "./security-rule.ts";
import { headOf, readRule, serviceIn } from "./security-rule.ts";

/** The rules of a group for one direction, by priority, and what they tell addresses apart by. */
export interface GroupRules {
  readonly rules: readonly SecurityRule[];
  /** First and next-to-last address of every prefix that is named as the near end, in order. */
  readonly edges4: readonly number[];
  readonly edges6: readonly bigint[];
  readonly groups: ReadonlySet<string>;
  /** What is named as the near end, each once: addresses alone, and with tags. */
  readonly near: readonly Ends[];
  readonly tagged: readonly Ends[];
  /** Some rule means something else in another network. */
  readonly isRelative: boolean;
}

/** The rules that say something of a kind of packets, or all of them. */
export const groupRules = (
  { told }: SecurityGroup,
  direction: Direction,
  terms: Terms,
  kind: PacketSet = everything,
): GroupRules => {
  const read: SecurityRule[] = [];
  const heads: Head[] = [];
  for (const { raw, at } of told) {
    const head = headOf(raw, direction);
    if (head === undefined) continue;
    heads.push(head);
    if (meets(serviceIn(raw, at, terms).match.possibly, kind)) read.push(readRule(raw, at, terms, head));
  }
  const rules = doubting(
    read.toSorted((a, b) => a.priority - b.priority),
    twiceGiven(heads),
  );
  const edges4 = new Set<number>();
  const edges6 = new Set<bigint>();
  const groups = new Set<string>();
  const nears = new Set<Ends>();
  let isRelative = false;
  for (const rule of rules) {
    const [near, far] = direction === "Inbound" ? [rule.destination, rule.source] : [rule.source, rule.destination];
    isRelative ||= !far.isPlain;
    if (near.isAny) continue;
    nears.add(near);
    for (const group of near.groups) groups.add(group);
    for (const end of near.all) {
      if (end.is === "tag") isRelative = true;
      if (end.is !== "range") continue;
      const { address, bits } = end.prefix;
      if (address.family === 4) {
        const size = 2 ** (32 - bits);
        const first = Math.floor(address.words[0] / size) * size;
        edges4.add(first).add(first + size);
      } else {
        const size = 1n << BigInt(128 - bits);
        const first = (toInteger(address) / size) * size;
        edges6.add(first).add(first + size);
      }
    }
  }
  return {
    rules,
    edges4: [...edges4].toSorted((a, b) => a - b),
    edges6: [...edges6].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
    groups,
    near: [...nears].filter(({ all }) => !all.some(({ is }) => is === "tag")),
    tagged: [...nears].filter(({ all }) => all.some(({ is }) => is === "tag")),
    isRelative,
  };
};

/** Priorities that stand twice, of which nobody can say which rule comes first. */
const twiceGiven = (heads: readonly Head[]): ReadonlySet<number> => {
  const actions = new Map<number, SecurityRule["action"]>();
  const torn = new Set<number>();
  for (const { priority, action } of heads)
    if ((actions.get(priority) ?? action) === action) actions.set(priority, action);
    else torn.add(priority);
  return torn;
};

const doubting = (rules: readonly SecurityRule[], torn: ReadonlySet<number>): readonly SecurityRule[] =>
  torn.size === 0
    ? rules
    : rules.map((rule) => {
        if (!torn.has(rule.priority)) return rule;
        const why = problems.badNumber(String(rule.priority), `${rule.at.file}#${rule.at.pointer}`);
        return { ...rule, doubts: [...rule.doubts, gap("unreadable", why, rule.at)] };
      });
