import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { audit } from "#checks/audit.ts";
import type { Inventory, Machine } from "#model/inventory.ts";
import type { Provider } from "#model/provider.ts";
import { parseAddress } from "#packets/address.ts";
import { formatService } from "#packets/service.ts";
import { and, client, everything, service } from "#packets/set.ts";
import { aws } from "#providers/aws/index.ts";
import { azure } from "#providers/azure/index.ts";
import { gcp } from "#providers/gcp/index.ts";
import { sources, verdict } from "#resolve/verdict.ts";
import * as azureAnswers from "./azure-answers.ts";
import { azureReaches } from "./azure-brute.ts";
import { readAzureDocuments } from "./azure-documents.ts";
import { azureEstate } from "./azure-estate.ts";
import { oneGroup } from "./azure-group.ts";
import { azureSample } from "./azure-sample.ts";
import type { Question } from "./brute.ts";
import { reaches } from "./brute.ts";
import type { Documents } from "./documents.ts";
import { readDocuments } from "./documents.ts";
import type { Page } from "./estate.ts";
import { account, estate, region } from "./estate.ts";
import { answersOf, told } from "./gcp-answers.ts";
import { gcpReaches } from "./gcp-brute.ts";
import { readGcpDocuments } from "./gcp-documents.ts";
import { gcpEstate } from "./gcp-estate.ts";
import { gcpSample } from "./gcp-sample.ts";
import { layouts } from "./layouts.ts";
import { boundarySample } from "./sample.ts";

const SEED = 1;
const SAMPLES = 100_000;
const WARM = 5000;
const ROUNDS = 5;

const milliseconds = (job: () => void): number => {
  const start = process.hrtime.bigint();
  job();
  return Number(process.hrtime.bigint() - start) / 1e6;
};

const pathOf = ({ name }: Page): string => `${account}/${region}/${name}`;

/** The estates of one cloud, and who reads them. */
interface Cloud {
  readonly provider: Provider;
  readonly things: string;
  readonly sizes: readonly number[];
  /** Pages under the paths that they have in a snapshot. */
  readonly pages: (size: number, seed: number) => Iterable<Page>;
}

const clouds = {
  aws: {
    provider: aws,
    things: "interfaces",
    sizes: [10_000, 30_000, 100_000],
    pages: function* (size, seed) {
      for (const page of estate(size, seed)) yield { name: pathOf(page), json: page.json };
    },
  },
  gcp: { provider: gcp, things: "machines", sizes: [10_000, 30_000, 100_000], pages: gcpEstate },
  azure: { provider: azure, things: "interfaces", sizes: [3000, 10_000, 30_000], pages: azureEstate },
} as const satisfies Record<string, Cloud>;

/** Reads pages as `snapshots` does, but from memory, and says how long parsing and everything after it took. */
const load = (
  { provider }: Cloud,
  pages: readonly Page[],
): { readonly inventory: Inventory; readonly parse: number; readonly read: number } => {
  const reader = provider.reader({ strict: false });
  let [parse, read] = [0, 0];
  for (const page of pages) {
    let json: unknown;
    parse += milliseconds(() => {
      json = JSON.parse(page.json);
    });
    read += milliseconds(() => {
      for (const answer of provider.recognise(json, { file: page.name, pointer: "" }, page.name) ?? [])
        reader.add(answer);
    });
  }
  let inventory: Inventory | undefined;
  read += milliseconds(() => {
    inventory = reader.inventory();
    for (const _ of inventory.machines) break;
  });
  if (inventory === undefined) throw new Error("nothing was read");
  return { inventory, parse, read };
};

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** The program's verdicts against the brute force, before anything is timed. */
const agree = (size: number, seed: number, samples: number): void => {
  const pages = [...clouds.aws.pages(size, seed)];
  const documents = readDocuments(pages);
  const { inventory } = load(clouds.aws, pages);
  const machines = byInterface(inventory);
  let reachable = 0;
  for (const question of boundarySample(documents, samples, seed).filter(isAnswered)) {
    const machine = machines.get(question.interface);
    const from = parseAddress(question.client);
    if (machine === undefined || from === undefined) throw new Error(`${question.interface} was not read`);
    const asked = and(client(from), service(question));
    const ways = verdict(inventory, machine, asked).ways.filter(
      ({ way }) =>
        way.origin === "internet" &&
        way.interface === question.interface &&
        way.address === dialled(documents, question),
    );
    const mine = ways.some(({ answer }) => answer === "reachable") ? "reachable" : "blocked";
    const theirs = reaches(documents, question).verdict;
    if (ways.some(({ answer }) => answer === "unknown") || mine !== theirs)
      throw new Error(
        `${question.client} > ${question.interface} ${question.address} ${formatService(question)}: ${mine}, and ${theirs} by brute force`,
      );
    if (mine === "reachable") reachable++;
  }
  say(
    `checked: ${samples} boundary questions on ${size} interfaces, seed ${seed}, agree with brute force (${reachable} reachable)`,
  );
};

