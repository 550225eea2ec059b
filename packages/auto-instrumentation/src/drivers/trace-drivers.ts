import { listenTo } from '../process/channels.ts';
import { loadFor } from '../process/optional-package.ts';

/** Tracing channels on which drivers publish their commands (Node.js, diagnostics_channel, "TracingChannel"). */
const NAMES =
  'graphql:execute ioredis:batch ioredis:command ioredis:connect mongoose:aggregate mongoose:model:bulkWrite ' +
  'mongoose:model:insertMany mongoose:model:save mongoose:query mysql2:execute mysql2:pool:connect mysql2:query ' +
  'node-redis:batch node-redis:command node-redis:connect';

/** The entry `./drivers`, by the events of a command. */
interface Drivers {
  readonly driverSpans: Readonly<Record<string, (channel: string, message: object) => void>>;
}

/**
 * Makes a CLIENT span of each command of a driver that publishes its commands. The first command loads the code. After an
 * unreadable message, drivers have no more spans, and the process goes on. Returns how to stop.
 */
export function traceDrivers(): () => void {
  let drivers: Drivers | undefined;
  const take = (channel: string, event: string) => (message: object) => {
    try {
      drivers ??= loadFor<Drivers>(channel, '@tandem/telemetry/drivers');
      drivers.driverSpans[event]?.(channel, message);
    } catch {
      stop();
    }
  };
  const listeners = NAMES.split(' ').flatMap((channel) =>
    ['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((event) => [
      `tracing:${channel}:${event}`,
      take(channel, event),
    ]),
  );
  const stop = listenTo({
    ...Object.fromEntries(listeners),
    'node-redis:pool:connection-wait': take('', 'wait'),
  });
  return stop;
}
