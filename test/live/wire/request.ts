/** What a signed request asks for. */
import { paramsOfForm, type Params } from "./form.ts";
import { type Api, apiNames, apis, type Operation, operationOf } from "./operations.ts";

/** The headers and the body of a request, as far as they matter. */
export interface Incoming {
  readonly authorization: string | undefined;
  readonly target: string | undefined;
  readonly token: string | undefined;
  readonly body: string;
}

/** Whom the signature names. The signature itself is believed. */
export interface Scope {
  readonly key: string;
  readonly region: string;
  readonly service: string;
}

export const scopeOf = (authorization: string | undefined): Scope | undefined => {
  const [, key, region, service] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request,/.exec(authorization ?? "") ?? [];
  return key === undefined || region === undefined || service === undefined ? undefined : { key, region, service };
};

/** The API and the action that a request names. */
export interface Wish {
  readonly api: Api;
  readonly action: string;
  readonly operation: Operation | undefined;
  readonly params: () => Params;
}

/** Undefined where no API signs like that. */
export const wishOf = (service: string, { target, body }: Incoming): Wish | undefined => {
  const [prefix, action] = target?.split(".") ?? [];
  if (prefix !== undefined && action !== undefined)
    return wish(service, prefix, action, () => record(JSON.parse(body)));
  const form = new URLSearchParams(body);
  return wish(service, form.get("Version") ?? "", form.get("Action") ?? "", (operation) =>
    paramsOfForm(operation, form),
  );
};

const wish = (
  service: string,
  version: string,
  action: string,
  params: (of: Operation) => Params,
): Wish | undefined => {
  const api = apiNames.find((name) => apis[name].signs === service && apis[name].version === version);
  if (api === undefined) return undefined;
  const operation = operationOf(api, action);
  return { api, action, operation, params: () => (operation === undefined ? {} : params(operation)) };
};

const record = (value: unknown): Params => (typeof value === "object" && value !== null ? { ...value } : {});
