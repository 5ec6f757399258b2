import type { Inventory } from "#model/inventory.ts";
import type { Provider } from "#model/provider.ts";
import { permissions } from "./permissions.ts";
import { policies } from "./policy.ts";

export const azure: Provider = {
  cloud: "azure",
  permissions,
  recognise: () => undefined,
  reader: () => ({ add: () => undefined, inventory: () => empty }),
  live: async () => (await import("./collect.ts")).live,
  policies,
};

const empty: Inventory = {
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
