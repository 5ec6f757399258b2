import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, Gate } from "#model/gate.ts";
import type { Source } from "#model/source.ts";
import type { Hop, Outline } from "#model/way.ts";
import { problems } from "#problems.ts";
import { rangeOf } from "./address.ts";
import type { AdminRules } from "./admin-rule.ts";
import type { Spot } from "./ends.ts";
import { keyOf, nameOf } from "./arm-id.ts";
import type { Fact, Facts } from "./facts.ts";
import { doubtfulHop, either, entering, state } from "#model/hop.ts";
import type { SecurityGroups } from "./network-security-group.ts";
import { placeOf } from "./network-security-group.ts";
import { refsOf } from "./raw.ts";
import type { IpConfig } from "./network-interface.ts";
import type { PublicAddress } from "./public-ip-address.ts";
import type { Tags } from "./service-tag.ts";
import type { KnownSubnet, Networks } from "./virtual-network.ts";

/**
 * Everything that filters packets at an interface, each thing a hop (azure.md A0). What an admin rule always allows passes
 * the groups unseen, so that it stands before each of them again.
 */
export interface Filters {
  /** What comes in, through a public address or from inside. */
  into(config: IpConfig, through: PublicAddress | "inside"): readonly Hop[];
  /** What comes in where the address that was dialled may still stand in the packets. */
  floating(config: IpConfig, through: PublicAddress, dialled: string, name: string, at: Source): readonly Hop[];
  /** What a client's own rules let out to an address. */
  outOf(client: IpConfig, to: IpConfig): readonly Final[];
  subnet(config: IpConfig): KnownSubnet | Gap;
}

interface Parts {
  readonly facts: Facts;
  readonly networks: Networks;
  readonly tags: Tags;
  readonly groups: SecurityGroups;
  readonly admin: AdminRules;
}

