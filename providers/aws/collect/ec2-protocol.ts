import { IDS } from "./ids.ts";
import type { Member, Printed, Shape } from "./xml.ts";
import { printXml } from "./xml.ts";

/** Where an output of this protocol keeps its page, which is printed already. */
export const PRINTED = Symbol("printed");

export interface WithPage {
  readonly [PRINTED]: Printed;
}

/**
 * The SDK's own protocol of EC2, with another reader for what was answered well. The SDK makes a tree of every answer,
 * then an object, and that would be printed: more work than everything else of a large reading. This one prints the
 * bytes as they come, and the output holds its outermost texts and the page, but none of its lists. Errors are still
 * the SDK's to read.
 */
export const ec2Protocol = async () => {
  const [{ AwsEc2QueryProtocol, XmlShapeDeserializer }, { NormalizedSchema }] = await Promise.all([
    import("@aws-sdk/core/protocols"),
    import("@smithy/core/schema"),
  ]);
  type Schema = ReturnType<typeof NormalizedSchema.of>;
  const shapes = new Map<unknown, Shape>();

  const shapeOf = (schema: Schema): Shape => {
    const key = schema.getSchema();
    const known = shapes.get(key);
    if (known !== undefined) return known;
    const made = compiled(schema);
    if (typeof key === "object") shapes.set(key, made);
    return made;
  };

  const compiled = (schema: Schema): Shape => {
    if (schema.isListSchema()) {
      const item = schema.getValueSchema();
      return {
        is: "list",
        item: bytesOf(item.getMergedTraits().xmlName ?? "member"),
        of: remembered(() => shapeOf(item)),
      };
    }
    if (schema.isStructSchema()) return { is: "struct", members: membersOf(schema) };
    if (schema.isBooleanSchema()) return { is: "boolean" };
    return { is: schema.isNumericSchema() ? "number" : "text" };
  };

  const membersOf = (schema: Schema): readonly Member[] =>
    [...schema.structIterator()].map(([name, member]) => ({
      tag: bytesOf(member.getMemberTraits().xmlName ?? name),
      key: bytesOf(`${JSON.stringify(name)}:`),
      name,
      shape: remembered(() => shapeOf(member)),
      isId: IDS[schema.getName() ?? ""] === name,
    }));

  class OnePassDeserializer extends XmlShapeDeserializer {
    override read(...[of, bytes, key]: Parameters<InstanceType<typeof XmlShapeDeserializer>["read"]>): unknown {
      const schema = NormalizedSchema.of(of);
      if (!schema.isStructSchema() || typeof bytes === "string") return super.read(of, bytes, key);
      const page = printXml(bytes, shapeOf(schema));
      return { ...Object.fromEntries(page.texts), [PRINTED]: page };
    }
  }

  return class extends AwsEc2QueryProtocol {
    constructor(options: ConstructorParameters<typeof AwsEc2QueryProtocol>[0]) {
      super(options);
      this.deserializer = new OnePassDeserializer(this.deserializer.settings);
    }
  };
};

/** A shape may hold itself, so it is made when it is first met. */
const remembered = (make: () => Shape): (() => Shape) => {
  let made: Shape | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
