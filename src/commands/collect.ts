import { Trouble, problems } from "#problems.ts";
import { collectedText } from "#reports/collected.ts";
import { collectInto, costsOf, readLive } from "./live.ts";
import type { Run } from "./verb.ts";
import { exits, textOf } from "./verb.ts";

/** Reads the clouds and keeps their answers as they are. */
export const run: Run = async (words, world) => {
  const live = readLive(words, world);
  if (live === undefined) throw new Trouble(problems.noCloud());
  const folder = textOf(words, "output");
  if (folder === undefined) throw new Trouble(problems.noOutput());
  const document = await collectInto(folder, live, world);
  world.print(
    words.options["json"] === true
      ? `${JSON.stringify(document, null, 2)}\n`
      : collectedText(document, folder, costsOf(world), world.look),
  );
  return document.refused.length === 0 ? 0 : exits.unknown;
};
