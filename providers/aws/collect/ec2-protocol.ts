import type { Member, Shape } from "./xml.ts";
import { readXml } from "./xml.ts";

/**
 * The SDK's own protocol of EC2, with another reader for what was answered well. The SDK builds a tree of every answer
 * and then walks the schema for every value of it, which costs more than everything else of a large read; this one goes
 * over the text once. Errors, and XML with comments, are still the SDK's to read.
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
      return { is: "list", tag: item.getMergedTraits().xmlName ?? "member", of: () => shapeOf(item) };
    }
    if (schema.isStructSchema()) return { is: "struct", members: membersOf(schema) };
    if (schema.isBooleanSchema()) return { is: "boolean" };
    return { is: schema.isNumericSchema() ? "number" : "text" };
  };

  const membersOf = (schema: Schema): ReadonlyMap<string, Member> =>
    new Map(
      [...schema.structIterator()].map(([name, member]) => [
        member.getMemberTraits().xmlName ?? name,
        { name, shape: remembered(() => shapeOf(member)) },
      ]),
    );

  class OnePassDeserializer extends XmlShapeDeserializer {
    override read(...[of, bytes, key]: Parameters<InstanceType<typeof XmlShapeDeserializer>["read"]>): unknown {
      const schema = NormalizedSchema.of(of);
      if (!schema.isStructSchema() || typeof bytes === "string") return super.read(of, bytes, key);
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
      return text.includes("<!") ? super.read(of, bytes, key) : readXml(text, shapeOf(schema));
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
