/** Values as the XML that EC2 and the older services answer with. */
import type { NormalizedSchema } from "@smithy/core/schema";
import { membersOf } from "./operations.ts";

type Write = (value: unknown) => string;

const writers = new Map<unknown, Write>();

/** What stands between the tags of a value. The way of a schema is found once, as there are many values of each. */
export const contentOf = (schema: NormalizedSchema, value: unknown): string => writerOf(schema)(value);

/** One member with its tags; nothing where the value has none. */
export const element = (tag: string, schema: NormalizedSchema, value: unknown): string =>
  wrapped(tag, contentOf(schema, value));

export const wrapped = (tag: string, content: string): string =>
  content === "" ? `<${tag}/>` : `<${tag}>${content}</${tag}>`;

/** The tag of a member of a structure, or of an item of a list. */
export const tagOf = (schema: NormalizedSchema, otherwise: string): string =>
  schema.getMemberTraits().xmlName ?? otherwise;

export const itemTag = (list: NormalizedSchema): string => list.getValueSchema().getMergedTraits().xmlName ?? "member";

const writerOf = (schema: NormalizedSchema): Write => {
  const key: unknown = schema.getSchema();
  const known = typeof key === "object" ? writers.get(key) : undefined;
  const write = known ?? newWriter(schema);
  if (typeof key === "object") writers.set(key, write);
  return write;
};

const newWriter = (schema: NormalizedSchema): Write => {
  if (schema.isStructSchema()) return structure(schema);
  if (schema.isListSchema()) return list(schema);
  if (schema.isTimestampSchema()) return (value) => new Date(String(value)).toISOString();
  if (schema.isMapSchema()) throw new Error(`${schema.getName()} is a map, and no answer here has one`);
  return (value) => escaped(String(value));
};

const structure = (schema: NormalizedSchema): Write => {
  const members = new Map(
    membersOf(schema).map(({ name, schema }) => [
      name,
      { tag: tagOf(schema, name), write: lazily(() => writerOf(schema)) },
    ]),
  );
  return (value) =>
    Object.entries(objectOf(value, schema))
      .map(([name, value]) => {
        const member = members.get(name);
        if (member === undefined) throw new Error(`${schema.getName()} has no member ${name}`);
        return value === undefined || value === null ? "" : wrapped(member.tag, member.write(value));
      })
      .join("");
};

const list = (schema: NormalizedSchema): Write => {
  const tag = itemTag(schema);
  const write = lazily(() => writerOf(schema.getValueSchema()));
  return (value) =>
    itemsOf(value, schema)
      .map((item) => wrapped(tag, write(item)))
      .join("");
};

/** Schemas may hold themselves, so the way of a member is looked for when it is first gone. */
const lazily = (make: () => Write): Write => {
  let made: Write | undefined;
  return (value) => {
    made ??= make();
    return made(value);
  };
};

/** The members of a value that must be a structure. */
export const objectOf = (value: unknown, schema: NormalizedSchema): object => {
  if (typeof value !== "object" || value === null) throw new Error(`${schema.getName()} cannot be ${String(value)}`);
  return value;
};

/** The items of a value that must be a list. */
export const itemsOf = (value: unknown, schema: NormalizedSchema): readonly unknown[] => {
  if (!Array.isArray(value)) throw new Error(`${schema.getName()} cannot be ${String(value)}`);
  return value;
};

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#13;",
};

export const escaped = (text: string): string =>
  /[&<>"\r]/.test(text) ? text.replaceAll(/[&<>"\r]/g, (sign) => entities[sign] ?? sign) : text;
