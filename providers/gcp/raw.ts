export { isRaw, items, number, numeral, protocolText, raw, text, texts } from "#model/raw.ts";
export type { Raw } from "#model/raw.ts";

/** Who a thing belongs to and where it is, as far as that is known. The account is the project. */
export interface Scope {
  readonly account: string | undefined;
  readonly region: string | undefined;
}
