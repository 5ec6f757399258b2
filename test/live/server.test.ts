import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import {
  DescribeAddressesCommand,
  DescribeInstanceConnectEndpointsCommand,
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeManagedPrefixListsCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRegionsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  type DescribeSecurityGroupsCommandOutput,
  DescribeStaleSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcBlockPublicAccessOptionsCommand,
  DescribeVpcsCommand,
  EC2Client,
  EC2ServiceException,
  GetManagedPrefixListEntriesCommand,
  SearchTransitGatewayRoutesCommand,
} from "@aws-sdk/client-ec2";
import * as elb from "@aws-sdk/client-elastic-load-balancing";
import * as elbv2 from "@aws-sdk/client-elastic-load-balancing-v2";
import * as accelerators from "@aws-sdk/client-global-accelerator";
import { ListAccountsCommand, OrganizationsClient, paginateListAccounts } from "@aws-sdk/client-organizations";
import { DescribeInstanceInformationCommand, SSMClient } from "@aws-sdk/client-ssm";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { programs } from "../aws/server.ts";
import { serveApart } from "./apart.ts";
import {
  type Answers,
  type Call,
  type Estate,
  largeEstate,
  management,
  reader,
  retired,
  shop,
  smallEstate,
} from "./estate.ts";
import type { Effect, Fault } from "./faults.ts";
import { buckets } from "./limits.ts";
import { type LiveServer, type Options, serve } from "./server.ts";

const open: LiveServer[] = [];

const start = async (estate: Estate, options?: Options): Promise<LiveServer> => {
  const server = await serve(estate, options);
  open.push(server);
  return server;
};

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

const root = { accessKeyId: "AKIAHARBOURREADER001", secretAccessKey: "any" };

const settings = ({ url }: LiveServer, region = "eu-west-1") => ({
  endpoint: url,
  region,
  credentials: root,
  maxAttempts: 1,
});

