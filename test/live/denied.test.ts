import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Inventory } from "#model/inventory.ts";
import { readAddress } from "#packets/text.ts";
import { and, client, service } from "#packets/set.ts";
import { aws } from "#providers/aws/index.ts";
import { verdict } from "#resolve/verdict.ts";
import { readSnapshot } from "#snapshots/read.ts";
import { emptyFolder } from "../snapshots/folder.ts";
import { data, machines, management, shop } from "./estate.ts";
import { documentOf, environment } from "./program.ts";

const calls = aws.permissions.map(({ call }) => call);
/** Calls that only tell what there is to read. */
const first = ["ec2:DescribeRegions", "organizations:ListAccounts", "sts:AssumeRole"] as const;
/** Nobody is denied it: it stands for a run in which nothing is wrong. */
const HEALTHY = "sts:GetFederationToken";

const folder = emptyFolder();
const of = (call: string): string => join(folder, call);

/** From the internet, from an office that a prefix list names, and from machines of each VPC. */
const clients = ["203.0.113.9", "198.51.100.7", "10.20.0.10", "10.20.1.11", "10.25.0.10", "10.26.1.10", "2001:db8::9"];
const ports = [22, 443, 5432, 8080];

const inventoryOf = (snapshot: string): Inventory => {
  const reader = aws.reader({ strict: false });
  for (const { answers } of readSnapshot(snapshot, [aws])) for (const answer of answers) reader.add(answer);
  return reader.inventory();
};

const askedOf = (from: string, port: number): Parameters<typeof verdict>[2] => {
  const read = readAddress(from);
  if (read.is !== "good") throw new Error(`${from} is no address`);
  return and(client(read.value), service({ protocol: 6, port }));
};
const questions = clients.flatMap((from) => ports.map((port) => [from, port, askedOf(from, port)] as const));

type Verdicts = ReadonlyMap<string, string>;

/** Who reaches which machine; machines that are not seen have no answer. */
const verdictsOf = (inventory: Inventory): Verdicts =>
  new Map(
    machines.flatMap(([id]) =>
      inventory
        .find(id)
        .flatMap((machine) =>
          questions.map(
            ([from, port, question]) =>
              [`${from} ${id}:${port}`, verdict(inventory, machine, question).answer] as const,
          ),
        ),
    ),
  );

let codes: ReadonlyMap<string, number> = new Map();
let healthy: Verdicts = new Map();

beforeAll(async () => {
  const script = join(process.cwd(), "test", "live", "denied.ts");
  const words = ["--conditions=source", script, folder, HEALTHY, ...calls, ...first];
  const { stdout } = await promisify(execFile)(process.execPath, words, { env: environment("") });
  const lines = stdout.trim().split("\n").map(lineOf);
  codes = new Map(lines.map(({ call, code }) => [call, code]));
  healthy = verdictsOf(inventoryOf(of(HEALTHY)));
}, 60_000);

interface Line {
  readonly call: string;
  readonly code: number;
}
const isLine = (value: unknown): value is Line => typeof value === "object" && value !== null && "code" in value;
const lineOf = (text: string): Line => {
  const line: unknown = JSON.parse(text);
  if (!isLine(line)) throw new Error(`${text} tells nothing of a run`);
  return line;
};

test("where nothing is denied, some clients reach some machines, and others do not", () => {
  expect([codes.get(HEALTHY), documentOf(of(HEALTHY)).refused]).toEqual([0, []]);
  expect(healthy.size).toBe(machines.length * questions.length);
  const counts = Map.groupBy(healthy.values(), (answer) => answer);
  expect(counts.get("reachable")?.length).toBeGreaterThan(10);
  expect(counts.get("blocked")?.length).toBeGreaterThan(100);
});

const place = ({ account, region }: { readonly account: string | null; readonly region: string | null }): string =>
  [account, region].join(" ");

describe.each(calls)("%s, denied and nothing else", (call) => {
  test("is a gap wherever it was answered, and no answer", () => {
    const { answers, refused } = documentOf(of(call));
    const before = documentOf(of(HEALTHY)).answers.filter((answer) => answer.call === call);
    expect(codes.get(call)).toBe(3);
    expect(answers.filter((answer) => answer.call === call)).toEqual([]);
    expect(new Set(refused.map((each) => each.call))).toEqual(new Set([call]));
    expect(new Set(refused.map(({ code }) => code))).toEqual(
      new Set([expect.stringMatching(/^(?:UnauthorizedOperation|AccessDenied|AccessDeniedException)$/)]),
    );
    expect([...new Set(refused.map(place))].toSorted()).toEqual([...new Set(before.map(place))].toSorted());
  });

  test("turns no reachable into blocked, and no blocked into reachable", () => {
    const verdicts = verdictsOf(inventoryOf(of(call)));
    const flips = [...verdicts].filter(([asked, answer]) => answer !== "unknown" && answer !== healthy.get(asked));
    // What was unknown before may not be known now: less was read.
    expect(flips).toEqual([]);
  });

  test("is named as not read, with its account and Region", () => {
    const { coverage, gaps } = inventoryOf(of(call));
    const named = coverage.filter(({ missing }) => JSON.stringify(missing).includes(call)).map(place);
    const refused = [...new Set(documentOf(of(call)).refused.map(place))];
    // What is of no Region is missing in none, and is named beside them.
    const [global, regional] = [true, false].map((is) => refused.filter((each) => each.endsWith(" ") === is));
    expect(named.filter((each) => !each.endsWith(" ")).toSorted()).toEqual(regional?.toSorted());
    for (const each of global ?? [])
      expect(named.includes(each) || gaps.some(({ says }) => says.includes(call) && says.includes(each.trim()))).toBe(
        true,
      );
  });
});

describe("what tells what there is to read, denied", () => {
  const read = (call: string): readonly string[] =>
    documentOf(of(call)).scopes.flatMap(({ skipped, ...scope }) => (skipped === undefined ? [place(scope)] : []));

  test.each([
    ["ec2:DescribeRegions", [management, shop, data].map((account) => `${account} eu-west-1`)],
    ["organizations:ListAccounts", [`${management} eu-west-1`, `${management} us-east-1`]],
    ["sts:AssumeRole", [`${management} eu-west-1`, `${management} us-east-1`]],
  ])("%s: the rest is read, and the gap is named", (call, scopes) => {
    const { refused } = documentOf(of(call));
    expect([codes.get(call), read(call), [...new Set(refused.map((each) => each.call))]]).toEqual([3, scopes, [call]]);
    const { coverage, gaps } = inventoryOf(of(call));
    expect(JSON.stringify([coverage, gaps])).toContain(call);
    const verdicts = verdictsOf(inventoryOf(of(call)));
    expect([...verdicts].filter(([asked, answer]) => answer !== "unknown" && answer !== healthy.get(asked))).toEqual(
      [],
    );
  });
});
