import { number as plain, text, texts as listed } from "#model/raw.ts";

export { areSame, isOdd, isRaw, items, numeral, protocolText, raw, text } from "#model/raw.ts";
export type { Raw } from "#model/raw.ts";

/** A number, which some exports print as a text. */
export const number = (value: unknown): number | undefined =>
  typeof value === "string" && /^\d+$/.test(value) ? Number(value) : plain(value);

/** Whether something that should be a list of texts is something else, or holds something else. */
export const isOddList = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  typeof value !== "string" &&
  !(Array.isArray(value) && value.every((each) => typeof each === "string"));

/** A yes, which some exports print as a text. */
export const yes = (value: unknown): boolean =>
  value === true || (typeof value === "string" && value.toLowerCase() === "true");

/** The texts of a list, or the one that stands in its place: it is never taken for absent. */
export const texts = (value: unknown): readonly string[] => {
  const only = text(value);
  return only === undefined ? listed(value) : [only];
};

/** Who a thing belongs to and where it is, as far as that is known. The account is the project. */
export interface Scope {
  readonly account: string | undefined;
  readonly region: string | undefined;
}
