/** The program in a process of its own, with nothing of whoever runs the tests but a cloud on loopback. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { Body } from "./estate.ts";
import type { LiveServer } from "./server.ts";

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** What a machine of this cloud knows of it. */
export const onLoopback = ({ url, host }: LiveServer): Readonly<Record<string, string>> => ({
  SALLYPORT_GCP_ENDPOINT: url,
  GCE_METADATA_HOST: host,
  METADATA_SERVER_DETECTION: "assume-present",
});

export const sallyport = async (words: readonly string[], env: Readonly<Record<string, string>>): Promise<Run> => {
  const child = spawn(process.execPath, ["--conditions=source", join(process.cwd(), "src", "bin.ts"), ...words], {
    env: { PATH: process.env["PATH"], HOME: join(tmpdir(), "nobody"), NODE_OPTIONS: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (err += text));
  const code = await new Promise<number | null>((done) => child.on("close", done));
  return { code, out, err };
};

/** Folders that are gone when the tests are over. */
export const folders = (): { readonly fresh: () => string; readonly remove: () => void } => {
  const home = mkdtempSync(join(tmpdir(), "sallyport-gcp-"));
  let count = 0;
  return {
    fresh: () => join(home, String(++count)),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
};

/** Every file below a folder, by its path from there. */
export const filesIn = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((each) => join(folder, each))
      .filter((each) => statSync(each).isFile())
      .toSorted()
      .map((each) => [relative(folder, each), readFileSync(each, "utf8")]),
  );

export const parsed = (text: string | undefined): Body => {
  const value: unknown = JSON.parse(text ?? "null");
  if (!isBody(value)) throw new Error("it is no object");
  return value;
};

export const isBody = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const bodiesIn = (value: unknown): readonly Body[] => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter(isBody);
};

/** A text of the estate without what nobody should keep. */
export const withheld = (text: string): string =>
  text.replaceAll(
    /"#!\/bin\/sh.*?hunter2\\n"|"ann:ssh-ed25519 AAAA ann"|"bgp-secret"|"tunnel-secret"|"AbC"/g,
    '"(withheld)"',
  );
