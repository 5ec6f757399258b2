import type { Params } from "../wire/form.ts";
import type { Api } from "../wire/operations.ts";

/** A world of accounts, told by the answers that they give. */
export interface Estate {
  /** The account that manages all others; without it, there is no organization. */
  readonly organization?: { readonly management: string };
  /** By number. */
  readonly accounts: Readonly<Record<string, Account>>;
}

export interface Account {
  readonly name: string;
  /** What the organization says of it; active, where nothing stands here. */
  readonly state?: "ACTIVE" | "CLOSED" | "PENDING_ACTIVATION" | "PENDING_CLOSURE" | "SUSPENDED";
  /** The access keys of its users. Those of its roles are handed out by AssumeRole. */
  readonly keys: readonly string[];
  readonly roles: Readonly<Record<string, Role>>;
  /** Answers of services that have no Region, such as the Global Accelerator. */
  readonly global: Answers;
  readonly regions: Readonly<Record<string, Region>>;
}

/** Which accounts may take the role. */
export interface Role {
  readonly trusts: readonly string[];
  readonly externalId?: string;
}

export interface Region {
  readonly optIn: "opt-in-not-required" | "opted-in" | "not-opted-in";
  readonly answers: Answers;
}

/** Such as `ec2:DescribeVpcs`, with the API as the AWS CLI names it. What is not here answers with an empty list. */
export type Call = `${Api}:${string}`;

export type Answers = { readonly [call in Call]?: Answer };

/** Told always, or for these parameters. Nothing means that what was asked for is not there. */
export type Answer = Body | Refusal | ((params: Params) => Body | Refusal | undefined);

/**
 * All pages of an answer in one, as the AWS CLI prints them. The list that it is about may be any iterable; it is gone
 * through once, and the server keeps the text.
 */
export type Body = Readonly<Record<string, unknown>>;

/** An error in place of an answer. */
export interface Refusal {
  readonly refused: string;
  readonly message: string;
  readonly status: number;
}

/** The answers of a call that is about one thing, by that thing. */
export const by =
  (parameter: string, bodies: Readonly<Record<string, Body>>) =>
  (params: Params): Body | undefined =>
    bodies[String(params[parameter])];
