import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { audit, finding } from "#checks/audit.ts";
import type { Inventory, Machine } from "#model/inventory.ts";
import type { PacketSet } from "#packets/set.ts";
import { begun, isEmpty } from "#packets/set.ts";
import { gcp } from "#providers/gcp/index.ts";
import { flowOf } from "#resolve/walk.ts";
import { gcpEstate } from "../bench/gcp-estate.ts";

interface Document {
  readonly name: string;
  readonly json: unknown;
}

const parsed = (text: string): unknown => JSON.parse(text);

const read = (documents: readonly Document[], strict = false): Inventory => {
  const reader = gcp.reader({ strict });
  for (const { name, json } of documents)
    for (const answer of gcp.recognise(json, { file: name, pointer: "" }, name) ?? []) reader.add(answer);
  return reader.inventory();
};

/** The inventory as if no machine were kin to another. */
const kinless = (inventory: Inventory): Inventory => ({ ...inventory, kin: () => undefined });

const told = (inventory: Inventory): readonly string[] =>
  audit(inventory, { share: 0.5 }).map((found) => JSON.stringify(finding(found)));

/** What comes by each door of a machine. */
const doorsOf = (inventory: Inventory, { interfaces }: Machine): readonly (readonly PacketSet[])[] =>
  interfaces
    .flatMap((each) => [...inventory.doors(each)])
    .map((way) => {
      const { surely, possibly } = flowOf(way, begun);
      return [surely, possibly];
    });

/** How many machines there are, how many kinds of kin, and that nobody lets in what his kin do not. */
const holdTogether = (inventory: Inventory): { readonly machines: number; readonly kin: number } => {
  const firsts = new Map<object, readonly (readonly PacketSet[])[]>();
  let machines = 0;
  for (const machine of inventory.machines) {
    const kin = inventory.kin?.(machine);
    if (kin === undefined) continue;
    machines++;
    const own = doorsOf(inventory, machine).filter((door) => door.some((set) => !isEmpty(set)));
    const first = firsts.get(kin) ?? own;
    firsts.set(kin, first);
    expect(own).toEqual(first);
  }
  return { machines, kin: firsts.size };
};

describe("machines that are kin", () => {
  test.each([1, 2, 3])("let in the same, door by door, in an estate of seed %d", (seed) => {
    const documents = [...gcpEstate(1500, seed)].map(({ name, json }) => ({ name, json: parsed(json) }));
    const { machines, kin } = holdTogether(read(documents));
    expect(machines).toBe(1500);
    expect(kin).toBeGreaterThan(50);
    expect(kin).toBeLessThan(machines / 2);
  });

  test.each([1, 2])("have the findings that they have each by itself, with all evidence, seed %d", (seed) => {
    const inventory = read([...gcpEstate(1500, seed)].map(({ name, json }) => ({ name, json: parsed(json) })));
    const each = told(kinless(inventory));
    expect(each.length).toBeGreaterThan(10);
    expect(told(inventory)).toEqual(each);
  });
});

const HOST = "https://www.googleapis.com/compute/v1/projects/";

/** A list of everything of a kind in a project. */
const listed = (kind: string, of: string, items: readonly object[] = []): Document => ({
  name: `${of.replaceAll("/", "-")}.json`,
  json: { kind: `compute#${kind}List`, id: `projects/${of}`, selfLink: `${HOST}${of}`, items },
});

/** A project with one machine that has no external address. */
const project = (name: string): readonly Document[] => {
  const zone = `${HOST}${name}/zones/us-central1-a`;
  const network = `${HOST}${name}/global/networks/default`;
  const networkInterfaces = [{ name: "nic0", network, networkIP: "10.0.0.2" }];
  return [
    listed("network", `${name}/global/networks`, [{ kind: "compute#network", name: "default", selfLink: network }]),
    listed("firewall", `${name}/global/firewalls`),
    listed("route", `${name}/global/routes`),
    listed("instance", `${name}/zones/us-central1-a/instances`, [
      {
        kind: "compute#instance",
        name: "quiet-1",
        id: "1",
        selfLink: `${zone}/instances/quiet-1`,
        status: "RUNNING",
        networkInterfaces,
      },
    ]),
  ];
};

test("a machine before which there may be balancers is no kin of one before which there are none", () => {
  const [read1, unread] = ["shop", "lab"].map(project);
  const inventory = read(
    [...(read1 ?? []), listed("forwardingRule", "shop/global/forwardingRules"), ...(unread ?? [])],
    true,
  );
  const machines = [...inventory.machines];
  expect(machines.map((machine) => doorsOf(inventory, machine).length)).toEqual([0, 2]);
  expect(new Set(machines.map((machine) => inventory.kin?.(machine))).size).toBe(2);
});

const fixtures = join("fixtures", "gcp");
const folders = readdirSync(fixtures, { withFileTypes: true }).flatMap((each) =>
  each.isDirectory() ? [each.name] : [],
);

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));

/** Every machine twice: the other is called otherwise, and everything else about it is the same. */
const withTwins = (value: unknown): unknown => {
  if (Array.isArray(value))
    return value.flatMap((each: unknown) => (isMachine(each) ? [each, twin(each)] : withTwins(each)));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withTwins(each)]));
};

const isMachine = (value: unknown): value is object =>
  typeof value === "object" && value !== null && "networkInterfaces" in value && "name" in value;

const twin = (machine: object): object =>
  Object.fromEntries(
    Object.entries(machine).map(([key, value]: [string, unknown]) => [
      key,
      key === "name" || key === "selfLink" ? `${String(value)}-twin` : key === "id" ? `9${String(value)}` : value,
    ]),
  );

describe.each([
  ["as answers tell it", false],
  ["for sure", true],
] as const)("twins have the findings that they have each by itself, %s", (_how, strict) => {
  test.each(folders)("%s", (name) => {
    const folder = join(fixtures, name, "raw");
    const documents = filesIn(folder).flatMap((file) => {
      const text = readFileSync(join(folder, file), "utf8");
      try {
        return [{ name: file, json: withTwins(parsed(text)) }];
      } catch {
        return []; // what is no JSON tells of no machine
      }
    });
    const inventory = read(documents, strict);
    holdTogether(inventory);
    expect(told(inventory)).toEqual(told(kinless(inventory)));
  });
});
