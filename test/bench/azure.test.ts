import { expect, test } from "@jest/globals";
import type { Inventory } from "#model/inventory.ts";
import { azure } from "#providers/azure/index.ts";
import { answersOf, flowsOf, told } from "./azure-answers.ts";
import { azureReaches } from "./azure-brute.ts";
import { readAzureDocuments } from "./azure-documents.ts";
import { azureEstate } from "./azure-estate.ts";
import { azureSample } from "./azure-sample.ts";
import type { Page } from "./estate.ts";

const inventoryOf = (pages: readonly Page[]): Inventory => {
  const reader = azure.reader({ strict: false });
  for (const { name, json } of pages)
    for (const answer of azure.recognise(JSON.parse(json), { file: name, pointer: "" }, name) ?? []) reader.add(answer);
  return reader.inventory();
};

test.each([
  [100, 1],
  [400, 2],
  [1000, 3],
])("%d interfaces of seed %d: boundary questions are answered as by brute force", (size, seed) => {
  const pages = [...azureEstate(size, seed)];
  const documents = readAzureDocuments(pages);
  const inventory = inventoryOf(pages);
  const [answer, whole] = [answersOf(inventory), flowsOf(inventory)];
  const questions = azureSample(documents, 1000, seed);
  const verdicts = questions.map((question) => azureReaches(documents, question));
  const wrong = questions.flatMap((question, i) => {
    const [mine, audited, theirs] = [answer(question), whole(question), verdicts[i]];
    return mine === theirs && audited === theirs
      ? []
      : [`${told(question)}: ${mine}, ${audited} in an audit, and ${theirs} by brute force`];
  });
  expect(wrong).toEqual([]);
  expect(new Set(verdicts)).toEqual(new Set(["reachable", "blocked", "unknown"]));
});

test("the same size and seed give the same bytes", () => {
  expect([...azureEstate(150, 5)]).toEqual([...azureEstate(150, 5)]);
});
