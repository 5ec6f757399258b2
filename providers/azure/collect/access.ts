import type { NetworkManagementClientOptionalParams } from "@azure/arm-network";
import type { AccessToken, TokenCredential } from "@azure/identity";
import { isRaw, raw, text } from "#model/raw.ts";
import { Trouble, problems } from "#problems.ts";
import type { Clock } from "#reading/pace.ts";
import { Foreign, NotAnswered, Unsent } from "./fault.ts";

/** What came back, byte by byte as it was sent. */
export interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
  readonly header: (name: string) => string | undefined;
}

type Policy = NonNullable<NetworkManagementClientOptionalParams["additionalPolicies"]>[number]["policy"];

/** How an official client is made: where the cloud is, and what stands in its way. */
export interface ClientOptions {
  readonly endpoint: string;
  readonly credentials: { readonly scopes: string[] };
  readonly retryOptions: { readonly maxRetries: number };
  readonly redirectOptions: { readonly maxRetries: number };
  readonly additionalPolicies: { readonly policy: Policy; readonly position: "perCall" }[];
}

/** Credentials, and the one door through which everything is asked and every answer comes. */
export interface Access {
  /**
   * Has an official client ask, and catches the answer on its way: what the client would make of it is not waited for.
   * A question may have many answers, of which the last one counts; then the client reads them all and says when it is
   * over.
   */
  readonly caught: (
    ask: (credential: TokenCredential, options: ClientOptions) => Promise<unknown>,
    signal: AbortSignal,
    answers?: "one" | "many",
  ) => Promise<Answer>;
  /** Throws where a link leads to anybody but the cloud. */
  readonly check: (link: string) => void;
  /** Gets new credentials with the next call. */
  readonly renew: () => void;
}

export interface Holder extends Access {
  /** Whose credentials they are, as far as they say. */
  readonly who: string;
}

/** Azure Resource Manager, by the place where one logs in. */
const MANAGERS: Readonly<Record<string, string>> = {
  "login.microsoftonline.us": "https://management.usgovcloudapi.net",
  "login.chinacloudapi.cn": "https://management.chinacloudapi.cn",
  "login.partner.microsoftonline.cn": "https://management.chinacloudapi.cn",
};
const PUBLIC = "https://management.azure.com";

/** Where tests put the whole cloud. A token is shown to nobody but Azure and this machine. */
export const endpointIn = (named: string | undefined): URL | undefined => {
  if (named === undefined || named === "") return undefined;
  const url = URL.canParse(named) ? new URL(named) : undefined;
  if (url?.protocol !== "https:" || !["127.0.0.1", "[::1]", "localhost"].includes(url.hostname))
    throw new Trouble(problems.notSecureLoopback(named));
  return url;
};

/** The resource manager of the cloud in which the credentials are. */
export const managerOf = (authority: string | undefined): string => {
  const host = URL.canParse(authority ?? "") ? new URL(authority ?? "").host : (authority ?? "");
  return MANAGERS[host.toLowerCase()] ?? PUBLIC;
};

/** The credentials that the Azure SDK finds by itself. `manager` is whose tokens are asked for, and `endpoint` where it is. */
export const access = async (manager: string, endpoint: URL | undefined, clock: Clock): Promise<Holder> => {
  const { DefaultAzureCredential } = await import("@azure/identity");
  const base = endpoint ?? new URL(manager);
  const scopes = [`${manager}/.default`];
  const purse = tokens(() => new DefaultAzureCredential(), scopes, clock);
  const first = await purse.get().catch((error: unknown) => {
    throw new Trouble(problems.noAzureCredentials(sentence(error)));
  });

  const check = (link: string): void => {
    const url = URL.canParse(link, base.href) ? new URL(link, base.href) : undefined;
    const isOurs = url?.origin === base.origin && url.username === "" && url.password === "";
    if (!isOurs) throw new Foreign(url?.host ?? link);
  };

  return {
    who: whoIn(first.token),
    check,
    renew: purse.renew,
    caught: async (ask, signal, answers = "one") => {
      const slot: Slot = {
        signal,
        check,
        answers,
        sent: false,
        answer: undefined,
        wrong: undefined,
        stale: purse.stale,
      };
      const failure: unknown = await ask(purse.credential, {
        endpoint: base.origin,
        credentials: { scopes },
        retryOptions: { maxRetries: 0 },
        redirectOptions: { maxRetries: 0 },
        additionalPolicies: [{ policy: catching(slot), position: "perCall" }],
      }).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (slot.wrong instanceof Foreign) throw slot.wrong;
      signal.throwIfAborted();
      if (slot.answer !== undefined && !(slot.answer.status === 202 && failure !== undefined)) return slot.answer;
      throw slot.sent ? new NotAnswered(slot.wrong ?? failure) : new Unsent(failure);
    },
  };
};

