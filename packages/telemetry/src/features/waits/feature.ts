import type { TelemetrySettings } from '../../process/settings/index.ts';
import { calls, hear } from '../../road/http/call.ts';
import { writeAnswerOf } from './answer.ts';
import { writePartsOf } from './call-parts.ts';
import { noteTurn, takeTimes, watchConnecting, watchUndiciSockets } from './connecting.ts';
import { keepAnswer, noteRequest } from './last-answer.ts';
import { Stalls } from './stalls.ts';

/** TRACE_WAITS: spans say how long their process stood still, how long their call waited for a connection, and which answers wait. */
export const waits = {
  step: (settings: TelemetrySettings) => (settings.waits ? new Stalls() : undefined),
  listen: (settings: TelemetrySettings) => (settings.waits ? hearCalls() : undefined),
};

function hearCalls(): () => void {
  const stops = [
    hear(calls.callCreated, noteTurn),
    hear(calls.callSent, takeTimes),
    hear(calls.callEnding, writePartsOf),
    hear(calls.connectionOpens, watchConnecting),
    watchUndiciSockets(),
    hear(calls.requestStarts, noteRequest),
    hear(calls.answered, keepAnswer),
    hear(calls.answerEnded, writeAnswerOf),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
