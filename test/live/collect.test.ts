import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { run } from "../run.ts";
import { STACK } from "../snapshots/ask.ts";
import { type Json, emptyFolder, filesIn, objectsAt, parse } from "../snapshots/folder.ts";
import type { CallRecord } from "./calls.ts";
import { type Answers, type Estate, data, management, retired, shop, wholeEstate } from "./estate.ts";
import {
  type Ended,
  SECRET,
  collect,
  contentOf,
  documentOf,
  homeWith,
  isObject,
  listsIn,
  plain,
  sallyport,
  textOf,
} from "./program.ts";
import { type LiveServer, serve } from "./server.ts";

const open: LiveServer[] = [];
afterAll(async () => {
  await Promise.all(open.map((server) => server.close()));
});

const start = async (...[estate = wholeEstate, options]: Partial<Parameters<typeof serve>>): Promise<LiveServer> => {
  const server = await serve(estate, options);
  open.push(server);
  return server;
};

/** The services by the names that policies give them. */
const prefixes: Readonly<Record<string, string>> = { elb: "elasticloadbalancing", elbv2: "elasticloadbalancing" };

const actionOf = ({ service, action }: CallRecord): string => `${prefixes[service] ?? service}:${action}`;

const actionsIn = (policy: string): readonly string[] =>
  objectsAt(parse(policy), "/Statement").flatMap(({ Action }) => (Array.isArray(Action) ? Action.map(String) : []));

describe("a whole organisation", () => {
  let server: LiveServer | undefined;
  let folder = "";
  let ended: Ended = { code: -1, out: "", err: "", took: 0 };
  let calls: readonly CallRecord[] = [];

  beforeAll(async () => {
    server = await start(wholeEstate, { throttles: true });
    ({ folder, ...ended } = await collect(server.url, ["--organization"]));
    calls = [...server.calls];
  }, 20_000);

  test("is read without a word but the last line", () => {
    expect(ended).toMatchObject({ code: 0, err: expect.stringMatching(/^Read 9 machines in 6 Regions of 3 accounts/) });
    expect(ended.out).toContain("3 accounts, 6 Regions");
    expect(ended.out).toContain("not read: af-south-1 (not-opted-in)");
    expect(ended.out).toContain(`sallyport audit --snapshot ${folder}`);
    expect(calls.filter(({ outcome }) => outcome !== "answered")).toEqual([]);
  });

  test("has every account that is active, and every Region that is open", () => {
    const { scopes } = documentOf(folder);
    const rows = scopes.map(({ account, accountName, region, skipped }) => [account, accountName, region, skipped]);
    const regions = [
      ["af-south-1", "not-opted-in"],
      ["eu-west-1", undefined],
      ["us-east-1", undefined],
    ];
    const accounts = [
      [management, "Harbour"],
      [shop, "Harbour Shop"],
      [data, "Harbour Data"],
    ];
    expect(rows).toEqual(accounts.flatMap(([id, name]) => regions.map(([region, why]) => [id, name, region, why])));
    expect(JSON.stringify(scopes)).not.toContain(retired);
  });

  test("is asked the calls of the printed policies, all of them and no others", async () => {
    const printed = await Promise.all(
      ["policy", "hub-policy"].map((format) => run(["permissions", "aws", "--format", format])),
    );
    const allowed = printed.flatMap(({ out }) => actionsIn(out));
    expect([...new Set(calls.map(actionOf))].toSorted()).toEqual([...new Set(allowed)].toSorted());
  });

  test("takes hardly more calls than there are pages", () => {
    const { calls: counts } = documentOf(folder);
    expect(counts.made).toBe(calls.length);
    expect(counts.made).toBeLessThanOrEqual(1.1 * counts.answered);
  });

  test("asks for pages wherever there are any, and for nothing twice", () => {
    const asked = calls.map(({ service, action, account, region, params }) =>
      JSON.stringify([service, action, account, region, params]),
    );
    expect(new Set(asked).size).toBe(asked.length);
  });

  test("says in snapshot.json when, by which version, what was answered and what was refused", () => {
    const { sallyport: version, taken, answers, refused } = documentOf(folder);
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    const [from, to] = [taken.from, taken.to].map(Date.parse);
    expect([from, to]).not.toContain(Number.NaN);
    expect((to ?? 0) - (from ?? 0)).toBeGreaterThan(0);
    expect((to ?? 0) - (from ?? 0)).toBeLessThan(ended.took);
    expect(refused).toEqual([]);
    const named = answers.flatMap(({ files }) => files);
    expect(new Set(named).size).toBe(named.length);
    expect([...named, "snapshot.json"].toSorted()).toEqual(filesIn(folder));
    for (const { account, region, files } of answers)
      for (const file of files) expect(file.startsWith([account, region ?? ""].join("/"))).toBe(true);
  });

  test("has in its files what the server told, list by list", () => {
    const told = calls.flatMap((call) => toldTo(call));
    const kept = [...listsIn(folder)].map(([name, list]) => [placeOf(name), canonical(list)].join(" "));
    expect(kept.toSorted()).toEqual(told.toSorted());
  });

  test("is read as a snapshot without a word", async () => {
    const audit = await run(["audit", "--json", "--snapshot", folder]);
    expect(audit.err).toBe("");
    expect(objectsAt(parse(audit.out), "/coverage").map(({ machines, missing }) => [machines, missing])).toEqual([
      [1, []],
      [0, []],
      [9, []],
      [2, []],
      [1, []],
      [0, []],
    ]);
  });

  test("leaves no secret in any file, nor in any line", () => {
    const texts = filesIn(folder).map((file) => readFileSync(join(folder, file), "utf8"));
    for (const text of [...texts, ended.out, ended.err]) expect(text).not.toMatch(/hush-|secret-of-|token-of-/);
    expect(SECRET).toMatch(/hush-/);
  });

  test("at half the pace is the same, and as JSON the document that stands in the folder", async () => {
    const { out, code, folder: other } = await collect((await start()).url, ["--organization", "--gentle", "--json"]);
    expect(code).toBe(0);
    expect(parse(out)).toEqual(documentOf(other));
    expect(contentOf(other)).toEqual(contentOf(folder));
  }, 20_000);
});

