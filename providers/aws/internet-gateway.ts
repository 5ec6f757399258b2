import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Final, Rule } from "#model/gate.ts";
import { exactly, perhaps } from "#model/match.ts";
import type { Scope } from "#model/provider.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { globalUnicast6, neverClients, privateUse, reserved } from "#packets/internet.ts";
import { family, minus, or } from "#packets/set.ts";
import { problems } from "#problems.ts";
import type { Fact, Facts } from "./facts.ts";
import { askedFor, gapFor } from "./facts.ts";
import { NOWHERE, doubtfulHop, state } from "#model/hop.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { items, nameOf, text } from "./raw.ts";

/** The gateways of VPCs to the internet. A VPC has one at most (aws.md A.1). */
export interface InternetGateways {
  /** The gateway attached to a VPC, if one is known to be. */
  of(vpc: string): string | undefined;
  /** What the gateway does with packets for a VPC: it drops some clients; without one nothing comes in. */
  hop(vpc: string, on: NetworkInterface): Final;
  /** Why it is not known which one that is, although gateways were read. */
  doubt(vpc: string): Gap | undefined;
  /** Gateways that are attached to nothing. */
  readonly free: readonly string[];
}

/** Whose gateways a VPC may have: its owner's, whoever's interfaces are in it (aws.md F.31). */
export const ownerOf = (facts: Facts, vpc: string, on: NetworkInterface): Scope => ({
  account: text(facts.things.Vpcs.get(vpc)?.raw["OwnerId"]) ?? on.account,
  region: on.region,
});

export const internetGateways = (facts: Facts): InternetGateways => {
  const attached = new Map<
    string,
    { readonly id: string; readonly fact: Fact; readonly state: string; readonly at: Source }
  >();
  const free: string[] = [];
  const doubts = new Map<string, Gap>();
  for (const [id, fact] of facts.things.InternetGateways) {
    const attachments = items(fact.raw["Attachments"]);
    if (attachments.length === 0) free.push(id);
    attachments.forEach((attachment, i) => {
      const vpc = text(attachment["VpcId"]);
      const now = text(attachment["State"]) ?? "available";
      if (vpc === undefined || now === "detached") return;
      const at = inside(fact.at, `Attachments/${i}`);
      const other = attached.get(vpc);
      if (other !== undefined && other.id !== id)
        doubts.set(
          vpc,
          gap("unreadable", problems.contradicts(`the internet gateway of ${vpc}`, placeOf(other.at), placeOf(at)), at),
        );
      attached.set(vpc, { id, fact, state: now, at });
    });
  }
  const hops = new Map<string, Final>();

  const twice = [...facts.things.InternetGateways.keys()].flatMap((id) => facts.contradictions.get(id) ?? []);
  const doubtOf = (vpc: string): Gap | undefined => doubts.get(vpc) ?? (attached.has(vpc) ? undefined : twice[0]);

  const make = (vpc: string, on: NetworkInterface): Final => {
    const found = attached.get(vpc);
    const doubt = doubtOf(vpc);
    if (doubt !== undefined) return doubtfulHop({ kind: "internet-gateway", id: vpc }, doubt);
    if (found === undefined) {
      const at = { kind: "internet-gateway", id: vpc } as const;
      const scope = ownerOf(facts, vpc, on);
      return askedFor(facts, "InternetGateways", scope) === "read"
        ? state(at, "timeout", { saw: "nothing", says: `no internet gateway is attached to ${vpc}` })
        : doubtfulHop(at, gapFor(facts, "InternetGateways", `the internet gateway of ${vpc}`, on.id, scope, on.at));
    }
    const name = nameOf(found.fact.raw);
    const at = { kind: "internet-gateway", id: found.id, ...(name === undefined ? {} : { name }) } as const;
    const contradiction = facts.contradictions.get(found.id);
    if (contradiction !== undefined) return doubtfulHop(at, contradiction);
    // The API prints `available` for what its own type calls `attached`.
    if (found.state !== "available" && found.state !== "attached")
      return doubtfulHop(at, gap("depends", problems.changing(found.id, found.state), found.at));
    return {
      at,
      rules: REFUSED_CLIENTS,
      otherwise: "allow",
      because: [{ saw: "state", says: `attached to ${vpc}`, source: found.at }],
    };
  };

  return {
    of: (vpc) => attached.get(vpc)?.id,
    hop: (vpc, on) => {
      const known = hops.get(vpc) ?? make(vpc, on);
      hops.set(vpc, known);
      return known;
    },
    doubt: doubtOf,
    free,
  };
};

const placeOf = ({ file, pointer }: Source): string => `${file}#${pointer}`;

/** Sources that an internet gateway drops: RFC 1918 and RFC 6598 surely, the other reserved ones likely (aws.md A.1). */
const REFUSED_CLIENTS: readonly Rule<never>[] = [
  {
    match: exactly(privateUse),
    action: "timeout",
    name: "private sources",
    says: "an internet gateway drops what comes from RFC 1918 and RFC 6598 addresses",
    source: NOWHERE,
  },
  {
    match: perhaps(
      or(or(neverClients, reserved), minus(family(6), globalUnicast6)),
      gap(
        "unverified",
        problems.notDocumented("packets through an internet gateway from an address that is no host's"),
      ),
    ),
    action: "timeout",
    name: "reserved sources",
    says: "an internet gateway drops what comes from reserved addresses",
    source: NOWHERE,
  },
];
