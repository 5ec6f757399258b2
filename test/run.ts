import { main } from "../src/main.ts";

/** What one run of the program wrote, and its exit code. */
export interface Run {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** Runs the program in this process as a pipe would see it. */
export const run = async (
  words: readonly string[],
  columns?: number,
  env: Record<string, string> = {},
): Promise<Run> => {
  let [out, err] = ["", ""];
  const code = await main(words, "0.0.0", {
    print: (text) => {
      out += text;
    },
    warn: (text) => {
      err += text;
    },
    columns,
    env,
    watched: false,
  });
  return { out, err, code };
};
