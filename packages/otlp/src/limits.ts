/** Levels of values within values; deeper ones are refused with their span. Protobuf libraries stop at 100 as well. */
export const MAX_VALUE_DEPTH = 100;

/** Bytes of a trace id. */
export const TRACE_ID_BYTES = 16;

/** Bytes of a span id. */
export const SPAN_ID_BYTES = 8;

/** What one request may make its reader hold and do. Real bodies of 64 MiB stay below all of it; see docs/explorer.md. */
export interface DecodeLimits {
  /** Spans or log records of a request, good and bad ones: more than 64 MiB hold, unless they are empty. */
  readonly maxItems: number;
  /** Resources and scopes of a request, together. */
  readonly maxGroups: number;
  /** Events, links, attributes, and values within values, of one item; of one resource or scope as well, as it is read at once. */
  readonly maxItemValues: number;
  /** The same of all resources and scopes of a request. */
  readonly maxSharedValues: number;
}

export const DECODE_LIMITS: DecodeLimits = Object.freeze({
  maxItems: 1_000_000,
  maxGroups: 100_000,
  maxItemValues: 131_072,
  maxSharedValues: 524_288,
});

/** A number of a limit as people read it: 131,072. */
export function readable(limit: number): string {
  return limit.toLocaleString('en');
}
