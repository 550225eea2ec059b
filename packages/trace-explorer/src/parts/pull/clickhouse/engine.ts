import { randomUUID } from 'node:crypto';
import { CliError } from '../../../core/command/client/explorer-client.ts';
import { harmlessLine } from '../../../core/shared/harmless-text.ts';
import type { Address } from './address.ts';
import { linesOf } from './lines.ts';
import { text } from './sql.ts';

/** Seconds of one statement. */
const MOST_SECONDS = 300;
/** Seconds that the engine's own clock may be late. */
const GRACE_SECONDS = 15;
/** What a pull asks of the engine beside its statements: it must not be a burden for whoever else asks. */
const SETTINGS: Readonly<Record<string, number>> = {
  readonly: 2,
  max_threads: 2,
  max_execution_time: MOST_SECONDS,
  max_rows_to_read: 2e9,
  max_bytes_to_read: 1e12,
  cancel_http_readonly_queries_on_client_close: 1,
};
/** Milliseconds for the statement that ends another one. */
const KILL_MS = 5_000;
/** Bytes of an error, and of what follows the rows. */
const MOST_TAIL = 65_536;
const MOST_WORDS = 400;
/** Rows of an answer that is not read as a stream. */
const MOST_SHORT = 200_000;

/** An answer that ended before its last line. What came before it is good. */
class TornAnswer extends CliError {}

type Row = readonly unknown[];

/** What to do about the engine's own errors, by their numbers: of its bounds, and of its grants. */
const ADVICE: readonly (readonly [codes: readonly number[], words: string])[] = [
  [[158, 159, 160, 241, 307], ' Choose a shorter range.'],
  [[497], ' Let an administrator GRANT SELECT on the tables to this user.'],
];
/** Of wrong names and passwords. */
const NO_USER = [192, 193, 194, 516];

/** Asks an engine over its HTTP interface. Nothing but statements leaves this process, and it follows no redirect. */
export class Engine {
  /** What the engine says that its answers cost, and the bytes that came. */
  readonly spent = { seconds: 0, rows: 0, bytes: 0, received: 0 };
  readonly #address: Address;
  readonly #signal: AbortSignal;
  #settings: Readonly<Record<string, string>> = {};

  constructor(address: Address, signal: AbortSignal) {
    this.#address = address;
    this.#signal = signal;
  }

