/**
 * A cloud on loopback. It speaks the protocols of the real APIs to the official clients and to the AWS CLI, and tells
 * what an estate holds. One URL serves all services, Regions and accounts: the signature of a request names them.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type CallRecord, statsOf } from "./calls.ts";
import { deskOf, type Rules } from "./desk.ts";
import type { Estate } from "./estate/types.ts";
import { send } from "./send.ts";
import type { Incoming } from "./wire/request.ts";

export interface Options extends Rules {
  /** Milliseconds that each answer takes. */
  readonly latency?: number;
}

export interface LiveServer {
  readonly url: string;
  /** All calls until now, in the order in which they came. */
  readonly calls: readonly CallRecord[];
  close(): Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1. `GET /stats` tells how often it was called. */
export const serve = async (estate: Estate, { latency = 0, ...rules }: Options = {}): Promise<LiveServer> => {
  const calls: CallRecord[] = [];
  const desk = deskOf(estate, rules, calls);
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      if (request.url === "/stats") {
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(statsOf(calls)));
        return;
      }
      const reply = desk(await incomingOf(request));
      if (latency > 0) await sleep(latency);
      await send(response, reply);
    };
    answer().catch((error: unknown) => {
      response.writeHead(500).end(error instanceof Error ? error.stack : String(error));
    });
  });
  return { url: await listening(server), calls, close: () => closed(server) };
};

const incomingOf = async (request: IncomingMessage): Promise<Incoming> => {
  request.setEncoding("utf8");
  let body = "";
  for await (const text of request) body += String(text);
  return {
    authorization: request.headers.authorization,
    target: header(request, "x-amz-target"),
    token: header(request, "x-amz-security-token"),
    body,
  };
};

const header = ({ headers }: IncomingMessage, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
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
