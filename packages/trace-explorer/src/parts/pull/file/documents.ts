import { thresholdRate } from '../../../core/fields/sample-rate.ts';
import type { JsonAttribute } from '../../../core/files/foreign/otlp-json.ts';
import { KINDS } from '../../../core/files/foreign/otlp-json.ts';
import { attributesOf, rateIn, withRate } from './attributes.ts';

/** Bytes after which a trace goes on in another document. */
const MOST_DOCUMENT = 4 * 1024 * 1024;
const STATUSES: readonly string[] = ['unset', 'ok', 'error'];

/** Rows that come, and what is known of them. */
export interface Shape {
  readonly weights: ReadonlyMap<string, number>;
  /** Attributes that each resource gets. */
  readonly origin: readonly JsonAttribute[];
  /** Gets the names whose types are guessed. */
  readonly guessed: Set<string>;
  /** Gets the ids of the traces that came. */
  readonly traces: Set<string>;
  /** Counts: rows that became spans or log records, and rows without a time or an id that OTLP takes. */
  readonly counts: { spans: number; logs: number; wrong: number };
}

/** Spans and log records of a pull. */
export const MOST_ROWS = 1_000_000;

type Row = readonly unknown[];
/** A span or log record, and the JSON of what is around it. */
interface Item {
  readonly resource: string;
  readonly scope: string;
  readonly item: string;
}

/** The spans of `spansSql` as documents of OTLP JSON: a trace in each, or in several where it is large. */
export function spanDocuments(rows: AsyncIterable<Row>, shape: Shape): AsyncGenerator<string> {
  return documents(rows, shape, 'Spans', 'spans', spanOf);
}

/** The log records of `logsSql` as documents of OTLP JSON. */
export function logDocuments(rows: AsyncIterable<Row>, shape: Shape): AsyncGenerator<string> {
  return documents(rows, shape, 'Logs', 'logRecords', logOf);
}

async function* documents(
  rows: AsyncIterable<Row>,
  shape: Shape,
  signal: 'Spans' | 'Logs',
  member: string,
  read: (row: Row, weight: number, shape: Shape) => Item | undefined,
): AsyncGenerator<string> {
  let [items, bytes, trace]: [Item[], number, string] = [[], 0, ''];
  const document = () => {
    const groups = Map.groupBy(
      items.splice(0),
      ({ resource, scope }) => `{"resource":${resource},"scope${signal}":[{"scope":${scope}`,
    );
    const each = Array.from(
      groups,
      ([begin, own]) => `${begin},"${member}":[${own.map(({ item }) => item).join()}]}]}`,
    );
    return `{"resource${signal}":[${each.join()}]}\n`;
  };
  const { counts } = shape;
  const kind = signal === 'Spans' ? 'spans' : 'logs';
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const row of rows) {
      const [key, ...fields] = row;
      const id = String(key);
      const weight = shape.weights.get(id);
      if (weight === undefined) continue; // it came since the traces were chosen
      const item = attempt(() => read(fields, weight, shape));
      if (item === undefined) {
        counts.wrong += 1;
        continue;
      }
      if (items.length > 0 && (bytes > MOST_DOCUMENT || (id !== trace && signal === 'Spans'))) {
        yield document();
        bytes = 0;
      }
      trace = id;
      bytes += item.item.length + item.resource.length;
      items.push(item);
      if (signal === 'Spans') shape.traces.add(id);
      counts[kind] += 1;
      if (counts[kind] === MOST_ROWS) break;
    }
  } catch (error) {
    failure = { error };
  }
  if (items.length > 0) yield document();
  if (failure !== undefined) throw failure.error;
}

