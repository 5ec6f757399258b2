import type { Problem } from "#model/gap.ts";
import type { Look } from "./look.ts";
import { hang, safe } from "./look.ts";

/** What happened, what it costs, what to do. */
export const problemText = ({ says, costs, fix }: Problem, { width, paint }: Look): string =>
  `${paint("strong", hang("", safe(says), width))}\n${hang("  ", safe(costs), width)}\n${hang("  ", safe(fix), width)}\n`;
