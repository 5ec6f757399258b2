/** Starts a live server in a process of its own, so that it has an event loop of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Stats } from "./calls.ts";
import type { Options } from "./server.ts";

export interface ApartServer {
  readonly url: string;
  stats(): Promise<Stats>;
  end(): Promise<void>;
}

/** What is as in `process.ts`. */
export const serveApart = async (what: string, options: Options = {}): Promise<ApartServer> => {
  const script = new URL("process.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, ["--conditions=source", script, what, JSON.stringify(options)], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const ended = once(child, "close");
  const url = await Promise.race([
    once(createInterface({ input: child.stdout }), "line").then(([line]) => String(line)),
    ended.then(() => undefined),
  ]);
  if (url === undefined) throw new Error(`no server for ${what}`);
  return {
    url,
    stats: async () => statsIn(await (await fetch(`${url}/stats`)).json()),
    end: async () => {
      child.stdin.end();
      await ended;
    },
  };
};

const statsIn = (value: unknown): Stats => {
  if (typeof value !== "object" || value === null || !("total" in value)) throw new Error("these are no stats");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it comes from `statsOf`, in the other process
  return value as Stats;
};
