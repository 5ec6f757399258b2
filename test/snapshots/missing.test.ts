import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { providers } from "#providers/index.ts";
import { run } from "../run.ts";
import { verdictOf } from "./ask.ts";
import type { Json } from "./folder.ts";
import {
  at,
  copyOf,
  emptyFolder,
  filesIn,
  fixtures,
  parse,
  questionsOf,
  rawOf,
  readJson,
  writeJson,
} from "./folder.ts";

/**
 * What may well not exist, and is taken to be absent, or is another door that nobody looked behind, where nobody asked;
 * with --strict it is unknown.
 */
const ASSUMED = new Set([
  "VpcBlockPublicAccessOptions",
  "VpcBlockPublicAccessExclusions",
  "Addresses",
  "LoadBalancers",
  "LoadBalancerDescriptions",
  "Accelerators",
  "Rules",
  "firewallPolicies",
  "effective",
  "forwardingRules",
  "effectiveSecurityAdminRules",
  "effectiveRoutes",
  // They may tell of admin rules too.
  "effectiveNetworkSecurityGroups",
  "loadBalancers",
  "azureFirewalls",
  "ruleCollectionGroups",
  "applicationGateways",
]);

/** A last page says nothing of the pages before it, so nobody can tell that they are gone. */
const UNTOLD = new Set([
  "a-second-page-completes-the-list route-tables.json",
  "gcp/a-second-page-completes-the-list firewalls-1.json",
]);

/** Was asked for and is off, so that --strict has something to decide by where a fixture does not say. */
const OFF = { VpcBlockPublicAccessOptions: { InternetGatewayBlockMode: "off", State: "update-complete" } };

/** The kinds of answers in a document, as its cloud's provider tells them. */
const keysOf = (document: Json, file: string): ReadonlySet<string> =>
  new Set(
    Object.values(providers).flatMap((provider) =>
      (provider.recognise(document, { file, pointer: "" }) ?? []).flatMap((answer) =>
        answer.is === "answer" ? answer.key : [],
      ),
    ),
  );

const callsOf = (document: Json, file: string): readonly string[] => {
  const held = keysOf(document, file);
  return Object.values(providers).flatMap(({ permissions }) =>
    permissions.filter(({ keys }) => keys.some((key) => held.has(key))).map(({ call }) => call),
  );
};

/** The question as it can still be asked when the answer that holds the machine's name is gone. */
const byId = async (words: readonly string[], folder: string): Promise<readonly string[]> => {
  const { out, code } = await run([...words, "--json", "--snapshot", folder]);
  const id = code === 2 ? undefined : at(parse(out), "/question/to");
  return words.with(1, typeof id === "string" ? id : "nothing");
};

/** Law 7: what is not known never turns a yes into a no, or a no into a yes. */
describe.each(fixtures)("%s", (_sentence, fixture) => {
  const raw = rawOf(fixture);
  test.each([
    ["assumed", []],
    ["strict", ["--strict"]],
  ])("an answer taken away, or refused, never flips a verdict (%s)", async (how, options) => {
    const [folder, aside] = [copyOf(fixture), emptyFolder()];
    const flips: string[] = [];
    const says = filesIn(raw).some((file) => keysOf(readJson(raw, file), file).has("VpcBlockPublicAccessOptions"));
    if (!says && how === "strict") writeJson(OFF, folder, "off.json");
    for (const asked of questionsOf(fixture, "why")) {
      const words = [...(await byId(asked, raw)), ...options, "--snapshot", folder];
      const whole = verdictOf(await run(words));
      for (const file of filesIn(raw)) {
        if (UNTOLD.has(`${fixture} ${file}`)) continue;
        const document = readJson(raw, file);
        renameSync(join(folder, file), join(aside, "gone"));
        const isAssumed = how === "assumed" && [...keysOf(document, file)].some((key) => ASSUMED.has(key));
        if (!isAssumed) {
          const without = verdictOf(await run(words));
          if (flipped(whole, without))
            flips.push(`${words.slice(0, 4).join(" ")}: ${whole}, without ${file} ${without}`);
        }
        const refused = callsOf(document, file).map((call) => ({ call, code: "UnauthorizedOperation" }));
        writeJson({ sallyport: "0.0.0", refused }, folder, "refused.json");
        const denied = verdictOf(await run(words));
        if (refused.length > 0 && flipped(whole, denied))
          flips.push(`${words.slice(0, 4).join(" ")}: ${whole}, with ${file} refused ${denied}`);
        rmSync(join(folder, "refused.json"));
        renameSync(join(aside, "gone"), join(folder, file));
      }
    }
    expect(flips).toEqual([]);
  });
});

const flipped = (before: string, after: string): boolean =>
  (before === "reachable" && after === "blocked") || (before === "blocked" && after === "reachable");
