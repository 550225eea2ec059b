/** A label in three parts: what may go when there is no room, what must stay, and what goes first. */
export type LabelParts = readonly [head: string, key: string, rest: string];

/** Letters of the part that stays. */
const KEY = 12;
/** A shorter part has no room for a letter and the sign that it was cut: it stays, too. */
const LEAST = 5;
/** Letters of the last word that stays alone. */
const LAST_WORD = 4;
const BETWEEN_WORDS = /[-._/:@=()\s]/;

/**
 * By label, the part in which it differs from the others, so that two that were cut can still be told apart. A label that differs
 * from its first letter on keeps its end, so that its middle goes.
 */
export function labelParts(labels: Iterable<string>): ReadonlyMap<string, LabelParts> {
  const sorted = [...new Set(labels)].sort();
  return new Map(
    sorted.map((label, index) => {
      const before = commonStart(label, sorted[index - 1] ?? '');
      const after = commonStart(label, sorted[index + 1] ?? '');
      return [label, partsOf(label, Math.max(before, after))];
    }),
  );
}

/** @param shared letters that the label has in common with another one from its beginning on */
function partsOf(label: string, shared: number): LabelParts {
  const letters = [...label];
  const end = Math.max(0, letters.length - KEY);
  // What differs near the beginning is in sight anyway.
  const isFar = shared >= KEY / 2;
  const differs = isFar ? Math.min(shared, end) : end;
  const last = Math.min(isFar ? shared : letters.length, letters.length - LAST_WORD);
  const from = differs < LEAST ? 0 : wordStart(letters, differs, last);
  const keyEnd = Math.max(from, differs) + KEY;
  const to = letters.length - keyEnd < LEAST ? letters.length : keyEnd;
  return [letters.slice(0, from).join(''), letters.slice(from, to).join(''), letters.slice(to).join('')];
}

/** The begin of the word that is nearest to a letter, because a sign in a word would look like two words; else the letter. */
function wordStart(letters: readonly string[], at: number, last: number): number {
  const isStart = (i: number) => {
    const [before = '', letter = ''] = [letters[i - 1], letters[i]];
    const isBetween = BETWEEN_WORDS.test(before) && !BETWEEN_WORDS.test(letter);
    return i >= LEAST && i <= last && (isBetween || (/\p{Ll}/u.test(before) && /\p{Lu}/u.test(letter)));
  };
  for (let away = 0; away <= KEY; away++) {
    const found = [at + away, at - away].find(isStart);
    if (found !== undefined) return found;
  }
  return at;
}

function commonStart(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  let at = 0;
  while (at < left.length && left[at] === right[at]) at++;
  return at;
}
