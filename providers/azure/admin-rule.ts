import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Action, Final, Gate, Place, Rule } from "#model/gate.ts";
import type { Match } from "#model/match.ts";
import { both, perhaps } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, everything, isEmpty, minus } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { keyOf, nameOf, ownerOf } from "./arm-id.ts";
import { adminRulesIn } from "./effective-rules.ts";
import type { Ends, Spot, Terms } from "./ends.ts";
import type { Effective, Facts, Told } from "./facts.ts";
import { askedFor, gapFor } from "./facts.ts";
import { NOWHERE, doubtfulHop, doubting, state } from "#model/hop.ts";
import { permissionFor } from "./permissions.ts";
import type { Raw } from "./raw.ts";
import { isRaw, items, loosely, member, memberItems, number, refOf, text, texts } from "./raw.ts";
import type { Direction } from "./security-rule.ts";
import type { Named } from "./service.ts";
import type { KnownSubnet } from "./virtual-network.ts";

/** Security admin rules of network managers, which are asked before every group (azure.md A1). */
export interface AdminRules {
  /** What they do with packets that come in at a spot; `isBare` where nothing but they could let them in. */
  into(subnet: KnownSubnet | Gap, spot: Spot, effective: Effective | undefined, isBare: boolean): Ruled;
  /** What they do with packets that go out from one spot to another; undefined where nothing is known to stop them. */
  outOf(subnet: KnownSubnet | Gap, from: Spot, to: Spot): Ruled | undefined;
}

export interface Ruled {
  readonly gate: Final;
  /** What of the packets no group is asked about, which is allowed here and else left. */
  readonly skips: Gate | undefined;
}

type Access = "allow" | "always" | "deny" | "unknown";

/** A rule before it is known whom its tags mean. */
interface AdminRule {
  readonly name: string;
  readonly id: string;
  readonly collection: string;
  readonly manager: string;
  readonly priority: number;
  readonly access: Access;
  readonly service: Named;
  readonly sources: Ends;
  readonly destinations: Ends;
  readonly doubts: readonly Gap[];
  readonly at: Source;
}

/** A rule, and what it matches of the packets that come to one spot. */
interface Hit {
  readonly rule: AdminRule;
  readonly match: Match;
}

const ACCESS: ReadonlyMap<string, Access> = new Map([
  ["allow", "allow"],
  ["alwaysallow", "always"],
  ["deny", "deny"],
]);

/** Subnets of services, which these rules are not applied to. */
const EXEMPT = new Set(["azurebastionsubnet", "azurefirewallsubnet", "gatewaysubnet", "routeserversubnet"]);

/** Services whose networks these rules leave alone, unless a configuration says otherwise. */
const SPARED = ["microsoft.sql/managedinstances", "microsoft.databricks/workspaces"];

/** The rules in force in a network, or what stands in for them. */
type InForce = Known | { readonly is: "none"; readonly ruled: Ruled };

interface Known {
  readonly is: "known";
  readonly place: Place;
  readonly rules: Readonly<Record<Direction, readonly AdminRule[]>>;
  /** They stand among the effective rules of an interface. */
  readonly isEffective: boolean;
  /** Whether every rule for what comes in is for the whole network. */
  readonly isForAll: boolean;
  readonly gates: Map<string, WeakMap<object, Ruled>>;
}

export const adminRules = (facts: Facts, terms: Terms): AdminRules => {
  const byNetwork = new Map<string, InForce>();
  const byTold = new WeakMap<Effective, InForce>();
  const exempt = new Map<string, Ruled | undefined>();

  const inForce = (subnet: KnownSubnet, effective: Effective | undefined): InForce => {
    const key = keyOf(subnet.subnet.vnet);
    const isOwn = effective !== undefined && !facts.adminRules.has(key) && adminRulesIn(effective) !== undefined;
    const before = isOwn ? byTold.get(effective) : byNetwork.get(key);
    if (before !== undefined) return before;
    const made = rulesInForce(facts, terms, subnet, isOwn ? effective : undefined);
    if (isOwn) byTold.set(effective, made);
    else byNetwork.set(key, made);
    return made;
  };

  const exemptionOf = (subnet: KnownSubnet): Ruled | undefined => {
    const { key } = subnet.subnet;
    if (!exempt.has(key)) exempt.set(key, exemption(facts, subnet));
    return exempt.get(key);
  };

  const remembered = ({ gates }: Known, key: string, meaning: object, make: () => Ruled): Ruled => {
    const byMeaning = gates.get(key) ?? new WeakMap<object, Ruled>();
    gates.set(key, byMeaning);
    const made = byMeaning.get(meaning) ?? make();
    byMeaning.set(meaning, made);
    return made;
  };

  return {
    into: (subnet, spot, effective, isBare) => {
      if (!("subnet" in subnet)) return unread({ kind: "admin-rule", id: spot.address ?? "" }, subnet);
      const found = exemptionOf(subnet) ?? inForce(subnet, effective);
      if (!("is" in found)) return found;
      if (found.is === "known" && found.isEffective && spot.range?.address.family === 6)
        return unread(found.place, gap("unverified", problems.notDocumented("What effective admin rules say of IPv6")));
      if (found.is === "none") return found.ruled;
      const key = found.isForAll ? "" : hitsOf(terms, found.rules.Inbound, spot);
      return remembered(found, `${isBare} ${key}`, spot.meaning, () =>
        gateOf(found.place, hitting(terms, found.rules.Inbound, spot), isBare),
      );
    },
    outOf: (subnet, from, to) => {
      if (!("subnet" in subnet) || exemptionOf(subnet) !== undefined) return undefined;
      const found = inForce(subnet, undefined);
      if (found.is === "none" || found.rules.Outbound.length === 0) return undefined;
      const ends = found.rules.Outbound.map(({ sources, at }) => {
        const hit = terms.hits(sources, from, at);
        return typeof hit === "boolean" ? Number(hit) : "?";
      });
      return remembered(found, `${ends.join("")} to ${to.address}`, from.meaning, () =>
        gateOf(found.place, leaving(terms, found.rules.Outbound, from, to), false),
      );
    },
  };
};

