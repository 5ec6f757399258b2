import type { Fault } from "#reading/fault.ts";
import { number, raw, text } from "../raw.ts";
import { BrokenXml } from "./xml.ts";

/** Codes by what helps (aws.md C.6); all codes not named are refusals, unless the status says that the server failed. */
const HELP: Readonly<Record<string, Exclude<Fault["is"], "refused">>> = {
  RequestLimitExceeded: "throttled",
  Throttling: "throttled",
  ThrottlingException: "throttled",
  ThrottledException: "throttled",
  RequestThrottled: "throttled",
  RequestThrottledException: "throttled",
  TooManyRequestsException: "throttled",
  EC2ThrottledException: "throttled",
  PriorRequestNotComplete: "throttled",
  SlowDown: "throttled",
  ExpiredToken: "expired",
  ExpiredTokenException: "expired",
  RequestExpired: "expired",
  InvalidPaginationToken: "restart",
  InvalidNextToken: "restart",
  InvalidNextTokenException: "restart",
  InternalError: "again",
  InternalFailure: "again",
  InternalServiceError: "again",
  ServiceUnavailable: "again",
  Unavailable: "again",
  RequestTimeout: "again",
  RequestTimeoutException: "again",
  TimeoutError: "again",
};

export const faultOf = (error: unknown): Fault => {
  const { code, message, status } = told(error);
  const help = HELP[code];
  if (help !== undefined) return { is: help, code, message };
  if (code === "ValidationError" && /marker|token/i.test(message)) return { is: "restart", code, message };
  if (status === 429) return { is: "throttled", code, message };
  if (NO_CREDENTIALS.has(code)) return { is: "refused", code, message };
  // Without a status, and with one that says that all went well, what came was no answer.
  const isAnswer = status !== undefined && status >= 300 && status < 500;
  return { is: isAnswer ? "refused" : "again", code, message };
};

/** Nobody was asked: there was nothing to sign the question with. */
const NO_CREDENTIALS = new Set(["CredentialsProviderError", "TokenProviderError", "ProviderError"]);

interface Told {
  readonly code: string;
  readonly message: string;
  readonly status: number | undefined;
}

const told = (error: unknown): Told => {
  if (error instanceof BrokenXml)
    return { code: "BrokenAnswer", message: `The XML is broken: ${error.message}.`, status: undefined };
  const { name, code, message, $metadata } = raw(error);
  const status = number(raw($metadata)["httpStatusCode"]);
  // The SDK calls every connection that breaks a timeout; Node's own code says what it was.
  const named = text(name) === "TimeoutError" ? (text(code) ?? "TimeoutError") : text(name);
  const unnamed = status === undefined ? "NoAnswer" : "NotAnAnswer";
  return {
    code: named !== undefined && isNamed(named) ? named : (text(code) ?? unnamed),
    message: shortened(text(message) ?? String(error)),
    status,
  };
};

/** Errors of the language itself, and the SDK's own word for what it could not read, name nothing. */
const isNamed = (name: string): boolean =>
  !["Error", "SyntaxError", "TypeError", "AggregateError", "Unknown"].includes(name);

/** Messages may hold a page of HTML, or an encoded statement as long as one. */
const shortened = (message: string): string => {
  const line = message.replaceAll(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
};
