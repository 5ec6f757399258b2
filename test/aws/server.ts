import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A program by its path, or by its name on PATH; undefined where there is none. */
const program = (asked: string): string | undefined =>
  asked.includes("/")
    ? [resolve(asked)].find((path) => existsSync(path))
    : (process.env["PATH"] ?? "")
        .split(delimiter)
        .map((folder) => join(folder, asked))
        .find((path) => existsSync(path));

/** The EC2-compatible server and the cloud's own command line, as `.ci/run` installs them. */
export const programs = {
  moto: program(process.env["SALLYPORT_MOTO"] ?? ".ci/venv/bin/moto_server"),
  aws: program(process.env["SALLYPORT_AWS"] ?? ".ci/aws/bin/aws") ?? program("aws"),
} as const;

/** What of the programs is not there, in words; nothing where both are. */
export const missing = [
  ...(programs.moto === undefined ? ["no moto_server: set SALLYPORT_MOTO"] : []),
  ...(programs.aws === undefined ? ["no aws command line: set SALLYPORT_AWS"] : []),
].join(", ");

export interface Server {
  readonly endpoint: string;
  end(): Promise<void>;
}

const freePort = async (): Promise<number> => {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, "127.0.0.1", done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === "string") throw new Error("no free port on loopback");
  return address.port;
};

const answers = async (endpoint: string): Promise<boolean> => {
  try {
    return (await fetch(`${endpoint}/moto-api/data.json`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
};

/** Starts the server on a free loopback port and waits until it answers, `deadline` milliseconds at most. */
export const startServer = async (path: string, deadline: number): Promise<Server> => {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  let said = "";
  const child = spawn(path, ["-H", "127.0.0.1", "-p", String(port)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = `${said}${text}`.slice(-4_000);
  });
  child.on("error", (error) => {
    said += error.message;
  });
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  const end = async (): Promise<void> => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const stubborn = setTimeout(() => child.kill("SIGKILL"), 3_000);
    await ended;
    clearTimeout(stubborn);
  };
  for (const until = Date.now() + deadline; Date.now() < until && child.exitCode === null; ) {
    if (await answers(endpoint)) return { endpoint, end };
    await sleep(100);
  }
  await end();
  throw new Error(`${path} did not answer at ${endpoint} within ${deadline} ms: ${said}`);
};
