/** How a reply goes out: as it should, or as connections and proxies sometimes have it. */
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Reply } from "./desk.ts";
import type { Protocol } from "./wire/operations.ts";

const types = {
  ec2: "text/xml;charset=UTF-8",
  query: "text/xml",
  json: "application/x-amz-json-1.1",
} as const satisfies Record<Protocol, string>;

export const send = async (response: ServerResponse, reply: Reply): Promise<void> => {
  const { manner, text } = reply;
  const half = text.slice(0, Math.floor(text.length / 2));
  switch (manner?.is) {
    case "html":
      return whole(response, { ...reply, status: manner.status }, "text/html", htmlPage);
    case "torn":
      return whole(response, reply, types[reply.protocol], half);
    case "cut-off":
      return cutOff(response, reply, half);
    case "reset":
      return void response.socket?.resetAndDestroy();
    case "silent":
      return;
    case "slow":
      return slowly(response, reply, manner.bytes, manner.every);
    default:
      return whole(response, reply, types[reply.protocol], text);
  }
};

/** Not XML, as most such pages. */
const htmlPage = `<html>\r
<head><title>502 Bad Gateway</title></head>\r
<body>\r
<center><h1>502 Bad Gateway</h1></center>\r
<hr><center>nginx</center>\r
</body>\r
</html>\r
`;

const whole = (response: ServerResponse, { status, requestId }: Reply, type: string, text: string): void => {
  response
    .writeHead(status, {
      "content-type": type,
      "content-length": Buffer.byteLength(text),
      "x-amzn-requestid": requestId,
    })
    .end(text);
};

const cutOff = (response: ServerResponse, { status, protocol, text }: Reply, half: string): void => {
  response.writeHead(status, { "content-type": types[protocol], "content-length": Buffer.byteLength(text) });
  response.write(half, () => response.socket?.end());
};

const slowly = async (
  response: ServerResponse,
  { status, protocol, text }: Reply,
  bytes: number,
  every: number,
): Promise<void> => {
  const content = Buffer.from(text);
  response.writeHead(status, { "content-type": types[protocol], "content-length": content.length });
  for (let start = 0; start < content.length && !response.destroyed; start += bytes) {
    response.write(content.subarray(start, start + bytes));
    await sleep(every);
  }
  response.end();
};
