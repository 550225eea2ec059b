/** Honeycomb's keys with a prefix, and what is as long as those without one, of letters and digits: no word is. */
const KEY_LIKE = /\bhc[a-z]{3}_\w+|(?<![A-Za-z0-9])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{20,}/g;

/** A foreign text, such as a path, for a message: what looks like a key that somebody pasted there is `***`. */
export function withoutKeys(text: string): string {
  return text.replace(KEY_LIKE, '***');
}
