import { permissionsText } from "#reports/permissions.ts";
import { Trouble, problems } from "#problems.ts";
import type { Run } from "./verb.ts";
import { textOf } from "./verb.ts";

/** The calls whose answers are read, what is lost without each, and the policy that allows them. */
export const run: Run = (words, world) => {
  const provider = world.providers.find(({ cloud }) => cloud === words.subject);
  if (provider === undefined)
    throw new Trouble(problems.notACloud(words.subject, world.providers.map(({ cloud }) => cloud).join(", ")));
  const { permissions, policies } = provider;
  const asked = textOf(words, "format") ?? "text";
  const format = words.options["json"] === true ? "json" : asked;
  const [hub, role] = [textOf(words, "hub"), textOf(words, "role")];
  if (hub !== undefined && !/^\d{12}$/.test(hub)) throw new Trouble(problems.notAnAccount(hub));
  if (role !== undefined && !/^[\w+=,.@-]{1,64}$/.test(role)) throw new Trouble(problems.notAName(role));
  if (format === "text") world.print(permissionsText(permissions, policies, world.look));
  else if (format === "json") world.print(`${JSON.stringify(permissions, null, 2)}\n`);
  else {
    const policy = policies[format];
    if (policy === undefined)
      throw new Trouble(problems.notAFormat(format, ["text", "json", ...Object.keys(policies)].join(", ")));
    world.print(policy.text(hub, role));
  }
  return 0;
};
