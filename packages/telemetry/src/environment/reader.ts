import { loadOptional } from '../opentelemetry/optional-package.ts';
import type { ValueOf, Variable, VariableName } from './variables.ts';
import { VARIABLES } from './variables.ts';

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
 * Loads the packages that a setting needs, in the order of their names.
 *
 * @throws SettingsError that names all packages that are not installed
 */
export function loadFor<T extends unknown[]>(setting: string, ...names: { [Index in keyof T]: string }): T {
  const loaded = names.map((name) => loadOptional<unknown>(name));
  const missing = names.filter((_, index) => loaded[index] === undefined);
  if (missing.length === 0) return loaded as T;
  const installed = missing.map((name) => name.match(/^(?:@[^/]+\/)?[^/]+/)?.[0]).join(' ');
  const what = missing.length === 1 ? 'a package that is' : 'packages that are';
  throw new SettingsError(setting, `needs ${what} not installed: \`npm install ${installed}\`.`);
}

/**
 * Reads variables by their table. A blank value counts as unset, as the OpenTelemetry specification asks (and as compose
 * files pass it on). A value that cannot be followed is a warning, and the default counts: tracing never keeps a service
 * from starting.
 */
export class EnvironmentReader {
  readonly #environment: Environment;
  readonly #read = new Set<VariableName>();
  readonly #problems = new Map<string, SettingsError>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Each a sentence or two: what is wrong with a value, what it must be, and what is done instead. */
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

  /** The value of a variable, else that of the general one, else the default. */
  read<Name extends VariableName>(name: Name): ValueOf<Name> {
    // The table has the type of each name; a function over all of them does not.
    const variable = VARIABLES[name] as unknown as Variable<ValueOf<Name>>;
    const general = variable.general as Name | undefined;
    const otherwise = () => (general === undefined ? variable.otherwise : this.read(general));
    const text = this.text(name);
    if (text === undefined) return otherwise();
    try {
      return variable.parse(text);
    } catch (error) {
      const shown = otherwise();
      const what = shown === Number.POSITIVE_INFINITY ? 'no limit' : String(shown);
      this.warn(name, error instanceof Error ? error.message : String(error), `${what} is used instead.`);
      return shown;
    }
  }

  /** The trimmed text of a variable, or undefined when unset or blank. */
  text(name: VariableName): string | undefined {
    const value = this.#environment[name]?.trim() || undefined;
    if (value !== undefined) this.#read.add(name);
    return value;
  }

  /** The first of `names` that is set: the signal's own form goes before the general one. */
  first(...names: VariableName[]): { name: VariableName; value: string } | undefined {
    for (const name of names) {
      const value = this.text(name);
      if (value !== undefined) return { name, value };
    }
    return undefined;
  }

  /**
   * Notes that a variable does not count, or not wholly.
   *
   * @param problem what is wrong, to go on after the variable's name, as a sentence
   * @param instead what is done, as a sentence
   */
  warn(variable: VariableName, problem: string, instead: string): void {
    this.#problems.set(`${variable} ${problem} ${instead}`, new SettingsError(variable, problem));
  }
}
