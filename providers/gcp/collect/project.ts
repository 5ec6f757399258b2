import type { Body, List, Page } from "#reading/list.ts";
import type { Outcome } from "#reading/read.ts";
import { items, raw, text } from "../raw.ts";
import type { Lists, Location, Machines, Networking } from "./lists.ts";
import { regionOf, thingsIn } from "./page.ts";

/** Reads one list of one project, and shows each of its pages. */
export type Read = (list: List, where?: Where, see?: (page: Page) => void) => Promise<Outcome>;

/** The part of a project that an answer is of, and its folder below the project's. */
export interface Where {
  readonly region?: string | undefined;
  readonly folder?: string;
}

/** A network by its own project, and its name there. */
export interface Network {
  readonly project: string;
  readonly name: string;
  readonly link: string;
}

export interface Interface {
  readonly name: string;
  readonly network: Network;
}

export interface Machine {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly region: string;
  readonly isRunning: boolean;
  readonly interfaces: readonly Interface[];
}

/** What rules say that is not in them. */
export interface Mentions {
  tags: boolean;
  /** Where address groups are that rules name: `projects/shop/locations/global`. */
  readonly groups: Set<string>;
}

/** Calls `each` for every thing, or only for the first where a sample is enough. */
export const each = async <T>(
  sample: boolean,
  things: Iterable<T>,
  doing: (thing: T) => Promise<unknown>,
): Promise<void> => {
  await Promise.all((sample ? [...things].slice(0, 1) : [...things]).map(doing));
};

/** Networks, their rules and their routes. */
export const readNetworking = async (
  project: string,
  lists: Lists,
  networking: Networking,
  read: Read,
  mentions: Mentions,
  sample: boolean,
): Promise<void> => {
  const see = (page: Page): void => notice(page, mentions);

  const networks = async (): Promise<void> => {
    const names: string[] = [];
    await read(networking.networks, {}, ({ body }) => void names.push(...namesIn(body())));
    await each(sample, names, (name) => read(lists.effective(project, name), {}, see));
  };

  const policies = async (): Promise<void> => {
    const bare: { readonly name: string; readonly region: string | undefined }[] = [];
    await read(networking.policies, {}, (page) => {
      see(page);
      for (const policy of thingsIn(page.body()))
        if (policy["rules"] === undefined || sample)
          bare.push({ name: text(policy["name"]) ?? "", region: regionOf(linkOf(policy)) });
    });
    await each(sample, bare, ({ name, region }) =>
      read(lists.policy(project, region, name), region === undefined ? {} : { region, folder: region }, see),
    );
  };

  const routers = async (): Promise<void> => {
    const found: { readonly name: string; readonly region: string }[] = [];
    await read(networking.routers, {}, ({ body }) => {
      for (const router of thingsIn(body()))
        if (items(router["bgpPeers"]).length > 0)
          found.push({ name: text(router["name"]) ?? "", region: regionOf(linkOf(router)) ?? "" });
    });
    await each(sample, found, ({ name, region }) =>
      read(lists.routerStatus(project, region, name), { region, folder: region }),
    );
  };

  await Promise.all([
    networks(),
    policies(),
    routers(),
    ...[networking.subnetworks, networking.firewalls, networking.routes, ...networking.others].map((list) =>
      read(list),
    ),
  ]);
};

/** Machines, and what leads to them. */
export const readMachines = async (
  project: string,
  lists: Lists,
  machines: Machines,
  read: Read,
  sample: boolean,
): Promise<readonly Machine[]> => {
  const found: Machine[] = [];

  const groups = async (): Promise<void> => {
    const all: Part[] = [];
    await read(machines.groups, {}, ({ body }) => void all.push(...partsIn(body())));
    await each(sample, all, ({ name, at }) =>
      at === undefined ? Promise.resolve() : read(lists.groupMembers(project, at, name), whereOf(at)),
    );
  };

  const endpoints = async (): Promise<void> => {
    const all: Part[] = [];
    await read(machines.endpointGroups, {}, ({ body }) => void all.push(...partsIn(body())));
    await each(sample, all, ({ name, at }) => read(lists.endpoints(project, at, name), whereOf(at)));
  };

  await Promise.all([
    read(machines.instances, {}, ({ body }) => {
      for (const instance of thingsIn(body())) found.push(machineOf(instance, project));
    }),
    groups(),
    endpoints(),
    ...machines.others.map((list) => read(list)),
  ]);
  return found;
};

