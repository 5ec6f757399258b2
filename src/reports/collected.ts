import type { Refused, SnapshotDocument } from "#model/snapshot.ts";
import type { Look } from "./look.ts";
import { hang, safe } from "./look.ts";

/** What a reading brought: where it stands, what was read, what was refused and what that costs. */
export const collectedText = (
  { scopes, calls, answers, refused }: SnapshotDocument,
  folder: string,
  costs: ReadonlyMap<string, string>,
  look: Look,
): string => {
  const read = scopes.filter(({ skipped }) => skipped === undefined);
  const skipped = scopes.filter((scope) => scope.skipped !== undefined);
  const accounts = new Set(read.map(({ account }) => account)).size;
  const files = answers.reduce((sum, answer) => sum + answer.files.length, 0);
  return [
    look.paint("strong", hang("", `Snapshot: ${safe(folder)}`, look.width)),
    hang(
      "  ",
      `${counted(accounts, "account")}, ${counted(read.length, "Region")}, ${counted(calls.made, "call")} for ${counted(files, "page")}`,
      look.width,
    ),
    ...(skipped.length === 0
      ? []
      : [
          hang(
            "  not read: ",
            [...new Set(skipped.map((each) => `${safe(each.region)} (${safe(each.skipped ?? "")})`))].join(", "),
            look.width,
          ),
        ]),
    ...refusedLines(refused, costs, look),
    "",
    hang("", `Next: sallyport audit --snapshot ${safe(folder)}`, look.width),
    "",
  ].join("\n");
};

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? "" : "s"}`;

/** So many places are named; the document names them all. */
const PLACES = 3;

/** Each call that was refused once, for the same reason, with the places where it was. */
export const refusedLines = (
  refused: readonly Pick<Refused, "call" | "code" | "message" | "account" | "region">[],
  costs: ReadonlyMap<string, string>,
  look: Look,
): readonly string[] => {
  if (refused.length === 0) return [];
  const groups = [...Map.groupBy(refused, ({ call, code }) => `${call} ${code}`).values()];
  return [
    "",
    look.paint("strong", "Refused, and so unknown:"),
    ...groups.flatMap((those) => {
      const [first] = those;
      if (first === undefined) return [];
      const places = those.map(({ account, region }) => [account, region].filter((each) => each !== null).join(" "));
      const more = places.length - PLACES;
      const where = [...places.slice(0, PLACES), ...(more > 0 ? [`${more} more`] : [])].join(", ");
      return [
        hang("  ? ", `${safe(first.call)}: ${safe(first.code)} in ${safe(where)}`, look.width),
        hang("    ", safe(costs.get(first.call) ?? first.message), look.width),
      ];
    }),
  ];
};
