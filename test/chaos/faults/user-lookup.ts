import type { Cause, Fault, Promised } from '../fault.ts';
import { UNNOTICED, way } from '../fault.ts';

/** Some proxies answer like this for an absent server. */
const HTML = '<html><body>502 Bad Gateway</body></html>';
/** `error.type` of a call without an answer in time. */
const TIMED_OUT = 'timeout';

const DEAD: Cause = {
  async inject(stage) {
    await stage.wayToUserLookup.become('refuse'); // as its own port does
    await stage.kill(stage.pair.userLookup);
  },
  async mend(stage) {
    await stage.restartWhatEnded();
    await stage.wayToUserLookup.become('forward');
  },
};
const STOPPED: Cause = {
  inject: (stage) => stage.pair.userLookup.child.kill('SIGSTOP'),
  mend: (stage) => stage.pair.userLookup.child.kill('SIGCONT'),
};
const TO = 'wayToUserLookup';

/** Pages without names, and no new activities. `error` is the error of the call's span; a 200 has none. */
function withoutNames(reason: string, error?: string): Promised {
  const shows = [
    ...(error === undefined ? [] : [`GET /api/users ${error}`]),
    'POST /api/activities USER_LOOKUP_UNAVAILABLE',
    'app.degraded_reason circuit_open',
    `app.degraded_reason ${reason}`,
  ];
  return { ...UNNOTICED, reads: ['200 degraded'], writes: ['503 with Retry-After'], shows };
}

export const userLookupFaults: readonly Fault[] = [
  {
    name: 'user-lookup-dead',
    what: 'user-lookup gets SIGKILL, and restarts',
    promised: { ...withoutNames('unreachable', 'ECONNREFUSED'), loses: 'the last 500 ms before the kill' },
    cause: DEAD,
  },
  {
    name: 'user-lookup-refusing',
    what: 'its port refuses connections, and cuts open connections',
    promised: withoutNames('unreachable', 'ECONNREFUSED'),
    cause: way(TO, 'refuse'),
  },
  {
    name: 'user-lookup-slow',
    what: 'its answers come 300 ms later',
    promised: UNNOTICED,
    cause: way(TO, { delayMs: 300 }),
  },
  {
    name: 'user-lookup-hanging',
    what: 'it stands still (SIGSTOP): it takes connections and answers nothing',
    promised: withoutNames('timeout', TIMED_OUT),
    cause: STOPPED,
  },
  {
    name: 'user-lookup-vanished',
    what: 'its connections end without FIN and RST, as after a pulled cable',
    promised: withoutNames('timeout', TIMED_OUT),
    cause: way(TO, 'swallow'),
  },
  {
    name: 'user-lookup-500',
    what: 'it answers 500',
    promised: withoutNames('http_500', '500'),
    cause: way(TO, { answer: answer('500 Internal Server Error', '{}') }),
  },
  {
    name: 'user-lookup-rubbish',
    what: 'it answers 200 with the HTML of a proxy',
    promised: withoutNames('invalid_response'),
    cause: way(TO, { answer: answer('200 OK', HTML) }),
  },
  {
    name: 'user-lookup-half-closed',
    what: 'it takes requests and ends the connection (FIN) without an answer',
    promised: withoutNames('unreachable', 'UND_ERR_SOCKET'),
    cause: way(TO, 'half-close'),
  },
];

function answer(status: string, body: string): string {
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
}