/** The same for Google Cloud, where what no answer tells makes some verdicts unknown. */
const agreeOnGcp = (size: number, seed: number, samples: number): void => {
  const pages = [...clouds.gcp.pages(size, seed)];
  const documents = readGcpDocuments(pages);
  const answer = answersOf(load(clouds.gcp, pages).inventory);
  const counts = { reachable: 0, blocked: 0, unknown: 0 };
  for (const question of gcpSample(documents, samples, seed)) {
    const [mine, theirs] = [answer(question), gcpReaches(documents, question)];
    if (mine !== theirs) throw new Error(`${told(question)}: ${mine}, and ${theirs} by brute force`);
    counts[theirs]++;
  }
  say(
    `checked: ${samples} boundary questions on ${size} machines of Google Cloud, seed ${seed}, agree with brute force (${counts.reachable} reachable, ${counts.unknown} unknown)`,
  );
};

/** And for Azure, where tags and ties are in doubt. */
const agreeOnAzure = (size: number, seed: number, samples: number): void => {
  const pages = [...clouds.azure.pages(size, seed)];
  const documents = readAzureDocuments(pages);
  const answer = azureAnswers.answersOf(load(clouds.azure, pages).inventory);
  const counts = { reachable: 0, blocked: 0, unknown: 0 };
  for (const question of azureSample(documents, samples, seed)) {
    const [mine, theirs] = [answer(question), azureReaches(documents, question)];
    if (mine !== theirs) throw new Error(`${azureAnswers.told(question)}: ${mine}, and ${theirs} by brute force`);
    counts[theirs]++;
  }
  say(
    `checked: ${samples} boundary questions on ${size} interfaces of Azure, seed ${seed}, agree with brute force (${counts.reachable} reachable, ${counts.unknown} unknown)`,
  );
};

/** The brute force looks for a reply to everything; the program knows that most ICMP messages have none. */
const isAnswered = ({ protocol, port }: Question): boolean =>
  (protocol !== 1 || [8, 13, 15, 17].includes(port >> 8)) && (protocol !== 58 || port >> 8 === 128);

/** What a client dials to reach the address asked: an IPv6 address itself, the public twin of a private one. */
const dialled = ({ interfaces }: Documents, { interface: on, address }: Question): string | undefined =>
  address.includes(":")
    ? address
    : interfaces.get(on)?.PrivateIpAddresses.find((each) => each.PrivateIpAddress === address)?.Association?.PublicIp;

const byInterface = (inventory: Inventory): ReadonlyMap<string, Machine> =>
  new Map([...inventory.machines].flatMap((machine) => machine.interfaces.map(({ id }) => [id, machine] as const)));

interface Times {
  readonly size: number;
  readonly bytes: number;
  readonly parse: number;
  readonly read: number;
  readonly audit: number;
  readonly findings: number;
}

/** The best of several rounds, each in its own turn: parse, read, audit, the same pages. */
const time = (cloud: Cloud, size: number, rounds: number): Times => {
  const pages = [...cloud.pages(size, SEED)];
  const bytes = pages.reduce((sum, { json }) => sum + json.length, 0);
  let best = { parse: Infinity, read: Infinity, audit: Infinity };
  let findings = 0;
  for (let round = 0; round < rounds; round++) {
    globalThis.gc?.();
    const { inventory, parse, read } = load(cloud, pages);
    const audited = milliseconds(() => {
      findings = audit(inventory, { share: 0.5 }).length;
    });
    best = {
      parse: Math.min(best.parse, parse),
      read: Math.min(best.read, read),
      audit: Math.min(best.audit, audited),
    };
  }
  return { size, bytes, ...best, findings };
};

