import type { AuthClient, GoogleAuth, OAuth2Client } from "google-auth-library";
import { Trouble, problems } from "#problems.ts";
import { raw, text } from "../raw.ts";
import { NotAnswered, Unsent } from "./fault.ts";

/** What came back, byte by byte as it was sent. */
export interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
  readonly headers: Headers;
}

/** Credentials, and the one door through which everything is asked and every answer comes. */
export interface Access {
  /** The address of an API by its first name: `cloudresourcemanager`, or `europe-west1-b-cloudresourcemanager`. */
  readonly url: (api: string) => string;
  /**
   * Has somebody else ask, by a client that goes through this door and sends the mark along in a header. What comes back
   * is caught on its way; the one who asked is told nothing.
   */
  readonly caught: (
    ask: (mark: Readonly<Record<string, string>>, client: AuthClient) => Promise<unknown>,
    signal: AbortSignal,
  ) => Promise<Answer>;
  /** Gets new credentials with the next call. */
  readonly renew: () => void;
}

export interface Holder extends Access {
  /** Whose credentials they are, as far as they say. */
  readonly who: string;
  /** The project that they are of. */
  readonly project: string | undefined;
  /** The project that is charged for the calls, where it is another than the one that is asked about. */
  readonly charged: string | undefined;
}

/** Tokens that can read and nothing else, whatever their owner may do. */
const READING = [
  "https://www.googleapis.com/auth/compute.readonly",
  "https://www.googleapis.com/auth/cloud-platform.read-only",
];
/** Whoever acts as a service account has to be let in before he can be told to read alone. */
const ACTING = ["https://www.googleapis.com/auth/cloud-platform"];

const MARK = "x-sallyport-mark";

/** Where tests put the whole cloud. A token is shown to nobody but Google and this machine. */
export const endpointIn = (named: string | undefined): URL | undefined => {
  if (named === undefined || named === "") return undefined;
  const url = URL.canParse(named) ? new URL(named) : undefined;
  if (url === undefined || !["127.0.0.1", "[::1]", "localhost"].includes(url.hostname))
    throw new Trouble(problems.notLoopback(named));
  return url;
};

/** The application default credentials, or those of a service account that they may act as. */
export const access = async (
  impersonate: string | undefined,
  endpoint: URL | undefined,
  universe: string,
): Promise<Holder> => {
  const library = await import("google-auth-library");
  const isOurs = ({ protocol, hostname, host }: URL): boolean =>
    endpoint === undefined ? protocol === "https:" && hostname.endsWith(`.${universe}`) : host === endpoint.host;
  let asked = 0;
  const waiting = new Map<string, Waiting>();
  const url = (api: string): string => endpoint?.origin ?? `https://${api}.${universe}`;
  const own = (): GoogleAuth => new library.GoogleAuth({ scopes: impersonate === undefined ? READING : ACTING });

  const connect = async (auth: GoogleAuth): Promise<AuthClient> => {
    const source = await auth.getClient();
    const client =
      impersonate === undefined
        ? source
        : acting(new library.OAuth2Client(), source, impersonate, url("iamcredentials"));
    if (endpoint === undefined && source.universeDomain !== universe)
      throw new Error(`The credentials are of ${source.universeDomain}, and not of ${universe}.`);
    await client.getAccessToken();
    listen(client, waiting, isOurs);
    return client;
  };

  const first = own();
  const client = connect(first);
  await client.catch((error: unknown) => {
    throw new Trouble(problems.noGoogleCredentials(sentence(error)));
  });
  let kept = { client };
  const reconnect = (): void => {
    const again = connect(own());
    again.catch(() => undefined);
    kept = { client: again };
  };
  /** Those whose token was turned down. Many calls find that out at once, and the first has it renewed for all. */
  const stale = new WeakSet<object>();

  return {
    who: impersonate ?? (await emailOf(first)) ?? "a user with application default credentials",
    project: await first.getProjectId().catch(() => undefined),
    charged: text((await client).quotaProjectId),
    url,
    caught: async (ask, signal) => {
      const mark = String(++asked);
      const slot: Waiting = { signal, sent: false, answer: undefined, wrong: undefined };
      waiting.set(mark, slot);
      try {
        const used = kept;
        const lost = (error: unknown): never => {
          if (kept === used) reconnect();
          throw error;
        };
        const failure: unknown = await used.client
          .then((known) => ask({ [MARK]: mark }, known), lost)
          .then(
            () => undefined,
            (error: unknown) => error,
          );
        signal.throwIfAborted();
        if (slot.answer?.status === 401) stale.add(used);
        if (slot.answer !== undefined) return slot.answer;
        throw slot.sent ? new NotAnswered(slot.wrong ?? failure) : new Unsent(failure);
      } finally {
        waiting.delete(mark);
      }
    },
    renew: () => {
      if (stale.has(kept)) reconnect();
    },
  };
};

