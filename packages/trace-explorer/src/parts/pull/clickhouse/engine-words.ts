import { harmlessLine } from '../../../core/shared/harmless-text.ts';

/** Characters of what an engine says in an error of ours. */
const MOST_WORDS = 400;
/** As in `Code: 158. DB::Exception: Limit for rows to read exceeded. (TOO_MANY_ROWS) (version 25.8.1.1)`. */
const EXCEPTION = /Code: (\d{1,6})\b.{0,40}DB::Exception: (.*)/;
/** What the engine refuses by the numbers of its errors, and what to do: its bounds, its users, its grants. */
const REFUSED: readonly (readonly [codes: readonly number[], what: string, advice: string])[] = [
  [[158, 159, 160, 241, 307], 'the statement', ' Choose a shorter range.'],
  [[192, 193, 194, 516], 'the user', ' Set CLICKHOUSE_USER and CLICKHOUSE_PASSWORD.'],
  [[497], 'the statement', ' Let an administrator GRANT SELECT on the tables to this user.'],
];
/** The number of a wrong name or password. */
const NO_USER = 516;

const PORT = 'whether the port is that of its HTTP interface: by default 8123, and 8443 with TLS.';

/** Says why nobody answered. @param reason of Node */
export function noAnswer(reason: string): string {
  const advice = /^ERR_SSL_/.test(reason)
    ? 'If it has no TLS there, write clickhouse+http://.'
    : reason === 'ENOTFOUND' || reason === 'EAI_AGAIN'
      ? 'Look whether the host of the address is right.'
      : `Look whether it runs, and ${PORT}`;
  return `The engine does not answer: ${reason}. ${advice}`;
}

/** Says why the engine does not run a statement. */
export function refusal(status: number, said: string): string {
  if (status >= 300 && status < 400)
    return 'The engine’s address sends on to another one, which pull does not follow. Name that one.';
  const words = exceptionIn(said) ?? `${status}: ${harmlessLine(said.trim().slice(0, MOST_WORDS))}`;
  const code = status === 401 ? NO_USER : Number.parseInt(words, 10);
  const [, what = 'the statement', advice = ''] = REFUSED.find(([codes]) => codes.includes(code)) ?? [];
  return `The engine refuses ${what} (${words}).${advice}`;
}

/** Says that an answer is not whole. @param said what came in place of its last line */
export function tornAnswer(said: string, rows: number): string {
  const words = exceptionIn(said);
  if (rows === 0 && words === undefined && !said.startsWith('{'))
    return `What answers there is not ClickHouse. Look ${PORT}`;
  return `The engine’s answer ended after ${rows} rows, before its last line${words === undefined ? '' : ` (${words})`}`;
}

/** The reason that Node has for a failure. */
export function reasonOf(error: unknown): string {
  const { message, cause } = Object(error);
  return String(Object(cause).code ?? Object(cause).message ?? message);
}

/** `158: Limit for rows to read exceeded. (TOO_MANY_ROWS)`. */
function exceptionIn(said: string): string | undefined {
  const [, code, words = ''] = EXCEPTION.exec(said) ?? [];
  return code && `${code}: ${(words.split('(version ')[0] ?? '').trim().slice(0, MOST_WORDS)}`;
}
