import type { WhyAnswer } from "#model/answer.ts";
import { formatAddress } from "#packets/address.ts";
import { and, client, service } from "#packets/set.ts";
import { whyText } from "#reports/why.ts";
import { otherWays } from "#resolve/alternatives.ts";
import { assumptionsOf, explainWay, gapsOf } from "#resolve/explain.ts";
import { verdict } from "#resolve/verdict.ts";
import { allGaps, readFacts, theMachine } from "./facts.ts";
import { readClient, readService, serviceWords } from "./question.ts";
import type { Run } from "./verb.ts";
import { Trouble, problems } from "#problems.ts";
import { exits, textOf } from "./verb.ts";
import { findFixes } from "#fixes/fix.ts";

/** Can this client reach this machine, and if not, everything that stands in the way. */
export const run: Run = async (words, world) => {
  const clientText = textOf(words, "from");
  if (clientText === undefined) throw new Trouble(problems.noClient());
  const from = readClient(clientText);
  const asked = { from, service: readService(words, from.family) };
  const read = await readFacts(words, world);
  const { inventory } = read;
  const machine = theMachine(inventory, words.subject);
  const question = and(client(from), service(asked.service));
  const found = verdict(inventory, machine, question);
  const answer: WhyAnswer = {
    question: { from: formatAddress(from), to: machine.resource.id, ...serviceWords(asked.service) },
    name: machine.resource.name,
    verdict: found.answer,
    symptom: found.symptom,
    ways: found.ways.map((way) => explainWay(way, asked)),
    gaps: allGaps(read, gapsOf(found.ways)),
    assumptions: assumptionsOf(found.ways),
    fixes: found.answer === "blocked" ? findFixes(inventory, machine, found, question) : [],
    alternatives: found.answer === "reachable" ? [] : otherWays(inventory, machine, asked.service),
  };
  world.print(words.options["json"] === true ? `${JSON.stringify(answer, null, 2)}\n` : whyText(answer, world.look));
  return exits[found.answer];
};
