import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, List, Rule } from "#model/gate.ts";
import type { Match } from "#model/match.ts";
import { always, both, either, exactly, perhaps } from "#model/match.ts";
import { inside } from "#model/source.ts";
import { TCP, UDP } from "#packets/service.ts";
import { everything } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { balancerOf, listenerOf } from "./above.ts";
import { cidrClients } from "./client.ts";
import type { Fact, Facts } from "./facts.ts";
import { askedFor, gapOfOne, placeIn } from "./facts.ts";
import { maybe } from "./hop.ts";
import type { LoadBalancer } from "./load-balancer.ts";
import type { Raw } from "./raw.ts";
import { items, number, raw, scopeOfArn, text, texts } from "./raw.ts";

/** One port of a balancer, and where what comes to it is sent. */
export interface Listener {
  readonly id: string;
  readonly port: number;
  readonly protocols: readonly number[];
  /** Every target group that it may send to. */
  readonly groups: readonly string[];
  readonly seen: Extract<Evidence, { readonly saw: "state" }>;
  readonly doubts: readonly Gap[];
  /** Why not all that decides where requests are sent is known, if it is not. */
  readonly unruled: Gap | undefined;
  /** Which clients come through to the group. */
  gate(group: string): Final;
}

const PROTOCOLS: Readonly<Record<string, readonly number[]>> = {
  TCP: [TCP],
  TLS: [TCP],
  HTTP: [TCP],
  HTTPS: [TCP],
  SSL: [TCP],
  UDP: [UDP],
  QUIC: [UDP],
  TCP_UDP: [TCP, UDP],
  TCP_QUIC: [TCP, UDP],
  GENEVE: [],
};

/** What a listener speaks; what is not known here may be either. */
export const protocolsOf = (name: string): readonly number[] => PROTOCOLS[name] ?? [TCP, UDP];

/** The listeners of a balancer that were read, by the balancer's id. */
export const listenersOf = (facts: Facts): ((balancer: LoadBalancer) => readonly Listener[]) => {
  const byBalancer = Map.groupBy(facts.things.Listeners, ([id, { raw: of }]) => balancerOf(id, of));
  const byListener = Map.groupBy(facts.things.Rules, ([id]) => listenerOf(id));
  return (balancer) =>
    (byBalancer.get(balancer.id) ?? [])
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, fact]) =>
        readListener(
          facts,
          balancer,
          id,
          fact,
          byListener.get(id)?.map(([, each]) => each),
        ),
      );
};

const readListener = (
  facts: Facts,
  balancer: LoadBalancer,
  id: string,
  fact: Fact,
  ruled: readonly Fact[] | undefined,
): Listener => {
  const name = text(fact.raw["Protocol"]) ?? "";
  const port = number(fact.raw["Port"]) ?? -1;
  const last: Fact = { raw: { Actions: fact.raw["DefaultActions"] }, at: placeIn(fact, "DefaultActions") };
  const rules = balancer.kind === "application" ? (ruled ?? []) : [];
  const lines = [...rules.filter(({ raw: of }) => of["IsDefault"] !== true).toSorted(byPriority), last];
  const scope = scopeOfArn(id);
  const says = `${name === "" ? "an unnamed protocol" : name} on port ${port}`;
  const verifies = text(raw(fact.raw["MutualAuthentication"])["Mode"]) === "verify";
  const odd = [id, ...rules.map(({ raw: of }) => text(of["RuleArn"]) ?? "")]
    .map((each) => facts.contradictions.get(each))
    .filter((each) => each !== undefined);
  const cut = facts.cutLists.get(id);
  const unread = (): Gap => gapOfOne(facts, "Rules", `the rules of ${balancer.name} for ${says}`, scope, fact.at);
  const unruled = balancer.kind === "application" ? (cut ?? (ruled === undefined ? unread() : undefined)) : undefined;
  return {
    id,
    port,
    protocols: port < 0 ? [] : protocolsOf(name),
    groups: [...new Set(lines.flatMap((line) => [...leadsTo(line).keys()]))].toSorted(),
    seen: {
      saw: "state",
      says: `it listens for ${says}${balancer.kind === "application" ? HTTP : ""}`,
      source: fact.at,
    },
    doubts: [
      ...odd,
      ...(PROTOCOLS[name] === undefined
        ? [gap("unreadable", problems.badProtocol(name, `${fact.at.file}#${fact.at.pointer}`), fact.at)]
        : []),
      ...(verifies ? [gap("depends", problems.asksFirst(says, "its check of certificates"), fact.at)] : []),
    ],
    unruled,
    gate: (group) => {
      const list = sentTo(lines, group, `${balancer.name} answers ${says} itself, or sends it elsewhere`);
      if (unruled === undefined) return list;
      const isSent = leadsTo(last).has(group);
      const isAsked = cut !== undefined || askedFor(facts, "Rules", scope) !== "never";
      if (isAsked || facts.how.strict || !isSent) return maybe(unruled);
      const ask = `aws elbv2 describe-rules --listener-arn ${id} --output json`;
      return {
        ...list,
        because: [{ saw: "assumed", says: `no rule of ${balancer.name} turns the client away from port ${port}`, ask }],
      };
    },
  };
};

