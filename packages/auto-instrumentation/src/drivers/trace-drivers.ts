import { listenTo } from '@tandem/http-spans';
import type { DriverMessage } from './commands.ts';
import { COMMANDS } from './commands.ts';
import { driverSpans } from './driver-spans.ts';

/** Tracing channels of connections. The other channels are of commands. */
const CONNECTIONS = ['ioredis:connect', 'mysql2:pool:connect', 'node-redis:connect'];

/** The events of a tracing channel (Node.js, diagnostics_channel, "TracingChannel"). */
const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;

/**
 * Makes a CLIENT span of each command of a driver that publishes its commands. After an unreadable message, drivers have no
 * more spans, and the process goes on. Returns how to stop.
 */
export function traceDrivers(): () => void {
  const take = (channel: string, event: keyof typeof driverSpans) => (message: DriverMessage) => {
    try {
      driverSpans[event](channel, message);
    } catch {
      stop();
    }
  };
  const listeners = [...Object.keys(COMMANDS), ...CONNECTIONS].flatMap((channel) =>
    EVENTS.map((event) => [`tracing:${channel}:${event}`, take(channel, event)]),
  );
  const stop = listenTo({
    ...Object.fromEntries(listeners),
    'node-redis:pool:connection-wait': take('', 'wait'),
  });
  return stop;
}
