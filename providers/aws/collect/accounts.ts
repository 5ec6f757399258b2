import type { Ask, Identity } from "#model/provider.ts";
import type { Problem } from "#model/gap.ts";
import { Trouble, problems } from "#problems.ts";
import { ROLE } from "../policy.ts";
import { items, text } from "../raw.ts";
import type { Clients } from "./clients.ts";
import type { Credentials } from "./credentials.ts";
import { credentialsIn, renewable } from "./credentials.ts";
import type { Body, List } from "#reading/list.ts";
import type { Means, Place } from "#reading/read.ts";
import { readList } from "#reading/read.ts";

/** An account, and who reads it. */
export interface Account {
  readonly id: string;
  readonly name: string | undefined;
  readonly partition: string;
  readonly credentials: Credentials;
}

export interface Accounts {
  readonly identities: readonly Identity[];
  readonly accounts: readonly Account[];
}

/**
 * Who asks, and the accounts that are meant: those named, those of the organisation, or the callers' own. An account
 * that cannot be entered is a refusal, and stops no other. Nobody at all is a `Trouble`.
 */
export const findAccounts = async (ask: Ask, means: Means, of: Clients): Promise<Accounts> => {
  const found = await Promise.all((ask.profiles.length === 0 ? [undefined] : ask.profiles).map(whoIs(means, of)));
  const callers = found.flatMap((each) => ("account" in each ? [each] : []));
  const [first] = callers;
  const failure = found.flatMap((each) => ("says" in each ? [each] : []))[0];
  if (first === undefined || failure !== undefined) throw new Trouble(failure ?? problems.noCredentials("", ""));
  const identities = callers.map(({ account: { id }, who }) => ({ cloud: "aws" as const, account: id, who }));
  const own = callers.map(({ account }) => account);
  const wanted = await wantedOf(ask, means, of, own, first.account);
  if (wanted === undefined) return { identities, accounts: unique(own) };
  const entered = await Promise.all(
    wanted.map(async ({ id, name }) => {
      const mine = own.find((account) => account.id === id);
      return mine === undefined ? enter(ask, means, of, first.account, id, name) : { ...mine, name };
    }),
  );
  return { identities, accounts: unique(entered.filter((account) => account !== undefined)) };
};

const unique = (accounts: readonly Account[]): readonly Account[] =>
  [...new Map(accounts.toReversed().map((account) => [account.id, account])).values()].toReversed();

/** What only finds out who is who is nobody's answer, and is not kept. */
const asideOf = (means: Means): Means => ({ ...means, sample: false, desk: { ...means.desk, page: () => undefined } });

const nowhere = (credentials: Credentials, account?: string): Place => ({
  cloud: "aws",
  scope: { account, region: undefined },
  folder: "",
  renew: credentials.renew,
});

const whoIs =
  (means: Means, of: Clients) =>
  async (profile: string | undefined): Promise<{ readonly account: Account; readonly who: string } | Problem> => {
    const { fromNodeProviderChain } = await import("@aws-sdk/credential-providers");
    const chosen = profile === undefined ? {} : { profile };
    const credentials = renewable(() => fromNodeProviderChain({ ...chosen, logger: QUIET })(), means.clock);
    const why: { readonly code: string; readonly message: string }[] = [];
    const aside = asideOf(means);
    const listening: Means = { ...aside, desk: { ...aside.desk, refused: (refusal) => void why.push(refusal) } };
    const bodies = await bodiesOf(listening, nowhere(credentials), of.identity(credentials.provide).caller);
    const [id, arn = ""] = [text(bodies[0]?.["Account"]), text(bodies[0]?.["Arn"])];
    if (id === undefined) return nobody(profile, why[0]);
    return { account: { id, name: undefined, partition: arn.split(":")[1] ?? "aws", credentials }, who: arn };
  };

/** The SDK warns of its own where several sources have credentials; which one it takes is as its manual says. */
const QUIET = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
function ignore(): void {}

/** Codes of the network, and of what is no answer. */
const NOT_THERE = /^E[A-Z]{3}|Timeout|^NoAnswer$|^NotAnAnswer$|^BrokenAnswer$|^OutOfTime$/;

const nobody = (
  profile: string | undefined,
  why: { readonly code: string; readonly message: string } | undefined,
): Problem =>
  why !== undefined && NOT_THERE.test(why.code)
    ? problems.noCloudThere(`${why.message} (${why.code})`)
    : problems.noCredentials(profile ?? "the default ones", why?.message ?? "");

const bodiesOf = async (means: Means, place: Place, list: List): Promise<readonly Body[]> => {
  const bodies: Body[] = [];
  await readList(means, place, list, ({ body }) => void bodies.push(body()));
  return bodies;
};

interface Wanted {
  readonly id: string;
  readonly name: string | undefined;
}

/** The accounts that were asked for; undefined where none was, and the callers' own are meant. */
const wantedOf = async (
  { accounts, organization }: Ask,
  means: Means,
  of: Clients,
  own: readonly Account[],
  { id, partition, credentials }: Account,
): Promise<readonly Wanted[] | undefined> => {
  const named = accounts.map((account) => ({ id: account, name: undefined }));
  if (!organization) return named.length === 0 ? undefined : named;
  const { accounts: list } = await of.organization(credentials.provide, partition);
  const bodies = await bodiesOf(asideOf(means), nowhere(credentials, id), list);
  const members = bodies.flatMap((body) => items(body["Accounts"])).filter(isActive);
  const listed = members.map((member) => ({ id: text(member["Id"]) ?? "", name: text(member["Name"]) }));
  return [...listed, ...named, ...(listed.length === 0 ? own.map((each) => ({ id: each.id, name: undefined })) : [])];
};

/** `Status` is the older word for `State` (aws.md C.5). */
const isActive = (member: Body): boolean => (text(member["State"]) ?? text(member["Status"]) ?? "ACTIVE") === "ACTIVE";

/** Takes on the role in another account; a refusal is told, and the account is left out. */
const enter = async (
  { role = ROLE }: Ask,
  means: Means,
  of: Clients,
  hub: Account,
  id: string,
  name: string | undefined,
): Promise<Account | undefined> => {
  const list = of.identity(hub.credentials.provide).role(`arn:${hub.partition}:iam::${id}:role/${role}`);
  const aside = asideOf(means);
  const place = nowhere(hub.credentials, id);
  const credentials = renewable(async () => {
    const given = (await bodiesOf(aside, place, list)).flatMap((body) => credentialsIn(body) ?? [])[0];
    if (given === undefined) throw new Error(`The role ${role} in account ${id} gave no credentials.`);
    return given;
  }, means.clock);
  const isIn = await credentials.provide().then(
    () => true,
    () => false,
  );
  return isIn ? { id, name, partition: hub.partition, credentials } : undefined;
};
