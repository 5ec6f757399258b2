import type * as Ec2 from "@aws-sdk/client-ec2";
import type * as Classic from "@aws-sdk/client-elastic-load-balancing";
import type * as Balancing from "@aws-sdk/client-elastic-load-balancing-v2";
import type * as Accelerating from "@aws-sdk/client-global-accelerator";
import type * as Organizing from "@aws-sdk/client-organizations";
import type * as Managing from "@aws-sdk/client-ssm";
import type * as Sts from "@aws-sdk/client-sts";
import type { Body, How, List, Page } from "#reading/list.ts";
import type { Bucket } from "#reading/pace.ts";
import { items, raw, text } from "../raw.ts";
import { IDS } from "./ids.ts";
import type { WithPage } from "./ec2-protocol.ts";
import { PRINTED } from "./ec2-protocol.ts";

/** Reads of EC2 that pass a size of page or a filter (aws.md C.2). */
const READS: Bucket = { capacity: 100, refill: 20 };
const STALE: Bucket = { capacity: 20, refill: 5 };
/** The other services publish no figures; these stay low, and back off when they are told to. */
const OTHERS: Bucket = { capacity: 40, refill: 10 };
const GLOBAL: Bucket = { capacity: 10, refill: 5 };

type Output = object & { readonly $metadata?: unknown };

const pageOf = (output: Output, token: string | undefined): Page => {
  const next = token === "" ? undefined : token;
  if (isPrinted(output)) {
    const { json, ids } = output[PRINTED];
    return { json, next, ids, body: () => raw(JSON.parse(new TextDecoder().decode(json))) };
  }
  const { $metadata: _about, ...body } = output;
  return { json: new TextEncoder().encode(JSON.stringify(body)), next, ids: idsIn(body), body: () => body };
};

const isPrinted = (output: object): output is WithPage => PRINTED in output;

/** Things whose lists are called like them. */
const idsIn = (body: Body): readonly string[] =>
  Object.entries(IDS).flatMap(([thing, id]) => items(body[`${thing}s`]).flatMap((item) => text(item[id]) ?? []));

interface Paged {
  readonly MaxResults?: number;
  readonly NextToken?: string;
}
type Send<I, O> = (input: I, how: How) => Promise<O>;

/** `describe-network-interfaces` for `ec2:DescribeNetworkInterfaces`, as the command line spells it. */
const spelled = (call: string): string =>
  call
    .replace(/^.*:/, "")
    .replaceAll(/([a-z\d])([A-Z])/g, "$1-$2")
    .toLowerCase();

/** A list with `MaxResults` and `NextToken`. */
const paged = <O extends Output & { readonly NextToken?: string | undefined }>(
  call: string,
  size: number,
  send: Send<Paged, O>,
  { bucket = READS, of = "" }: { readonly bucket?: Bucket; readonly of?: string } = {},
): List => ({
  call,
  file: `${spelled(call)}${of}`,
  bucket,
  size,
  ask: async ({ token, size: fewer = size }, how) => {
    const output = await send({ MaxResults: fewer, ...(token === undefined ? {} : { NextToken: token }) }, how);
    return pageOf(output, output.NextToken);
  },
});

/** An answer that comes whole. */
const whole = (
  call: string,
  send: (how: How) => Promise<Output>,
  { bucket = READS, of = "" }: { readonly bucket?: Bucket; readonly of?: string } = {},
): List => ({
  call,
  file: `${spelled(call)}${of}`,
  bucket,
  size: undefined,
  ask: async (_page, how) => pageOf(await send(how), undefined),
});

/** A filter of EC2: one name, and one of these values. */
export interface Filter {
  readonly name: string;
  readonly values: readonly string[];
}

const filters = (filter: Filter | undefined): { readonly Filters?: Ec2.Filter[] } =>
  filter === undefined ? {} : { Filters: [{ Name: filter.name, Values: [...filter.values] }] };

