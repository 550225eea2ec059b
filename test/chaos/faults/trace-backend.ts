import { setTimeout as sleep } from 'node:timers/promises';
import { TraceResponse } from '@tandem/otlp/testing';
import type { Cause, Fault, Promised } from '../fault.ts';
import { UNNOTICED, way } from '../fault.ts';
import type { Stage } from '../stage.ts';
import { TAKEN } from '../stage.ts';

/** Kept spans are sent after a back-off of up to 5 s; a hanging request ends after 10 s. */
const LATER: Promised = { ...UNNOTICED, answersWithin: 1, spansWithin: 20 };
const REFUSED: Promised = { ...LATER, loses: 'refused spans' };
/** The backend answers 413 to more spans than this in one request. */
const FEW_SPANS = 16;

/** Sets the backend's answers during the fault, and which spans a 2xx takes. */
function answers(...how: Parameters<Stage['answerSpans']>): Cause {
  return {
    inject: (stage) => stage.answerSpans(...how),
    mend: (stage) => stage.answerSpans(() => TAKEN),
  };
}

export const traceBackendFaults: readonly Fault[] = [
  {
    name: 'trace-backend-down',
    what: 'its port refuses connections, and cuts open connections',
    promised: LATER,
    cause: way('wayToBackend', 'refuse'),
  },
  {
    name: 'trace-backend-vanished',
    what: 'its connections end without FIN and RST, as after a pulled cable',
    promised: LATER,
    cause: way('wayToBackend', 'swallow'),
  },
  {
    name: 'trace-backend-hanging',
    what: 'it takes requests and never answers them',
    promised: LATER,
    cause: answers(() => 'hang'),
  },
  {
    name: 'trace-backend-slow',
    what: 'it answers 2 s later',
    promised: LATER,
    cause: answers(() => sleep(2000, TAKEN)),
  },
  {
    name: 'trace-backend-resetting',
    what: 'it reads requests and resets their connections',
    promised: LATER,
    cause: answers(() => 'reset'),
  },
  {
    name: 'trace-backend-cut-off',
    what: 'it answers 200, and the connection breaks in the middle of the body',
    promised: LATER,
    cause: answers(() => ({ status: 200, isCut: true })),
  },
  {
    name: 'trace-backend-429',
    what: 'it answers 429 with Retry-After: 1',
    promised: LATER,
    cause: answers(() => ({ status: 429, headers: { 'retry-after': '1' } })),
  },
  {
    name: 'trace-backend-503',
    what: 'it answers 503',
    promised: LATER,
    cause: answers(() => ({ status: 503 })),
  },
  {
    name: 'trace-backend-500',
    what: 'it answers 500',
    promised: LATER,
    cause: answers(() => ({ status: 500 })),
  },
  {
    name: 'trace-backend-520',
    what: 'it answers 520, as a proxy before a broken backend',
    promised: LATER,
    cause: answers(() => ({ status: 520 })),
  },
  {
    name: 'trace-backend-413',
    what: `it answers 413 to more than ${FEW_SPANS} spans at a time`,
    promised: LATER,
    cause: answers(({ spans }) => (spans.length > FEW_SPANS ? { status: 413 } : TAKEN)),
  },
  {
    name: 'trace-backend-401',
    what: 'it answers 401, as to a wrong key',
    promised: LATER,
    cause: answers(() => ({ status: 401 })),
  },
  {
    name: 'trace-backend-login-page',
    what: 'it answers 200 with the HTML of a login page',
    promised: LATER,
    cause: answers(
      () => ({ ...TAKEN, body: '<!doctype html><title>Sign in</title>' }),
      () => [],
    ),
  },
  {
    name: 'trace-backend-partial',
    what: 'it answers 200 and rejects all spans (partial success)',
    promised: REFUSED,
    cause: answers(
      ({ spans }) => ({ ...TAKEN, body: rejecting(spans.length) }),
      () => [],
    ),
  },
];

function rejecting(rejectedSpans: number): Uint8Array {
  const partialSuccess = { rejectedSpans, errorMessage: 'no room' };
  return TraceResponse.encode(TraceResponse.fromObject({ partialSuccess })).finish();
}
