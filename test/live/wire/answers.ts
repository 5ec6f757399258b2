/** Answers as text. Each item of a list is written once, however often and in whatever pages it is told. */
import type { Body } from "../estate/types.ts";
import { jsonOf } from "./json.ts";
import { type Member, membersOf, type Operation } from "./operations.ts";
import { contentOf, element, itemTag, tagOf, wrapped } from "./xml.ts";

/** One item of a list: its text, and what filters look at. */
export interface Item {
  readonly text: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** A body as text: the items of its list, and all its other members together. */
export interface Written {
  readonly items: readonly Item[];
  readonly rest: string;
}

/** Filters by their names. What they look at is a text in the item itself. */
export const filters: Readonly<Record<string, string>> = {
  "group-id": "GroupId",
  "instance-state-name": "State",
  "opt-in-status": "OptInStatus",
  "owner-id": "OwnerId",
  "prefix-list-id": "PrefixListId",
  "resource-id": "ResourceId",
  "resource-type": "ResourceType",
  state: "State",
  "subnet-id": "SubnetId",
  "transit-gateway-id": "TransitGatewayId",
  type: "Type",
  "vpc-id": "VpcId",
};

export const written = (operation: Operation, body: Body): Written => {
  const { list, output, paging, action, api } = operation;
  const others = membersOf(output).filter(({ name }) => name !== list?.name && name !== paging?.next.name);
  const stranger = Object.keys(body).find((name) => !membersOf(output).some((member) => member.name === name));
  if (stranger !== undefined) throw new Error(`${api} ${action} answers no ${stranger}`);
  return {
    items: list === undefined ? [] : itemsOf(operation, list, body[list.name] ?? []),
    rest: others
      .filter(({ name }) => body[name] !== undefined)
      .map((member) => memberText(operation, member, body[member.name]))
      .join(operation.protocol === "json" ? "," : ""),
  };
};

const itemsOf = (operation: Operation, list: Member, items: unknown): readonly Item[] => {
  if (!isIterable(items)) throw new Error(`${operation.action} answers no list of ${list.name}`);
  const schema = list.schema.getValueSchema();
  const names = [...fieldNames(operation)];
  const tag = itemTag(list.schema);
  return Array.from(items, (item) => ({
    text: operation.protocol === "json" ? jsonOf(schema, item) : wrapped(tag, contentOf(schema, item)),
    fields: fieldsIn(subject(item), names),
  }));
};

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.iterator in value;

/** A reservation is asked for by what its instances are, and they lie in one subnet. */
const subject = (item: unknown): object => {
  const held: unknown = typeof item === "object" && item !== null && "Instances" in item ? item.Instances : [item];
  const first: unknown = Array.isArray(held) ? held[0] : undefined;
  return typeof first === "object" && first !== null ? first : {};
};

const namesOf = new WeakMap<Operation, ReadonlySet<string>>();

/** The texts of an item that filters look at, or that parameters of the operation name. */
export const fieldNames = (operation: Operation): ReadonlySet<string> => {
  const names = namesOf.get(operation) ?? new Set(fieldsOf(operation));
  namesOf.set(operation, names);
  return names;
};

const fieldsOf = ({ input, list }: Operation): readonly string[] => {
  if (list === undefined) return [];
  const item = list.schema.getValueSchema();
  const inner =
    membersOf(item)
      .find(({ name }) => name === "Instances")
      ?.schema.getValueSchema() ?? item;
  const asked = membersOf(input).map(({ name }) => name);
  const wanted = new Set([...Object.values(filters), ...asked, ...asked.map((name) => name.replace(/s$/, ""))]);
  return membersOf(inner).flatMap(({ name, schema }) =>
    wanted.has(name) && (schema.isStringSchema() || name === "State") ? [name] : [],
  );
};

/** A text; of a state that has a code too, its name. */
const wordOf = (value: unknown): string | undefined => {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || !("Name" in value)) return undefined;
  return typeof value.Name === "string" ? value.Name : undefined;
};

const fieldsIn = (item: object, names: readonly string[]): Readonly<Record<string, string>> => {
  const fields: Record<string, string> = {};
  for (const name of names) {
    const value = wordOf(Reflect.get(item, name));
    if (value !== undefined) fields[name] = value;
  }
  return fields;
};

/** A whole answer: some items, what else there is, and the token of the next page. */
export const answerText = (
  operation: Operation,
  items: readonly Item[],
  rest: string,
  token: string | undefined,
  requestId: string,
): string => {
  const { action, namespace, protocol } = operation;
  const texts = items.map(({ text }) => text);
  const members = [
    rest,
    listText(operation, texts),
    token === undefined || operation.paging === undefined ? "" : memberText(operation, operation.paging.next, token),
  ].filter((text) => text !== "");
  switch (protocol) {
    case "json":
      return `{${members.join(",")}}`;
    case "ec2":
      return `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="${namespace}"><requestId>${requestId}</requestId>${members.join("")}</${action}Response>`;
    case "query":
      return `<${action}Response xmlns="${namespace}"><${action}Result>${members.join("")}</${action}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`;
  }
};

const listText = ({ list, protocol }: Operation, texts: readonly string[]): string => {
  if (list === undefined) return "";
  return protocol === "json"
    ? `${JSON.stringify(list.name)}:[${texts.join(",")}]`
    : wrapped(tagOf(list.schema, list.name), texts.join(""));
};

const memberText = ({ protocol }: Operation, { name, schema }: Member, value: unknown): string =>
  protocol === "json"
    ? `${JSON.stringify(name)}:${jsonOf(schema, value)}`
    : element(tagOf(schema, name), schema, value);
