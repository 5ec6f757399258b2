import type { Provider } from "#model/provider.ts";
import type { Look } from "#reports/look.ts";

/** What a verb may touch of the world. */
export interface World {
  readonly providers: readonly Provider[];
  readonly look: Look;
  /** Writes to standard output: answers. */
  readonly print: (text: string) => void;
  /** Writes a whole file, or leaves what was there. */
  readonly save: (path: string, pieces: Iterable<string>) => void;
  /** Writes to standard error: warnings and hints. */
  readonly warn: (text: string) => void;
  /** A line that stands at the bottom of a terminal until the next one, or until there is none. A pipe never sees it. */
  readonly status: (line: string | undefined) => void;
  /** Does what may take long; the signal says that the user wants no more of it. */
  readonly interruptible: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  /** Makes a folder that is gone when the work is done. */
  readonly scratch: <T>(work: (folder: string) => Promise<T>) => Promise<T>;
  readonly today: () => Date;
  readonly version: string;
}

/** One option of a verb: `--from <ip>`; `repeats` collects all values. */
export interface Option {
  readonly flags: string;
  readonly says: string;
  readonly fallback?: string;
  readonly repeats?: true;
  readonly required?: true;
}

/** What the user typed: the first argument, and options by their long names. */
export interface Words {
  readonly subject: string;
  readonly options: Options;
}
export type Options = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** A verb of the command line: words in, one call, an exit code out. */
export interface Verb {
  readonly name: string;
  readonly says: string;
  readonly subject?: { readonly name: string; readonly says: string };
  readonly options: readonly Option[];
  /** What the help says after the options: exit codes and examples. */
  readonly more: string;
  /** The verb itself, read when it is used: nobody waits for arithmetic who asks for help. */
  readonly load: () => Promise<{ readonly run: Run }>;
}

export type Run = (words: Words, world: World) => number | Promise<number>;

export const exits = { reachable: 0, blocked: 1, unknown: 3, wrong: 2, interrupted: 130 } as const;

/** Options of whatever reads a cloud live. */
export const liveOptions: readonly Option[] = [
  { flags: "--aws", says: "read AWS live, with the credentials that the AWS command line would use" },
  { flags: "--profile <name>", says: "a profile of the AWS configuration (repeatable)", repeats: true },
  {
    flags: "--region <name>",
    says: "only this Region of AWS (repeatable; default: every Region that is open)",
    repeats: true,
  },
  { flags: "--account <id>", says: "this account, by taking on --role in it (repeatable)", repeats: true },
  { flags: "--role <name>", says: "the role to take on in other accounts", fallback: "SallyportReader" },
  { flags: "--gcp", says: "read Google Cloud live, with the application default credentials" },
  {
    flags: "--project <id>",
    says: "this project (repeatable; default: the one that the credentials are of)",
    repeats: true,
  },
  { flags: "--folder <id>", says: "every project below this folder, or organizations/ID (repeatable)", repeats: true },
  { flags: "--impersonate <email>", says: "act as this service account" },
  { flags: "--azure", says: "read Azure live, with the credentials that the Azure command line or SDK would use" },
  {
    flags: "--subscription <id>",
    says: "this subscription, by id or name (repeatable; default: every one that the credentials see)",
    repeats: true,
  },
  { flags: "--organization", says: "every account or project of the organisation" },
  { flags: "--gentle", says: "call at half the pace" },
  { flags: "--deadline <seconds>", says: "stop asking after this long; the rest is unknown", fallback: "3600" },
];

/** Options that every verb with facts has. */
export const factOptions: readonly Option[] = [
  { flags: "--snapshot <dir>", says: "a folder of raw answers, read offline (repeatable)", repeats: true },
  ...liveOptions,
  { flags: "--keep <dir>", says: "keep what is read live as a snapshot" },
  { flags: "--strict", says: "what was never asked for is unknown, not assumed absent" },
  { flags: "--json", says: "one JSON document on standard output" },
];

/** The text of an option, where one was given. */
export const textOf = (words: Words, name: string): string | undefined => {
  const value = words.options[name];
  return typeof value === "string" ? value : undefined;
};

export const textsOf = (words: Words, name: string): readonly string[] => {
  const value = words.options[name];
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
};

/** Options that every verb about one service has. */
export const serviceOptions: readonly Option[] = [
  { flags: "--port <port>", says: "the port; for ICMP the type, or type.code (default: 22; for ICMP a ping)" },
  { flags: "--protocol <name>", says: "tcp, udp, icmp, icmpv6 or a number", fallback: "tcp" },
];