/** What rules mention is looked for in the text: the shape of a rule that is newer than this does not matter. */
export const notice = ({ json }: Page, mentions: Mentions): void => {
  const said = new TextDecoder().decode(json);
  if (/"tagValues\/|SecureTags"/.test(said)) mentions.tags = true;
  for (const [, parent = ""] of said.matchAll(GROUP)) mentions.groups.add(parent);
};

const GROUP = /((?:projects|organizations)\/[^/"\s]+\/locations\/[^/"\s]+)\/addressGroups\//g;

interface Part {
  readonly name: string;
  readonly at: Location | undefined;
}

const partsIn = (body: Body): readonly Part[] =>
  [...thingsIn(body)].map((thing) => ({ name: text(thing["name"]) ?? "", at: locationOf(linkOf(thing)) }));

const whereOf = (at: Location | undefined): Where =>
  at === undefined ? {} : { region: regionOf(`${at.kind}/${at.name}`), folder: at.name };

const namesIn = (body: Body): readonly string[] => [...thingsIn(body)].flatMap((thing) => text(thing["name"]) ?? []);

const linkOf = (thing: Body): string => text(thing["selfLink"]) ?? text(thing["zone"]) ?? text(thing["region"]) ?? "";

const locationOf = (link: string): Location | undefined => {
  const [, kind, name] = /(?:^|\/)(zones|regions)\/([^/]+)/.exec(link) ?? [];
  return (kind === "zones" || kind === "regions") && name !== undefined ? { kind, name } : undefined;
};

/** A link may leave out the project, and then it is of the one that the machine is of. */
const networkOf = (link: string, project: string): Network => {
  const [, owner = project] = /projects\/([^/]+)\//.exec(link) ?? [];
  return { project: owner, name: link.split("/").at(-1) ?? "", link };
};

const machineOf = (instance: Body, project: string): Machine => {
  const zone = (text(instance["zone"]) ?? linkOf(instance).split("/instances/")[0] ?? "").split("/").at(-1) ?? "";
  return {
    id: text(instance["id"]) ?? "",
    name: text(instance["name"]) ?? "",
    zone,
    region: regionOf(`zones/${zone}`) ?? "",
    isRunning: text(instance["status"]) === "RUNNING",
    interfaces: items(instance["networkInterfaces"]).map((nic, i) => ({
      name: text(nic["name"]) ?? `nic${i}`,
      network: networkOf(text(nic["network"]) ?? "", project),
    })),
  };
};

/** The folders and the organisation that a project is in, as policies name them. */
export const aboveIn = (body: Body): readonly string[] =>
  items(body["ancestor"]).flatMap((ancestor) => {
    const { type, id } = raw(ancestor["resourceId"]);
    return type === "folder" || type === "organization" ? [`${type}s/${text(id) ?? ""}`] : [];
  });

/** Policies of a folder or an organisation, and who they are for. */
export const readAbove = async (
  parent: string,
  lists: Lists,
  read: Read,
  mentions: Mentions,
  sample: boolean,
): Promise<void> => {
  const bare: string[] = [];
  const policies = async (): Promise<void> => {
    await read(lists.policiesOf(parent), {}, (page) => {
      notice(page, mentions);
      for (const policy of thingsIn(page.body()))
        if (policy["rules"] === undefined || sample) bare.push(text(policy["id"]) ?? text(policy["name"]) ?? "");
    });
    await each(sample, bare, (id) => read(lists.policyAbove(id), {}, (page) => notice(page, mentions)));
  };
  await Promise.all([policies(), read(lists.associations(parent))]);
};
