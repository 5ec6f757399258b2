import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from "@smithy/types";
import { raw, text } from "../raw.ts";
import type { Body } from "#reading/list.ts";
import type { Clock } from "#reading/pace.ts";

/** Credentials that can be had anew. */
export interface Credentials {
  readonly provide: AwsCredentialIdentityProvider;
  /** What was given is not good any more. */
  readonly renew: () => void;
}

/** Many calls find out at once that credentials have run out; the first has them renewed for all. */
const TOGETHER_MS = 1500;
/** Credentials are renewed so long before they run out. */
const EARLY_MS = 120_000;

/**
 * Keeps credentials until they run out, or until somebody finds that they are not good any more. The SDK would keep
 * them longer; told that they are at their end, it comes back for them with every call.
 */
export const renewable = (fetch: () => Promise<AwsCredentialIdentity>, { now, today }: Clock): Credentials => {
  let kept: { readonly identity: Promise<AwsCredentialIdentity>; readonly since: number } | undefined;
  const isOver = ({ expiration }: AwsCredentialIdentity): boolean =>
    expiration !== undefined && expiration.getTime() - today().getTime() < EARLY_MS;
  const isFresh = (): boolean => kept !== undefined && now() - kept.since < TOGETHER_MS;
  const fetched = (): Promise<AwsCredentialIdentity> => {
    const identity = fetch();
    kept = { identity, since: now() };
    identity.catch(() => {
      if (kept?.identity === identity) kept = undefined;
    });
    return identity;
  };
  return {
    provide: async () => {
      const identity = await (kept?.identity ?? fetched());
      const good = isOver(identity) && !isFresh() ? await fetched() : identity;
      return { ...good, expiration: new Date(0) };
    },
    renew: () => {
      if (!isFresh()) kept = undefined;
    },
  };
};

/** The credentials in the answer to `sts:AssumeRole`. */
export const credentialsIn = (body: Body): AwsCredentialIdentity | undefined => {
  const given = raw(body["Credentials"]);
  const [key, secret, token] = [given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]].map(text);
  const { Expiration: expiration } = given;
  if (key === undefined || secret === undefined) return undefined;
  return {
    accessKeyId: key,
    secretAccessKey: secret,
    ...(token === undefined ? {} : { sessionToken: token }),
    ...(expiration instanceof Date ? { expiration } : {}),
  };
};
