/** Honeycomb's keys with a prefix, and words so long that only keys mix digits, or both cases of letters, in them. */
const KEY_LIKE = /\bhc[a-z]{3}_\w+|\b(?=\w*(?:\d|[a-z]\w*[A-Z]|[A-Z]\w*[a-z]))\w{20,}/g;

/** A foreign text, such as a path, for a message: what looks like a key that somebody pasted there is `***`. */
export function withoutKeys(text: string): string {
  return text.replace(KEY_LIKE, '***');
}
