import { monitorEventLoopDelay } from 'node:perf_hooks';
import { renderFamily } from './render-family.ts';

const CPU = {
  name: 'process_cpu_seconds_total',
  type: 'counter',
  help: 'CPU time, user and system.',
} as const;

const MEMORY = { name: 'process_resident_memory_bytes', type: 'gauge', help: 'Resident memory.' } as const;

const START = {
  name: 'process_start_time_seconds',
  type: 'gauge',
  help: 'When the process started, in seconds since the epoch.',
} as const;

const DELAY_P99 = {
  name: 'nodejs_eventloop_delay_p99_seconds',
  type: 'gauge',
  help: 'How late the event loop turned, 99th percentile of the last one to two minutes.',
} as const;

const DELAY_MAX = {
  name: 'nodejs_eventloop_delay_max_seconds',
  type: 'gauge',
  help: 'How late the event loop turned at the most, in the last one to two minutes.',
} as const;

/** How often the event loop's delay is measured, in milliseconds: 50 times a second, under 0.1 % of a core. */
const RESOLUTION_MS = 20;

/** How long a slow turn of the event loop stays visible at least, in milliseconds. */
const WINDOW_MS = 60_000;

/** CPU, memory and event loop of this process, until `stop`. */
export interface ProcessMetrics {
  /** In Prometheus' text format, under the names that its client libraries use. */
  render(): string;
  stop(): void;
}

/** Starts to measure the delay of the event loop. */
export function watchProcess(): ProcessMetrics {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  let before = { max: 0, p99: 0 };
  const timer = setInterval(() => {
    before = readDelays(delays);
    delays.reset();
  }, WINDOW_MS).unref();

  return {
    render() {
      const { user, system } = process.cpuUsage();
      const now = readDelays(delays);
      return [
        renderFamily(CPU, [[{}, (user + system) / 1e6]]),
        renderFamily(MEMORY, [[{}, process.memoryUsage.rss()]]),
        renderFamily(START, [[{}, Math.round(performance.timeOrigin) / 1000]]),
        renderFamily(DELAY_P99, [[{}, Math.max(before.p99, now.p99)]]),
        renderFamily(DELAY_MAX, [[{}, Math.max(before.max, now.max)]]),
      ].join('');
    },
    stop() {
      clearInterval(timer);
      delays.disable();
    },
  };
}

/** In seconds. The histogram holds the time between two measurements; what exceeds the interval is delay. */
function readDelays(delays: ReturnType<typeof monitorEventLoopDelay>): { max: number; p99: number } {
  if (delays.count === 0) return { max: 0, p99: 0 };
  const delayOf = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000);
  return { max: delayOf(delays.max), p99: delayOf(delays.percentile(99)) };
}
