import type { Evidence } from "#model/evidence.ts";
import { gap } from "#model/gap.ts";
import type { Final, Place } from "#model/gate.ts";
import type { Scope } from "#model/provider.ts";
import { problems } from "#problems.ts";
import type { Fact, Facts } from "./facts.ts";
import { askedFor, find, gapFor } from "./facts.ts";
import { doubtfulHop, state } from "#model/hop.ts";
import type { NetworkInterface } from "./network-interface.ts";
import { raw, text } from "./raw.ts";

/**
 * VPC Block Public Access of the account that owns the subnet, in its Region: either blocking mode drops what comes
 * in, unless the VPC or the subnet has an exclusion that allows both directions (aws.md A.5).
 */
export const publicAccessBlocks = (facts: Facts): ((subnet: string, vpc: string, on: NetworkInterface) => Final) => {
  const hops = new Map<string, Final>();
  return (subnet, vpc, on) => {
    const known = hops.get(subnet) ?? make(facts, subnet, vpc, on);
    hops.set(subnet, known);
    return known;
  };
};

const KEY = "VpcBlockPublicAccessOptions";
const EXCLUSIONS = "VpcBlockPublicAccessExclusions";

const make = (facts: Facts, subnet: string, vpc: string, on: NetworkInterface): Final => {
  const at: Place = { kind: "public-access-block", id: subnet };
  const found = find(facts, "Subnets", subnet, on.id, on, on.at);
  if (found.is === "gap") return doubtfulHop(at, found.gap);
  const scope: Scope = { account: text(found.fact.raw["OwnerId"]) ?? on.account, region: on.region };
  const options = facts.blockOptions.filter(
    ({ raw: of }) => fits(text(of["AwsAccountId"]), scope.account) && fits(text(of["AwsRegion"]), scope.region),
  );
  const own = modeOf(found.fact);
  const [option] = options;
  if (option === undefined) return withoutOptions(facts, at, subnet, vpc, scope, own, found.fact, on);
  if (options.length > 1 && new Set(options.map((each) => modeIn(each))).size > 1)
    return doubtfulHop(at, gap("unreadable", problems.contradicts(KEY, ...places(options)), option.at));
  const mode = modeIn(option);
  if (mode === undefined) return doubtfulHop(at, gap("unreadable", problems.noMode(place(option)), option.at));
  const changing = text(option.raw["State"]) === "update-in-progress";
  if (changing)
    return doubtfulHop(at, gap("depends", problems.changing("block public access", "update-in-progress"), option.at));
  if (mode === "off") {
    if (own !== undefined && own !== "off")
      return doubtfulHop(
        at,
        gap(
          "unreadable",
          problems.contradicts(`block public access of ${subnet}`, place(option), place(found.fact)),
          found.fact.at,
        ),
      );
    return state(at, "allow", { saw: "state", says: "block public access is off", source: option.at });
  }
  const isOn: Evidence = { saw: "state", says: `block public access is on (${mode})`, source: option.at };
  const judged = blocking(facts, at, subnet, vpc, scope, isOn);
  // Whether a subnet's own state counts exclusions in is not documented: one that says off may know of one.
  const isShut = "otherwise" in judged && judged.rules.length === 0 && judged.otherwise !== "allow";
  if (own !== "off" || !isShut) return judged;
  const both = problems.contradicts(`block public access of ${subnet}`, place(option), place(found.fact));
  return doubtfulHop(at, gap("unreadable", both, found.fact.at));
};

const fits = (a: string | undefined, b: string | undefined): boolean => a === undefined || b === undefined || a === b;
const modeIn = ({ raw: of }: Fact): string | undefined => text(of["InternetGatewayBlockMode"]);
const modeOf = ({ raw: of }: Fact): string | undefined =>
  text(raw(of["BlockPublicAccessStates"])["InternetGatewayBlockMode"]);
