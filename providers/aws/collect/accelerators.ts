import { items, text } from "../raw.ts";
import type { acceleratorLists } from "./lists.ts";
import type { Read } from "./region.ts";

/** Accelerators of an account, their listeners and what stands behind those; custom routing has calls of its own. */
export const readAccelerators = async (
  lists: ReturnType<typeof acceleratorLists>,
  read: Read,
  sample: boolean,
): Promise<void> => {
  const some = (arns: readonly string[]): readonly string[] => (sample ? arns.slice(0, 1) : arns);
  const arnsOf = async (list: Parameters<Read>[0], key: string, member: string): Promise<readonly string[]> => {
    const arns: string[] = [];
    await read(list, ({ body }) => void arns.push(...items(body()[key]).flatMap((item) => text(item[member]) ?? [])));
    return some(arns);
  };
  const below = async (
    accelerators: readonly string[],
    listeners: (arn: string) => Parameters<Read>[0],
    groups: (arn: string) => Parameters<Read>[0],
  ): Promise<void> => {
    await Promise.all(
      accelerators.map(async (accelerator) => {
        const found = await arnsOf(listeners(accelerator), "Listeners", "ListenerArn");
        await Promise.all(found.map((listener) => read(groups(listener))));
      }),
    );
  };
  await Promise.all([
    arnsOf(lists.accelerators, "Accelerators", "AcceleratorArn").then((found) =>
      below(found, lists.listeners, lists.endpointGroups),
    ),
    arnsOf(lists.customAccelerators, "Accelerators", "AcceleratorArn").then((found) =>
      below(found, lists.customListeners, lists.customEndpointGroups),
    ),
  ]);
};
