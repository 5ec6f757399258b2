import type { Cloud } from "#model/inventory.ts";
import type { Progress } from "#model/provider.ts";
import type { Look } from "./look.ts";
import { counted, places } from "./places.ts";

/** How far a reading is, in one line for whoever watches. */
export const progressLine = (clouds: readonly Progress[], seconds: number, look: Look): string => {
  const several = clouds.length > 1;
  const parts = clouds.flatMap((now) => [
    ...(several ? [now.cloud] : []),
    ...areas(now),
    counted(now.calls, "call"),
    counted(now.machines, "machine"),
  ]);
  return [...parts, `${Math.floor(seconds)} s`].join(" · ").slice(0, look.width - 1);
};

const areas = ({ cloud, accounts, regions }: Progress): readonly string[] => {
  const { account, region } = places[cloud];
  const [done, all] = regions;
  return [
    ...(accounts[1] > 1 ? [`${account}s ${accounts[0]}/${accounts[1]}`] : []),
    ...(all > 0 ? [`${region}s ${done}/${all}`] : accounts[1] > 1 ? [] : [looking[cloud]]),
  ];
};

const looking = {
  aws: "looking for Regions",
  gcp: "looking for machines",
  azure: "looking for machines",
} as const satisfies Record<Cloud, string>;

/** What was read in the end, in one line of each cloud for a log. */
export const readLine = (clouds: readonly Progress[], seconds: number, look: Look): string =>
  clouds
    .map(({ cloud, accounts, regions, calls, machines }) =>
      look.paint(
        "quiet",
        `Read ${counted(machines, "machine")} in ${counted(regions[0], places[cloud].region)} of ${counted(accounts[0], places[cloud].account)}: ${counted(calls, "call")} in ${seconds.toFixed(1)} s.\n`,
      ),
    )
    .join("");
