import type { Cloud } from "#model/inventory.ts";
import type { Provider } from "#model/provider.ts";
import { aws } from "#providers/aws/index.ts";
import { azure } from "#providers/azure/index.ts";
import { gcp } from "#providers/gcp/index.ts";

/** Every cloud that can be read. Leaving one out does not compile. */
export const providers = { aws, gcp, azure } satisfies Record<Cloud, Provider>;
