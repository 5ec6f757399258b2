import type { Assumption } from "#model/answer.ts";
import type { Problem } from "#model/gap.ts";
import type { Look } from "./look.ts";
import { hang, safe } from "./look.ts";

/** What is not known, and what would close the gap. */
export const gapLines = (gaps: readonly Problem[], look: Look): readonly string[] =>
  gaps.length === 0
    ? []
    : [
        "",
        look.paint("strong", "Not known:"),
        ...gaps.flatMap(({ says, fix }) => [hang("  ? ", safe(says), look.width), hang("    ", safe(fix), look.width)]),
      ];

/** What nobody asked for and is taken to be absent. */
export const assumptionLines = (assumptions: readonly Assumption[], look: Look): readonly string[] =>
  assumptions.length === 0
    ? []
    : [
        "",
        ...assumptions.map(({ says, ask }) =>
          look.paint(
            "quiet",
            hang("", `Assumed, because nobody asked: ${safe(says)}. To ask: ${safe(ask)}`, look.width),
          ),
        ),
      ];
