/** Milliseconds after which a letter begins a new word. */
const WORD_MS = 700;

/**
 * The option that a key leads to in a list: by arrows, from its end to its beginning too, by Home and End, and by the letters
 * that its text begins with.
 *
 * @param active below 0 when none is
 * @param typed the letters before this one, which the call adds to; undefined when letters belong to a text field
 * @returns undefined for a key that leads nowhere
 */
export function nextOption(
  texts: readonly string[],
  active: number,
  { key, timeStamp }: Pick<KeyboardEvent, 'key' | 'timeStamp'>,
  typed?: { text: string; at: number },
): number | undefined {
  const { length } = texts;
  const step = { ArrowDown: active + 1, ArrowUp: Math.max(0, active) - 1 + length }[key];
  if (step !== undefined) return step % Math.max(1, length);
  if (typed === undefined) return undefined;
  const end = { Home: 0, End: length - 1 }[key];
  if (end !== undefined) return end;
  if (key.length !== 1) return undefined;
  typed.text = (timeStamp - typed.at < WORD_MS ? typed.text : '') + key.toLowerCase();
  typed.at = timeStamp;
  // The same letter again goes to the next row that begins with it.
  const isRepeated = [...typed.text].every((each) => each === typed.text[0]);
  const wanted = isRepeated ? key.toLowerCase() : typed.text;
  const from = isRepeated ? active + 1 : active;
  for (let i = 0; i < length; i++) {
    const at = (from + i) % length;
    if (texts[at]?.toLowerCase().startsWith(wanted)) return at;
  }
  return active;
}
