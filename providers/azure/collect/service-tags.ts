import { isRaw } from "#model/raw.ts";

/** Tags that mean something else in every network: no list tells them. */
const RELATIVE = /^(?:any|internet|virtual_?network|azure_?load_?balancer)$/i;

/** Whether a thing names a service tag, in whatever shape its rules and routes are. */
export const namesTag = (value: unknown, name = ""): boolean => {
  if (typeof value === "string") return ADDRESSES.test(name) && TAG.test(value) && !RELATIVE.test(value);
  if (Array.isArray(value)) return value.some((each) => namesTag(each, name));
  return isRaw(value) && Object.entries(value).some(([member, its]) => namesTag(its, member));
};

const ADDRESSES = /(?:addresses|addressprefix(?:es)?)$/i;
/** An address starts with a digit, or has a colon in it. */
const TAG = /^[a-z][\w.]*$/i;