/** Lists of EC2, each at its own page maximum (aws.md C.1). */
export const ec2Lists = (sdk: typeof Ec2, client: Ec2.EC2Client) => {
  const simple = {
    vpcs: paged("ec2:DescribeVpcs", 1000, (page, how) => client.send(new sdk.DescribeVpcsCommand(page), how)),
    subnets: paged("ec2:DescribeSubnets", 1000, (page, how) => client.send(new sdk.DescribeSubnetsCommand(page), how)),
    routeTables: paged("ec2:DescribeRouteTables", 100, (page, how) =>
      client.send(new sdk.DescribeRouteTablesCommand(page), how),
    ),
    networkAcls: paged("ec2:DescribeNetworkAcls", 1000, (page, how) =>
      client.send(new sdk.DescribeNetworkAclsCommand(page), how),
    ),
    securityGroups: paged("ec2:DescribeSecurityGroups", 1000, (page, how) =>
      client.send(new sdk.DescribeSecurityGroupsCommand(page), how),
    ),
    internetGateways: paged("ec2:DescribeInternetGateways", 1000, (page, how) =>
      client.send(new sdk.DescribeInternetGatewaysCommand(page), how),
    ),
    addresses: whole("ec2:DescribeAddresses", (how) => client.send(new sdk.DescribeAddressesCommand({}), how)),
    prefixLists: paged("ec2:DescribeManagedPrefixLists", 100, (page, how) =>
      client.send(new sdk.DescribeManagedPrefixListsCommand(page), how),
    ),
    peerings: paged("ec2:DescribeVpcPeeringConnections", 1000, (page, how) =>
      client.send(new sdk.DescribeVpcPeeringConnectionsCommand(page), how),
    ),
    blockOptions: whole("ec2:DescribeVpcBlockPublicAccessOptions", (how) =>
      client.send(new sdk.DescribeVpcBlockPublicAccessOptionsCommand({}), how),
    ),
    blockExclusions: paged("ec2:DescribeVpcBlockPublicAccessExclusions", 1000, (page, how) =>
      client.send(new sdk.DescribeVpcBlockPublicAccessExclusionsCommand(page), how),
    ),
    connectEndpoints: paged("ec2:DescribeInstanceConnectEndpoints", 50, (page, how) =>
      client.send(new sdk.DescribeInstanceConnectEndpointsCommand(page), how),
    ),
    transitGateways: paged("ec2:DescribeTransitGateways", 1000, (page, how) =>
      client.send(new sdk.DescribeTransitGatewaysCommand(page), how),
    ),
    transitAttachments: paged("ec2:DescribeTransitGatewayAttachments", 1000, (page, how) =>
      client.send(new sdk.DescribeTransitGatewayAttachmentsCommand(page), how),
    ),
    transitVpcAttachments: paged("ec2:DescribeTransitGatewayVpcAttachments", 1000, (page, how) =>
      client.send(new sdk.DescribeTransitGatewayVpcAttachmentsCommand(page), how),
    ),
    transitRouteTables: paged("ec2:DescribeTransitGatewayRouteTables", 1000, (page, how) =>
      client.send(new sdk.DescribeTransitGatewayRouteTablesCommand(page), how),
    ),
  };
  return {
    simple: Object.values(simple),
    ...simple,
    // Nodes that EKS and the like manage are hidden unless they are asked for (aws.md A.8).
    interfaces: (filter?: Filter, of = ""): List =>
      paged(
        "ec2:DescribeNetworkInterfaces",
        1000,
        (page, how) =>
          client.send(
            new sdk.DescribeNetworkInterfacesCommand({ ...page, ...filters(filter), IncludeManagedResources: true }),
            how,
          ),
        { of },
      ),
    instances: (filter?: Filter, of = ""): List =>
      paged(
        "ec2:DescribeInstances",
        1000,
        (page, how) =>
          client.send(
            new sdk.DescribeInstancesCommand({ ...page, ...filters(filter), IncludeManagedResources: true }),
            how,
          ),
        { of },
      ),
    groupRules: (filter?: Filter, of = ""): List =>
      paged(
        "ec2:DescribeSecurityGroupRules",
        1000,
        (page, how) => client.send(new sdk.DescribeSecurityGroupRulesCommand({ ...page, ...filters(filter) }), how),
        { of },
      ),
    staleGroups: (vpc: string): List =>
      paged(
        "ec2:DescribeStaleSecurityGroups",
        255,
        (page, how) => client.send(new sdk.DescribeStaleSecurityGroupsCommand({ ...page, VpcId: vpc }), how),
        { bucket: STALE, of: `-${vpc}` },
      ),
    entries: (id: string): List =>
      paged(
        "ec2:GetManagedPrefixListEntries",
        100,
        (page, how) => client.send(new sdk.GetManagedPrefixListEntriesCommand({ ...page, PrefixListId: id }), how),
        { of: `-${id}` },
      ),
    transitRoutes: (table: string): List =>
      paged(
        "ec2:SearchTransitGatewayRoutes",
        1000,
        (page, how) =>
          client.send(
            new sdk.SearchTransitGatewayRoutesCommand({
              ...page,
              TransitGatewayRouteTableId: table,
              Filters: [{ Name: "state", Values: ["active", "blackhole"] }],
            }),
            how,
          ),
        { of: `-${table}` },
      ),
    transitPrefixLists: (table: string): List =>
      paged(
        "ec2:GetTransitGatewayPrefixListReferences",
        1000,
        (page, how) =>
          client.send(
            new sdk.GetTransitGatewayPrefixListReferencesCommand({ ...page, TransitGatewayRouteTableId: table }),
            how,
          ),
        { of: `-${table}` },
      ),
  };
};
export type Ec2Lists = ReturnType<typeof ec2Lists>;