const inShop = async (server: LiveServer, region = "eu-west-1") => {
  const { Credentials } = await new STSClient(settings(server)).send(
    new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${shop}:role/${reader}`, RoleSessionName: "test" }),
  );
  return {
    ...settings(server, region),
    credentials: {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
    },
  };
};

/** What a client read, as the AWS CLI would print it. */
const printed = (read: object): unknown => {
  const { $metadata: _, ...members } = { $metadata: undefined, ...read };
  return printedValue(members);
};

const printedValue = (value: unknown): unknown => {
  if (value instanceof Date) return moment(value);
  if (Array.isArray(value)) return value.map(printedValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, printedValue(inner)]));
};

const moment = (date: Date): string => {
  const [seconds, parts] = date.toISOString().slice(0, -1).split(".");
  return `${seconds}${parts === "000" ? "" : `.${parts}000`}+00:00`;
};

const { answers } = smallEstate.accounts[shop]?.regions["eu-west-1"] ?? { answers: {} };

const told = (from: Answers, call: Call, params: Readonly<Record<string, unknown>> = {}): unknown => {
  const answer = from[call];
  return typeof answer === "function" ? answer(params) : answer;
};

describe("the official clients read what the estate tells", () => {
  test("of EC2", async () => {
    const server = await start(smallEstate);
    const client = new EC2Client(await inShop(server));
    const read = {
      "ec2:DescribeVpcs": await client.send(new DescribeVpcsCommand({ MaxResults: 1000 })),
      "ec2:DescribeSubnets": await client.send(new DescribeSubnetsCommand({})),
      "ec2:DescribeRouteTables": await client.send(new DescribeRouteTablesCommand({ MaxResults: 100 })),
      "ec2:DescribeNetworkAcls": await client.send(new DescribeNetworkAclsCommand({})),
      "ec2:DescribeInternetGateways": await client.send(new DescribeInternetGatewaysCommand({})),
      "ec2:DescribeSecurityGroups": await client.send(new DescribeSecurityGroupsCommand({ MaxResults: 5 })),
      "ec2:DescribeInstances": await client.send(new DescribeInstancesCommand({})),
      "ec2:DescribeNetworkInterfaces": await client.send(new DescribeNetworkInterfacesCommand({})),
      "ec2:DescribeAddresses": await client.send(new DescribeAddressesCommand({})),
      "ec2:DescribeManagedPrefixLists": await client.send(new DescribeManagedPrefixListsCommand({})),
      "ec2:DescribeInstanceConnectEndpoints": await client.send(new DescribeInstanceConnectEndpointsCommand({})),
      "ec2:DescribeVpcBlockPublicAccessOptions": await client.send(new DescribeVpcBlockPublicAccessOptionsCommand({})),
    } satisfies { readonly [call in Call]?: object };
    for (const [call, output] of Object.entries(read))
      expect({ call, ...Object(printed(output)) }).toEqual({ call, ...Object(Reflect.get(answers, call)) });
  });

  test("of load balancers, accelerators and agents", async () => {
    const server = await start(smallEstate);
    const there = await inShop(server);
    const v2 = new elbv2.ElasticLoadBalancingV2Client(there);
    const { LoadBalancers } = await v2.send(new elbv2.DescribeLoadBalancersCommand({}));
    expect(printed({ LoadBalancers })).toEqual(told(answers, "elbv2:DescribeLoadBalancers"));
    const LoadBalancerArn = LoadBalancers?.[1]?.LoadBalancerArn;
    const { Listeners } = await v2.send(new elbv2.DescribeListenersCommand({ LoadBalancerArn }));
    expect(Listeners?.map(({ LoadBalancerArn }) => LoadBalancerArn)).toEqual([LoadBalancerArn]);
    const { TargetGroups } = await v2.send(new elbv2.DescribeTargetGroupsCommand({}));
    for (const { TargetGroupArn } of TargetGroups ?? [])
      expect(printed(await v2.send(new elbv2.DescribeTargetHealthCommand({ TargetGroupArn })))).toEqual(
        told(answers, "elbv2:DescribeTargetHealth", { TargetGroupArn }),
      );
    expect(printed(await v2.send(new elbv2.DescribeLoadBalancerAttributesCommand({ LoadBalancerArn })))).toEqual(
      told(answers, "elbv2:DescribeLoadBalancerAttributes", { LoadBalancerArn }),
    );

    const v1 = new elb.ElasticLoadBalancingClient(there);
    expect(printed(await v1.send(new elb.DescribeLoadBalancersCommand({})))).toEqual(
      told(answers, "elb:DescribeLoadBalancers"),
    );
    expect(
      printed(await v1.send(new elb.DescribeLoadBalancerAttributesCommand({ LoadBalancerName: "shop-classic" }))),
    ).toEqual(told(answers, "elb:DescribeLoadBalancerAttributes"));

    const { global } = smallEstate.accounts[shop] ?? { global: {} };
    const front = new accelerators.GlobalAcceleratorClient({ ...there, region: "us-west-2" });
    const { Accelerators } = await front.send(new accelerators.ListAcceleratorsCommand({}));
    expect(printed({ Accelerators })).toEqual(told(global, "globalaccelerator:ListAccelerators"));
    const { Listeners: doors } = await front.send(
      new accelerators.ListListenersCommand({ AcceleratorArn: Accelerators?.[0]?.AcceleratorArn }),
    );
    const ListenerArn = doors?.[0]?.ListenerArn;
    expect(printed(await front.send(new accelerators.ListEndpointGroupsCommand({ ListenerArn })))).toEqual(
      told(global, "globalaccelerator:ListEndpointGroups", { ListenerArn }),
    );

    expect(
      printed(await new SSMClient(there).send(new DescribeInstanceInformationCommand({ MaxResults: 50 }))),
    ).toEqual(told(answers, "ssm:DescribeInstanceInformation"));
  });

  test("of who is who", async () => {
    const server = await start(smallEstate);
    const organization = new OrganizationsClient(settings(server));
    const { Accounts } = await organization.send(new ListAccountsCommand({}));
    expect(Accounts?.map(({ Id, State }) => [Id, State]).toSorted()).toEqual([
      [management, "ACTIVE"],
      [retired, "SUSPENDED"],
      [shop, "ACTIVE"],
      ["777788889999", "ACTIVE"],
    ]);
    const there = await inShop(server);
    expect(await new STSClient(there).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: shop,
      Arn: `arn:aws:sts::${shop}:assumed-role/${reader}/test`,
    });
    await expect(new OrganizationsClient(there).send(new ListAccountsCommand({}))).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    const closed = new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${retired}:role/${reader}`, RoleSessionName: "x" });
    await expect(new STSClient(settings(server)).send(closed)).rejects.toMatchObject({ name: "AccessDenied" });
    const stranger = { ...settings(server), credentials: { ...root, accessKeyId: "AKIANOBODY" } };
    await expect(new EC2Client(stranger).send(new DescribeVpcsCommand({}))).rejects.toMatchObject({
      name: "AuthFailure",
      $metadata: { httpStatusCode: 401 },
    });
    await expect(new STSClient(stranger).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: "InvalidClientTokenId",
    });
  });

  test("of Regions, also of those that are not enabled", async () => {
    const server = await start(smallEstate);
    const client = new EC2Client(settings(server));
    const enabled = await client.send(new DescribeRegionsCommand({}));
    const all = await client.send(new DescribeRegionsCommand({ AllRegions: true }));
    expect(enabled.Regions?.map(({ RegionName }) => RegionName)).toEqual(["eu-west-1", "us-east-1"]);
    expect(all.Regions?.map(({ OptInStatus }) => OptInStatus)).toEqual([
      "opt-in-not-required",
      "opt-in-not-required",
      "not-opted-in",
    ]);
    const closed = new EC2Client(settings(server, "af-south-1"));
    await expect(closed.send(new DescribeVpcsCommand({}))).rejects.toMatchObject({
      name: "AuthFailure",
      $metadata: { httpStatusCode: 401, attempts: 1 },
    });
  });
});

