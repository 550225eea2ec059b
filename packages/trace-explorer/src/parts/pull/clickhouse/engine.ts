import { randomUUID } from 'node:crypto';
import { CliError } from '../../../core/command/client/explorer-client.ts';
import type { Address } from './address.ts';
import { withoutSecrets } from './address.ts';
import { textOf } from './cells.ts';
import { noAnswer, reasonOf, refusal, tornAnswer } from './engine-words.ts';
import { linesOf } from './lines.ts';
import { text } from './sql.ts';

/** Seconds of one statement. */
const MOST_SECONDS = 300;
/** Seconds of one statement by this process's own clock: the engine's may be late, or may not be set. */
const OWN_SECONDS = 315;
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
/** Characters of an error, and of what is around the rows. */
const MOST_REST = 65_536;
/** Characters beside the rows after which what comes is no answer. A line, which takes time, counts for more than it has. */
const MOST_AROUND = 32 * 1024 * 1024;
const OF_LINE = 1024;
/** Rows of an answer that is not read as a stream. */
const MOST_SHORT = 200_000;

type Row = readonly unknown[];

/** Asks an engine over its HTTP interface. Nothing but statements leaves this process, and it follows no redirect. */
export class Engine {
  /** What the engine says that its answers cost, and the bytes that came. */
  readonly spent = { seconds: 0, rows: 0, received: 0 };
  readonly #address: Address;
  readonly #signal: AbortSignal;
  readonly #clock: () => AbortSignal;
  #settings: Readonly<Record<string, string>> = {};

  /**
   * @param signal ends the statement that runs, and all later ones
   * @param clock begins when a statement does, and ends that one
   */
  constructor(address: Address, signal: AbortSignal, clock = () => AbortSignal.timeout(1000 * OWN_SECONDS)) {
    this.#address = address;
    this.#signal = signal;
    this.#clock = clock;
  }

  /** Uses the settings that this user may set. @returns whether the engine then bounds its statements */
  async bound(): Promise<boolean> {
    const names = Object.keys(SETTINGS).map(text).join(', ');
    const own = await this.all(
      `SELECT name FROM system.settings WHERE name IN (${names}) AND readonly = 0 AND (name <> 'readonly' OR value = '0')`,
    );
    this.#settings = Object.fromEntries(own.map(([name]) => [textOf(name), String(SETTINGS[textOf(name)])]));
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
   * The rows of an answer, as they come and are taken. A statement whose answer is not read to its end is ended there too: a
   * closed connection alone ends nothing there that does not write.
   * @throws CliError, also after rows, where the lines after the last one did not come; the reason of the signal
   */
  async *rows(sql: string): AsyncGenerator<Row> {
    const id = `trace-explorer-pull-${randomUUID()}`;
    const late = this.#clock();
    const signal = AbortSignal.any([this.#signal, late]);
    let mayRun = true;
    try {
      const asked = this.#post(`${sql}\nFORMAT JSONCompact`, { query_id: id, ...this.#settings }, signal);
      const { status, body } = await asked.catch((error: unknown) => {
        mayRun = signal.aborted;
        throw mayRun ? error : new CliError(noAnswer(this.#clean(reasonOf(error)), this.#address.url));
      });
      let [count, rest, around] = [0, '', 0];
      for await (const line of linesOf(body ?? [], (bytes) => (this.spent.received += bytes))) {
        const row = status === 200 && line.startsWith('\t\t[') ? parsed(line.replace(/,$/, '')) : undefined;
        if (Array.isArray(row)) {
          count += 1;
          yield row;
          continue;
        }
        if (rest.length < MOST_REST) rest += `${line.slice(-MOST_REST)}\n`;
        around += line.length + OF_LINE;
        if (around > MOST_AROUND) break;
      }
      mayRun = status === 200;
      if (!mayRun) throw new CliError(refusal(status, this.#clean(rest)));
      // Without its rows, a whole answer is an object that has their number.
      const { rows, exception, statistics } = Object(parsed(rest));
      if (Number(rows) !== count || exception !== undefined)
        throw new CliError(tornAnswer(this.#clean(String(exception ?? rest)), count));
      mayRun = false;
      const { elapsed, rows_read } = Object(statistics);
      this.spent.seconds += Number(elapsed) || 0;
      this.spent.rows += Number(rows_read) || 0;
    } catch (error) {
      if (error instanceof CliError || this.#signal.aborted) throw error;
      const early = late.aborted
        ? `A statement took longer than ${OWN_SECONDS} s. Choose a shorter range.`
        : `The engine’s answer ended early: ${this.#clean(reasonOf(error))}`;
      throw new CliError(early, { cause: error });
    } finally {
      if (mayRun) await this.#kill(id);
    }
  }

  #clean(said: string): string {
    return withoutSecrets(said, this.#address.secrets);
  }

  async #kill(id: string): Promise<void> {
    const sql = `KILL QUERY WHERE query_id = ${text(id)} ASYNC`;
    await this.#post(sql, { query_id: `${id}-end` }, AbortSignal.timeout(KILL_MS)).then(
      (response) => response.body?.cancel(),
      () => {}, // it has gone, or ends by its own bounds
    );
  }

  #post(body: string, settings: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
    const headers = { ...this.#address.headers, 'content-type': 'text/plain; charset=utf-8' };
    const url = `${this.#address.url}?${new URLSearchParams(settings)}`;
    return fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