  /** Uses the settings that this user may set. @returns whether these are all */
  async bound(): Promise<boolean> {
    const names = Object.keys(SETTINGS).map(text).join(', ');
    const rows = await this.all(`SELECT name, value, readonly FROM system.settings WHERE name IN (${names})`);
    const isFixed = rows.some(([name, value]) => name === 'readonly' && String(value) === '1');
    const isFree = ([name, value, fixed]: Row) =>
      Number(fixed) === 0 && (name !== 'readonly' || String(value) === '0');
    const own = isFixed ? [] : rows.filter(isFree);
    this.#settings = Object.fromEntries(own.map(([name]) => [String(name), String(SETTINGS[String(name)])]));
    await this.all('SELECT 1').catch((error: unknown) => {
      if (!(error instanceof CliError && /\(164:/.test(error.message))) throw error;
      this.#settings = {};
    });
    return 'max_execution_time' in this.#settings && 'max_rows_to_read' in this.#settings;
  }

  /** All rows of a short answer. @throws CliError */
  async all(sql: string): Promise<Row[]> {
    const rows: Row[] = [];
    for await (const row of this.rows(sql))
      if (rows.push(row) > MOST_SHORT) throw new CliError(`The engine answers more than ${MOST_SHORT} rows.`);
    return rows;
  }

  /**
   * The rows of an answer, as they come and are taken. A statement whose answer is not read to its end is ended there too.
   * @throws TornAnswer after the last whole row, where the answer's own last lines did not come; CliError
   */
  async *rows(sql: string): AsyncGenerator<Row> {
    const id = `trace-explorer-pull-${randomUUID()}`;
    let isOver = false;
    try {
      const body = await this.#send(`${sql}\nFORMAT JSONCompact`, id, this.#settings);
      let [count, tail, part] = [0, '', 'head' as 'head' | 'rows' | 'tail'];
      for await (const line of linesOf(body, (bytes) => (this.spent.received += bytes))) {
        if (part === 'head') {
          if (line === '\t"data":') part = 'rows';
          else if (tail.length < MOST_TAIL) tail += `${line}\n`;
        } else if (part === 'rows' && line.startsWith('\t\t[')) {
          const row = parsed(line.endsWith(',') ? line.slice(0, -1) : line);
          if (!Array.isArray(row)) throw this.#torn(line.slice(-MOST_TAIL), count);
          count += 1;
          yield row;
        } else if (part === 'rows' && line !== '\t[' && line !== '') {
          part = 'tail';
          tail = line === '\t],' ? '' : line;
        } else if (tail.length < MOST_TAIL) tail += `${line}\n`;
      }
      const ending = part === 'tail' ? Object(parsed(`{${tail}`)) : {};
      if (Number(ending.rows) !== count || ending.exception !== undefined)
        throw this.#torn(String(ending.exception ?? tail), count);
      const { elapsed, rows_read, bytes_read } = Object(ending.statistics);
      this.spent.seconds += Number(elapsed) || 0;
      this.spent.rows += Number(rows_read) || 0;
      this.spent.bytes += Number(bytes_read) || 0;
      isOver = true;
    } catch (error) {
      isOver = error instanceof CliError && !(error instanceof TornAnswer);
      if (error instanceof CliError) throw error;
      throw this.#signal.aborted ? error : new TornAnswer(this.#wordsOf(error), { cause: error });
    } finally {
      // A closed connection alone ends nothing there that does not write.
      if (!isOver) await this.#kill(id);
    }
  }

  async #send(sql: string, id: string, settings: Readonly<Record<string, string>>) {
    const query = new URLSearchParams({ query_id: id, ...settings });
    const response = await fetch(`${this.#address.url}?${query}`, {
      method: 'POST',
      headers: { ...this.#address.headers, 'content-type': 'text/plain; charset=utf-8' },
      body: sql,
      redirect: 'manual',
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(1000 * (MOST_SECONDS + GRACE_SECONDS))]),
    }).catch((error: unknown) => {
      throw this.#signal.aborted
        ? error
        : new CliError(`The engine does not answer: ${this.#wordsOf(error)}. ${adviceFor(error)}`);
    });
    const { status, body } = response;
    if (status >= 300 && status < 400)
      throw new CliError(
        'The engine’s address sends on to another one, which pull does not follow. Name that one.',
      );
    if (status === 200 && body !== null) return body;
    let said = '';
    for await (const line of linesOf(body ?? [])) if (said.length < MOST_TAIL) said += `${line}\n`;
    throw this.#refusal(status, said);
  }

  async #kill(id: string): Promise<void> {
    const query = new URLSearchParams({ query_id: `${id}-end` });
    await fetch(`${this.#address.url}?${query}`, {
      method: 'POST',
      headers: this.#address.headers,
      body: `KILL QUERY WHERE query_id = ${text(id)} ASYNC`,
      redirect: 'manual',
      signal: AbortSignal.timeout(KILL_MS),
    }).then(
      (response) => response.body?.cancel(),
      () => {}, // it has gone, or ends by its own bounds
    );
  }

  #refusal(status: number, said: string): CliError {
    const found = /Code: (\d{1,6})\b/.exec(said);
    const code = Number(found?.[1] ?? 0);
    if (status === 401 || NO_USER.includes(code))
      return new CliError('The engine refuses the user. Set CLICKHOUSE_USER and CLICKHOUSE_PASSWORD.');
    const words = found === null ? `${status}: ${this.#clean(said)}` : this.#exception(said);
    const [, advice = ''] = ADVICE.find(([codes]) => codes.includes(code)) ?? [];
    return new CliError(`The engine refuses the statement (${words}).${advice}`);
  }

  #torn(said: string, rows: number): TornAnswer {
    const words = said.includes('DB::Exception') ? ` (${this.#exception(said)})` : '';
    return new TornAnswer(`The engine’s answer ended after ${rows} rows, before its last line${words}`);
  }

  /** `158: Limit for rows to read exceeded`. */
  #exception(said: string): string {
    const [, code = '', words = ''] = /Code: (\d{1,6})\.?\s*(?:DB::Exception:)?\s*([^\n]*)/.exec(said) ?? [];
    return `${code}: ${this.#clean(words.split('(version ')[0] ?? '')}`;
  }

  #wordsOf(error: unknown): string {
    const { name, message, cause } = Object(error);
    if (name === 'TimeoutError') return `not within ${MOST_SECONDS + GRACE_SECONDS} s`;
    return this.#clean(String(Object(cause).code ?? Object(cause).message ?? message));
  }

  /** One line without the user, the password and the headers. */
  #clean(said: string): string {
    const without = this.#address.secrets.reduce((rest, each) => rest.replaceAll(each, 'REDACTED'), said);
    return harmlessLine(without.trim().slice(0, MOST_WORDS));
  }
}

function adviceFor(error: unknown): string {
  const { code = '' } = Object(Object(error).cause);
  if (/^ERR_SSL_/.test(code)) return 'If it has no TLS there, write clickhouse+http://.';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'Look whether the host of the address is right.';
  return 'Look whether it runs, and whether the port is that of its HTTP interface: by default 8123, and 8443 with TLS.';
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
