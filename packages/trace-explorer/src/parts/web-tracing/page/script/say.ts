/** Tells the page's developer why something is not traced. */
export function say(words: string): void {
  // biome-ignore lint/suspicious/noConsole: the developer looks at the console
  console.info(`trace.js: ${words}`);
}
