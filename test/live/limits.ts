/** How many things fit on a page, and how often one may ask. */
import type { Call } from "./estate/types.ts";
import type { Params } from "./wire/form.ts";
import type { Api, Operation } from "./wire/operations.ts";

/** The sizes that a page may have. More than the most is an error, or the most where it is capped. */
export interface PageSize {
  readonly least: number;
  readonly most: number;
  readonly capped?: true;
}

const usualSizes = {
  ec2: { least: 5, most: 1000 },
  elbv2: { least: 1, most: 400 },
  elb: { least: 1, most: 400 },
  sts: { least: 1, most: 1000 },
  organizations: { least: 1, most: 20 },
  globalaccelerator: { least: 1, most: 100 },
  ssm: { least: 5, most: 50 },
} as const satisfies Record<Api, PageSize>;

const sizes: { readonly [call in Call]?: PageSize } = {
  "ec2:DescribeEgressOnlyInternetGateways": { least: 5, most: 255 },
  "ec2:DescribeInstanceConnectEndpoints": { least: 1, most: 50 },
  "ec2:DescribeManagedPrefixLists": { least: 1, most: 100 },
  "ec2:DescribeNetworkInsightsPaths": { least: 1, most: 100 },
  "ec2:DescribeRouteTables": { least: 5, most: 100 },
  "ec2:DescribeStaleSecurityGroups": { least: 5, most: 255 },
  "ec2:DescribeVpcEndpoints": { least: 5, most: 1000, capped: true },
  "ec2:GetManagedPrefixListEntries": { least: 1, most: 100 },
};

export const pageSizeOf = ({ api, action }: Operation): PageSize => sizes[`${api}:${action}`] ?? usualSizes[api];

/** Calls that take either a page size or ids. */
export const idsOrPages: readonly string[] = ["DescribeInstances", "DescribeNetworkInterfaces"];

/** Tokens that one call takes one of. Each second some more fall in, until it is full. */
export interface Bucket {
  readonly name: string;
  readonly capacity: number;
  readonly refill: number;
}

const usual: Bucket = { name: "", capacity: 100, refill: 20 };
const everything: Bucket = { name: "everything", capacity: 50, refill: 10 };
const costly: Bucket = { name: "", capacity: 20, refill: 5 };

const costlyCalls: readonly string[] = ["DescribeSecurityGroupReferences", "DescribeStaleSecurityGroups"];
const largeCalls: readonly string[] = [
  "DescribeInstances",
  "DescribeInstanceStatus",
  "DescribeNetworkInterfaces",
  "DescribeSecurityGroups",
  "DescribeSnapshots",
  "DescribeSpotInstanceRequests",
  "DescribeVolumes",
];

/** The bucket of a call. Who asks a large one for everything at once has a smaller one. */
export const bucketOf = ({ api, action }: Operation, params: Params): Bucket => {
  if (api === "ec2" && costlyCalls.includes(action)) return costly;
  const asksAll = Object.keys(params).every((name) => name === "DryRun");
  return api === "ec2" && largeCalls.includes(action) && asksAll ? everything : usual;
};

/** Takes a token from the bucket of that name; false where it is empty. */
export const buckets = (now: () => number): ((owner: string, bucket: Bucket) => boolean) => {
  const levels = new Map<string, { readonly level: number; readonly at: number }>();
  return (owner, { name, capacity, refill }) => {
    const key = `${owner} ${name}`;
    const at = now();
    const last = levels.get(key) ?? { level: capacity, at };
    const level = Math.min(capacity, last.level + ((at - last.at) / 1000) * refill);
    levels.set(key, { level: level >= 1 ? level - 1 : level, at });
    return level >= 1;
  };
};
