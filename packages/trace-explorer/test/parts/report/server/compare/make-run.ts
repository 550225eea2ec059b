import { at, ids } from '../../../../explorer.ts';
import type { PlainSpan } from '../../../../spans.ts';

/** What is different in a run. */
export interface RunOptions {
  readonly requests?: number;
  /** Calls of `GET /api/users` by the route `GET /home`. */
  readonly userCalls?: number;
  /** Added to each `GET /search`. */
  readonly slowerMs?: number;
  /** Share of `GET /search` that fails. */
  readonly failing?: number;
  /** As Python's SDK names spans and attributes of old. */
  readonly python?: boolean;
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ROUTES = ['/home', '/search', '/notifications', '/post/:uuid'];

/**
 * The spans of a run: requests to four routes of `api`, which call the fifth, `GET /api/users` of `users`. How long they take
 * and how often they ask the database depends on their content, which is other in every request.
 */
export function makeRun(
  name: string,
  random: () => number,
  { requests = 300, userCalls = 1, slowerMs = 0, failing = 0, python = false }: RunOptions = {},
): PlainSpan[] {
  const resource = { 'vcs.ref.head.revision': name };
  const id = ids();
  const about = (ms: number) => ms * Math.exp(0.4 * (random() + random() + random() + random() - 2));
  return Array.from({ length: requests }, (_, n) => {
    const route = ROUTES[Math.floor(random() * ROUTES.length)] ?? '';
    const isSearch = route === '/search';
    const own = { traceId: id(`${n}`, 16), start: at(n), resource };
    const attributes = python
      ? { 'http.method': 'GET', 'http.route': route, 'http.target': `${route}?page=${n}` }
      : { 'http.request.method': 'GET', 'http.route': route, 'url.path': route };
    const root = id(`${n} root`);
    const server = (service: string, parent: string | undefined, ms: number, more: Partial<PlainSpan>) => ({
      ...own,
      service,
      kind: 2,
      durationMs: ms,
      ...(parent && { parentSpanId: parent }),
      ...more,
    });
    const query = (service: string, parent: string, statement: string) => ({
      ...own,
      service,
      kind: 3,
      parentSpanId: parent,
      name: statement,
      durationMs: about(2),
      attributes: python ? { 'db.system': 'sqlite' } : { 'db.system.name': 'sqlite' },
    });
    const data = id(`${n} data`);
    const users = Array.from({ length: route === '/home' ? userCalls : 1 }, (_, call) => {
      const [client, answer] = [id(`${n} ${call} client`), id(`${n} ${call} answer`)];
      return [
        {
          ...own,
          service: 'api',
          kind: 3,
          spanId: client,
          parentSpanId: data,
          name: python ? 'HTTP GET' : 'GET',
          durationMs: about(6),
          attributes: { 'server.address': 'users.internal' },
        },
        server('users', client, about(5), {
          spanId: answer,
          name: python ? '/api/users' : 'GET /api/users',
          attributes: { ...attributes, 'http.route': '/api/users' },
        }),
        query('users', answer, 'SELECT users'),
      ];
    });
    return [
      server('api', undefined, about(50) + (isSearch ? slowerMs : 0), {
        spanId: root,
        name: python ? route : `GET ${route}`,
        attributes,
        status: isSearch && random() < failing ? 2 : 0,
      }),
      { ...own, service: 'api', spanId: data, parentSpanId: root, name: 'data', durationMs: 9 },
      ...Array.from({ length: Math.floor(random() * 4) }, () => query('api', data, 'SELECT replies')),
      ...users.flat(),
    ];
  }).flat();
}