/** Which rules mean a spot: those that the same rules mean for sure are alike. */
const hitsOf = (terms: Terms, rules: readonly AdminRule[], spot: Spot): string => {
  let all = "";
  for (const { destinations, at } of rules) {
    const hit = terms.hits(destinations, spot, at);
    if (typeof hit !== "boolean") return spot.address ?? "?";
    all += hit ? "1" : "0";
  }
  return all;
};

const hitting = (terms: Terms, rules: readonly AdminRule[], spot: Spot): readonly Hit[] =>
  rules.flatMap((rule): readonly Hit[] => {
    const hit = terms.hits(rule.destinations, spot, rule.at);
    if (hit === false) return [];
    const match = both(rule.service.match, terms.senders(rule.sources, spot.meaning, rule.at));
    return [{ rule, match: doubting(match, ...rule.doubts, ...(hit === true ? [] : hit)) }];
  });

const leaving = (terms: Terms, rules: readonly AdminRule[], from: Spot, to: Spot): readonly Hit[] =>
  rules.flatMap((rule): readonly Hit[] => {
    const there: Spot = { ...to, own: from.meaning };
    const [near, far] = [terms.hits(rule.sources, from, rule.at), terms.hits(rule.destinations, there, rule.at)];
    if (near === false || far === false) return [];
    const doubts = [near, far].flatMap((hit): readonly Gap[] => (hit === true ? [] : hit));
    return [{ rule, match: doubting(rule.service.match, ...rule.doubts, ...doubts) }];
  });

const exemption = (facts: Facts, { subnet }: KnownSubnet): Ruled | undefined => {
  const place: Place = { kind: "admin-rule", id: subnet.id };
  const says = `security admin rules are not applied to ${subnet.name}`;
  if (EXEMPT.has(subnet.name.toLowerCase())) return passing(place, { saw: "state", says, source: subnet.at });
  const isGateways = [...facts.things.applicationGateways.values()].some(({ raw }) =>
    memberItems(raw, "gatewayIPConfigurations").some((each) => keyOf(refOf(each, "subnet")) === subnet.key),
  );
  if (!isGateways) return undefined;
  const why = gap(
    "unverified",
    problems.notDocumented("Whether network isolation puts admin rules before an application gateway"),
  );
  return unread(place, why);
};

