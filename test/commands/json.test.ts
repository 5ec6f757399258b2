import { expect, test } from "@jest/globals";
import { auditJson } from "#reports/json.ts";
import { run } from "../run.ts";

test.each(["a-region-that-refused-is-not-clean", "two-halves-of-the-internet-are-the-internet"])(
  "the audit of %s is one JSON document, written as any other",
  async (folder) => {
    const { out } = await run(["audit", "--json", "--snapshot", `fixtures/aws/${folder}/raw`]);
    expect(out).toBe(`${JSON.stringify(JSON.parse(out), null, 2)}\n`);
  },
);

test("an audit that found nothing is one too", () => {
  const summary = { critical: 0, high: 0, medium: 0, low: 0, unknown: 0, waived: 0 };
  const answer = { summary, coverage: [], findings: [], gaps: [] };
  expect([...auditJson(answer)].join("")).toBe(`${JSON.stringify(answer, null, 2)}\n`);
});
