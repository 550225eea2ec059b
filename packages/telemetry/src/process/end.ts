import { EventEmitter } from 'node:events';
import { isMainThread } from 'node:worker_threads';
import { quietly } from '../common/quietly.ts';
import { withinTime } from '../common/within-time.ts';
import { endOpenSpans, recordUncaught } from '../road/spans/open-spans.ts';
import type { Telemetry } from './running.ts';

/** Longest time in which a dying process sends its last spans, in milliseconds. */
const FLUSH_TIMEOUT_MS = 3_000;

/**
 * Sends the last spans of a process: at its `exit`, and on SIGTERM and SIGINT. The end is the app's own: nothing keeps it from
 * coming, and Node tells of an uncaught error as ever. A service with its own handlers of signals ends the process itself.
 * Unsent spans of a thread are on disk, and another thread or the next start sends the spans.
 *
 * @param end ends open spans, writes everything in memory to disk, sends it unless told not to, and logs the counters
 * @returns how to stop
 */
export function endWithProcess(telemetry: Telemetry, end: (isSent: boolean) => void): () => void {
  const listeners: Readonly<Record<string, (reason: unknown) => void>> = {
    // Also after process.exit() and an uncaught exception that nobody handles.
    exit: () => quietly(() => end(isMainThread)),
    // Runs before any handler, in the context of the error.
    uncaughtExceptionMonitor: recordUncaught,
    ...(isMainThread && { SIGTERM: onSignal, SIGINT: onSignal }),
  };
  for (const [event, listener] of Object.entries(listeners)) process.on(event, listener);
  return stop;

  function stop(): void {
    for (const [event, listener] of Object.entries(listeners)) process.off(event, listener);
  }

  async function onSignal(name: unknown): Promise<void> {
    const signal = name as NodeJS.Signals;
    if (process.listenerCount(signal) - signalExitListeners() > 1) {
      // Somebody else ends the process, perhaps by the same signal, which ends nothing while anybody listens.
      process.off(signal, onSignal);
      return void telemetry.flush();
    }
    await sendLast(telemetry, () => end(false));
    process.off(signal, onSignal);
    // tsx hides a listener from `listenerCount`. It ends the process where it sees no other, and has seen telemetry's. Node has
    // closed the signal now, as it sees no listener either.
    if (listenerCount.call(process, signal) > 0) process.emit(signal, signal);
    else process.kill(process.pid, signal); // the signal's usual end
  }
}

/** As Node has it, whatever has replaced the method of the process. */
const { listenerCount } = EventEmitter.prototype;

/**
 * Sends all spans and lines. Meanwhile the process answers requests, because telemetry cannot stop a server. Spans and
 * lines of these requests, and open spans, are sent next or kept for the next start. Never rejects.
 */
async function sendLast(telemetry: Telemetry, endSync: () => void): Promise<void> {
  const flushTwice = telemetry.flush().then(() => {
    endOpenSpans();
    return telemetry.flush();
  });
  await withinTime(flushTwice, FLUSH_TIMEOUT_MS).catch(() => {});
  quietly(endSync);
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

/**
 * Calls `keep` before this thread blocks in `Atomics.wait`, as the threads of piscina and tinypool do between two tasks. A
 * blocked thread sends nothing, and its owner may end it without an event. Node tells nobody of either, so this replaces
 * `Atomics.wait` in the thread.
 *
 * @param keep does not throw
 * @returns how to stop
 */
export function beforeBlocking(keep: () => void): () => void {
  const { wait } = Atomics;
  function keepAndWait(...args: Parameters<typeof wait>): ReturnType<typeof wait> {
    keep();
    return wait(...args);
  }
  Reflect.set(Atomics, 'wait', keepAndWait); // not where the host has frozen it
  return () => {
    if (Atomics.wait === keepAndWait) Atomics.wait = wait;
  };
}
