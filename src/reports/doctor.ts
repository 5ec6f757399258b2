import type { Cloud } from "#model/inventory.ts";
import type { Identity, Trial, Visited } from "#model/provider.ts";
import { refusedLines } from "./collected.ts";
import type { Look } from "./look.ts";
import { hang, safe } from "./look.ts";
import { places } from "./places.ts";

export interface DoctorAnswer {
  readonly identities: readonly Identity[];
  readonly scopes: readonly Visited[];
  readonly trials: readonly Trial[];
}

/** Who asks, where, and which calls are allowed; of those that are not, what each costs. */
export const doctorText = (
  { identities, scopes, trials }: DoctorAnswer,
  costs: ReadonlyMap<string, string>,
  look: Look,
): string => {
  const refused = trials
    .filter(({ outcome }) => outcome === "refused")
    .map(({ call, scope, why = "" }) => {
      const [code = "", ...message] = why.split(": ");
      const { account = null, region = null } = scope;
      return { call, code, message: message.join(": "), account, region };
    });
  const names = new Set(refused.map(({ call }) => call));
  const allowed = new Set(
    trials.filter(({ call, outcome }) => outcome === "allowed" && !names.has(call)).map(({ call }) => call),
  );
  const untried = trials.filter(({ outcome }) => outcome === "not tried").map(({ call }) => call);
  return [
    ...identities.map(({ cloud, who, account }) =>
      hang(
        "You are ",
        `${safe(who)}${account === "" ? "" : ` in ${places[cloud].account} ${safe(account)}`}`,
        look.width,
      ),
    ),
    "",
    ...[...Map.groupBy(scopes, ({ account }) => account)].map(([account, those]) => accountLine(account, those, look)),
    ...refusedLines(refused, costs, look),
    "",
    `${look.paint("good", "✓")} ${allowed.size} calls are allowed wherever they were tried.`,
    ...(untried.length === 0
      ? []
      : [hang("? ", `not tried, for want of a thing to ask about: ${untried.join(", ")}`, look.width)]),
    ...(refused.length === 0
      ? []
      : [
          "",
          ...[...new Set(identities.map(({ cloud }) => cloud))].map((cloud) => hang("", policies[cloud], look.width)),
        ]),
    "",
  ].join("\n");
};

/** What allows everything that was tried. */
const policies = {
  aws: "The least policy: sallyport permissions aws --format policy",
  gcp: "The least role: sallyport permissions gcp --format role. Of Google's own roles, Compute Viewer (roles/compute.viewer) on the organisation or the projects allows almost all of it; Compute Network Viewer does not: it may not see firewall policies.",
  azure:
    "The least role: sallyport permissions azure --format role. Azure's own Reader role allows every list, but not the four questions that are asked of networks and interfaces: sallyport permissions azure --format beside-reader.",
} as const satisfies Record<Cloud, string>;

const accountLine = (account: string, scopes: readonly Visited[], look: Look): string => {
  const name = scopes[0]?.accountName;
  const open = scopes.filter(({ skipped }) => skipped === undefined).map(({ region }) => region);
  const closed = scopes.filter(({ skipped }) => skipped !== undefined);
  const off =
    closed.length === 0
      ? ""
      : `; not read: ${closed.map(({ region, skipped = "" }) => `${region} (${skipped})`).join(", ")}`;
  return hang(
    "  ",
    `${safe(account)}${name === undefined ? "" : ` (${safe(name)})`}: ${safe(open.toSorted().join(", "))}${safe(off)}`,
    look.width,
  );
};
