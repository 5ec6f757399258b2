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
export const onLoopback = ({ url, identity, authority }: LiveServer): Readonly<Record<string, string>> => ({
  SALLYPORT_AZURE_ENDPOINT: url,
  IDENTITY_ENDPOINT: identity,
  IDENTITY_HEADER: "any",
  AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential",
  NODE_EXTRA_CA_CERTS: authority,
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
  const home = mkdtempSync(join(tmpdir(), "sallyport-azure-"));
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

/** An answer of the estate without what nobody should keep, in the form in which it is then written. */
export const withheld = (text: string): string =>
  text.includes("hunter2") || text.includes("ssh-ed25519") ? JSON.stringify(blanked(JSON.parse(text)), null, 2) : text;

/** The same with every secret of the estate blanked. */
export const blanked = (value: unknown): unknown => {
  if (typeof value === "string") return /hunter2|ssh-ed25519/.test(value) ? "(withheld)" : value;
  if (Array.isArray(value)) return value.map(blanked);
  if (!isBody(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, its]) => [
      name,
      /^(?:protected)?settings$/i.test(name) && its !== null ? "(withheld)" : blanked(its),
    ]),
  );
};
