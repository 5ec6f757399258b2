/** The forms in which the same things come: as ARM nests them, and as `az` prints them. */
import { hex8 } from "../estate/text.ts";
import type { Page } from "../estate.ts";
import { scramble } from "../random.ts";

/** A thing with its members, before it is known how it is printed. */
export interface Thing {
  readonly id: string;
  readonly type: string;
  readonly location?: string;
  readonly sku?: object;
  readonly properties: object;
  /** Members that stand beside the properties in both forms. */
  readonly besides?: object;
}

const nameIn = (id: string): string => id.slice(id.lastIndexOf("/") + 1);

/** As ARM prints it. */
export const nested = ({ id, type, location, sku, properties, besides }: Thing): object => ({
  name: nameIn(id),
  id,
  etag: etag(id.length),
  type,
  ...(location === undefined ? {} : { location }),
  properties: { provisioningState: "Succeeded", ...properties },
  ...(sku === undefined ? {} : { sku }),
  ...besides,
});

/** As `az` prints it. */
export const flattened = ({ id, type, location, sku, properties, besides }: Thing): object => ({
  etag: etag(id.length),
  id,
  ...(location === undefined ? {} : { location }),
  name: nameIn(id),
  provisioningState: "Succeeded",
  ...properties,
  resourceGroup: /\/resourceGroups\/([^/]+)/.exec(id)?.[1] ?? "",
  ...(sku === undefined ? {} : { sku }),
  type,
  ...besides,
});

const etag = (number: number): string =>
  `W/"${hex8(scramble(number))}-8c1e-4f0b-9d55-${hex8(scramble(number + 1))}0a2b"`;

export const page = (name: string, json: unknown): Page => ({ name, json: JSON.stringify(json) });

const pageSize = 1000;

/** A list as ARM pages it. Only one page is in memory at a time. */
export function* paged(folder: string, name: string, things: Iterable<object>): Generator<Page, void> {
  let [value, number]: [object[], number] = [[], 1];
  const print = (more: boolean): Page =>
    page(`${folder}/${name}-${String(number).padStart(3, "0")}.json`, {
      value,
      ...(more
        ? { nextLink: `https://management.azure.com/${folder}/${name}?api-version=2026-01-01&$skiptoken=${number}` }
        : {}),
    });
  for (const thing of things) {
    if (value.length === pageSize) {
      yield print(true);
      [value, number] = [[], number + 1];
    }
    value.push(thing);
  }
  yield print(false);
}

/** A list as `az` prints it: all of it, in one array. */
export const listed = (folder: string, name: string, things: Iterable<object>): Page =>
  page(`${folder}/${name}.json`, [...things]);
