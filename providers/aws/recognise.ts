import type { RawAnswer, Scope } from "#model/provider.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { permissions } from "./permissions.ts";
import type { Raw } from "./raw.ts";
import { isRaw, items, regionOf, text } from "./raw.ts";

const read = new Set(permissions.flatMap((permission) => permission.keys));

/** Answers that are known and that no verdict rests on yet. */
const known = new Set([
  "Regions",
  "AvailabilityZones",
  "InstanceStatuses",
  "NatGateways",
  "EgressOnlyInternetGateways",
  "CarrierGateways",
  "VpcEndpoints",
  "VpnGateways",
  "VpnConnections",
  "CustomerGateways",
  "TransitGatewayPeeringAttachments",
  "SecurityGroupVpcAssociations",
  "SecurityGroupReferenceSet",
  "SecurityGroupForVpcs",
  "VpcEncryptionControls",
  "LoadBalancers",
  "LoadBalancerDescriptions",
  "Listeners",
  "Rules",
  "TargetGroups",
  "TargetHealthDescriptions",
  "Attributes",
  "LoadBalancerAttributes",
  "Accelerators",
  "EndpointGroups",
  "Firewalls",
  "Accounts",
  "DhcpOptions",
  "KeyPairs",
  "Images",
  "Volumes",
  "Tags",
]);

/** The answers in a document, by the keys that `aws` prints; pages may also stand in one array. */
export const recognise = (json: unknown, at: Source, path = at.file): readonly RawAnswer[] | undefined => {
  if (Array.isArray(json)) {
    const pages = json.map((page, i) => (isRaw(page) ? recognise(page, inside(at, i), path) : undefined));
    return pages.length > 0 && pages.every((page) => page !== undefined) ? pages.flat() : undefined;
  }
  if (!isRaw(json)) return undefined;
  if (text(json["sallyport"]) !== undefined) return [...refusals(json, at), ...visits(json)];
  const keys = Object.keys(json).filter((key) => (read.has(key) || known.has(key)) && holdsItems(key, json[key]));
  if (keys.length === 0) return undefined;
  const scope = scopeOfPath(path);
  return keys
    .filter((key) => read.has(key))
    .flatMap((key) =>
      ownKeys(key, items(json[key])).map((own) => ({
        is: "answer",
        cloud: "aws",
        key: own,
        body: own === key ? json : { ...json, [own]: json[key] },
        at: inside(at, key),
        scope,
      })),
    );
};

/** What several services print under one key is told apart by what its items are. An empty list may be of either. */
const ownKeys = (key: string, list: readonly Raw[]): readonly string[] => {
  const [first] = list;
  const arn = Object.entries(first ?? {}).find(([member]) => member.endsWith("Arn"))?.[1];
  const isOf = (service: string): boolean => typeof arn === "string" && arn.split(":")[2] === service;
  switch (key) {
    case "Listeners":
      if (first === undefined) return ["Listeners", "AcceleratorListeners"];
      return isOf("globalaccelerator") ? ["AcceleratorListeners"] : isOf("elasticloadbalancing") ? [key] : [];
    case "Rules":
      return first === undefined || isOf("elasticloadbalancing") ? [key] : [];
    case "Attributes":
      return list.every((each) => text(each["Key"]) !== undefined) ? [key] : [];
    default:
      return [key];
  }
};

/** Every answer holds a list, which may be absent or null; options and attributes are one object. */
const holdsItems = (key: string, value: unknown): boolean =>
  value === null || Array.isArray(value) || (OBJECTS.has(key) && isRaw(value));

const OBJECTS = new Set(["VpcBlockPublicAccessOptions", "LoadBalancerAttributes"]);

/** The accounts and Regions that `snapshot.json` says were read. */
const visits = (json: Readonly<Record<string, unknown>>): readonly RawAnswer[] =>
  items(json["scopes"]).flatMap((each) => {
    const scope = { account: text(each["account"]), region: text(each["region"]) };
    return text(each["cloud"]) === "aws" && text(each["skipped"]) === undefined
      ? [{ is: "visited", cloud: "aws", scope }]
      : [];
  });

/** What `snapshot.json` says was asked for and denied. */
const refusals = (json: Readonly<Record<string, unknown>>, at: Source): readonly RawAnswer[] =>
  items(json["refused"]).flatMap((each, i) => {
    const call = text(each["call"]);
    if (call === undefined || !/^[a-z0-9-]+:[A-Z]/.test(call)) return [];
    const why = text(each["code"]) ?? text(each["message"]) ?? "no reason was given";
    const scope = { account: text(each["account"]), region: text(each["region"]) };
    return [{ is: "refused", cloud: "aws", call, scope, why, at: inside(inside(at, "refused"), i) }];
  });

/** A folder or file that is called like an account or a Region says that its answers are of it. */
export const scopeOfPath = (file: string): Scope => {
  const steps = file.split(/[/\\]/);
  const stem = steps.at(-1)?.replace(/\.json$/i, "");
  const named = [...steps.slice(0, -1), ...(stem === undefined ? [] : [stem])];
  return {
    account: named.findLast((step) => /^\d{12}$/.test(step)),
    region: named.findLast((step) => regionOf(step) === step),
  };
};
