import { performance } from 'node:perf_hooks';

/**
 * What this package uses of timers, clocks and JSON, taken when it loads. Later, an app may replace them for its tests: fake
 * timers would count ours as the app's, and one that throws would end the process. Lint refuses the globals elsewhere.
 */
export const {
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  queueMicrotask,
  structuredClone,
} = globalThis;

/** Milliseconds since the start of the process, by a clock that nobody sets: `performance.now()`. */
export const monotonicNow: () => number = performance.now.bind(performance);
export const { nodeTiming } = performance;
/** `process.hrtime()`. */
export const hrtime: () => [seconds: number, nanoseconds: number] = process.hrtime.bind(process);

/** The class `Date`. */
export const { Date: OwnDate } = globalThis;
/** Milliseconds since the epoch by the system's clock, as `Date.now()`; and those of a text, as `Date.parse()`. */
export const { now: systemNow, parse: parseDate } = Date;
const { toISOString } = Date.prototype;
/** The system's time as `2026-01-31T12:00:00.000Z`. */
export function isoNow(): string {
  return toISOString.call(new OwnDate(systemNow()));
}

export const { parse: parseJson, stringify: stringifyJson } = JSON;