/** Empty lists are no different from absent ones, and neither are objects with nothing in them. */
const canonical = (list: Json): string => JSON.stringify(plain(pruned(list)));

const pruned = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(pruned);
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([key, each]) => [key, pruned(each)] as const);
  return Object.fromEntries(members.filter(([, each]) => !(Array.isArray(each) && each.length === 0)));
};

/** `444455556666 eu-west-1`, from the path of a file. */
const placeOf = (name: string): string => name.split("/").slice(0, -1).join(" ");

const builtIn = new Set([
  "ec2:DescribeRegions",
  "sts:GetCallerIdentity",
  "sts:AssumeRole",
  "organizations:ListAccounts",
]);
const WITHOUT_REGION = "globalaccelerator";

/** What the estate holds for a call, as it is kept; nothing for calls that only find out who is who. */
const toldTo = ({ service, action, account, region, params }: CallRecord): readonly string[] => {
  if (builtIn.has(`${service}:${action}`))
    return action === "DescribeRegions" ? [`${account} ${regionsOf(account)}`] : [];
  const there = wholeEstate.accounts[account];
  const isGlobal = service === WITHOUT_REGION;
  const answers: Answers = (isGlobal ? there?.global : there?.regions[region]?.answers) ?? {};
  const answer = answers[`${service}:${action}`];
  const body = typeof answer === "function" ? answer(params) : answer;
  const place = isGlobal ? account : `${account} ${region}`;
  return [`${place} ${canonical(chosen(parse(JSON.stringify(body ?? {})), params))}`];
};

