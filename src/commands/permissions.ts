import { permissionsText } from "#reports/permissions.ts";
import { Trouble, problems } from "#problems.ts";
import type { Run } from "./verb.ts";

/** The calls whose answers are read, and what is lost without each. */
export const run: Run = (words, world) => {
  const provider = world.providers.find(({ cloud }) => cloud === words.subject);
  if (provider === undefined)
    throw new Trouble(problems.notACloud(words.subject, world.providers.map(({ cloud }) => cloud).join(", ")));
  const json = words.options["json"] === true;
  world.print(
    json ? `${JSON.stringify(provider.permissions, null, 2)}\n` : permissionsText(provider.permissions, world.look),
  );
  return 0;
};