const place = ({ at }: Fact): string => `${at.file}#${at.pointer}`;
const places = ([a, b]: readonly Fact[]): readonly [string, string] => [
  a === undefined ? "" : place(a),
  b === undefined ? "" : place(b),
];

/** Without the account's options there may be the subnet's own word, or nothing: then it is taken to be off. */
const withoutOptions = (
  facts: Facts,
  at: Place,
  subnet: string,
  vpc: string,
  scope: Scope,
  own: string | undefined,
  fact: Fact,
  on: NetworkInterface,
): Final => {
  const heard = askedFor(facts, KEY, scope);
  if (own === "off")
    return state(at, "allow", { saw: "state", says: "block public access is off for the subnet", source: fact.at });
  if (own !== undefined)
    return blocking(facts, at, subnet, vpc, scope, {
      saw: "state",
      says: `block public access is on for the subnet (${own})`,
      source: fact.at,
    });
  const excluded = facts.things.VpcBlockPublicAccessExclusions.size > 0; // nobody excludes from what is off
  if (heard !== "never" || facts.how.strict || excluded)
    return doubtfulHop(at, gapFor(facts, KEY, "block public access", subnet, scope, on.at));
  const ask = "aws ec2 describe-vpc-block-public-access-options --output json";
  return state(at, "allow", { saw: "assumed", says: "block public access is off", ask });
};

/** Either mode stops what comes in, unless an exclusion allows both directions. */
const blocking = (facts: Facts, at: Place, subnet: string, vpc: string, scope: Scope, on: Evidence): Final => {
  const heard = askedFor(facts, EXCLUSIONS, scope);
  if (heard === "refused" || heard === "cut" || (heard === "never" && facts.how.strict))
    return doubtfulHop(at, gapFor(facts, EXCLUSIONS, "the exclusions from block public access", subnet, scope));
  const exclusions = [...facts.things.VpcBlockPublicAccessExclusions.values()].filter(({ raw: of }) => {
    const resource = text(of["ResourceArn"])?.split("/").at(-1);
    return resource === subnet || resource === vpc;
  });
  const inbound = exclusions.filter(
    ({ raw: of }) => text(of["InternetGatewayExclusionMode"]) === "allow-bidirectional",
  );
  const holds = inbound.find(({ raw: of }) => EFFECTIVE.has(text(of["State"]) ?? "create-complete"));
  if (holds !== undefined)
    return state(at, "allow", on, {
      saw: "state",
      says: `${text(holds.raw["ExclusionId"]) ?? "an exclusion"} lets both directions through`,
      source: holds.at,
    });
  const moving = exclusions.find(({ raw: of }) => text(of["State"])?.endsWith("-in-progress"));
  if (moving !== undefined)
    return doubtfulHop(
      at,
      gap(
        "depends",
        problems.changing("an exclusion from block public access", text(moving.raw["State"]) ?? ""),
        moving.at,
      ),
    );
  const failed = inbound.find(({ raw: of }) => text(of["State"])?.endsWith("-failed"));
  if (failed !== undefined)
    return doubtfulHop(
      at,
      gap("unverified", problems.notDocumented(`an exclusion in state ${text(failed.raw["State"]) ?? ""}`), failed.at),
    );
  const ask = "aws ec2 describe-vpc-block-public-access-exclusions --output json";
  const assumed: readonly Evidence[] =
    heard === "never" ? [{ saw: "assumed", says: "nothing is excluded from block public access", ask }] : [];
  const other = exclusions.map(
    ({ raw: of, at: source }): Evidence => ({
      saw: "state",
      says: `${text(of["ExclusionId"]) ?? "an exclusion"} is ${text(of["InternetGatewayExclusionMode"]) ?? "of another kind"} (${text(of["State"]) ?? "no state"}), and lets nothing in`,
      source,
    }),
  );
  return state(at, "timeout", on, ...other, ...assumed);
};

const EFFECTIVE = new Set(["create-complete", "update-complete"]);
