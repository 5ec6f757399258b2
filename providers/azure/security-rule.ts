import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import { problems } from "#problems.ts";
import { keyOf, nameOf } from "./arm-id.ts";
import type { Ends, Terms } from "./ends.ts";
import type { Raw } from "./raw.ts";
import { bothOf, idsIn, isRaw, number, text } from "./raw.ts";
import type { Named } from "./service.ts";

export type Direction = "Inbound" | "Outbound";

/** A rule of a network security group, before it is known whom its tags mean. */
export interface SecurityRule {
  readonly name: string;
  readonly priority: number;
  readonly action: "allow" | "timeout" | "unknown";
  readonly service: Named;
  readonly source: Ends;
  readonly destination: Ends;
  /** Why it is not sure that it matches. */
  readonly doubts: readonly Gap[];
  readonly at: Source;
}

/** Rules of one's own have these numbers, each once in a direction; the cloud's stand behind them (azure.md A2). */
export const FIRST = 100;
export const LAST = 4096;

const ACTIONS: ReadonlyMap<string, SecurityRule["action"]> = new Map([
  ["Allow", "allow"],
  ["Deny", "timeout"],
  ["allow", "allow"],
  ["deny", "timeout"],
]);

/** Where a rule stands and what it does, which is read before it is known whether anything else of it is asked for. */
export interface Head {
  readonly priority: number;
  readonly action: SecurityRule["action"];
  /** Why that is not sure. */
  readonly doubts: (at: Source) => readonly Gap[];
}

/** The head of a rule of one direction, of which a rule that says none may be. */
export const headOf = (raw: Raw, direction: Direction): Head | undefined => {
  const inner = isRaw(raw["properties"]) ? raw["properties"] : raw;
  const own = text(raw["direction"] ?? inner["direction"]) ?? "";
  if (own !== direction && isOther(own, direction)) return undefined;
  const access = text(raw["access"] ?? inner["access"]) ?? "";
  const action = ACTIONS.get(access) ?? ACTIONS.get(access.toLowerCase()) ?? "unknown";
  const priority = number(raw["priority"] ?? inner["priority"]);
  const isClear = own === direction && action !== "unknown" && priority !== undefined;
  return {
    priority: priority ?? -1,
    action,
    doubts: isClear ? noDoubts : (at) => doubtsOf(own, access, action, priority, at),
  };
};
const CLEAR: readonly Gap[] = [];
const noDoubts = (): readonly Gap[] => CLEAR;

const isOther = (own: string, direction: Direction): boolean =>
  own.toLowerCase() === (direction === "Inbound" ? "outbound" : "inbound");

/** What a rule asks for. */
export const serviceIn = (raw: Raw, at: Source, terms: Terms): Named => {
  const inner = isRaw(raw["properties"]) ? raw["properties"] : raw;
  return terms.service(
    {
      protocol: text(raw["protocol"] ?? inner["protocol"]) ?? "",
      ports: bothOf(
        raw["destinationPortRange"] ?? inner["destinationPortRange"],
        raw["destinationPortRanges"] ?? inner["destinationPortRanges"],
      ),
      clientPorts: bothOf(
        raw["sourcePortRange"] ?? inner["sourcePortRange"],
        raw["sourcePortRanges"] ?? inner["sourcePortRanges"],
      ),
    },
    at,
  );
};

/** The whole rule. There are many, so each member is looked up by itself. */
export const readRule = (raw: Raw, at: Source, terms: Terms, { priority, action, doubts }: Head): SecurityRule => {
  const inner = isRaw(raw["properties"]) ? raw["properties"] : raw;
  return {
    name: nameIn(text(raw["name"] ?? inner["name"]) ?? nameOf(text(raw["id"]) ?? "a rule without a name")),
    priority,
    action,
    service: serviceIn(raw, at, terms),
    source: terms.ends(
      bothOf(
        raw["sourceAddressPrefix"] ?? inner["sourceAddressPrefix"],
        raw["sourceAddressPrefixes"] ?? inner["sourceAddressPrefixes"],
      ),
      idsIn(raw["sourceApplicationSecurityGroups"] ?? inner["sourceApplicationSecurityGroups"]).map(keyOf),
    ),
    destination: terms.ends(
      bothOf(
        raw["destinationAddressPrefix"] ?? inner["destinationAddressPrefix"],
        raw["destinationAddressPrefixes"] ?? inner["destinationAddressPrefixes"],
      ),
      idsIn(raw["destinationApplicationSecurityGroups"] ?? inner["destinationApplicationSecurityGroups"]).map(keyOf),
    ),
    doubts: doubts(at),
    at,
  };
};

const nameIn = (name: string): string =>
  name.includes("/") ? name.replace(/^(?:default)?securityRules\//i, "") : name;

/** Why it is not sure what a rule does, and whether it is one of the direction. */
const doubtsOf = (
  direction: string,
  access: string,
  action: SecurityRule["action"],
  priority: number | undefined,
  at: Source,
): readonly Gap[] => {
  const where = `${at.file}#${at.pointer}`;
  const lower = direction.toLowerCase();
  return [
    ...(lower === "inbound" || lower === "outbound" ? [] : [gap("unreadable", problems.notARule(where), at)]),
    ...(action === "unknown" ? [gap("unreadable", problems.badAction(access, where), at)] : []),
    ...(priority === undefined ? [gap("unreadable", problems.lacks(where, "its priority"), at)] : []),
  ];
};

/** Rules that just-in-time access makes and takes away again (azure.md A10). */
export const isTemporary = (name: string): boolean =>
  /^(?:MicrosoftDefenderForCloud-JITRule|SecurityCenter-JITRule)/i.test(name);
