import type { Raw } from "./raw.ts";
import { isRaw } from "./raw.ts";

/** Members that change from answer to answer, or that only some of the answers tell. */
const PASSING = new Set([
  "etag",
  "tags",
  "type",
  "kind",
  "zones",
  "resourcegroup",
  "resourceguid",
  "subscriptionid",
  "tenantid",
  "provisioningstate",
  "systemdata",
  "managedby",
  "identity",
  "plan",
  "location",
  "extendedlocation",
]);

/** Whether two tellings of one thing agree in everything that both of them tell. */
export const agree = (a: unknown, b: unknown): boolean => {
  if (a === null || b === null || a === undefined || b === undefined) return true;
  if (isRaw(a) && isRaw(b)) return agreeObjects(flat(a), flat(b));
  if (Array.isArray(a) && Array.isArray(b)) return agreeLists(a, b);
  if (typeof a === "string" && typeof b === "string") return a.toLowerCase() === b.toLowerCase();
  return a === b;
};

const flat = (of: Raw): ReadonlyMap<string, unknown> => {
  const inner = of["properties"];
  const all = isRaw(inner) ? { ...inner, ...of, properties: undefined } : of;
  return new Map(Object.entries(all).map(([key, value]) => [key.toLowerCase(), value]));
};

/** Members that say something, by their names in lower case, each with its own name. */
export const decisive = (of: Raw): ReadonlyMap<string, readonly [string, unknown]> => {
  const inner = of["properties"];
  const all = Object.entries(isRaw(inner) ? { ...inner, ...of, properties: undefined } : of);
  return new Map(
    all
      .filter(([key, value]) => !PASSING.has(key.toLowerCase()) && value !== undefined && value !== null)
      .map(([key, value]) => [key.toLowerCase(), [key, value]]),
  );
};

const agreeObjects = (a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean => {
  for (const [key, value] of a) if (!PASSING.has(key) && b.has(key) && !agree(value, b.get(key))) return false;
  return true;
};

const agreeLists = (a: readonly unknown[], b: readonly unknown[]): boolean => {
  if (a.length !== b.length) return false;
  const [first, second] = [a.toSorted(byName), b.toSorted(byName)];
  return first.every((each, i) => agree(each, second[i]));
};

const byName = (a: unknown, b: unknown): number => (nameIn(a) < nameIn(b) ? -1 : nameIn(a) > nameIn(b) ? 1 : 0);
const nameIn = (each: unknown): string => String(isRaw(each) ? (each["id"] ?? each["name"] ?? "") : each).toLowerCase();
