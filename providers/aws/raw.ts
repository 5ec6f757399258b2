import type { Raw } from "#model/raw.ts";
import { items, text } from "#model/raw.ts";

export { isOdd, isRaw, items, number, numeral, protocolText, raw, text, texts } from "#model/raw.ts";
export type { Raw } from "#model/raw.ts";

export const nameOf = (thing: Raw): string | undefined =>
  text(items(thing["Tags"]).find((tag) => tag["Key"] === "Name")?.["Value"]);

/** The Region of a zone: `eu-west-1a`, and `us-west-2-lax-1a` of a local zone. */
export const regionOf = (zone: string | undefined): string | undefined => zone?.match(/^[a-z]{2}(?:-[a-z]+)+-\d+/)?.[0];

/** Account and Region of an ARN. */
export const scopeOfArn = (arn: string): Scope => {
  const [, , , region, account] = arn.split(":");
  return { account: text(account), region: text(region) };
};

/** Whose answer it is, as far as that is known. */
export interface Scope {
  readonly account: string | undefined;
  readonly region: string | undefined;
}
