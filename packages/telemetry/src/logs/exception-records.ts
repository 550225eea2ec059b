import { context, trace } from '@opentelemetry/api';
import type { Logger } from '@opentelemetry/api-logs';
import { SeverityNumber } from '@opentelemetry/api-logs';
import {
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
} from '@opentelemetry/semantic-conventions';
import { timeWithin } from '../spans/clocked-provider.ts';
import { exceptionRecords } from '../spans/record-failure.ts';

/**
 * Makes a log record of each exception that `recordFailure` records, with the attributes of the SDK's event:
 * https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs/
 *
 * @param signal `logs`: in place of the event; `logs/dup`: beside the event
 * @returns how to stop
 */
export function emitExceptions(logger: Logger, signal: 'logs' | 'logs/dup'): () => void {
  exceptionRecords.emit = (span, exception, time) => {
    const { code, name, message, stack } = exception as Error & { readonly code?: unknown };
    const timestamp = timeWithin(span, time);
    logger.emit({
      timestamp,
      observedTimestamp: timestamp,
      severityNumber: SeverityNumber.ERROR,
      severityText: 'ERROR',
      attributes: {
        [ATTR_EXCEPTION_TYPE]: code ? String(code) : name,
        [ATTR_EXCEPTION_MESSAGE]: message,
        ...(stack !== undefined && { [ATTR_EXCEPTION_STACKTRACE]: stack }),
      },
      context: trace.setSpan(context.active(), span),
    });
    return signal === 'logs/dup';
  };
  return () => {
    delete exceptionRecords.emit;
  };
}
