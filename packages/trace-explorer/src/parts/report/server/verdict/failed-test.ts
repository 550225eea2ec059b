/** A sentence about a test that failed. A test whose own name says that something fails has the word once. */
export function failedTestSentence(name: string, message: string): string {
  return /\bfail(?:s|ed)?$/i.test(name) ? `${name}: ${message}` : `${name} fails: ${message}`;
}
