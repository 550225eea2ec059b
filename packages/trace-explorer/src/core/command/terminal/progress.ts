/** Milliseconds of silence before the first line, and between two lines: on a terminal, and in a log or a file. */
const TERMINAL_MS = 2_000;
const LOG_MS = 10_000;

/**
 * Reports progress on standard error when a task takes longer than two seconds, in a log ten. On a terminal each line replaces
 * the line before.
 *
 * @returns ends it, and leaves the terminal's line empty
 */
export function showProgress(say: () => string): () => void {
  const { stderr } = process;
  const everyMs = stderr.isTTY ? TERMINAL_MS : LOG_MS;
  let hasSaid = false;
  let timer = setTimeout(show, everyMs);
  function show(): void {
    stderr.write(stderr.isTTY ? `\r\u001b[K${say()}` : `${say()}\n`);
    hasSaid = true;
    timer = setTimeout(show, everyMs);
  }
  return () => {
    clearTimeout(timer);
    if (hasSaid && stderr.isTTY) stderr.write('\r\u001b[K');
  };
}
