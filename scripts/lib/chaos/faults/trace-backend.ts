import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TraceResponse } from '@tandem/otlp/testing';
import type { Fault } from '../fault.ts';
import { UNNOTICED } from '../fault.ts';
import type { Certificate, Stage } from '../stage.ts';
import { TAKEN } from '../stage.ts';

/** What was kept is sent after a back-off of up to 5 s, and a request that hangs is given up after 10 s. */
const USUAL = {
  promised: UNNOTICED,
  recoversWithin: 1,
  deliversWithin: 20,
  loses: 'nothing',
  isMixed: true,
} as const;

/** Spans that the backend of 413 takes at a time. */
const FEW_SPANS = 16;
const SLOW_MS = 2000;

const OTHERS_FIXTURES = join(import.meta.dirname, '../../../../packages/telemetry/test/failures/fixtures');
const OWN_FIXTURES = join(import.meta.dirname, '../fixtures');
const TRUSTED = certificate(OTHERS_FIXTURES, 'self-signed');
const STRANGER = certificate(OWN_FIXTURES, 'stranger');

const forward = ({ wayToBackend }: Stage) => wayToBackend.become('forward');
const takeAll = (stage: Stage) => stage.answerSpans(() => TAKEN);

const FAULTS: readonly Fault[] = [
  {
    ...USUAL,
    name: 'trace-backend-down',
    what: 'its port refuses connections, and those that there are are cut',
    inject: ({ wayToBackend }) => wayToBackend.become('refuse'),
    mend: forward,
  },
  {
    ...USUAL,
    name: 'trace-backend-vanished',
    what: 'its connections are cut without a word (no FIN, no RST)',
    inject: ({ wayToBackend }) => wayToBackend.become('swallow'),
    mend: forward,
  },
  {
    ...USUAL,
    name: 'trace-backend-hanging',
    what: 'it takes requests and never answers them',
    inject: (stage) => stage.answerSpans(() => 'hang'),
    mend: takeAll,
  },
  {
    ...USUAL,
    name: 'trace-backend-slow',
    what: `it answers ${SLOW_MS / 1000} s later`,
    inject: (stage) => stage.answerSpans(() => sleep(SLOW_MS, TAKEN)),
    mend: takeAll,
  },
  {
    ...USUAL,
    name: 'trace-backend-resetting',
    what: 'it reads requests and resets their connections',
    inject: (stage) => stage.answerSpans(() => 'reset'),
    mend: takeAll,
  },
  {
    ...USUAL,
    name: 'trace-backend-cut-off',
    what: 'it answers 200, and the connection breaks in the middle of the body',
    inject: (stage) => stage.answerSpans(() => ({ status: 200, isCut: true })),
    mend: takeAll,
  },
  {
    ...USUAL,
    name: 'trace-backend-429',
    what: 'it answers 429 with Retry-After: 1',
    inject: (stage) => stage.answerSpans(() => ({ status: 429, headers: { 'retry-after': '1' } })),
    mend: takeAll,
  },
  {
    ...USUAL,
    name: 'trace-backend-503',
    what: 'it answers 503',
    inject: (stage) => stage.answerSpans(() => ({ status: 503 })),
    mend: takeAll,
  },
  {
    ...USUAL,
    name: 'trace-backend-413',
    what: `it answers 413 to more than ${FEW_SPANS} spans at a time`,
    inject: (stage) => stage.answerSpans(({ spans }) => (spans.length > FEW_SPANS ? { status: 413 } : TAKEN)),
    mend: takeAll,
  },
  {
    ...USUAL,
    name: 'trace-backend-401',
    what: 'it answers 401, as to a wrong key',
    loses: 'what is refused',
    isMixed: false,
    inject: (stage) => stage.answerSpans(() => ({ status: 401 })),
    mend: takeAll,
  },
  {
    ...USUAL,
    name: 'trace-backend-partial',
    what: 'it answers 200 and rejects all spans (partial success)',
    loses: 'what is refused',
    isMixed: false,
    inject: (stage) =>
      stage.answerSpans(
        ({ spans }) => ({ ...TAKEN, body: rejecting(spans.length) }),
        () => [],
      ),
    mend: takeAll,
  },
  {
    ...USUAL,
    name: 'trace-backend-untrusted',
    what: 'its certificate is one that nobody trusts',
    isMixed: false,
    stage: { certificate: TRUSTED },
    inject: (stage) => stage.replaceBackend(STRANGER),
    mend: (stage) => stage.replaceBackend(TRUSTED),
  },
  {
    ...USUAL,
    name: 'trace-backend-without-tls',
    what: 'it answers in plain text where TLS is due',
    isMixed: false,
    stage: { certificate: TRUSTED },
    inject: ({ wayToBackend }) => wayToBackend.become({ answer: 'HTTP/1.1 400 Bad Request\r\n\r\n' }),
    mend: forward,
  },
];

const [DOWN, , HANGING, SLOW] = FAULTS as readonly [Fault, Fault, Fault, Fault, ...Fault[]];

export const traceBackendFaults: readonly Fault[] = [
  ...FAULTS,
  {
    ...USUAL,
    name: 'trace-backend-latency',
    what: 'in turn it works, is down, works, hangs, works, is slow: 2 s each, five times over',
    isMixed: false,
    alternates: [DOWN, HANGING, SLOW],
    inject() {},
    mend() {},
  },
];

function certificate(folder: string, name: string): Certificate {
  return { certFile: join(folder, `${name}.cert.pem`), keyFile: join(folder, `${name}.key.pem`) };
}

function rejecting(spans: number): Uint8Array {
  return TraceResponse.encode(
    TraceResponse.fromObject({ partialSuccess: { rejectedSpans: spans, errorMessage: 'no room' } }),
  ).finish();
}
