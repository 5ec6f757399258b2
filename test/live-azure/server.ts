/**
 * Azure on loopback: Resource Manager and Resource Graph behind TLS, and the endpoint from which a machine with a managed
 * identity gets its token. The official clients and the Azure command line take it for the real one.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Answered, Found, Question } from "./cloud.ts";
import { TENANT, answerOf } from "./cloud.ts";
import type { Body, Estate } from "./estate.ts";

/** Something that goes wrong with the requests that fit: all of them, or the first few. */
export interface Fault {
  readonly path: RegExp;
  readonly times?: number;
  readonly does: Effect;
}

export type Effect =
  | {
      readonly is: "error";
      readonly status: number;
      readonly body: Body;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** A page for people, as a proxy would send it. */
  | { readonly is: "html"; readonly status: number }
  /** Half of the answer, as if it were all. */
  | { readonly is: "torn" }
  /** Half of the answer, and the connection ends before the announced length. */
  | { readonly is: "cut-off" }
  | { readonly is: "reset" }
  /** The request is taken, and nothing ever follows. */
  | { readonly is: "silent" }
  | { readonly is: "elsewhere"; readonly to: string }
  /** What takes a while is to be asked for at another place. */
  | { readonly is: "later"; readonly at: string; readonly name: string }
  /** The answer, with something else in it. */
  | { readonly is: "changed"; readonly how: (body: Body) => Body };

export interface Options {
  readonly faults?: readonly Fault[];
  /** The most that a page holds. */
  readonly most?: number;
  /** What the one who asks may do; everything, unless it is said. */
  readonly granted?: ReadonlySet<string>;
  /** For so many requests a token is good. */
  readonly uses?: number;
  /** How the next page is pointed to. */
  readonly link?: (url: string) => string;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly actions: readonly string[];
  readonly token: string;
  readonly headers: IncomingMessage["headers"];
  readonly status: number;
  /** What was answered. */
  readonly text: string;
  readonly at: number;
}

export interface LiveServer {
  readonly url: string;
  /** Where tokens are to be had. */
  readonly identity: string;
  /** The certificate of who signed the server's own. */
  readonly authority: string;
  readonly calls: readonly Call[];
  close(): Promise<void>;
}

/** A key and a certificate for this machine, in a folder that is gone when the process is. */
const certificate = ((): (() => { readonly folder: string; readonly key: string; readonly cert: string }) => {
  let made: { readonly folder: string; readonly key: string; readonly cert: string } | undefined;
  return () => {
    if (made !== undefined) return made;
    const folder = mkdtempSync(join(tmpdir(), "sallyport-tls-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost";
    const names = "subjectAltName=DNS:localhost,IP:127.0.0.1";
    execFileSync("openssl", [...words.split(" "), "-keyout", key, "-out", cert, "-addext", names], { stdio: "ignore" });
    made = { folder, key, cert };
    return made;
  };
})();

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

export const serve = async (
  estate: Estate,
  { faults = [], most = 500, granted, uses = Infinity, link = (url) => url }: Options = {},
): Promise<LiveServer> => {
  const calls: Call[] = [];
  const left = faults.map(({ times = Infinity }) => times);
  const tokens = new Map<string, number>();
  const later = new Map<string, Later>();

  const effectOn = (path: string): Effect | undefined => {
    const i = faults.findIndex((fault, at) => fault.path.test(path) && (left[at] ?? 0) > 0);
    if (i === -1) return undefined;
    left[i] = (left[i] ?? 0) - 1;
    return faults[i]?.does;
  };

  const answer = (request: IncomingMessage, body: string, response: ServerResponse): void => {
    const url = new URL(request.url ?? "/", base);
    const path = decodeURI(url.pathname).replace(/(.)\/$/, "$1");
    const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
    const question: Question = { method: request.method ?? "GET", path, query: url.searchParams, body: bodyIn(body) };
    const ruling = ruled(question, url, token);
    const text = JSON.stringify(ruling.body);
    const effect = effectOn(`${path}${url.search}`);
    const done = effect?.is === "error" || effect?.is === "html" ? effect.status : ruling.status;
    const said = effect?.is === "changed" && done === 200 ? JSON.stringify(effect.how(ruling.body)) : text;
    calls.push({
      method: question.method,
      path,
      query: url.search,
      actions: ruling.actions,
      token,
      headers: request.headers,
      status: done,
      text: said,
      at: Date.now(),
    });
    send(response, { ...ruling, text: said }, effect, /gzip/i.test(String(request.headers["accept-encoding"])));
  };

  const ruled = (question: Question, url: URL, token: string): Ruling => {
    const [, kind = "", number = ""] = OPERATION.exec(question.path) ?? [];
    const kept = later.get(number);
    if (kept !== undefined) {
      const actions = [`Microsoft.Network/locations/${kind}/read`];
      const refused = refusalOf(question, token, { actions, subscription: kept.subscription, found: kept.found });
      if (refused !== undefined) return { ...refused, actions };
      kept.asked++;
      // The first answer of all is not ready when it is first asked for.
      const isReady = kept.asked > 1 || number !== "1";
      if (kind === "operations")
        return { status: 200, body: { status: isReady ? "Succeeded" : "InProgress" }, actions };
      return isReady
        ? { status: 200, body: kept.found.body, actions }
        : { status: 202, body: {}, actions, headers: { location: url.href } };
    }
    const { found, subscription, actions } = answerOf(estate, question);
    const refused = refusalOf(question, token, { found, subscription, actions });
    if (refused !== undefined) return { ...refused, actions };
    if (found?.is !== "later") return { status: 200, body: bodyOf(found, question, url), actions };
    const next = String(later.size + 1);
    later.set(next, { found, subscription, asked: 0 });
    const place = (kind: string): string =>
      `${base}/subscriptions/${subscription?.id ?? ""}/providers/Microsoft.Network/locations/westeurope/${kind}/${next}?api-version=2026-01-01`;
    const state = question.path.endsWith("/effectiveRouteTable") ? { "azure-asyncoperation": place("operations") } : {};
    return { status: 202, body: {}, actions, headers: { location: place("operationResults"), ...state } };
  };

  const refusalOf = (
    { path, query }: Question,
    token: string,
    { actions, subscription, found }: Answered,
  ): Pick<Ruling, "status" | "body"> | undefined => {
    const used = tokens.get(token);
    if (used !== undefined) tokens.set(token, used + 1);
    if (used === undefined || used >= uses)
      return { status: 401, body: error("ExpiredAuthenticationToken", "The access token expiry time is in the past.") };
    if (query.get("api-version") === null)
      return { status: 400, body: error("MissingApiVersionParameter", "The api-version query parameter is required.") };
    const id = /^\/subscriptions\/([^/]+)/.exec(path)?.[1];
    if (id !== undefined && subscription === undefined)
      return { status: 404, body: error("SubscriptionNotFound", `The subscription '${id}' could not be found.`) };
    const { closed } = subscription ?? {};
    if (closed !== undefined)
      return {
        status: closed.status,
        body: error(closed.code, "The subscription is disabled and therefore marked as read only."),
      };
    const denied = granted === undefined ? undefined : actions.find((action) => !granted.has(action));
    if (denied !== undefined) return { status: 403, body: denial(denied, path) };
    const namespace = /\/providers\/(Microsoft\.(?:Network|Compute))\//i.exec(path)?.[1];
    if (
      namespace !== undefined &&
      subscription?.registered.some((each) => each.toLowerCase() === namespace.toLowerCase()) === false
    )
      return {
        status: 409,
        body: error(
          "MissingSubscriptionRegistration",
          `The subscription is not registered to use namespace '${namespace}'.`,
        ),
      };
    if (found === undefined)
      return { status: 404, body: error("ResourceNotFound", `The Resource '${path}' was not found.`) };
    return undefined;
  };

  const bodyOf = (found: Answered["found"], { query, body }: Question, url: URL): Body => {
    if (found === undefined || found.is === "later") return {};
    if (found.is === "whole") return found.body;
    const { things } = found;
    if (found.is === "rows") {
      const options: unknown = body["options"];
      const from = Number((isBody(options) ? options["$skipToken"] : undefined) ?? 0);
      const data = things.slice(from, from + most);
      return {
        totalRecords: things.length,
        count: data.length,
        data,
        facets: [],
        resultTruncated: "false",
        ...(from + most < things.length ? { $skipToken: String(from + most) } : {}),
      };
    }
    const from = Number(query.get("$skiptoken") ?? 0);
    const value = things.slice(from, from + most);
    if (from + most >= things.length) return { value };
    const next = new URL(url);
    next.searchParams.set("$skiptoken", String(from + most));
    return { value, nextLink: link(next.href) };
  };

  const identity: RequestListener = (request, response) => {
    const { resource = "" } = Object.fromEntries(new URL(request.url ?? "/", "http://loopback").searchParams);
    const claims = {
      tid: TENANT,
      oid: "reader-object",
      appid: "reader-application",
      xms_mirid: MIRID,
      n: tokens.size + 1,
    };
    const token = `${encoded({ alg: "none", typ: "JWT" })}.${encoded(claims)}.${encoded({ sig: "none" })}`;
    tokens.set(token, 0);
    // It runs out so soon that nobody keeps it who need not.
    const expires = Math.floor(Date.now() / 1000) + 240;
    json(response, 200, { access_token: token, expires_on: String(expires), resource, token_type: "Bearer" });
  };

  const { key, cert } = certificate();
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    let body = "";
    request
      .setEncoding("utf8")
      .on("data", (text: string) => void (body += text))
      .once("end", () => answer(request, body, response));
  });
  const tokensServer = createServer(identity);
  const base = `https://127.0.0.1:${await listening(server)}`;
  const identityPort = await listening(tokensServer);
  return {
    url: base,
    identity: `http://127.0.0.1:${identityPort}/msi/token`,
    authority: cert,
    calls,
    close: async () => {
      await Promise.all([closed(server), closed(tokensServer)]);
    },
  };
};

export const MIRID =
  "/subscriptions/11111111-aaaa-4bbb-8ccc-000000000001/resourcegroups/shop-rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader";

/** What a slow answer is asked for by: the answer itself, or whether it is there. */
const OPERATION = /\/locations\/[^/]+\/(operationResults|operations)\/(\d+)$/;

interface Later {
  readonly found: Extract<Found, { readonly is: "later" }>;
  readonly subscription: Answered["subscription"];
  asked: number;
}

interface Ruling {
  readonly status: number;
  readonly body: Body;
  readonly actions: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

export const error = (code: string, message: string): Body => ({ error: { code, message } });

export const denial = (action: string, scope: string): Body =>
  error(
    "AuthorizationFailed",
    `The client 'reader' with object id 'reader-object' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid.`,
  );

const isBody = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value);

const bodyIn = (text: string): Body => {
  const value: unknown = text === "" ? {} : JSON.parse(text);
  return isBody(value) ? value : {};
};

const TYPE = { "content-type": "application/json; charset=utf-8" };

const json = (
  response: ServerResponse,
  status: number,
  body: Body,
  headers: Readonly<Record<string, string>> = {},
): void => void response.writeHead(status, { ...TYPE, ...headers }).end(JSON.stringify(body));

const send = (
  response: ServerResponse,
  { status, headers = {}, text }: Ruling & { readonly text: string },
  effect: Effect | undefined,
  zips: boolean,
): void => {
  const half = text.slice(0, Math.floor(text.length / 2));
  const packed = gzipSync(text);
  const zipped = { ...TYPE, "content-encoding": "gzip" };
  switch (effect?.is) {
    case "error":
      return json(response, effect.status, effect.body, effect.headers);
    case "html":
      return void response
        .writeHead(effect.status, { "content-type": "text/html" })
        .end("<html><title>502</title></html>");
    case "torn":
      return void response.writeHead(status, TYPE).end(half);
    case "cut-off":
      response.writeHead(status, { ...zipped, "content-length": packed.length });
      return void response.write(packed.subarray(0, packed.length / 2), () => response.socket?.end());
    case "reset":
      return void response.socket?.destroy();
    case "silent":
      return;
    case "elsewhere":
      return void response.writeHead(302, { location: effect.to }).end();
    case "later":
      return void response.writeHead(202, { ...TYPE, [effect.name]: effect.at }).end("{}");
    default:
      return void response.writeHead(status, { ...(zips ? zipped : TYPE), ...headers }).end(zips ? packed : text);
  }
};

const listening = async (server: Server | ReturnType<typeof createTlsServer>): Promise<number> => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port on loopback");
  return address.port;
};

const closed = async (server: Server | ReturnType<typeof createTlsServer>): Promise<void> => {
  const end = new Promise<void>((done) => server.close(() => done()));
  server.closeAllConnections();
  await end;
};
