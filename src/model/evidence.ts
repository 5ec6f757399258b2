import type { Stop } from "./gate.ts";
import type { Gap } from "./gap.ts";
import type { Source } from "./source.ts";

/** What was seen at a hop. `says` is in words; `source` is where it was read. */
export type Evidence =
  | {
      readonly saw: "rule";
      readonly rule: string;
      readonly action: "allow" | "leave" | "enter" | Stop;
      readonly says: string;
      readonly source: Source;
    }
  | { readonly saw: "no-rule"; readonly says: string; readonly source?: Source }
  | { readonly saw: "state"; readonly says: string; readonly source: Source }
  | { readonly saw: "nothing"; readonly says: string }
  | { readonly saw: "gap"; readonly says: string; readonly gap: Gap }
  | { readonly saw: "assumed"; readonly says: string; readonly ask: string };
