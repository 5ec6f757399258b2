import { beforeAll, describe, expect, test } from "@jest/globals";
import { run } from "../run.ts";
import { STACK } from "../snapshots/ask.ts";
import { parse, objectsAt, type Json } from "../snapshots/folder.ts";
import type { CallRecord } from "./calls.ts";
import { type Answers, type Body, type Estate, management, shop, wholeEstate } from "./estate.ts";
import type { Effect, Fault, Match } from "./faults.ts";
import { type Collected, collect, contentOf, documentOf, isObject, listsIn, sideBySide, textOf } from "./program.ts";
import { serve } from "./server.ts";

const groups: Match = { api: "ec2", action: "DescribeSecurityGroups", account: shop, region: "eu-west-1" };
const balancers: Match = { api: "elbv2", action: "DescribeLoadBalancers", account: shop, region: "eu-west-1" };
const accelerators: Match = { api: "globalaccelerator", action: "ListAccelerators", account: shop };
const tables: Match = { api: "ec2", action: "DescribeRouteTables", account: shop, region: "eu-west-1" };

const west = ["--account", shop, "--region", "eu-west-1"];
const both = ["--account", shop];

const refusal = (trouble: Extract<Effect, { is: "refused" }>["trouble"]): Effect => ({ is: "refused", trouble });
const first = (match: Match, times: number): Match => ({ ...match, nth: { from: 1, to: times } });

/** Route tables enough for three pages, which hold a hundred each. */
const many = (count: number, from = 0): readonly Body[] =>
  Array.from({ length: count }, (_, index) => ({
    RouteTableId: `rtb-1${String(from + index).padStart(15, "0")}`,
    VpcId: "vpc-0000000000000006",
    OwnerId: shop,
    Associations: [],
    PropagatingVgws: [],
    Tags: [],
    Routes: [{ DestinationCidrBlock: "10.26.0.0/16", GatewayId: "local", Origin: "CreateRouteTable", State: "active" }],
  }));

const told = (answers: Answers): readonly Body[] => {
  const body = answers["ec2:DescribeRouteTables"];
  const list: unknown = typeof body === "object" && "RouteTables" in body ? body["RouteTables"] : [];
  return Array.isArray(list) ? list.map((table: unknown): Body => (typeof table === "object" ? { ...table } : {})) : [];
};

const there = wholeEstate.accounts[shop];
const westAnswers = there?.regions["eu-west-1"]?.answers ?? {};
const isMain = (table: Body): boolean => JSON.stringify(table).includes('"Main":true');

/** Main tables on the first page; what subnets have instead on the last one, behind 250 more. */
const longTables: readonly Body[] = [
  ...told(westAnswers).filter(isMain),
  ...many(250),
  ...told(westAnswers).filter((table) => !isMain(table)),
];
/** The same list, with so many new tables at its begin. */
const grown = (count: number): Body => ({ RouteTables: [...many(count, 900), ...longTables] });

const longEstate: Estate = {
  ...wholeEstate,
  accounts: {
    ...wholeEstate.accounts,
    ...(there && {
      [shop]: {
        ...there,
        regions: {
          ...there.regions,
          "eu-west-1": {
            optIn: "opt-in-not-required",
            answers: { ...westAnswers, "ec2:DescribeRouteTables": grown(0) },
          },
        },
      },
    }),
  },
};

interface Case {
  readonly faults: readonly Fault[];
  readonly words?: readonly string[];
  readonly estate?: Estate;
}

interface Done extends Collected {
  readonly calls: readonly CallRecord[];
}

const collected = async ({ faults, words = west, estate = wholeEstate }: Case): Promise<Done> => {
  const server = await serve(estate, { faults });
  try {
    const done = await collect(server.url, words);
    return { ...done, calls: [...server.calls] };
  } finally {
    await server.close();
  }
};

