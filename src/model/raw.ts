/** One JSON object of an answer. Absent, null and empty mean the same, so every member is read through these. */
export type Raw = Readonly<Record<string, unknown>>;

const NO_ITEMS: readonly Raw[] = [];

export const isRaw = (value: unknown): value is Raw =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

export const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

/** A number of a rule. What is there and is none is `NaN`, so that it is never taken for absent. */
export const numeral = (value: unknown): number | undefined =>
  value === undefined || value === null ? undefined : typeof value === "number" ? value : Number.NaN;

/** A protocol of a rule, as a text or as a number; empty where there is none. */
export const protocolText = (value: unknown): string =>
  typeof value === "number" ? String(value) : (text(value) ?? "");

export const raw = (value: unknown): Raw => (isRaw(value) ? value : EMPTY);
const EMPTY: Raw = {};

/** The objects of a list; anything else in it is passed over. */
export const items = (value: unknown): readonly Raw[] => {
  if (!Array.isArray(value) || value.length === 0) return NO_ITEMS;
  const list: readonly unknown[] = value;
  return areRaw(list) ? list : list.filter(isRaw);
};

const areRaw = (list: readonly unknown[]): list is readonly Raw[] => {
  for (let i = 0; i < list.length; i++) if (!isRaw(list[i])) return false;
  return true;
};

/** Whether something that should be a list of objects is something else, or holds something else. */
export const isOdd = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.every(isRaw));

export const texts = (value: unknown): readonly string[] => {
  if (!Array.isArray(value) || value.length === 0) return NO_TEXTS;
  const list: readonly unknown[] = value;
  return areTexts(list) ? list : list.filter(isText);
};
const NO_TEXTS: readonly string[] = [];

const isText = (value: unknown): value is string => typeof value === "string";
const areTexts = (list: readonly unknown[]): list is readonly string[] => list.every(isText);

/** Whether two values of JSON are the same, in whatever order their members are. */
export const areSame = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((each, i) => areSame(each, b[i]));
  }
  let more = Object.keys(b).length;
  for (const key in a) {
    if (!(key in b) || !areSame(memberOf(a, key), memberOf(b, key))) return false;
    more--;
  }
  return more === 0;
};
const memberOf = (of: object, key: string): unknown => Reflect.get(of, key);
