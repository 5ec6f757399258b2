/** The parameters of a form, such as `Filter.1.Value.2=b`, in the shape that the AWS CLI takes as JSON. */
import type { NormalizedSchema } from "@smithy/core/schema";
import { membersOf, type Operation } from "./operations.ts";

/** What a call asks for. */
export type Params = Readonly<Record<string, unknown>>;

interface Branch {
  text: string | undefined;
  readonly branches: Map<string, Branch>;
}

/** The parameters of an operation. A field that it does not have is an error, as it would be told to nobody. */
export const paramsOfForm = (operation: Operation, form: URLSearchParams): Params => {
  const { protocol, input } = operation;
  const tree = treeOf(form);
  tree.branches.delete("Action");
  tree.branches.delete("Version");
  return structure(protocol === "ec2", input, tree);
};

const treeOf = (form: URLSearchParams): Branch => {
  const root: Branch = { text: undefined, branches: new Map() };
  for (const [path, text] of form) {
    const end = path.split(".").reduce((branch, word) => branchOf(branch, word), root);
    end.text = text;
  }
  return root;
};

const branchOf = ({ branches }: Branch, word: string): Branch => {
  const branch: Branch = branches.get(word) ?? { text: undefined, branches: new Map() };
  branches.set(word, branch);
  return branch;
};

const structure = (isEc2: boolean, schema: NormalizedSchema, { branches }: Branch): Params => {
  const members = new Map(membersOf(schema).map((member) => [wordOf(isEc2, member.name, member.schema), member]));
  return Object.fromEntries(
    Array.from(branches, ([word, branch]) => {
      const member = members.get(word);
      if (member === undefined) throw new Error(`${schema.getName()} has no field ${word}`);
      return [member.name, valueOf(isEc2, member.schema, branch)];
    }),
  );
};

/** EC2 begins the words of a request with a capital letter, and has words of its own for some. */
const wordOf = (isEc2: boolean, name: string, schema: NormalizedSchema): string => {
  const { ec2QueryName, xmlName } = schema.getMergedTraits();
  const word = isEc2 && typeof ec2QueryName === "string" ? ec2QueryName : (xmlName ?? name);
  return isEc2 ? `${word.charAt(0).toUpperCase()}${word.slice(1)}` : word;
};

const valueOf = (isEc2: boolean, schema: NormalizedSchema, branch: Branch): unknown => {
  if (schema.isStructSchema()) return structure(isEc2, schema, branch);
  if (schema.isListSchema()) return list(isEc2, schema, branch);
  if (schema.isNumericSchema()) return Number(branch.text);
  if (schema.isBooleanSchema()) return branch.text === "true";
  return branch.text;
};

/** EC2 numbers the items at once; the older services put a word before the number. */
const list = (isEc2: boolean, schema: NormalizedSchema, branch: Branch): readonly unknown[] => {
  const word = schema.getValueSchema().getMergedTraits().xmlName ?? "member";
  const numbered = isEc2 ? branch : branch.branches.get(word);
  return Array.from(numbered?.branches ?? [])
    .toSorted(([one], [other]) => Number(one) - Number(other))
    .map(([, item]) => valueOf(isEc2, schema.getValueSchema(), item));
};