/** A list with `PageSize`, `Marker` and `NextMarker`. */
const marked = <O extends Output & { readonly NextMarker?: string | undefined }>(
  call: string,
  send: Send<{ readonly PageSize: number; readonly Marker?: string }, O>,
  of = "",
): List => ({
  call,
  file: `${spelled(call)}${of}`,
  bucket: OTHERS,
  size: 400,
  ask: async ({ token, size = 400 }, how) => {
    const output = await send({ PageSize: size, ...(token === undefined ? {} : { Marker: token }) }, how);
    return pageOf(output, output.NextMarker);
  },
});

const ELB = "elasticloadbalancing:";

/** What an ARN says beyond its kind, as a file can be called: `app-web-50dc6c495c0c9188`. */
export const endOfArn = (arn: string): string => arn.split(":").slice(5).join("-").split("/").slice(1).join("-");

/** Network and application load balancers. */
export const balancerLists = (sdk: typeof Balancing, client: Balancing.ElasticLoadBalancingV2Client) => ({
  balancers: marked(`${ELB}DescribeLoadBalancers`, (page, how) =>
    client.send(new sdk.DescribeLoadBalancersCommand(page), how),
  ),
  targetGroups: marked(`${ELB}DescribeTargetGroups`, (page, how) =>
    client.send(new sdk.DescribeTargetGroupsCommand(page), how),
  ),
  listeners: (balancer: string): List =>
    marked(
      `${ELB}DescribeListeners`,
      (page, how) => client.send(new sdk.DescribeListenersCommand({ ...page, LoadBalancerArn: balancer }), how),
      `-${endOfArn(balancer)}`,
    ),
  rules: (listener: string): List =>
    marked(
      `${ELB}DescribeRules`,
      (page, how) => client.send(new sdk.DescribeRulesCommand({ ...page, ListenerArn: listener }), how),
      `-${endOfArn(listener)}`,
    ),
  balancerAttributes: (balancer: string): List =>
    whole(
      `${ELB}DescribeLoadBalancerAttributes`,
      (how) => client.send(new sdk.DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: balancer }), how),
      { bucket: OTHERS, of: `-${endOfArn(balancer)}` },
    ),
  health: (group: string): List =>
    whole(
      `${ELB}DescribeTargetHealth`,
      (how) => client.send(new sdk.DescribeTargetHealthCommand({ TargetGroupArn: group }), how),
      { bucket: OTHERS, of: `-${endOfArn(group)}` },
    ),
  groupAttributes: (group: string): List =>
    whole(
      `${ELB}DescribeTargetGroupAttributes`,
      (how) => client.send(new sdk.DescribeTargetGroupAttributesCommand({ TargetGroupArn: group }), how),
      { bucket: OTHERS, of: `-${endOfArn(group)}` },
    ),
});