/** What of a list has what was asked for, where its things tell it. */
const chosen = (body: Json, params: CallRecord["params"]): Json => {
  const isWanted = (thing: Json): boolean =>
    !isObject(thing) || Object.entries(params).every(([name, value]) => (thing[name] ?? value) === value);
  return isObject(body)
    ? Object.fromEntries(
        Object.entries(body).map(([key, value]) => [key, Array.isArray(value) ? value.filter(isWanted) : value]),
      )
    : body;
};

const regionsOf = (account: string): string =>
  canonical({
    Regions: Object.entries(wholeEstate.accounts[account]?.regions ?? {}).map(([RegionName, { optIn }]) => ({
      Endpoint: `ec2.${RegionName}.amazonaws.com`,
      OptInStatus: optIn,
      RegionName,
    })),
  });

describe("what is asked for is what is read", () => {
  /** Accounts and Regions that were read, and why others were not. */
  const scopesOf = (folder: string): readonly string[] =>
    documentOf(folder).scopes.map(({ account, region, skipped = "read" }) => `${account} ${region} ${skipped}`);

  test.each<readonly [string, number, readonly string[], readonly string[]]>([
    [
      "nothing named: the caller's own account",
      0,
      [],
      [`${management} af-south-1 not-opted-in`, `${management} eu-west-1 read`, `${management} us-east-1 read`],
    ],
    ["one Region", 0, ["--region", "us-east-1"], [`${management} us-east-1 read`]],
    ["a Region twice", 0, ["--region", "us-east-1", "--region", "us-east-1"], [`${management} us-east-1 read`]],
    [
      "a Region that is closed beside one that is open",
      3,
      ["--region", "us-east-1", "--region", "af-south-1"],
      [`${management} af-south-1 not-opted-in`, `${management} us-east-1 read`],
    ],
    [
      "a Region that is none beside one that is",
      3,
      ["--region", "us-east-1", "--region", "eu-west-9"],
      [`${management} eu-west-9 no Region of this name`, `${management} us-east-1 read`],
    ],
    ["one account, and one Region", 0, ["--account", shop, "--region", "us-east-1"], [`${shop} us-east-1 read`]],
    [
      "two accounts, one of them the caller's",
      0,
      ["--account", shop, "--account", management, "--region", "us-east-1"],
      [`${management} us-east-1 read`, `${shop} us-east-1 read`],
    ],
    [
      "an account that lets nobody in, beside one that does",
      3,
      ["--account", retired, "--account", shop, "--region", "us-east-1"],
      [`${shop} us-east-1 read`],
    ],
  ])(
    "%s",
    async (_what, code, words, scopes) => {
      const server = await start();
      const ended = await collect(server.url, words);
      expect([ended.code, scopesOf(ended.folder)]).toEqual([code, scopes]);
      const read = new Set(scopes.filter((each) => each.endsWith(" read")).map((each) => each.slice(0, -5)));
      const regional = server.calls.filter(({ service }) => !["sts", "globalaccelerator"].includes(service));
      const elsewhere = regional.filter(({ account, region }) => !read.has(`${account} ${region}`));
      expect(elsewhere.filter(({ action }) => action !== "DescribeRegions")).toEqual([]);
    },
    20_000,
  );

  test("an account that lets nobody in is a gap that names it", async () => {
    const { folder } = await collect((await start()).url, [
      "--account",
      retired,
      "--account",
      shop,
      "--region",
      "us-east-1",
    ]);
    expect(documentOf(folder).refused).toEqual([
      {
        cloud: "aws",
        call: "sts:AssumeRole",
        account: retired,
        region: null,
        code: "AccessDenied",
        message: expect.any(String),
      },
    ]);
    const audit = await run(["audit", "--snapshot", folder, "--fail-on", "critical"]);
    expect(audit.out).toContain(retired);
  }, 20_000);

  test("a role of another name is the one that is taken on", async () => {
    const { [shop]: there, ...others } = wholeEstate.accounts;
    const roles = { Auditor: { trusts: [management] } };
    const estate: Estate = { ...wholeEstate, accounts: { ...others, ...(there && { [shop]: { ...there, roles } }) } };
    const server = await start(estate);
    const words = ["--account", shop, "--region", "us-east-1"];
    expect((await collect(server.url, words)).code).toBe(2);
    expect((await collect(server.url, [...words, "--role", "Auditor"])).code).toBe(0);
  }, 20_000);

  test("each profile is an account of its own", async () => {
    const { [data]: there, ...others } = wholeEstate.accounts;
    const keyed = there && { [data]: { ...there, keys: ["AKIAHARBOURDATA00001"] } };
    const server = await start({ ...wholeEstate, accounts: { ...others, ...keyed } });
    const HOME = homeWith((folder) => {
      const keysOf = (key: string): string => `aws_access_key_id = ${key}\naws_secret_access_key = ${SECRET}\n`;
      writeFileSync(join(folder, "config"), "[profile main]\nregion = us-east-1\n[profile data]\nregion = eu-west-1\n");
      writeFileSync(
        join(folder, "credentials"),
        `[main]\n${keysOf("AKIAHARBOURREADER001")}[data]\n${keysOf("AKIAHARBOURDATA00001")}`,
      );
    });
    const env = { HOME, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_REGION: undefined };
    const one = await collect(server.url, ["--profile", "data"], env);
    expect([one.code, one.err]).toEqual([0, expect.stringMatching(/of 1 account:/)]);
    expect(scopesOf(one.folder).filter((each) => each.endsWith("read"))).toEqual([
      `${data} eu-west-1 read`,
      `${data} us-east-1 read`,
    ]);
    const both = await collect(server.url, ["--profile", "main", "--profile", "data", "--region", "eu-west-1"], env);
    expect(scopesOf(both.folder)).toEqual([`${management} eu-west-1 read`, `${data} eu-west-1 read`]);
    const none = await collect(server.url, ["--profile", "main", "--profile", "nobody"], env);
    expect([none.code, none.err]).toEqual([2, expect.stringContaining("nobody")]);
    expect(none.err).not.toMatch(STACK);
  }, 20_000);

  test("at the deadline what was not read is a gap, and what was is kept", async () => {
    const server = await start(wholeEstate, { latency: 400 });
    const ended = await collect(server.url, ["--account", shop, "--deadline", "2"]);
    expect(ended.code).toBe(3);
    expect(ended.took).toBeLessThan(4000);
    const { refused, answers } = documentOf(ended.folder);
    expect(answers.length).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(["OutOfTime"]));
    for (const { call, account } of refused) expect([call, account]).toEqual([expect.stringMatching(/:/), shop]);
  }, 20_000);
});

