import { cp, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { run } from "../run.ts";
import type { Cloud } from "./cloud.ts";
import { REGION, buildCloud } from "./cloud.ts";
import { dump } from "./dump.ts";
import type { Server } from "./server.ts";
import { missing, programs, startServer } from "./server.ts";

/** In the half of the internet below 128.0.0.0, and in 64.0.0.0/2. */
const OFFICE = "81.2.69.142";
/** In the upper half; it stands for an internet address, as documentation ranges do. */
const STRANGER = "203.0.113.9";

type Row = readonly [ask: string, exit: 0 | 1 | 3, verdict: "reachable" | "blocked" | "unknown", ...stops: string[]];

/** What the hops that stop must be follows from what `cloud.ts` built and from aws.md A, never from the program. */
const rows: readonly Row[] = [
  // one office address; the ping has a rule of its own, by type
  [`office-1 --from ${OFFICE}`, 0, "reachable"],
  [`office-1 --from 81.2.69.143`, 1, "blocked", "security-group"],
  [`office-1 --from ${OFFICE} --port 3389`, 1, "blocked", "security-group"],
  [`office-1 --from ${OFFICE} --protocol udp --port 22`, 1, "blocked", "security-group"],
  [`office-1 --from 81.2.69.7 --protocol icmp`, 0, "reachable"],
  [`office-1 --from 81.2.69.7 --protocol icmp --port 13`, 1, "blocked", "security-group"],
  [`office-1 --from ${STRANGER} --protocol icmp`, 1, "blocked", "security-group"],
  // two halves are the whole
  [`world-1 --from ${OFFICE}`, 0, "reachable"],
  [`world-1 --from ${STRANGER}`, 0, "reachable"],
  [`world-1 --from ${STRANGER} --port 23`, 1, "blocked", "security-group"],
  // protocol "6" is TCP, "47" has no ports, "-1" is everything
  [`web-1 --from ${STRANGER} --port 443`, 0, "reachable"],
  [`web-1 --from ${STRANGER} --protocol udp --port 443`, 1, "blocked", "security-group"],
  [`web-1 --from 203.0.113.7 --port 3389`, 0, "reachable"],
  [`web-1 --from 203.0.113.7 --protocol udp --port 53`, 0, "reachable"],
  [`web-1 --from 203.0.113.7 --protocol icmp`, 0, "reachable"],
  [`web-1 --from ${OFFICE} --protocol 47`, 0, "reachable"],
  [`web-1 --from ${STRANGER} --protocol 47`, 1, "blocked", "security-group"],
  [`web-1 --from ${OFFICE}`, 1, "blocked", "security-group"],
  // a prefix list of two entries
  [`listed-1 --from 81.2.70.255`, 0, "reachable"],
  [`listed-1 --from 81.2.73.255`, 0, "reachable"],
  [`listed-1 --from 81.2.71.0`, 1, "blocked", "security-group"],
  [`listed-1 --from 81.2.74.0`, 1, "blocked", "security-group"],
  // IPv6 needs no elastic IP, and its rules say nothing of IPv4
  [`six-1 --from 2001:db8::9`, 0, "reachable"],
  [`six-1 --from 2a00::9`, 0, "reachable"],
  [`six-1 --from 2001:db8::9 --protocol icmp`, 0, "reachable"],
  [`six-1 --from 2a00::9 --protocol icmp`, 1, "blocked", "security-group"],
  [`six-1 --from ${STRANGER}`, 1, "blocked", "public-address", "security-group"],
  [`world-1 --from 2001:db8::9`, 1, "blocked", "public-address", "security-group"],
  // no address; not running; two addresses on one interface
  [`bare-1 --from ${STRANGER}`, 1, "blocked", "public-address"],
  [`stopped-1 --from ${STRANGER}`, 1, "blocked", "machine-state"],
  [`stopped-1 --from ${STRANGER} --port 443`, 1, "blocked", "machine-state", "security-group"],
  [`double-1 --from ${STRANGER}`, 0, "reachable"],
  [`double-1 --from ${STRANGER} --protocol icmp`, 1, "blocked", "security-group"],
  // the lowest number wins in an ACL: 50 denies, 100 allows, and 200 is never read
  [`strict-1 --from ${OFFICE}`, 1, "blocked", "network-acl"],
  [`strict-1 --from ${STRANGER}`, 0, "reachable"],
  [`strict-1 --from ${OFFICE} --port 443`, 1, "blocked", "security-group"],
  // replies to the upper client ports only, and none to a ping
  [`half-1 --from ${STRANGER}`, 0, "reachable"],
  [`half-1 --from ${STRANGER} --protocol icmp`, 1, "blocked", "network-acl", "security-group"],
  // no default route: in the main table of one VPC, and in both tables of the other
  [`inner-1 --from ${STRANGER}`, 1, "blocked", "route"],
  [`bench-1 --from ${STRANGER}`, 1, "blocked", "route"],
  [`narrow-1 --from ${OFFICE}`, 0, "reachable"],
  [`narrow-1 --from ${STRANGER}`, 1, "blocked", "route"],
  // inside: the same subnet, another subnet, through the ACL of the client's own subnet
  [`bare-1 --from 10.20.1.11`, 0, "reachable"],
  [`office-1 --from 10.20.1.12`, 1, "blocked", "security-group"],
  [`inner-1 --from 10.20.1.11`, 0, "reachable"],
  [`strict-1 --from 10.20.1.11`, 0, "reachable"],
  [`strict-1 --from 10.20.3.11`, 1, "blocked", "network-acl"],
  [`stopped-1 --from 10.20.1.11`, 1, "blocked", "machine-state"],
  // each of two groups names the other: its members, and nobody else
  [`database-1 --from 10.20.1.18 --port 5432`, 0, "reachable"],
  [`database-1 --from 10.20.1.11 --port 5432`, 1, "blocked", "security-group"],
  [`bastion-1 --from 10.20.10.12 --port 9000`, 0, "reachable"],
  [`bastion-1 --from 10.20.10.11 --port 9000`, 1, "blocked", "security-group"],
  [`bastion-1 --from ${STRANGER} --port 9000`, 1, "blocked", "public-address", "security-group"],
  // across the peering, where both sides have a route, and where one has none
  [`bench-1 --from 10.20.1.18`, 0, "reachable"],
  [`bench-1 --from 10.20.2.11 --port 5433`, 0, "reachable"],
  [`bench-1 --from 10.20.3.11 --port 5433`, 1, "blocked", "network-acl"],
  [`bench-1 --from 10.20.1.18 --port 5433`, 1, "blocked", "security-group"],
  [`bastion-1 --from 10.30.1.11`, 0, "reachable"],
  [`bastion-1 --from 10.30.2.11`, 1, "blocked", "route"],
  [`inner-1 --from 10.30.1.11`, 1, "blocked", "route"],
  [`bench-1 --from 10.20.10.12`, 1, "blocked", "route"],
];

interface Source {
  readonly file: string;
  readonly pointer: string;
}

interface Hop {
  readonly kind: string;
  readonly id: string;
  readonly ruling: string;
  readonly clientPorts?: string;
  readonly evidence: readonly { readonly says: string; readonly source?: Source }[];
}

interface Why {
  readonly verdict: string;
  readonly ways: readonly {
    readonly origin: string;
    readonly address: string | null;
    readonly verdict: string;
    readonly hops: readonly Hop[];
  }[];
  readonly gaps: readonly unknown[];
  readonly assumptions: readonly { readonly says: string }[];
}

interface Who {
  readonly sources: Readonly<Record<"reachable" | "unknown" | "private", readonly string[]>>;
  readonly internet: { readonly ipv4: number; readonly ipv6: number };
}

interface Audit {
  readonly coverage: readonly object[];
  readonly findings: readonly {
    readonly check: string;
    readonly kind: string;
    readonly severity: string;
    readonly resource: Readonly<Record<"type" | "id" | "account" | "region", string | null>>;
  }[];
  readonly gaps: readonly unknown[];
}

type Is<T> = (answer: unknown) => answer is T;
const has =
  <T>(...members: readonly (keyof T & string)[]): Is<T> =>
  (answer): answer is T =>
    typeof answer === "object" && answer !== null && members.every((member) => member in answer);
const isWhy = has<Why>("verdict", "ways", "gaps", "assumptions");
const isWho = has<Who>("sources", "internet");
const isAudit = has<Audit>("coverage", "findings", "gaps");

const place = missing === "" ? describe : describe.skip;
// jest names no test of a file that it skips as a whole.
if (missing !== "") console.warn(`test/aws is skipped: ${missing}`);

place(`what aws prints of a server built with the SDK${missing === "" ? "" : ` (not run: ${missing})`}`, () => {
  let folder = "";
  let server: Server | undefined;
  let cloud: Cloud = { instances: {}, groups: {}, acls: {}, lists: [], front6: "" };

  beforeAll(async () => {
    const { moto = "", aws = "" } = programs;
    folder = await mkdtemp(join(tmpdir(), "sallyport-moto-"));
    server = await startServer(moto, 20_000);
    cloud = await buildCloud(server.endpoint);
    await dump(aws, server.endpoint, cloud.lists, join(folder, "dump"));
  }, 50_000);

  afterAll(async () => {
    await server?.end();
    if (folder !== "") await rm(folder, { recursive: true, force: true });
  }, 10_000);

  const ask = async <T>(words: string, is: Is<T>, snapshot = "dump"): Promise<{ answer: T; code: number }> => {
    const { out, err, code } = await run([...words.split(" "), "--json", "--snapshot", join(folder, snapshot)]);
    const answer: unknown = out === "" ? undefined : JSON.parse(out);
    if (!is(answer)) throw new Error(`${words}: exit ${code}, ${err}${out}`);
    return { answer, code };
  };
  const why = async (words: string, snapshot?: string) => ask(`why ${words}`, isWhy, snapshot);
  const who = async (words: string) => (await ask(`who ${words}`, isWho)).answer;

  const ruled = ({ ways }: Why, ruling: string): readonly string[] =>
    [
      ...new Set(ways.flatMap(({ hops }) => hops.filter((hop) => hop.ruling === ruling).map(({ kind }) => kind))),
    ].toSorted();

  test.each(rows)("why %s: exit %i, %s", async (words, exit, verdict, ...stops) => {
    const { answer, code } = await why(words);
    expect({ code, verdict: answer.verdict, stops: ruled(answer, "stops"), unclear: ruled(answer, "unclear") }).toEqual(
      {
        code: exit,
        verdict,
        stops,
        unclear: [],
      },
    );
    expect(answer.gaps).toEqual([]);
  });

  test("only the client ports that the ACL lets out get their reply", async () => {
    const { answer } = await why(`half-1 --from ${STRANGER}`);
    const [way] = answer.ways;
    expect(
      way?.hops.filter((hop) => hop.kind === "network-acl").map(({ id, clientPorts }) => [id, clientPorts]),
    ).toEqual([
      [cloud.acls["half"], undefined],
      [cloud.acls["half"], "32768-65535"],
    ]);
  });

  // The server prints both elastic IPs with the primary private address, where AWS prints the secondary one with the second.
  test("each of two elastic IPs on one interface is a way in", async () => {
    const { answer } = await why(`double-1 --from ${STRANGER}`);
    expect(answer.ways.map(({ address, verdict }) => `${address} ${verdict}`).toSorted()).toEqual([
      "52.30.0.19 reachable",
      "52.30.0.20 reachable",
    ]);
    expect((await why(`52.30.0.19 --from ${STRANGER}`)).answer).toEqual(answer);
    expect((await why(`10.20.1.20 --from ${STRANGER}`)).answer).toEqual(answer);
  });

  // The ACL of the client's subnet keeps it from the primary address, not from the secondary one.
  test("inside, each private address is a way of its own", async () => {
    const { answer, code } = await why("double-1 --from 10.20.2.11");
    expect(answer.ways.map(({ address, verdict }) => `${address} ${verdict}`).toSorted()).toEqual([
      "10.20.1.19 blocked",
      "10.20.1.20 reachable",
    ]);
    expect([code, answer.verdict]).toEqual([0, "reachable"]);
  });

  // From a neighbour of whom nothing is known, and from one whose group lets IPv6 out to port 22 alone.
  test.each([
    ["six-1", "::99", "22", "reachable"],
    ["six-1", "::99", "8443", "reachable"],
    ["six-1", "::22", "22", "reachable"],
    ["six-1", "::22", "8443", "blocked"],
    ["office-1", "::99", "22", "blocked"],
  ])("inside, over IPv6: %s from %s on port %s is %s", async (machine, client, port, verdict) => {
    expect((await why(`${machine} --from ${cloud.front6}${client} --port ${port}`)).answer.verdict).toBe(verdict);
  });

  test("inside, an IPv6 client dials the IPv6 address", async () => {
    const { answer } = await why(`six-1 --from ${cloud.front6}::99`);
    expect(answer.ways.filter((way) => way.verdict === "reachable").map(({ address }) => address)).toEqual([
      `${cloud.front6}::15`,
    ]);
  });

  test("inside, an IPv6 client does not reach a machine that has no IPv6 address", async () => {
    const { answer, code } = await why(`mute-1 --from ${cloud.front6}::99`);
    expect([code, answer.verdict]).toEqual([1, "blocked"]);
    expect((await who("mute-1")).sources).toMatchObject({ reachable: [], private: [] });
  });

  test("what was never asked for is assumed absent, and named", async () => {
    const { answer } = await why(`world-1 --from ${STRANGER}`);
    expect(answer.assumptions.map(({ says }) => says)).toEqual([expect.stringContaining("block public access")]);
    expect((await why(`world-1 --from ${STRANGER} --strict`)).code).toBe(3);
  });

  test("without the entries of the prefix list the same question is unknown", async () => {
    await cp(join(folder, "dump"), join(folder, "less"), {
      recursive: true,
      filter: (path) => !basename(path).startsWith("pl-"),
    });
    const { answer, code } = await why(`listed-1 --from ${STRANGER}`, "less");
    expect({ code, verdict: answer.verdict, unclear: ruled(answer, "unclear") }).toEqual({
      code: 3,
      verdict: "unknown",
      unclear: ["security-group"],
    });
  });

  test("evidence points at places in the files as they were printed", async () => {
    const files = new Map<string, unknown>();
    for (const name of await readdir(join(folder, "dump")))
      files.set(name, JSON.parse(await readFile(join(folder, "dump", name), "utf8")));
    const at = ({ file, pointer }: Source): unknown =>
      pointer
        .split("/")
        .slice(1)
        .reduce<unknown>(
          (value, step) =>
            typeof value === "object" && value !== null
              ? new Map<string, unknown>(Object.entries(value)).get(step)
              : undefined,
          files.get(basename(file)),
        );
    const seen = async (words: string): Promise<readonly Source[]> =>
      (await why(words)).answer.ways.flatMap(({ hops }) =>
        hops.flatMap(({ evidence }) => evidence.flatMap(({ source }) => (source === undefined ? [] : [source]))),
      );
    const sources = (await Promise.all(rows.map(async ([words]) => seen(words)))).flat();
    expect(sources.length).toBeGreaterThan(rows.length);
    expect(sources.filter((source) => at(source) === undefined)).toEqual([]);
    const denied = (await seen(`strict-1 --from ${OFFICE}`)).map(at);
    expect(denied).toContainEqual(expect.objectContaining({ RuleNumber: 50, RuleAction: "deny" }));
    const listed = (await why("listed-1 --from 81.2.70.255")).answer;
    expect(JSON.stringify(listed)).toContain(cloud.lists[0]);
  });

  test("the text says the same as the JSON", async () => {
    const { out, code } = await run(["why", "strict-1", "--from", OFFICE, "--snapshot", join(folder, "dump")]);
    expect(code).toBe(1);
    expect(out).toContain("strict-1");
    expect(out).toContain(OFFICE);
    expect(out).toMatch(/blocked/i);
    expect(out).toContain("rule 50");
    expect(out).toContain(cloud.acls["strict"]);
  });

  test.each([
    ["office-1", ["81.2.69.142/32"]],
    ["world-1", ["0.0.0.0/0"]],
    ["web-1 --port 443", ["0.0.0.0/0"]],
    ["web-1 --protocol 47", ["81.2.69.0/24"]],
    ["listed-1", ["81.2.70.0/24", "81.2.72.0/23"]],
    ["six-1", ["::/0"]],
    ["double-1", ["0.0.0.0/0"]],
    ["strict-1", ["0.0.0.0/2", "128.0.0.0/1"]],
    ["half-1", ["0.0.0.0/0"]],
    ["narrow-1", ["64.0.0.0/2"]],
    ["bare-1", []],
    ["stopped-1", []],
    ["inner-1", []],
    ["bench-1", []],
    ["bastion-1", []],
  ])("who %s: from the internet %j", async (words, expected) => {
    const { sources } = await who(words);
    expect([sources.reachable, sources.unknown]).toEqual([expected, []]);
  });

  test.each([
    ["database-1 --port 5432", ["10.20.1.18/32"]],
    ["bastion-1 --port 9000", ["10.20.10.12/32"]],
    ["bench-1 --port 5433", ["10.20.2.0/24"]],
    ["office-1", []],
    ["listed-1", []],
    ["stopped-1", []],
  ])("who %s: from inside %j", async (words, expected) => {
    expect((await who(words)).sources.private).toEqual(expected);
  });

  test("who says how much of the internet that is", async () => {
    expect((await who("world-1")).internet).toEqual({ ipv4: 1, ipv6: 0 });
    expect((await who("six-1")).internet).toEqual({ ipv4: 0, ipv6: 1 });
    const { ipv4: most } = (await who("strict-1")).internet;
    const { ipv4: least } = (await who("narrow-1")).internet;
    expect(most + least).toBeCloseTo(1, 12);
    expect(least).toBeGreaterThan(0.28);
    expect(least).toBeLessThan(0.29);
  });

  describe("audit", () => {
    let answer: Audit = { coverage: [], findings: [], gaps: [] };
    let code = -1;
    beforeAll(async () => {
      ({ answer, code } = await ask("audit", isAudit));
    });
    const found = (of: (finding: Audit["findings"][number]) => boolean): readonly string[] =>
      answer.findings
        .filter(of)
        .map(({ check, severity, resource }) => `${severity} ${check} ${resource.id}`)
        .toSorted();
    const lines = (ids: Readonly<Record<string, string>>, ...of: readonly (readonly [string, string])[]) =>
      of.map(([says, name]) => `${says} ${ids[name]}`).toSorted();

    test("it finds something, misses nothing, and read the whole Region", () => {
      expect(code).toBe(1);
      expect(answer.gaps).toEqual([]);
      expect(answer.coverage).toEqual([
        expect.objectContaining({ cloud: "aws", account: "123456789012", region: REGION, machines: 17, missing: [] }),
      ]);
      expect(found(({ kind }) => kind === "unknown")).toEqual([]);
    });

    test("each finding names the account and the Region", () => {
      const nowhere = answer.findings.filter(
        ({ resource: { account, region } }) => account !== "123456789012" || region !== REGION,
      );
      expect([
        ...new Set(nowhere.map(({ resource }) => `${resource.type} ${resource.account} ${resource.region}`)),
      ]).toEqual([]);
    });

    // narrow-1 answers a quarter of the internet, less than the half that counts; strict-1 answers the other three quarters.
    test("exposed are exactly the machines that the internet reaches", () => {
      expect(found(({ kind }) => kind === "reachable")).toEqual(
        lines(
          cloud.instances,
          ["critical exposed-ssh", "world-1"],
          ["critical exposed-ssh", "double-1"],
          ["critical exposed-ssh", "half-1"],
          ["critical exposed-ssh", "six-1"],
          ["high exposed-ssh", "strict-1"],
        ),
      );
    });

    test("open are exactly the groups that admit the internet, whatever stands behind them", () => {
      expect(found(({ kind, resource }) => kind === "rule" && resource.type === "security-group")).toEqual(
        lines(
          cloud.groups,
          ["high open-rule-ssh", "world"],
          ["high open-rule-ssh", "six"],
          ["high open-rule-ssh", "workshop"],
          ["medium open-rule-rdp", "spare"],
        ),
      );
    });

    test("both ACLs are open as their own text says", () => {
      const open = found(({ resource }) => resource.type === "network-acl");
      for (const name of ["strict", "half"])
        expect(open).toEqual(
          expect.arrayContaining(lines(cloud.acls, ["high open-rule-ssh", name], ["high open-rule-any", name])),
        );
    });
  });
});
