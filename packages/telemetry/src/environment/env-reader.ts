import { withoutCredentials } from '../secrets.ts';

/** A setting that cannot be followed: which variable, what is wrong with it, what it expects. */
export class SettingsError extends Error {
  readonly variable: string;

  constructor(variable: string, problem: string) {
    super(`${variable} ${problem}`);
    this.name = 'SettingsError';
    this.variable = variable;
  }
}

/** A value that is not followed: the process starts without it. */
export interface IgnoredSetting {
  readonly variable: string;
  /** What is wrong with it, and what it expects. */
  readonly problem: string;
  /** What is done in its place, as a sentence. */
  readonly instead: string;
  /** Whether the rest of the value counts. */
  readonly partly: boolean;
}

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that a setting came from; what has no source is a default. */
export interface SettingSource {
  readonly variable: string;
  /** What is set too but does not count, because of this one: variables, or `name of VARIABLE` for a part of one. */
  readonly over: readonly string[];
}

/**
 * Typed reads from an environment. An empty or blank value counts as unset, as the OpenTelemetry specification asks
 * (and as compose files pass it on).
 *
 * A value that cannot be followed is a warning, and counts as its default (Environment Variable Specification): tracing
 * never keeps a service from starting.
 */
export class EnvReader {
  readonly #env: Environment;
  /** Variables that were read and set → those that they won over. */
  readonly #read = new Map<string, Set<string>>();
  readonly #ignored: IgnoredSetting[] = [];

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
    const ignored = new Set(this.#ignored.filter(({ partly }) => !partly).map(({ variable }) => variable));
    const counted = [...this.#read].filter(([variable]) => !ignored.has(variable));
    const losers = new Set(counted.flatMap(([, over]) => [...over]));
    return counted
      .filter(([variable]) => !losers.has(variable))
      .map(([variable, over]) => ({ variable, over: [...over] }));
  }

  /** What was read and is not followed, in the order in which it was read. */
  get ignored(): readonly IgnoredSetting[] {
    return this.#ignored;
  }

  /**
   * Says that the value of a variable cannot be followed.
   *
   * @param problem goes on after the variable's name, and is a sentence
   * @param shown how the warning calls `otherwise`
   * @returns `otherwise`
   */
  refuse<T>(name: string, problem: string, otherwise: T, shown = String(otherwise)): T {
    this.ignore(name, problem, `${shown} is used instead.`);
    return otherwise;
  }

  /**
   * Notes that a variable, or a part of it, does not count.
   *
   * @param instead what is done in its place, as a sentence
   */
  ignore(variable: string, problem: string, instead: string, partly = false): void {
    this.#ignored.push({ variable, problem, instead, partly });
  }

  /** `true` or `false`, in upper or lower case. */
  boolean(name: string, otherwise: boolean): boolean {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return otherwise;
    if (value === 'true' || value === 'false') return value === 'true';
    return this.refuse(name, `must be true or false, not ${quote(value)}.`, otherwise);
  }

  /** A whole number within bounds; `otherwise` may be Infinity, for no limit. */
  integer(name: string, otherwise: number, min: number, max = Number.MAX_SAFE_INTEGER): number {
    const value = this.text(name);
    if (value === undefined) return otherwise;
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    const shown = Number.isFinite(otherwise) ? String(otherwise) : 'no limit';
    return this.refuse(name, `must be a whole number ${range}, not ${quote(value)}.`, otherwise, shown);
  }

  /** One of `allowed`, compared in lower case. */
  oneOf<T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return otherwise;
    const found = allowed.find((item) => item === value);
    if (found !== undefined) return found;
    return this.refuse(name, `must be one of ${allowed.join(', ')}, not ${quote(value)}.`, otherwise);
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

/** A value as errors show it: quoted, without credentials, and cut so that a pasted file does not fill the screen. */
export function quote(value: string): string {
  const shown = withoutCredentials(value);
  return JSON.stringify(shown.length > 60 ? `${shown.slice(0, 60)}…` : shown);
}