/** Faults that another try gets over. */
const passing: readonly (readonly [string, Case])[] = [
  ["too many calls, twice", { faults: [{ match: first(groups, 2), does: refusal("throttled") }] }],
  ["an error of the server, once", { faults: [{ match: first(groups, 1), does: refusal("internal") }] }],
  ["a service that is not there, twice", { faults: [{ match: first(groups, 2), does: refusal("unavailable") }] }],
  ["a page for people that says 200", { faults: [{ match: first(groups, 1), does: { is: "html", status: 200 } }] }],
  ["a page for people that says 502", { faults: [{ match: first(groups, 1), does: { is: "html", status: 502 } }] }],
  ["half an answer", { faults: [{ match: first(groups, 1), does: { is: "torn" } }] }],
  ["half an answer, and the connection ends", { faults: [{ match: first(groups, 1), does: { is: "cut-off" } }] }],
  ["a connection that breaks", { faults: [{ match: first(groups, 1), does: { is: "reset" } }] }],
  [
    "an answer that comes drop by drop",
    { faults: [{ match: first(groups, 1), does: { is: "slow", bytes: 512, every: 60 } }] },
  ],
  [
    "half an answer of a query and of JSON",
    {
      faults: [
        { match: first(balancers, 1), does: { is: "torn" } },
        { match: first(accelerators, 1), does: { is: "torn" } },
      ],
    },
  ],
  [
    "a page for people where JSON should be",
    { faults: [{ match: first(accelerators, 1), does: { is: "html", status: 200 } }] },
  ],
  [
    "too many calls, in the words of a query and of JSON",
    {
      faults: [
        { match: first(balancers, 1), does: refusal("throttled") },
        { match: first(accelerators, 1), does: refusal("throttled") },
      ],
    },
  ],
  [
    "trouble of every kind at once",
    {
      faults: (["internal", "unavailable", "throttled"] as const).map((trouble, index) => ({
        match: { account: shop, api: "ec2", nth: { from: 5 * index + 1, to: 5 * index + 4 } },
        does: refusal(trouble),
      })),
    },
  ],
  [
    // Credentials that fail within their first seconds are not renewed, so this session lives longer than that.
    "a session of a role that ends in the middle",
    {
      faults: [
        { match: first(groups, 1), does: { is: "slow", bytes: 600, every: 1000 } },
        ...["GetManagedPrefixListEntries", "DescribeStaleSecurityGroups"].map((action) => ({
          match: { key: "ASIA0000000000000001", action },
          does: refusal("expired"),
        })),
      ],
    },
  ],
];

interface Gap {
  readonly call: string;
  readonly code: RegExp;
  readonly account: string;
  readonly region: string | null;
}

/** At the deadline, so are the lists that cannot be asked for before groups are known. */
const BEHIND = ["ec2:DescribeSecurityGroupRules", "ec2:GetManagedPrefixListEntries"];

const ofGroups = (code: RegExp): Gap => ({
  call: "ec2:DescribeSecurityGroups",
  code,
  account: shop,
  region: "eu-west-1",
});

/** Faults that stay, and the gap that each becomes. */
const lasting: readonly (readonly [string, Case, Gap])[] = [
  [
    "a call that is not allowed",
    { faults: [{ match: groups, does: refusal("denied") }] },
    ofGroups(/^UnauthorizedOperation$/),
  ],
  [
    "a service that is not subscribed to",
    { faults: [{ match: groups, does: refusal("opt-in") }] },
    ofGroups(/^OptInRequired$/),
  ],
  [
    "too many calls, for good",
    { faults: [{ match: groups, does: refusal("throttled") }], words: [...west, "--deadline", "10"] },
    ofGroups(/^(?:RequestLimitExceeded|OutOfTime)$/),
  ],
  [
    "an error of the server, for good",
    { faults: [{ match: groups, does: refusal("internal") }] },
    ofGroups(/^InternalError$/),
  ],
  [
    "a service that is not there",
    { faults: [{ match: groups, does: refusal("unavailable") }] },
    ofGroups(/^Unavailable$/),
  ],
  [
    "pages for people that say 200",
    { faults: [{ match: groups, does: { is: "html", status: 200 } }] },
    ofGroups(/^BrokenAnswer$/),
  ],
  [
    "pages for people that say 502",
    { faults: [{ match: groups, does: { is: "html", status: 502 } }] },
    ofGroups(/^NotAnAnswer$/),
  ],
  ["half answers", { faults: [{ match: groups, does: { is: "torn" } }] }, ofGroups(/^BrokenAnswer$/)],
  [
    "half answers, and the connection ends",
    { faults: [{ match: groups, does: { is: "cut-off" } }] },
    ofGroups(/^ECONNRESET$/),
  ],
  ["connections that break", { faults: [{ match: groups, does: { is: "reset" } }] }, ofGroups(/^ECONNRESET$/)],
  [
    "a server that says nothing",
    { faults: [{ match: groups, does: { is: "silent" } }], words: [...west, "--deadline", "10"] },
    ofGroups(/^OutOfTime$/),
  ],
  [
    "an answer that would take all day",
    { faults: [{ match: groups, does: { is: "slow", bytes: 1, every: 100 } }], words: [...west, "--deadline", "10"] },
    ofGroups(/^OutOfTime$/),
  ],
];

