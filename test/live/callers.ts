/** Who calls: users by their keys, and roles by those that AssumeRole handed out. */
import type { Body, Estate, Refusal } from "./estate/types.ts";
import { trouble } from "./wire/errors.ts";
import type { Params } from "./wire/form.ts";

export interface Caller {
  readonly account: string;
  readonly arn: string;
  readonly userId: string;
  readonly isRole: boolean;
}

interface Session {
  readonly caller: Caller;
  readonly token: string;
}

export interface Callers {
  /** Undefined where nobody has that key, or a role's key comes without its token. */
  identify(key: string, token: string | undefined): Caller | undefined;
  assume(caller: Caller, params: Params): Body | Refusal;
}

const hour = 3600;

export const callersOf = (estate: Estate): Callers => {
  const users = new Map(
    Object.entries(estate.accounts).flatMap(([account, { keys }]) => keys.map((key) => [key, userOf(account, key)])),
  );
  const sessions = new Map<string, Session>();

  const identify = (key: string, token: string | undefined): Caller | undefined => {
    const session = sessions.get(key);
    return session !== undefined && session.token === token ? session.caller : users.get(key);
  };

  const assume = (caller: Caller, params: Params): Body | Refusal => {
    const arn = String(params["RoleArn"]);
    const [, account = "", name = ""] = /^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
    const role = estate.accounts[account]?.roles[name];
    const isTrusted = role?.trusts.includes(caller.account) === true;
    if (!isTrusted || (role.externalId !== undefined && role.externalId !== params["ExternalId"]))
      return trouble(
        "denied",
        "query",
        `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
      );
    const seconds = Number(params["DurationSeconds"] ?? hour);
    if (seconds < 900 || seconds > 12 * hour || (caller.isRole && seconds > hour))
      return trouble("value", "query", `DurationSeconds cannot be ${seconds} for this session.`);
    const key = `ASIA${String(sessions.size + 1).padStart(16, "0")}`;
    const token = `token-of-${key}`;
    const taken = roleOf(account, name, String(params["RoleSessionName"]));
    sessions.set(key, { caller: taken, token });
    return {
      Credentials: {
        AccessKeyId: key,
        SecretAccessKey: `secret-of-${key}`,
        SessionToken: token,
        Expiration: new Date(Date.now() + seconds * 1000).toISOString(),
      },
      AssumedRoleUser: { AssumedRoleId: taken.userId, Arn: taken.arn },
    };
  };

  return { identify, assume };
};

const userOf = (account: string, key: string): Caller => ({
  account,
  arn: `arn:aws:iam::${account}:user/reader`,
  userId: `AIDA${key.slice(4)}`,
  isRole: false,
});

const roleOf = (account: string, name: string, session: string): Caller => ({
  account,
  arn: `arn:aws:sts::${account}:assumed-role/${name}/${session}`,
  userId: `AROA${account}:${session}`,
  isRole: true,
});
