import type { Permission, Policy } from "#model/provider.ts";
import type { Look } from "./look.ts";
import { hang } from "./look.ts";

/** Each call, how a person gets its answer, and what is lost without it. All of them only read. */
export const permissionsText = (
  permissions: readonly Permission[],
  policies: Readonly<Record<string, Policy>>,
  look: Look,
): string =>
  [
    ...permissions.map(
      ({ call, cli, costs }) =>
        `${look.paint("strong", call)}\n${hang("  ", costs, look.width)}\n${hang("  $ ", cli, look.width)}\n`,
    ),
    ...(Object.keys(policies).length === 0 ? [] : [`\n${look.paint("strong", "Ready to paste, with --format:")}\n`]),
    ...Object.entries(policies).map(([name, { says }]) => `${hang(`  ${name.padEnd(16)}`, says, look.width)}\n`),
  ].join("");
