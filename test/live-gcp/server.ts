/**
 * Google Cloud on loopback: Compute Engine, Resource Manager, Network Security, the credentials of service accounts, and
 * the metadata server from which a machine gets its token. The official client and gcloud take it for the real one.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { Question } from "./cloud.ts";
import { answerOf, strangeIn } from "./cloud.ts";
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
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly permission: string;
  readonly token: string;
  readonly headers: IncomingMessage["headers"];
  readonly status: number;
  /** What was answered. */
  readonly text: string;
  readonly at: number;
}

export interface LiveServer {
  readonly url: string;
  readonly host: string;
  readonly calls: readonly Call[];
  close(): Promise<void>;
}

export const serve = async (
  estate: Estate,
  { faults = [], most = 500, granted, uses = Infinity }: Options = {},
): Promise<LiveServer> => {
  const calls: Call[] = [];
  const left = faults.map(({ times = Infinity }) => times);
  const tokens = new Map<string, number>();

  const effectOn = (path: string): Effect | undefined => {
    const i = faults.findIndex((fault, at) => fault.path.test(path) && (left[at] ?? 0) > 0);
    if (i === -1) return undefined;
    left[i] = (left[i] ?? 0) - 1;
    return faults[i]?.does;
  };

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? "/", "http://loopback");
    const path = decodeURI(url.pathname);
    if (path.startsWith("/computeMetadata/")) return metadata(path, response);
    const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
    if (path.endsWith(":generateAccessToken")) {
      if (path.includes("/root@"))
        return json(response, 403, error(403, "root may not be impersonated.", "forbidden", "PERMISSION_DENIED"));
      const given = `acting-${token}`;
      tokens.set(given, 0);
      return json(response, 200, { accessToken: given, expireTime: new Date(Date.now() + 3_600_000).toISOString() });
    }
    const question: Question = { method: request.method ?? "GET", path, query: url.searchParams };
    const { status, body, permission } = ruled(question, token);
    const text = JSON.stringify(body, null, 2);
    const effect = effectOn(`${path}${url.search}`);
    const done = effect?.is === "error" || effect?.is === "html" ? effect.status : status;
    const said = effect?.is === "changed" && status === 200 ? JSON.stringify(effect.how(body), null, 2) : text;
    calls.push({
      method: question.method,
      path,
      query: url.search,
      permission,
      token,
      headers: request.headers,
      status: done,
      text: said,
      at: Date.now(),
    });
    send(response, status, said, effect);
  };

  const metadata = (path: string, response: ServerResponse): void => {
    response.setHeader("Metadata-Flavor", "Google");
    const rest = path.replace(/^\/computeMetadata\/v1\/?/, "");
    if (rest === "project/project-id") return void response.end("harbour-shop");
    if (rest === "universe/universe-domain") return void response.end("googleapis.com");
    if (rest === "instance/service-accounts/default/email")
      return void response.end("reader@harbour-shop.iam.gserviceaccount.com");
    if (rest === "instance/service-accounts/default/token") {
      const token = `token-${tokens.size + 1}`;
      tokens.set(token, 0);
      return json(response, 200, { access_token: token, expires_in: 3599, token_type: "Bearer" });
    }
    if (rest.startsWith("instance")) return void response.end("{}");
    response.writeHead(404).end();
  };

  const ruled = (
    question: Question,
    token: string,
  ): { readonly status: number; readonly body: Body; readonly permission: string } => {
    const found = answerOf(estate, question, most);
    const permission = found?.permission ?? "";
    const used = tokens.get(token);
    if (used !== undefined) tokens.set(token, used + 1);
    // A client that was told to show no token shows none: the gcloud tests do.
    if (token !== "" && (used === undefined || used >= uses))
      return {
        status: 401,
        permission,
        body: error(401, "Request had invalid authentication credentials.", "authError", "UNAUTHENTICATED"),
      };
    if (found?.project?.isOn === false) return { status: 403, permission, body: disabled(question.path) };
    if (granted !== undefined && !granted.has(permission))
      return {
        status: 403,
        permission,
        body: error(403, `Required '${permission}' permission for '${question.path}'`, "forbidden"),
      };
    const strange = strangeIn(question);
    if (strange !== undefined)
      return {
        status: 400,
        permission,
        body: error(400, `Unknown name "${strange}"`, "badRequest", "INVALID_ARGUMENT"),
      };
    if (found?.body === undefined)
      return { status: 404, permission, body: error(404, `The resource '${question.path}' was not found`, "notFound") };
    return { status: 200, permission, body: found.body };
  };

  const server = createServer((request, response) => {
    request.resume().once("end", () => answer(request, response));
  });
  const url = await listening(server);
  return { url, host: new URL(url).host, calls, close: () => closed(server) };
};

/** An error in the old form, as Compute Engine sends it. */
export const error = (code: number, message: string, reason: string, status?: string): Body => ({
  error: {
    code,
    message,
    errors: [{ message, domain: reason === "rateLimitExceeded" ? "usageLimits" : "global", reason }],
    ...(status === undefined ? {} : { status }),
  },
});

const disabled = (path: string): Body => {
  const message = `Compute Engine API has not been used in project ${path.split("/")[4] ?? ""} before or it is disabled.`;
  return {
    error: {
      code: 403,
      message,
      errors: [
        {
          message,
          domain: "usageLimits",
          reason: "accessNotConfigured",
          extendedHelp: "https://console.developers.google.com",
        },
      ],
      status: "PERMISSION_DENIED",
      details: [
        {
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          reason: "SERVICE_DISABLED",
          domain: "googleapis.com",
          metadata: { service: "compute.googleapis.com", consumer: "projects/444000444000" },
        },
      ],
    },
  };
};

const json = (
  response: ServerResponse,
  status: number,
  body: Body,
  headers: Readonly<Record<string, string>> = {},
): void => {
  response
    .writeHead(status, { "content-type": "application/json; charset=UTF-8", ...headers })
    .end(JSON.stringify(body));
};

const send = (response: ServerResponse, status: number, text: string, effect: Effect | undefined): void => {
  const half = text.slice(0, Math.floor(text.length / 2));
  const type = { "content-type": "application/json; charset=UTF-8" };
  switch (effect?.is) {
    case "error":
      return json(response, effect.status, effect.body, effect.headers);
    case "html":
      return void response
        .writeHead(effect.status, { "content-type": "text/html" })
        .end("<html><title>502</title></html>");
    case "torn":
      return void response.writeHead(status, type).end(half);
    case "cut-off":
      response.writeHead(status, { ...type, "content-length": Buffer.byteLength(text) });
      return void response.write(half, () => response.socket?.end());
    case "reset":
      return void response.socket?.resetAndDestroy();
    case "silent":
      return;
    case "elsewhere":
      return void response.writeHead(302, { location: effect.to }).end();
    default:
      return void response.writeHead(status, type).end(text);
  }
};

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port on loopback");
  return `http://127.0.0.1:${address.port}`;
};

const closed = async (server: Server): Promise<void> => {
  const end = new Promise<void>((done) => server.close(() => done()));
  server.closeAllConnections();
  await end;
};
