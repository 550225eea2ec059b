import { turnsWithin } from '../../store/read/turns-within.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { factsOfType } from '../model/span-facts.ts';
import { withOtherStatements } from './habits/other-statements.ts';
import { withOwnConnections } from './habits/own-connections.ts';
import { withCallsAtOnce } from './habits/read-calls-at-once.ts';
import { withUsualDurations } from './habits/usual-durations.ts';
import { withLogExceptions } from './log-exceptions.ts';
import { withStalls } from './read-stalls.ts';
import { rowsAt } from './rows-at.ts';
import type { SpanColumns } from './span-columns.ts';
import { spanColumns } from './span-columns.ts';
import type { SpanRecord } from './span-record.ts';
import { credibleDuration, hostKey, isFar } from './span-record.ts';

/** Most spans of one trace. With their derived data they take about 250 MB of memory. */
export const MAX_TRACE_SPANS = 250_000;

/** Spans as read, in the order of arrival. */
export interface ReadRecords {
  readonly records: readonly SpanRecord[];
  /** The number of omitted copies of spans. An exporter's retry usually makes such copies. */
  readonly copies: number;
}

/**
 * Reads the spans of a trace, without events and links. Stops after the `limit` spans that arrived first.
 */
export function readTraceRecords(
  store: SpanStore,
  traceId: string,
  { limit = MAX_TRACE_SPANS, ...options }: ReadOptions & { readonly limit?: number } = {},
): Promise<ReadRecords> {
  const c = spanColumns(store);
  const ofTrace = `SELECT * FROM spans WHERE ${c.traceId} = $1 AND ${c.isSpan} ORDER BY _seq LIMIT ${limit}`;
  return readRecords(store, `(${ofTrace}) AS spans`, [traceId], options);
}

/**
 * Reads spans, each once.
 * @param from the rows of the spans, for FROM
 * @param values of the placeholders in `from`
 * @param chosen SQL of the spans' columns; a caller that needs few of them leaves the others out as 'NULL', and exceptions of log
 * records with them
 */
export async function readRecords(
  store: SpanStore,
  from: string,
  values: readonly unknown[],
  options: ReadOptions = {},
  chosen?: SpanColumns,
): Promise<ReadRecords> {
  const columns = chosen ?? spanColumns(store);
  const texts = new Map<unknown, SpanTexts>();
  const records: SpanRecord[] = [];
  const early: (readonly unknown[])[] = [];
  const take = (row: readonly unknown[]) => {
    if (row[AT.seq] === null) return void texts.set(row[AT.texts], textsOf(row));
    const found = texts.get(row[AT.texts]);
    if (found === undefined) early.push([...row]);
    else records.push(recordOf(row, found));
  };
  const ofTraces = `${columns.traceId} IN (SELECT ${columns.traceId} FROM ${from})`;
  const rows = chosen === undefined ? withLogExceptions(store, from, ofTraces, true) : from;
  await store.read(recordsSql(store, rows, columns), values, { ...options, take });
  const turn = turnsWithin(options);
  for (const row of early) {
    take(row);
    const others = turn();
    if (others !== undefined) await others;
  }
  records.sort((a, b) => a.sequence - b.sequence);
  const stalled = await withStalls(store, records, options);
  const usual = stalled === records ? records : await withUsualDurations(store, stalled, options);
  const told = chosen === undefined ? await withHabits(store, usual, options) : usual;
  return withoutCopies(store, told, options);
}

/** The records with what only the calls around them tell. */
async function withHabits(store: SpanStore, records: readonly SpanRecord[], options: ReadOptions) {
  const beside = await withOtherStatements(store, records, options);
  return withCallsAtOnce(store, await withOwnConnections(store, beside, options), options);
}

/** Leaves out copies. The first of equal spans stays. */
async function withoutCopies(
  store: SpanStore,
  records: readonly SpanRecord[],
  options: ReadOptions,
): Promise<ReadRecords> {
  const copies = await findCopies(store, records, options);
  if (copies.size === 0) return { records, copies: 0 };
  return { records: records.filter(({ sequence }) => !copies.has(sequence)), copies: copies.size };
}

/** Copies of earlier spans, by `_seq`: equal spans that came again. Only spans with the same id are compared. */
export async function findCopies(
  store: SpanStore,
  records: Iterable<Pick<SpanRecord, 'traceId' | 'spanId' | 'sequence'>>,
  options: ReadOptions = {},
): Promise<ReadonlySet<number>> {
  const first = new Map<string, number>();
  const sharing = new Set<number>();
  for (const { traceId, spanId, sequence } of records) {
    const known = first.get(traceId + spanId);
    if (known === undefined) first.set(traceId + spanId, sequence);
    else sharing.add(known).add(sequence);
  }
  if (sharing.size === 0) return sharing;
  const c = spanColumns(store);
  const { rows } = await store.read(
    `SELECT _seq FROM ${rowsAt([...sharing])}
    QUALIFY row_number() OVER (PARTITION BY ${c.traceId}, ${c.spanId}, ${c.fingerprint} ORDER BY _seq) > 1`,
    [],
    options,
  );
  return new Set(rows.map(([sequence]) => Number(sequence)));
}

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
function recordsSql(store: SpanStore, from: string, c: SpanColumns): string {
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