/** One round in a process of its own, so that no table of an earlier round helps. */
const timeFresh = (cloud: keyof typeof clouds, size: number, rounds: number): Times => {
  let best: Times | undefined;
  for (let round = 0; round < rounds; round++) {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [...process.execArgv, import.meta.filename, "--time", cloud, String(size)],
      {
        encoding: "utf8",
        maxBuffer: 1 << 24,
      },
    );
    if (status !== 0) throw new Error(stderr);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same file wrote it
    const made = JSON.parse(stdout) as Times;
    best =
      best === undefined
        ? made
        : {
            ...made,
            parse: Math.min(best.parse, made.parse),
            read: Math.min(best.read, made.read),
            audit: Math.min(best.audit, made.audit),
          };
  }
  if (best === undefined) throw new Error("no round");
  return best;
};

/** Slope of log(time) over log(size), by least squares. */
const exponent = (times: readonly Times[], of: (times: Times) => number): number => {
  const points = times.map((each) => [Math.log(each.size), Math.log(of(each))] as const);
  const mean = (i: 0 | 1): number => points.reduce((sum, point) => sum + point[i], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return over / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
};

/** Point and set questions on a loaded estate, in microseconds each. */
const questions = (size: number): void => {
  const pages = [...clouds.aws.pages(size, SEED)];
  const { inventory } = load(clouds.aws, pages);
  const machines = byInterface(inventory);
  const asked = boundarySample(readDocuments(pages), 5000, SEED + 1).flatMap((question) => {
    const machine = machines.get(question.interface);
    const from = parseAddress(question.client);
    return machine === undefined || from === undefined ? [] : [{ machine, set: and(client(from), service(question)) }];
  });
  const point = (): number =>
    milliseconds(() => asked.forEach(({ machine, set }) => void verdict(inventory, machine, set)));
  const ssh = service({ protocol: 6, port: 22 });
  const those = [...machines.values()].slice(0, 5000);
  const whole = (): number =>
    milliseconds(() =>
      those.forEach((machine) =>
        machine.interfaces.forEach((each) => void sources({ ...outside(inventory) }, each, and(ssh, everything))),
      ),
    );
  const best = (job: () => number): number => Math.min(job(), job(), job());
  say(`one why, all ways and evidence:  ${((best(point) * 1000) / asked.length).toFixed(1)} µs`);
  say(`one who, from the internet:      ${((best(whole) * 1000) / those.length).toFixed(1)} µs`);
};

/** The inventory with its doors alone. */
const outside = (inventory: Inventory): Inventory => ({
  machines: inventory.machines,
  lists: [],
  gaps: [],
  coverage: [],
  find: (text) => inventory.find(text),
  doors: (to) => inventory.doors(to),
  ways: (_clients, to) => inventory.doors(to),
  alternatives: () => [],
  remedies: () => [],
});

const built = join(import.meta.dirname, "..", "..", "dist", "src", "bin.js");

/** Peak memory of a whole audit from disk against the bytes on it. */
const memory = ({ pages, things }: Cloud, size: number): void => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
  try {
    let bytes = 0;
    for (const page of pages(size, SEED)) {
      const file = join(folder, page.name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, page.json);
      bytes += page.json.length;
    }
    const code = `const { main } = await import(process.argv[1].replace(/bin\\.js$/, "main.js"));
      await main(["audit", "--snapshot", process.argv[2]], "bench", { print() {}, warn() {}, columns: undefined, env: {} });
      process.stdout.write(String(process.resourceUsage().maxRSS));`;
    const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", code, built, folder], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(stderr);
    const peak = Number(stdout) * 1024;
    say(
      `peak memory of an audit from disk, ${size} ${things}: ${(peak / bytes).toFixed(2)} × input (${Math.round(peak / 1e6)} MB of ${Math.round(bytes / 1e6)} MB)`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** The median wall time of a command. */
const median = (words: readonly string[], runs = 15): number => {
  const times = Array.from({ length: runs }, () =>
    milliseconds(() => void spawnSync(process.execPath, words)),
  ).toSorted((a, b) => a - b);
  return times[runs >> 1] ?? 0;
};

const ratio = (a: number, b: number): string => `${(a / b).toFixed(2)} ×`;

/** Ratios for estates of three sizes, and how they grow. */
const table = (name: keyof typeof clouds): void => {
  const times = clouds[name].sizes.map((size) => timeFresh(name, size, ROUNDS));
  say(`${clouds[name].things.padStart(10)}  input MB  JSON.parse ms  reading / parse  audit / parse  findings`);
  for (const { size, bytes, parse, read, audit: audited, findings } of times)
    say(
      [
        String(size).padStart(10),
        (bytes / 1e6).toFixed(0).padStart(9),
        parse.toFixed(0).padStart(14),
        ratio(read, parse).padStart(16),
        ratio(audited, parse).padStart(14),
        String(findings).padStart(9),
      ].join(" "),
    );
  say(
    `growth exponent of reading and audit: ${exponent(times, ({ read, audit: audited }) => read + audited).toFixed(2)}; of the audit alone: ${exponent(times, (each) => each.audit).toFixed(2)}`,
  );
};

/** Google Cloud: VPC rules with denies and tags, and policies that hand packets on. */
const benchGcp = (): void => {
  for (const seed of [1, 2, 3]) agreeOnGcp(seed === 1 ? 3000 : 300, seed, seed === 1 ? SAMPLES / 10 : SAMPLES / 40);
  say("");
  table("gcp");
  memory(clouds.gcp, 100_000);
};

/** Azure: groups that are read first match first, twice for many machines, and routes that lose replies. */
const benchAzure = (): void => {
  for (const seed of [1, 2, 3]) agreeOnAzure(seed === 1 ? 3000 : 300, seed, seed === 1 ? SAMPLES / 10 : SAMPLES / 40);
  say("");
  table("azure");
  const { rules, anew, again } = oneGroup(SEED);
  say(
    `one group of ${rules} rules, all ports and all clients: ${anew.toFixed(1)} ms; once more, in a gate of its own: ${again.toFixed(1)} ms`,
  );
  memory(clouds.azure, 30_000);
};

const bench = (): void => {
  const [cpu] = cpus();
  say(
    `${process.platform} ${process.arch}, ${cpus().length} × ${cpu?.model ?? "?"}, ${Math.round(totalmem() / 1e9)} GB, Node ${process.versions.node}`,
  );
  say("Ratios of one run. Times depend on the machine and promise nothing.\n");
  for (const seed of [1, 2, 3]) agree(seed === 1 ? 10_000 : 1000, seed, seed === 1 ? SAMPLES : SAMPLES / 4);
  say("");
  table("aws");
  questions(10_000);
  memory(clouds.aws, 100_000);
  say(`sallyport --help against node -e 0: ${ratio(median([built, "--help"]), median(["-e", "0"]))}`);
  for (const size of [10_000, 100_000]) {
    const { classes, rankAxisMs, diagramMs } = layouts(size, SEED);
    say(
      `sets as diagrams against a rank axis, ${classes} classes of ${size} interfaces, same answers: ${ratio(diagramMs, rankAxisMs)}`,
    );
  }
};

const isCloud = (name: string | undefined): name is keyof typeof clouds => name !== undefined && name in clouds;

const [mode, name, size] = process.argv.slice(2);
if (mode === "--time" && isCloud(name)) {
  const cloud = clouds[name];
  // Another estate first: compiled code is warm, and no set of the one that is timed is known.
  audit(load(cloud, [...cloud.pages(WARM, SEED + 100)]).inventory, { share: 0.5 });
  process.stdout.write(JSON.stringify(time(cloud, Number(size), 1)));
} else if (mode === "gcp") benchGcp();
else if (mode === "azure") benchAzure();
else {
  bench();
  say("");
  benchGcp();
  say("");
  benchAzure();
}
