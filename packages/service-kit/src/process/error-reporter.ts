import { trace } from '@opentelemetry/api';

/** Reports unexpected errors. `flush` resolves when the reports have been sent. */
export type ErrorReporter = Awaited<ReturnType<typeof createRollbarReporter>>;

/** Reports to Rollbar, with the ids of trace and span. Loads the library, so that a service without a token does not. */
export async function createRollbarReporter(accessToken: string, endpoint?: string) {
  const { default: Rollbar } = await import('rollbar');
  const rollbar = new Rollbar({
    accessToken,
    captureUncaught: false, // the process handles these itself, with a flush
    captureUnhandledRejections: false,
    autoInstrument: false,
    verbose: false,
    ...(endpoint && { endpoint }),
  });
  return {
    report(error: Error): void {
      const span = trace.getActiveSpan()?.spanContext();
      rollbar.error(error, span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId });
    },
    flush: () => new Promise<void>((resolve) => rollbar.wait(() => resolve())),
  };
}
