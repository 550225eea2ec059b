import { SPAN_ID_BYTES, TRACE_ID_BYTES } from './limits.ts';

const NO_TRACE = '00'.repeat(TRACE_ID_BYTES);
const NO_SPAN = '00'.repeat(SPAN_ID_BYTES);

/**
 * The reason to refuse a span; undefined for a valid one. Nobody could find a trace or span without a valid id.
 * @param traceId hex digits, as is `spanId`
 */
export function invalidSpanReason(traceId: string, spanId: string): string | undefined {
  return (
    idProblem('trace_id', traceId, TRACE_ID_BYTES, NO_TRACE) ??
    idProblem('span_id', spanId, SPAN_ID_BYTES, NO_SPAN)
  );
}

/** The id of a span's parent. Empty for a root span; some clients send zeros instead. */
export function parentSpanIdOf(id: string): string {
  return id === NO_SPAN ? '' : id;
}

/** A log record's trace id; empty when invalid: by the specification, the record then belongs to no trace. */
export function traceIdOfLog(id: string): string {
  return idProblem('trace_id', id, TRACE_ID_BYTES, NO_TRACE) === undefined ? id : '';
}

/** A log record's span id; empty when invalid. */
export function spanIdOfLog(id: string): string {
  return idProblem('span_id', id, SPAN_ID_BYTES, NO_SPAN) === undefined ? id : '';
}

function idProblem(name: string, id: string, bytes: number, zeros: string): string | undefined {
  if (id.length !== bytes * 2) return `${name} has ${id.length / 2} bytes instead of ${bytes}`;
  return id === zeros ? `${name} is all zeros` : undefined;
}
