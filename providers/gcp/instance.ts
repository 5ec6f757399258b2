import type { Machine } from "#model/inventory.ts";
import type { Source } from "#model/source.ts";
import type { Fact } from "./facts.ts";
import { linkOf, nameOf } from "./link.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { readInterfaces } from "./network-interface.ts";
import { isRaw, items, text, texts } from "./raw.ts";

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

/** Whose a machine is and where: the same for all of one zone. */
export interface Home {
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
  const id = text(machine["selfLink"]) ?? linkOf(path);
  const home = shared.home(path);
  const { project, zone, region } = home;
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
    crowd: home.crowd(tags, accounts),
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
