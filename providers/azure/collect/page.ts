import { isRaw, items, text } from "#model/raw.ts";
import type { Body, Page } from "#reading/list.ts";
import type { Answer } from "./access.ts";
import { Broken, Refused } from "./fault.ts";
import { withhold } from "./secrets.ts";

/** How an answer holds its things, and what it calls the next page. */
export interface Shape {
  /** The member that holds them; undefined where the answer is one thing by itself. */
  readonly things: string | undefined;
  readonly next: string | undefined;
  /** Whether the same thing may rightly come twice. */
  readonly repeats?: true;
}

export const LIST: Shape = { things: "value", next: "nextLink" };
export const ONE: Shape = { things: undefined, next: undefined };
/** Rules and routes in force: answers of the network, not things with names of their own. */
export const EFFECTIVE: Shape = { things: "value", next: "skipToken", repeats: true };
export const IN_FORCE: Shape = { things: "value", next: undefined, repeats: true };
export const TAGS: Shape = { things: "values", next: undefined };
export const ROWS: Shape = { things: "data", next: "$skipToken" };

/** A page as it came, but for what nobody should keep. Members that are not known here stay in it. */
export const pageOf = ({ status, bytes, header }: Answer, shape: Shape): Page => {
  const json = parsed(bytes);
  if (status !== 200) throw new Refused(status, json, waitIn(header));
  if (!isRaw(json)) throw new Broken(bytes.length === 0 ? "The answer is empty." : "The answer is no whole JSON.");
  const { things, next, repeats } = shape;
  if (things !== undefined && !Array.isArray(json[things])) {
    // What failed on its way is told with the status of a success.
    if (isRaw(json["error"])) throw new Refused(409, json, undefined);
    throw new Broken(`The answer has no list called ${things}.`);
  }
  const link = next === undefined ? undefined : json[next];
  if (link !== undefined && link !== null && typeof link !== "string")
    throw new Broken(`What the answer calls ${next ?? ""} is no text.`);
  if (isTrue(json["resultTruncated"]) && text(link) === undefined)
    throw new Refused(
      200,
      { code: "ResultTruncated", message: "The answer is not all there, and has no next page." },
      0,
    );
  const isKept = withhold(json);
  return {
    json: isKept ? bytes : new TextEncoder().encode(JSON.stringify(json, null, 2)),
    body: () => json,
    next: text(link),
    ids: repeats ? [] : thingsIn(json, shape).flatMap(({ id }) => text(id)?.toLowerCase() ?? []),
  };
};

const isTrue = (value: unknown): boolean => value === true || value === "true";

export const thingsIn = (body: Body, { things }: Shape = LIST): readonly Body[] =>
  things === undefined ? [] : items(body[things]);

const parsed = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
};

/** How long the cloud asks to be left alone, in milliseconds. */
const waitIn = (header: Answer["header"]): number | undefined => {
  for (const [name, unit] of WAITS) {
    const said = header(name);
    const value = said === undefined || said === "" ? Number.NaN : Number(said);
    if (Number.isFinite(value) && value >= 0) return value * unit;
  }
  return undefined;
};

const WAITS = [
  ["retry-after-ms", 1],
  ["x-ms-retry-after-ms", 1],
  ["retry-after", 1000],
] as const;