export const filters = ({ facts, networks, tags, groups, admin }: Parts): Filters => {
  const spots = new WeakMap<IpConfig, Spot>();
  const outsides = new WeakMap<IpConfig, Spot>();
  const guarded = new WeakMap<Gate, WeakMap<Final, Final>>();

  const subnet = (config: IpConfig): KnownSubnet | Gap =>
    config.subnet === undefined
      ? gap("unreadable", problems.lacks(`${config.at.file}#${config.at.pointer}`, "its subnet"), config.at)
      : networks.ofSubnet(config.subnet, config.nic.name, config.at);

  const spot = (config: IpConfig): Spot => {
    const before = spots.get(config);
    if (before !== undefined) return before;
    const meaning = tags.meaning(config);
    const made: Spot = {
      address: config.address,
      range: config.address === undefined ? undefined : rangeOf(config.address),
      groups: config.groups,
      meaning,
      own: meaning,
      at: config.at,
    };
    spots.set(config, made);
    return made;
  };

  const outside = (config: IpConfig): Spot => {
    const before = outsides.get(config);
    if (before !== undefined) return before;
    const own = spot(config);
    const made = { ...own, meaning: tags.seenFromOutside(own.meaning) };
    outsides.set(config, made);
    return made;
  };

  /** A group behind what passes it unseen; the same two are one gate. */
  const behind = (skips: Gate | undefined, group: Final): Final => {
    if (skips === undefined) return group;
    const known = guarded.get(skips) ?? new WeakMap<Final, Final>();
    guarded.set(skips, known);
    const made = known.get(group) ?? { rules: [entering(skips), entering(group)], otherwise: "allow", because: [] };
    known.set(group, made);
    return made;
  };

  const outlines = new WeakMap<Gate, WeakMap<Outline, Outline>>();
  const outlineBehind = (skips: Gate, outline: Outline): Outline => {
    const known = outlines.get(skips) ?? new WeakMap<Outline, Outline>();
    outlines.set(skips, known);
    const made = known.get(outline) ?? { ...outline, gate: behind(skips, outline.gate) };
    known.set(outline, made);
    return made;
  };
  const hopBehind = (skips: Gate | undefined, hop: Hop): Hop =>
    skips === undefined
      ? hop
      : {
          ...(hop.atMost === undefined ? {} : { atMost: outlineBehind(skips, hop.atMost) }),
          about: (kind) => behind(skips, hop.about?.(kind) ?? hop.gate),
          get gate() {
            return behind(skips, hop.gate);
          },
        };

  let claims: ReadonlyMap<string, Fact> | undefined;
  /** A group that says that it is of something that names none. */
  const claimed = (key: string, source: Source): readonly Hop[] => {
    claims ??= groupsByUser(facts);
    const group = claims.get(key);
    if (group === undefined) return [];
    const why = problems.disagrees(`where ${nameOf(group.id)} is attached`, source.file, group.at.file);
    return [{ gate: doubtfulHop(placeOf(group.id), gap("unreadable", why, group.at)) }];
  };

  const at = (config: IpConfig, through: PublicAddress | "inside", here: Spot): readonly Hop[] => {
    const effective = facts.effectiveRules.get(config.nic.key);
    // Such an answer prints 0.0.0.0/0 for everybody, which says nothing of IPv6.
    const inStead = config.family === 4 ? effective : undefined;
    const own = subnet(config);
    const members: Hop[] = [];
    if (!("subnet" in own))
      members.push({ gate: doubtfulHop({ kind: "network-security-group", id: config.subnet ?? config.id }, own) });
    else if (own.subnet.nsg !== undefined)
      members.push(groups.into(own.subnet.nsg, here, { name: own.subnet.name, at: own.subnet.at, effective: inStead }));
    else members.push(...claimed(own.subnet.key, own.subnet.at));
    const { nsg, name, at: source } = config.nic;
    if (nsg !== undefined) members.push(groups.into(nsg, here, { name, at: source, effective: inStead }));
    else members.push(...claimed(config.nic.key, source));
    const isBare = members.length === 0 && through !== "inside" && through.isClosed !== false;
    if (members.length === 0) members.push({ gate: unguarded(config, through) });
    const { gate, skips } = admin.into(own, here, effective, isBare);
    return [{ gate }, ...members.map((member) => hopBehind(skips, member))];
  };

  return {
    subnet,
    into: (config, through) => at(config, through, through === "inside" ? spot(config) : outside(config)),
    floating: (config, through, dialled, name, source) => {
      const here = outside(config);
      const kept = at(config, through, { ...here, address: dialled, range: rangeOf(dialled) });
      const what = `Which destination address rules see behind ${name}, which has a floating address`;
      const why = gap("unverified", problems.notDocumented(what), source);
      return at(config, through, here).map((changed, i) => {
        const other = kept[i]?.gate ?? changed.gate;
        return other === changed.gate ? changed : { gate: either(other, changed.gate, why) };
      });
    },
    outOf: (client, to) => {
      const [from, there] = [spot(client), spot(to)];
      const own = subnet(client);
      const members: Final[] = [];
      const effective = facts.effectiveRules.get(client.nic.key);
      const { nsg, name, at: source } = client.nic;
      if (nsg !== undefined) members.push(groups.outOf(nsg, from, there, { name, at: source, effective }));
      if ("subnet" in own && own.subnet.nsg !== undefined)
        members.push(
          groups.outOf(own.subnet.nsg, from, there, { name: own.subnet.name, at: own.subnet.at, effective }),
        );
      const before = admin.outOf(own, from, there);
      if (before === undefined) return members;
      return [before.gate, ...members.map((member) => behind(before.skips, member))];
    },
  };
};

/** Groups by what they say that they are attached to. */
const groupsByUser = ({ things }: Facts): ReadonlyMap<string, Fact> => {
  const found = new Map<string, Fact>();
  for (const fact of things.networkSecurityGroups.values())
    for (const name of ["subnets", "networkInterfaces"])
      for (const each of refsOf(fact.raw, name)) found.set(keyOf(each), fact);
  return found;
};

/** Where no group stands, a Standard address lets nobody in, and those inside are let in (azure.md A5). */
const unguarded = (config: IpConfig, through: PublicAddress | "inside"): Final => {
  const nothing = {
    saw: "state",
    says: `neither ${config.nic.name} nor its subnet has a network security group`,
    source: config.nic.at,
  } as const;
  if (through === "inside") return state({ kind: "network-security-group", id: config.nic.id }, "allow", nothing);
  const place = { kind: "network-security-group", id: through.address ?? through.id } as const;
  if (typeof through.isClosed !== "boolean") return doubtfulHop(place, through.isClosed);
  return state(place, through.isClosed ? "timeout" : "allow", nothing, through.sku);
};
