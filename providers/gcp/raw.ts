export { isRaw, items, number, raw, text, texts } from "#model/raw.ts";
export type { Raw } from "#model/raw.ts";
