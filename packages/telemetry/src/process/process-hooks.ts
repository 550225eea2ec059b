import { isMainThread } from 'node:worker_threads';
import { withinTime } from './within-time.ts';

/** What the hooks of the process call when it ends. */
export interface ProcessHooks {
  flush(): Promise<void>;
  shutdown(): Promise<void>;
  /**
   * Ends open spans, writes to disk all that is in memory only, and logs the counters, before it returns. Later log lines
   * make no records.
   */
  endSync(): void;
  /** Records an error that nobody caught on the spans that it belongs to. */
  recordUncaught(error: unknown): void;
  endOpenSpans(): void;
  readonly log: { error(fields: object, message: string): void };
}

/** How long a dying process may take to send its last spans, in milliseconds. */
const FLUSH_TIMEOUT_MS = 3_000;

/**
 * Sends the last spans of a process: when it runs out of work, on SIGTERM and SIGINT, and on an uncaught exception, which
 * still ends the process with exit code 1. A service with handlers of its own ends its process itself. Exceptions of a
 * worker thread belong to its owner. Spans that a thread has not sent are on disk; another thread or the next start sends
 * them.
 */
export function flushOnExit(telemetry: ProcessHooks): void {
  process.once('beforeExit', () => telemetry.shutdown());
  // Also after process.exit() and an uncaught exception that nobody handles.
  process.once('exit', () => telemetry.endSync());
  // Runs before any handler, in the context in which the error was thrown.
  process.on('uncaughtExceptionMonitor', (error) => telemetry.recordUncaught(error));
  if (!isMainThread) return;

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const onSignal = async () => {
      if (process.listenerCount(signal) - signalExitListeners() > 1) return;
      await sendLast(telemetry);
      process.off(signal, onSignal);
      process.kill(process.pid, signal); // ends the process as the signal would have without us
    };
    process.on(signal, onSignal);
  }

  const onUncaught = async (error: unknown) => {
    if (process.listenerCount('uncaughtException') > 1) return;
    telemetry.log.error({ err: error }, 'Uncaught exception: the last spans are sent, then the process ends');
    await sendLast(telemetry);
    process.off('uncaughtException', onUncaught);
    setImmediate(() => {
      throw error; // ends the process as it would have without us
    });
  };
  process.on('uncaughtException', onUncaught);
}

/**
 * Sends all spans and lines. The process still answers requests meanwhile, because telemetry cannot stop its server. The
 * spans and lines of these requests, and the spans that are still open, are sent next or kept for the next start.
 */
async function sendLast(telemetry: ProcessHooks): Promise<void> {
  const flushTwice = telemetry.flush().then(() => {
    telemetry.endOpenSpans();
    return telemetry.flush();
  });
  await withinTime(flushTwice, FLUSH_TIMEOUT_MS);
  telemetry.endSync();
}

/**
 * How many listeners of a signal the package `signal-exit` has, version 4 and older. Like telemetry, the package ends the
 * process only when nobody else listens: each would wait for the other, and the process would live on.
 */
function signalExitListeners(): number {
  const emitters = [
    Reflect.get(globalThis, Symbol.for('signal-exit emitter')),
    Reflect.get(process, '__signal_exit_emitter__'),
  ];
  return emitters.reduce((sum, emitter) => sum + (emitter?.count ?? 0), 0);
}
