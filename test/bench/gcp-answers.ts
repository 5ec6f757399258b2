/** What the program answers to the questions of the Google Cloud bench. */
import type { Inventory, Machine } from "#model/inventory.ts";
import { parseAddress } from "#packets/address.ts";
import { and, client, service } from "#packets/set.ts";
import { verdict } from "#resolve/verdict.ts";
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
