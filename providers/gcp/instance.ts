import type { Machine } from "#model/inventory.ts";
import type { Source } from "#model/source.ts";
import type { Fact } from "./facts.ts";
import { linkOf, nameOf, pathIn, projectOf, regionOf, zoneOf } from "./link.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { readInterfaces } from "./network-interface.ts";
import { isRaw, items, text, texts } from "./raw.ts";
import { remembering } from "#model/remember.ts";

/** A virtual machine: whose it is, whether it runs, and by what rules name it. */
export interface Instance extends Machine {
  readonly path: string;
  /** Its self link, by which it is called. */
  readonly id: string;
  readonly name: string;
  readonly number: string | undefined;
  readonly project: string | undefined;
  readonly zone: string | undefined;
  readonly region: string | undefined;
  readonly status: string | undefined;
  /** Network tags, which are the machine's and not an interface's. */
  readonly tags: readonly string[];
  readonly accounts: readonly string[];
  readonly crowd: Crowd;
  readonly interfaces: readonly NetworkInterface[];
  readonly at: Source;
}

/** All machines of one project and region that carry the same words. Of the same reading, equal crowds are one object. */
export interface Crowd {
  readonly project: string | undefined;
  readonly region: string | undefined;
  readonly tags: readonly string[];
  readonly accounts: readonly string[];
}

/** Keeps one of all lists and links that are the same, so that machines that are alike share them. */
export interface Shared {
  readonly list: (texts: readonly string[]) => readonly string[];
  readonly path: (link: string | undefined, project: string | undefined) => string;
  readonly crowd: (crowd: Crowd) => Crowd;
}

export const sharing = (): Shared => {
  const lists = remembering<readonly string[]>();
  const crowds = remembering<Crowd>();
  const paths = new Map<string, string>();
  return {
    list: (texts) => (texts.length === 0 ? NONE : lists(texts, () => texts)),
    path: (link, project) => {
      const key = link?.startsWith("https://") === true ? link : `${project} ${link}`;
      const before = paths.get(key);
      if (before !== undefined) return before;
      const made = pathIn(link, project);
      paths.set(key, made);
      return made;
    },
    crowd: (crowd) => crowds([crowd.project, crowd.region, crowd.tags, crowd.accounts], () => crowd),
  };
};
const NONE: readonly string[] = [];

export const readInstance = ({ path, raw: machine, at }: Fact, shared: Shared): Instance => {
  const id = text(machine["selfLink"]) ?? linkOf(path);
  const { project, zone, region } = homeOf(path);
  const tags = shared.list(texts(isRaw(machine["tags"]) ? machine["tags"]["items"] : machine["tags"]));
  const accounts = shared.list(emailsOf(machine["serviceAccounts"]));
  const name = text(machine["name"]) ?? nameOf(path);
  return {
    resource: { cloud: "gcp", account: project ?? null, region: region ?? null, type: "instance", id, name },
    path,
    id,
    name,
    number: text(machine["id"]),
    project,
    zone,
    region,
    status: text(machine["status"]),
    tags,
    accounts,
    crowd: shared.crowd({ project, region, tags, accounts }),
    interfaces: inOrder(readInterfaces(machine["networkInterfaces"], { path, id, project, region }, at, shared.path)),
    at,
  };
};

const emailsOf = (list: unknown): readonly string[] => {
  const found: string[] = [];
  for (const each of items(list)) {
    const email = text(each["email"]);
    if (email !== undefined) found.push(email);
  }
  return found;
};

const inOrder = (list: readonly NetworkInterface[]): readonly NetworkInterface[] =>
  list.length < 2 ? list : list.toSorted((a, b) => a.index - b.index || (a.name < b.name ? -1 : 1));

/** Whose a machine is and where: the same for all of one zone, and read once. */
interface Home {
  readonly project: string | undefined;
  readonly zone: string | undefined;
  readonly region: string | undefined;
}
const homes = new Map<string, Home>();

const homeOf = (path: string): Home => {
  const above = path.slice(0, path.lastIndexOf("/"));
  const before = homes.get(above);
  if (before !== undefined) return before;
  const made: Home = { project: projectOf(path), zone: zoneOf(path), region: regionOf(path) };
  homes.set(above, made);
  return made;
};
