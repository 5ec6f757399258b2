import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import { problems } from "#problems.ts";
import { keyOf, nameOf } from "./arm-id.ts";
import type { Ends, Terms } from "./ends.ts";
import type { Raw } from "./raw.ts";
import { member, memberText, number, refsOf, text, united } from "./raw.ts";
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
  ["allow", "allow"],
  ["deny", "timeout"],
]);

/** The rules of one direction, of which a rule that says none may be. */
export const readRule = (raw: Raw, at: Source, terms: Terms, direction: Direction): SecurityRule | undefined => {
  const own = memberText(raw, "direction")?.toLowerCase();
  const doubts: Gap[] = [];
  const where = `${at.file}#${at.pointer}`;
  if (own !== "inbound" && own !== "outbound") doubts.push(gap("unreadable", problems.notARule(where), at));
  else if (own !== direction.toLowerCase()) return undefined;
  const access = memberText(raw, "access") ?? "";
  const action = ACTIONS.get(access.toLowerCase()) ?? "unknown";
  if (action === "unknown") doubts.push(gap("unreadable", problems.badAction(access, where), at));
  const priority = number(member(raw, "priority"));
  if (priority === undefined) doubts.push(gap("unreadable", problems.lacks(where, "its priority"), at));
  return {
    name: (memberText(raw, "name") ?? nameOf(text(raw["id"]) ?? "a rule without a name")).replace(
      /^(?:default)?securityRules\//i,
      "",
    ),
    priority: priority ?? -1,
    action,
    service: terms.service(
      {
        protocol: memberText(raw, "protocol") ?? "",
        ports: united(raw, "destinationPortRange", "destinationPortRanges"),
        clientPorts: united(raw, "sourcePortRange", "sourcePortRanges"),
      },
      at,
    ),
    source: terms.ends(
      united(raw, "sourceAddressPrefix", "sourceAddressPrefixes"),
      refsOf(raw, "sourceApplicationSecurityGroups").map(keyOf),
    ),
    destination: terms.ends(
      united(raw, "destinationAddressPrefix", "destinationAddressPrefixes"),
      refsOf(raw, "destinationApplicationSecurityGroups").map(keyOf),
    ),
    doubts,
    at,
  };
};

/** Rules that just-in-time access makes and takes away again (azure.md A10). */
export const isTemporary = (name: string): boolean =>
  /^(?:MicrosoftDefenderForCloud-JITRule|SecurityCenter-JITRule)/i.test(name);
