import type { Cloud } from "#model/inventory.ts";
import type { Provider } from "#model/provider.ts";
import { aws } from "#providers/aws/index.ts";

/** Every cloud that can be read. Leaving one out does not compile. */
export const providers = { aws } satisfies Record<Cloud, Provider>;
