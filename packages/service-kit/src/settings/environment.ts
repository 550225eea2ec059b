import type { Environment, Variable, VariableTable } from '@tandem/telemetry/settings';
import { VariableReader } from '@tandem/telemetry/settings';

export type { Environment, VariableTable };

/** A missing or malformed setting. The message is one line: the variable, the expected value, and its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** The environment variable at fault. */
  readonly variable: string;

  constructor(variable: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.variable = variable;
  }
}

/** The value of a variable that is set. */
type ValueOf<V> = V extends Variable<infer T> ? Exclude<T, undefined> : never;

/** The values of variables. Those without a default may be absent. */
export type Values<T extends VariableTable> = Readonly<
  { [N in keyof T as undefined extends T[N]['otherwise'] ? never : N]: ValueOf<T[N]> } & {
    [N in keyof T as undefined extends T[N]['otherwise'] ? N : never]?: ValueOf<T[N]>;
  }
>;

/**
 * Reads variables into a frozen object, with defaults filled in, as telemetry reads its own: a blank value counts as unset.
 * What telemetry only warns of is an error here.
 *
 * @param table a row for each variable; docs/reference/settings.md has its texts
 * @param env the environment; variables that the table does not name are ignored
 * @throws ConfigError naming the first malformed variable
 */
export function readEnvironment<T extends VariableTable>(table: T, env: Environment): Values<T> {
  const reader = new VariableReader(table, env);
  const entries = Object.keys(table).flatMap((name) => {
    const { value, fault } = reader.read(name);
    if (fault !== undefined) throw new ConfigError(name, fault);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.freeze(Object.fromEntries(entries));
}

/** Texts like Honeycomb's keys: with a prefix, or at least 20 letters and digits mixed, unlike any word. */
const KEY_LIKE = /\bhc[a-z]{3}_\w+|(?<![A-Za-z0-9])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{20,}/g;

/** Replaces texts that look like keys by `***`. For messages with a foreign text, such as a path. */
export function withoutKeys(text: string): string {
  return text.replace(KEY_LIKE, '***');
}

/** Says why a process does not start, in one line that names the variables. An unknown error keeps its stack. */
export function explainStartFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = withoutKeys(error.message);
  if ('syscall' in error) return `${message}; see HOST, PORT and DATA_DIR.`;
  const { code = '' } = error as NodeJS.ErrnoException;
  return error instanceof ConfigError || code.startsWith('ERR_PARSE_ARGS')
    ? message
    : (error.stack ?? message);
}
