import { writeFileSync } from "node:fs";

/** Jest reporter: writes `passed failed skipped` to the file named by SALLYPORT_COUNTS, and nothing where it is unset. */
export default class Counts {
  onRunComplete(_contexts, results) {
    const file = process.env.SALLYPORT_COUNTS;
    if (!file) return;
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, numTodoTests } = results;
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    writeFileSync(file, `${numPassedTests} ${failed} ${numPendingTests + numTodoTests}\n`);
  }
}
