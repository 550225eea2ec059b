import type { SpanStore } from '../../store/store.ts';
import { factsOfType } from '../model/span-facts.ts';
import type { SpanColumns } from './span-columns.ts';
import type { SpanRecord } from './span-record.ts';
import { credibleDuration, hostKey, isFar } from './span-record.ts';

const TEXT_FACTS = factsOfType('text');
const NUMBER_FACTS = factsOfType('number', 'key');
const FLAGS = factsOfType('flag');

/**
 * Texts that many spans of a trace share. Each text is read once, because reading a text takes longer than reading a number.
 */
const TEXTS = [
  'traceId',
  'name',
  'service',
  'kind',
  'hostId',
  'hostName',
  'instance',
  ...TEXT_FACTS,
] as const;

/** Numbers and conditions of a span. Ids are two halves of 32 bits, or a text when they have other than 16 digits. */
const NUMBERS = [
  'spanHigh',
  'spanLow',
  'spanText',
  'parentHigh',
  'parentLow',
  'parentText',
  'start',
  'duration',
  'invalid',
  'error',
  'events',
  'received',
  'timed',
  'rate',
  ...NUMBER_FACTS,
  ...FLAGS,
] as const;

const COLUMNS = ['texts', 'seq', ...NUMBERS, 'words'] as const;

/** The position of each column in a row of `recordsSql`. */
const AT = Object.fromEntries(COLUMNS.map((name, index) => [name, index])) as Readonly<
  Record<(typeof COLUMNS)[number], number>
>;

/**
 * Rows of texts, as JSON, without a sequence, then the spans in the order of arrival, as numbers. DuckDB's
 * driver makes a buffer for each text of more than 12 bytes: with texts in each row, 100,000 spans took 1,100 ms of processor
 * time.
 */
export function recordsSql(store: SpanStore, from: string, c: SpanColumns): string {
  const half = (id: string, from: number) => `TRY_CAST('0x' || substr(${id}, ${from}, 8) AS UINTEGER)`;
  // An id without exactly 16 digits is read as text.
  const isHex = (id: string) => `regexp_full_match(${id}, '[0-9a-f]{16}')`;
  const id = (column: string, name: string) => `
      CASE WHEN ${isHex(column)} THEN ${half(column, 1)} END AS ${name}High,
      CASE WHEN ${isHex(column)} THEN ${half(column, 9)} END AS ${name}Low,
      CASE WHEN NOT ${isHex(column)} THEN ${column} END AS ${name}Text`;
  return `WITH t AS MATERIALIZED (
    SELECT _seq AS seq, ${id(c.spanId, 'span')}, ${id(c.parentId, 'parent')},
      _time AS start, CAST(${c.duration} AS DOUBLE) AS duration, ${c.invalidDuration} AS invalid, ${c.error} AS error,
      CAST(${c.events} AS DOUBLE) AS events, _received AS received, ${c.timed} AS timed,
      ${store.sampleRate()?.sql ?? 'NULL::BIGINT'} AS rate,
      ${NUMBER_FACTS.map((name) => `CAST(${c[name]} AS DOUBLE) AS ${name}`).join(', ')},
      ${FLAGS.map((name) => `${c[name]} AS ${name}`).join(', ')},
      ${TEXTS.map((name) => `coalesce(${c[name]}, '') AS ${name}`).join(', ')}
    FROM ${from}
  ), d AS MATERIALIZED (
    SELECT *, CAST(row_number() OVER () AS INTEGER) AS texts FROM (SELECT DISTINCT ${TEXTS.join(', ')} FROM t)
  )
  SELECT texts, NULL AS seq, ${NUMBERS.map((name) => `NULL AS ${name}`).join(', ')}, to_json({${TEXTS.map((name) => `${name}: ${name}`).join(', ')}}) AS words FROM d
  UNION ALL
  SELECT texts, CAST(seq AS DOUBLE), ${NUMBERS.join(', ')}, NULL
    FROM t JOIN d USING (${TEXTS.join(', ')})`;
}

/** Makes records of the rows of `recordsSql`. DuckDB's threads may give a span before its texts: it waits for them. */
export class RecordReader {
  readonly #texts = new Map<unknown, SpanTexts>();
  readonly #early: (readonly unknown[])[] = [];
  readonly #records: SpanRecord[] = [];

  /** @param row the caller's again after the call */
  take(row: readonly unknown[]): void {
    if (row[AT.seq] === null) return void this.#texts.set(row[AT.texts], textsOf(row));
    if (!this.#join(row)) this.#early.push([...row]);
  }

  /**
   * The records in the order of arrival, once all rows are taken.
   * @param turn lets others have their turn (`turnsWithin`)
   */
  async inOrder(turn: () => Promise<void> | undefined): Promise<SpanRecord[]> {
    for (const row of this.#early) {
      this.#join(row);
      const others = turn();
      if (others !== undefined) await others;
    }
    return this.#records.sort((a, b) => a.sequence - b.sequence);
  }

  /** Joins a span with its texts. @returns whether they have come */
  #join(row: readonly unknown[]): boolean {
    const texts = this.#texts.get(row[AT.texts]);
    if (texts !== undefined) this.#records.push(recordOf(row, texts));
    return texts !== undefined;
  }
}

type SpanTexts = ReturnType<typeof textsOf>;

function textsOf(row: readonly unknown[]) {
  const texts = JSON.parse(String(row[AT.words])) as Record<(typeof TEXTS)[number], string>;
  const { hostId, hostName, instance, ...own } = texts;
  return {
    ...own,
    host: hostKey({ hostId, hostName, service: own.service, instance }),
    hostKnown: hostId !== '' || hostName !== '',
  };
}

function recordOf(row: readonly unknown[], texts: SpanTexts): SpanRecord {
  const timed = row[AT.timed] === true;
  const start = timed ? BigInt(row[AT.start] as number | bigint) : 0n;
  const received = BigInt(row[AT.received] as number | bigint);
  const duration = Number(row[AT.duration]);
  const endIsFar = !isFar(start, received) && isFar(start + BigInt(Math.round(duration)), received);
  return {
    ...texts,
    spanId: idOf(row[AT.spanHigh], row[AT.spanLow], row[AT.spanText]),
    parentId: idOf(row[AT.parentHigh], row[AT.parentLow], row[AT.parentText]),
    start,
    duration: credibleDuration(start, duration, endIsFar),
    endIsFar,
    endBeforeStart: timed && row[AT.invalid] === true,
    error: row[AT.error] === true,
    events: Number(row[AT.events] ?? 0),
    ...numbersOf(row),
    sequence: Number(row[AT.seq]),
    received,
    sampleRate: Number(row[AT.rate] ?? 1),
  };
}

/** Facts that are not texts. */
function numbersOf(row: readonly unknown[]) {
  const facts: Record<string, number | boolean> = {};
  for (const name of NUMBER_FACTS) facts[name] = Number(row[AT[name]] ?? 0);
  for (const name of FLAGS) facts[name] = row[AT[name]] === true;
  return facts as Pick<SpanRecord, (typeof NUMBER_FACTS)[number] | (typeof FLAGS)[number]>;
}

const bytes = Buffer.alloc(8);

function idOf(high: unknown, low: unknown, text: unknown): string {
  if (typeof high !== 'number' || typeof low !== 'number') return typeof text === 'string' ? text : '';
  bytes.writeUInt32BE(high, 0);
  bytes.writeUInt32BE(low, 4);
  return bytes.toString('hex');
}
