import type { SpanStore } from '../../src/core/store/store.ts';
import type { PlainSpan } from '../spans.ts';
import { randomId, storeSpans } from '../spans.ts';

export interface TrafficOptions {
  readonly traces?: number;
  /** Seconds that they spread over, up to now. By default, all are in the last ten minutes for three minutes more. */
  readonly seconds?: number;
  /** Milliseconds since the epoch. */
  readonly now?: number;
}

const users = ['andrewbrown', 'bayko', 'londo', 'worf', 'tasha'];

/**
 * Requests as the pair of services sends them: feeds and single activities, from several users. Those of `worf`
 * wait half a second for the database, and every fifteenth profile fails.
 */
export async function sendTraffic(store: SpanStore, options: TrafficOptions = {}): Promise<void> {
  const { traces = 200, seconds = 420, now = Date.now() } = options;
  const next = random(7);
  const spans = Array.from({ length: traces }, (_, i) => {
    const at = now - 2000 - ((traces - 1 - i) / traces) * seconds * 1000;
    return request(i, BigInt(Math.round(at)) * 1_000_000n, next);
  });
  await storeSpans(store, spans.flat());
}

/** One request's spans, the root first. */
function request(i: number, start: bigint, next: () => number): PlainSpan[] {
  const traceId = randomId(16);
  const user = users[Math.floor(next() * users.length)] ?? '';
  const profile = i % 3 === 2;
  const fails = profile && i % 15 === 2;
  const slow = user === 'worf' && !profile;
  const lookup = 3 + next() * 9;
  const query = slow ? 420 + next() * 160 : 1 + next() * 6;
  const total = query + lookup + 4 + next() * 8;
  const [root, data, db, client, server] = Array.from({ length: 5 }, () => randomId(8));
  const route = profile ? '/api/activities/@:handle' : '/api/activities/home';
  const ms = (value: number) => start + BigInt(Math.round(value * 1e6));
  const ids = { 'user.id': user };
  const api = { traceId, service: 'activities-api', resource: { 'service.version': '0.1.0' } };
  return [
    {
      ...api,
      spanId: root ?? '',
      name: `GET ${route}`,
      kind: 2,
      start,
      durationMs: total,
      attributes: {
        ...ids,
        'http.route': route,
        'http.request.method': 'GET',
        'http.response.status_code': fails ? 500 : 200,
        'url.path': profile ? `/api/activities/@${user}` : route,
      },
      ...(fails && { status: 2 as const, statusMessage: 'user-lookup answered 503' }),
    },
    {
      ...api,
      spanId: data ?? '',
      parentSpanId: root ?? '',
      name: 'home-activities-data',
      start: ms(1),
      durationMs: total - 2,
      attributes: { ...ids, 'app.now': new Date(Number(start / 1_000_000n)).toISOString(), outer: true },
    },
    {
      ...api,
      spanId: db ?? '',
      parentSpanId: data ?? '',
      name: 'SELECT activities',
      kind: 3,
      start: ms(1.5),
      durationMs: query,
      attributes: {
        ...ids,
        'db.system.name': 'sqlite',
        'db.query.text': 'select * from "activities" where "expires_at" > ?',
        ...(slow && { 'tandem.fault': 'database:delay=400' }),
      },
    },
    {
      ...api,
      spanId: client ?? '',
      parentSpanId: data ?? '',
      name: 'GET',
      kind: 3,
      start: ms(query + 2),
      durationMs: lookup,
      attributes: { ...ids, 'http.request.method': 'GET', 'server.address': 'localhost' },
      ...(fails && { status: 2 as const }),
    },
    {
      traceId,
      service: 'user-lookup',
      spanId: server ?? '',
      parentSpanId: client ?? '',
      name: 'GET /api/users',
      kind: 2,
      start: ms(query + 3),
      durationMs: lookup - 2,
      attributes: { ...ids, 'http.route': '/api/users', 'http.response.status_code': fails ? 503 : 200 },
      ...(fails && {
        status: 2 as const,
        events: [
          {
            name: 'exception',
            attributes: { 'exception.type': 'Error', 'exception.message': 'no connection to the database' },
          },
        ],
      }),
    },
  ];
}

/** Numbers from 0 to 1 that are the same in every run (a linear congruential generator). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
