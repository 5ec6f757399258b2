/** What the program answers to the questions of the Google Cloud bench. */
import type { Inventory, Machine } from "#model/inventory.ts";
import { parseAddress } from "#packets/address.ts";
import { and, begun, client, meets, service } from "#packets/set.ts";
import { verdict } from "#resolve/verdict.ts";
import { flowOf } from "#resolve/walk.ts";
import type { Question } from "./gcp-brute.ts";

/** The verdict of the one way from the internet to the address asked. */
export const answersOf = (inventory: Inventory): ((question: Question) => string) => {
  const machines = new Map<string, Machine>([...inventory.machines].map((each) => [each.resource.id, each]));
  return ({ instance, nic, address, client: from, protocol, port }) => {
    const machine = machines.get(instance);
    const sender = parseAddress(from);
    if (machine === undefined || sender === undefined) throw new Error(`${instance} was not read`);
    const ways = verdict(inventory, machine, and(client(sender), service({ protocol, port }))).ways.filter(
      ({ way }) => way.origin === "internet" && way.interface === `${instance}/${nic}` && way.address === address,
    );
    return ways.length === 1 ? (ways[0]?.answer ?? "") : `${ways.length} ways`;
  };
};

export const told = ({ instance, nic, address, client: from, protocol, port }: Question): string =>
  `${from} > ${instance.replace(/.*\/projects\//, "")}/${nic} at ${address}, ${protocol}/${port}`;

/** The same from whole sets, as an audit and `who` read them: gates decided once for everything that may come. */
export const flowsOf = (inventory: Inventory): ((question: Question) => string) => {
  const machines = new Map<string, Machine>([...inventory.machines].map((each) => [each.resource.id, each]));
  return ({ instance, nic, address, client: from, protocol, port }) => {
    const to = machines.get(instance)?.interfaces.find(({ id }) => id === `${instance}/${nic}`);
    const sender = parseAddress(from);
    if (to === undefined || sender === undefined) throw new Error(`${instance} was not read`);
    const asked = and(client(sender), service({ protocol, port }));
    const ways = [...inventory.doors(to)].filter((way) => way.origin === "internet" && way.address === address);
    const flows = ways.map((way) => flowOf(way, begun));
    if (flows.some(({ surely }) => meets(surely, asked))) return "reachable";
    return flows.some(({ possibly }) => meets(possibly, asked)) ? "unknown" : "blocked";
  };
};
