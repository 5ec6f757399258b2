/**
 * Collects the whole estate once for each call, with that call denied and nothing else wrong, into folders called like
 * the calls: `node --conditions=source test/live/denied.ts <folder> <call>…`. It prints one line of JSON for each.
 */
import { join } from "node:path";
import { main } from "../../src/main.ts";
import { wholeEstate } from "./estate.ts";
import type { Fault } from "./faults.ts";
import { serve } from "./server.ts";
import { type Api, apis, isApi } from "./wire/operations.ts";

const [folder = "", ...calls] = process.argv.slice(2);

/** Two APIs may share the name that policies give them. */
const apisOf = (service: string): readonly Api[] =>
  Object.entries(apis).flatMap(([name, { signs }]) => (signs === service && isApi(name) ? [name] : []));

for (const call of calls) {
  const [service = "", action = ""] = call.split(":");
  const faults = apisOf(service).map(
    (api): Fault => ({ match: { api, action }, does: { is: "refused", trouble: "denied" } }),
  );
  const server = await serve(wholeEstate, { faults });
  process.env["AWS_ENDPOINT_URL"] = server.url;
  let err = "";
  const words = ["collect", "--aws", "--organization", "--output", join(folder, call)];
  const code = await main(words, "0.0.0", {
    print: () => undefined,
    warn: (text) => void (err += text),
    columns: undefined,
    env: {},
    watched: false,
  });
  await server.close();
  console.log(JSON.stringify({ call, code, err }));
}
