/** A setting that the process cannot start with: which variable, what is wrong with it, what it expects. */
export class SettingsError extends Error {
  readonly variable: string;

  constructor(variable: string, problem: string) {
    super(`${variable} ${problem}`);
    this.name = 'SettingsError';
    this.variable = variable;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that a setting came from; what has no source is a default. */
export interface SettingSource {
  readonly variable: string;
  /** What is set too, and counts for nothing because of this one: variables, or `name of VARIABLE` for a part of one. */
  readonly over: readonly string[];
}

/**
 * Typed reads from an environment. An empty or blank value counts as unset, as the OpenTelemetry specification asks
 * (and as compose files pass it on).
 */
export class EnvReader {
  readonly #env: Environment;
  /** Variables that were read and set → those that they won over. */
  readonly #read = new Map<string, Set<string>>();

  constructor(env: Environment) {
    this.#env = env;
  }

  /** The trimmed value, or undefined when unset or blank. */
  text(name: string): string | undefined {
    const value = this.#peek(name);
    if (value !== undefined && !this.#read.has(name)) this.#read.set(name, new Set());
    return value;
  }

  /** The first of `names` that is set: the signal-specific form goes before the general one. */
  first(...names: string[]): { name: string; value: string } | undefined {
    const [name, ...over] = names.filter((each) => this.#peek(each) !== undefined);
    const value = name === undefined ? undefined : this.text(name);
    if (name === undefined || value === undefined) return undefined;
    for (const loser of over) this.wonOver(name, loser);
    return { name, value };
  }

  /** Notes that the variable `winner` counts where `loser` says something, too. */
  wonOver(winner: string, loser: string): void {
    this.#read.get(winner)?.add(loser);
  }

  /** Which variables the values read so far came from, in the order in which they were read. */
  sources(): SettingSource[] {
    const losers = new Set([...this.#read.values()].flatMap((over) => [...over]));
    return [...this.#read]
      .filter(([variable]) => !losers.has(variable))
      .map(([variable, over]) => ({ variable, over: [...over] }));
  }

  /** `true` or `false` in any case. @throws SettingsError for anything else */
  boolean(name: string, otherwise: boolean): boolean {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return otherwise;
    if (value === 'true' || value === 'false') return value === 'true';
    throw new SettingsError(name, `must be true or false, not ${quote(value)}.`);
  }

  /** A whole number within bounds. @throws SettingsError otherwise */
  integer(name: string, otherwise: number, min: number, max = Number.MAX_SAFE_INTEGER): number {
    const value = this.text(name);
    if (value === undefined) return otherwise;
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new SettingsError(name, `must be a whole number ${range}, not ${quote(value)}.`);
  }

  /** One of `allowed`, compared in lower case. @throws SettingsError otherwise */
  oneOf<T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return otherwise;
    const found = allowed.find((item) => item === value);
    if (found !== undefined) return found;
    throw new SettingsError(name, `must be one of ${allowed.join(', ')}, not ${quote(value)}.`);
  }

  /** A comma-separated list without blanks; undefined when unset. */
  list(name: string): string[] | undefined {
    return this.text(name)
      ?.split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }

  #peek(name: string): string | undefined {
    const value = this.#env[name]?.trim();
    return value === '' ? undefined : value;
  }
}

/** A value as errors show it: quoted and cut, so that a pasted file does not fill the screen. */
export function quote(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