/** One account with one Region that gives these answers. */
const only = (answers: Answers): Estate => ({
  accounts: {
    [management]: {
      name: "Only",
      keys: [root.accessKeyId],
      roles: {},
      global: {},
      regions: { "eu-west-1": { optIn: "opt-in-not-required", answers } },
    },
  },
});

const lists = Array.from({ length: 23 }, (_, index) => ({
  VpcId: `vpc-${String(index % 3)}`,
  GroupId: `sg-${String(index)}`,
  Description: ` ${String(index)} <&> "ü" `,
}));

const groups = only({ "ec2:DescribeSecurityGroups": { SecurityGroups: lists } });

describe("lists", () => {
  test("come page by page, whole and in order", async () => {
    const server = await start(groups);
    const client = new EC2Client(settings(server));
    const read: unknown[] = [];
    let NextToken: string | undefined;
    do {
      const page: DescribeSecurityGroupsCommandOutput = await client.send(
        new DescribeSecurityGroupsCommand({ MaxResults: 7, NextToken }),
      );
      read.push(...(page.SecurityGroups ?? []));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(read).toEqual(lists);
    expect(server.calls.map(({ page, outcome }) => [page, outcome])).toEqual(
      Array.from({ length: 4 }, () => [true, "answered"]),
    );
  });

  test("of accounts have twenty on a page", async () => {
    const others = Object.fromEntries(
      Array.from({ length: 44 }, (_, index) => [
        String(300000000000 + index),
        { name: `A ${index}`, keys: [], roles: {}, global: {}, regions: {} },
      ]),
    );
    const server = await start({ organization: { management }, accounts: { ...groups.accounts, ...others } });
    const pages: number[] = [];
    for await (const { Accounts } of paginateListAccounts({ client: new OrganizationsClient(settings(server)) }, {}))
      pages.push(Accounts?.length ?? 0);
    expect(pages).toEqual([20, 20, 5]);
  });

  test("are filtered", async () => {
    const client = new EC2Client(settings(await start(groups)));
    const filtered = await client.send(
      new DescribeSecurityGroupsCommand({ Filters: [{ Name: "vpc-id", Values: ["vpc-1", "vpc-2"] }] }),
    );
    expect(filtered.SecurityGroups).toHaveLength(15);
    const named = await client.send(new DescribeSecurityGroupsCommand({ GroupIds: ["sg-3", "sg-4"] }));
    expect(named.SecurityGroups?.map(({ GroupId }) => GroupId)).toEqual(["sg-3", "sg-4"]);
    await expect(
      client.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: "colour", Values: ["red"] }] })),
    ).rejects.toMatchObject({ name: "InvalidParameterValue" });
  });

  test("have sizes that are too large, and tokens that are not theirs", async () => {
    const client = new EC2Client(settings(await start(groups)));
    const name = "InvalidParameterValue";
    await expect(client.send(new DescribeRouteTablesCommand({ MaxResults: 101 }))).rejects.toMatchObject({ name });
    await expect(client.send(new DescribeVpcsCommand({ MaxResults: 4 }))).rejects.toMatchObject({ name });
    await expect(
      client.send(new DescribeNetworkInterfacesCommand({ MaxResults: 5, NetworkInterfaceIds: ["eni-1"] })),
    ).rejects.toMatchObject({ name: "InvalidParameterCombination" });
    const first = await client.send(new DescribeSecurityGroupsCommand({ MaxResults: 5 }));
    await expect(
      client.send(new DescribeVpcsCommand({ MaxResults: 5, NextToken: first.NextToken })),
    ).rejects.toMatchObject({ name: "InvalidPaginationToken" });
    await expect(
      client.send(new GetManagedPrefixListEntriesCommand({ PrefixListId: undefined })),
    ).rejects.toMatchObject({ name: "MissingParameter" });
  });

  test("may be empty, or of something that is not there", async () => {
    const client = new EC2Client(settings(await start(groups)));
    const { Routes } = await client.send(
      new SearchTransitGatewayRoutesCommand({
        TransitGatewayRouteTableId: "tgw-rtb-1",
        Filters: [{ Name: "state", Values: ["active"] }],
      }),
    );
    expect(Routes).toEqual([]);
    const there = new EC2Client(await inShop(await start(smallEstate)));
    await expect(there.send(new GetManagedPrefixListEntriesCommand({ PrefixListId: "pl-0" }))).rejects.toMatchObject({
      name: "InvalidPrefixListID.NotFound",
    });
  });

  test("may change between two pages", async () => {
    const SecurityGroups = lists.slice(0, 8);
    const faults: readonly Fault[] = [{ match: { nth: 1 }, does: { is: "changes", to: { SecurityGroups } } }];
    const client = new EC2Client(settings(await start(groups, { faults })));
    const first = await client.send(new DescribeSecurityGroupsCommand({ MaxResults: 7 }));
    const second = await client.send(new DescribeSecurityGroupsCommand({ MaxResults: 7, NextToken: first.NextToken }));
    expect([first.SecurityGroups?.length, second.SecurityGroups?.length]).toEqual([7, 1]);
    expect(second.NextToken).toBeUndefined();
  });
});

