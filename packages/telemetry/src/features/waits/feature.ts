import { hearPools } from '../../drivers/statements/kept-waits.ts';
import type { TelemetrySettings } from '../../process/settings/index.ts';
import { calls, hear } from '../../road/http/call.ts';
import { writePartsOf } from './call-parts.ts';
import { takeTimes, watchConnecting, watchUndiciSockets } from './connecting.ts';
import { Stalls } from './stalls.ts';

/** TRACE_WAITS: spans say how long their process stood still, and how long their call waited for a connection. */
export const waits = {
  step: (settings: TelemetrySettings) => (settings.waits ? new Stalls() : undefined),
  listen: (settings: TelemetrySettings) => (settings.waits ? hearCalls() : undefined),
};

function hearCalls(): () => void {
  const stops = [
    hear(calls.callSent, takeTimes),
    hear(calls.callEnding, writePartsOf),
    hear(calls.connectionOpens, watchConnecting),
    hearPools(),
    watchUndiciSockets(),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