/** What the machine's answer rests on, and one that rests on something else. */
const NEEDS = ["i-0000000000000001a", "--from", "198.51.100.7"] as const;
const NEEDS_NOT = ["i-0000000000000006a", "--from", "203.0.113.9"] as const;

let runs: ReadonlyMap<string, Done> = new Map();
const doneOf = (name: string): Done => {
  const done = runs.get(name);
  if (done === undefined) throw new Error(`${name} was not run`);
  return done;
};

const others: Readonly<Record<string, Case>> = {
  healthy: { faults: [] },
  "healthy and long": { faults: [], estate: longEstate },
  "one Region": {
    faults: [{ match: { api: "ec2", account: shop, region: "us-east-1" }, does: refusal("credentials") }],
    words: both,
  },
  "static keys": {
    faults: [{ match: { key: "AKIAHARBOURREADER001" }, does: { is: "expires", after: 20 } }],
    words: [],
  },
  "a token": { faults: [{ match: { ...tables, nth: 2 }, does: refusal("token") }], estate: longEstate },
  "a token each time": {
    faults: [{ match: { ...tables, nth: { from: 2 } }, does: refusal("token") }],
    estate: longEstate,
  },
  "a page that is denied": {
    faults: [{ match: { ...tables, nth: { from: 2 } }, does: refusal("denied") }],
    estate: longEstate,
  },
  "a list that grows at its begin": {
    faults: [{ match: { ...tables, nth: 1 }, does: { is: "changes", to: grown(1) } }],
    estate: longEstate,
  },
  "a list that grows each time": {
    faults: [1, 3, 5].map((nth, index) => ({
      match: { ...tables, nth },
      does: { is: "changes", to: grown(index + 1) },
    })),
    estate: longEstate,
  },
};

beforeAll(async () => {
  const all = [...passing, ...lasting, ...Object.entries(others)].map(([name, each]) => [name, each] as const);
  const done = await sideBySide(4, all, async ([name, each]) => [name, await collected(each)] as const);
  runs = new Map(done);
}, 90_000);

describe("what passes is tried again, and nothing of it is left in the snapshot", () => {
  test.each(passing)("%s", (name) => {
    const { code, err, folder } = doneOf(name);
    expect([code, err]).toEqual([0, expect.stringMatching(/^Read \d+ machines in 1 Region of 1 account: .*\n$/)]);
    expect(contentOf(folder)).toEqual(contentOf(doneOf("healthy").folder));
  });

  test("a new session is asked for once, however many calls found the old one over", () => {
    const { calls } = doneOf("a session of a role that ends in the middle");
    expect(calls.filter(({ action }) => action === "AssumeRole")).toHaveLength(2);
    expect(calls.filter(({ action }) => action === "GetManagedPrefixListEntries").map(({ key }) => key)).toEqual([
      "ASIA0000000000000001",
      "ASIA0000000000000002",
    ]);
  });
});

const missingIn = (audit: Json): readonly string[] =>
  objectsAt(audit, "/coverage").flatMap(({ account, region, missing }) =>
    Array.isArray(missing) && missing.length > 0 ? [`${textOf(account)} ${textOf(region)}`] : [],
  );

describe("what stays is a gap that names the call, the account and the Region", () => {
  test.each(lasting)("%s", async (name, _case, gap) => {
    const { code, out, err, folder, took } = doneOf(name);
    expect([code, err, out]).toEqual([3, expect.stringMatching(/^Read /), expect.stringContaining(`? ${gap.call}: `)]);
    expect(err + out).not.toMatch(STACK);
    expect(took).toBeLessThan(15_000);
    const { refused, answers } = documentOf(folder);
    const behind = took > 3000 ? BEHIND : [];
    expect(refused.filter(({ call }) => !behind.includes(call))).toEqual([
      { ...gap, cloud: "aws", code: expect.stringMatching(gap.code), message: expect.any(String) },
    ]);
    expect(answers.filter(({ call }) => call === gap.call)).toEqual([]);

    const needs = await run(["why", ...NEEDS, "--json", "--snapshot", folder]);
    expect([needs.code, needs.out]).toEqual([3, expect.stringContaining(gap.call)]);
    expect((await run(["why", ...NEEDS_NOT, "--snapshot", folder])).code).toBe(1);
    const audit = await run(["audit", "--json", "--snapshot", folder, "--fail-on", "critical"]);
    expect([audit.code, missingIn(parse(audit.out))]).toEqual([3, [`${shop} eu-west-1`]]);
  });

  test.each(lasting)("%s: everything else was read", (name) => {
    const healthy = contentOf(doneOf("healthy").folder).pages;
    const pages = contentOf(doneOf(name).folder).pages;
    // Stale groups and the entries of lists that groups name are asked for where groups are known.
    const rest = Object.entries(healthy).filter(([file]) => !/security-group|prefix-list-entries/.test(file));
    expect(pages).toMatchObject(Object.fromEntries(rest));
    expect(rest.length).toBeGreaterThan(30);
  });

  test("the two verdicts are known where nothing is wrong", async () => {
    const { folder } = doneOf("healthy");
    expect((await run(["why", ...NEEDS, "--snapshot", folder])).code).toBe(0);
    expect((await run(["why", ...NEEDS_NOT, "--snapshot", folder])).code).toBe(1);
  });
});

