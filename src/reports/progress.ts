import type { Progress } from "#model/provider.ts";
import type { Look } from "./look.ts";

/** How far a reading is, in one line for whoever watches. */
export const progressLine = ({ accounts, regions, calls, machines }: Progress, seconds: number, look: Look): string => {
  const [done, all] = regions;
  const parts = [
    ...(accounts[1] > 1 ? [`accounts ${accounts[0]}/${accounts[1]}`] : []),
    all === 0 ? "looking for Regions" : `Regions ${done}/${all}`,
    counted(calls, "call"),
    counted(machines, "machine"),
    `${Math.floor(seconds)} s`,
  ];
  return parts.join(" · ").slice(0, look.width - 1);
};

/** What was read in the end, in one line for a log. */
export const readLine = ({ accounts, regions, calls, machines }: Progress, seconds: number, look: Look): string =>
  look.paint(
    "quiet",
    `Read ${counted(machines, "machine")} in ${counted(regions[0], "Region")} of ${counted(accounts[0], "account")}: ${counted(calls, "call")} in ${seconds.toFixed(1)} s.\n`,
  );

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? "" : "s"}`;
