import type { Machine, Resource } from "#model/inventory.ts";
import type { Source } from "#model/source.ts";
import type { Fact } from "./facts.ts";
import { linkOf } from "./link.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { readInterfaces } from "./network-interface.ts";
import { isRaw, items, text, texts } from "./raw.ts";

/**
 * A virtual machine: whose it is, whether it runs, and by what rules name it. Machines are many, so that what can be put
 * together of the rest is not kept.
 */
export class Instance implements Machine {
  readonly home: Home;
  /** The last step of its path. */
  readonly step: string;
  /** Its self link, where that is not written as all are. */
  readonly link: string | undefined;
  readonly name: string;
  readonly number: string | undefined;
  readonly status: string | undefined;
  readonly crowd: Crowd;
  readonly at: Source;
  readonly interfaces: readonly NetworkInterface[];

  constructor(kept: Kept, interfaces: (own: Instance) => readonly NetworkInterface[]) {
    this.home = kept.home;
    this.step = kept.step;
    this.link = kept.link;
    this.name = kept.name;
    this.number = kept.number;
    this.status = kept.status;
    this.crowd = kept.crowd;
    this.at = kept.at;
    this.interfaces = interfaces(this);
  }

  get path(): string {
    return this.home.above + this.step;
  }

  /** Its self link, by which it is called. */
  get id(): string {
    return this.link ?? this.home.link + this.step;
  }

  get project(): string | undefined {
    return this.home.project;
  }

  get zone(): string | undefined {
    return this.home.zone;
  }

  get region(): string | undefined {
    return this.home.region;
  }

  /** Network tags, which are the machine's and not an interface's. */
  get tags(): readonly string[] {
    return this.crowd.tags;
  }

  get accounts(): readonly string[] {
    return this.crowd.accounts;
  }

  get resource(): Resource {
    const { id, name, project, region } = this;
    return { cloud: "gcp", account: project ?? null, region: region ?? null, type: "instance", id, name };
  }

  /** The same machine in another state, or with other interfaces. */
  with({
    status = this.status,
    interfaces = this.interfaces,
  }: Partial<Pick<Instance, "status" | "interfaces">>): Instance {
    const { home, step, link, name, number, crowd, at } = this;
    return new Instance({ home, step, link, name, number, status, crowd, at }, () => interfaces);
  }
}

/** What is kept of a machine's answer. */
type Kept = Pick<Instance, "home" | "step" | "link" | "name" | "number" | "status" | "crowd" | "at">;

/** All machines of one project and region that carry the same words. Of the same reading, equal crowds are one object. */
export interface Crowd {
  readonly project: string | undefined;
  readonly region: string | undefined;
  readonly tags: readonly string[];
  readonly accounts: readonly string[];
}

/** Whose a machine is and where: the same for all of one zone. */
export interface Home {
  /** The path of everything in it, up to the name, and the self link of that. */
  readonly above: string;
  readonly link: string;
  readonly project: string | undefined;
  readonly zone: string | undefined;
  readonly region: string | undefined;
  /** The crowd of those in the region that carry the same lists. */
  readonly crowd: (tags: readonly string[], accounts: readonly string[]) => Crowd;
}

/** Keeps one of all that machines have in common, so that those that are alike share it. */
export interface Shared {
  readonly list: (texts: readonly string[]) => readonly string[];
  readonly path: (link: string | undefined, project: string | undefined) => string;
  readonly home: (path: string) => Home;
}

export const readInstance = ({ path, raw: machine, at }: Fact, shared: Shared): Instance => {
  const home = shared.home(path);
  const name = text(machine["name"]);
  const step = stepOf(home, path, name);
  const tags = shared.list(texts(isRaw(machine["tags"]) ? machine["tags"]["items"] : machine["tags"]));
  const accounts = shared.list(emailsOf(machine["serviceAccounts"]));
  const kept = {
    home,
    step,
    link: ownLink(home, step, text(machine["selfLink"]) ?? linkOf(path)),
    name: name ?? step,
    number: text(machine["id"]),
    status: text(machine["status"]),
    crowd: home.crowd(tags, accounts),
    at,
  };
  return new Instance(kept, (own) => inOrder(readInterfaces(machine["networkInterfaces"], own, shared.path)));
};

/** The last step of a path: as a rule the name, which is kept anyway. */
export const stepOf = ({ above }: Home, path: string, name: string | undefined): string => {
  const step = path.slice(above.length);
  return step === name ? name : step;
};

/** A self link that is not written as all are. */
const ownLink = ({ link }: Home, step: string, told: string): string | undefined =>
  told.length === link.length + step.length && told.startsWith(link) && told.endsWith(step) ? undefined : told;

const emailsOf = (list: unknown): readonly string[] => texts(items(list).map((each) => text(each["email"])));

const inOrder = (list: readonly NetworkInterface[]): readonly NetworkInterface[] =>
  list.length < 2 ? list : list.toSorted((a, b) => a.index - b.index || (a.name < b.name ? -1 : 1));