/** What is said of a listener that takes nothing else. */
export const HTTP = ": HTTP requests only, it cannot carry SSH";

const byPriority = (a: Fact, b: Fact): number => order(a) - order(b);
const order = ({ raw: of }: Fact): number => Number(text(of["Priority"]) ?? Infinity);

/** The groups that a line's actions end in, with what stands before. A weight of 0 sends nothing. */
const leadsTo = ({ raw: of, at }: Fact): ReadonlyMap<string, Gap | undefined> => {
  const actions = items(of["Actions"]).toSorted((a, b) => (number(a["Order"]) ?? 0) - (number(b["Order"]) ?? 0));
  const asks = actions.map((each) => text(each["Type"]) ?? "").find((type) => !ENDS.has(type));
  const why = asks === undefined ? undefined : gap("depends", problems.asksFirst("The listener", asks), at);
  const found = new Map<string, Gap | undefined>();
  for (const action of actions) {
    if (text(action["Type"]) !== "forward") continue;
    const listed = items(raw(action["ForwardConfig"])["TargetGroups"]);
    const one = text(action["TargetGroupArn"]);
    if (listed.length === 0 && one !== undefined) found.set(one, why);
    for (const each of listed) {
      const id = text(each["TargetGroupArn"]);
      if (id !== undefined && number(each["Weight"]) !== 0) found.set(id, why);
    }
  }
  return found;
};

const ENDS: ReadonlySet<string> = new Set(["forward", "redirect", "fixed-response"]);

/**
 * Lines are read in order. A client chooses the host, path and headers that it sends, and so whether a line about them
 * matches; its address it does not choose.
 */
const sentTo = (lines: readonly Fact[], group: string, elsewhere: string): List<never> => ({
  rules: lines.flatMap((line) => lineRule(line, group)),
  otherwise: "refused",
  because: [{ saw: "nothing", says: elsewhere }],
});

const lineRule = (line: Fact, group: string): readonly Rule<never>[] => {
  const conditions = items(line.raw["Conditions"]);
  const from = clientsOf(conditions, line);
  const chosen = conditions.some((each) => !isSource(each) && !matchesAll(each));
  const leads = leadsTo(line);
  const why = leads.get(group);
  const priority = text(line.raw["Priority"]);
  const rule = {
    name: priority === undefined ? "the default action" : `rule ${priority}`,
    says: requests(conditions, chosen),
    source: line.at,
  };
  if (!leads.has(group)) return chosen ? [] : [{ ...rule, match: from, action: "refused" }];
  if (why === undefined) return [{ ...rule, match: from, action: "allow" }];
  // Who chooses its request chooses whether the line asks it for a sign-in at all.
  if (chosen) return [{ ...rule, match: perhaps(from.possibly, why), action: "allow" }];
  return [{ ...rule, match: from, action: maybe(why) }];
};

const requests = (conditions: readonly Raw[], chosen: boolean): string => {
  const from = conditions.filter(isSource).flatMap(cidrsOf);
  const which = chosen ? "requests that match its conditions" : from.length > 0 ? "requests" : "all requests";
  return from.length === 0 ? which : `${which} from ${from.join(", ")}`;
};

const cidrsOf = (condition: Raw): readonly string[] => {
  const config = texts(raw(condition["SourceIpConfig"])["Values"]);
  return config.length > 0 ? config : texts(condition["Values"]);
};

const isSource = (condition: Raw): boolean => text(condition["Field"]) === "source-ip";

/** A pattern of one star matches whatever the client sends. */
const matchesAll = (condition: Raw): boolean => {
  const field = text(condition["Field"]);
  const config = raw(condition[field === "path-pattern" ? "PathPatternConfig" : "HostHeaderConfig"]);
  const values = [...texts(condition["Values"]), ...texts(config["Values"])];
  if (field === "path-pattern") return values.some((each) => each === "*" || each === "/*");
  return field === "host-header" && values.includes("*");
};

/** The clients that all conditions about addresses admit. */
const clientsOf = (conditions: readonly Raw[], line: Fact): Match => {
  const sources = conditions.flatMap((each, i) => (isSource(each) ? [{ each, i }] : []));
  if (sources.length === 0) return always;
  const matches = sources.map(({ each, i }) => {
    const at = inside(line.at, `Conditions/${i}`);
    const cidrs = cidrsOf(each);
    return cidrs.length === 0
      ? perhaps(everything, gap("unreadable", problems.notARule(`${at.file}#${at.pointer}`), at))
      : either(cidrs.map((cidr) => cidrClients(cidr, at)));
  });
  return matches.reduce(both, exactly(everything));
};
