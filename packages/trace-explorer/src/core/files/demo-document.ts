import { randomBytes } from 'node:crypto';
import { keyValue } from './foreign/otlp-json.ts';

/** Requests of the demo, and the milliseconds between them. */
const REQUESTS = 24;
const APART_MS = 50_000;
/** SpanKind and StatusCode, as OTLP counts them. */
const [INTERNAL, SERVER, CLIENT] = [1, 2, 3];
const ERROR = { code: 2 };
const DEPLOYED = { 'service.version': '1.0.0', 'deployment.environment.name': 'demo' };
const THROWN = { 'exception.type': 'DatabaseError', 'exception.message': 'the database is locked' };
const [API, USERS] = ['activities-api', 'user-lookup'];

type Values = Readonly<Record<string, string | number>>;
const attributesOf = (values: Values) => Object.entries(values).map(([key, value]) => keyValue(key, value));

/**
 * Requests of two services as one document of OTLP JSON. One of six waits for its database; three fail in the second service.
 * @param now milliseconds since the epoch, shortly after the last request
 */
export function demoDocument(now: number): unknown {
  const requests = Array.from({ length: REQUESTS }, (_, turn) =>
    homeRequest(turn, now - 2000 - (REQUESTS - 1 - turn) * APART_MS),
  );
  return { resourceSpans: requests.flat() };
}

function homeRequest(turn: number, start: number): unknown[] {
  const asked = turn % 6 === 3 ? 300 + 10 * turn : 6 + (turn % 4);
  const end = asked + 6 + ((turn * 7) % 5);
  const failure = turn % 8 === 4 ? { 'error.type': 'DatabaseError' } : undefined;
  const http = (path: string, failed = 500): Values => ({
    'http.request.method': 'GET',
    'http.route': path,
    'url.path': path,
    'http.response.status_code': failure ? failed : 200,
    ...(failure && { 'error.type': String(failed) }),
  });
  const sql = (table: string): Values => ({
    'db.system.name': 'sqlite',
    'db.query.text': `SELECT * FROM ${table}`,
  });
  const { 'http.route': _, ...call } = http('/api/users');
  // Service, the parent's row, name, kind, milliseconds from and to, attributes.
  const rows = [
    [API, -1, 'GET /api/activities/home', SERVER, 0, end + 3, http('/api/activities/home', 502)],
    [API, 0, 'home-activities-data', INTERNAL, 1, end + 1, { ...failure }],
    [API, 1, 'SELECT activities', CLIENT, 2, asked - 1, sql('activities')],
    [API, 1, 'GET', CLIENT, asked, end, { ...call, 'server.address': USERS }],
    [USERS, 3, 'GET /api/users', SERVER, asked + 1, end - 1, http('/api/users')],
    [USERS, 4, 'SELECT users', CLIENT, asked + 2, end - 2, { ...sql('users'), ...failure }],
  ] as const;
  const traceId = randomBytes(16).toString('hex');
  const spanIds = rows.map(() => randomBytes(8).toString('hex'));
  const at = (milliseconds: number) => `${Math.round((start + milliseconds) * 1000)}000`;
  return rows.map(([service = '', parent, name, kind, from, to, values], i) => ({
    resource: { attributes: attributesOf({ 'service.name': service, ...DEPLOYED }) },
    scopeSpans: [
      {
        scope: { name: 'demo' },
        spans: [
          {
            ...{ traceId, spanId: spanIds[i], parentSpanId: spanIds[parent], name, kind },
            ...{ startTimeUnixNano: at(from), endTimeUnixNano: at(to), attributes: attributesOf(values) },
            ...('error.type' in values && { status: ERROR }),
            ...(failure &&
              i === rows.length - 1 && {
                events: [{ name: 'exception', timeUnixNano: at(to), attributes: attributesOf(THROWN) }],
              }),
          },
        ],
      },
    ],
  }));
}
