import { stringifyJson } from '../../common/primordials.ts';
import { logSafeText } from '../secrets/secrets.ts';
import type { Variable } from './kinds.ts';

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A row for each variable that is read. */
export type VariableTable = Readonly<Record<string, Variable<unknown>>>;

/**
 * Reads the variables of a table. A blank value counts as unset, as the OpenTelemetry specification asks (compose files pass
 * blank values), and blanks around a value do not count.
 */
export class VariableReader<const T extends VariableTable> {
  /** A sentence for each value that `get` has ignored, with the value that counts instead. */
  readonly warnings: string[] = [];
  readonly #table: T;
  readonly #environment: Environment;

  constructor(table: T, environment: Environment) {
    this.#table = table;
    this.#environment = environment;
  }

  /**
   * Returns the value of a variable, or the default. A value that cannot be followed is a warning, and the default counts:
   * tracing never stops a service's start.
   */
  get<N extends keyof T & string>(name: N): T[N]['otherwise'] {
    const { value, fault } = this.read(name);
    if (fault !== undefined) this.warn(`${fault} ${insteadOf(value)}`);
    return value;
  }

  /** Returns the value of a variable, or the default; of a value that cannot be followed, what is wrong with it too. */
  read<N extends keyof T & string>(name: N): { readonly value: T[N]['otherwise']; readonly fault?: string } {
    // The table has the type of each name, but a function over all names loses the type.
    const variable = this.#table[name] as Variable<T[N]['otherwise']>;
    const { otherwise, type, isSecret, mayBeQuoted } = variable;
    const text = this.text(name);
    if (text === undefined) return { value: otherwise };
    // Quotes come from `docker run --env-file`, which keeps them.
    const isQuoted = !mayBeQuoted && /^(["']).*\1$/s.test(text);
    const value = isQuoted ? undefined : variable.parse(text);
    if (value !== undefined) return { value };
    const form = isQuoted ? `${type}, without quotes around it` : type;
    const shown = isSecret ? '' : `, not ${stringifyJson(logSafeText(text))}`;
    return { value: otherwise, fault: `${name} must be ${form}${shown}.` };
  }

  /** The trimmed text of a variable, or undefined when unset or blank. */
  text(name: string): string | undefined {
    return this.#environment[name]?.trim() || undefined;
  }

  /** Adds a sentence to `warnings`, once. */
  warn(sentence: string): void {
    if (!this.warnings.includes(sentence)) this.warnings.push(sentence);
  }
}

function insteadOf(value: unknown): string {
  const isShown = ['string', 'number', 'boolean'].includes(typeof value) || Array.isArray(value);
  return isShown ? `${value} is used instead.` : 'It is left out.';
}
