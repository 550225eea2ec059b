import { isMainThread } from 'node:worker_threads';
import { held } from '../common/held.ts';
import { quietly } from '../common/quietly.ts';
import type { DurableExport } from '../road/delivery/durable-export.ts';
import { sendByThread } from '../road/delivery/last-requests.ts';
import type { Logger } from '../road/delivery/logger.ts';
import type { Engine } from '../road/spans/engine.ts';
import { endOpenSpans } from '../road/spans/open-spans.ts';
import { beforeBlocking, endWithProcess } from './end.ts';
import { describeEnd } from './report/announce.ts';
import type { Telemetry } from './running.ts';
import { keepWaiting, running, standDown } from './running.ts';
import type { TelemetrySettings } from './settings/index.ts';

/** After this time, the disk keeps the rest. Below the 3 s that a dying process has. */
const SHUTDOWN_TIMEOUT_MS = 2_000;

/** Longest time in which a process that ends sends its last spans, in milliseconds. The disk keeps the rest. */
const LAST_MS = 500;

/** The parts that are started and stopped together. */
export interface Parts {
  readonly settings: TelemetrySettings;
  readonly log: Logger;
  /** Absent when no spans are made. */
  readonly provider?: ReturnType<Engine['createProvider']>;
  readonly spans?: DurableExport | undefined;
  readonly logs?: DurableExport | undefined;
  /** Whether a process sends its last spans at its `exit`, or leaves all of them to whoever sends its spool; default true. */
  readonly sendsLast?: boolean | undefined;
  /** How to end the making of spans and log records, and then how to leave the OpenTelemetry API. */
  readonly stops?: (() => void)[];
  readonly undo?: (() => void)[];
}

/** Makes the started parts the telemetry of this process, until its shutdown or the end of the process. */
export function run(parts: Parts): Telemetry {
  const { settings, log, provider, spans, logs, sendsLast = true, stops = [], undo = [] } = parts;
  const exports = [spans ?? [], logs ?? []].flat();
  let stopped: Promise<void> | undefined;
  let isEndSaid = false;
  const counters = () => ({
    spans: { destinations: spans?.counters() ?? [] },
    logs: { destinations: logs?.counters() ?? [] },
  });
  const sayEnd = () => {
    const end = isEndSaid ? undefined : describeEnd(counters());
    isEndSaid = true;
    if (end) log[end.isLossless ? 'info' : 'warn'](end.fields, end.message);
  };
  const sayUnclean = (error: unknown) => log.error({ err: error }, 'Telemetry did not stop cleanly');
  const callOnce = (functions: (() => void)[]) => {
    for (const each of functions.splice(0)) {
      try {
        each();
      } catch (error) {
        sayUnclean(error); // a host's instrumentation: the last spans are sent all the same
      }
    }
  };
  const stop = async () => {
    endOpenSpans();
    callOnce(stops);
    await Promise.all(exports.map((each) => each.shutdown(SHUTDOWN_TIMEOUT_MS)));
    await provider?.shutdown();
    callOnce(undo);
    running.value = undefined;
    standDown.value = undefined;
    sayEnd();
    stopListening();
  };
  const telemetry: Telemetry = {
    settings,
    log,
    counters,
    async flush({ endOpenSpans: isLast = false } = {}) {
      if (isLast) endOpenSpans('timeout');
      await held(Promise.all([provider?.forceFlush(), ...exports.map((each) => each.flush())]));
    },
    shutdown() {
      stopped ??= held(stop()).catch(sayUnclean);
      return stopped;
    },
  };
  const sendLast = () => {
    const requests = exports.flatMap((each) => each.lastRequests());
    if (requests.length === 0) return;
    try {
      sendByThread(requests, LAST_MS);
    } catch (error) {
      for (const { done } of requests) done(undefined);
      log.info(
        { err: error },
        'This process may make no thread that sends its last spans: what the disk takes of them waits for the next start',
      );
    }
  };
  const end = (isSent: boolean) => {
    endOpenSpans();
    callOnce(stops);
    if (isSent && sendsLast) sendLast();
    for (const each of exports) each.spillSync();
    sayEnd();
  };
  const stopListening = endWithProcess(telemetry, end);
  const keep = () => {
    for (const each of exports) quietly(() => each.spillSync(false));
  };
  if (!isMainThread) {
    keepWaiting.value = keep;
    undo.push(beforeBlocking(keep), () => (keepWaiting.value = undefined));
  }
  running.value = telemetry;
  standDown.value = () => {
    callOnce(stops);
    callOnce(undo);
  };
  return telemetry;
}
