import type { Inventory } from "#model/inventory.ts";
import type { Provider } from "#model/provider.ts";
import { permissions } from "./permissions.ts";
import { policies } from "./policy.ts";

/** Nothing is concluded from its answers yet. */
const nothing: Inventory = {
  machines: [],
  lists: [],
  gaps: [],
  coverage: [],
  find: () => [],
  doors: () => [],
  ways: () => [],
  alternatives: () => [],
  remedies: () => [],
};

export const gcp: Provider = {
  cloud: "gcp",
  permissions,
  recognise: () => undefined,
  reader: () => ({ add: () => undefined, inventory: () => nothing }),
  live: async () => (await import("./collect.ts")).live,
  policies,
};