function spanOf(row: Row, weight: number, { origin, guessed }: Shape): Item | undefined {
  const [
    traceId = '',
    spanId = '',
    parent = '',
    state = '',
    name,
    kind = '',
    start,
    took = '',
    code = '',
    message,
    scope,
    version,
  ] = row.slice(0, 12).map((each) => String(each ?? ''));
  const [times, names, eventAttributes, linkTraces, linkSpans, linkStates, linkAttributes] = row
    .slice(14)
    .map(listOf);
  const begin = timeOf(start);
  if (!isId(traceId, 32) || !isId(spanId, 16) || begin === undefined || !/^-?\d{1,20}$/.test(took))
    return undefined;
  const [resource, own] = [attributesOf(row[12], guessed), attributesOf(row[13], guessed)];
  const rate = weight * (rateIn(own) ?? rateIn(resource) ?? thresholdRate(state, spanId) ?? 1);
  const item = {
    traceId,
    spanId,
    ...(isId(parent, 16) && { parentSpanId: parent }),
    ...(state !== '' && { traceState: state }),
    name,
    kind: KINDS.get(kind.replace('SPAN_KIND_', '').toLowerCase()) ?? 0,
    startTimeUnixNano: String(begin),
    endTimeUnixNano: String(BigInt.asUintN(64, begin + BigInt(took))),
    attributes: withRate(own, rate),
    events: times?.flatMap((time, at) => {
      const when = timeOf(time);
      const attributes = attributesOf(eventAttributes?.[at], guessed);
      return when === undefined
        ? []
        : [{ timeUnixNano: String(when), name: String(names?.[at] ?? ''), attributes }];
    }),
    links: linkTraces?.flatMap((traceId, at) => {
      const [spanId, attributes] = [linkSpans?.[at], attributesOf(linkAttributes?.[at], guessed)];
      return isId(traceId, 32) && isId(spanId, 16)
        ? [{ traceId, spanId, traceState: String(linkStates?.[at] ?? ''), attributes }]
        : [];
    }),
    status: { code: Math.max(0, STATUSES.indexOf(code.replace('STATUS_CODE_', '').toLowerCase())), message },
  };
  return {
    resource: JSON.stringify({ attributes: [...resource, ...lacking(origin, resource)] }),
    scope: JSON.stringify({ name: scope, version }),
    item: JSON.stringify(item),
  };
}

function logOf(row: Row, weight: number, { origin, guessed }: Shape): Item | undefined {
  const [
    traceId,
    spanId,
    time,
    flags,
    severityText,
    severity,
    body,
    eventName,
    schema,
    scopeSchema,
    scope,
    version,
  ] = row.slice(0, 12).map((each) => String(each ?? ''));
  const begin = timeOf(time);
  if (!isId(traceId, 32) || begin === undefined) return undefined;
  const [resource = [], ofScope = [], own = []] = row.slice(12).map((each) => attributesOf(each, guessed));
  const item = {
    timeUnixNano: String(begin),
    traceId,
    ...(isId(spanId, 16) && { spanId }),
    flags: Number(flags) >>> 0,
    severityText,
    severityNumber: Number(severity) & 0xff,
    body: { stringValue: body },
    eventName,
    attributes: withRate(own, weight * (rateIn(own) ?? rateIn(ofScope) ?? rateIn(resource) ?? 1)),
  };
  return {
    resource: `${JSON.stringify({ attributes: [...resource, ...lacking(origin, resource)] })},"schemaUrl":${JSON.stringify(schema)}`,
    scope: `${JSON.stringify({ name: scope, version, attributes: ofScope })},"schemaUrl":${JSON.stringify(scopeSchema)}`,
    item: JSON.stringify(item),
  };
}

/** Nothing for a row that is not as the table's columns are. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** What a resource does not say itself. */
function lacking(origin: readonly JsonAttribute[], own: readonly JsonAttribute[]): JsonAttribute[] {
  return origin.filter(({ key }) => !own.some((each) => each.key === key));
}

function isId(id: unknown, digits: 16 | 32): id is string {
  return typeof id === 'string' && id.length === digits && /^[0-9a-f]*$/i.test(id);
}

/** Nanoseconds since the epoch. */
function timeOf(text: unknown): bigint | undefined {
  return /^\d{1,19}$/.test(String(text)) ? BigInt(String(text)) : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
