import type { Service } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import type { Gap } from "./gap.ts";
import type { Gate, Place } from "./gate.ts";
import type { Outline, Way } from "./way.ts";

export const clouds = ["aws", "gcp", "azure"] as const;
export type Cloud = (typeof clouds)[number];

/** What a finding or a verdict is about, by its id in its cloud. */
export interface Resource {
  readonly cloud: Cloud;
  readonly account: string | null;
  readonly region: string | null;
  readonly type: string;
  readonly id: string;
  readonly name: string | null;
}

export interface Interface {
  readonly id: string;
  readonly cloud: Cloud;
}

/** Something that answers on addresses: an instance, or an interface that belongs to none. */
export interface Machine {
  readonly resource: Resource;
  readonly interfaces: readonly Interface[];
}

/** A set of rules as its owner wrote it: a group or an ACL, attached to something or not. */
export interface RuleList {
  readonly resource: Resource;
  readonly place: Place;
  /** What the rules admit; what they leave is not admitted. */
  readonly gate: Gate;
  /** What they admit at most, where that is told without making the gate. */
  readonly atMost?: Outline;
  /** What they do with packets of one kind, where that is less to make. */
  readonly about?: (kind: PacketSet) => Gate;
  /** How many things it is attached to; undefined where that could not be read. */
  readonly attached: number | undefined;
  /** Made by the cloud itself, as it makes all of its kind. */
  readonly standard: boolean;
  /** Who could come to it at all, where some addresses of the internet are the cloud's own. */
  readonly carries?: PacketSet;
}

/** What was read of one account and Region, and what was not. */
export interface Coverage {
  readonly cloud: Cloud;
  readonly account: string | null;
  readonly region: string | null;
  readonly machines: number;
  readonly missing: readonly Gap[];
  /** Kinds of doors that were never asked for, and so were not looked behind. */
  readonly notLookedAt: readonly string[];
}

/** A change that would open one hop, and the inventory as it would then be. */
export interface Remedy {
  readonly says: string;
  readonly cli: string;
  readonly terraform: string;
  after(): Inventory;
  /** The interfaces whose gates it changes. */
  readonly touches: () => Iterable<Interface>;
}

/** Another way in, by a service of the cloud that leads to a machine by itself and asks who may use it. */
export interface Alternative {
  readonly kind: "instance-connect-endpoint" | "session-manager" | "identity-aware-proxy" | "bastion";
  readonly id: string;
  /** What it is, and what it needs. */
  readonly says: string;
  readonly cli: string;
  /** What stands in it. It is offered unless it is blocked. */
  readonly way: Way;
  /** What decides where some of its clients pass and others do not. */
  readonly depends?: Gap;
}

/** Everything that was read of one cloud. */
export interface Inventory {
  readonly machines: Iterable<Machine>;
  readonly lists: Iterable<RuleList>;
  readonly gaps: readonly Gap[];
  readonly coverage: readonly Coverage[];
  /** The machines that a text may mean: an id, a name, an address, an interface. */
  find(text: string): readonly Machine[];
  /** The ways in from outside, from the internet and through what faces it, that have an address to dial. */
  doors(to: Interface): Iterable<Way>;
  /**
   * What machines share whose doors, one by one, bring the same conversations through gates that do the same, whatever
   * the machines are called and wherever they are. Undefined where something is a machine's own; a cloud may always say so.
   */
  kin?(machine: Machine): object | undefined;
  /** The ways by which these clients could come; those inside the network only for the clients asked. */
  ways(clients: PacketSet, to: Interface): Iterable<Way>;
  /** Other ways in for the same purpose as the service asked about. */
  alternatives(machine: Machine, asked: Service): readonly Alternative[];
  /** Changes that would let `open` through the place, which is on a way to `to`; empty where there is none. */
  remedies(place: Place, direction: "request" | "reply", open: PacketSet, to: Interface): readonly Remedy[];
}

/** Several clouds as one: each question goes to the cloud whose interface it is about. */
export const together = (all: readonly Inventory[]): Inventory => {
  const [only] = all;
  if (only !== undefined && all.length === 1) return only;
  const machines = all.flatMap((each) => [...each.machines]);
  const of = new Map<Cloud, Inventory>();
  for (const each of all) {
    const [first] = each.machines;
    if (first !== undefined) of.set(first.resource.cloud, each);
  }
  return {
    machines,
    get lists() {
      return all.flatMap((each) => [...each.lists]);
    },
    gaps: all.flatMap((each) => each.gaps),
    coverage: all.flatMap((each) => each.coverage),
    find: (text) => all.flatMap((each) => each.find(text)),
    doors: (to) => of.get(to.cloud)?.doors(to) ?? [],
    kin: (machine) => of.get(machine.resource.cloud)?.kin?.(machine),
    ways: (asked, to) => of.get(to.cloud)?.ways(asked, to) ?? [],
    alternatives: (machine, asked) => of.get(machine.resource.cloud)?.alternatives(machine, asked) ?? [],
    remedies: (place, direction, open, to) => of.get(to.cloud)?.remedies(place, direction, open, to) ?? [],
  };
};
