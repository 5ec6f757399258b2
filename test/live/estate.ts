/** The worlds that a live server can tell of. */
export type { Account, Answer, Answers, Body, Call, Estate, Refusal, Region, Role } from "./estate/types.ts";
export { by } from "./estate/types.ts";
export { largeEstate } from "./estate/large.ts";
export { management, reader, retired, shop, data, smallEstate } from "./estate/small.ts";
export { machines, wholeEstate } from "./estate/whole.ts";
