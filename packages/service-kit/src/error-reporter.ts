import { trace } from '@opentelemetry/api';

/** Sends unforeseen errors elsewhere. */
export interface ErrorReporter {
  report(error: Error): void;
  /** Resolves when what was reported has been sent. */
  flush(): Promise<void>;
}

/** Reports to Rollbar, with the ids of the trace. The library is loaded only here: who has no token does not pay for it. */
export async function createRollbarReporter(accessToken: string, endpoint?: string): Promise<ErrorReporter> {
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
    report(error) {
      const span = trace.getActiveSpan()?.spanContext();
      rollbar.error(error, span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId });
    },
    flush: () => new Promise((resolve) => rollbar.wait(() => resolve())),
  };
}
