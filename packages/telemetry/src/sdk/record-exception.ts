import type { Span, TimeInput } from '@opentelemetry/api';
import { context, trace } from '@opentelemetry/api';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';
import { processWide } from '../process-wide.ts';
import type { ExceptionSignal } from '../settings/exception-signal.ts';
import { SCOPE_NAME, SCOPE_VERSION } from './package-tracer.ts';

const signal = processWide<ExceptionSignal>('exception signal 1', 'events');

/** Sets what `recordException` makes of exceptions; called by `startTelemetry`. */
export function setExceptionSignal(wanted: ExceptionSignal): void {
  signal.value = wanted;
}

/**
 * Records an exception of a span as OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN asks for: as an event of the span, as a log
 * record in it, or both (semantic conventions, "Exceptions in logs").
 */
export function recordException(span: Span, exception: Error, time?: TimeInput): void {
  if (signal.value !== 'logs') span.recordException(exception, time);
  if (signal.value === 'events') return;
  logs.getLogger(SCOPE_NAME, SCOPE_VERSION).emit({
    eventName: 'exception',
    severityNumber: SeverityNumber.ERROR,
    severityText: 'ERROR',
    body: exception.message,
    exception,
    context: trace.setSpan(context.active(), span),
    ...(time !== undefined && { timestamp: time }),
  });
}
