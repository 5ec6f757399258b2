import type { Permission, Policy } from "#model/provider.ts";
import type { Look } from "./look.ts";
import { hang } from "./look.ts";

/** Each call, how a person gets its answer, and what is lost without it. All of them only read. */
export const permissionsText = (
  permissions: readonly Permission[],
  policies: Readonly<Record<string, Policy>>,
  look: Look,
): string => {
  const columns = Math.max(16, ...Object.keys(policies).map(({ length }) => length + 2));
  return [
    ...permissions.map(
      ({ call, needs, cli, costs }) =>
        `${look.paint("strong", call)}${needs === undefined ? "" : ` (${needs})`}\n${hang("  ", costs, look.width)}\n${hang("  $ ", cli, look.width)}\n`,
    ),
    ...(Object.keys(policies).length === 0 ? [] : [`\n${look.paint("strong", "Ready to paste, with --format:")}\n`]),
    ...Object.entries(policies).map(([name, { says }]) => `${hang(`  ${name.padEnd(columns)}`, says, look.width)}\n`),
  ].join("");
};
