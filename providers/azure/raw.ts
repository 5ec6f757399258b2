import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Source } from "#model/source.ts";
import { problems } from "#problems.ts";
import { isRaw, items, number as plain, text, texts as listed } from "#model/raw.ts";
import type { Raw } from "#model/raw.ts";

export { isOdd, isRaw, items, raw, text } from "#model/raw.ts";
export type { Raw } from "#model/raw.ts";

/**
 * A member of a thing, wherever it stands: `az` prints members flat, ARM and Resource Graph inside `properties`, and
 * some answers begin their names with a capital.
 */
export const member = (of: Raw, name: string): unknown => {
  const own = of[name];
  if (own !== undefined && own !== null) return own;
  const inner = of["properties"];
  if (isRaw(inner)) {
    const value = inner[name];
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
};

/** The same, for answers that are not sure of their capitals. */
export const loosely = (of: Raw, name: string): unknown => {
  const found = member(of, name);
  if (found !== undefined) return found;
  const wanted = name.toLowerCase();
  for (const each of [of, of["properties"] ?? of["Properties"]])
    if (isRaw(each))
      for (const [key, value] of Object.entries(each))
        if (value !== null && value !== undefined && key.toLowerCase() === wanted) return value;
  return undefined;
};

export const memberText = (of: Raw, name: string): string | undefined => text(member(of, name));
export const memberItems = (of: Raw, name: string): readonly Raw[] => items(member(of, name));
export const memberRaw = (of: Raw, name: string): Raw | undefined => {
  const value = member(of, name);
  return isRaw(value) ? value : undefined;
};

/** The id of another thing that a member refers to. */
export const refOf = (of: Raw, name: string): string | undefined => text(memberRaw(of, name)?.["id"]);

/** The ids of the things that a list refers to. */
export const refsOf = (of: Raw, name: string): readonly string[] => idsIn(member(of, name));
export const idsIn = (list: unknown): readonly string[] => items(list).flatMap((each) => text(each["id"]) ?? []);

/** Where a member was read; of one that is not there, where the thing itself was. */
export const placeIn = (of: Raw, at: Source, name: string): Source => {
  const own = of[name];
  if (own !== undefined && own !== null) return { file: at.file, pointer: `${at.pointer}/${name}` };
  const inner = of["properties"];
  return isRaw(inner) && inner[name] !== undefined && inner[name] !== null
    ? { file: at.file, pointer: `${at.pointer}/properties/${name}` }
    : at;
};

/** Why nothing is known of what should be a list of objects. */
export const oddList = (at: Source): Gap => gap("unreadable", problems.notAList(`${at.file}#${at.pointer}`), at);

/** A number, which some exports print as a text. */
export const number = (value: unknown): number | undefined =>
  typeof value === "string" && /^\d+$/.test(value) ? Number(value) : plain(value);

/**
 * The texts of a list, or the one that stands in its place: it is never taken for absent. Neither is what is no text, so
 * that whoever reads it says that it is not understood.
 */
export const texts = (value: unknown): readonly string[] => {
  const only = text(value) ?? (typeof value === "number" ? String(value) : undefined);
  if (only !== undefined) return [only];
  if (!Array.isArray(value)) return NO_TEXTS;
  if (value.length === 0) return NO_TEXTS;
  const list: readonly unknown[] = value;
  return listed(list.some(isOther) ? list.map((each) => (isOther(each) ? JSON.stringify(each) : each)) : list);
};
const NO_TEXTS: readonly string[] = [];
const isOther = (value: unknown): boolean => typeof value !== "string" && value !== null && value !== undefined;

/** What a member and its plural say together: ARM fills one of the two. */
export const united = (of: Raw, one: string, many: string): readonly string[] =>
  bothOf(member(of, one), member(of, many));

/** The same of the two values. */
export const bothOf = (one: unknown, many: unknown): readonly string[] => {
  const single = texts(one);
  const plural = texts(many);
  const all = single.length === 0 ? plural : plural.length === 0 ? single : [...single, ...plural];
  return all.some((each) => each.includes(",") || each.trim() !== each)
    ? all.flatMap((each) => each.split(",").map((part) => part.trim()))
    : all;
};

/** Who a thing belongs to and where it is. The account is the subscription. */
export interface Scope {
  readonly account: string | undefined;
  readonly region: string | undefined;
}
