/** A text as one word for a POSIX shell. Texts come from anybody; a terminal would type their control characters. */
export function shellWord(text: string): string {
  if (/^[\w./:@-]+$/.test(text)) return text;
  return `'${text.replaceAll(/\p{Cc}/gu, ' ').replaceAll("'", "'\\''")}'`;
}
