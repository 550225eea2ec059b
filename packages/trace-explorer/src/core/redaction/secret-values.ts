import { CutCopies } from './cut-copies.ts';

/** The text instead of a redacted value. */
export const REDACTED = 'REDACTED';

/** Most different values to redact. */
const MAX_VALUES = 10_000;

/** A shorter value, such as `GET` or `1`, becomes REDACTED only in its own field. */
const SHORTEST = 4;

/** Characters by which a longer value is found. All of a text from such a beginning on is redacted. */
const LOOKED_UP = 64;

/** Most escapes within escapes. A text with more becomes REDACTED as a whole. */
const MAX_ESCAPES = 4;

/**
 * Secret values, and their copies in texts: also in another case, URL-encoded, as a JSON string, in HTML, in base64, or cut.
 */
export class SecretValues {
  readonly #values = new Set<string>();
  readonly #cut = new CutCopies();
  /** Finds the values so far, and their copies in base64. */
  #copies: RegExp | undefined;
  #encoded: RegExp | undefined;

  /** @throws RangeError for more than 10,000 different values */
  add(value: string): void {
    if (value.length < SHORTEST || this.#values.has(value)) return;
    if (this.#values.size === MAX_VALUES)
      throw new RangeError(`These fields have more than ${MAX_VALUES} different values: name fewer fields.`);
    this.#values.add(value);
    this.#cut.add(value);
    this.#copies = undefined;
    this.#encoded = undefined;
  }

  has(text: string): boolean {
    return this.#values.has(text);
  }

  /**
   * The text with REDACTED instead of each copy. A text that contains a copy in an unusual form becomes REDACTED as a whole.
   */
  redact(text: string): string {
    if (this.#values.size === 0) return text;
    this.#encoded ??= encodedCopiesOf(this.#values);
    if (this.#encoded?.test(text)) return REDACTED;
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
    this.#copies ??= copiesOf(this.#values);
    return this.#cut.replace(text.replace(this.#copies, REDACTED), REDACTED);
  }
}

/** Bytes of the shortest value that is found in base64: a copy of a shorter one looks like any word. */
const SHORTEST_ENCODED = 6;

/**
 * Finds each of the values in base64, also inside a longer text such as `user:password`: three forms, because each three
 * bytes become four letters. Letters that depend on the bytes around the value are left out. Undefined without a value.
 */
function encodedCopiesOf(values: ReadonlySet<string>): RegExp | undefined {
  const forms = [...values].flatMap((value) => {
    const bytes = Buffer.from(value).subarray(0, LOOKED_UP);
    if (bytes.length < SHORTEST_ENCODED) return [];
    return [0, 1, 2].map((before) => {
      const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
      return text.slice(Math.ceil((before * 4) / 3), Math.floor(((before + bytes.length) * 4) / 3));
    });
  });
  const patterns = forms.map((form) => form.replaceAll('+', '[+-]').replaceAll('/', '[/_]'));
  return patterns.length === 0 ? undefined : new RegExp(patterns.join('|'));
}

/** Finds each of the values and its escaped forms, of several at one position the longest. */
function copiesOf(values: ReadonlySet<string>): RegExp {
  const forms = [...values].flatMap((value) => [
    value,
    encodeURIComponent(value.toWellFormed()),
    JSON.stringify(value).slice(1, -1),
  ]);
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  const patterns = longestFirst.map((form) => {
    const beginning = form.slice(0, LOOKED_UP).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    return form.length > LOOKED_UP ? `${beginning}[^]*` : beginning;
  });
  return new RegExp(patterns.join('|'), 'gi');
}

const CONTROL: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

const HTML: Readonly<Record<string, string>> = { amp: '&', apos: "'", gt: '>', lt: '<', quot: '"' };

/** Decodes `%XX` and `+` of URLs, and the escapes of JSON and of HTML. */
function withoutEscapes(text: string): string {
  const escapes =
    /(?:%[0-9a-f]{2})+|\\u[0-9a-f]{4}|\\[^u]|\+|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|amp|apos|gt|lt|quot);/gi;
  return text.replaceAll(escapes, (written) => {
    const [first, second = ''] = written;
    if (first === '&') return ofHtml(written.slice(1, -1).toLowerCase());
    if (first === '%') return Buffer.from(written.replaceAll('%', ''), 'hex').toString();
    if (first === '+') return ' ';
    if (second.toLowerCase() === 'u') return String.fromCharCode(Number.parseInt(written.slice(2), 16));
    return CONTROL[second] ?? second;
  });
}

/** The character of a reference such as `amp`, `#38` or `#x26`. */
function ofHtml(reference: string): string {
  if (!reference.startsWith('#')) return HTML[reference] ?? '';
  const code = Number(reference.replace('#x', '0x').replace('#', ''));
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}
