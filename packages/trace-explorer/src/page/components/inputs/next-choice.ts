/** Milliseconds after which a letter begins a new word. */
const WORD_MS = 700;

/**
 * The row that a key leads to in a list of choices: by arrows, Home, End, and by the letters that its text begins with.
 *
 * @param typed the letters before this one, which the call adds to; undefined when letters belong to a filter
 * @returns undefined for a key that leads nowhere
 */
export function nextChoice(
  shown: readonly { readonly text: string }[],
  active: number,
  { key, timeStamp }: Pick<KeyboardEvent, 'key' | 'timeStamp'>,
  typed?: { text: string; at: number },
): number | undefined {
  const last = shown.length - 1;
  const step = { ArrowDown: Math.min(last, active + 1), ArrowUp: Math.max(0, active - 1) }[key];
  if (step !== undefined) return step;
  if (typed === undefined) return undefined;
  const end = { Home: 0, End: last }[key];
  if (end !== undefined) return end;
  if (key.length !== 1) return undefined;
  typed.text = (timeStamp - typed.at < WORD_MS ? typed.text : '') + key.toLowerCase();
  typed.at = timeStamp;
  // The same letter again goes to the next row that begins with it.
  const isRepeated = [...typed.text].every((each) => each === typed.text[0]);
  const wanted = isRepeated ? key.toLowerCase() : typed.text;
  const from = isRepeated ? active + 1 : active;
  for (let i = 0; i < shown.length; i++) {
    const at = (from + i) % shown.length;
    if (shown[at]?.text.toLowerCase().startsWith(wanted)) return at;
  }
  return active;
}
