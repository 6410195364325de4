// Reports tests as the project's test command counts them: its last line is that of Rust's test runner.

/** @param {AsyncIterable<import("node:test/reporters").TestEvent>} source */
export default async function* reporter(source) {
  const counts = { passed: 0, failed: 0, ignored: 0 };
  for await (const { type, data } of source) {
    if (type === "test:stdout" || type === "test:stderr") yield data.message;
    if (type !== "test:pass" && type !== "test:fail") continue;
    // A file is a test of its own around its tests.
    if (data.details?.type === "suite" || data.name.endsWith(".mjs")) continue;
    if (data.skip !== undefined || data.todo !== undefined) {
      counts.ignored += 1;
      yield `test ${data.name} ... ignored\n`;
    } else if (type === "test:pass") {
      counts.passed += 1;
      yield `test ${data.name} ... ok\n`;
    } else {
      counts.failed += 1;
      const error = data.details.error?.cause ?? data.details.error;
      yield `test ${data.name} ... FAILED\n${error?.stack ?? error}\n`;
    }
  }
  const word = counts.failed === 0 ? "ok" : "FAILED";
  yield `test result: ${word}. ${counts.passed} passed; ${counts.failed} failed; ${counts.ignored} ignored; 0 measured; 0 filtered out\n`;
}
