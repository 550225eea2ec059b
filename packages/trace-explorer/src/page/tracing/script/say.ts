/** Tells the page's developer why something is not traced. */
export function say(words: string): void {
  // biome-ignore lint/suspicious/noConsole: the developer has no other place to look at
  console.info(`trace.js: ${words}`);
}
