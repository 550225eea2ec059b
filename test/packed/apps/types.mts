// The types of each entry, checked where nothing is installed but Fastify, the API and the tarball.
import { fastifyTracing, registerTelemetry, withSpan } from '@tandem/telemetry';
import { tracedDialect } from '@tandem/telemetry/kysely';
import { checkHoneycombKey } from '@tandem/telemetry/honeycomb';
import type { telemetry } from '@tandem/telemetry/register';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import Fastify from 'fastify';

export async function uses(): Promise<typeof telemetry> {
  const app = Fastify();
  await app.register(fastifyTracing, { publicEdge: true });
  app.addHook('onRequest', async (request) => void request.opentelemetry().span?.setAttribute('a', request.hostname));
  withSpan('work', { answer: 42 }, (span) => span.addEvent('seen'));
  createTestTelemetry().spans().map(({ name, resource }) => [name, resource.attributes]);
  await checkHoneycombKey({ apiKey: 'none' });
  const parts = { createAdapter: () => 1, createDriver: () => 2, createIntrospector: () => 3 };
  tracedDialect({ ...parts, createQueryCompiler: () => 4 }, { system: 'sqlite' }).createDriver().toFixed();
  return registerTelemetry({ spanProcessors: [] });
}
