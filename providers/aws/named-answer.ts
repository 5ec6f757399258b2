import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Scope } from "#model/provider.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { problems } from "#problems.ts";
import type { Fact } from "./facts.ts";
import type { Raw } from "./raw.ts";
import { scopeOfArn, text } from "./raw.ts";

/** An answer that does not say of what it is: the name of its file, or of its folder, does. */
export interface NamedAnswer {
  readonly key: NamedKey;
  readonly items: readonly Raw[];
  readonly at: Source;
  readonly scope: Scope;
}

export const NAMED = ["TargetHealthDescriptions", "Attributes", "LoadBalancerAttributes", "Listeners"] as const;
export type NamedKey = (typeof NAMED)[number];

/** Things that such an answer may be of, by id. */
export interface Owners {
  readonly groups: ReadonlyMap<string, Fact>;
  readonly balancers: ReadonlyMap<string, Fact>;
  readonly classics: ReadonlyMap<string, Fact>;
}

/** What such answers say, by the id of what they are of. */
export interface Named {
  /** The targets of target groups, and how they are. */
  readonly health: ReadonlyMap<string, readonly Fact[]>;
  /** Attributes of balancers of every kind and of target groups, by their keys. */
  readonly attributes: ReadonlyMap<string, ReadonlyMap<string, Fact>>;
  /** Balancers of which it is known that nothing listens. */
  readonly silent: ReadonlySet<string>;
  readonly gaps: readonly Gap[];
  readonly contradictions: ReadonlyMap<string, Gap>;
}

export const readNamed = (answers: readonly NamedAnswer[], owners: Owners): Named => {
  const health = new Map<string, readonly Fact[]>();
  const attributes = new Map<string, ReadonlyMap<string, Fact>>();
  const silent = new Set<string>();
  const gaps: Gap[] = [];
  const contradictions = new Map<string, Gap>();
  const places = new Map<string, { readonly says: string; readonly at: Source }>();
  for (const answer of answers) {
    const { key, items, at } = answer;
    const id = ownerOf(answer, owners);
    if (id === undefined) {
      if (key !== "Listeners") gaps.push(gap("unreadable", unnamed(answer), at));
      continue;
    }
    const before = places.get(`${key} ${id}`);
    const says = JSON.stringify(items.map((item) => JSON.stringify(item)).toSorted());
    if (before !== undefined && before.says !== says) {
      const where = ({ file, pointer }: Source): string => `${file}#${pointer}`;
      const why = gap("unreadable", problems.contradicts(`${key} of ${id}`, where(before.at), where(at)), at);
      contradictions.set(id, why);
      gaps.push(why);
    }
    places.set(`${key} ${id}`, { says, at });
    const facts = items.map((item, i): Fact => ({ raw: item, at: inside(at, i) }));
    if (key === "TargetHealthDescriptions") health.set(id, facts);
    else if (key === "Listeners") silent.add(id);
    else attributes.set(id, new Map(facts.map((fact) => [text(fact.raw["Key"]) ?? "", fact])));
  }
  return { health, attributes, silent, gaps, contradictions };
};

const unnamed = ({ key, at }: NamedAnswer): ReturnType<typeof problems.noEntryName> => {
  if (key === "TargetHealthDescriptions")
    return problems.noEntryName(at.file, "the health of targets", "target-health-web.json for the target group web");
  const what =
    key === "Attributes" ? "attributes of a target group or a load balancer" : "attributes of a load balancer";
  return problems.noEntryName(at.file, what, "attributes-web.json for web");
};

/** Attributes that only one of the two has; cross-zone is an attribute of both. */
const OF_GROUPS =
  /^(?:deregistration_delay|stickiness|preserve_client_ip|proxy_protocol|slow_start|target_|lambda\.|load_balancing\.algorithm)/;
const OF_BALANCERS =
  /^(?:deletion_protection|access_logs|connection_logs|health_check_logs|idle_timeout|client_keep_alive|routing|ipv6|dns_record|zonal_shift|waf|secondary_ips|capacity)/;

const candidates = ({ key, items }: NamedAnswer, owners: Owners): readonly ReadonlyMap<string, Fact>[] => {
  if (key === "TargetHealthDescriptions") return [owners.groups];
  if (key === "LoadBalancerAttributes") return [owners.classics];
  if (key === "Listeners") return [owners.balancers];
  const keys = items.map((item) => text(item["Key"]) ?? "");
  if (keys.some((each) => OF_GROUPS.test(each))) return [owners.groups];
  return keys.some((each) => OF_BALANCERS.test(each)) ? [owners.balancers] : [owners.groups, owners.balancers];
};

/** The one thing that the file's name means, or else its folder's. */
const ownerOf = (answer: NamedAnswer, owners: Owners): string | undefined => {
  const steps = answer.at.file.split(/[/\\]/);
  const names = [steps.at(-1)?.replace(/\.json$/i, "") ?? "", ...steps.slice(0, -1).toReversed()].slice(0, 2);
  const among = candidates(answer, owners).flatMap((those) => [...those]);
  for (const name of names.flatMap((each) => [each.replace(CALLS, " "), each])) {
    const found = named(name, among, answer.scope);
    if (found.length === 1) return found[0];
    const beside = found.filter((id) => among.some(([own, { at }]) => own === id && isBeside(at, answer.at)));
    if (beside.length === 1) return beside[0];
  }
  return undefined;
};

/** Classic balancers do not say of which account they are, but what was read of one account stands in one folder. */
const isBeside = (a: Source, b: Source): boolean => folderOf(a) === folderOf(b);

export const folderOf = ({ file }: Source): string => file.replace(/[^/\\]*$/, "");

/** What stands before the name: words that say what the answer is, and not of what. */
const CALLS =
  /^(?:.*?(?:target[-_]health|target[-_]group[-_]attributes|load[-_]balancer[-_]attributes|attributes|listeners))?(?:[-_ .]classic(?=[-_ .]))?/i;

/** The things that a text means: by name, by the id at the end of the ARN, by both, or by the ARN. Nothing else may stand there. */
const named = (name: string, among: readonly (readonly [string, Fact])[], scope: Scope): readonly string[] =>
  among.filter(([id, fact]) => isIn(id, scope) && isCalled(plain(name), id, fact)).map(([id]) => id);

const isCalled = (name: string, id: string, { raw }: Fact): boolean => {
  const own = text(raw["TargetGroupName"]) ?? text(raw["LoadBalancerName"]) ?? "";
  if (!id.startsWith("arn:")) return name === plain(own);
  const last = id.split("/").at(-1) ?? id;
  // Whatever stands before a name and an id says no more, and a number behind them tells files apart.
  return name === plain(own) || name === last || new RegExp(`(?:^|-)${plain(own)}-${last}(?:-\\d+)?$`).test(name);
};

/** A text whose words are parted by hyphens, whatever parted them. */
const plain = (name: string): string => name.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");

const isIn = (id: string, { account, region }: Scope): boolean => {
  if (!id.startsWith("arn:")) return region === undefined || id.includes(`.${region}.`);
  const own = scopeOfArn(id);
  return (account === undefined || own.account === account) && (region === undefined || own.region === region);
};
