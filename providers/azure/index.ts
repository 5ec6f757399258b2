import type { Inventory } from "#model/inventory.ts";
import type { Provider } from "#model/provider.ts";

export const azure: Provider = {
  cloud: "azure",
  permissions: [],
  recognise: () => undefined,
  reader: () => ({ add: () => undefined, inventory: () => empty }),
  live: () =>
    Promise.resolve({
      collect: () => Promise.resolve(),
      examine: () => Promise.resolve({ identities: [], visited: [], trials: [] }),
    }),
  policies: {},
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
