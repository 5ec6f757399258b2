import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Match } from "#model/match.ts";
import { exactly, perhaps } from "#model/match.ts";
import type { Source } from "#model/source.ts";
import { globalUnicast6, internetClients, privateUse } from "#packets/internet.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, clients, everything, minus, or } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { under, underAny } from "./address.ts";
import { nameOf } from "./arm-id.ts";
import { taggedIn } from "./effective-rules.ts";
import type { Facts } from "./facts.ts";
import { beyondOf } from "./gateway.ts";
import type { IpConfig } from "./network-interface.ts";
import { permissionFor } from "./permissions.ts";
import { member, memberItems, memberText, texts } from "./raw.ts";
import type { Routes } from "./route.ts";
import type { KnownSubnet, Networks } from "./virtual-network.ts";
import { isConnected, peered } from "./virtual-network.ts";

/** What the tags mean that mean something else in every network (azure.md A4). */
export interface Meaning {
  readonly inside: Match;
  readonly internet: Match;
  /** What the cloud itself says that tags mean for one interface, by name in lower case. */
  readonly told: ReadonlyMap<string, Match>;
}

export interface Tags {
  /** The clients that a tag means. */
  match(name: string, meaning: Meaning, at: Source): Match;
  /** What else there is to say of a tag: of which state its list is. */
  says(name: string): string;
  /** The prefixes of a tag that is listed, or why they are not known. */
  prefixes(name: string, at: Source): readonly string[] | Gap;
  meaning(config: IpConfig): Meaning;
  /** The same, for packets that come from the internet: most networks are alike to them. */
  seenFromOutside(meaning: Meaning): Meaning;
  /** What tags mean to packets from the internet, wherever nothing is peculiar. */
  readonly nowhere: Meaning;
}

/** The virtual address of the host, from which health is probed. */
export const HOST = or(under("168.63.129.16"), under("fe80::1234:5678:9abc"));

const UNIQUE_LOCAL = under("fc00::/7");

interface Listed {
  readonly prefixes: readonly string[];
  readonly change: string;
  readonly file: string;
}

const RELATIVE: ReadonlyMap<string, "inside" | "internet" | "host"> = new Map([
  ["virtualnetwork", "inside"],
  ["virtual_network", "inside"],
  ["internet", "internet"],
  ["azureloadbalancer", "host"],
  ["azure_loadbalancer", "host"],
  ["azure_load_balancer", "host"],
]);

export const isTag = (text: string): boolean => /^[A-Za-z][\w.-]*$/.test(text);

export const tags = (facts: Facts, those: Networks, table: Routes): Tags => {
  const lists = listsIn(facts);
  const known = new Map<string, Match>();
  const meanings = new Map<string, Meaning>();
  const byNic = new Map<string, Meaning>();

  const listed = (name: string, at: Source): Match => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const found = lists.get(name);
    const how = permissionFor("serviceTags")?.cli ?? "";
    const made = ((): Match => {
      if (found === undefined) {
        const why =
          lists.size === 0
            ? gap("missing", problems.missing(`whom the service tag ${name} means`, how), at)
            : gap("unreadable", problems.notTold(`the service tag ${name}`, how), at);
        return perhaps(everything, why);
      }
      const sets = found.map(({ prefixes }) => underAny(prefixes));
      const [first = everything, ...others] = sets;
      if (others.every((each) => each === first)) return exactly(first);
      const [one, two] = found;
      const why = problems.disagrees(`the service tag ${name}`, one?.file ?? "", two?.file ?? "");
      return { surely: sets.reduce(and), possibly: anyOf(sets), gaps: [gap("unreadable", why, at)] };
    })();
    known.set(name, made);
    return made;
  };

  const nowhere: Meaning = {
    inside: exactly(and(HOST, internetClients)),
    internet: exactly(minus(internetClients, HOST)),
    told: new Map(),
  };

  const meaning = (config: IpConfig): Meaning => {
    const own = facts.effectiveRules.get(config.nic.key);
    if (own !== undefined && config.family === 4) {
      const before = byNic.get(config.nic.key);
      if (before !== undefined) return before;
      const told = taggedIn(own);
      const computed = ofNetwork(config);
      const made = {
        inside: told.get("virtualnetwork") ?? computed.inside,
        internet: told.get("internet") ?? computed.internet,
        told,
      };
      byNic.set(config.nic.key, made);
      return made;
    }
    return ofNetwork(config);
  };

  const ofNetwork = (config: IpConfig): Meaning => {
    const subnet = config.subnet === undefined ? undefined : those.ofSubnet(config.subnet, config.id, config.at);
    if (subnet === undefined || !("subnet" in subnet)) return unread(subnet ?? noSubnet(config));
    const key = `${subnet.subnet.key.slice(0, subnet.subnet.key.lastIndexOf("/"))} ${subnet.subnet.table?.toLowerCase()} ${partly(subnet)}`;
    const made = meanings.get(key) ?? meaningIn(facts, those, table, subnet, config);
    meanings.set(key, made);
    return made;
  };

  const seen = new WeakMap<Meaning, Meaning>();
  const alike: Meaning[] = [nowhere];
  const seenFromOutside = (own: Meaning): Meaning => {
    const before = seen.get(own);
    if (before !== undefined) return before;
    const clipped: Meaning = { ...own, inside: clip(own.inside), internet: clip(own.internet) };
    const made =
      own.told.size > 0
        ? clipped
        : (alike.find((each) => isSame(each.inside, clipped.inside) && isSame(each.internet, clipped.internet)) ??
          clipped);
    if (made === clipped && own.told.size === 0) alike.push(made);
    seen.set(own, made);
    return made;
  };

  return {
    seenFromOutside,
    match: (name, { inside, internet, told }, at) => {
      const lower = name.toLowerCase();
      switch (RELATIVE.get(lower)) {
        case "inside":
          return inside;
        case "internet":
          return internet;
        case "host":
          return exactly(HOST);
        case undefined:
          return told.get(lower) ?? listed(lower, at);
      }
    },
    says: (name) => {
      const [first] = lists.get(name.toLowerCase()) ?? [];
      return first === undefined || first.change === "" ? "" : ` (service tags of change ${first.change})`;
    },
    prefixes: (name, at) => {
      const found = lists.get(name.toLowerCase());
      if (found !== undefined) return [...new Set(found.flatMap(({ prefixes }) => prefixes))];
      const how = permissionFor("serviceTags")?.cli ?? "";
      return isTag(name)
        ? gap("missing", problems.missing(`whom the service tag ${name} means`, how), at)
        : gap("unreadable", problems.badAddress(name, `${at.file}#${at.pointer}`), at);
    },
    meaning,
    nowhere,
  };
};

