import type { Gap } from "#model/gap.ts";
import type { Final } from "#model/gate.ts";
import type { Way } from "#model/way.ts";
import type { PacketSet } from "#packets/set.ts";
import { acceleratorDoors } from "./accelerator-doors.ts";
import { balancerDoors } from "./balancer-doors.ts";
import type { Arrival, Door, Doubt } from "./door.ts";
import { doubtfulWays } from "./door.ts";
import type { Facts } from "./facts.ts";
import { askedFor, gapFor } from "./facts.ts";
import type { Judges } from "./judges.ts";
import { loadBalancers } from "./load-balancer.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { text } from "./raw.ts";
import { targetFinder } from "./target.ts";
import type { InternetWays } from "./ways.ts";

/** What stands in front of interfaces, as it is found. */
export interface Doors {
  readonly internet: InternetWays;
  readonly inside: (asked: PacketSet, to: NetworkInterface) => readonly Way[];
  add(on: string, door: Door): void;
  doubt(doubt: Doubt): void;
  /** A balancer answers on its nodes for its listeners, and for nothing else. */
  listens(node: string, gate: Final): void;
  /** Arrivals of that name, made if it is the first time that they are asked for. */
  once(name: string, make: () => readonly Arrival[]): readonly Arrival[];
  /** How clients come to an interface through what stands before it. */
  before(to: NetworkInterface, asked: PacketSet | undefined, passed: readonly string[]): readonly Arrival[];
}

/** The ways to an interface through load balancers and accelerators. */
export interface FrontDoors {
  /** Those by which the internet comes. */
  open(to: NetworkInterface): readonly Way[];
  /** Those by which anybody may come, inside too. */
  all(asked: PacketSet, to: NetworkInterface): readonly Way[];
  /** What a balancer listens to on an interface, where that is a node of one whose listeners were read. */
  listener(to: NetworkInterface): Final | undefined;
}

const NONE: readonly Way[] = [];

export const frontDoors = (
  judge: Judges,
  internet: InternetWays,
  inside: (asked: PacketSet, to: NetworkInterface) => readonly Way[],
): FrontDoors => {
  const { facts } = judge;
  const byInterface = new Map<string, Door[]>();
  const listeners = new Map<string, Final>();
  const made = new Map<string, readonly Arrival[]>();
  const doubts: Doubt[] = [];
  let isRead = false;
  const doors: Doors = {
    internet,
    inside,
    add: (on, door) => {
      const known = byInterface.get(on);
      if (known === undefined) byInterface.set(on, [door]);
      else known.push(door);
    },
    doubt: (doubt) => void doubts.push(doubt),
    listens: (node, gate) => void listeners.set(node, gate),
    once: (name, make) => {
      const known = made.get(name) ?? make();
      made.set(name, known);
      return known;
    },
    before: (to, asked, passed) => (byInterface.get(to.id) ?? []).flatMap((door) => door(to, asked, passed)),
  };
  const read = (): void => {
    isRead = true;
    doubts.push(...unread(facts));
    if (!isAny(facts)) return;
    const targets = targetFinder(facts);
    const balancers = loadBalancers(facts);
    balancerDoors(judge, doors, targets, balancers);
    acceleratorDoors(judge, doors, targets, balancers);
  };
  const ways = (to: NetworkInterface, asked: PacketSet | undefined): readonly Way[] => {
    if (!isRead) read();
    if (doubts.length === 0 && !byInterface.has(to.id)) return NONE;
    return [...doors.before(to, asked, []).map(({ way }) => way), ...doubtful(judge, doubts, to, asked)];
  };
  return {
    open: (to) => ways(to, undefined),
    all: (asked, to) => ways(to, asked),
    listener: (to) => {
      if (to.serves === undefined) return undefined;
      if (!isRead) read();
      return listeners.get(to.id);
    },
  };
};

const KINDS = [
  "LoadBalancers",
  "LoadBalancerDescriptions",
  "TargetGroups",
  "Accelerators",
  "AcceleratorListeners",
  "EndpointGroups",
] as const;

const isAny = ({ things }: Facts): boolean => KINDS.some((kind) => things[kind].size > 0);

/** Lists without which nobody knows what stands in front of machines, where they were asked for and not had. */
const UNREAD = [
  ["LoadBalancers", "load-balancer", "the load balancers"],
  ["LoadBalancerDescriptions", "load-balancer", "the classic load balancers"],
  ["Accelerators", "accelerator", "the accelerators"],
] as const;

const unread = (facts: Facts): readonly Doubt[] => {
  const sharers = accountsIn(facts);
  return UNREAD.filter(
    ([key]) => facts.how.strict || (facts.asked.get(key) ?? []).some(({ how }) => how !== "read"),
  ).map(
    ([key, origin, what]): Doubt => ({
      origin,
      why: (to) => {
        // Accelerators are of no Region.
        const region = origin === "accelerator" ? undefined : to.region;
        const scopes = [...new Set([to.account, ...(sharers().get(to.vpc ?? "") ?? [])])];
        const unheard = scopes
          .map((account) => ({ account, region }))
          .find((scope) => {
            const heard = askedFor(facts, key, scope);
            return heard !== "read" && (heard !== "never" || facts.how.strict);
          });
        return unheard === undefined ? undefined : gapFor(facts, key, what, to.id, unheard);
      },
    }),
  );
};

/** The accounts that have something in a VPC. A balancer of one may send to machines of another. */
const accountsIn = (facts: Facts): (() => ReadonlyMap<string, ReadonlySet<string>>) => {
  let known: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  return () => (known ??= byVpc(facts));
};

const byVpc = ({ interfaces, things }: Facts): ReadonlyMap<string, ReadonlySet<string>> => {
  const found = new Map<string, Set<string>>();
  const add = (vpc: string | undefined, account: string | undefined): void => {
    if (vpc === undefined || account === undefined) return;
    const accounts = found.get(vpc);
    if (accounts === undefined) found.set(vpc, new Set([account]));
    else accounts.add(account);
  };
  for (const { vpc, account } of interfaces.values()) add(vpc, account);
  for (const { raw: of } of [...things.Vpcs.values(), ...things.Subnets.values()])
    add(text(of["VpcId"]), text(of["OwnerId"]));
  return found;
};

const doubtful = (
  judge: Judges,
  doubts: readonly Doubt[],
  to: NetworkInterface,
  asked: PacketSet | undefined,
): readonly Way[] => {
  const found = new Map<string, readonly [Doubt["origin"], Gap]>();
  for (const doubt of doubts) {
    const known = doubt.why(to);
    if (known !== undefined) found.set(`${doubt.origin} ${known.code} ${known.says}`, [doubt.origin, known]);
  }
  return [...found.values()].flatMap(([origin, why]) => {
    const place = { kind: origin, id: to.vpc ?? to.id, name: "that was not read" } as const;
    return doubtfulWays(judge, to, { origin, place, why }, asked);
  });
};
