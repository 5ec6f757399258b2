import { posix } from "node:path";
import { clouds } from "#model/inventory.ts";
import type { RawAnswer } from "#model/provider.ts";
import type { Answered } from "#model/snapshot.ts";
import type { Source } from "#model/source.ts";
import { inside } from "#model/source.ts";

/** A file that `snapshot.json` says holds a page of an answer, and where it says so. */
export interface Promised {
  readonly file: string;
  readonly answer: Answered;
  readonly at: Source;
}

/** The files that a document promises; none where it is no `snapshot.json` of ours. */
export const promisesIn = (json: unknown, file: string): readonly Promised[] => {
  if (!isObject(json) || typeof json["sallyport"] !== "string" || !Array.isArray(json["answers"])) return [];
  const answers: readonly unknown[] = json["answers"];
  const at = inside({ file, pointer: "" }, "answers");
  const folder = posix.dirname(file.replaceAll("\\", "/"));
  return answers.flatMap((answer, i) =>
    isAnswered(answer)
      ? answer.files.map((each, j) => ({
          file: posix.join(folder, each),
          answer,
          at: inside(inside(inside(at, i), "files"), j),
        }))
      : [],
  );
};

/** What was promised and is not there, or is of no use. */
export const lostAnswers = (promised: readonly Promised[], used: ReadonlySet<string>): readonly RawAnswer[] => {
  const known = new Set([...used].map((file) => file.replaceAll("\\", "/")));
  return promised
    .filter(({ file }) => !known.has(file))
    .map(({ file, at, answer: { cloud, call, account, region } }) => ({
      is: "lost",
      cloud,
      call,
      scope: { account: account ?? undefined, region: region ?? undefined },
      file,
      at,
    }));
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isAnswered = (value: unknown): value is Answered =>
  isObject(value) &&
  clouds.some((cloud) => cloud === value["cloud"]) &&
  typeof value["call"] === "string" &&
  (value["account"] === null || typeof value["account"] === "string") &&
  (value["region"] === null || typeof value["region"] === "string") &&
  Array.isArray(value["files"]) &&
  value["files"].every((file) => typeof file === "string");
