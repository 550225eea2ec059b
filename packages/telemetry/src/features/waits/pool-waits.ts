import type { Span } from '../../road/spans/engine.ts';
import { writeCallParts } from './call-parts.ts';

/** Milliseconds of connecting, by the id of the wait that the connecting was part of. */
const connects = new Map<string, number>();
/** More are forgotten: their waits have no span. */
const MOST_CONNECTS = 1_000;

/**
 * Writes the parts of a span of OpenTelemetry's `PgInstrumentation` that ends: `pg-pool.connect` is a wait for a connection,
 * and `pg.connect` below it the opening of a new one. `pg` itself publishes nothing.
 */
export function writePoolWait(span: Span): void {
  const whole = (span.endTime[0] - span.startTime[0]) * 1e3 + (span.endTime[1] - span.startTime[1]) / 1e6;
  if (span.name === 'pg.connect') {
    const parent = span.parentSpanContext?.spanId;
    if (connects.size === MOST_CONNECTS) connects.clear();
    if (parent !== undefined) connects.set(parent, whole);
  } else if (span.name === 'pg-pool.connect') {
    const { spanId } = span.spanContext();
    const connect = connects.get(spanId) ?? 0;
    connects.delete(spanId);
    const size = Number(span.attributes['db.postgresql.max.client']);
    writeCallParts(span, whole, { waiting: whole - connect, connect }, size || undefined);
  }
}
