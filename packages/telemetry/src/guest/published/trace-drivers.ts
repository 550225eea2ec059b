import { listenTo } from '../../common/channels.ts';
import { load } from '../../process/load.ts';
import { LIBRARIES } from '../libraries.ts';
import type { DriverMessage } from './commands.ts';
import type { driverSpans } from './driver-spans.ts';

/** The tracing channels of commands, connections and pools. */
const CHANNELS: readonly string[] = Object.values(LIBRARIES).flatMap(
  ({ commands = {}, connections = [], pool }) => [
    ...Object.keys(commands),
    ...connections,
    ...(pool === undefined ? [] : [pool.asked]),
  ],
);

/** The events of a tracing channel (Node.js, diagnostics_channel, "TracingChannel"). */
const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;

/**
 * Makes a CLIENT span of each command of a driver that publishes its commands. After an unreadable message, drivers have no
 * more spans, and the process goes on. The code that makes the spans is loaded with the first message.
 *
 * @returns how to stop
 */
export function traceDrivers(): () => void {
  const take = (channel: string, event: keyof typeof driverSpans) => (message: DriverMessage) => {
    try {
      load<typeof import('./index.ts')>('drivers').driverSpans[event](channel, message);
    } catch {
      stop();
    }
  };
  const listeners = CHANNELS.flatMap((channel) =>
    EVENTS.map((event) => [`tracing:${channel}:${event}`, take(channel, event)]),
  );
  const stop = listenTo({
    ...Object.fromEntries(listeners),
    'node-redis:pool:connection-wait': take('', 'wait'),
  });
  return stop;
}
