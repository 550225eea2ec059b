/** The text in place of a redacted value. */
export const REDACTED = 'REDACTED';

/** Most different values to redact. */
const MAX_VALUES = 10_000;

/** A shorter value, such as `GET` or `1`, is redacted only in its own field. */
const SHORTEST = 4;

/** Characters by which a longer value is found. All of a text from such a beginning on is redacted. */
const LOOKED_UP = 64;

/** Most escapes within escapes. A text with more is redacted as a whole. */
const MAX_ESCAPES = 4;

/** Secret values, and their copies in texts: also in another case, URL-encoded, or as a JSON string. */
export class SecretValues {
  readonly #values = new Set<string>();
  /** Finds the values that were added so far. */
  #copies: RegExp | undefined;

  /** @throws RangeError for more than 10,000 different values */
  add(value: string): void {
    if (value.length < SHORTEST || this.#values.has(value)) return;
    if (this.#values.size === MAX_VALUES)
      throw new RangeError(`These fields have more than ${MAX_VALUES} different values: name fewer fields.`);
    this.#values.add(value);
    this.#copies = undefined;
  }

  /** Whether a text is one of the values. */
  has(text: string): boolean {
    return this.#values.has(text);
  }

  /**
   * The text with REDACTED in place of each copy. A text that contains a copy in an unusual form becomes REDACTED as a whole.
   */
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
    this.#copies ??= copiesOf(this.#values);
    return text.replace(this.#copies, REDACTED);
  }
}

/** Finds each of the values and its escaped forms, of several at one place the longest. */
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

/** Decodes `%XX` and `+` of URLs, and the escapes of JSON. */
function withoutEscapes(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+|\\u[0-9a-f]{4}|\\[^u]|\+/gi, (written) => {
    const [first, second = ''] = written;
    if (first === '%') return Buffer.from(written.replaceAll('%', ''), 'hex').toString();
    if (first === '+') return ' ';
    if (second.toLowerCase() === 'u') return String.fromCharCode(Number.parseInt(written.slice(2), 16));
    return CONTROL[second] ?? second;
  });
}
