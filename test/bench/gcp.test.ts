import { expect, test } from "@jest/globals";
import type { Inventory } from "#model/inventory.ts";
import { gcp } from "#providers/gcp/index.ts";
import type { Page } from "./estate.ts";
import { answersOf, flowsOf, told } from "./gcp-answers.ts";
import { gcpReaches } from "./gcp-brute.ts";
import { readGcpDocuments } from "./gcp-documents.ts";
import { gcpEstate } from "./gcp-estate.ts";
import { gcpSample } from "./gcp-sample.ts";

const inventoryOf = (pages: readonly Page[]): Inventory => {
  const reader = gcp.reader({ strict: false });
  for (const { name, json } of pages)
    for (const answer of gcp.recognise(JSON.parse(json), { file: name, pointer: "" }) ?? []) reader.add(answer);
  return reader.inventory();
};

const isEffective = ({ name }: Page): boolean => name.includes("effective-firewalls");

test.each([
  [60, 1, "with effective answers"],
  [200, 2, "with effective answers"],
  [300, 3, "without effective answers"],
  [1000, 4, "without effective answers"],
])("%d machines of seed %d, %s: boundary questions are answered as by brute force", (size, seed, which) => {
  const pages = [...gcpEstate(size, seed)].filter((page) => which === "with effective answers" || !isEffective(page));
  const documents = readGcpDocuments(pages);
  const inventory = inventoryOf(pages);
  const [answer, whole] = [answersOf(inventory), flowsOf(inventory)];
  const questions = gcpSample(documents, 500, seed);
  const verdicts = questions.map((question) => gcpReaches(documents, question));
  const wrong = questions.flatMap((question, i) => {
    const [mine, audited, theirs] = [answer(question), whole(question), verdicts[i]];
    return mine === theirs && audited === theirs
      ? []
      : [`${told(question)}: ${mine}, ${audited} in an audit, and ${theirs} by brute force`];
  });
  expect(wrong).toEqual([]);
  expect(new Set(verdicts)).toEqual(new Set(["reachable", "blocked", "unknown"]));
});