const rulesInForce = (
  facts: Facts,
  terms: Terms,
  { subnet, network }: KnownSubnet,
  effective: Effective | undefined,
): InForce => {
  const key = keyOf(subnet.vnet);
  const own = facts.adminRules.get(key);
  const told = own === undefined && effective !== undefined ? adminRulesIn(effective) : undefined;
  const place: Place = { kind: "admin-rule", id: subnet.vnet };
  const spared = network?.subnets.find(({ delegations }) => delegations.some((each) => SPARED.includes(each)));
  const doubt =
    spared === undefined
      ? undefined
      : gap(
          "unverified",
          problems.notDocumented(`Whether admin rules are applied beside what runs in ${spared.name}`),
          spared.at,
        );
  const doubtful = (why: Gap): InForce => ({ is: "none", ruled: unread(place, why) });
  if (own !== undefined && !own.whole)
    return doubtful(gap("missing", problems.incomplete(own.at.file, "security admin rules"), own.at));
  const list = own?.items ?? told;
  if (list !== undefined) {
    const [first] = list;
    const configurations = new Set(list.map(({ raw }) => configurationOf(raw)));
    const [only] = configurations;
    const at = first === undefined || configurations.size > 1 || only === "" ? place : { ...place, id: only ?? "" };
    if (list.length > 0) {
      const rules = {
        Inbound: readAll(list, "Inbound", terms, doubt),
        Outbound: readAll(list, "Outbound", terms, doubt),
      };
      const isForAll = rules.Inbound.every(({ destinations }) => destinations.isAny);
      return { is: "known", place: at, rules, isEffective: own === undefined, isForAll, gates: new Map() };
    }
    const seen = { saw: "state", says: "no security admin rule is in force", source: own?.at ?? subnet.at } as const;
    return { is: "none", ruled: passing(place, seen) };
  }
  const subscription = /^\/subscriptions\/([^/]+)/.exec(key)?.[1];
  const what = `the security admin rules of ${nameOf(subnet.vnet)}`;
  const heard = askedFor(facts, "effectiveSecurityAdminRules", subscription);
  // Effective groups tell of such rules too, and who was refused them does not know of any.
  if (heard === "never" && askedFor(facts, "effectiveNetworkSecurityGroups", subscription) === "refused")
    return doubtful(gapFor(facts, "effectiveNetworkSecurityGroups", what, subscription, subnet.at));
  if (heard === "refused" || heard === "cut" || facts.how.strict || managers(facts, subscription))
    return doubtful(gapFor(facts, "effectiveSecurityAdminRules", what, subscription, subnet.at));
  const ask = permissionFor("effectiveSecurityAdminRules")?.cli ?? "";
  return { is: "none", ruled: passing(place, { saw: "assumed", says: "no security admin rule is in force", ask }) };
};

/** Whether a network manager that was read may rule with admin rules here. */
const managers = (facts: Facts, subscription: string | undefined): boolean =>
  [...facts.things.networkManagers.values()].some(({ raw }) => {
    const may = texts(member(raw, "networkManagerScopeAccesses")).some(
      (each) => each.toLowerCase() === "securityadmin",
    );
    const scopes = member(raw, "networkManagerScopes");
    const subscriptions = isRaw(scopes) ? texts(scopes["subscriptions"]).map(keyOf) : [];
    const groups = isRaw(scopes) ? texts(scopes["managementGroups"]) : [];
    return may && (groups.length > 0 || subscriptions.some((each) => each.endsWith(subscription ?? "")));
  });

/** Which of several managers has the last word is not told by the numbers of their rules (azure.md A1). */
const managerOf = (id: string): string => /^.*\/networkManagers\/[^/]+/i.exec(id)?.[0].toLowerCase() ?? "";

const configurationOf = (raw: Raw): string =>
  /^(.*\/securityAdminConfigurations\/[^/]+)\//i.exec(text(loosely(raw, "id")) ?? "")?.[1] ?? "";

/** As the manager tells them, or as they stand among the effective rules of an interface. */
const prefixesOf = (raw: Raw, end: "source" | "destination"): readonly string[] => {
  const list = [
    ...items(loosely(raw, `${end}s`)).map((each) => text(loosely(each, "addressPrefix")) ?? ""),
    ...texts(loosely(raw, `${end}AddressPrefixes`)),
    ...texts(loosely(raw, `${end}AddressPrefix`)),
  ];
  return list.length === 0 ? ["*"] : [...new Set(list)];
};

/** The rules of one direction, in the order in which they are read. */
const readAll = (
  list: readonly Told[],
  direction: Direction,
  terms: Terms,
  doubt: Gap | undefined,
): readonly AdminRule[] =>
  list
    .flatMap(({ raw, at }): readonly AdminRule[] => {
      const own = text(loosely(raw, "direction"))?.toLowerCase();
      if (own !== undefined && own !== direction.toLowerCase()) return [];
      const word = text(loosely(raw, "access")) ?? "";
      const access = ACCESS.get(word.toLowerCase()) ?? "unknown";
      const where = `${at.file}#${at.pointer}`;
      const id = text(loosely(raw, "id")) ?? where;
      return [
        {
          name: text(loosely(raw, "displayName")) ?? nameOf(text(loosely(raw, "name")) ?? id),
          id: keyOf(id),
          collection: id === where ? where : keyOf(ownerOf(id)),
          manager: managerOf(id),
          priority: number(loosely(raw, "priority")) ?? -1,
          access,
          service: terms.service(
            {
              protocol: text(loosely(raw, "protocol")) ?? "",
              ports: portsIn(raw, "destinationPortRanges", "destinationPortRange"),
              clientPorts: portsIn(raw, "sourcePortRanges", "sourcePortRange"),
            },
            at,
          ),
          sources: terms.ends(prefixesOf(raw, "source"), []),
          destinations: terms.ends(prefixesOf(raw, "destination"), []),
          doubts: [
            ...(own === undefined ? [gap("unreadable", problems.notARule(where), at)] : []),
            ...(access === "unknown" ? [gap("unreadable", problems.badAction(word, where), at)] : []),
            ...(doubt === undefined ? [] : [doubt]),
          ],
          at,
        },
      ];
    })
    .toSorted((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1));

