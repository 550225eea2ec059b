import type { EnvReader } from '../environment/env-reader.ts';

/** What exceptions that are recorded become: events of their spans, log records, or both. */
export type ExceptionSignal = 'events' | 'logs' | 'logs/dup';

const VARIABLE = 'OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN';

/**
 * OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: `logs` or `logs/dup`; events of spans when it is not set, and when log records go
 * nowhere, since exceptions must not be lost.
 */
export function readExceptionSignal(env: EnvReader, hasLogs: boolean): ExceptionSignal {
  if (env.text(VARIABLE) === undefined) return 'events';
  const signal = env.oneOf<ExceptionSignal>(VARIABLE, ['logs', 'logs/dup'], 'events');
  if (signal === 'events' || hasLogs) return signal;
  env.ignore(
    VARIABLE,
    'needs log records, and OTEL_LOGS_EXPORTER has none.',
    'Exceptions stay events of spans.',
  );
  return 'events';
}
