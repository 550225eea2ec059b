/** Milliseconds of silence before the first line, and between two lines on a terminal. */
const FIRST_MS = 2_000;
/** Milliseconds between two lines in a log or a file. */
const NEXT_MS = 10_000;

/**
 * Reports progress on standard error when a task takes longer than two seconds. On a terminal each line replaces the line
 * before.
 *
 * @returns ends it, and leaves the terminal's line empty
 */
export function showProgress(say: () => string): () => void {
  const { stderr } = process;
  let hasSaid = false;
  let timer = setTimeout(show, FIRST_MS);
  function show(): void {
    stderr.write(stderr.isTTY ? `\r\u001b[K${say()}` : `${say()}\n`);
    hasSaid = true;
    timer = setTimeout(show, stderr.isTTY ? FIRST_MS : NEXT_MS);
  }
  return () => {
    clearTimeout(timer);
    if (hasSaid && stderr.isTTY) stderr.write('\r\u001b[K');
  };
}