const portsIn = (raw: Raw, many: string, one: string): readonly string[] => {
  const list = [...texts(loosely(raw, many)), ...texts(loosely(raw, one))];
  return list.length === 0 ? ["*"] : [...new Set(list)];
};

/** Rules that have no say here, and why. */
const passing = (place: Place, because: Evidence): Ruled => ({
  gate: state(place, "allow", because),
  skips: undefined,
});

/** Rules that could not be read may stop everything, and may always allow everything. */
const unread = (place: Place, why: Gap): Ruled => {
  const rule = { match: perhaps(everything, why), name: why.code, says: "everything", source: why.source ?? NOWHERE };
  return {
    gate: doubtfulHop(place, why),
    skips: { rules: [{ ...rule, action: "allow" }], otherwise: "leave", because: [] },
  };
};

/** `Allow` and no match leave it to the groups; `AlwaysAllow` delivers, `Deny` stops (azure.md A1). */
const gateOf = (place: Place, hits: readonly Hit[], isBare: boolean): Ruled => {
  const lines = hits.flatMap((hit) => contestedParts(hit, hits).map((match) => ({ rule: hit.rule, match })));
  const made = <A extends Action<never> | "leave">(
    { rule, match }: Hit,
    action: A,
  ): { readonly action: A } & Pick<Rule, "match" | "name" | "says" | "source"> => ({
    match,
    action,
    name: rule.name,
    says: `${rule.service.says} from ${rule.sources.says} to ${rule.destinations.says}`,
    source: rule.at,
  });
  const isSkipping = hits.some(({ rule: { access } }) => access === "always" || access === "unknown");
  return {
    gate: {
      at: place,
      rules: lines.flatMap((line) =>
        (line.rule.access === "unknown"
          ? (["timeout", "allow"] as const)
          : [STOPS.has(line.rule.access) ? ("timeout" as const) : ("allow" as const)]
        ).map((action) => made(line, action)),
      ),
      otherwise: "allow",
      because: [{ saw: "no-rule", says: "no security admin rule matches" }],
    },
    skips: isSkipping
      ? {
          rules: lines.flatMap((line): readonly Rule[] => {
            const { access, at } = line.rule;
            if (access === "always") return [made(line, isBare ? bare(place, at) : "allow")];
            return access === "unknown" ? [made(line, "allow"), made(line, "leave")] : [made(line, "leave")];
          }),
          otherwise: "leave",
          because: [],
        }
      : undefined,
  };
};

const STOPS: ReadonlySet<Access> = new Set(["deny"]);

/** What a rule decides alone, and what another of the same priority may decide before it. */
const contestedParts = (hit: Hit, hits: readonly Hit[]): readonly Match[] => {
  const { rule, match } = hit;
  const contested = tied(hit, hits);
  if (isEmpty(contested)) return isEmpty(match.possibly) ? [] : [match];
  const isTie = hits.every(({ rule: { manager } }) => manager === rule.manager);
  const what = isTie
    ? `Which of the admin rules with priority ${rule.priority} is read first`
    : "Which of several network managers is heard first";
  const why = gap("unverified", problems.notDocumented(what), rule.at);
  const sure: Match = {
    surely: minus(match.surely, contested),
    possibly: minus(match.possibly, contested),
    gaps: match.gaps,
  };
  const torn = doubting({ ...match, possibly: and(match.possibly, contested) }, why);
  return [sure, torn].filter(({ possibly }) => !isEmpty(possibly));
};

/** Whether such a rule opens an address that is closed as long as it has no group is not documented (azure.md A1). */
const bare = (place: Place, at: Source): Gate => {
  const what = "Whether AlwaysAllow opens a Standard address that no network security group stands before";
  const why = gap("unverified", problems.notDocumented(what), at);
  const rule = { match: perhaps(everything, why), name: why.code, says: "everything", source: at };
  return { at: place, rules: [{ ...rule, action: "timeout" }], otherwise: "allow", because: [] };
};

/** What of a rule another decides otherwise: one of the same priority and another collection, or of another manager. */
const tied = ({ rule, match }: Hit, hits: readonly Hit[]): PacketSet =>
  anyOf(
    hits
      .filter(
        ({ rule: other }) =>
          other !== rule &&
          other.access !== rule.access &&
          (other.manager !== rule.manager ||
            (other.priority === rule.priority && (other.collection !== rule.collection || rule.priority === -1))),
      )
      .map((other) => and(other.match.possibly, match.possibly)),
  );
