import type { RawAnswer } from "#model/provider.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";
import { isArmId, isGuid, subscriptionOf, typeOf } from "./arm-id.ts";
import { permissionFor, permissions } from "./permissions.ts";
import type { Raw, Scope } from "./raw.ts";
import { isRaw, items, member, text } from "./raw.ts";

/** An answer that only tells that a list was asked for, of whom, and whether all of it is there. */
export const LIST = "list";

type Answer = Extract<RawAnswer, { is: "answer" }>;
const answer = (key: string, body: Raw, at: Source, scope: Scope): Answer => ({
  is: "answer",
  cloud: "azure",
  key,
  body,
  at,
  scope,
});

/** What kind of answer a thing of a type belongs to. */
const BY_TYPE: ReadonlyMap<string, string> = new Map([
  ...[
    "networkSecurityGroups",
    "networkInterfaces",
    "publicIPAddresses",
    "publicIPPrefixes",
    "virtualNetworks",
    "routeTables",
    "applicationSecurityGroups",
    "loadBalancers",
    "azureFirewalls",
    "firewallPolicies",
    "ipGroups",
    "applicationGateways",
    "bastionHosts",
    "virtualNetworkGateways",
    "natGateways",
    "networkManagers",
    "serviceTags",
  ].map((name) => [`microsoft.network/${name.toLowerCase()}`, name] as const),
  ["microsoft.network/virtualnetworks/subnets", "subnets"],
  ["microsoft.network/firewallpolicies/rulecollectiongroups", "ruleCollectionGroups"],
  ["microsoft.network/effectivesecurityadminrules", "effectiveSecurityAdminRules"],
  ["microsoft.compute/virtualmachines", "virtualMachines"],
  ["microsoft.compute/virtualmachines/instanceview", "virtualMachines"],
  ["microsoft.compute/virtualmachinescalesets", "virtualMachineScaleSets"],
  ["microsoft.compute/virtualmachinescalesets/virtualmachines", "scaleSetVirtualMachines"],
  ["microsoft.compute/virtualmachinescalesets/virtualmachines/networkinterfaces", "scaleSetNetworkInterfaces"],
  ["microsoft.compute/virtualmachinescalesets/networkinterfaces", "scaleSetNetworkInterfaces"],
]);

const PUBLIC_OF_SET =
  "microsoft.compute/virtualmachinescalesets/virtualmachines/networkinterfaces/ipconfigurations/publicipaddresses";
const RULE_OF_ADMIN = "microsoft.network/networkmanagers/securityadminconfigurations/rulecollections/rules";

/** The kind of a thing, by its id and else by its type; empty for a thing of Azure that nothing rests on. */
const keyOfThing = (each: Raw): string | undefined => {
  const capital = text(each["Id"]);
  // Other things are not written in capitals by any answer that is read here.
  if (capital !== undefined && typeOf(capital) === RULE_OF_ADMIN) return ADMIN_RULE;
  const id = text(each["id"]);
  const type = text(each["type"])?.toLowerCase();
  if (id !== undefined && isArmId(id)) {
    const own = typeOf(id) ?? "";
    if (own === PUBLIC_OF_SET) return "scaleSetPublicIPAddresses";
    if (own === RULE_OF_ADMIN) return ADMIN_RULE;
    return BY_TYPE.get(own) ?? BY_TYPE.get(type ?? "") ?? "";
  }
  // Of what rules rest on, one that does not say which it is cannot be passed over.
  if (type?.startsWith("microsoft.") === true) return BY_TYPE.has(type) ? undefined : "";
  if (id !== undefined && /^\/subscriptions\/[^/]+$/i.test(id)) return "subscriptions";
  if (each["subscriptionId"] !== undefined && each["tenantId"] !== undefined) return "subscriptions";
  return each["cloudName"] !== undefined && each["tenantId"] !== undefined ? "subscriptions" : undefined;
};

/** A rule of an admin configuration, which is in force where an effective answer says so. */
const ADMIN_RULE = "securityAdminRules";

