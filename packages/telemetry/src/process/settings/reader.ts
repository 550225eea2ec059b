import { stringifyJson } from '../../common/primordials.ts';
import { logSafeText } from '../secrets/secrets.ts';
import type { Variable } from './kinds.ts';
import type { VariableName } from './variables.ts';
import { VARIABLES } from './variables.ts';

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable that is unset, or cannot be followed. */
type Otherwise<N extends VariableName> = (typeof VARIABLES)[N]['otherwise'];

/**
 * Reads variables. A blank value counts as unset, as the OpenTelemetry specification asks (compose files pass blank
 * values). A value that cannot be followed is a warning, and the default counts: tracing never stops a service's start.
 */
export class SettingsReader {
  /** A sentence for each ignored value, with the value that counts instead. */
  readonly warnings: string[] = [];
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Returns the value of a variable, or the default. */
  get<N extends VariableName>(name: N): Otherwise<N> {
    // The table has the type of each name, but a function over all names loses the type.
    const variable = VARIABLES[name] as Variable<Otherwise<N>>;
    const text = this.text(name);
    // Quotes come from `docker run --env-file`, which keeps them.
    const isQuoted = /^(["']).*\1$/s.test(text ?? '');
    const value = text === undefined || isQuoted ? undefined : variable.parse(text);
    if (text !== undefined && value === undefined) {
      const form = isQuoted ? `${variable.type}, without quotes around it` : variable.type;
      const shown = variable.isSecret ? '' : `, not ${stringifyJson(logSafeText(text))}`;
      this.warn(`${name} must be ${form}${shown}. ${insteadOf(variable.otherwise)}`);
    }
    return value ?? variable.otherwise;
  }

  /** The trimmed text of a variable, or undefined when unset or blank. */
  text(name: string): string | undefined {
    return this.#environment[name]?.trim() || undefined;
  }

  warn(sentence: string): void {
    if (!this.warnings.includes(sentence)) this.warnings.push(sentence);
  }
}

function insteadOf(value: unknown): string {
  const isShown = ['string', 'number', 'boolean'].includes(typeof value) || Array.isArray(value);
  return isShown ? `${value} is used instead.` : 'It is left out.';
}
