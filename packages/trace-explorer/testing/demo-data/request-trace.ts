import type { PlainAttributes } from '@tandem/otlp/testing';
import type { DemoRandom } from './random-ids.ts';
import type { DemoDatabase, DemoRoute, DemoService } from './services.ts';
import { EXCEPTIONS } from './stacks.ts';
import type { TraceBuilder } from './trace-builder.ts';
import { Kind, serverAttributes } from './trace-builder.ts';

/** The user whose requests take ten times as long as others'. */
export const SLOW_USER = 'ingrid.sørensen';
const SLOW_FACTOR = 10;
const FIRST_NAMES = [
  'amara',
  'björn',
  'chloé',
  'dmitri',
  'elif',
  'farid',
  'grace',
  'hiroshi',
  'inês',
  '美咲',
];
const LAST_NAMES = [
  'okafor',
  'lindqvist',
  'dubois',
  'petrov',
  'yılmaz',
  'haddad',
  'hopper',
  'tanaka',
  'silva',
];

/** Between a client and its server, milliseconds each way. */
const NETWORK_MS = 0.3;

/** One of about ninety users; of `turn`s, the requests one after another, every fortieth is the slow one's. */
export function pickUser(random: DemoRandom, turn: number): string {
  if (turn % 40 === 11) return SLOW_USER;
  return `${random.pick(FIRST_NAMES)}.${random.pick(LAST_NAMES)}`;
}

interface Call {
  readonly service: DemoService;
  readonly parent: string | undefined;
  readonly startMs: number;
  readonly user: string;
}

/**
 * A request as it goes through the layers: a SERVER span per service, CLIENT spans for what it calls, statements of
 * its database. Which services a service calls goes in turns, so that enough requests reach them all.
 */
export class RequestTraces {
  readonly #turns = new Map<DemoService, number>();

  /** Adds the request to `trace`. */
  add(trace: TraceBuilder, service: DemoService, user: string): void {
    this.#serve(trace, { service, parent: undefined, startMs: 0, user });
  }

  /** Adds what the service does for one request. Milliseconds it took, and whether it failed. */
  #serve(trace: TraceBuilder, { service, parent, startMs, user }: Call): { took: number; failed: boolean } {
    const { random } = trace;
    const slower = user === SLOW_USER ? SLOW_FACTOR : 1;
    const route = random.pick(service.routes);
    const spanId = random.id(8);
    let now = startMs + slower * random.duration(route.workMs * 0.5);
    let failed = random.chance(route.failing);
    const cause = failed ? random.pick(EXCEPTIONS) : undefined;
    if (service.database !== undefined) {
      now += addStatement(trace, service, service.database, { parent: spanId, startMs: now, user, slower });
    }
    for (const callee of this.#callees(service)) {
      const called = this.#call(trace, { service, parent: spanId, startMs: now, user }, callee);
      now += called.took;
      failed ||= called.failed && random.chance(0.7);
      if (failed) break;
    }
    now += slower * random.duration(route.workMs * 0.5);
    const status = failed ? random.pick([500, 502, 503]) : random.chance(0.03) ? 404 : 200;
    trace.add(service, {
      spanId,
      parent,
      name: `${route.method} ${route.route}`,
      kind: Kind.server,
      startMs,
      durationMs: now - startMs,
      attributes: requestAttributes(route, status, user, random),
      ...(failed && {
        status: 2 as const,
        ...(cause && { statusMessage: cause['exception.message'] }),
      }),
      ...(cause && { events: [{ name: 'exception', time: trace.at(now - 0.2), attributes: cause }] }),
      scope: { name: '@opentelemetry/instrumentation-http', version: '0.223.0' },
    });
    return { took: now - startMs, failed };
  }

  /** A CLIENT span around what the callee does. */
  #call(trace: TraceBuilder, { service, parent, startMs, user }: Call, callee: DemoService) {
    const spanId = trace.random.id(8);
    const served = this.#serve(trace, {
      service: callee,
      parent: spanId,
      startMs: startMs + NETWORK_MS,
      user,
    });
    const took = served.took + 2 * NETWORK_MS;
    trace.add(service, {
      spanId,
      parent,
      name: 'GET',
      kind: Kind.client,
      startMs,
      durationMs: took,
      attributes: {
        'http.request.method': 'GET',
        'server.address': `${asciiName(callee.name)}.internal`,
        'server.port': 8080,
        'url.full': `http://${asciiName(callee.name)}.internal:8080/`,
        'http.response.status_code': served.failed ? 503 : 200,
        'user.id': user,
        ...(served.failed && { 'error.type': '503' }),
      },
      ...(served.failed && { status: 2 as const }),
      scope: { name: '@opentelemetry/instrumentation-undici', version: '0.33.0' },
    });
    return { took, failed: served.failed };
  }

  /** Up to two of the services that it calls, other ones at each request. */
  #callees(service: DemoService): DemoService[] {
    const { calls } = service;
    if (calls.length === 0) return [];
    const turn = this.#turns.get(service) ?? 0;
    this.#turns.set(service, turn + 2);
    return [...new Set([turn, turn + 1].flatMap((at) => calls[at % calls.length] ?? []))];
  }
}

function addStatement(
  trace: TraceBuilder,
  service: DemoService,
  { system, namespace, statementMs }: DemoDatabase,
  { parent, startMs, user, slower }: { parent: string; startMs: number; user: string; slower: number },
): number {
  const durationMs = slower * trace.random.duration(statementMs);
  const summary = system === 'redis' ? 'GET' : `SELECT ${namespace}`;
  trace.add(service, {
    parent,
    name: summary,
    kind: Kind.client,
    startMs,
    durationMs,
    attributes: {
      'db.system.name': system,
      'db.namespace': namespace,
      'db.operation.name': summary.split(' ')[0] ?? '',
      'db.query.summary': summary,
      'db.query.text':
        system === 'redis'
          ? 'GET ?'
          : `select id, body, updated_at from ${namespace} where owner = $1 limit $2`,
      'server.address': `${system}.internal`,
      'user.id': user,
    },
    scope: { name: `@opentelemetry/instrumentation-${system}`, version: '0.60.0' },
  });
  return durationMs;
}

function requestAttributes(
  route: DemoRoute,
  status: number,
  user: string,
  random: DemoRandom,
): PlainAttributes {
  return serverAttributes(route.method, route.route, status, {
    'user.id': user,
    'client.address': `203.0.113.${random.below(255)}`,
    'app.cart_size': random.below(12),
    'app.feature_flags': ['new-checkout', ...(random.chance(0.3) ? ['faster-search'] : [])],
  });
}

/** What can stand in a host's name. */
function asciiName(name: string): string {
  return name.replace(/[^a-zA-Z0-9.-]+/g, '-').toLowerCase();
}
