import type { TelemetrySettings } from '../../process/settings/index.ts';
import { answer, calls, hear } from '../../road/http/call.ts';
import { watchPool } from './holders.ts';
import { keepWait, noteTurn, withWait } from './pool-waits.ts';

/** TRACE_WAITS: a command begins with the wait for its connection, and says who held the connections of the pool meanwhile. */
export const pools = {
  listen: (settings: TelemetrySettings) => (settings.waits ? hearPools() : undefined),
};

function hearPools(): () => void {
  const stops = [
    hear(calls.poolAsked, noteTurn),
    hear(calls.poolAsked, watchPool),
    hear(calls.poolGot, keepWait),
    answer('withWait', withWait),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
