import { remembering } from "#model/remember.ts";
import type { Crowd, Home, Instance, Shared } from "./instance.ts";
import { stepOf } from "./instance.ts";
import { linkOf, pathIn, projectOf, regionOf, zoneOf } from "./link.ts";

/** Machines in the order in which they were read, and by their path. */
export interface Instances {
  readonly all: readonly Instance[];
  readonly get: (path: string) => Instance | undefined;
}

/** Gathers machines, and keeps one of all that many of them have the same. */
export interface Gathering extends Instances, Shared {
  /** Adds a machine by its path, unless one is there: that one is told. */
  readonly add: (path: string, instance: Instance) => Instance | undefined;
}

/** A zone of a project with its machines by name: a path is long, and machines are many. */
interface Zone extends Home {
  readonly machines: Map<string, Instance>;
}

export const gathering = (): Gathering => {
  const all: Instance[] = [];
  const lists = remembering<readonly string[]>();
  const paths = new Map<string, string>();
  const crowdsIn = remembering<Home["crowd"]>();
  const homes = new Map<string, Zone>();
  let last: Zone | undefined;
  // Lists are told zone by zone, so that most machines are where the one before was.
  const home = (path: string): Zone => {
    const slash = path.lastIndexOf("/") + 1;
    if (last?.above.length === slash && path.startsWith(last.above)) return last;
    const above = path.slice(0, slash);
    last = homes.get(above) ?? zoneOfPath(path, above);
    homes.set(above, last);
    return last;
  };
  const zoneOfPath = (path: string, above: string): Zone => {
    const [project, region] = [projectOf(path), regionOf(path)];
    const crowd = crowdsIn([project, region], () => crowds(project, region));
    return { above, link: linkOf(above), project, zone: zoneOf(path), region, crowd, machines: new Map() };
  };
  return {
    all,
    home,
    get: (path) => {
      const slash = path.lastIndexOf("/") + 1;
      return homes.get(path.slice(0, slash))?.machines.get(path.slice(slash));
    },
    add: (path, instance) => {
      const zone = home(path);
      const name = stepOf(zone, path, instance.name);
      const before = zone.machines.get(name);
      if (before !== undefined) return before;
      zone.machines.set(name, instance);
      all.push(instance);
      return undefined;
    },
    list: (texts) => (texts.length === 0 ? NONE : lists(texts, () => texts)),
    path: (link, project) => {
      const key = link?.startsWith("https://") === true ? link : `${project} ${link}`;
      const before = paths.get(key);
      if (before !== undefined) return before;
      const made = pathIn(link, project);
      paths.set(key, made);
      return made;
    },
  };
};
const NONE: readonly string[] = [];

const crowds = (project: string | undefined, region: string | undefined): Home["crowd"] => {
  const known = remembering<Crowd>();
  return (tags, accounts) => known([tags, accounts], () => ({ project, region, tags, accounts }));
};

/** The same machines, one of them changed. */
export const withInstance = ({ all, get }: Instances, changed: Instance): Instances => ({
  all: all.map((each) => (each.path === changed.path ? changed : each)),
  get: (path) => (path === changed.path ? changed : get(path)),
});