/** What of a match may come from the internet; where that is sure, nothing is left to ask. */
const clip = ({ surely, possibly, gaps }: Match): Match => {
  const [sure, all] = [and(surely, internetClients), and(possibly, internetClients)];
  return { surely: sure, possibly: all, gaps: sure === all ? [] : gaps };
};

const isSame = (a: Match, b: Match): boolean =>
  a.surely === b.surely &&
  a.possibly === b.possibly &&
  a.gaps.map(({ says }) => says).join() === b.gaps.map(({ says }) => says).join();

const noSubnet = (config: IpConfig): Gap =>
  gap("unreadable", problems.lacks(`${config.at.file}#${config.at.pointer}`, "its subnet"), config.at);

const unread = (why: Gap): Meaning => ({
  inside: perhaps(everything, why),
  internet: perhaps(internetClients, why),
  told: new Map(),
});

const listsIn = (facts: Facts): ReadonlyMap<string, readonly Listed[]> => {
  const found = new Map<string, Listed[]>();
  for (const { raw, at } of facts.serviceTags)
    for (const each of memberItems(raw, "values")) {
      const name = (memberText(each, "name") ?? memberText(each, "id") ?? "").toLowerCase();
      const change = texts(member(raw, "changeNumber")).join("");
      const list = { prefixes: texts(member(each, "addressPrefixes")), change, file: at.file };
      // Names are also listed without their prefixes, which says nothing of whom they mean.
      if (list.prefixes.length === 0) continue;
      found.set(name, [...(found.get(name) ?? []), list]);
    }
  return found;
};

/** Subnets may be peered one by one. */
const partly = ({ subnet, network }: KnownSubnet): string =>
  network?.peerings.some(({ isComplete }) => !isComplete) === true ? subnet.key : "";

const EFFECTIVE = permissionFor("effectiveNetworkSecurityGroups")?.cli ?? "";

const meaningIn = (facts: Facts, those: Networks, table: Routes, known: KnownSubnet, config: IpConfig): Meaning => {
  const { network, subnet } = known;
  if (network === undefined)
    return unread(
      gap("missing", problems.missing(`the network of ${subnet.name}`, "az network vnet list -o json"), config.at),
    );
  const surely: PacketSet[] = [network.space, HOST];
  const possibly: PacketSet[] = [];
  const gaps: Gap[] = [];
  for (const peering of network.peerings) {
    if (!isConnected(peering) || !peering.isAccess) continue;
    const all = peered(those, peering);
    if (peering.isComplete) surely.push(all);
    else {
      possibly.push(all);
      gaps.push(
        gap(
          "unverified",
          problems.notDocumented(`What VirtualNetwork means where subnets are peered one by one (${peering.name})`),
          peering.at,
        ),
      );
    }
  }
  const routes = table.setByHand(known);
  if ("code" in routes) {
    possibly.push(everything);
    gaps.push(routes);
  } else {
    for (const { prefix, hop, source, name } of routes) {
      if (prefix.bits > 0 && (hop === "appliance" || hop === "gateway")) surely.push(clients(prefix));
      else if (hop !== "local") {
        possibly.push(clients(prefix));
        gaps.push(
          gap(
            "unverified",
            problems.notDocumented(`Whether VirtualNetwork means the addresses of the route ${name} too`),
            source,
          ),
        );
      }
    }
  }
  const beyond = beyondOf(facts, those, network);
  if (beyond !== undefined) {
    // Whoever on the internet a gateway has a route to never gets a reply, so that who is meant there does not matter.
    possibly.push(or(privateUse, UNIQUE_LOCAL));
    gaps.push(gap("missing", problems.missing(`what VirtualNetwork means behind ${nameOf(beyond.id)}`, EFFECTIVE)));
  }
  const sure = anyOf(surely);
  const all = anyOf([sure, ...possibly]);
  const inside: Match = { surely: sure, possibly: all, gaps: sure === all ? [] : gaps };
  const outside = or(internetClients, globalUnicast6);
  return {
    inside,
    internet: { surely: minus(outside, all), possibly: minus(outside, sure), gaps: inside.gaps },
    told: new Map(),
  };
};
