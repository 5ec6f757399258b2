import { afterAll, describe, expect, test } from "@jest/globals";
import { aws } from "#providers/aws/index.ts";
import { run } from "../run.ts";
import { STACK } from "../snapshots/ask.ts";
import { at, objectsAt, parse } from "../snapshots/folder.ts";
import { type Estate, data, management, retired, shop, smallEstate, wholeEstate } from "./estate.ts";
import type { Fault } from "./faults.ts";
import { type Ended, collect, documentOf, sallyport, isObject, textOf } from "./program.ts";
import { type LiveServer, serve } from "./server.ts";

const open: LiveServer[] = [];
afterAll(async () => {
  await Promise.all(open.map((server) => server.close()));
});

interface Examined extends Ended {
  readonly server: LiveServer;
}

const doctor = async (
  words: readonly string[],
  faults: readonly Fault[] = [],
  estate: Estate = wholeEstate,
): Promise<Examined> => {
  const server = await serve(estate, { faults });
  open.push(server);
  return { server, ...(await sallyport(server.url, ["doctor", "--aws", ...words])) };
};

const denied = (api: "ec2" | "elbv2", action: string, region?: string): Fault => ({
  match: { api, action, account: shop, ...(region === undefined ? {} : { region }) },
  does: { is: "refused", trouble: "denied" },
});

const trialsIn = (out: string): readonly string[] =>
  objectsAt(parse(out), "/trials").map(({ call, outcome }) => `${textOf(call)} ${textOf(outcome)}`);

const flat = (out: string): string => out.replaceAll(/\s+/g, " ");

describe("doctor says", () => {
  test("who one is, which accounts and Regions there are, and that nothing is missing", async () => {
    const { code, out, err, took } = await doctor(["--organization"]);
    expect([code, err]).toEqual([0, ""]);
    expect(took).toBeLessThan(5000);
    expect(out).toContain(`You are arn:aws:iam::${management}:user/reader in account ${management}`);
    for (const [account, name] of [
      [management, "Harbour"],
      [shop, "Harbour Shop"],
      [data, "Harbour Data"],
    ])
      expect(flat(out)).toContain(`${account} (${name}): eu-west-1, us-east-1; not read: af-south-1 (not-opted-in)`);
    expect(out).toContain(`✓ ${new Set(aws.permissions.map(({ call }) => call)).size + 1} calls are allowed`);
    expect(out).not.toMatch(/not tried|Refused/);
  }, 20_000);

  test("each call that is refused, where, and what it costs", async () => {
    const faults = [denied("ec2", "DescribeSecurityGroups"), denied("elbv2", "DescribeTargetHealth", "eu-west-1")];
    const { code, out } = await doctor(["--account", shop], faults);
    expect(code).toBe(3);
    const costs = new Map(aws.permissions.map((each) => [each.call, each.costs]));
    const groups = "ec2:DescribeSecurityGroups";
    const health = "elasticloadbalancing:DescribeTargetHealth";
    expect(flat(out)).toContain(
      `? ${groups}: UnauthorizedOperation in ${shop} eu-west-1, ${shop} us-east-1 ${costs.get(groups)}`,
    );
    expect(flat(out)).toContain(`? ${health}: AccessDenied in ${shop} eu-west-1 ${costs.get(health)}`);
    expect(out).toContain("The least policy: sallyport permissions aws --format policy");
  }, 20_000);

  test("what could not be tried for want of a thing to ask about", async () => {
    const { code, out } = await doctor(["--account", data]);
    expect(code).toBe(0);
    expect(flat(out)).toContain("? not tried, for want of a thing to ask about:");
    expect(flat(out)).toContain("ec2:SearchTransitGatewayRoutes");
  }, 20_000);

  test("which account lets nobody in", async () => {
    const { code, out } = await doctor(["--account", retired, "--account", shop]);
    expect([code, flat(out)]).toEqual([3, expect.stringContaining(`? sts:AssumeRole: AccessDenied in ${retired}`)]);
  }, 20_000);
});

