import { quote } from '../secrets.ts';
import type { Part, ValueOf, Variable, VariableName } from './variables.ts';
import { formOf, VARIABLES } from './variables.ts';

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads variables by their table. A blank value counts as unset, as the OpenTelemetry specification asks (and as compose
 * files pass it on). A value that cannot be followed is a warning, and the default counts: tracing never keeps a service
 * from starting.
 */
export class EnvironmentReader {
  readonly #environment: Environment;
  readonly #read = new Set<string>();
  readonly #ignored = new Set<string>();
  readonly #warnings = new Set<string>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** A sentence for each value that does not count, with the value that counts instead. */
  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  /** Variables that were set, read and followed, in the order in which they were read. */
  get sources(): readonly string[] {
    return [...this.#read].filter((name) => !this.#ignored.has(name));
  }

  /** The value of a variable, of its form for this part before the general one; else the default. */
  read<Name extends VariableName>(name: Name, part?: Part): ValueOf<Name> {
    // The table has the type of each name; a function over all of them does not.
    const variable = VARIABLES[name] as unknown as Variable<ValueOf<Name>>;
    const form = part === undefined ? name : formOf(name, part);
    const text = this.text(form);
    const value = text === undefined ? undefined : variable.parse(text);
    if (value !== undefined) return value;
    if (text !== undefined) {
      const shown = variable.isSecret ? '' : `, not ${quote(text)}`;
      const instead = part === undefined ? insteadOf(variable.otherwise) : `${name} counts instead.`;
      this.warn(form, `must be ${variable.type}${shown}.`, instead);
    }
    return part === undefined ? variable.otherwise : this.read(name);
  }

  /** The trimmed text of a variable, or undefined when unset or blank. */
  text(name: string): string | undefined {
    const value = this.#environment[name]?.trim() || undefined;
    if (value !== undefined) this.#read.add(name);
    return value;
  }

  /** Notes that the value of a variable does not count. `problem` goes on after the name. */
  warn(variable: string, problem: string, instead: string): void {
    this.#ignored.add(variable);
    this.#warnings.add(`${variable} ${problem} ${instead}`);
  }
}

function insteadOf(value: unknown): string {
  const isShown = ['string', 'number', 'boolean'].includes(typeof value) || Array.isArray(value);
  return isShown ? `${value} is used instead.` : 'It is left out.';
}
