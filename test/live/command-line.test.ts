import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { aws } from "#providers/aws/index.ts";
import { buildCloud } from "../aws/cloud.ts";
import { type Server, programs, startServer } from "../aws/server.ts";
import { type Json, emptyFolder, objectsAt, parse, places } from "../snapshots/folder.ts";
import { type Estate, data, management, shop, wholeEstate } from "./estate.ts";
import {
  type Collected,
  SECRET,
  collect,
  documentOf,
  environment,
  isObject,
  listsIn,
  plain,
  without,
  textOf,
} from "./program.ts";
import { serve } from "./server.ts";

/** The newest command line, as `.ci/run` installs it: an older one does not know all calls, and drops what is new. */
const program = process.env["SALLYPORT_AWS"] === undefined ? resolve(".ci", "aws", "bin", "aws") : (programs.aws ?? "");

/** The Python that a program begins with. */
const pythonOf = (path: string): string | undefined => {
  if (!existsSync(path)) return undefined;
  const file = openSync(path, "r");
  const bytes = Buffer.alloc(200);
  const length = readSync(file, bytes);
  closeSync(file);
  return /^#!(\S*python\S*)/.exec(bytes.toString("utf8", 0, length))?.[1];
};

const python = pythonOf(program);

interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What the command line says to each list of words. */
const told = async (
  env: Readonly<Record<string, string>>,
  words: readonly (readonly string[])[],
): Promise<readonly Told[]> => {
  const config = join(emptyFolder(), "config");
  writeFileSync(config, "[default]\ncli_timestamp_format = iso8601\n");
  const child = spawn(python ?? "", [join("test", "live", "command-line.py")], {
    env: { ...environment(""), AWS_ENDPOINT_URL: undefined, AWS_CONFIG_FILE: config, AWS_PAGER: "", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stdin.end(JSON.stringify(words));
  await once(child, "close");
  return objectsAt({ all: parse(out) }, "/all").map((each) => ({
    code: Number(each["code"]),
    out: textOf(each["out"]),
    err: textOf(each["err"]),
  }));
};

/** One list that was kept, and the words that print it. */
interface Asked {
  readonly account: string;
  readonly name: string;
  readonly call: string;
  readonly list: Json;
  readonly words: readonly string[];
}

const printed = new Map(aws.permissions.map(({ call, cli }) => [call, cli.split(" ").slice(1)] as const));
const PLACEHOLDER = /^(?:VPC|ID|ARN)$/;

/** As `aws ec2 describe-regions` and its kin are spelled: what follows in the name of a file says what it is about. */
const spelled = (call: string): string =>
  call
    .replace(/^.*:/, "")
    .replaceAll(/([a-z\d])([A-Z])/g, "$1-$2")
    .toLowerCase();

/** How files call a thing, and the thing itself: an ARN, an id or a name that stands in some answer. */
const thingsIn = (lists: Iterable<Json>): ReadonlyMap<string, string> => {
  const things = new Map<string, string>();
  for (const list of lists)
    for (const [, value] of places(list))
      if (typeof value === "string" && (value.startsWith("arn:") || !value.includes("/")))
        things.set(
          value
            .replace(/^arn:(?:[^:]*:){4}[^/]*\//, "")
            .replaceAll("/", "-")
            .replaceAll(/[^A-Za-z0-9._-]/g, "_"),
          value,
        );
  return things;
};

/** The printed command with the thing in place of `ID`; classic load balancers have another command of the same name. */
const wordsFor = (call: string, of: string, things: ReadonlyMap<string, string>): readonly string[] => {
  if (call === "ec2:DescribeRegions") return ["ec2", "describe-regions", "--all-regions", "--output", "json"];
  const isClassic = of === "classic" || of.startsWith("classic-");
  const thing = things.get(isClassic ? of.replace(/^classic-?/, "") : of) ?? of;
  return (printed.get(call) ?? []).flatMap((word) => {
    if (isClassic && word === "elbv2") return ["elb"];
    if (isClassic && word === "--load-balancer-arn") return ["--load-balancer-name"];
    if (word.includes(" ")) return word.split(" ");
    return PLACEHOLDER.test(word) ? [thing] : [word];
  });
};

const askedIn = (folder: string): readonly Asked[] => {
  const lists = listsIn(folder);
  const things = thingsIn(lists.values());
  return documentOf(folder).answers.flatMap(({ call, account, region, files }) => {
    const names = new Set(files.map((file) => file.replace(/(?:-\d{4})?\.json$/, "")));
    return [...names].map((name) => {
      const of = name.slice(name.lastIndexOf("/") + spelled(call).length + 2);
      const words = wordsFor(call, of, things);
      const there = words.includes("--region") ? words : [...words, "--region", region ?? "eu-west-1"];
      return { account: account ?? "", name, call, list: lists.get(name) ?? null, words: there };
    });
  });
};

/** Where what was kept and what was printed are not the same. */
const differences = async (
  folder: string,
  url: string,
  keyOf: (account: string) => string,
): Promise<{ readonly compared: readonly Asked[]; readonly differ: readonly string[] }> => {
  const compared = askedIn(folder);
  const differ: string[] = [];
  for (const [account, asked] of Map.groupBy(compared, (each) => each.account)) {
    const env = { AWS_ACCESS_KEY_ID: keyOf(account), AWS_SECRET_ACCESS_KEY: SECRET };
    const answers = await told(
      env,
      asked.map(({ words }) => [...words, "--endpoint-url", url]),
    );
    asked.forEach(({ name, list, words }, index) => {
      const { code = -1, out = "", err = "" } = answers[index] ?? {};
      const theirs = code === 0 ? plain(without(parse(out || "{}"))) : `${code} ${err}`;
      const ours = plain(less(list));
      if (JSON.stringify(theirs) !== JSON.stringify(ours))
        differ.push(`${name}: aws ${words.join(" ")}\n${difference(ours, theirs)}`);
    });
  }
  return { compared, differ };
};

/** The command line pages through this list by itself, and leaves out what stands beside it. */
const LEFT_OUT = "AdditionalRoutesAvailable";
const less = (list: Json): Json =>
  isObject(list) ? Object.fromEntries(Object.entries(list).filter(([key]) => key !== LEFT_OUT)) : list;

/** The first place where two documents are not the same. */
const difference = (ours: Json, theirs: Json): string => {
  const other = new Map(isObject(theirs) ? places(theirs) : []);
  const mine = new Map(places(ours));
  const at = [...new Set([...mine.keys(), ...other.keys()])].find(
    (pointer) =>
      JSON.stringify(mine.get(pointer)) !== JSON.stringify(other.get(pointer)) && !isObject(mine.get(pointer) ?? {}),
  );
  return at === undefined
    ? `${JSON.stringify(ours)} and ${JSON.stringify(theirs)}`
    : `at ${at}: ${JSON.stringify(mine.get(at))} and ${JSON.stringify(other.get(at))}`;
};

const place = python === undefined ? describe.skip : describe;
if (python === undefined)
  console.warn(`test/live/command-line.test.ts is skipped: "${program}" is no AWS command line in Python`);

const keyOf = (account: string): string => `AKIA${account}0000`;

/** Each account has a user of its own, so that the command line needs no role. */
const keyed: Estate = {
  ...wholeEstate,
  accounts: Object.fromEntries(
    Object.entries(wholeEstate.accounts).map(([id, account]) => [
      id,
      { ...account, keys: [...account.keys, keyOf(id)] },
    ]),
  ),
};

place("what collect keeps is what the AWS command line prints, call by call", () => {
  test("of a whole organisation", async () => {
    const server = await serve(keyed);
    const { folder, code } = await collect(server.url, ["--organization"]);
    expect(code).toBe(0);
    const { compared, differ } = await differences(folder, server.url, keyOf);
    await server.close();
    expect(differ).toEqual([]);
    expect(new Set(compared.map(({ account }) => account))).toEqual(new Set([management, shop, data]));
    const calls = new Set(compared.map(({ call }) => call));
    expect([...printed.keys()].filter((call) => !calls.has(call))).toEqual([]);
  }, 60_000);
});

/** What moto 5.2.1 does not know, by the words that ask for it. */
const unknownToMoto: readonly (readonly [call: string, ...words: string[]])[] = [
  ["ec2:DescribeInstanceConnectEndpoints", "ec2", "describe-instance-connect-endpoints"],
  ["ec2:DescribeVpcBlockPublicAccessExclusions", "ec2", "describe-vpc-block-public-access-exclusions"],
  ["ec2:DescribeVpcBlockPublicAccessOptions", "ec2", "describe-vpc-block-public-access-options"],
  ["globalaccelerator:ListAccelerators", "globalaccelerator", "list-accelerators"],
  ["globalaccelerator:ListCustomRoutingAccelerators", "globalaccelerator", "list-custom-routing-accelerators"],
  ["ssm:DescribeInstanceInformation", "ssm", "describe-instance-information"],
];

const moto = python === undefined || programs.moto === undefined ? describe.skip : describe;

moto("what collect keeps of moto is what the AWS command line prints, call by call", () => {
  let server: Server | undefined;
  let kept: Collected | undefined;

  beforeAll(async () => {
    server = await startServer(programs.moto ?? "", 20_000);
    await buildCloud(server.endpoint);
    kept = await collect(server.endpoint, ["--region", "eu-west-1"], { AWS_ACCESS_KEY_ID: "testing" });
  }, 50_000);

  afterAll(async () => {
    await server?.end();
  }, 10_000);

  test("all that moto answers", async () => {
    const { compared, differ } = await differences(kept?.folder ?? "", server?.endpoint ?? "", () => "testing");
    expect(differ).toEqual([]);
    expect(compared.length).toBeGreaterThan(20);
  }, 60_000);

  test("and what it does not know, it does not know of either", async () => {
    expect(kept?.code).toBe(3);
    const { refused } = documentOf(kept?.folder ?? "");
    expect(refused.map(({ call }) => call).toSorted()).toEqual(unknownToMoto.map(([call]) => call));
    const words = unknownToMoto.map(([, ...each]) => [
      ...each,
      "--region",
      "us-west-2",
      "--endpoint-url",
      server?.endpoint ?? "",
    ]);
    const env = { AWS_ACCESS_KEY_ID: "testing", AWS_MAX_ATTEMPTS: "1" };
    expect((await told(env, words)).map(({ code }) => code === 0)).toEqual(words.map(() => false));
  }, 60_000);
});
