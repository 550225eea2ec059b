import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';
import { isError } from '@tandem/durable-export/is-error';
import { withinTime } from '@tandem/durable-export/within-time';

/** The functions that the process calls at its end. */
export interface ProcessHooks {
  flush(): Promise<void>;
  shutdown(): Promise<void>;
  /**
   * Synchronous. Ends open spans, writes everything in memory to disk, and logs the counters. Later log lines make no
   * records.
   */
  endSync(): void;
  /** Records an uncaught error on the open spans of the error's trace. */
  recordUncaught(error: unknown): void;
  endOpenSpans(): void;
  readonly log: { error(fields: object, message: string): void };
}

/** Longest time in which a dying process sends its last spans, in milliseconds. */
const FLUSH_TIMEOUT_MS = 3_000;

/**
 * Sends the last spans of a process: without further work, on SIGTERM and SIGINT, and on an uncaught exception, which still
 * ends the process with exit code 1. A service with its own handlers ends the process itself. The owner of a worker thread
 * handles the thread's exceptions. Unsent spans of a thread are on disk, and another thread or the next start sends the
 * spans.
 */
export function flushOnExit(telemetry: ProcessHooks): void {
  process.once('beforeExit', () => telemetry.shutdown());
  // Also after process.exit() and an uncaught exception that nobody handles.
  process.once('exit', () => telemetry.endSync());
  // Runs before any handler, in the context of the error.
  process.on('uncaughtExceptionMonitor', (error) => telemetry.recordUncaught(error));
  if (!isMainThread) return;

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const onSignal = async () => {
      if (process.listenerCount(signal) - signalExitListeners() > 1) return;
      await sendLast(telemetry);
      process.off(signal, onSignal);
      process.kill(process.pid, signal); // the signal's usual end
    };
    process.on(signal, onSignal);
  }

  const onUncaught = async (error: unknown) => {
    if (process.listenerCount('uncaughtException') > 1) return;
    telemetry.log.error({ err: error }, 'Uncaught exception: the last spans are sent, then the process ends');
    await sendLast(telemetry);
    process.off('uncaughtException', onUncaught);
    hideThrow(error);
    setImmediate(() => {
      throw error; // the error's usual end
    });
  };
  process.on('uncaughtException', onUncaught);
}

/**
 * Keeps Node from showing the line of code that throws an error again, a line of this package. `vm` writes such a line into
 * the stack, and Node shows none above a stack that has one. The stack is then what it was. A thrown text has no stack.
 */
function hideThrow(error: unknown): void {
  if (!isError(error)) return;
  const { stack } = error;
  try {
    runInNewContext('throw error', { error });
  } catch {}
  if (stack !== undefined && error.stack !== stack) Object.assign(error, { stack });
}

/**
 * Sends all spans and lines. Meanwhile the process answers requests, because telemetry cannot stop a server. Spans and
 * lines of these requests, and open spans, are sent next or kept for the next start.
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
 * Counts the listeners that the package `signal-exit` (up to version 4) has for a signal. Like telemetry, signal-exit ends
 * the process only without other listeners. Each would wait for the other, and the process would live on.
 */
function signalExitListeners(): number {
  const emitters = [
    Reflect.get(globalThis, Symbol.for('signal-exit emitter')),
    Reflect.get(process, '__signal_exit_emitter__'),
  ];
  return emitters.reduce((sum, emitter) => sum + (emitter?.count ?? 0), 0);
}
