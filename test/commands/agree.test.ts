import { describe, expect, test } from "@jest/globals";
import type { Machine } from "#model/inventory.ts";
import { together } from "#model/inventory.ts";
import type { Address } from "#packets/address.ts";
import { formatAddress, fromInteger, parseAddress, parsePrefix, bounds, toInteger } from "#packets/address.ts";
import { documentation, exactSources, internetSources, routable } from "#packets/internet.ts";
import { TCP } from "#packets/service.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, anyOf, client, clients, meets, service } from "#packets/set.ts";
import { providers } from "#providers/index.ts";
import { reach, sources, undecided, verdict } from "#resolve/verdict.ts";
import { readSnapshot } from "#snapshots/read.ts";
import { filesIn, fixtures, places, rawOf, readJson } from "../snapshots/folder.ts";

const SAMPLE = 60;

const ends = { 4: 2n ** 32n, 6: 2n ** 128n } as const;

const moved = (address: Address, by: bigint): readonly Address[] => {
  const value = toInteger(address) + by;
  return value >= 0n && value < ends[address.family] ? [fromInteger(address.family, value)] : [];
};

/** The first and last address of everything that an answer names, and their neighbours. */
const edges = (text: string): readonly Address[] => {
  const alone = parseAddress(text);
  const prefix = parsePrefix(text);
  if (alone !== undefined) return [-1n, 0n, 1n].flatMap((by) => moved(alone, by));
  if (prefix === undefined) return [];
  const [first, last] = bounds(prefix).map((value) => fromInteger(prefix.address.family, value));
  if (first === undefined || last === undefined) return [];
  return [...moved(first, -1n), first, ...moved(first, 1n), ...moved(last, -1n), last, ...moved(last, 1n)];
};

const clientsOf = (raw: string): readonly Address[] => {
  const texts = filesIn(raw).flatMap((file) =>
    [...places(readJson(raw, file))].flatMap(([, value]) => (typeof value === "string" ? [value] : [])),
  );
  const all = new Map(["8.8.8.8", "2600::1", ...texts].flatMap(edges).map((each) => [formatAddress(each), each]));
  const step = Math.max(1, Math.floor(all.size / SAMPLE));
  return [...all.values()].filter((_, i) => i % step === 0);
};

/** What `who` prints, read back as a person or a script would. */
const listed = (list: readonly string[]): PacketSet =>
  anyOf(
    list.map((text) => {
      const prefix = parsePrefix(text);
      if (prefix === undefined) throw new Error(`who printed ${text}`);
      return clients(prefix);
    }),
  );

/** Law 6: who and why agree. */
describe.each(fixtures)("%s", (_sentence, fixture) => {
  const readers = new Map(
    Object.values(providers).map((provider) => [provider.cloud, provider.reader({ strict: false })] as const),
  );
  for (const { answers } of readSnapshot(rawOf(fixture), Object.values(providers)))
    for (const answer of answers) readers.get(answer.cloud)?.add(answer);
  const inventory = together([...readers.values()].map((reader) => reader.inventory()));
  const sample = clientsOf(rawOf(fixture));
  const machines = [...inventory.machines].map((machine): readonly [string, Machine] => [machine.resource.id, machine]);
  if (machines.length === 0) return; // lists alone

  test.each(machines)("who reaches %s is whom why lets reach it", (id, machine) => {
    const odd: string[] = [];
    for (const port of [22, 443, 5432]) {
      const asked = service({ protocol: TCP, port });
      const found = machine.interfaces.flatMap((each) => sources(inventory, each, asked));
      const outside = reach(found.filter(({ way }) => way.origin === "internet"));
      const inside = reach(found.filter(({ way }) => way.origin !== "internet"));
      const internet = listed(internetSources(outside.surely));
      const doubtful = listed(internetSources(undecided(outside)));
      const within = listed(exactSources(inside.surely));
      for (const from of sample) {
        const one = client(from);
        const counts = meets(one, routable);
        if (meets(one, documentation)) continue; // who need not list what is on no internet
        const told = verdict(inventory, machine, and(one, asked)).answer;
        const reached = meets(one, within) || (counts && meets(one, internet));
        const may = counts && meets(one, doubtful);
        const wrong = (told === "reachable") !== reached || (may && told === "blocked");
        if (wrong)
          odd.push(
            `${formatAddress(from)} > ${id}:${port}/tcp is ${told}, and who ${reached ? "lists it" : "does not"}`,
          );
      }
    }
    expect(odd).toEqual([]);
  });
});
