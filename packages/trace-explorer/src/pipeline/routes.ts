import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { ExportMetrics } from './parse-metrics.ts';
import { parseMetrics } from './parse-metrics.ts';

/** A service whose `/metrics` tell what became of its spans. */
export interface ObservedService {
  readonly name: string;
  /** Base URL. */
  readonly url: string;
}

export interface ServiceHealth extends ExportMetrics {
  readonly name: string;
  /** False when nothing answers there, or it gives no such metrics. */
  readonly reachable: boolean;
  /** True when nothing listens there, so that it does not run. */
  readonly stopped: boolean;
}

const count = Type.Number();
const exports = {
  exported: count,
  waiting: count,
  rejected: count,
  dropped: count,
  reasons: Type.Record(Type.String(), count),
};
const Pipeline = Type.Object({
  services: Type.Array(
    Type.Object({
      name: Type.String(),
      reachable: Type.Boolean({ description: 'false when the service gives no metrics' }),
      stopped: Type.Boolean({ description: 'true when nothing listens at its address' }),
      destinations: Type.Array(
        Type.Object({
          name: Type.String(),
          ...exports,
          logs: Type.Optional(Type.Object(exports, { description: 'the same of log records' })),
          lastError: Type.Optional(Type.String()),
        }),
      ),
      arrivals: Type.Optional(
        Type.Object(
          { none: count, sampled: count, unsampled: count },
          { description: 'requests by what their caller says about sampling; unsampled ones make no spans' },
        ),
      ),
      circuits: Type.Optional(
        Type.Array(
          Type.Object({
            name: Type.String({ description: 'what is called' }),
            state: Type.Enum(['closed', 'open', 'half_open']),
            rejected: Type.Number({ description: 'calls that were not made' }),
          }),
          { description: 'circuit breakers in front of other services' },
        ),
      ),
      honeycomb: Type.Optional(
        Type.Object(
          {
            team: Type.String(),
            environment: Type.String({ description: 'empty for classic teams' }),
            region: Type.String({ description: 'us, eu, or other: a proxy stands in between' }),
          },
          { description: 'whose key the service sends with, once Honeycomb has accepted it' },
        ),
      ),
    }),
  ),
});

/** Milliseconds that a service may take: it runs on the same machine. */
const TIMEOUT_MS = 1000;
/** Milliseconds that an answer is kept, so that a service is asked as often by many open pages as by one. */
const KEPT_MS = 2000;

/** `GET /api/pipeline`: what the services report about their exports. It is read from their metrics; nothing is sent. */
export async function pipelineRoutes(
  instance: FastifyInstance,
  { services }: { services: readonly ObservedService[] },
): Promise<void> {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  let last: { at: number; answer: Promise<ServiceHealth[]> } | undefined;
  app.get(
    '/api/pipeline',
    {
      schema: {
        tags: ['status'],
        summary: 'What became of the spans and log records of each service on their way out',
        response: { 200: Type.Unsafe<{ services: readonly ServiceHealth[] }>(Pipeline) },
      },
    },
    async function showPipeline() {
      if (last === undefined || performance.now() - last.at > KEPT_MS) {
        last = { at: performance.now(), answer: Promise.all(services.map(readHealth)) };
      }
      return { services: await last.answer };
    },
  );
}

async function readHealth({ name, url }: ObservedService): Promise<ServiceHealth> {
  try {
    const response = await fetch(new URL('/metrics', url), {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'error',
      headers: { accept: 'text/plain' },
    });
    const metrics = parseMetrics(response.ok ? await response.text() : '');
    return { name, reachable: metrics.destinations.length > 0, stopped: false, ...metrics };
  } catch (error) {
    return { name, reachable: false, stopped: isRefused(error), destinations: [] };
  }
}

/** Whether an address refused the connection, however many addresses a name has. */
function isRefused(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: unknown } };
  return cause?.code === 'ECONNREFUSED';
}
