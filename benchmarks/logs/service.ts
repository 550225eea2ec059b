import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import { tellPort } from '../lib/tell-port.ts';

/**
 * The service under test, the same for every variant: a request writes ten lines with pino, of which Fastify writes the
 * first and the last, all within a span. The exporter of the lines was loaded before.
 *
 * Its libraries are loaded with `require`, because that is where hooks are at their best.
 */
const require = createRequire(import.meta.url);
const fastify = require('fastify');
const pino = require('pino');
const { context, trace, ROOT_CONTEXT } = require('@opentelemetry/api');

/** Where a preloaded variant leaves what pino writes to, if that is not standard output alone. */
const destination: unknown = Reflect.get(globalThis, Symbol.for('tandem.logs.destination'));

// Lines name their span in every variant: standard output would be of little use without.
const mixin = () => {
  const spanContext = trace.getActiveSpan()?.spanContext();
  return spanContext === undefined
    ? {}
    : { trace_id: spanContext.traceId, span_id: spanContext.spanId, trace_flags: '01' };
};
const loggerInstance = destination === undefined ? pino({ mixin }) : pino({ mixin }, destination);

let requests = 0;
const serverFactory: FastifyServerOptions['serverFactory'] = (handler) =>
  createServer((request, response) => {
    const id = (++requests).toString(16).padStart(16, '0');
    const spanContext = { traceId: `0af76519${id}0af76519`, spanId: id, traceFlags: 1 };
    context.with(trace.setSpanContext(ROOT_CONTEXT, spanContext), () => handler(request, response));
  });

const app: FastifyInstance = fastify({ loggerInstance, serverFactory });
app.get('/activities/:handle', async function listActivities(request) {
  const { handle } = request.params as { handle: string };
  const { log } = request;
  log.info('activities are read');
  log.info({ handle, rows: 20, cached: false }, 'activities read');
  log.info(
    { user: { handle, id: '2f1b8b5e-4d6a-4c3a-9d57-6a1b7a9d1c11' }, took_ms: 1.25 },
    'author looked up',
  );
  log.warn({ attempt: 2, delay_ms: 50, 'error.type': 'ECONNRESET' }, 'user-lookup is asked again');
  log.info(
    { handle, 'cache.key': `author:${handle}`, 'cache.age_ms': 1043 },
    `author of ${handle} from the cache`,
  );
  log.info({ queries: 3, 'db.time_ms': 2.75, tables: ['activities', 'users'] }, 'statements run');
  log.info({ handle, likes: 12, replies: 3 }, 'activity shown');
  log.info({ bytes: 2048, etag: '"33a64df551425fcc55e4d42a148795d9f25f89d4"' }, 'page made');
  return { handle, activities: [] };
});
await app.listen({ host: '127.0.0.1', port: 0 });
tellPort(app.server);
