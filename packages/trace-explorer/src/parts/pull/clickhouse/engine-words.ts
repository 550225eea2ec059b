import { harmlessLine } from '../../../lib/text/harmless-text.ts';

/** Characters of what an engine says in an error of ours. */
const MOST_WORDS = 400;
/** As in `Code: 158. DB::Exception: Limit for rows to read exceeded. (TOO_MANY_ROWS) (version 25.8.1.1)`. */
const EXCEPTION = /Code: (\d{1,6})\b.{0,40}DB::Exception: (.*)/;
/** What to do where the engine refuses by its bounds, its users or its grants: by numbers of its errors, and HTTP's 401. */
const ADVICE: readonly (readonly [codes: readonly number[], advice: string])[] = [
  [[158, 159, 160, 241, 307], ' Choose a shorter range.'],
  [[192, 193, 194, 401, 516], ' Set CLICKHOUSE_USER and CLICKHOUSE_PASSWORD.'],
  [[497], ' Let an administrator GRANT SELECT on the tables to this user.'],
];

const INTERFACE =
  'Look whether scheme and port are those of its HTTP interface: by default clickhouse+http:// and 8123, or clickhouse+https:// and 8443.';

/** Says why nobody answered. @param reason of Node */
export function noAnswer(reason: string, url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const shown = port || (protocol === 'https:' ? '443' : '80');
  if (reason === 'bad port')
    return `Port ${port} is of another protocol, and HTTP does not go there. Let the engine listen on another one, or pull through a tunnel: ssh -L 8123:localhost:${port} HOST, and clickhouse+http://localhost:8123.`;
  return `The engine at ${hostname}, port ${shown}, does not answer: ${reason}. Look whether it runs there. ${INTERFACE}`;
}

/** Says why the engine does not run a statement. */
export function refusal(status: number, said: string): string {
  if (status >= 300 && status < 400)
    return 'The engine’s address sends on to another one, which pull does not follow. Name that one.';
  const words = exceptionIn(said) ?? `${status}: ${harmlessLine(said.trim().slice(0, MOST_WORDS))}`;
  const [, advice = ''] = ADVICE.find(([codes]) => codes.includes(Number.parseInt(words, 10))) ?? [];
  return `The engine refuses the statement (${words}).${advice}`;
}

/** Says that an answer is not whole. @param said what came in place of its last line */
export function tornAnswer(said: string, rows: number): string {
  const words = exceptionIn(said);
  if (rows === 0 && words === undefined && !said.startsWith('{'))
    return `What answers there is not ClickHouse. ${INTERFACE}`;
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
