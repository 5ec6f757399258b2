/**
 * A live server in a process of its own: `node --conditions=source test/live/process.ts <what> [options]`. What is
 * `small`, `{"interfaces": 1000, "regions": 3}`, an estate as JSON, or the path of a module that exports `estate`. The
 * options are those of the server, as JSON. It prints its URL, and ends when the one who started it does or tells it to.
 */
import { fstatSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { largeEstate, smallEstate } from "./estate.ts";
import type { Estate } from "./estate/types.ts";
import { type Options, serve } from "./server.ts";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** A world of one's own is believed as soon as it has accounts: what is wrong in it shows when it is told. */
const isEstate = (value: unknown): value is Estate => isObject(value) && isObject(value["accounts"]);

const estateOf = async (what: string): Promise<Estate> => {
  if (what === "small" || what === '"small"') return smallEstate;
  if (what.startsWith("{")) {
    const asked: unknown = JSON.parse(what);
    if (isEstate(asked)) return asked;
    if (isObject(asked)) return largeEstate(Number(asked["interfaces"]), Number(asked["regions"] ?? 17));
  }
  const module: unknown = await import(pathToFileURL(resolve(what)).href);
  const estate = isObject(module) ? module["estate"] : undefined;
  if (!isEstate(estate)) throw new Error(`${what} exports no estate`);
  return estate;
};

const optionsOf = (text: string): Options => {
  const options: unknown = JSON.parse(text);
  return isObject(options) ? options : {};
};

const [what = "small", options = "{}"] = process.argv.slice(2);
const server = await serve(await estateOf(what), { prepared: true, ...optionsOf(options) });
console.log(server.url);
const end = async (): Promise<void> => {
  await server.close();
  process.exit(0);
};
process.once("SIGTERM", () => void end());
const input = fstatSync(0);
if (input.isFIFO() || input.isSocket()) process.stdin.once("end", () => void end()).resume();
