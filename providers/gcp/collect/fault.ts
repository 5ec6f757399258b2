import type { Fault } from "#reading/fault.ts";
import { items, number, raw, text } from "../raw.ts";

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

/** What came is no JSON, or not all of it. */
export class Broken extends Error {
  override readonly name = "Broken";
}

/** It was asked, and nothing came back. */
export class NotAnswered extends Error {
  override readonly name = "NotAnswered";
  constructor(cause: unknown) {
    super("no answer", { cause });
  }
}

/** It was never asked: there was no token to show, or nobody to show it to. */
export class Unsent extends Error {
  override readonly name = "Unsent";
  constructor(cause: unknown) {
    super("not sent", { cause });
  }
}

/** Reasons by what helps (gcp.md C.5, C.8); all others go by the status. */
const HELP: Readonly<Record<string, "throttled" | "again" | "restart">> = {
  rateLimitExceeded: "throttled",
  userRateLimitExceeded: "throttled",
  RATE_LIMIT_EXCEEDED: "throttled",
  backendError: "again",
  internalError: "again",
};

/** The service is not switched on in the project. */
export const DISABLED = "SERVICE_DISABLED";
const OLD_DISABLED = "accessNotConfigured";

export const faultOf = (error: unknown): Fault => {
  if (error instanceof Refused) return refusal(error);
  if (error instanceof Broken) return { is: "again", code: "BrokenAnswer", message: error.message };
  if (error instanceof Unsent) return unsent(error.cause);
  if (error instanceof NotAnswered) return { is: "again", code: "NoAnswer", message: shortened(sayingOf(error.cause)) };
  const named = error instanceof Error && error.name === "TimeoutError";
  return { is: "again", code: named ? "TimeoutError" : "NoAnswer", message: shortened(sayingOf(error)) };
};

const refusal = ({ status, body, after }: Refused): Fault => {
  const told = raw(raw(body)["error"]);
  const message = shortened(text(told["message"]) ?? `The cloud answered with status ${status} and no reason.`);
  const code = reasonOf(told) ?? text(told["status"]) ?? `HTTP ${status}`;
  const help = HELP[code] ?? byStatus(status, message);
  return help === "throttled" && after !== undefined ? { is: help, code, message, after } : { is: help, code, message };
};

/** The reason in the new form, or else in the old one. */
const reasonOf = (told: Readonly<Record<string, unknown>>): string | undefined => {
  const reason = text(items(told["details"]).find((detail) => text(detail["reason"]) !== undefined)?.["reason"]);
  const old = text(items(told["errors"])[0]?.["reason"]);
  return (reason ?? old) === OLD_DISABLED ? DISABLED : (reason ?? old);
};

const byStatus = (status: number, message: string): Fault["is"] => {
  if (status === 429) return "throttled";
  if (status === 401) return "expired";
  if (status === 408 || status >= 500) return "again";
  return status === 400 && /page ?token/i.test(message) ? "restart" : "refused";
};

/** Credentials that are not good stay so; a network that is not there may come back. */
const unsent = (cause: unknown): Fault => {
  const status = number(raw(raw(cause)["response"])["status"]) ?? number(raw(cause)["httpStatusCode"]);
  const isFinal = status !== undefined && status >= 400 && status < 500 && status !== 429;
  return { is: isFinal ? "refused" : "again", code: "NoToken", message: shortened(sayingOf(cause)) };
};

const sayingOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Messages may hold a page of HTML. */
const shortened = (message: string): string => {
  const line = message.replaceAll(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
};
