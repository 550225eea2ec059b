import type { TelemetrySettings } from '../../process/settings/index.ts';
import { exceptionRecords } from './exception-records.ts';

/** OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: exceptions are log records. */
export const exceptions = {
  step: ({ logs }: TelemetrySettings) =>
    logs.exceptions === undefined ? undefined : exceptionRecords(logs.exceptions),
};
