import { getOrMake } from '../shared/get-or-make.ts';

/** What stands instead of a redacted value. */
export const REDACTED = 'REDACTED';

/** Different values that may be redacted. */
const MAX_VALUES = 10_000;

/** A shorter value, such as `GET` or `1`, is redacted in its own field alone. */
const SHORTEST = 4;

/** Characters by which a value is looked up. The rest of a longer value is compared. */
const LOOKED_UP = 64;

/** Escapes within escapes. A text with more is redacted whole. */
const MAX_ESCAPES = 4;

/** Values that must not be in a file, and their copies in texts: also in another case, URL-encoded or as a JSON string. */
export class SecretValues {
  readonly #values = new Set<string>();
  /** Values and their escaped forms in upper case, the longest first, by their beginnings of 64 characters at most. */
  readonly #forms = new Map<string, string[]>();
  /** Lengths of the beginnings, the longest first, by the first four characters. */
  readonly #lengths = new Map<string, number[]>();
  /** 1 for the hash of each head: most places of a text need no more than a look here. */
  readonly #heads = new Uint8Array(2 ** 16);

  /** @throws RangeError for more than 10,000 different values */
  add(value: string): void {
    if (value.length < SHORTEST || this.#values.has(value)) return;
    if (this.#values.size === MAX_VALUES)
      throw new RangeError(`These fields have more than ${MAX_VALUES} different values: name fewer fields.`);
    this.#values.add(value);
    const forms = [value, encodeURIComponent(value.toWellFormed()), JSON.stringify(value).slice(1, -1)];
    for (const form of new Set(forms.map((each) => each.toUpperCase()))) {
      const beginning = form.slice(0, LOOKED_UP);
      const lengths = getOrMake(this.#lengths, form.slice(0, SHORTEST), () => []);
      if (!lengths.includes(beginning.length)) lengths.push(beginning.length);
      lengths.sort((a, b) => b - a);
      const known = getOrMake(this.#forms, beginning, () => []);
      known.push(form);
      known.sort((a, b) => b.length - a.length);
      this.#heads[hashAt(form, 0)] = 1;
    }
  }

  /** Whether a text is one of the values. */
  has(text: string): boolean {
    return this.#values.has(text);
  }

  /** The text with REDACTED for each copy. A text that has a copy in an unusual form becomes REDACTED as a whole. */
  redact(text: string): string {
    if (this.#values.size === 0) return text;
    const redacted = this.#replaceCopies(text);
    let read = redacted;
    for (let escapes = 0; escapes < MAX_ESCAPES; escapes++) {
      const plain = withoutEscapes(read);
      if (plain === read) return redacted;
      if (this.#replaceCopies(plain) !== plain) return REDACTED;
      read = plain;
    }
    return REDACTED;
  }

  #replaceCopies(text: string): string {
    const upper = text.toUpperCase();
    let kept = '';
    let from = 0;
    for (let at = 0; at + SHORTEST <= upper.length; at++) {
      const found = this.#heads[hashAt(upper, at)] === 1 ? this.#formAt(upper, at) : undefined;
      if (found === undefined) continue;
      // `ß` is `SS`: its text has other places.
      if (upper.length !== text.length) return REDACTED;
      kept += text.slice(from, at) + REDACTED;
      from = at + found.length;
      at = from - 1;
    }
    return from === 0 ? text : kept + text.slice(from);
  }

  #formAt(upper: string, at: number): string | undefined {
    for (const length of this.#lengths.get(upper.slice(at, at + SHORTEST)) ?? []) {
      const forms = this.#forms.get(upper.slice(at, at + length));
      const found = forms?.find((form) => upper.startsWith(form, at));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** Of the first characters from a place on: 16 bits. */
function hashAt(text: string, at: number): number {
  let hash = 0;
  for (let i = at; i < at + SHORTEST; i++) hash = (hash * 31 + text.charCodeAt(i)) & 0xffff;
  return hash;
}

const CONTROL: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** Reads `%XX` and `+` of URLs, and the escapes of JSON. */
function withoutEscapes(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+|\\u[0-9a-f]{4}|\\[^u]|\+/gi, (written) => {
    const [first, second = ''] = written;
    if (first === '%') return Buffer.from(written.replaceAll('%', ''), 'hex').toString();
    if (first === '+') return ' ';
    if (second.toLowerCase() === 'u') return String.fromCharCode(Number.parseInt(written.slice(2), 16));
    return CONTROL[second] ?? second;
  });
}