/** Lets a client show tokens of a service account, and get each of them by another. */
const acting = (client: OAuth2Client, source: AuthClient, account: string, url: string): AuthClient => {
  if (source.quotaProjectId !== undefined) client.quotaProjectId = source.quotaProjectId;
  client.refreshHandler = async () => {
    const { data } = await source.request<unknown>({
      url: `${url}/v1/projects/-/serviceAccounts/${account}:generateAccessToken`,
      method: "POST",
      data: { scope: READING, lifetime: "3600s" },
    });
    const { accessToken, expireTime } = raw(data);
    return { access_token: text(accessToken) ?? "", expiry_date: Date.parse(text(expireTime) ?? "") };
  };
  return client;
};

const emailOf = async (auth: GoogleAuth): Promise<string | undefined> =>
  auth.getCredentials().then(
    ({ client_email: email }) => text(email),
    () => undefined,
  );

const sentence = (error: unknown): string => {
  const told = raw(raw(raw(raw(error)["response"])["data"])["error"]);
  const says = text(told["message"]) ?? (error instanceof Error ? error.message : String(error));
  const line = says.replaceAll(/\s+/g, " ").trim().slice(0, 300);
  return /[.!?…]$/.test(line) ? line : `${line}.`;
};

/** A question that is on its way. */
interface Waiting {
  readonly signal: AbortSignal;
  sent: boolean;
  answer: Answer | undefined;
  /** What the network said of it. */
  wrong: unknown;
}

/** What is told instead of an answer to those whose reading of it would lose what they do not know. */
const NOTHING = new TextEncoder().encode("{}");

/** Catches the answers to marked questions. Others, such as those for tokens, pass as they are. */
const listen = (
  { transporter: { interceptors } }: AuthClient,
  waiting: ReadonlyMap<string, Waiting>,
  isOurs: (url: URL) => boolean,
): void => {
  const slots = new WeakMap<object, Waiting>();
  interceptors.request.add({
    resolved: async (config) => {
      const mark = config.headers.get(MARK);
      const slot = mark === null ? undefined : waiting.get(mark);
      if (mark === null || slot === undefined) return config;
      config.headers.delete(MARK);
      if (!isOurs(config.url)) throw new Error(`${config.url.host} is no host of the cloud.`);
      slot.sent = true;
      const marked = {
        ...config,
        validateStatus: () => true,
        redirect: "manual" as const,
        retry: false,
        signal: config.signal ? AbortSignal.any([config.signal, slot.signal]) : slot.signal,
      };
      slots.set(marked, slot);
      return Promise.resolve(marked);
    },
  });
  interceptors.response.add({
    resolved: async (response) => {
      const slot = slots.get(response.config);
      if (slot === undefined) return response;
      try {
        const { status, headers } = response;
        slot.answer = { status, headers, bytes: new Uint8Array(await response.arrayBuffer()) };
      } catch (error) {
        slot.wrong = error;
      }
      Object.defineProperty(response, "arrayBuffer", { value: () => Promise.resolve(NOTHING.slice().buffer) });
      return response;
    },
  });
};
