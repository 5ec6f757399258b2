import { audit } from "./audit.ts";
import { permissions } from "./permissions.ts";
import type { Verb } from "./verb.ts";
import { who } from "./who.ts";
import { why } from "./why.ts";

/** Every verb, in the order of the help. */
export const verbs: readonly Verb[] = [why, who, audit, permissions];
