import type { Fault, Promised } from '../fault.ts';
import { SPANS, TIMED_OUT, UNNOTICED } from '../fault.ts';

/** What some proxies answer for a server that is away. */
const HTML = '<html><body>502 Bad Gateway</body></html>';

/** The circuit opens within some requests, and a probe closes it again. */
const USUAL = { recoversWithin: 5, deliversWithin: 5, loses: 'nothing', isMixed: true } as const;

/** Pages without names, and no new activities. `error` is that of the call's span: none where the answer is a 200. */
function withoutNames(error: string | undefined, reason: string, hasException = true): Promised {
  return {
    reads: ['200 degraded'],
    writes: ['503 with Retry-After'],
    errors: [
      ...(error === undefined ? [] : [{ span: SPANS.users, type: error, hasException }]),
      { span: SPANS.create, hasException: true },
    ],
    reasons: ['circuit_open', reason],
  };
}

export const userLookupFaults: readonly Fault[] = [
  {
    ...USUAL,
    name: 'user-lookup-dead',
    what: 'user-lookup is killed (SIGKILL), and started again',
    promised: withoutNames('ECONNREFUSED', 'unreachable'),
    loses: 'last 500 ms',
    async inject(stage) {
      await stage.wayToUserLookup.become('refuse'); // as its own port does
      await stage.kill(stage.pair.userLookup);
    },
    async mend(stage) {
      await stage.restartWhatEnded();
      await stage.wayToUserLookup.become('forward');
    },
  },
  {
    ...USUAL,
    name: 'user-lookup-refusing',
    what: 'its port refuses connections, and those that there are are cut',
    promised: withoutNames('ECONNREFUSED', 'unreachable'),
    inject: (stage) => stage.wayToUserLookup.become('refuse'),
    mend: (stage) => stage.wayToUserLookup.become('forward'),
  },
  {
    ...USUAL,
    name: 'user-lookup-slow',
    what: 'its answers come 300 ms later',
    promised: UNNOTICED,
    inject: (stage) => stage.wayToUserLookup.become({ delayMs: 300 }),
    mend: (stage) => stage.wayToUserLookup.become('forward'),
  },
  {
    ...USUAL,
    name: 'user-lookup-hanging',
    what: 'it is stopped (SIGSTOP): connections are taken, nothing is answered',
    promised: withoutNames(TIMED_OUT, 'timeout'),
    inject: (stage) => stage.pair.userLookup.child.kill('SIGSTOP'),
    mend: (stage) => stage.pair.userLookup.child.kill('SIGCONT'),
  },
  {
    ...USUAL,
    name: 'user-lookup-vanished',
    what: 'its connections are cut without a word (no FIN, no RST)',
    promised: withoutNames(TIMED_OUT, 'timeout'),
    inject: (stage) => stage.wayToUserLookup.become('swallow'),
    mend: (stage) => stage.wayToUserLookup.become('forward'),
  },
  {
    ...USUAL,
    name: 'user-lookup-500',
    what: 'it answers 500',
    promised: withoutNames('500', 'http_500', false),
    inject: (stage) => stage.wayToUserLookup.become({ answer: answer('500 Internal Server Error', '{}') }),
    mend: (stage) => stage.wayToUserLookup.become('forward'),
  },
  {
    ...USUAL,
    name: 'user-lookup-rubbish',
    what: 'it answers 200 with the HTML of a proxy',
    promised: withoutNames(undefined, 'invalid_response'),
    inject: (stage) => stage.wayToUserLookup.become({ answer: answer('200 OK', HTML) }),
    mend: (stage) => stage.wayToUserLookup.become('forward'),
  },
  {
    ...USUAL,
    name: 'user-lookup-half-closed',
    what: 'it takes requests and ends the connection (FIN) without an answer',
    promised: withoutNames('UND_ERR_SOCKET', 'unreachable'),
    inject: (stage) => stage.wayToUserLookup.become('half-close'),
    mend: (stage) => stage.wayToUserLookup.become('forward'),
  },
];

function answer(status: string, body: string): string {
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
}
