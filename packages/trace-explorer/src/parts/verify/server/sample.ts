import type { Attribute } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import { turnsWithin } from '../../../core/store/read/turns-within.ts';
import type { ReadOptions } from '../../../core/store/store.ts';
import { logOf, readStoredAt, spanOf } from '../../../core/traces/read/stored-span.ts';
import type { Counted, Reading, RowKind } from './reading.ts';

/** Up to this many rows, the sample is all of them. */
const MOST = 5_000;
/** Of more rows: the newest of this many operations, and this many stretches of the order of arrival with rows in each. */
const [OPERATIONS, STRETCHES, IN_STRETCH] = [300, 8, 400];

/** A whole span or log record, as sent. */
export interface SentRow {
  readonly service: string;
  readonly seq: number;
  readonly signal: 'span' | 'log';
  readonly levels: Readonly<Record<'resource' | 'scope' | 'row' | 'event', readonly Attribute[]>>;
  /** The texts that are not attributes, each by its kind: a span's name and status message, names of events, a record's body. */
  readonly texts: readonly Attribute[];
  /** The number of attributes, events and links that the sender's limits cut off. */
  readonly dropped: number;
}

export interface Sample {
  readonly rows: readonly SentRow[];
  /** The spans and log records in scope. */
  readonly of: number;
}

/**
 * Whole spans and log records of the scope: all of a small one; of a large one the newest row of each operation, and stretches
 * of the order of arrival at equal distances. Equal stores have equal samples.
 */
export async function readSample(reading: Reading, options: ReadOptions): Promise<Sample> {
  const { store, columns, within, read } = reading;
  const isRow = `(${columns.isSpan} OR ${columns.isLog})`;
  const [[first, last, count] = []] = await read(
    `SELECT min(_seq), max(_seq), count(*) FROM spans WHERE ${within} AND ${isRow}`,
  );
  const of = Number(count);
  if (of === 0) return { rows: [], of };
  const distance = (Number(last) - Number(first)) / STRETCHES;
  const stretches = Array.from({ length: STRETCHES }, (_, at) => {
    const from = Math.round(Number(first) + at * distance);
    return `_seq BETWEEN ${from} AND ${from + IN_STRETCH - 1}`;
  });
  const chosen = await read(
    of <= MOST
      ? `SELECT _seq, ${columns.service} FROM spans WHERE ${within} AND ${isRow}`
      : `SELECT _seq, ${columns.service} FROM spans WHERE ${within} AND ${isRow} AND (${stretches.join(' OR ')})
        UNION SELECT * FROM (SELECT max(_seq) AS seq, ${columns.service} AS service FROM spans WHERE ${within} AND ${isRow}
          GROUP BY ${columns.service}, ${columns.kind}, ${columns.name}, _scope ORDER BY hash(seq), seq LIMIT ${OPERATIONS})`,
  );
  const services = new Map(chosen.map(([seq, service]) => [Number(seq), String(service)]));
  const sequences = [...services.keys()].toSorted((a, b) => a - b);
  const stored = async (kind: RowKind) => [...(await readStoredAt(store, sequences, kind, options))];
  const pace = paceOf(options);
  const sent = [
    ...(await pace(await stored('isSpan'), ([seq, message]) => {
      const { span, resource, scope } = spanOf(message);
      const { events } = span;
      const event = events.flatMap(({ attributes }) => attributes);
      const levels = { resource: resource.attributes, scope: scope.attributes, row: span.attributes, event };
      const inEvents = events.reduce((sum, event) => sum + event.droppedAttributesCount, 0);
      const dropped =
        span.droppedAttributesCount + span.droppedEventsCount + span.droppedLinksCount + inEvents;
      const texts = [
        textAt('the span’s name', span.name),
        textAt('the status message', span.statusMessage),
        ...events.map(({ name }) => textAt('an event’s name', name)),
      ];
      return { seq, signal: 'span' as const, levels, texts, dropped };
    })),
    ...(await pace(await stored('isLog'), ([seq, message]) => {
      const { record, resource, scope } = logOf(message);
      const levels = {
        resource: resource.attributes,
        scope: scope.attributes,
        row: record.attributes,
        event: [],
      };
      const texts = [{ ...record.body, key: 'the body' }];
      return { seq, signal: 'log' as const, levels, texts, dropped: record.droppedAttributesCount };
    })),
  ];
  const rows = sent.map((row): SentRow => ({ ...row, service: services.get(row.seq) ?? '' }));
  return { rows: rows.toSorted((a, b) => a.seq - b.seq), of };
}

function textAt(key: string, value: string): Attribute {
  return { key, kind: ValueKind.string, value };
}

/**
 * Works on rows one after the other. Anybody may have sent them, so other requests have their turn in between, health checks
 * among them, and the work ends when nobody waits for the answer.
 */
export function paceOf(limits: ReadOptions) {
  return async <T, U>(rows: readonly T[], work: (row: T) => U): Promise<U[]> => {
    const done: U[] = [];
    const others = turnsWithin(limits);
    for (const row of rows) {
      done.push(work(row));
      await others();
    }
    return done;
  };
}

/** Counts the rows of the sample by service and by each key of a row. Keys with the same fields are one. */
export async function findRows<Key>(
  reading: Reading,
  keysOf: (row: SentRow) => readonly Key[],
): Promise<Counted<Key>[]> {
  const counts = new Map<string, Counted<Key>>();
  await reading.pace((await reading.sample()).rows, (row) => {
    for (const [id, key] of new Map(keysOf(row).map((key) => [JSON.stringify([row.service, key]), key]))) {
      const count = (counts.get(id)?.count ?? 0) + 1;
      counts.set(id, { service: row.service, key, count, example: row.seq });
    }
  });
  return [...counts.values()];
}
