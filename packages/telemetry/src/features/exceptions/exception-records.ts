import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { AnyValueMap } from '@opentelemetry/api-logs';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';
import { SCOPE_NAME } from '../../common/tracer.ts';
import type { SpanStep } from '../../road/spans/span-steps.ts';

/**
 * Makes a log record of each exception event of an ended span, as OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN asks:
 * https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs/
 * Without log records, exceptions stay events.
 *
 * @param signal `logs`: in place of the event; `logs/dup`: beside the event
 */
export function exceptionRecords(signal: 'logs' | 'logs/dup'): SpanStep {
  return {
    onEnd(span) {
      const exceptions = span.events.filter(({ name }) => name === 'exception');
      const logger = logs.getLogger(SCOPE_NAME);
      if (exceptions.length === 0 || !logger.enabled()) return;
      for (const { time, attributes } of exceptions)
        logger.emit({
          timestamp: time,
          observedTimestamp: time,
          severityNumber: SeverityNumber.ERROR,
          severityText: 'ERROR',
          attributes: attributes as AnyValueMap,
          context: trace.setSpanContext(ROOT_CONTEXT, span.spanContext()),
        });
      const others = span.events.filter((event) => !exceptions.includes(event));
      if (signal === 'logs') span.events.splice(0, span.events.length, ...others);
    },
  };
}
