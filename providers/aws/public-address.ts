import type { Evidence } from "#model/evidence.ts";
import { gap } from "#model/gap.ts";
import type { Final, Place } from "#model/gate.ts";
import type { Prefix } from "#packets/address.ts";
import { isUnder, parseAddress, parsePrefix } from "#packets/address.ts";
import type { PacketSet } from "#packets/set.ts";
import { anyOf, clients } from "#packets/set.ts";
import { problems } from "#problems.ts";
import { NEW_ADDRESS } from "./change.ts";
import type { Fact, Facts } from "./facts.ts";
import { askedFor, find, gapFor } from "./facts.ts";
import { doubtfulHop, state } from "#model/hop.ts";
import type { Judges } from "./judges.ts";
import type { NetworkInterface, PrivateAddress } from "./network-interface.ts";
import type { Raw } from "./raw.ts";
import { items, raw, text } from "./raw.ts";

export const ipv6Blocks = (facts: Facts, vpc: string): PacketSet => {
  const fact = facts.things.Vpcs.get(vpc);
  return anyOf((fact === undefined ? [] : blocksOf(fact)).map(({ prefix }) => clients(prefix)));
};

/** The type of an instance of which no interface is known. */
export const NO_INTERFACE = "none";

export const publicAddresses = ({ elastic }: Judges, to: NetworkInterface): readonly PrivateAddress[] => {
  const own = to.v4.some(isPublic) ? to.v4.filter(isPublic) : NO_ADDRESSES;
  const listed = elastic.get(to.id);
  return listed === undefined ? own : [...own, ...listed];
};

const NO_ADDRESSES: readonly PrivateAddress[] = [];

const isPublic = ({ public: address, carrier }: PrivateAddress): boolean =>
  address !== undefined || carrier !== undefined;

/** Why the public IPv4 address leads to the interface: the gateway translates it to a private one. */
export const translated = (to: NetworkInterface, own: string, address: string): Final => {
  const at: Place = { kind: "public-address", id: address };
  const place = `${to.at.file}#${to.at.pointer}`;
  if (parseAddress(address) === undefined && address !== NEW_ADDRESS)
    return doubtfulHop(at, gap("unreadable", problems.badAddress(address, place), to.at));
  if (!isOwn(to, own)) return doubtfulHop(at, gap("unreadable", problems.notItsAddress(own, address, to.id), to.at));
  const says = `the internet gateway translates ${address} to ${own}`;
  return state(at, "allow", { saw: "state", says, source: to.at });
};

/** Whether a private address is one of the interface, or in a prefix that is delegated to it. */
const isOwn = (to: NetworkInterface, own: string): boolean => {
  if (to.v4.some((each) => each.private === own)) return true;
  const one = parsePrefix(`${own}/32`);
  return to.v4Prefixes.map(parsePrefix).some((each) => one !== undefined && each !== undefined && isUnder(one, each));
};

export const carrierHop = (to: NetworkInterface, address: string): Final =>
  doubtfulHop(
    { kind: "public-address", id: address },
    gap("unmodelled", problems.notModelled("the carrier gateway of a Wavelength zone"), to.at),
  );

export const noAddress = ({ facts }: Judges, to: NetworkInterface, of: 4 | 6): Final => {
  const says = of === 4 ? `${to.id} has no public IPv4 address` : `${to.id} has no IPv6 address`;
  const seen: Evidence = { saw: "state", says, source: to.at };
  const at: Place = { kind: "public-address", id: to.id };
  // An interface that was read inside its instance only may have more addresses than are told there.
  if (!to.isWhole && askedFor(facts, "NetworkInterfaces", to) !== "read")
    return doubtfulHop(at, gapFor(facts, "NetworkInterfaces", `the addresses of ${to.id}`, to.id, to, to.at));
  const heard = askedFor(facts, "Addresses", to);
  const inPrefix = of === 4 && to.v4Prefixes.length > 0 && heard !== "read";
  if (inPrefix && (heard !== "never" || facts.how.strict))
    return doubtfulHop(
      at,
      gapFor(facts, "Addresses", `the elastic IPs inside the prefixes of ${to.id}`, to.id, to, to.at),
    );
  const ask = "aws ec2 describe-addresses --output json";
  return inPrefix
    ? state({ kind: "public-address", id: to.id }, "timeout", seen, {
        saw: "assumed",
        says: "no elastic IP leads to an address in its delegated prefixes",
        ask,
      })
    : state({ kind: "public-address", id: to.id }, "timeout", seen);
};

/** An IPv6 address is public where its VPC's block is, unless the interface refuses gateways (aws.md A.2). */
export const globalAddress = (facts: Facts, to: NetworkInterface, own: string): Final => {
  const at: Place = { kind: "public-address", id: own };
  const prefix = parsePrefix(own.includes("/") ? own : `${own}/128`);
  if (prefix === undefined)
    return doubtfulHop(at, gap("unreadable", problems.badAddress(own, `${to.at.file}#${to.at.pointer}`), to.at));
  const says = (text: string): Evidence => ({ saw: "state", says: text, source: to.at });
  if (!isUnder(prefix, globalUnicast)) return state(at, "timeout", says(`${own} is no global address`));
  if (to.refusesGateways)
    return state(at, "timeout", says(`${to.id} refuses what comes through internet gateways (DenyAllIgwTraffic)`));
  const vpc = find(facts, "Vpcs", to.vpc ?? "", to.id, to, to.at);
  if (vpc.is === "gap") return doubtfulHop(at, vpc.gap);
  const holding = blocksOf(vpc.fact).filter(({ prefix: whole }) => isUnder(prefix, whole));
  const block = (holding.find(({ block: each }) => stateOf(each) === "associated") ?? holding[0])?.block;
  if (block === undefined) {
    const what = `the IPv6 block of ${to.vpc ?? "its VPC"} that holds ${own}`;
    return doubtfulHop(at, gap("missing", problems.missing(what, "aws ec2 describe-vpcs --output json"), vpc.fact.at));
  }
  const cidr = text(block["Ipv6CidrBlock"]) ?? "";
  const now = stateOf(block);
  if (now.endsWith("ing")) return doubtfulHop(at, gap("depends", problems.changing(cidr, now), vpc.fact.at));
  if (now !== "associated")
    return state(at, "timeout", { saw: "state", says: `${cidr} is ${now}`, source: vpc.fact.at });
  return text(block["Ipv6AddressAttribute"]) === "private"
    ? state(at, "timeout", {
        saw: "state",
        says: `${cidr} is a private block and is not advertised`,
        source: vpc.fact.at,
      })
    : state(at, "allow", { saw: "state", says: `${own} is global`, source: to.at });
};

const stateOf = (block: Raw): string => text(raw(block["Ipv6CidrBlockState"])["State"]) ?? "associated";

interface Block {
  readonly block: Raw;
  readonly prefix: Prefix;
}

/** The IPv6 blocks of a VPC, read once for all addresses in it. */
const blocksOf = (vpc: Fact): readonly Block[] => {
  const before = blocks.get(vpc);
  if (before !== undefined) return before;
  const made = items(vpc.raw["Ipv6CidrBlockAssociationSet"]).flatMap((block) => {
    const prefix = parsePrefix(text(block["Ipv6CidrBlock"]) ?? "");
    return prefix === undefined ? [] : [{ block, prefix }];
  });
  blocks.set(vpc, made);
  return made;
};

const blocks = new WeakMap<Fact, readonly Block[]>();

const globalUnicast: Prefix = { address: { family: 6, words: [0x2000_0000_0000, 0, 0] }, bits: 3 };
