import type { Machine } from "#model/inventory.ts";
import type { Source } from "#model/source.ts";
import type { Fact } from "./facts.ts";
import { linkOf } from "./link.ts";
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

export const readInstance = ({ path: told, raw: machine, at }: Fact, shared: Shared): Instance => {
  const home = shared.home(told);
  const step = stepOf(home, told, text(machine["name"]));
  const path = home.above + step;
  const id = idOf(home, step, text(machine["selfLink"]) ?? linkOf(told));
  const { project, zone, region } = home;
  const tags = shared.list(texts(isRaw(machine["tags"]) ? machine["tags"]["items"] : machine["tags"]));
  const accounts = shared.list(emailsOf(machine["serviceAccounts"]));
  const name = text(machine["name"]) ?? step;
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

/** The last step of a path: as a rule the name, which is kept anyway. */
export const stepOf = ({ above }: Home, path: string, name: string | undefined): string => {
  const step = path.slice(above.length);
  return step === name ? name : step;
};

/** The self link, put together of what is kept anyway where it is written as all are. */
const idOf = ({ link }: Home, step: string, told: string): string =>
  told.length === link.length + step.length && told.startsWith(link) && told.endsWith(step) ? link + step : told;

const emailsOf = (list: unknown): readonly string[] => texts(items(list).map((each) => text(each["email"])));

const inOrder = (list: readonly NetworkInterface[]): readonly NetworkInterface[] =>
  list.length < 2 ? list : list.toSorted((a, b) => a.index - b.index || (a.name < b.name ? -1 : 1));