describe("doctor as JSON", () => {
  test("is one document: who, where, and each call in each place", async () => {
    const { code, out, err } = await doctor(["--organization", "--json"], [denied("ec2", "DescribeVpcs", "us-east-1")]);
    expect([code, err]).toEqual([3, ""]);
    const answer = parse(out);
    expect(isObject(answer) ? Object.keys(answer) : []).toEqual(["identities", "scopes", "trials"]);
    expect(at(answer, "/identities")).toEqual([
      { cloud: "aws", account: management, who: `arn:aws:iam::${management}:user/reader` },
    ]);
    expect(objectsAt(answer, "/scopes")).toHaveLength(9);
    const refused = objectsAt(answer, "/trials").filter(({ outcome }) => outcome === "refused");
    expect(refused).toEqual([
      {
        call: "ec2:DescribeVpcs",
        scope: { account: shop, region: "us-east-1" },
        outcome: "refused",
        why: expect.stringMatching(/^UnauthorizedOperation: /),
      },
    ]);
    expect(new Set(objectsAt(answer, "/trials").map(({ outcome }) => outcome))).toEqual(
      new Set(["allowed", "refused"]),
    );
  }, 20_000);

  test("tries every call of the policy, and no other", async () => {
    const { out, server } = await doctor(["--organization", "--json"]);
    const tried = new Set(trialsIn(out).map((each) => each.replace(/ .*/, "")));
    const policy = objectsAt(parse((await run(["permissions", "aws", "--format", "policy"])).out), "/Statement");
    const allowed = policy.flatMap(({ Action }) => (Array.isArray(Action) ? Action.map(String) : []));
    // Who one is was asked before anything was tried.
    expect([...tried].toSorted()).toEqual(allowed.filter((each) => each !== "sts:GetCallerIdentity").toSorted());
    const prefixes = new Map([
      ["elb", "elasticloadbalancing"],
      ["elbv2", "elasticloadbalancing"],
    ]);
    const made = server.calls.map(({ service, action }) => `${prefixes.get(service) ?? service}:${action}`);
    const hub = ["organizations:ListAccounts", "sts:AssumeRole"];
    expect([...new Set(made)].toSorted()).toEqual([...allowed, ...hub].toSorted());
  }, 20_000);

  test("asks for small pages, and for the first alone", async () => {
    const { server } = await doctor(["--organization"]);
    const sized = server.calls.filter(({ page, service }) => page && service !== "organizations");
    const sizes = sized.map(({ params }) => Number(params["MaxResults"] ?? params["PageSize"]));
    expect([Math.min(...sizes), Math.max(...sizes)]).toEqual([5, 5]);
    expect(server.calls.filter(({ params }) => "NextToken" in params || "Marker" in params)).toEqual([]);
  }, 20_000);
});

test.each<readonly [string, readonly string[], Readonly<Record<string, string | undefined>>, RegExp]>([
  [
    "no credentials",
    [],
    { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
    /AWS does not know who is asking/,
  ],
  [
    "a profile that is not there",
    ["--profile", "nobody"],
    {},
    /AWS does not know who is asking \(credentials: nobody\)/,
  ],
  ["an account that is none", ["--account", "1"], {}, /is no account of AWS/],
])(
  "wrong usage is 2: %s",
  async (_what, words, env, says) => {
    const server = await serve(smallEstate);
    open.push(server);
    const { code, out, err, took } = await sallyport(server.url, ["doctor", "--aws", ...words], env);
    expect([code, out, err]).toEqual([2, "", expect.stringMatching(says)]);
    expect(err).not.toMatch(STACK);
    expect([took < 4000, server.calls.filter(({ service }) => service !== "sts")]).toEqual([true, []]);
  },
  20_000,
);

test("what doctor allows, collect reads, and what it refuses is refused there too", async () => {
  const faults = [denied("ec2", "DescribeNetworkAcls"), denied("elbv2", "DescribeListeners")];
  const { out, server } = await doctor(["--account", shop, "--json"], faults);
  const { folder, code } = await collect(server.url, ["--account", shop]);
  const { answers, refused } = documentOf(folder);
  const place = (call: string, account: unknown, region: unknown): string => [call, account, region ?? null].join(" ");
  const tried = (outcome: string): readonly string[] => [
    ...new Set(
      objectsAt(parse(out), "/trials")
        .filter((trial) => trial["outcome"] === outcome)
        .map((trial) => place(textOf(trial["call"]), at(trial, "/scope/account"), at(trial, "/scope/region"))),
    ),
  ];
  expect(code).toBe(3);
  expect(tried("refused").toSorted()).toEqual(
    [...new Set(refused.map(({ call, account, region }) => place(call, account, region)))].toSorted(),
  );
  const read = new Set(answers.map(({ call, account, region }) => place(call, account, region)));
  expect([...read].filter((each) => !tried("allowed").includes(each))).toEqual([]);
}, 20_000);
