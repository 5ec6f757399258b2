/** Which operations there are, and the shapes of what they take and give: the schemas that the official clients carry. */
import * as ec2 from "@aws-sdk/client-ec2";
import * as elb from "@aws-sdk/client-elastic-load-balancing";
import * as elbv2 from "@aws-sdk/client-elastic-load-balancing-v2";
import * as globalaccelerator from "@aws-sdk/client-global-accelerator";
import * as organizations from "@aws-sdk/client-organizations";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";
import { NormalizedSchema } from "@smithy/core/schema";
import type { StaticOperationSchema } from "@smithy/types";

/** How requests and answers are written. */
export type Protocol = "ec2" | "query" | "json";

/** An API by the name that the AWS CLI gives it. */
export type Api = keyof typeof apis;

interface ApiFacts {
  readonly protocol: Protocol;
  /** The service's name in a signature. Two of them share one, and then the version tells which. */
  readonly signs: string;
  /** The version of a form, or what stands before the dot in a target. */
  readonly version: string;
  readonly namespace: string;
  readonly schemas: object;
}

export const apis = {
  ec2: {
    protocol: "ec2",
    signs: "ec2",
    version: "2016-11-15",
    namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
    schemas: ec2,
  },
  elbv2: {
    protocol: "query",
    signs: "elasticloadbalancing",
    version: "2015-12-01",
    namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    schemas: elbv2,
  },
  elb: {
    protocol: "query",
    signs: "elasticloadbalancing",
    version: "2012-06-01",
    namespace: "http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/",
    schemas: elb,
  },
  sts: {
    protocol: "query",
    signs: "sts",
    version: "2011-06-15",
    namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    schemas: sts,
  },
  organizations: {
    protocol: "json",
    signs: "organizations",
    version: "AWSOrganizationsV20161128",
    namespace: "",
    schemas: organizations,
  },
  globalaccelerator: {
    protocol: "json",
    signs: "globalaccelerator",
    version: "GlobalAccelerator_V20180706",
    namespace: "",
    schemas: globalaccelerator,
  },
  ssm: { protocol: "json", signs: "ssm", version: "AmazonSSM", namespace: "", schemas: ssm },
} as const satisfies Record<string, ApiFacts>;

export const isApi = (name: string): name is Api => Object.hasOwn(apis, name);

/** The names of all APIs. */
export const apiNames: readonly Api[] = Object.keys(apis).filter((name) => isApi(name));

export interface Operation {
  readonly api: Api;
  readonly action: string;
  readonly protocol: Protocol;
  readonly namespace: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  /** The members that a request must have. */
  readonly required: readonly string[];
  /** The list that an answer is about, where it has one. */
  readonly list: Member | undefined;
  /** How it is asked for and told in pages, where it has any. */
  readonly paging: Paging | undefined;
}

export interface Member {
  readonly name: string;
  readonly schema: NormalizedSchema;
}

export interface Paging {
  readonly size: string;
  readonly token: string;
  readonly next: Member;
}

const known = new Map<string, Operation>();

/** The operation of that name; undefined where the API has none. */
export const operationOf = (api: Api, action: string): Operation | undefined => {
  const name = `${api}:${action}`;
  const found = known.get(name) ?? operation(api, action);
  if (found !== undefined) known.set(name, found);
  return found;
};

const operation = (api: Api, action: string): Operation | undefined => {
  const schema: unknown = Reflect.get(apis[api].schemas, `${action}$`);
  if (!isOperation(schema)) return undefined;
  const input = NormalizedSchema.of(schema[4]);
  const output = NormalizedSchema.of(schema[5]);
  const { protocol, namespace } = apis[api];
  const required = requiredOf(input);
  const facts = { api, action, protocol, namespace, input, output, required };
  return {
    ...facts,
    list: membersOf(output).find(({ schema }) => isListOfThings(schema)),
    paging: pagingOf(input, output),
  };
};

const isOperation = (value: unknown): value is StaticOperationSchema => Array.isArray(value) && value[0] === 9;

const isListOfThings = (schema: NormalizedSchema): boolean =>
  schema.isListSchema() && schema.getValueSchema().isStructSchema();

/** A structure names its required members first, and says how many they are. */
const requiredOf = (input: NormalizedSchema): readonly string[] => {
  const schema: unknown = input.getSchema();
  const count: unknown = Array.isArray(schema) ? schema[6] : undefined;
  return membersOf(input)
    .slice(0, typeof count === "number" ? count : 0)
    .map(({ name }) => name);
};

const pagingOf = (input: NormalizedSchema, output: NormalizedSchema): Paging | undefined => {
  const has = (name: string): boolean => membersOf(input).some((member) => member.name === name);
  const size = ["MaxResults", "PageSize"].find(has);
  const token = ["NextToken", "Marker"].find(has);
  const next = membersOf(output).find(({ name }) => name === "NextToken" || name === "NextMarker");
  return size === undefined || token === undefined || next === undefined ? undefined : { size, token, next };
};

/** The members of a structure, in its own order; none of anything else. */
export const membersOf = (schema: NormalizedSchema): readonly Member[] =>
  schema.isStructSchema() ? Array.from(schema.structIterator(), ([name, schema]) => ({ name, schema })) : [];
