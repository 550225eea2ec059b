import { LineCounter, parseDocument, visit } from 'yaml';

/** An unreadable rules file. The message names the part of the file and what to do. */
export class RulesError extends Error {
  override readonly name = 'RulesError';
}

/** A larger file is not a rules file: YAML of so many characters is read in less than half a second, whatever it is. */
export const MOST_CHARACTERS = 64_000;
const DURATION_UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Parses YAML. @throws RulesError for malformed YAML, and for a document that is not a mapping */
export function parseYaml(text: string): Section {
  const lines = new LineCounter();
  try {
    // The package's own way to find two equal keys, and to show where errors are, takes quadratic time.
    const options = { logLevel: 'silent', uniqueKeys: false, prettyErrors: false } as const;
    const document = parseDocument(text, { ...options, lineCounter: lines });
    const [error] = document.errors;
    if (error !== undefined) {
      const { line, col } = lines.linePos(error.pos[0]);
      throw new RulesError(`The file is not YAML: ${error.message} at line ${line}, column ${col}`);
    }
    visit(document, {
      Map(_, { items }) {
        const keys = new Set(items.map(({ key }) => String(key)));
        if (keys.size < items.length) throw new RulesError('The file is not YAML: Map keys must be unique');
      },
    });
    return new Section(document.toJS({ maxAliasCount: 100 }), '');
  } catch (error) {
    if (error instanceof RulesError) throw error;
    throw new RulesError('The file has too many aliases, or too many levels.');
  }
}

/** A mapping of a rules file, whose keys are read one by one. `close` refuses the keys that nobody has read. */
export class Section {
  readonly path: string;
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #unread: Set<string>;

  constructor(value: unknown, path: string) {
    this.path = path;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new RulesError(`${path === '' ? 'The file' : path} is not a mapping of names to values.`);
    this.#values = new Map(Object.entries(value).filter(([, item]) => item !== null && item !== undefined));
    this.#unread = new Set(this.#values.keys());
  }

  get keys(): readonly string[] {
    return [...this.#values.keys()];
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  /** A value of any form. */
  value(key: string): unknown {
    this.#unread.delete(key);
    return this.#values.get(key);
  }

  text(key: string, fallback?: string): string {
    const value = this.value(key) ?? fallback;
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : this.#refuse(key, 'a text');
  }

  number(key: string, fallback: number): number {
    const value = this.value(key) ?? fallback;
    // Go's YAML reads 50_000 as a number.
    const number =
      typeof value === 'string' && value.trim() !== '' ? Number(value.replaceAll('_', '')) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : this.#refuse(key, 'a number');
  }

  integer(key: string, fallback: number): number {
    const number = this.number(key, fallback);
    return Number.isSafeInteger(number) ? number : this.#refuse(key, 'a whole number');
  }

  flag(key: string): boolean {
    const value = this.value(key) ?? false;
    if (value === 'true' || value === 'false') return value === 'true';
    return typeof value === 'boolean' ? value : this.#refuse(key, 'true or false');
  }

  /** Milliseconds of a duration such as `1m30s`. */
  duration(key: string, fallback?: number): number {
    const value = this.value(key);
    if (value === undefined && fallback !== undefined) return fallback;
    if (value === 0) return 0;
    const text = String(value ?? '');
    const parts = [...text.matchAll(/(\d{1,15}(?:\.\d{1,9})?)(ns|us|µs|ms|s|m|h)/gu)];
    if (parts.length === 0 || parts.map(([part]) => part).join('') !== text)
      return this.#refuse(key, 'a duration such as 500ms or 1m30s');
    return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (DURATION_UNITS[unit] ?? 0), 0);
  }

  texts(key: string): readonly string[] {
    return this.#list(key).map((value, at) =>
      typeof value === 'object' ? this.#refuse(`${key}[${at}]`, 'a text') : String(value),
    );
  }

  section(key: string): Section {
    return new Section(this.value(key) ?? {}, this.#pathOf(key));
  }

  sections(key: string): readonly Section[] {
    return this.#list(key).map((value, at) => new Section(value, `${this.#pathOf(key)}[${at}]`));
  }

  /** @throws RulesError when a key was not read: the product refuses such a file too */
  close(): void {
    const unread = [...this.#unread];
    if (unread.length > 0)
      throw new RulesError(
        `${this.path === '' ? 'The file' : this.path}: not known here is ${unread.map((key) => JSON.stringify(key)).join(', ')}.`,
      );
  }

  fail(message: string): never {
    throw new RulesError(`${this.path}: ${message}`);
  }

  #list(key: string): readonly unknown[] {
    const value = this.value(key) ?? [];
    return Array.isArray(value) ? value : this.#refuse(key, 'a list');
  }

  #refuse(key: string, expected: string): never {
    throw new RulesError(`${this.#pathOf(key)} must be ${expected}.`);
  }

  #pathOf(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }
}
