import { logs, traces } from '@tandem/otlp';
import { thresholdRate } from '../../../core/fields/sample-rate.ts';
import type { JsonAttribute } from '../../../core/files/foreign/otlp-json.ts';
import { KINDS } from '../../../core/files/foreign/otlp-json.ts';
import { attributesOf, rateIn, withRate } from './attributes.ts';

/** A row by the names of its columns. */
// biome-ignore lint/suspicious/noExplicitAny: a row is as its table says, and one that is not is left out
export type Row = Readonly<Record<string, any>>;

/** A span or log record as JSON, and the JSON of what is around it up to the list that it stands in. */
export interface Item {
  readonly around: string;
  readonly item: string;
}

/** How the rows of a signal become OTLP. */
export interface Signal {
  readonly lists: Readonly<Record<'resources' | 'scopes' | 'items', string>>;
  /** The column of an item's own attributes. */
  readonly attributes: string;
  /** The members of an item without its attributes. */
  members(row: Row, attributes: (column: unknown) => JsonAttribute[]): object;
}

const STATUSES = ['unset', 'ok', 'error'];

export const SPANS: Signal = {
  lists: traces.lists,
  attributes: 'SpanAttributes',
  members: (row, attributes) => ({
    traceId: row.TraceId,
    spanId: row.SpanId,
    parentSpanId: row.ParentSpanId,
    traceState: row.TraceState,
    name: row.SpanName,
    kind: KINDS.get(row.SpanKind.replace('SPAN_KIND_', '').toLowerCase()),
    startTimeUnixNano: row.Timestamp,
    endTimeUnixNano: String(BigInt.asUintN(64, BigInt(row.Timestamp) + BigInt(row.Duration))),
    status: {
      code: Math.max(0, STATUSES.indexOf(row.StatusCode.replace('STATUS_CODE_', '').toLowerCase())),
      message: row.StatusMessage,
    },
    events: row['Events.Timestamp'].map((timeUnixNano: string, at: number) => ({
      timeUnixNano,
      name: row['Events.Name'][at],
      attributes: attributes(row['Events.Attributes'][at]),
    })),
    links: row['Links.TraceId'].map((traceId: string, at: number) => ({
      traceId,
      spanId: row['Links.SpanId'][at],
      traceState: row['Links.TraceState'][at],
      attributes: attributes(row['Links.Attributes'][at]),
    })),
  }),
};

export const LOGS: Signal = {
  lists: logs.lists,
  attributes: 'LogAttributes',
  members: (row) => ({
    timeUnixNano: row.Timestamp,
    traceId: row.TraceId,
    spanId: row.SpanId,
    flags: row.TraceFlags,
    severityText: row.SeverityText,
    severityNumber: row.SeverityNumber,
    body: { stringValue: row.Body },
    eventName: row.EventName,
  }),
};

/** Ids and a time that OTLP takes. A log record may have no span. */
const PLACE = /^[0-9a-f]{32} (?:[0-9a-f]{16})? \d{1,19}$/i;

/** What every item of a pull gets, and what is said of them. */
export interface Origin {
  /** Attributes of each resource that lacks them. */
  readonly origin: readonly JsonAttribute[];
  /** Gets the names whose types are guessed. */
  readonly guessed: Set<string>;
}

/**
 * A row as OTLP has it.
 * @param weight how many traces its trace stands for
 * @throws Error for a row without a time or an id that OTLP takes, and for columns of another form
 */
export function itemOf(row: Row, signal: Signal, weight: number, { origin, guessed }: Origin): Item {
  const { TraceId, SpanId, Timestamp, TraceState = '' } = row;
  if (!PLACE.test([TraceId, SpanId, Timestamp].join(' '))) throw new TypeError('no id, or no time');
  const read = (column: unknown) => attributesOf(column, guessed);
  const own = read(row[signal.attributes]);
  const ofScope = read(row.ScopeAttributes);
  const ofResource = read(row.ResourceAttributes);
  const rate = rateIn(own) ?? rateIn(ofScope) ?? rateIn(ofResource) ?? thresholdRate(TraceState, SpanId) ?? 1;
  const lacking = origin.filter(({ key }) => !ofResource.some((each) => each.key === key));
  const resource = { attributes: [...ofResource, ...lacking] };
  const scope = { name: row.ScopeName, version: row.ScopeVersion, attributes: ofScope };
  const scopes = begun({ scope, schemaUrl: row.ScopeSchemaUrl }, signal.lists.items);
  return {
    around: `${begun({ resource, schemaUrl: row.ResourceSchemaUrl }, signal.lists.scopes)}${scopes}`,
    item: JSON.stringify({ ...signal.members(row, read), attributes: withRate(own, weight * rate) }),
  };
}

/** JSON of an object that goes on with a list. */
function begun(object: object, list: string): string {
  return `${JSON.stringify(object).slice(0, -1)},"${list}":[`;
}