/** Only a rule that is in force somewhere tells for which groups; what is merely written down does not. */
const isInForce = (item: Raw): boolean => member(item, "ruleCollectionAppliesToGroups") !== undefined;

/** Answers for one thing each, which the file's name tells: how their items look, and how the files are called. */
const NAMED: readonly {
  readonly key: string;
  readonly files: RegExp;
  readonly holds: (item: Raw) => boolean;
}[] = [
  {
    key: "effectiveSecurityAdminRules",
    files: /^(?:list-)?effective-(?:security-)?admin-rules?(?:-(.+))?$/,
    holds: (item) =>
      keyOfThing(item) === ADMIN_RULE ||
      member(item, "ruleCollectionAppliesToGroups") !== undefined ||
      (member(item, "destinationPortRanges") !== undefined && member(item, "destinations") !== undefined),
  },
  {
    key: "effectiveConnectivity",
    files: /^(?:list-)?effective-connectivity(?:-config(?:uration)?s?)?(?:-(.+))?$/,
    holds: (item) => member(item, "connectivityTopology") !== undefined,
  },
  {
    key: "effectiveNetworkSecurityGroups",
    files: /^(?:list-)?effective-(?:network-security-groups?|nsgs?)(?:-(.+))?$/,
    holds: (item) => Array.isArray(member(item, "effectiveSecurityRules")),
  },
  {
    key: "effectiveRoutes",
    files: /^(?:show-)?effective-route(?:-table)?s?(?:-(.+))?$/,
    holds: (item) => member(item, "nextHopType") !== undefined && Array.isArray(member(item, "addressPrefix")),
  },
];

/**
 * The answers in a document: things by their ARM ids and types, in arrays, in `value` as ARM wraps them, or in `data` as
 * Resource Graph does. Every list is told of besides its things, because an empty one is an answer too.
 */
export const recognise = (json: unknown, at: Source, path = at.file): readonly RawAnswer[] | undefined => {
  const scope = scopeOfPath(path);
  if (Array.isArray(json)) return ofList(json, false, at, path, scope);
  if (!isRaw(json)) return undefined;
  if (text(json["sallyport"]) !== undefined) return [...refusals(json, at), ...visits(json)];
  return ofDocument(json, at, path, scope);
};

const ofDocument = (json: Raw, at: Source, path: string, scope: Scope): readonly RawAnswer[] | undefined => {
  const fault = json["error"];
  if (isRaw(fault) && text(fault["code"]) !== undefined) return ofFault(fault, inside(at, "error"), path, scope);
  if (isServiceTags(json)) return [answer("serviceTags", json, at, scope)];
  for (const name of ["value", "Value", "data", "Data"]) {
    const list = json[name];
    if (!Array.isArray(list)) continue;
    const cut =
      /^true$/i.test(String(json["resultTruncated"] ?? json["result_truncated"])) ||
      ["nextLink", "NextLink", "skipToken", "$skipToken", "skip_token", "SkipToken"].some(
        (each) => text(json[each]) !== undefined,
      );
    return ofList(list, cut, inside(at, name), path, scope);
  }
  const key = keyOfThing(json);
  if (key !== undefined) return thing(key, json, at, path, scope);
  // What Azure's own analyser says of one packet proves nothing of the way (azure.md D).
  if (text(json["access"]) !== undefined && text(json["ruleName"]) !== undefined) return [];
  return isInstanceView(json) && MACHINE_FILE.test(stemOf(path))
    ? [answer("virtualMachines", { ...json, called: MACHINE_FILE.exec(stemOf(path))?.[1] }, at, scope)]
    : undefined;
};

const MACHINE_FILE = /^(?:get-)?instance-view-(.+)$/;
const isInstanceView = (json: Raw): boolean => items(json["statuses"]).some((each) => text(each["code"]) !== undefined);