describe("what cannot be begun is said at once, and nothing is asked", () => {
  const nobody = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };

  /** A sentence of what happened, what it costs and what to do; never a stack. */
  const said = (ended: Ended, what: RegExp): void => {
    expect([ended.code, ended.out]).toEqual([2, ""]);
    expect(ended.err).toMatch(what);
    expect(ended.err).not.toMatch(STACK);
    expect(ended.took).toBeLessThan(4000);
  };

  test("a folder that is there, with something in it", async () => {
    const server = await start();
    const folder = emptyFolder();
    writeFileSync(join(folder, "precious.txt"), "mine");
    said(await sallyport(server.url, ["collect", "--aws", "--output", folder]), /is there already, and not empty/);
    expect([server.calls, readdirSync(folder)]).toEqual([[], ["precious.txt"]]);
  });

  test("a file in the place of the folder", async () => {
    const server = await start();
    const file = join(emptyFolder(), "file");
    writeFileSync(file, "mine");
    said(await sallyport(server.url, ["collect", "--aws", "--output", file]), /could not be written/);
    expect([server.calls, readFileSync(file, "utf8")]).toEqual([[], "mine"]);
  });

  test.each<readonly [string, RegExp, readonly string[]]>([
    ["no cloud", /No cloud is named/, ["collect", "--output", "/tmp/never"]],
    ["no folder", /--output is missing/, ["collect", "--aws"]],
    [
      "an account that is none",
      /"12" is no account/,
      ["collect", "--aws", "--output", "/tmp/never", "--account", "12"],
    ],
    [
      "a deadline that is none",
      /"soon" is no number of seconds/,
      ["collect", "--aws", "--output", "/tmp/never", "--deadline", "soon"],
    ],
    [
      "a Region without a cloud",
      /--region is about a cloud/,
      ["audit", "--region", "eu-west-1", "--snapshot", "/tmp/never"],
    ],
  ])("%s", async (_what, what, words) => {
    const server = await start();
    said(await sallyport(server.url, words), what);
    expect([server.calls, existsSync("/tmp/never")]).toEqual([[], false]);
  });

  test.each<readonly [string, Readonly<Record<string, string | undefined>>]>([
    ["no credentials", nobody],
    ["a key that nobody has", { AWS_ACCESS_KEY_ID: "AKIANOBODYKNOWSIT001" }],
    ["a session without its token", { AWS_ACCESS_KEY_ID: "ASIA0000000000000001" }],
  ])("%s", async (_what, env) => {
    const ended = await collect((await start()).url, [], env);
    said(ended, /AWS does not know who is asking/);
    expect(ended.err).toContain("aws sso login");
    expect(readdirSync(join(ended.folder, ".."))).toEqual([]);
  });

  test.each<readonly [string, RegExp, readonly string[]]>([
    [
      "Regions of which none is open",
      /There is no Region to read: .*af-south-1 \(not-opted-in\)/,
      ["--region", "af-south-1"],
    ],
    ["an account that lets nobody in", /No account could be entered/, ["--account", retired]],
  ])("%s", async (_what, what, words) => {
    const ended = await collect((await start()).url, words);
    said(ended, what);
    expect(readdirSync(join(ended.folder, ".."))).toEqual([]);
  });

  test("an empty folder is as good as none", async () => {
    const server = await start();
    const folder = emptyFolder();
    const { code } = await sallyport(server.url, ["collect", "--aws", "--output", folder]);
    expect([code, documentOf(folder).refused]).toEqual([0, []]);
  });
});

