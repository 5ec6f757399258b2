import type { Evidence } from "#model/evidence.ts";
import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import { problems } from "#problems.ts";
import { keyOf, nameOf } from "./arm-id.ts";
import type { Fact, Facts } from "./facts.ts";
import { find } from "./facts.ts";
import { memberRaw, memberText, placeIn, refOf, text } from "./raw.ts";

/** A public address that something has. */
export interface PublicAddress {
  readonly id: string;
  readonly name: string;
  /** Undefined while nobody uses it. */
  readonly address: string | undefined;
  readonly family: 4 | 6;
  /** Whether it lets nobody in by itself, and what says so (azure.md A5). */
  readonly isClosed: boolean | Gap;
  readonly sku: Evidence;
  readonly at: Source;
}

export const publicAddress = (facts: Facts, id: string, by: string, at: Source): PublicAddress | Gap => {
  const found = find(facts, "publicIPAddresses", id, by, at);
  if (found.is === "gap") return found.gap;
  const { raw, at: own } = found.fact;
  // Only an address that is allocated anew at every start is ever away.
  const isFixed =
    (memberText(raw, "publicIPAllocationMethod") ?? memberText(raw, "publicIpAllocationMethod"))?.toLowerCase() ===
    "static";
  return isFixed && memberText(raw, "ipAddress") === undefined
    ? gap("unreadable", problems.lacks(`${own.file}#${own.pointer}`, "its address"), own)
    : readAddress(found.fact);
};

const CLOSED: ReadonlyMap<string, boolean> = new Map([
  ["basic", false],
  ["standard", true],
]);

export const readAddress = ({ id, raw, at }: Fact): PublicAddress => {
  const address = memberText(raw, "ipAddress");
  const version = memberText(raw, "publicIPAddressVersion") ?? memberText(raw, "publicIpAddressVersion");
  const name = memberText(raw, "name") ?? nameOf(id);
  const sku = text(memberRaw(raw, "sku")?.["name"]) ?? "";
  const source = placeIn(raw, at, "sku");
  const isClosed = CLOSED.get(sku.toLowerCase());
  const where = `${source.file}#${source.pointer}`;
  const unknown =
    sku === ""
      ? gap("missing", problems.missing(`the SKU of ${name}`, "az network public-ip list -o json"), at)
      : sku.toLowerCase() === "standardv2"
        ? gap(
            "unverified",
            problems.notDocumented(`Whether ${name}, of the SKU ${sku}, lets anybody in by itself`),
            source,
          )
        : gap("unreadable", problems.newerThanThis(`the SKU "${sku}"`, where), source);
  const says =
    isClosed === false
      ? `${name} is of the SKU Basic, which is retired and lets everybody in`
      : `${name} is of the SKU ${sku}, which lets nobody in that no network security group lets in`;
  return {
    id,
    name,
    address,
    family: version?.toLowerCase() === "ipv6" || address?.includes(":") === true ? 6 : 4,
    isClosed: isClosed ?? unknown,
    sku: { saw: "state", says, source },
    at,
  };
};

/** Which address each ipConfiguration has, as addresses themselves tell it. */
export const claims = (facts: Facts): ReadonlyMap<string, Fact> =>
  new Map(
    [...facts.things.publicIPAddresses.values()].flatMap((fact) => {
      const on = refOf(fact.raw, "ipConfiguration");
      return on === undefined ? [] : [[keyOf(on), fact] as const];
    }),
  );
