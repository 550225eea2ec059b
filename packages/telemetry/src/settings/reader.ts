import { quote } from '../secrets.ts';
import type { Part, Variable } from './kinds.ts';
import type { ValueOf, VariableName } from './variables.ts';
import { formOf, VARIABLES } from './variables.ts';

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that cannot be followed: which variable, what is wrong with it, what it expects. */
export class SettingsError extends Error {
  readonly variable: string;

  constructor(variable: string, problem: string) {
    super(`${variable} ${problem}`);
    this.name = 'SettingsError';
    this.variable = variable;
  }
}

/**
 * Reads variables by their table. A blank value counts as unset, as the OpenTelemetry specification asks (and as compose
 * files pass it on). A value that cannot be followed is a warning, and the default counts: tracing never keeps a service
 * from starting.
 */
export class EnvironmentReader {
  readonly #environment: Environment;
  readonly #read = new Set<string>();
  readonly #problems = new Map<string, SettingsError>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Each two sentences: what a value must be, and what is done instead. */
  get warnings(): readonly string[] {
    return [...this.#problems.keys()];
  }

  /** What is wrong with values, without what is done instead. */
  get problems(): readonly SettingsError[] {
    return [...this.#problems.values()];
  }

  /** Variables that were set, read and followed, in the order in which they were read. */
  get sources(): readonly string[] {
    const ignored = this.problems.map(({ variable }) => variable);
    return [...this.#read].filter((name) => !ignored.includes(name));
  }

  /** The value of a variable, of its form for this part before the general one; else the default. */
  read<Name extends VariableName>(name: Name, part?: Part): ValueOf<Name> {
    // The table has the type of each name; a function over all of them does not.
    const variable = VARIABLES[name] as unknown as Variable<ValueOf<Name>>;
    const form = part === undefined ? name : formOf(name, part);
    const otherwise = () => (part === undefined ? variable.otherwise : this.read(name));
    const text = this.text(form);
    if (text === undefined) return otherwise();
    const value = variable.parse(text);
    if (value !== undefined) return value;
    const instead = otherwise();
    const shown = variable.isSecret ? '' : `, not ${quote(text)}`;
    this.warn(form, `must be ${variable.type}${shown}.`, insteadOf(instead));
    return instead;
  }

  /** The trimmed text of a variable, or undefined when unset or blank. */
  text(name: string): string | undefined {
    const value = this.#environment[name]?.trim() || undefined;
    if (value !== undefined) this.#read.add(name);
    return value;
  }

  /**
   * Notes that a variable does not count.
   *
   * @param problem what is wrong, to go on after the variable's name, as a sentence
   * @param instead what is done, as a sentence
   */
  warn(variable: string, problem: string, instead: string): void {
    this.#problems.set(`${variable} ${problem} ${instead}`, new SettingsError(variable, problem));
  }
}

/** What is done instead, as a sentence. */
function insteadOf(value: unknown): string {
  if (value === Number.POSITIVE_INFINITY) return 'There is no limit.';
  const isShown = ['string', 'number', 'boolean'].includes(typeof value) || Array.isArray(value);
  return isShown ? `${value} is used instead.` : 'It is left out.';
}