describe("a verb that reads live answers as it does from what collect wrote", () => {
  let server: LiveServer | undefined;
  let folder = "";

  beforeAll(async () => {
    server = await start();
    ({ folder } = await collect(server.url, ["--account", shop]));
  }, 20_000);

  test.each([
    ["why i-0000000000000001a --from 198.51.100.7", 0],
    ["why i-0000000000000001a --from 203.0.113.9", 1],
    ["who i-0000000000000005a", 0],
    ["audit", 1],
  ])(
    "%s",
    async (words, code) => {
      const asked = [...words.split(" "), "--json"];
      const TMPDIR = emptyFolder();
      const live = await sallyport(server?.url ?? "", [...asked, "--aws", "--account", shop], { TMPDIR });
      const offline = await run([...asked, "--snapshot", folder]);
      expect([live.code, offline.code]).toEqual([code, code]);
      expect(parse(live.out)).toEqual(parse(offline.out));
      expect(readdirSync(TMPDIR).filter((name) => name.startsWith("sallyport"))).toEqual([]);
    },
    20_000,
  );

  test("what it read may be kept", async () => {
    const keep = join(emptyFolder(), "kept");
    const { code } = await sallyport(server?.url ?? "", ["audit", "--aws", "--account", shop, "--keep", keep]);
    expect(code).toBe(1);
    expect(contentOf(keep)).toEqual(contentOf(folder));
  }, 20_000);

  test("a folder and a cloud answer together", async () => {
    const words = ["audit", "--json", "--aws", "--region", "eu-west-1", "--snapshot", folder];
    const { out } = await sallyport(server?.url ?? "", words);
    const accounts = objectsAt(parse(out), "/coverage").map(
      ({ account, region }) => `${textOf(account)} ${textOf(region)}`,
    );
    expect(accounts).toEqual([`${management} eu-west-1`, `${shop} eu-west-1`, `${shop} us-east-1`]);
  }, 20_000);
});
