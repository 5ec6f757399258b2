import { appendFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { Command, CommanderError, Option as Flag } from "commander";
import type { Problem } from "#model/gap.ts";
import { Trouble, problems } from "#problems.ts";
import { problemText } from "#reports/problem.ts";
import type { Look } from "#reports/look.ts";
import { verbs } from "#commands/index.ts";
import type { Option, Options, Verb, World } from "#commands/verb.ts";
import { exits } from "#commands/verb.ts";

/** Where text goes, and how it may look there. */
export interface Console {
  readonly print: (text: string) => void;
  readonly warn: (text: string) => void;
  /** Columns of the terminal, or undefined where there is none. */
  readonly columns: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Somebody sees standard error as it is written. */
  readonly watched: boolean;
}

/** Clouds and console meet here: words in, exit code out. */
export const main = async (words: readonly string[], version: string, console: Console): Promise<number> => {
  const { print, warn } = console;
  const seen = look(console, words);
  let code: number = exits.wrong;
  const program = command(version, console, async (verb, subject, options) => {
    const [{ run }, { providers }] = await Promise.all([verb.load(), import("#providers/index.ts")]);
    const world: World = {
      providers: Object.values(providers),
      look: seen,
      print,
      warn,
      save,
      status: status(console),
      interruptible,
      scratch,
      today: () => new Date(),
      version,
    };
    code = await run({ subject, options }, world);
  });
  try {
    await program.parseAsync(words, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      if (error.code !== "commander.help") warn(problemText(usage(error, words), seen));
      return exits.wrong;
    }
    if (!(error instanceof Trouble)) throw error;
    warn(problemText(error.problem, seen));
    return error.problem.code === INTERRUPTED ? exits.interrupted : exits.wrong;
  }
};

const INTERRUPTED = problems.interrupted().code;

/** Ctrl-C, and whoever asks the process to end, are heard while work is done that can be left off. */
const interruptible = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const asked = new AbortController();
  const stop = (): void => asked.abort(new Trouble(problems.interrupted()));
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const each of signals) process.once(each, stop);
  try {
    const stopped = new Promise<never>((_resolve, reject) => {
      asked.signal.addEventListener("abort", () => reject(new Trouble(problems.interrupted())));
    });
    return await Promise.race([work(asked.signal), stopped]);
  } finally {
    for (const each of signals) process.off(each, stop);
  }
};

const scratch = async <T>(work: (folder: string) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-"));
  try {
    return await work(join(folder, "snapshot"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** So often is the line on a terminal written anew, in milliseconds. */
const REFRESH = 100;

const status = ({ warn, watched }: Console): World["status"] => {
  let shown = false;
  let last = -Infinity;
  return (line) => {
    if (!watched || (line === undefined && !shown)) return;
    const now = performance.now();
    if (line !== undefined && now - last < REFRESH) return;
    last = line === undefined ? -Infinity : now;
    shown = line !== undefined;
    warn(`\r\u001b[2K${line ?? ""}`);
  };
};

/** Writes beside the file and then takes its place, so that nobody ever sees half of it. */
const save = (path: string, pieces: Iterable<string>): void => {
  const beside = `${path}.${process.pid}.part`;
  try {
    writeFileSync(beside, "");
    for (const piece of pieces) appendFileSync(beside, piece);
    renameSync(beside, path);
  } catch (error) {
    if (existsSync(beside)) rmSync(beside);
    throw new Trouble(problems.notSaved(path, String(error).replace(/^Error: /, "")));
  }
};

/** What does not fit the command line, in our own words. */
const usage = ({ message }: CommanderError, words: readonly string[]): Problem => {
  const [what = "", meant] = message.replace(/^error: /, "").split("\n");
  const verb = verbs.find(({ name }) => words.includes(name));
  const help = `sallyport ${verb === undefined ? "" : `${verb.name} `}--help explains.`;
  const says = `${what.charAt(0).toUpperCase()}${what.slice(1)}`.replace(/\.?$/, ".");
  return problems.usage(
    says,
    meant === undefined ? `${help.charAt(0).toUpperCase()}${help.slice(1)}` : `${meant.replace(/[()]/g, "")} ${help}`,
  );
};

type Use = (verb: Verb, subject: string, options: Options) => Promise<void>;

const command = (version: string, console: Console, use: Use): Command => {
  const program = new Command("sallyport")
    .configureOutput({ writeOut: console.print, writeErr: console.warn, outputError: () => undefined })
    .description(
      "Why can't I reach this VM, and what of mine can the internet reach? Exactly, from what the cloud says.\nIt reads, decides and explains. It never changes anything.",
    )
    .version(version, "-V, --version")
    .option("--no-color", "no colours (NO_COLOR does the same)")
    .exitOverride()
    .addHelpText(
      "after",
      `
Start here:
  sallyport audit --snapshot ./aws                    what of mine can the internet reach
  sallyport why web-1 --from 203.0.113.9 --snapshot ./aws
  sallyport who web-1 --snapshot ./aws

A snapshot is a folder of answers as the cloud's own command line prints them, for example
  aws ec2 describe-security-groups --output json > ./aws/security-groups.json
sallyport permissions aws (or gcp, azure) lists the calls and what is lost without each.`,
    );
  for (const verb of verbs) program.addCommand(subcommand(verb, use).copyInheritedSettings(program));
  return program;
};

const subcommand = (verb: Verb, use: Use): Command => {
  const made = new Command(verb.name).description(verb.says).exitOverride();
  if (verb.subject !== undefined) made.argument(`<${verb.subject.name}>`, verb.subject.says);
  for (const option of verb.options) made.addOption(flag(option));
  made.option("--no-color", "no colours (NO_COLOR does the same)");
  made.addHelpText("after", verb.more);
  return made.action(async (...given: readonly unknown[]) => {
    const subject = verb.subject === undefined ? "" : String(given[0]);
    await use(verb, subject, made.opts());
  });
};

const flag = ({ flags, says, fallback, repeats, required }: Option): Flag => {
  const made = new Flag(flags, says);
  if (fallback !== undefined) made.default(fallback);
  if (required === true) made.makeOptionMandatory();
  if (repeats === true)
    made.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
  return made;
};

const STYLES = { good: "green", bad: "red", doubt: "yellow", quiet: "dim", strong: "bold" } as const;

/** Colours only for a terminal that wants them; a pipe gets none, and 100 columns unless COLUMNS says otherwise. */
const look = ({ columns, env }: Console, words: readonly string[]): Look => {
  const wanted = !words.includes("--no-color") && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
  const colours = columns !== undefined && wanted;
  const given = Number(env["COLUMNS"]);
  return {
    width: Math.max(40, columns ?? (given > 0 ? given : 100)),
    paint: (as, text) =>
      colours
        ? text
            .split("\n")
            .map((line) => styleText(STYLES[as], line, { validateStream: false }))
            .join("\n")
        : text,
  };
};
