import type { Desk, Examination, Progress } from "#model/provider.ts";
import { Trouble, problems } from "#problems.ts";
import { doctorText } from "#reports/doctor.ts";
import { progressLine } from "#reports/progress.ts";
import { costsOf, readLive, together } from "./live.ts";
import type { Run } from "./verb.ts";
import { exits } from "./verb.ts";

/** Who one is, what one may read, and what each missing permission costs. Nothing is kept. */
export const run: Run = async (words, world) => {
  const live = readLive(words, world);
  if (live === undefined) throw new Trouble(problems.noCloud());
  const from = world.today().getTime();
  const now = new Map<string, Progress>();
  const found = await world.interruptible(async (signal) => {
    const desk: Desk = {
      page: () => undefined,
      forget: () => undefined,
      refused: () => undefined,
      visited: () => undefined,
      progress: (each) => {
        now.set(each.cloud, each);
        world.status(progressLine([...now.values()], (world.today().getTime() - from) / 1000, world.look));
      },
      signal,
    };
    try {
      return await together(
        live.providers,
        desk,
        async (provider, its): Promise<Examination> => (await provider.live()).examine(live.ask, its),
      );
    } finally {
      world.status(undefined);
    }
  });
  const answer = {
    identities: found.flatMap(({ identities }) => identities),
    scopes: found.flatMap(({ visited }) => visited),
    trials: found.flatMap(({ trials }) => trials),
  };
  const json = words.options["json"] === true;
  world.print(json ? `${JSON.stringify(answer, null, 2)}\n` : doctorText(answer, costsOf(world), world.look));
  return answer.trials.some(({ outcome }) => outcome === "refused") ? exits.unknown : 0;
};