/** A token of one's own, kept for all clients until it has run out or is turned down. */
const tokens = (
  connect: () => TokenCredential,
  scopes: string[],
  clock: Clock,
): {
  readonly get: () => Promise<AccessToken>;
  readonly credential: TokenCredential;
  readonly stale: (token: string) => void;
  readonly renew: () => void;
} => {
  let source: TokenCredential | undefined;
  let kept: { readonly token: Promise<AccessToken>; until: number } | undefined;
  const turnedDown = new Set<string>();
  let current = "";

  const get = (): Promise<AccessToken> => {
    if (kept !== undefined && clock.today().getTime() < kept.until) return kept.token;
    const mine = { token: ask(), until: Infinity };
    kept = mine;
    mine.token
      .then(({ token, expiresOnTimestamp }) => {
        mine.until = expiresOnTimestamp - EARLY_MS;
        current = token;
        return token;
      })
      .catch(() => {
        if (kept === mine) kept = undefined;
      });
    return mine.token;
  };
  const ask = async (): Promise<AccessToken> => {
    source ??= connect();
    const token = await source.getToken(scopes);
    if (token === null) throw new Error("No token was given.");
    return token;
  };

  return {
    get,
    // A claim that the cloud asks for is no matter of the token that is kept for all.
    credential: {
      getToken: (asked, options) =>
        options?.claims === undefined || source === undefined ? get() : source.getToken(asked, options),
    },
    stale: (token) => void turnedDown.add(token),
    renew: () => {
      // Many calls find out at once that a token has run out, and the first has it renewed for all.
      if (!turnedDown.has(current)) return;
      turnedDown.clear();
      source = undefined;
      kept = undefined;
    },
  };
};

/** A token is renewed so long before it runs out. */
const EARLY_MS = 120_000;

/** Who a token says that its owner is. */
const whoIn = (token: string): string => {
  const claims = claimsIn(token);
  const user = text(claims["upn"]) ?? text(claims["unique_name"]) ?? text(claims["preferred_username"]);
  const app = text(claims["xms_mirid"])?.split("/").at(-1) ?? text(claims["app_displayname"]);
  const id = text(claims["appid"]) ?? text(claims["oid"]);
  return user ?? app ?? (id === undefined ? "whoever the credentials are of" : `the application ${id}`);
};

const claimsIn = (token: string): Readonly<Record<string, unknown>> => {
  try {
    const part = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(part), (each) => each.charCodeAt(0));
    return raw(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return {};
  }
};

/** Each kind of credentials says at length why it is not there. */
const LONGEST = 300;

const sentence = (error: unknown): string => {
  const says = error instanceof Error ? error.message : isRaw(error) ? (text(error["message"]) ?? "") : String(error);
  const line = says.replaceAll(/\s+/g, " ").trim();
  if (line.length > LONGEST) return `${line.slice(0, LONGEST)}…`;
  return line === "" || /[.!?]$/.test(line) ? line : `${line}.`;
};

/** A question that is on its way. */
interface Slot {
  readonly signal: AbortSignal;
  readonly check: (link: string) => void;
  readonly answers: "one" | "many";
  readonly stale: (token: string) => void;
  sent: boolean;
  answer: Answer | undefined;
  /** What the network said of it, or who it would have gone to. */
  wrong: unknown;
}

/** What is told instead of an answer to a client whose reading of it would lose what it does not know. */
const NOTHING = '{"value":[]}';

/** Where an answer may send its reader. */
const LINKS = ["location", "azure-asyncoperation", "operation-location"];

/** Stands last before the network, for every request of a client: those for further pages and states among them. */
const catching = (slot: Slot): Policy => ({
  name: "sallyport",
  sendRequest: async (request, next) => {
    slot.answer = undefined;
    try {
      slot.check(request.url);
      slot.sent = true;
      request.abortSignal = slot.signal;
      request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
      // Written so, the client leaves it to us to unpack: it would wait for ever for the rest of what was cut off.
      request.headers.set("accept-encoding", "GZIP");
      const { readableStreamBody: stream, ...response } = await next(request);
      const { status, headers } = response;
      if (status === 401) slot.stale(request.headers.get("authorization")?.replace(/^Bearer /, "") ?? "");
      const packed = await whole(stream);
      const bytes = headers.get("content-encoding")?.toLowerCase() === "gzip" ? await unpacked(packed) : packed;
      for (const name of LINKS) {
        const link = headers.get(name);
        if (link !== undefined) slot.check(link);
      }
      slot.answer = { status, bytes, header: (name) => headers.get(name) };
      const isKept = slot.answers === "many" || status !== 200;
      return { ...response, bodyAsText: isKept ? new TextDecoder().decode(bytes) : NOTHING };
    } catch (error) {
      slot.wrong = error;
      throw error;
    }
  },
});

const unpacked = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  new Uint8Array(
    await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer(),
  );

const whole = async (stream: AsyncIterable<unknown> | undefined): Promise<Uint8Array<ArrayBuffer>> => {
  const parts: Uint8Array[] = [];
  if (stream !== undefined) for await (const part of stream) if (part instanceof Uint8Array) parts.push(part);
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
};
