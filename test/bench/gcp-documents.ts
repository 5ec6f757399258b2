/** The raw answers of a Google Cloud estate, only as far as the oracle looks at them, and read by nobody else's code. */

export interface Service {
  readonly IPProtocol?: string;
  readonly ipProtocol?: string;
  readonly ports?: readonly string[];
}
export interface Firewall {
  readonly network: string;
  readonly name: string;
  readonly priority: number;
  readonly direction: string;
  readonly disabled: boolean;
  readonly allowed?: readonly Service[];
  readonly denied?: readonly Service[];
  readonly sourceRanges?: readonly string[];
  readonly sourceTags?: readonly string[];
  readonly sourceServiceAccounts?: readonly string[];
  readonly destinationRanges?: readonly string[];
  readonly targetTags?: readonly string[];
  readonly targetServiceAccounts?: readonly string[];
}
export interface PolicyRule {
  readonly action: string;
  readonly priority: number;
  readonly direction: string;
  readonly disabled?: boolean;
  readonly match: {
    readonly srcIpRanges?: readonly string[];
    readonly srcFqdns?: readonly string[];
    readonly srcRegionCodes?: readonly string[];
    readonly srcThreatIntelligences?: readonly string[];
    readonly srcNetworkContext?: string;
    readonly srcNetworkType?: string;
    readonly destIpRanges?: readonly string[];
    readonly layer4Configs: readonly Service[];
  };
  readonly targetResources?: readonly string[];
  readonly targetServiceAccounts?: readonly string[];
  readonly targetSecureTags?: readonly { readonly state: string }[];
}
export interface Policy {
  readonly name: string;
  readonly selfLink: string;
  readonly rules: readonly PolicyRule[];
  readonly associations: readonly {
    readonly name: string;
    readonly attachmentTarget: string;
    readonly priority?: number;
  }[];
}
export interface Route {
  readonly name: string;
  readonly network: string;
  readonly destRange: string;
  readonly priority: number;
  readonly tags?: readonly string[];
  readonly routeStatus: string;
  readonly nextHopGateway?: string;
  readonly nextHopNetwork?: string;
  readonly nextHopVpnTunnel?: string;
  readonly nextHopIp?: string;
}
export interface Nic {
  readonly name: string;
  readonly network: string;
  readonly networkIP: string;
  readonly accessConfigs?: readonly { readonly natIP?: string }[];
  readonly ipv6AccessConfigs?: readonly { readonly externalIpv6: string; readonly externalIpv6PrefixLength: number }[];
}
export interface Instance {
  readonly selfLink: string;
  readonly name: string;
  readonly status: string;
  readonly tags: { readonly items?: readonly string[] };
  readonly serviceAccounts?: readonly { readonly email: string }[];
  readonly networkInterfaces: readonly Nic[];
}
interface Network {
  readonly selfLink: string;
  readonly networkFirewallPolicyEnforcementOrder?: string;
}
interface Subnet {
  readonly network: string;
  readonly ipCidrRange: string;
  readonly ipv6CidrRange?: string;
}

/** The raw answers, with maps to find things by their links. */
export interface Documents {
  readonly instances: Map<string, Instance>;
  readonly networks: Map<string, Network>;
  readonly firewallsOfNetwork: Map<string, Firewall[]>;
  readonly routesOfNetwork: Map<string, Route[]>;
  readonly subnets: Subnet[];
  readonly policies: Policy[];
  /** What is above a project, from the organisation down. */
  readonly above: Map<string, readonly string[]>;
}

/** Reads the pages of an estate, in any order. Effective answers are left out: they tell nothing that is not here. */
export const readGcpDocuments = (pages: Iterable<{ readonly name: string; readonly json: string }>): Documents => {
  const documents: Documents = {
    instances: new Map(),
    networks: new Map(),
    firewallsOfNetwork: new Map(),
    routesOfNetwork: new Map(),
    subnets: [],
    policies: [],
    above: new Map(),
  };
  for (const { json } of pages) {
    const page: unknown = JSON.parse(json);
    for (const thing of thingsIn(page)) keep(documents, thing);
    if (isAncestry(page)) keepAncestry(documents, page);
  }
  return documents;
};

type Thing = { readonly kind: string };

const isThing = (json: unknown): json is Thing =>
  typeof json === "object" && json !== null && "kind" in json && typeof json.kind === "string";

const valuesOf = (value: unknown): readonly unknown[] =>
  typeof value === "object" && value !== null ? Object.values(value) : [];

/** Lists stand by themselves, or in the parts of an aggregated list. */
const thingsIn = (page: unknown): readonly Thing[] => {
  if (Array.isArray(page)) return page.filter(isThing);
  if (!isThing(page) || !("items" in page)) return [];
  return valuesOf(page.items).flatMap(valuesOf).flatMap(valuesOf).filter(isThing);
};

interface Kinds {
  readonly instance: Instance;
  readonly network: Network;
  readonly subnetwork: Subnet;
  readonly firewallPolicy: Policy;
  readonly firewall: Firewall;
  readonly route: Route;
}

/** The estate's answers are taken at their word: a wrong shape shows as an error in the first question that meets it. */
const is = <K extends keyof Kinds>(thing: Thing, kind: K): thing is Thing & Kinds[K] =>
  thing.kind === `compute#${kind}`;

const keep = (documents: Documents, thing: Thing): void => {
  if (is(thing, "instance")) documents.instances.set(thing.selfLink, thing);
  if (is(thing, "network")) documents.networks.set(thing.selfLink, thing);
  if (is(thing, "subnetwork")) documents.subnets.push(thing);
  if (is(thing, "firewallPolicy")) documents.policies.push(thing);
  if (is(thing, "firewall")) add(documents.firewallsOfNetwork, thing.network, thing);
  if (is(thing, "route")) add(documents.routesOfNetwork, thing.network, thing);
};

const add = <T>(lists: Map<string, T[]>, key: string, thing: T): void => {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [thing]);
  else list.push(thing);
};

interface Ancestor {
  readonly id: string;
  readonly type: string;
}
const isAncestry = (json: unknown): json is readonly Ancestor[] =>
  Array.isArray(json) &&
  json.length > 0 &&
  json.every((each) => typeof each === "object" && each !== null && "type" in each && !("kind" in each));

const keepAncestry = ({ above }: Documents, chain: readonly Ancestor[]): void => {
  const project = chain.find(({ type }) => type === "project");
  if (project === undefined) throw new Error("ancestors of no project");
  const nodes = chain.filter(({ type }) => type !== "project").map(({ type, id }) => `${type}s/${id}`);
  above.set(project.id, nodes.toReversed());
};