const isServiceTags = (json: Raw): boolean =>
  (json["changeNumber"] !== undefined || /\/serviceTags\//i.test(text(json["id"]) ?? "")) &&
  items(member(json, "values")).every((each) => Array.isArray(member(each, "addressPrefixes")));

const thing = (key: string, each: Raw, at: Source, path: string, scope: Scope): readonly RawAnswer[] => {
  if (key === "serviceTags") return isServiceTags(each) ? [answer(key, each, at, scope)] : [];
  if (key === "effectiveSecurityAdminRules") return [answer(key, { rows: [each] }, at, scope)];
  if (key === ADMIN_RULE)
    return NAMED[0]?.files.test(stemOf(path)) === true ? named(NAMED[0], [each], true, at, path, scope) : [];
  return read.has(key) || key === "subscriptions" ? [answer(key, each, at, scope)] : [];
};

const named = (
  { key, files }: (typeof NAMED)[number],
  list: readonly unknown[],
  whole: boolean,
  at: Source,
  path: string,
  scope: Scope,
): readonly RawAnswer[] => [
  answer(key, { items: list, whole, called: files.exec(stemOf(path))?.[1], path }, at, scope),
];

const ofList = (
  list: readonly unknown[],
  cut: boolean,
  at: Source,
  path: string,
  scope: Scope,
): readonly RawAnswer[] | undefined => {
  const stem = stemOf(path);
  if (list.length === 0) {
    const own = NAMED.find(({ files }) => files.test(stem));
    if (own !== undefined) return named(own, list, !cut, at, path, scope);
    const key = listOf(stem);
    return key === undefined ? undefined : [listed(key, scope.account, cut, at, path)];
  }
  if (!list.every(isRaw)) return undefined;
  const special = NAMED.find(
    ({ files, holds }, i) => list.every(holds) && (i > 0 || files.test(stem) || list.every(isInForce)),
  );
  if (special !== undefined) return named(special, list, !cut, at, path, scope);
  const found: RawAnswer[] = [];
  const lists = new Map<string, { readonly key: string; readonly of: string | undefined }>();
  let isAzure = false;
  let last: { readonly key: string; readonly of: string | undefined } | undefined;
  for (const [i, each] of list.entries()) {
    const key = keyOfThing(each);
    if (key === undefined) {
      const page = ofDocument(each, inside(at, i), path, scope);
      if (page === undefined) return undefined;
      isAzure = true;
      found.push(...page);
      continue;
    }
    isAzure = true;
    if (key === "") continue;
    for (const one of thing(key, each, inside(at, i), path, scope)) found.push(one);
    const of = subscriptionOf(text(each["id"]) ?? "") ?? scope.account;
    // Things of one list are mostly of one kind and one subscription.
    if (last?.key === key && last.of === of) continue;
    last = { key, of };
    lists.set(`${key} ${of}`, last);
  }
  if (!isAzure) return undefined;
  return [...found, ...[...lists.values()].map(({ key, of }) => listed(key, of, cut, at, path))];
};

/** A list, and what its file is called: that of a scale set or of a policy is told by it. */
const listed = (collection: string, of: string | undefined, cut: boolean, at: Source, path: string): RawAnswer =>
  answer(LIST, { collection, of, cut, stem: stemOf(path), path }, at, { account: of, region: undefined });

export const stemOf = (path: string): string =>
  (path.split(/[/\\]/).at(-1) ?? "").replace(/\.json$/i, "").replace(/-\d{3,4}$/, "");

const kebab = (key: string): string =>
  key
    .replace(/IPA/, "IpA")
    .replace(/IPP/, "IpP")
    .replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Other names that files of such lists go by. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["nsgs", "networkSecurityGroups"],
  ["nsg", "networkSecurityGroups"],
  ["nsg-list", "networkSecurityGroups"],
  ["nics", "networkInterfaces"],
  ["nic", "networkInterfaces"],
  ["public-ips", "publicIPAddresses"],
  ["public-ip", "publicIPAddresses"],
  ["vnets", "virtualNetworks"],
  ["vnet", "virtualNetworks"],
  ["asgs", "applicationSecurityGroups"],
  ["lbs", "loadBalancers"],
  ["lb", "loadBalancers"],
  ["firewalls", "azureFirewalls"],
  ["vms", "virtualMachines"],
  ["vm", "virtualMachines"],
  ["vmss", "virtualMachineScaleSets"],
  ["bastions", "bastionHosts"],
  ["vnet-gateways", "virtualNetworkGateways"],
]);

