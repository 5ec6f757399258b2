import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { problems } from "#problems.ts";
import type { Fact } from "./facts.ts";
import type { Raw } from "./raw.ts";
import { isOdd, items, text } from "./raw.ts";

/** What was read of the route tables of transit gateways, by the table's id. */
export interface TransitAnswers {
  readonly routes: ReadonlyMap<string, readonly Fact[]>;
  /** References to prefix lists. */
  readonly lists: ReadonlyMap<string, readonly Fact[]>;
  /** Where routes were read: the answer that holds the first of them. */
  readonly places: ReadonlyMap<string, Source>;
  /** Tables of which an answer says that more follows. */
  readonly cut: ReadonlyMap<string, Gap>;
}

const WHAT: Readonly<Record<string, string>> = {
  Routes: "routes of a transit gateway's route table",
  TransitGatewayPrefixListReferences: "prefix lists of a transit gateway's route table",
};

/** Routes do not say of which table they are: the file's name, or its folder's, carries it. References do, where there are any. */
export const transitReader = (
  warn: (found: Gap) => void,
): {
  /** Whether the answer is one of these. */
  readonly add: (key: string, body: Raw, at: Source) => boolean;
  readonly answers: () => TransitAnswers;
} => {
  const lists = { Routes: new Map<string, Fact[]>(), TransitGatewayPrefixListReferences: new Map<string, Fact[]>() };
  const places = new Map<string, Source>();
  const open = new Map<string, { readonly table: string; readonly gap: Gap }>();
  const cut = new Map<string, Gap>();
  const whole = new Set<string>();

  const add = (key: string, body: Raw, at: Source): boolean => {
    if (key !== "Routes" && key !== "TransitGatewayPrefixListReferences") return false;
    const list = items(body[key]);
    const named = text(list[0]?.["TransitGatewayRouteTableId"]);
    const table = named ?? /\btgw-rtb-[0-9a-z]+/.exec(at.file.split(/[/\\]/).slice(-2).join("/"))?.[0];
    if (table === undefined) {
      warn(gap("unreadable", problems.noTableName(at.file, WHAT[key] ?? key), at));
      return true;
    }
    const known = lists[key].get(table) ?? [];
    lists[key].set(table, known);
    if (key === "Routes" && !places.has(table))
      places.set(table, { file: at.file, pointer: at.pointer.replace(/\/Routes$/, "") });
    list.forEach((item, i) => known.push({ raw: item, at: inside(at, i) }));
    const more = (): Gap => gap("missing", problems.incomplete(at.file, WHAT[key] ?? key), at);
    if (isOdd(body[key])) cut.set(table, gap("unreadable", problems.notAList(`${at.file}#${at.pointer}`), at));
    // Pages follow a token, and the last has none. What `AdditionalRoutesAvailable` leaves out is on no page.
    if (text(body["NextToken"]) !== undefined) open.set(`${key} ${table}`, { table, gap: more() });
    else if (body["AdditionalRoutesAvailable"] === true)
      cut.set(table, gap("missing", problems.moreRoutes(at.file), at));
    else whole.add(`${key} ${table}`);
    return true;
  };
  return {
    add,
    answers: () => {
      for (const [list, { table, gap: found }] of open) if (!whole.has(list)) cut.set(table, found);
      for (const found of cut.values()) warn(found);
      return { routes: lists.Routes, lists: lists.TransitGatewayPrefixListReferences, places, cut };
    },
  };
};