/** Classic load balancers, which have a call of the same name. */
export const classicLists = (sdk: typeof Classic, client: Classic.ElasticLoadBalancingClient) => ({
  balancers: marked(
    `${ELB}DescribeLoadBalancers`,
    (page, how) => client.send(new sdk.DescribeLoadBalancersCommand(page), how),
    "-classic",
  ),
  attributes: (name: string): List =>
    whole(
      `${ELB}DescribeLoadBalancerAttributes`,
      (how) => client.send(new sdk.DescribeLoadBalancerAttributesCommand({ LoadBalancerName: name }), how),
      { bucket: OTHERS, of: `-classic-${name}` },
    ),
});

const GA = "globalaccelerator:";

/** Accelerators, which no Region has. */
export const acceleratorLists = (sdk: typeof Accelerating, client: Accelerating.GlobalAcceleratorClient) => {
  const list = <O extends Output & { readonly NextToken?: string | undefined }>(
    call: string,
    send: Send<Paged, O>,
    of = "",
  ): List => paged(`${GA}${call}`, 100, send, { bucket: GLOBAL, of });
  return {
    accelerators: list("ListAccelerators", (page, how) => client.send(new sdk.ListAcceleratorsCommand(page), how)),
    listeners: (arn: string): List =>
      list(
        "ListListeners",
        (page, how) => client.send(new sdk.ListListenersCommand({ ...page, AcceleratorArn: arn }), how),
        `-${endOfArn(arn)}`,
      ),
    endpointGroups: (arn: string): List =>
      list(
        "ListEndpointGroups",
        (page, how) => client.send(new sdk.ListEndpointGroupsCommand({ ...page, ListenerArn: arn }), how),
        `-${endOfArn(arn)}`,
      ),
    customAccelerators: list("ListCustomRoutingAccelerators", (page, how) =>
      client.send(new sdk.ListCustomRoutingAcceleratorsCommand(page), how),
    ),
    customListeners: (arn: string): List =>
      list(
        "ListCustomRoutingListeners",
        (page, how) => client.send(new sdk.ListCustomRoutingListenersCommand({ ...page, AcceleratorArn: arn }), how),
        `-${endOfArn(arn)}`,
      ),
    customEndpointGroups: (arn: string): List =>
      list(
        "ListCustomRoutingEndpointGroups",
        (page, how) => client.send(new sdk.ListCustomRoutingEndpointGroupsCommand({ ...page, ListenerArn: arn }), how),
        `-${endOfArn(arn)}`,
      ),
  };
};

/** Machines that Session Manager reaches. */
export const managedLists = (sdk: typeof Managing, client: Managing.SSMClient) => ({
  machines: paged(
    "ssm:DescribeInstanceInformation",
    50,
    (page, how) => client.send(new sdk.DescribeInstanceInformationCommand(page), how),
    { bucket: OTHERS },
  ),
});

/** The Regions of an account, those that it has not opted in to as well. */
export const regionLists = (sdk: typeof Ec2, client: Ec2.EC2Client) => ({
  regions: whole("ec2:DescribeRegions", (how) =>
    client.send(new sdk.DescribeRegionsCommand({ AllRegions: true }), how),
  ),
});

/** Who the credentials are, and credentials of a role. */
export const identityLists = (sdk: typeof Sts, client: Sts.STSClient) => ({
  caller: whole("sts:GetCallerIdentity", (how) => client.send(new sdk.GetCallerIdentityCommand({}), how), {
    bucket: GLOBAL,
  }),
  role: (arn: string): List =>
    whole(
      "sts:AssumeRole",
      (how) =>
        client.send(new sdk.AssumeRoleCommand({ RoleArn: arn, RoleSessionName: SESSION, DurationSeconds: HOUR }), how),
      { bucket: GLOBAL },
    ),
});

/** The name of the session, by which an account's own log tells who read. */
const SESSION = "sallyport";
/** Longer is not given where one role takes on another (aws.md C.5). */
const HOUR = 3600;

/** Accounts of the organisation. */
export const organizationLists = (sdk: typeof Organizing, client: Organizing.OrganizationsClient) => ({
  accounts: paged(
    "organizations:ListAccounts",
    20,
    (page, how) => client.send(new sdk.ListAccountsCommand(page), how),
    { bucket: GLOBAL },
  ),
});
