import type { Ask } from "#model/provider.ts";
import { Trouble, problems } from "#problems.ts";
import type { Body, List } from "#reading/list.ts";
import type { Means } from "#reading/read.ts";
import { readList } from "#reading/read.ts";
import { items, text } from "../raw.ts";
import type { Holder } from "./access.ts";
import type { Lists } from "./lists.ts";

/** A project that is meant. */
export interface Project {
  readonly id: string;
  readonly name: string | undefined;
}

/**
 * The projects that were named, those below folders and organisations, or the one that the credentials are of. A folder
 * that may not be looked into is a refusal, and stops no other.
 */
export const findProjects = async (
  ask: Ask,
  means: Means,
  lists: Lists,
  holder: Holder,
): Promise<readonly Project[]> => {
  const refusals: string[] = [];
  // What only finds out what there is, is nobody's answer, and is not kept.
  const aside: Means = {
    ...means,
    sample: false,
    desk: {
      ...means.desk,
      page: () => undefined,
      refused: (refusal) => {
        refusals.push(refusal.message);
        means.desk.refused(refusal);
      },
    },
  };
  const bodiesOf = async (list: List, parent: string): Promise<readonly Body[]> => {
    const bodies: Body[] = [];
    const place = {
      cloud: "gcp",
      scope: { account: parent === "" ? undefined : parent, region: undefined },
      folder: "",
      charged: holder.charged,
      renew: holder.renew,
    } as const;
    await readList(aside, place, list, ({ body }) => void bodies.push(body()));
    return bodies;
  };
  const things = async (list: List, key: string, parent: string): Promise<readonly Body[]> =>
    (await bodiesOf(list, parent)).flatMap((body) => items(body[key]));

  const below = async (parent: string): Promise<readonly Project[]> => {
    const [projects, folders] = await Promise.all([
      things(lists.projectsBelow(parent), "projects", parent),
      things(lists.foldersBelow(parent), "folders", parent),
    ]);
    const deeper = await Promise.all(folders.filter(isActive).map((folder) => below(text(folder["name"]) ?? "")));
    const own = projects.filter(isActive).flatMap((project): readonly Project[] => {
      const id = text(project["projectId"]);
      return id === undefined ? [] : [{ id, name: text(project["displayName"]) }];
    });
    return [...own, ...deeper.flat()];
  };

  const organizations = ask.organization ? await things(lists.organizations, "organizations", "") : [];
  const parents = [
    ...organizations.flatMap((each) => text(each["name"]) ?? []),
    ...ask.folders.map((folder) => (folder.includes("/") ? folder : `folders/${folder}`)),
  ];
  const listed = (await Promise.all(parents.map(below))).flat();
  const named = ask.projects.map((id) => ({ id, name: undefined }));
  const asksForMany = ask.organization || ask.folders.length > 0;
  const own =
    asksForMany || named.length > 0 || holder.project === undefined ? [] : [{ id: holder.project, name: undefined }];
  const all = [...new Map([...named, ...listed, ...own].map((project) => [project.id, project])).values()];
  if (all.length > 0) return all;
  throw new Trouble(
    problems.noProject(refusals.length === 0 ? whyNone(asksForMany) : [...new Set(refusals)].join(" ")),
  );
};

const whyNone = (asksForMany: boolean): string =>
  asksForMany ? "None was found below." : "The credentials are of none in particular.";

const isActive = (thing: Body): boolean => (text(thing["state"]) ?? "ACTIVE") === "ACTIVE";
