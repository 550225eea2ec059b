/**
 * A sentence about a test that failed. A test whose own name says that something fails has the word once.
 * @param after what had failed before
 */
export function failedTestSentence(name: string, message: string, after?: string): string {
  const fails = /\bfail(?:s|ed)?$/i.test(name) ? name : `${name} fails`;
  return `${fails}${after === undefined ? '' : ` after ${after}`}: ${message}`;
}