/** The list that a file's name means. */
const listOf = (stem: string): string | undefined => {
  const alias = ALIASES.get(stem);
  if (alias !== undefined) return alias;
  const exact = [...read].find((key) => stem === kebab(key) || stem === key || stem === key.toLowerCase());
  if (exact !== undefined) return exact;
  return [...OF_ONE].find((key) => stem.startsWith(`${kebab(key)}-`));
};

/** Lists of which there is one for each scale set, or each policy. */
const OF_ONE = [
  "scaleSetNetworkInterfaces",
  "scaleSetPublicIPAddresses",
  "scaleSetVirtualMachines",
  "ruleCollectionGroups",
  "virtualNetworkGateways",
] as const;

/** The name in the file's name of a list that there is one of for each thing. */
export const calledIn = (collection: string, stem: string): string | undefined =>
  stem.startsWith(`${kebab(collection)}-`) ? stem.slice(kebab(collection).length + 1) : undefined;

/** An error of ARM instead of an answer: whose it is, is in its words, or in the name of the file. */
const ofFault = (fault: Raw, at: Source, path: string, scope: Scope): readonly RawAnswer[] | undefined => {
  const message = text(fault["message"]) ?? "";
  const code = text(fault["code"]) ?? "";
  const action = /action '([^']+)'/.exec(message)?.[1];
  const stem = stemOf(path);
  const own = NAMED.find(({ files }) => files.test(stem))?.key ?? listOf(stem);
  const call = action ?? (own === undefined ? undefined : permissionFor(own)?.call);
  if (call === undefined) return /^[A-Za-z]+$/.test(code) && message !== "" ? [] : undefined;
  const account = /subscriptions\/([0-9a-f-]{36})/i.exec(message)?.[1]?.toLowerCase() ?? scope.account;
  return [{ is: "refused", cloud: "azure", call, scope: { account, region: scope.region }, why: code, at }];
};

/** What `snapshot.json` says was asked for and denied. A subscription is told as the account. */
const refusals = (json: Raw, at: Source): readonly RawAnswer[] =>
  items(json["refused"]).flatMap((each, i) => {
    const call = text(each["call"]);
    const cloud = text(each["cloud"]) ?? "azure";
    if (call === undefined || cloud !== "azure" || !CALL.test(call)) return [];
    const why = text(each["code"]) ?? text(each["message"]) ?? "no reason was given";
    const scope = { account: text(each["account"])?.toLowerCase(), region: text(each["region"]) };
    return [{ is: "refused", cloud: "azure", call, scope, why, at: inside(inside(at, "refused"), i) }];
  });

const CALL = /^Microsoft\.[A-Za-z]+\//i;

const visits = (json: Raw): readonly RawAnswer[] =>
  items(json["scopes"]).flatMap((each) =>
    text(each["cloud"]) === "azure" && text(each["skipped"]) === undefined
      ? [
          {
            is: "visited",
            cloud: "azure",
            scope: { account: text(each["account"])?.toLowerCase(), region: text(each["region"]) },
          },
        ]
      : [],
  );

/** A folder that is called by a subscription's id says that its answers are of it. */
const scopeOfPath = (path: string): Scope => ({
  account: path
    .split(/[/\\]/)
    .slice(0, -1)
    .findLast((step) => isGuid(step))
    ?.toLowerCase(),
  region: undefined,
});

/** The kinds of answers that some call gives. */
const read: ReadonlySet<string> = new Set(permissions.flatMap(({ keys }) => keys));
