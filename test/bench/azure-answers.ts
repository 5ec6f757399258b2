/** What the program answers to the questions of the Azure bench. */
import type { Interface, Inventory, Machine } from "#model/inventory.ts";
import type { Way } from "#model/way.ts";
import { parseAddress } from "#packets/address.ts";
import type { PacketSet } from "#packets/set.ts";
import { and, begun, client, meets, service } from "#packets/set.ts";
import { verdict } from "#resolve/verdict.ts";
import { flowOf } from "#resolve/walk.ts";
import type { Question } from "./azure-brute.ts";

interface Target {
  readonly machine: Machine;
  readonly to: Interface;
}

/** An interface with one configuration is called by its own id. */
const targetsIn = (inventory: Inventory): ReadonlyMap<string, Target> =>
  new Map(
    [...inventory.machines].flatMap((machine) =>
      machine.interfaces.map((to) => [to.id.toLowerCase(), { machine, to }] as const),
    ),
  );

const targetOf = (targets: ReadonlyMap<string, Target>, { nic, config }: Question): Target => {
  const found = targets.get(`${nic}/ipConfigurations/${config}`.toLowerCase()) ?? targets.get(nic.toLowerCase());
  if (found === undefined) throw new Error(`${nic} was not read`);
  return found;
};

const askedBy = ({ client: from, protocol, port }: Question): PacketSet => {
  const sender = parseAddress(from);
  if (sender === undefined) throw new Error(`${from} is no address`);
  return and(client(sender), service({ protocol, port }));
};

const isFromInternet = ({ origin, address }: Way, question: Question): boolean =>
  (origin === "internet" || origin === "load-balancer") && address === question.address;

/** The verdict of the ways from the internet by the address asked. No way is for a port that no balancer leads on. */
export const answersOf = (inventory: Inventory): ((question: Question) => string) => {
  const targets = targetsIn(inventory);
  return (question) => {
    const { machine, to } = targetOf(targets, question);
    const ways = verdict(inventory, machine, askedBy(question)).ways.filter(
      ({ way }) => way.interface === to.id && isFromInternet(way, question),
    );
    if (ways.some(({ answer }) => answer === "reachable")) return "reachable";
    return ways.some(({ answer }) => answer === "unknown") ? "unknown" : "blocked";
  };
};

export const told = ({ nic, config, address, client: from, protocol, port }: Question): string =>
  `${from} > ${nic.replace(/.*\//, "")}/${config} at ${address}, ${protocol}/${port}`;

/** The same from whole sets, as an audit and `who` read them: gates decided once for everything that may come. */
export const flowsOf = (inventory: Inventory): ((question: Question) => string) => {
  const targets = targetsIn(inventory);
  return (question) => {
    const { to } = targetOf(targets, question);
    const asked = askedBy(question);
    const flows = [...inventory.doors(to)]
      .filter((way) => isFromInternet(way, question))
      .map((way) => flowOf(way, begun));
    if (flows.some(({ surely }) => meets(surely, asked))) return "reachable";
    return flows.some(({ possibly }) => meets(possibly, asked)) ? "unknown" : "blocked";
  };
};
