import type { Body, Page } from "#reading/list.ts";
import { isRaw, items, raw, text } from "../raw.ts";
import type { Answer } from "./access.ts";
import { Broken, Refused } from "./fault.ts";
import { withhold } from "./secrets.ts";

/** A page as it came, but for what nobody should keep. Members that are not known here stay in it. */
export const pageOf = ({ status, bytes, headers }: Answer): Page => {
  const json = parsed(bytes);
  if (status < 200 || status > 299) throw new Refused(status, json, waitIn(headers));
  if (!isRaw(json)) throw new Broken(bytes.length === 0 ? "The answer is empty." : "The answer is no whole JSON.");
  const isKept = withhold(json);
  const next = text(json["nextPageToken"]);
  return {
    json: isKept ? bytes : new TextEncoder().encode(JSON.stringify(json, null, 2)),
    body: () => json,
    next,
    ids: [...linksIn(json)],
  };
};

const parsed = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
};

const waitIn = (headers: Headers): number | undefined => {
  const value = headers.get("retry-after");
  const seconds = value === null ? Number.NaN : Number(value);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
};

/** The things of a page, whether they stand in a list or in one list for each zone and region. */
export function* thingsIn(body: Body): Generator<Body> {
  const content = body["items"];
  if (!isRaw(content)) return yield* items(content);
  for (const part of Object.values(content)) for (const list of Object.values(raw(part))) yield* items(list);
}

function* linksIn(body: Body): Generator<string> {
  for (const thing of thingsIn(body)) {
    const link = text(thing["selfLink"]) ?? text(thing["instance"]);
    if (link !== undefined) yield link;
  }
}

/** A part of the cloud that was not asked, although the whole list was. */
export interface Hole {
  readonly region: string | undefined;
  readonly code: string;
  readonly message: string;
}

/** What an answer says that it leaves out. An empty zone says so too, and is none. */
export const holesIn = (body: Body): readonly Hole[] => {
  const scopes = isRaw(body["items"]) ? Object.entries(body["items"]) : [];
  return [
    ...scopes.flatMap(([scope, part]) => holeOf(scope, raw(part)["warning"])),
    ...holeOf(undefined, body["warning"]),
    ...(Array.isArray(body["unreachables"]) ? body["unreachables"] : []).flatMap((scope: unknown) =>
      text(scope) === undefined ? [] : [hole(text(scope), "UNREACHABLE", "")],
    ),
  ];
};

const holeOf = (scope: string | undefined, warning: unknown): readonly Hole[] => {
  const { code, message } = raw(warning);
  const name = text(code);
  return name === undefined || name === "NO_RESULTS_ON_PAGE" ? [] : [hole(scope, name, text(message) ?? "")];
};

const hole = (scope: string | undefined, code: string, message: string): Hole => ({
  region: regionOf(scope ?? ""),
  code,
  message: `${scope ?? "The list"} is not all there. ${message}`.trim(),
});

/** The region of `zones/europe-west1-b`, and of a link that ends so. */
export const regionOf = (link: string): string | undefined => {
  const [, kind, name] = /(?:^|\/)(zones|regions)\/([^/]+)/.exec(link) ?? [];
  return kind === "zones" ? name?.replace(/-[a-z]+$/, "") : name;
};
