import type { Evidence } from "./evidence.ts";
import type { Match } from "./match.ts";
import type { Source } from "./source.ts";

/** What the client notices when it is stopped: nothing ever comes back, a reset, or an ICMP unreachable. */
export type Stop = "timeout" | "refused" | "unreachable";
export const stops = ["timeout", "refused", "unreachable"] as const satisfies readonly Stop[];

/**
 * What happens to what a rule matches. `leave` leaves the innermost gate only and lands at the rule after the one that
 * entered it. A gate is entered, and what it leaves comes back to the next rule here; of a `goto` gate it does not.
 */
export type Action<L extends "leave" = "leave"> = "allow" | Stop | L | Gate | { readonly goto: Gate<L> };

export interface Rule<L extends "leave" = "leave"> {
  readonly match: Match;
  readonly action: Action<L>;
  /** The rule's id in its cloud, or the shortest words that find it. */
  readonly name: string;
  /** What it matches, in words: `tcp/22 from 203.0.113.0/24`. */
  readonly says: string;
  /** The cloud's own, as it stands in every list of its kind; nobody can change it. */
  readonly standard?: true;
  readonly source: Source;
}

/** A place with a name in its cloud, as `why` prints it. */
export interface Place {
  readonly kind: HopKind;
  readonly id: string;
  readonly name?: string;
}

export type HopKind =
  | "machine-state"
  | "public-address"
  | "internet-gateway"
  | "public-access-block"
  | "route"
  | "network-acl"
  | "security-group"
  | "peering"
  | "transit-gateway"
  | "vpn-gateway"
  | "load-balancer"
  | "accelerator"
  | "middlebox"
  | "firewall-rule"
  | "firewall-policy"
  | "implied-rule"
  | "security-policy"
  | "admin-rule"
  | "network-security-group"
  | "firewall";

/** Rules read in order: the first that matches decides, `otherwise` decides the rest. */
export interface List<L extends "leave" = "leave"> {
  readonly at?: Place;
  readonly rules: readonly Rule<L>[];
  readonly otherwise: "allow" | Stop | L;
  readonly because: readonly Evidence[];
}

/** Gates that must all be passed: the first stop in order wins; else, if one leaves, it leaves; else it allows. */
export interface Every<L extends "leave" = "leave"> {
  readonly at?: Place;
  readonly every: readonly Gate<L>[];
}

export type Gate<L extends "leave" = "leave"> = List<L> | Every<L>;

/** A gate that always decides. Nothing can leave a hop. */
export type Final = Gate<never>;
