/** Values as JSON 1.1 carries them: as the AWS CLI prints them, but for moments, which are seconds since 1970. */
import type { NormalizedSchema } from "@smithy/core/schema";
import { itemsOf, objectOf } from "./xml.ts";
import { membersOf } from "./operations.ts";

export const jsonOf = (schema: NormalizedSchema, value: unknown): string => JSON.stringify(carried(schema, value));

const carried = (schema: NormalizedSchema, value: unknown): unknown => {
  if (schema.isTimestampSchema()) return new Date(String(value)).getTime() / 1000;
  if (schema.isListSchema()) return itemsOf(value, schema).map((item) => carried(schema.getValueSchema(), item));
  if (schema.isStructSchema()) return structure(schema, objectOf(value, schema));
  return value;
};

const structure = (schema: NormalizedSchema, value: object): object => {
  const members = new Map(membersOf(schema).map(({ name, schema }) => [name, schema]));
  return Object.fromEntries(
    Object.entries(value).map(([name, value]) => {
      const member = members.get(name);
      if (member === undefined) throw new Error(`${schema.getName()} has no member ${name}`);
      return [name, carried(member, value)];
    }),
  );
};
