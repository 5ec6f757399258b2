import type { Cloud } from "#model/inventory.ts";
import type { Visited } from "#model/provider.ts";
import type { Refused, SnapshotDocument } from "#model/snapshot.ts";
import type { Look } from "./look.ts";
import { hang, safe } from "./look.ts";
import { counted, places } from "./places.ts";

/** What a reading brought: where it stands, what was read, what was refused and what that costs. */
export const collectedText = (
  { scopes, calls, answers, refused }: SnapshotDocument,
  folder: string,
  costs: ReadonlyMap<string, string>,
  look: Look,
): string => {
  const read = scopes.filter(({ skipped }) => skipped === undefined);
  const skipped = scopes.filter((scope) => scope.skipped !== undefined);
  const files = answers.reduce((sum, answer) => sum + answer.files.length, 0);
  return [
    look.paint("strong", hang("", `Snapshot: ${safe(folder)}`, look.width)),
    hang(
      "  ",
      `${[...Map.groupBy(read, ({ cloud }) => cloud)].flatMap(sizeOf).join(", ")}, ${counted(calls.made, "call")} for ${counted(files, "page")}`,
      look.width,
    ),
    ...(skipped.length === 0
      ? []
      : [
          hang(
            "  not read: ",
            [...new Set(skipped.map((each) => `${safe(nameOf(each))} (${safe(each.skipped ?? "")})`))].join(", "),
            look.width,
          ),
        ]),
    ...refusedLines(refused, costs, look),
    "",
    hang("", `Next: sallyport audit --snapshot ${safe(folder)}`, look.width),
    "",
  ].join("\n");
};

const sizeOf = ([cloud, scopes]: readonly [Cloud, readonly Visited[]]): readonly string[] => [
  counted(new Set(scopes.map(({ account }) => account)).size, places[cloud].account),
  counted(scopes.length, places[cloud].region),
];

/** What is left out: a Region, or a whole project. */
const nameOf = ({ account, region }: Visited): string => (region === "global" ? account : region);

/** So many places or calls are named; the document names them all. */
const NAMED = 3;
/** Where so many calls were refused alike, it is the place that is closed. */
const CLOSED = 10;

/** Here the cloud's own words say what to do, and a permission does not help. */
const BY_ITSELF = new Set(["SERVICE_DISABLED", "SECURITY_POLICY_VIOLATED", "USER_PROJECT_DENIED"]);

type Told = Pick<Refused, "call" | "code" | "message" | "account" | "region">;

const placeOf = ({ account, region }: Told): string => [account, region].filter((each) => each !== null).join(" ");

const some = (names: readonly string[]): string => {
  const more = names.length - NAMED;
  return [...names.slice(0, NAMED), ...(more > 0 ? [`${more} more`] : [])].join(", ");
};

/** What was refused: places that are closed altogether, and then each call with the places where it was. */
export const refusedLines = (
  refused: readonly Told[],
  costs: ReadonlyMap<string, string>,
  look: Look,
): readonly string[] => {
  if (refused.length === 0) return [];
  const byPlace = [...Map.groupBy(refused, (each) => `${placeOf(each)} ${each.code}`).values()];
  const closed = byPlace.filter(({ length }) => length >= CLOSED);
  const inClosed = new Set(closed.flat());
  const byCall = Map.groupBy(
    refused.filter((each) => !inClosed.has(each)),
    ({ call, code }) => `${call} ${code}`,
  );
  const line = (what: string, costing: string): readonly string[] => [
    hang("  ? ", safe(what), look.width),
    hang("    ", safe(costing), look.width),
  ];
  return [
    "",
    look.paint("strong", "Refused, and so unknown:"),
    ...closed.flatMap((those) =>
      those
        .slice(0, 1)
        .flatMap((first) => line(`${placeOf(first)}: ${first.code} for ${those.length} calls`, first.message)),
    ),
    ...[...byCall.values()].flatMap((those) =>
      those
        .slice(0, 1)
        .flatMap((first) =>
          line(
            `${first.call}: ${first.code} in ${some(those.map(placeOf))}`,
            (BY_ITSELF.has(first.code) ? undefined : costs.get(first.call)) ?? first.message,
          ),
        ),
    ),
  ];
};
