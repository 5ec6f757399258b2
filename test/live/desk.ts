/** Where a request is understood, ruled upon and written down. Nothing here knows of connections. */
import { callersOf } from "./callers.ts";
import type { CallRecord } from "./calls.ts";
import { cloudOf, type Page, type Question } from "./cloud.ts";
import type { Estate, Refusal } from "./estate/types.ts";
import { type Effect, type Fault, happenings } from "./faults.ts";
import { bucketOf, buckets } from "./limits.ts";
import { answerText } from "./wire/answers.ts";
import { errorText, trouble } from "./wire/errors.ts";
import { apis, type Operation, type Protocol } from "./wire/operations.ts";
import { type Incoming, type Scope, scopeOf, type Wish, wishOf } from "./wire/request.ts";

export interface Rules {
  /** Whether calls are counted against the buckets of the real cloud. */
  readonly throttles?: boolean;
  readonly faults?: readonly Fault[];
  /** Writes all answers down before the first call. It takes a while, and then none of the calls has to wait. */
  readonly prepared?: boolean;
}

/** What goes back: a text, and how it is sent. */
export interface Reply {
  readonly status: number;
  readonly protocol: Protocol;
  readonly text: string;
  readonly requestId: string;
  readonly manner: Effect | undefined;
}

interface Ruling {
  readonly outcome: CallRecord["outcome"];
  readonly content: Page | Refusal;
  readonly manner?: Effect | undefined;
}

/** Takes requests one after the other, and adds each one that names an API to the calls. */
export const deskOf = (estate: Estate, rules: Rules, calls: CallRecord[]): ((incoming: Incoming) => Reply) => {
  const start = performance.now();
  const callers = callersOf(estate);
  const cloud = cloudOf(estate, callers);
  const happensTo = happenings(rules.faults ?? []);
  const hasToken = buckets(() => performance.now());
  if (rules.prepared === true) cloud.prepare();
  let requests = 0;

  const rule = (question: Question, key: string): Ruling => {
    const { operation, caller, region, params } = question;
    const { api, action, protocol } = operation;
    const effect = happensTo({ api, action, region, account: caller.account, key });
    const owner = [caller.account, region, api, action].join(" ");
    if (rules.throttles === true && !hasToken(owner, bucketOf(operation, params)))
      return { outcome: "throttled", content: trouble("throttled", protocol) };
    if (effect?.is === "refused")
      return { outcome: "fault", content: trouble(effect.trouble, protocol, effect.message) };
    if (effect?.is === "expires") return { outcome: "fault", content: trouble("expired", protocol) };
    const content = cloud.answer(question);
    if (effect?.is === "changes") cloud.change(question, effect.to);
    else if (effect !== undefined) return { outcome: "fault", content, manner: effect };
    return { outcome: "refused" in content ? "refused" : "answered", content };
  };

  return (incoming) => {
    requests++;
    const requestId = `00000000-0000-4000-8000-${String(requests).padStart(12, "0")}`;
    const scope = scopeOf(incoming.authorization);
    const wish = scope && wishOf(scope.service, incoming);
    if (scope === undefined || wish === undefined) {
      const protocol = incoming.target === undefined ? "query" : "json";
      const refusal = trouble(scope === undefined ? "unsigned" : "action", protocol);
      return { ...sheet(protocol, refusal, requestId), requestId, manner: undefined };
    }
    const caller = callers.identify(scope.key, incoming.token);
    const question = caller && understood(wish, scope, caller);
    const { protocol } = apis[wish.api];
    const { content, outcome, manner } = ruled(question, protocol, (question) => rule(question, scope.key));
    calls.push({
      ...factsOf(wish, scope, question),
      account: caller?.account ?? "",
      at: performance.now() - start,
      outcome,
    });
    return { ...sheet(protocol, content, requestId, wish.operation), requestId, manner };
  };
};

/** A call as a question, or why it cannot be one. */
const understood = (wish: Wish, { region }: Scope, caller: Question["caller"]): Question | Refusal => {
  const { operation, api } = wish;
  const { protocol } = apis[api];
  if (operation === undefined) return trouble("action", protocol, `The action ${wish.action} is not valid.`);
  try {
    return { operation, params: wish.params(), caller, region };
  } catch (error) {
    return trouble("value", protocol, error instanceof Error ? error.message : String(error));
  }
};

const ruled = (
  question: Question | Refusal | undefined,
  protocol: Protocol,
  rule: (question: Question) => Ruling,
): Ruling => {
  if (question === undefined) return { outcome: "refused", content: trouble("credentials", protocol) };
  return "refused" in question ? { outcome: "refused", content: question } : rule(question);
};

const factsOf = (
  { api, action, operation }: Wish,
  { key, region }: Scope,
  question: Question | Refusal | undefined,
): Pick<CallRecord, "service" | "action" | "key" | "region" | "params" | "page"> => {
  const params = question !== undefined && "params" in question ? question.params : {};
  const { size = "", token = "" } = operation?.paging ?? {};
  return { service: api, action, key, region, params, page: size in params || token in params };
};

const sheet = (
  protocol: Protocol,
  content: Page | Refusal,
  requestId: string,
  operation?: Operation,
): Pick<Reply, "status" | "protocol" | "text"> => {
  if ("refused" in content) return { status: content.status, protocol, text: errorText(protocol, content, requestId) };
  if (operation === undefined) throw new Error("an answer of no operation");
  const { items, rest, token } = content;
  return { status: 200, protocol, text: answerText(operation, items, rest, token, requestId) };
};
