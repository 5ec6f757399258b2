/**
 * What a self link names, whatever host and version stand before it: `projects/shop/global/networks/main`. Things are
 * kept and compared by this path, and called by their self link.
 */
export const pathOf = (link: string | undefined): string => {
  if (link === undefined) return "";
  if (link.startsWith(HOST)) return link.slice(HOST.length);
  return /(?:^|\/)((?:projects\/[^/]+\/|locations\/global\/).+)$/.exec(link)?.[1] ?? link;
};

/** What nearly every link begins with. */
const HOST = "https://www.googleapis.com/compute/v1/";

/** The self link of a path, as the compute API writes it. */
export const linkOf = (path: string): string =>
  /^(?:projects|locations)\//.test(path) ? `https://www.googleapis.com/compute/v1/${path}` : path;

/** The thing's own name: the last step. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** What kind of thing it is, as the API calls a list of them: the step before the last. */
export const collectionOf = (path: string): string => path.split("/").at(-2) ?? "";

export const projectOf = (path: string): string | undefined => /^projects\/([^/]+)\//.exec(path)?.[1];

/** The region that a path says, or that its zone is in. */
export const regionOf = (path: string): string | undefined =>
  /\/regions\/([^/]+)/.exec(path)?.[1] ?? regionOfZone(/\/zones\/([^/]+)/.exec(path)?.[1]);

/** The name of a region, as Google gives them; of a zone it is the part before the last letter. */
const REGION =
  /^(?:africa|asia|australia|europe|me|northamerica|southamerica|us)-(?:north|south)?(?:east|west|central)?\d+$/;
export const isRegion = (text: string): boolean => REGION.test(text) && !/-\d/.test(text);

export const zoneOf = (path: string): string | undefined => /\/zones\/([^/]+)/.exec(path)?.[1];

/** `europe-west1` of `europe-west1-b`. */
export const regionOfZone = (zone: string | undefined): string | undefined => zone?.replace(/-[a-z]$/, "");

/** A link that leaves out the project is of the project of whoever wrote it. */
export const pathIn = (link: string | undefined, project: string | undefined): string => {
  const path = pathOf(link);
  if (path.startsWith("projects/")) return path;
  return project !== undefined && /^(?:global|regions|zones)\//.test(path) ? `projects/${project}/${path}` : path;
};

/** The network of a rule, a route or a subnet: it is of the same project, even where a link has that project's number. */
export const networkOf = (link: string | undefined, path: string): string => {
  const project = projectOf(path);
  const network = pathIn(link, project);
  return project === undefined ? network : network.replace(/^projects\/\d+\//, `projects/${project}/`);
};
