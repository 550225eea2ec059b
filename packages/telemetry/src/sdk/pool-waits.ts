import { writeCallParts } from '../api/call-parts.ts';
import type { Span, SpanProcessor } from './engine.ts';

/** Milliseconds of connecting, by the id of the wait that the connecting was part of. */
const connects = new Map<string, number>();
/** More are forgotten: their waits have no span. */
const MOST_CONNECTS = 1_000;

/**
 * Tells the parts of the spans of OpenTelemetry's `PgInstrumentation`: `pg-pool.connect` is a wait for a connection, and
 * `pg.connect` below it the opening of a new one. `pg` itself publishes nothing.
 */
export const poolWaits: SpanProcessor = {
  onStart() {},
  onEnding(span) {
    if (span.name === 'pg.connect') {
      const parent = span.parentSpanContext?.spanId;
      if (connects.size === MOST_CONNECTS) connects.clear();
      if (parent !== undefined) connects.set(parent, millisecondsOf(span));
    } else if (span.name === 'pg-pool.connect') {
      const { spanId } = span.spanContext();
      const whole = millisecondsOf(span);
      const connect = connects.get(spanId) ?? 0;
      connects.delete(spanId);
      const size = Number(span.attributes['db.postgresql.max.client']);
      writeCallParts(span, whole, { waiting: whole - connect, connect }, size || undefined);
    }
  },
  onEnd() {},
  async forceFlush() {},
  async shutdown() {},
};

function millisecondsOf({ startTime, endTime }: Span): number {
  return (endTime[0] - startTime[0]) * 1e3 + (endTime[1] - startTime[1]) / 1e6;
}
