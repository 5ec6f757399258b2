import { number as plain } from "#model/raw.ts";

export { isRaw, items, numeral, protocolText, raw, text, texts } from "#model/raw.ts";
export type { Raw } from "#model/raw.ts";

/** A number, which some exports print as a text. */
export const number = (value: unknown): number | undefined =>
  typeof value === "string" && /^\d+$/.test(value) ? Number(value) : plain(value);

/** Who a thing belongs to and where it is, as far as that is known. The account is the project. */
export interface Scope {
  readonly account: string | undefined;
  readonly region: string | undefined;
}