describe("the buckets of the cloud", () => {
  const rows = [
    ["pages", 100, 20, (client: EC2Client) => client.send(new DescribeSecurityGroupsCommand({ MaxResults: 5 }))],
    ["everything at once", 50, 10, (client: EC2Client) => client.send(new DescribeSecurityGroupsCommand({}))],
    [
      "stale groups",
      20,
      5,
      (client: EC2Client) => client.send(new DescribeStaleSecurityGroupsCommand({ VpcId: "vpc-1" })),
    ],
  ] as const;

  test.each(rows)("hold tokens for %s", async (_, capacity, refill, send) => {
    const server = await start(groups, { throttles: true });
    const client = new EC2Client(settings(server));
    const begin = performance.now();
    const answered = () => server.calls.filter(({ outcome }) => outcome === "answered").length;
    const most = () => capacity + Math.ceil(((performance.now() - begin) / 1000) * refill);

    const results = await Promise.allSettled(Array.from({ length: 2 * capacity }, () => send(client)));
    const refused = results.filter((result) => result.status === "rejected");
    expect(refused[0]?.reason).toMatchObject({ name: "RequestLimitExceeded", $metadata: { httpStatusCode: 503 } });
    const first = answered();
    expect(first).toBeGreaterThanOrEqual(capacity);
    expect(first).toBeLessThanOrEqual(most());

    await new Promise((done) => setTimeout(done, 1000));
    await Promise.allSettled(Array.from({ length: 2 * capacity }, () => send(client)));
    expect(answered()).toBeGreaterThanOrEqual(first + refill);
    expect(answered()).toBeLessThanOrEqual(most());

    expect(await client.send(new DescribeAddressesCommand({}))).toMatchObject({ Addresses: [] });
  });

  test("fill up again at their own pace", () => {
    let now = 0;
    const take = buckets(() => now);
    const bucket = { name: "", capacity: 100, refill: 20 };
    const taken = (): number => Array.from({ length: 300 }, () => take("one", bucket)).filter(Boolean).length;
    expect(taken()).toBe(100);
    now = 50;
    expect(taken()).toBe(1);
    now = 1050;
    expect(taken()).toBe(20);
    now = 60_000;
    expect(taken()).toBe(100);
    expect(take("other", bucket)).toBe(true);
  });

  test("are met with patience by the official client", async () => {
    const faults: readonly Fault[] = [
      { match: { nth: { from: 1, to: 2 } }, does: { is: "refused", trouble: "throttled" } },
    ];
    const server = await start(groups, { faults });
    const client = new EC2Client({ ...settings(server), maxAttempts: 3 });
    expect((await client.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups).toHaveLength(23);
    expect(server.calls.map(({ outcome }) => outcome)).toEqual(["fault", "fault", "answered"]);
  });
});

describe("faults look to the official client as the real ones", () => {
  const failing = async (does: Effect, more: object = {}): Promise<unknown> => {
    const server = await start(groups, { faults: [{ match: { action: "DescribeSecurityGroups" }, does }] });
    const client = new EC2Client({ ...settings(server), ...more });
    return client.send(new DescribeSecurityGroupsCommand({ MaxResults: 7 })).catch((error: unknown) => error);
  };

  test.each([
    ["denied", "UnauthorizedOperation", 403],
    ["opt-in", "OptInRequired", 401],
    ["credentials", "AuthFailure", 401],
    ["expired", "RequestExpired", 400],
    ["throttled", "RequestLimitExceeded", 503],
    ["internal", "InternalError", 500],
    ["unavailable", "Unavailable", 503],
    ["token", "InvalidPaginationToken", 400],
  ] as const)("%s", async (trouble, name, httpStatusCode) => {
    const error = await failing({ is: "refused", trouble });
    expect(error).toBeInstanceOf(EC2ServiceException);
    expect(error).toMatchObject({ name, Code: name, $metadata: { httpStatusCode } });
  });

  test("HTML instead of XML", async () => {
    for (const status of [200, 502] as const) {
      const error = await failing({ is: "html", status });
      expect(String(error)).toMatch(/XML parse error/);
      expect(error).toMatchObject({ $metadata: { httpStatusCode: status } });
    }
  });

  test("half an answer", async () => {
    expect(String(await failing({ is: "torn" }))).toMatch(/XML parse error/);
    expect(String(await failing({ is: "cut-off" }))).toMatch(/aborted/);
  });

  // Within jest, an error of Node itself is no Error to the client, which wraps it: only its text is there to be seen.
  test("a connection that breaks, or stays silent", async () => {
    expect(String(await failing({ is: "reset" }))).toMatch(/ECONNRESET/);
    const requestHandler = { requestTimeout: 200, throwOnRequestTimeout: true };
    expect(String(await failing({ is: "silent" }, { requestHandler }))).toMatch(/TimeoutError/);
  });

  test("an answer that takes its time", async () => {
    const begin = performance.now();
    expect(await failing({ is: "slow", bytes: 400, every: 30 })).toMatchObject({
      SecurityGroups: expect.arrayContaining([]),
    });
    expect(performance.now() - begin).toBeGreaterThan(60);
  });

  test("a session that ends, until there is a new one", async () => {
    const faults: readonly Fault[] = [{ match: { account: shop }, does: { is: "expires", after: 2 } }];
    const server = await start(smallEstate, { faults });
    const old = new EC2Client(await inShop(server));
    await old.send(new DescribeVpcsCommand({}));
    await old.send(new DescribeVpcsCommand({}));
    await expect(old.send(new DescribeVpcsCommand({}))).rejects.toMatchObject({ name: "RequestExpired" });
    expect(await new EC2Client(await inShop(server)).send(new DescribeVpcsCommand({}))).toHaveProperty("Vpcs");
  });

  test("in the words of each protocol", async () => {
    const faults: readonly Fault[] = [{ match: {}, does: { is: "refused", trouble: "denied" } }];
    const server = await start(smallEstate, { faults });
    const v2 = new elbv2.ElasticLoadBalancingV2Client(settings(server));
    await expect(v2.send(new elbv2.DescribeLoadBalancersCommand({}))).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(
      new SSMClient(settings(server)).send(new DescribeInstanceInformationCommand({})),
    ).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});

test("a server of its own tells how often it was called", async () => {
  const server = await serveApart(JSON.stringify({ interfaces: 200, regions: 2 }), { latency: 20 });
  try {
    const credentials = { accessKeyId: "AKIALARGEESTATE00001", secretAccessKey: "any" };
    const client = new EC2Client({ endpoint: server.url, region: "eu-west-1", credentials });
    const { NetworkInterfaces } = await client.send(new DescribeNetworkInterfacesCommand({ MaxResults: 1000 }));
    expect(NetworkInterfaces?.length).toBeGreaterThan(0);
    expect(await server.stats()).toMatchObject({
      total: 1,
      calls: { [`${management} eu-west-1 ec2:DescribeNetworkInterfaces`]: 1 },
    });
  } finally {
    await server.end();
  }
});

test("a large estate is the same each time, and lies in all of its Regions", async () => {
  const counts = async (): Promise<readonly number[]> => {
    const server = await start(largeEstate(3000, 2));
    const credentials = { accessKeyId: "AKIALARGEESTATE00001", secretAccessKey: "any" };
    const read = async (region: string): Promise<number> => {
      const client = new EC2Client({ ...settings(server, region), credentials });
      return (await client.send(new DescribeNetworkInterfacesCommand({}))).NetworkInterfaces?.length ?? 0;
    };
    return [await read("eu-west-1"), await read("us-east-1")];
  };
  const once = await counts();
  expect(once.reduce((sum, count) => sum + count)).toBe(3000);
  expect(await counts()).toEqual(once);
}, 30_000);

const cli = programs.aws === undefined ? test.skip : test;

/** An older one leaves out what it does not know. */
describe("the AWS command line reads the same", () => {
  const config = join(mkdtempSync(join(tmpdir(), "live-")), "config");
  beforeAll(() => writeFileSync(config, "[default]\ncli_timestamp_format = iso8601\n"));
  afterAll(() => rmSync(dirname(config), { recursive: true }));

  const aws = async (server: LiveServer, ...words: readonly string[]): Promise<object> => {
    const { credentials } = await inShop(server);
    const { stdout } = await promisify(execFile)(
      programs.aws ?? "",
      [...words, "--endpoint-url", server.url, "--output", "json", "--region", "eu-west-1"],
      {
        env: {
          PATH: process.env["PATH"] ?? "",
          HOME: dirname(config),
          AWS_CONFIG_FILE: config,
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          AWS_SESSION_TOKEN: credentials.sessionToken,
          AWS_EC2_METADATA_DISABLED: "true",
          AWS_PAGER: "",
        },
      },
    );
    const printed: unknown = JSON.parse(stdout);
    if (typeof printed !== "object" || printed === null) throw new Error(`${words.join(" ")} printed ${stdout}`);
    return printed;
  };

  cli.each([
    ["ec2:DescribeInstances", "ec2", "describe-instances"],
    ["ec2:DescribeNetworkInterfaces", "ec2", "describe-network-interfaces", "--page-size", "5"],
    ["ec2:DescribeSecurityGroups", "ec2", "describe-security-groups"],
    ["elbv2:DescribeLoadBalancers", "elbv2", "describe-load-balancers"],
    ["elb:DescribeLoadBalancers", "elb", "describe-load-balancers"],
    ["ssm:DescribeInstanceInformation", "ssm", "describe-instance-information"],
  ] as const)(
    "%s",
    async (call, ...words) => {
      const server = await start(smallEstate);
      const printed = await aws(server, ...words);
      const whole = Object.entries(answers).find(([name]) => name === call)?.[1];
      expect(Object.keys(printed)).toEqual(Object.keys(whole ?? {}));
      expect(whole).toMatchObject(printed);
    },
    20_000,
  );
});
