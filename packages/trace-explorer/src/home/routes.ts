import type { FastifyInstance } from 'fastify';
import type { SpanStore } from '../store/types.ts';
import { findTraces } from '../traces/find-traces.ts';
import { renderHome } from './render-home.ts';

const newest = { order: 'newest', limit: 25 } as const;

const styles = `body { font: 14px/24px system-ui, sans-serif; font-variant-numeric: tabular-nums; margin: 24px }
main { max-width: 1100px }
h1 { font-size: 20px; margin: 0 0 12px }
caption { text-align: left; font-weight: 600 }
table { border-collapse: collapse }
th { text-align: left; font-weight: 600 }
td, th { padding: 0 16px 0 0 }
`;

/** `GET /` without scripts. The explorer's page takes its place once there is one. */
export async function homeRoutes(
  app: FastifyInstance,
  { store, otlpEndpoint }: { store: SpanStore; otlpEndpoint: string },
): Promise<void> {
  const schema = { hide: true } as const;
  app.get('/', { schema }, async function showHome(_request, reply) {
    const { traces } = await findTraces(store, newest, { timeoutMs: 5000 });
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(renderHome(traces, otlpEndpoint));
  });
  app.get('/home.css', { schema }, async function showStyles(_request, reply) {
    return reply.type('text/css; charset=utf-8').header('cache-control', 'max-age=3600').send(styles);
  });
}
