import type { WhyAnswer } from "#model/answer.ts";
import { formatAddress } from "#packets/address.ts";
import { and, client, service } from "#packets/set.ts";
import { whyText } from "#reports/why.ts";
import { assumptionsOf, explainWay, gapsOf } from "#resolve/explain.ts";
import { verdict } from "#resolve/verdict.ts";
import { readFacts, theMachine } from "./facts.ts";
import { readClient, readService, serviceOptions, serviceWords } from "./question.ts";
import type { Verb } from "./verb.ts";
import { Trouble, problems } from "#problems.ts";
import { exits, factOptions, textOf } from "./verb.ts";
import { findFixes } from "#fixes/fix.ts";

/** Can this client reach this machine, and if not, everything that stands in the way. */
export const why: Verb = {
  name: "why",
  says: "can this client reach this machine, and what stands in the way",
  subject: { name: "machine", says: "its id, name, address or interface id" },
  options: [{ flags: "--from <ip>", says: "the client's address" }, ...serviceOptions, ...factOptions],
  more: `
Exit codes: 0 reachable, 1 blocked, 3 unknown, 2 wrong usage or no such machine.

Examples:
  sallyport why web-1 --from 203.0.113.9 --snapshot ./aws
  sallyport why i-0abc --from 2001:db8::9 --port 443 --snapshot ./aws --json
  sallyport why 10.0.1.5 --from 10.0.2.7 --protocol icmp --snapshot ./aws`,
  run: (words, world) => {
    const clientText = textOf(words, "from");
    if (clientText === undefined) throw new Trouble(problems.noClient());
    const from = readClient(clientText);
    const asked = { from, service: readService(words, from.family) };
    const { inventory } = readFacts(words, world);
    const machine = theMachine(inventory, words.subject);
    const question = and(client(from), service(asked.service));
    const found = verdict(inventory, machine, question);
    const answer: WhyAnswer = {
      question: { from: formatAddress(from), to: machine.resource.id, ...serviceWords(asked.service) },
      name: machine.resource.name,
      verdict: found.answer,
      symptom: found.symptom,
      ways: found.ways.map((way) => explainWay(way, asked)),
      gaps: gapsOf(found.ways),
      assumptions: assumptionsOf(found.ways),
      fixes: found.answer === "blocked" ? findFixes(inventory, machine, found, question) : [],
    };
    world.print(words.options["json"] === true ? `${JSON.stringify(answer, null, 2)}\n` : whyText(answer, world.look));
    return exits[found.answer];
  },
};
