/**
 * An AWS estate of any size, as the AWS CLI would print it: one account, one Region, every answer readable. The same
 * size and seed give the same bytes. Groups, subnets, combinations and the rest grow with the number of interfaces;
 * who is large and who is open is skewed as in real accounts.
 */
import { aclAnswers } from "./estate/acls.ts";
import { groupAnswer } from "./estate/groups.ts";
import { addressAnswers, interfaceAnswer, reservationAnswer } from "./estate/machines.ts";
import {
  blockPublicAccess,
  entryAnswers,
  gatewayAnswers,
  listAnswer,
  subnetAnswer,
  vpcAnswer,
} from "./estate/network.ts";
import { type Interface, interfaceAt, plan, type Plan } from "./estate/plan.ts";
import { tableAnswers } from "./estate/routes.ts";

export { account, region } from "./estate/text.ts";

/** One page of one answer: a file name without a folder, and the JSON text on one line. */
export interface Page {
  readonly name: string;
  readonly json: string;
}

const pageSize = 1000;

/** All answers of an estate, page by page. Only one page is in memory at a time. Good for up to a million interfaces. */
export function* estate(interfaces: number, seed: number): Generator<Page, void> {
  const outline = plan(interfaces, seed);
  const everyInterface = () => interfacesOf(outline);

  yield* pages("vpcs", "Vpcs", outline.vpcs.map(vpcAnswer));
  yield* pages("subnets", "Subnets", outline.subnets.map(subnetAnswer));
  yield* pages("internet-gateways", "InternetGateways", gatewayAnswers(outline));
  yield* pages("route-tables", "RouteTables", tableAnswers(outline));
  yield* pages("network-acls", "NetworkAcls", aclAnswers(outline));
  yield* pages("managed-prefix-lists", "ManagedPrefixLists", outline.lists.map(listAnswer));
  for (const list of outline.lists)
    yield {
      name: `managed-prefix-list-entries-${list.id}.json`,
      json: JSON.stringify({ Entries: entryAnswers(outline, list) }),
    };
  yield { name: "vpc-block-public-access-options.json", json: JSON.stringify(blockPublicAccess) };
  yield* pages("vpc-block-public-access-exclusions", "VpcBlockPublicAccessExclusions", []);
  yield* pages("security-groups", "SecurityGroups", groupsOf(outline));
  yield* pages(
    "network-interfaces",
    "NetworkInterfaces",
    mapped(everyInterface(), (at) => [interfaceAnswer(outline, at)]),
  );
  yield* pages(
    "instances",
    "Reservations",
    mapped(everyInterface(), (at) => (at.holder === "instance" ? [reservationAnswer(outline, at)] : [])),
  );
  yield* pages("addresses", "Addresses", mapped(everyInterface(), addressAnswers));
}

function* pages(name: string, key: string, answers: Iterable<object>): Generator<Page, void> {
  let page: object[] = [];
  let number = 1;
  const print = (): Page => ({
    name: `${name}-${String(number).padStart(4, "0")}.json`,
    json: JSON.stringify({ [key]: page }),
  });
  for (const answer of answers) {
    if (page.length === pageSize) {
      yield print();
      page = [];
      number++;
    }
    page.push(answer);
  }
  yield print();
}

function* groupsOf(outline: Plan): Generator<object, void> {
  for (const vpc of outline.vpcs) for (let k = 0; k < vpc.groups.count; k++) yield groupAnswer(outline, vpc, k);
}

function* interfacesOf(outline: Plan): Generator<Interface, void> {
  for (let index = 0; index < outline.interfaces; index++) yield interfaceAt(outline, index);
}

function* mapped<T>(items: Iterable<T>, answers: (item: T) => readonly object[]): Generator<object, void> {
  for (const item of items) yield* answers(item);
}
