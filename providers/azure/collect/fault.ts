import { items, number, raw, text } from "#model/raw.ts";
import type { Fault } from "#reading/fault.ts";

/** The cloud answered, and it is not what was asked for. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  readonly body: unknown;
  readonly after: number | undefined;
  constructor(status: number, body: unknown, after: number | undefined) {
    super(`HTTP ${status}`);
    this.status = status;
    this.body = body;
    this.after = after;
  }
}

/** What came is no JSON, or not all of it, or no list where a list was asked for. */
export class Broken extends Error {
  override readonly name = "Broken";
}

/** An answer led to somebody else, who was not asked. */
export class Foreign extends Error {
  override readonly name = "Foreign";
  constructor(host: string) {
    super(`The answer leads to ${host}, which is not where the cloud is. It was not asked, and shown no token.`);
  }
}

/** It was asked, and nothing came back. */
export class NotAnswered extends Error {
  override readonly name = "NotAnswered";
  constructor(cause: unknown) {
    super("no answer", { cause });
  }
}

/** It was never asked: there was no token to show. */
export class Unsent extends Error {
  override readonly name = "Unsent";
  constructor(cause: unknown) {
    super("not sent", { cause });
  }
}

/** The cloud does not do things of this kind in the subscription, so there are none (azure.md C.7). */
export const UNREGISTERED: ReadonlySet<string> = new Set([
  "MissingSubscriptionRegistration",
  "SubscriptionNotRegistered",
]);

/** Codes by what helps (azure.md C.4, C.7); all others go by the status. */
const HELP: Readonly<Record<string, Fault["is"]>> = {
  AuthorizationFailed: "refused",
  ExpiredAuthenticationToken: "expired",
  InvalidAuthenticationTokenTenant: "refused",
  InvalidSkipToken: "restart",
  InvalidContinuationToken: "restart",
  RetryableError: "again",
  RetryableErrorDueToAnotherOperation: "throttled",
  AnotherOperationInProgress: "again",
  TooManyRequests: "throttled",
};

export const faultOf = (error: unknown): Fault => {
  if (error instanceof Refused) return refusal(error);
  if (error instanceof Broken) return { is: "again", code: "BrokenAnswer", message: error.message };
  if (error instanceof Foreign) return { is: "refused", code: "ForeignHost", message: shortened(error.message) };
  if (error instanceof Unsent) return unsent(error.cause);
  if (error instanceof NotAnswered) return { is: "again", code: "NoAnswer", message: shortened(sayingOf(error.cause)) };
  const named = error instanceof Error && error.name === "TimeoutError";
  return { is: "again", code: named ? "TimeoutError" : "NoAnswer", message: shortened(sayingOf(error)) };
};

const refusal = ({ status, body, after }: Refused): Fault => {
  const told = isTold(raw(body)["error"]) ? raw(raw(body)["error"]) : raw(body);
  const message = shortened(text(told["message"]) ?? `The cloud answered with status ${status} and no reason.`);
  const inner = text(items(told["details"])[0]?.["code"]);
  const code = text(told["code"]) ?? inner ?? `HTTP ${status}`;
  const help = HELP[code] ?? byStatus(status, message);
  return help === "throttled" && after !== undefined ? { is: help, code, message, after } : { is: help, code, message };
};

const isTold = (value: unknown): boolean =>
  text(raw(value)["code"]) !== undefined || raw(value)["message"] !== undefined;

const byStatus = (status: number, message: string): Fault["is"] => {
  if (status === 429) return "throttled";
  if (status === 401) return "expired";
  if (status === 408 || status >= 500) return "again";
  return (status === 400 || status === 410) && /skip ?token|continuation/i.test(message) ? "restart" : "refused";
};

/** Credentials that are not good stay so; a network that is not there may come back. */
const unsent = (cause: unknown): Fault => {
  const status = number(raw(cause)["statusCode"]);
  const isFinal =
    (cause instanceof Error && cause.name === "CredentialUnavailableError") ||
    (status !== undefined && status >= 400 && status < 500 && status !== 429);
  return { is: isFinal ? "refused" : "again", code: "NoToken", message: shortened(sayingOf(cause)) };
};

const sayingOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Messages may hold a page of HTML. */
const shortened = (message: string): string => {
  const line = message.replaceAll(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
};
