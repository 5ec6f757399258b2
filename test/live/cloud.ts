/** What an estate answers to whom, before anything goes wrong. */
import { createHash } from "node:crypto";
import type { Caller, Callers } from "./callers.ts";
import type { Account, Answer, Body, Call, Estate, Refusal } from "./estate/types.ts";
import { idsOrPages, pageSizeOf } from "./limits.ts";
import { fieldNames, filters, type Item, written, type Written } from "./wire/answers.ts";
import { trouble } from "./wire/errors.ts";
import type { Params } from "./wire/form.ts";
import { isApi, type Operation, operationOf } from "./wire/operations.ts";

/** One call that is understood: who asks what, and where. */
export interface Question {
  readonly operation: Operation;
  readonly params: Params;
  readonly caller: Caller;
  readonly region: string;
}

/** One page, or all there is. */
export interface Page {
  readonly items: readonly Item[];
  readonly rest: string;
  readonly token: string | undefined;
}

export interface Cloud {
  answer(question: Question): Page | Refusal;
  /** From now on this call has another answer. */
  change(question: Question, to: Answer): void;
  /** Writes down all that is answered alike to everybody, so that no call has to wait for it. */
  prepare(): void;
}

const homes: Readonly<Record<string, string>> = { globalaccelerator: "us-west-2" };
const readings = /^(?:Describe|Get|List|Search)|^AssumeRole$/;

export const cloudOf = (estate: Estate, callers: Callers): Cloud => {
  const changed = new Map<string, Answer>();
  const texts = new WeakMap<Body, Written>();
  const textOf = (operation: Operation, body: Body): Written => {
    const text = texts.get(body) ?? written(operation, body);
    texts.set(body, text);
    return text;
  };

  const body = (question: Question): Body | Refusal => {
    const answer = changed.get(placeOf(question)) ?? answerOf(estate, callers, question);
    return (typeof answer === "function" ? answer(question.params) : answer) ?? absent(question);
  };

  const answer = (question: Question): Page | Refusal => {
    const { operation, params } = question;
    const refusal = forbidden(estate, question) ?? malformed(operation, params);
    if (refusal !== undefined) return refusal;
    const found = body(question);
    if (isRefusal(found)) return found;
    const { items, rest } = textOf(operation, found);
    const chosen = chosenItems(operation, params, items);
    return isRefusal(chosen) ? chosen : page(question, chosen, rest);
  };

  const prepare = (): void => {
    for (const { global, regions } of Object.values(estate.accounts))
      for (const answers of [global, ...Object.values(regions).map(({ answers }) => answers)])
        for (const [call, answer] of Object.entries(answers)) {
          const operation = operationOfCall(call);
          if (operation !== undefined && typeof answer === "object" && !isRefusal(answer)) textOf(operation, answer);
        }
  };

  return { answer, change: (question, to) => void changed.set(placeOf(question), to), prepare };
};

const operationOfCall = (call: string): Operation | undefined => {
  const [api, action = ""] = call.split(":");
  return api !== undefined && isApi(api) ? operationOf(api, action) : undefined;
};

const isRefusal = (value: object): value is Refusal => "refused" in value;

const placeOf = ({ operation, caller, region }: Question): string =>
  `${caller.account} ${region} ${operation.api}:${operation.action}`;

const absent = ({ operation: { protocol, required }, params }: Question): Refusal => {
  const [name = "Id"] = required.length > 0 ? required : Object.keys(params);
  const thing = name.replace(/(?:Id|Arn|Arns)$/, "");
  return {
    refused: { ec2: `Invalid${thing}ID.NotFound`, query: `${thing}NotFound`, json: `${thing}NotFoundException` }[
      protocol
    ],
    status: 400,
    message: `The ${thing} '${JSON.stringify(params[name])}' does not exist`,
  };
};

/** The answer of the cloud itself, or else that of the estate, or else nothing but an empty list. */
const answerOf = (estate: Estate, callers: Callers, { operation, caller, params, region }: Question): Answer => {
  const account = estate.accounts[caller.account];
  const call: Call = `${operation.api}:${operation.action}`;
  switch (call) {
    case "ec2:DescribeRegions":
      return regionsAnswer(account, params["AllRegions"] === true);
    case "sts:GetCallerIdentity":
      return { UserId: caller.userId, Account: caller.account, Arn: caller.arn };
    case "sts:AssumeRole":
      return callers.assume(caller, params);
    case "organizations:DescribeOrganization":
      return organizationAnswer(estate);
    case "organizations:ListAccounts":
      return accountsAnswer(estate, caller);
    default:
      return account?.regions[region]?.answers[call] ?? account?.global[call] ?? {};
  }
};

const regionsAnswer = (account: Account | undefined, all: boolean): Body => ({
  Regions: Object.entries(account?.regions ?? {})
    .filter(([, { optIn }]) => all || optIn !== "not-opted-in")
    .map(([RegionName, { optIn }]) => ({
      OptInStatus: optIn,
      RegionName,
      Endpoint: `ec2.${RegionName}.amazonaws.com`,
    })),
});

const organizationId = "o-exampleorgid";

const organizationAnswer = ({ organization, accounts }: Estate): Body | Refusal => {
  if (organization === undefined) return noOrganization;
  const { management } = organization;
  return {
    Organization: {
      Id: organizationId,
      Arn: `arn:aws:organizations::${management}:organization/${organizationId}`,
      FeatureSet: "ALL",
      MasterAccountArn: `arn:aws:organizations::${management}:account/${organizationId}/${management}`,
      MasterAccountId: management,
      MasterAccountEmail: emailOf(accounts[management]?.name ?? ""),
      AvailablePolicyTypes: [],
    },
  };
};

