import type { ValueOf, Variable, VariableName } from './variables.ts';
import { VARIABLES } from './variables.ts';

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that a setting came from; what has no source is a default. */
export interface SettingSource {
  readonly variable: string;
  /** What is set too but does not count, because of this one: variables, or `name of VARIABLE` for a part of one. */
  readonly over: readonly string[];
}

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
  /** Variables that were read and set → those that they won over. */
  readonly #read = new Map<string, Set<string>>();
  readonly #ignored = new Set<string>();
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

  /** The value of a variable, else that of the general one, else the default. */
  read<Name extends VariableName>(name: Name): ValueOf<Name> {
    // The table has the type of each name; a function over all of them does not.
    const variable = VARIABLES[name] as unknown as Variable<ValueOf<Name>>;
    const general = variable.general as Name | undefined;
    const otherwise = () => (general === undefined ? variable.otherwise : this.read(general));
    const found = general === undefined ? this.#note(name) : this.first(name, general);
    const text = this.text(name);
    if (found === undefined || text === undefined) return otherwise();
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
    this.#note(name);
    return this.#peek(name);
  }

  /** The first of `names` that is set: the signal's own form goes before the general one. */
  first(...names: VariableName[]): { name: VariableName; value: string } | undefined {
    const [name, ...over] = names.filter((each) => this.#peek(each) !== undefined);
    const value = name === undefined ? undefined : this.text(name);
    if (name === undefined || value === undefined) return undefined;
    for (const loser of over) this.wonOver(name, loser);
    return { name, value };
  }

  /** Notes that the variable `winner` counts where `loser` says something, too. */
  wonOver(winner: VariableName, loser: string): void {
    this.#read.get(winner)?.add(loser);
  }

  /**
   * Notes that a variable does not count.
   *
   * @param problem what is wrong, to go on after the variable's name, as a sentence
   * @param instead what is done, as a sentence
   * @param isPartly whether the rest of the value counts
   */
  warn(variable: VariableName, problem: string, instead: string, isPartly = false): void {
    if (!isPartly) this.#ignored.add(variable);
    this.#problems.set(`${variable} ${problem} ${instead}`, new SettingsError(variable, problem));
  }

  /** Which variables the values read so far came from, in the order in which they were read. */
  sources(): SettingSource[] {
    const counted = [...this.#read].filter(([variable]) => !this.#ignored.has(variable));
    const losers = new Set(counted.flatMap(([, over]) => [...over]));
    return counted
      .filter(([variable]) => !losers.has(variable))
      .map(([variable, over]) => ({ variable, over: [...over] }));
  }

  #note(name: VariableName): string | undefined {
    const value = this.#peek(name);
    if (value !== undefined && !this.#read.has(name)) this.#read.set(name, new Set());
    return value;
  }

  #peek(name: string): string | undefined {
    return this.#environment[name]?.trim() || undefined;
  }
}