test("credentials that one Region does not take leave the other Region known", async () => {
  const { code, folder } = doneOf("one Region");
  const { refused } = documentOf(folder);
  expect([code, new Set(refused.map((each) => `${each.code} ${each.account} ${each.region}`))]).toEqual([
    3,
    new Set([`AuthFailure ${shop} us-east-1`]),
  ]);
  expect((await run(["why", ...NEEDS, "--snapshot", folder])).code).toBe(0);
  const audit = await run(["audit", "--json", "--snapshot", folder]);
  expect(missingIn(parse(audit.out))).toEqual([`${shop} us-east-1`]);
});

test("keys that run out for good leave gaps, and keep what was read before", () => {
  const { code, err, folder } = doneOf("static keys");
  const { refused, answers } = documentOf(folder);
  expect([code, err]).toEqual([3, expect.not.stringMatching(STACK)]);
  expect(answers.length).toBeGreaterThan(10);
  expect(refused.length).toBeGreaterThan(10);
  for (const each of refused)
    expect([each.code, each.account]).toEqual([expect.stringMatching(/^(?:RequestExpired|ExpiredToken)/), management]);
});

const tableIds = (folder: string): readonly string[] =>
  [...listsIn(folder)]
    .filter(([name]) => name.endsWith("/describe-route-tables"))
    .flatMap(([, list]) => (isObject(list) ? objectsAt(list, "/RouteTables") : []))
    .map(({ RouteTableId }) => textOf(RouteTableId));

const idsOf = (list: readonly Body[]): readonly string[] => list.map(({ RouteTableId }) => String(RouteTableId));

describe("a list of several pages", () => {
  test("is whole where nothing is wrong", () => {
    expect(tableIds(doneOf("healthy and long").folder)).toEqual(idsOf(longTables));
  });

  test("is begun anew when its token is not taken, with no page twice", () => {
    const { code, folder, calls } = doneOf("a token");
    expect(code).toBe(0);
    expect(contentOf(folder)).toEqual(contentOf(doneOf("healthy and long").folder));
    expect(calls.filter(({ action }) => action === "DescribeRouteTables")).toHaveLength(5);
  });

  test("is begun anew when it changes under the reader, and is then as it became", () => {
    const { code, folder } = doneOf("a list that grows at its begin");
    expect(code).toBe(0);
    expect(tableIds(folder)).toEqual(idsOf([...many(1, 900), ...longTables]));
    const files = documentOf(folder).answers.filter(({ call }) => call === "ec2:DescribeRouteTables");
    expect(files.map((each) => each.files.length)).toEqual([3]);
  });

  test.each([
    ["a page that is denied", /^UnauthorizedOperation$/],
    ["a token each time", /^InvalidPaginationToken$/],
    ["a list that grows each time", /^ChangedWhileRead$/],
  ])("is a gap in the end, whatever of it was read: %s", async (name, code) => {
    const { folder, ...ended } = doneOf(name);
    expect(ended.code).toBe(3);
    expect(documentOf(folder).refused).toEqual([
      {
        cloud: "aws",
        call: "ec2:DescribeRouteTables",
        account: shop,
        region: "eu-west-1",
        code: expect.stringMatching(code),
        message: expect.any(String),
      },
    ]);
    // The first page alone would say that the machine has no way to the internet.
    const why = await run(["why", ...NEEDS, "--json", "--snapshot", folder]);
    expect([why.code, why.out]).toEqual([3, expect.stringContaining("ec2:DescribeRouteTables")]);
    const healthy = await run(["why", ...NEEDS, "--snapshot", doneOf("healthy and long").folder]);
    expect(healthy.code).toBe(0);
  });
});