const noOrganization: Refusal = {
  refused: "AWSOrganizationsNotInUseException",
  status: 400,
  message: "Your account is not a member of an organization.",
};

/** Only the account that manages the organization may see who is in it. */
const accountsAnswer = ({ organization, accounts }: Estate, { account }: Caller): Body | Refusal => {
  if (organization === undefined) return noOrganization;
  if (account !== organization.management)
    return trouble("denied", "json", "You don't have permissions to access this resource.");
  return {
    Accounts: Object.entries(accounts).map(([Id, { name, state }]) => ({
      Id,
      Arn: `arn:aws:organizations::${organization.management}:account/${organizationId}/${Id}`,
      Email: emailOf(name),
      Name: name,
      State: state ?? "ACTIVE",
      JoinedMethod: Id === organization.management ? "INVITED" : "CREATED",
      JoinedTimestamp: "2023-04-11T09:12:44.125000+00:00",
    })),
  };
};

const emailOf = (name: string): string => `${name.toLowerCase().replaceAll(" ", "-")}@example.com`;

/** What nobody may do here, whoever he is. */
const forbidden = (estate: Estate, { operation, caller, region }: Question): Refusal | undefined => {
  const { api, action, protocol } = operation;
  const home = homes[api];
  if (home !== undefined && region !== home)
    return {
      refused: "InvalidSignatureException",
      status: 400,
      message: `Credential should be scoped to a valid region, not '${region}'.`,
    };
  if (estate.accounts[caller.account]?.regions[region]?.optIn === "not-opted-in")
    return trouble("credentials", protocol);
  if (readings.test(action)) return undefined;
  return trouble("denied", protocol, `${caller.arn} is not authorized to perform: ${api}:${action}`);
};

const malformed = (operation: Operation, params: Params): Refusal | undefined => {
  const { protocol, paging, action, required } = operation;
  const missing = required.find((name) => params[name] === undefined);
  if (missing !== undefined) return trouble("missing", protocol, `The request must contain the parameter ${missing}`);
  const size = paging === undefined ? undefined : params[paging.size];
  if (size === undefined) return undefined;
  const { least, most, capped } = pageSizeOf(operation);
  if (!(Number(size) >= least) || (Number(size) > most && !capped))
    return trouble("value", protocol, `Value ( ${Number(size)} ) for parameter ${paging?.size} is invalid.`);
  const ids = Object.keys(params).find((name) => name.endsWith("Ids"));
  return idsOrPages.includes(action) && ids !== undefined
    ? trouble("combination", protocol, `The parameter ${ids} cannot be used with the parameter maxResults`)
    : undefined;
};

/** The items that the filters and the ids of a call leave. */
const chosenItems = (operation: Operation, params: Params, items: readonly Item[]): readonly Item[] | Refusal => {
  const wanted = [...filtersIn(params), ...namesIn(operation, params)];
  const strange = wanted.find(({ field }) => field === undefined);
  if (strange !== undefined) return trouble("value", operation.protocol, `The filter '${strange.name}' is invalid`);
  if (wanted.length === 0) return items;
  return items.filter(({ fields }) =>
    wanted.every(({ field, values }) => field !== undefined && values.has(fields[field] ?? "")),
  );
};

interface Choice {
  readonly name: string;
  readonly field: string | undefined;
  readonly values: ReadonlySet<string>;
}

const filtersIn = ({ Filters }: Params): readonly Choice[] =>
  listOf(Filters).map((filter) => {
    const name = String(memberOf(filter, "Name"));
    return { name, field: filters[name], values: textsIn(memberOf(filter, "Values")) };
  });

/** Ids and names that a call asks for, where the items of its list carry them. */
const namesIn = (operation: Operation, params: Params): readonly Choice[] => {
  const fields = fieldNames(operation);
  return Object.entries(params).flatMap(([name, value]) => {
    const field = [name, name.replace(/s$/, "")].find((name) => fields.has(name));
    if (field === undefined || name === "Filters") return [];
    return typeof value === "string" || Array.isArray(value) ? [{ name, field, values: textsIn(value) }] : [];
  });
};

const textsIn = (value: unknown): ReadonlySet<string> =>
  new Set(Array.isArray(value) ? listOf(value).map(String) : [String(value)]);

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The items from the place that the token names, as many as the size says. */
const page = (
  { operation, params, caller, region }: Question,
  items: readonly Item[],
  rest: string,
): Page | Refusal => {
  const { paging, api, protocol } = operation;
  if (paging === undefined) return { items, rest, token: undefined };
  const { [paging.size]: size, [paging.token]: token, ...others } = params;
  const mark = [caller.account, region, api, operation.action, JSON.stringify(others)].join(" ");
  const start = token === undefined ? 0 : placeIn(token, mark);
  if (start === undefined) return trouble("token", protocol);
  const { most } = pageSizeOf(operation);
  const end = start + (size === undefined && api === "ec2" ? Infinity : Math.min(Number(size ?? most), most));
  return { items: items.slice(start, end), rest, token: end < items.length ? tokenFor(end, mark) : undefined };
};

/** A token is good for the call that it was made for, and says nothing to anybody else. */
const tokenFor = (place: number, mark: string): string =>
  Buffer.from(JSON.stringify([place, seal(mark)])).toString("base64url");

const seal = (mark: string): string => createHash("sha256").update(mark).digest("base64url").slice(0, 20);

const placeIn = (token: unknown, mark: string): number | undefined => {
  if (typeof token !== "string") return undefined;
  try {
    const told: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    return Array.isArray(told) && typeof told[0] === "number" && told[1] === seal(mark) ? told[0] : undefined;
  } catch {
    return undefined;
  }
};
