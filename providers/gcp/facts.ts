import type { Gap } from "#model/gap.ts";
import { gap } from "#model/gap.ts";
import type { Reading, Scope } from "#model/provider.ts";
import type { Source } from "#model/source.ts";
import { problems } from "#problems.ts";
import type { Instances } from "./instances.ts";
import { projectOf } from "./link.ts";
import { permissionFor } from "./permissions.ts";
import type { Raw } from "./raw.ts";

/** One thing as it was read. */
export interface Fact {
  /** What its self link names. */
  readonly path: string;
  readonly raw: Raw;
  readonly at: Source;
}

/** Where a member of a thing was read; of one that it does not have, where the thing itself was. */
export const placeIn = ({ raw, at }: Fact, member: string): Source =>
  raw[member] === undefined ? at : { file: at.file, pointer: `${at.pointer}/${member}` };

/** A list of one kind: of which project and region, and whether all of it is there. */
export interface Asked {
  readonly project: string | undefined;
  readonly region: string | undefined;
  readonly how: "read" | "refused" | "cut";
  readonly gap?: Gap;
}

/** Kinds of things that are kept by the path of their self link. */
export const nouns = [
  "networks",
  "subnetworks",
  "firewalls",
  "routes",
  "firewallPolicies",
  "addressGroups",
  "projects",
  "routers",
  "forwardingRules",
  "targetInstances",
  "targetPools",
  "backendServices",
  "instanceGroups",
  "targetTcpProxies",
  "targetSslProxies",
  "targetHttpProxies",
  "targetHttpsProxies",
  "urlMaps",
] as const;
export type Noun = (typeof nouns)[number];

/** An answer that says which firewalls are in force, and of what. */
export interface Effective {
  readonly network: string;
  /** The region whose policies it tells of too; of a machine, the machine's own. */
  readonly region: string | undefined;
  /** The interface that it was asked for. */
  readonly interface: string | undefined;
  readonly fact: Fact;
}

/** What the routers of a network have learned, as it holds in a region; in which, where something says so. */
export interface Learned {
  readonly network: string;
  readonly region: string | undefined;
  readonly routes: readonly Fact[];
}

/** A machine behind a balancer, at a port where the group says one. */
export interface Member {
  readonly instance: string;
  readonly address: string | undefined;
  readonly port: number | undefined;
}

/** Everything that the answers say, by path, before anything is concluded from it. */
export interface Facts {
  readonly how: Reading;
  /** Marks what comes of this reading. Facts with a change are another reading. */
  readonly read: object;
  readonly instances: Instances;
  /** The networks that machines are in, by path, and the projects of these machines. */
  readonly guests: ReadonlyMap<string, ReadonlySet<string>>;
  readonly things: Readonly<Record<Noun, ReadonlyMap<string, Fact>>>;
  readonly effective: readonly Effective[];
  readonly learned: readonly Learned[];
  /** What is above a project, from the organisation down: `organizations/1`, `folders/2`. */
  readonly ancestors: ReadonlyMap<string, readonly string[]>;
  /** Values of secure tags that are bound to a machine, by the machine's path. */
  readonly secureTags: ReadonlyMap<string, ReadonlySet<string>>;
  /** The members of instance groups and network endpoint groups, by the group's path. */
  readonly groups: ReadonlyMap<string, readonly Member[]>;
  readonly asked: ReadonlyMap<string, readonly Asked[]>;
  /** Projects that were read live, whatever is in them. */
  readonly visited: readonly Scope[];
  readonly projects: ReadonlySet<string>;
  /** Things that were read twice and differ, by path. */
  readonly contradictions: ReadonlyMap<string, Gap>;
  readonly gaps: readonly Gap[];
}

const byInterface = new WeakMap<readonly Effective[], ReadonlyMap<string, readonly Effective[]>>();

/** The effective answers that tell of an interface: its own, and those of its network. There may be one for each machine. */
export const effectiveFor = (
  { effective }: Facts,
  { id, network }: { readonly id: string; readonly network: string },
): readonly Effective[] => {
  const known =
    byInterface.get(effective) ??
    Map.groupBy(effective, (each) =>
      each.interface === undefined ? each.network : `${each.network} ${each.interface}`,
    );
  byInterface.set(effective, known);
  return [...(known.get(`${network} ${id}`) ?? []), ...(known.get(network) ?? [])];
};

/** Whether a list of somebody may be the list of this project. A list that does not say whose it is, is of the only one. */
const isOf = (facts: Facts, asked: Asked, project: string | undefined): boolean =>
  asked.project === undefined
    ? facts.projects.size < 2 || asked.how !== "read"
    : project === undefined || asked.project === project;

/** How a list was asked for in a project; the worst of what was heard counts. */
export const askedFor = (
  facts: Facts,
  key: string,
  project: string | undefined,
  region?: string,
): "read" | "refused" | "cut" | "never" => {
  const heard = (facts.asked.get(key) ?? []).filter(
    (each) =>
      isOf(facts, each, project) && (each.region === undefined || region === undefined || each.region === region),
  );
  // The list of one region says nothing of the others.
  const counts = ({ how, region: of }: Asked): boolean => how !== "read" || of === undefined || of === region;
  return (
    (["refused", "cut", "read"] as const).find((how) => heard.some((each) => each.how === how && counts(each))) ??
    "never"
  );
};

/** Why nothing is known of something of this kind. */
export const gapFor = (facts: Facts, key: string, what: string, project: string | undefined, source?: Source): Gap => {
  const heard = (facts.asked.get(key) ?? []).find((each) => each.how !== "read" && isOf(facts, each, project));
  return heard?.gap ?? gap("missing", problems.missing(what, permissionFor(key)?.cli ?? key), source);
};

/** The network's own project, whose rules and routes count, whoever the machine belongs to. */
export const hostOf = (network: string): string | undefined => projectOf(network);
