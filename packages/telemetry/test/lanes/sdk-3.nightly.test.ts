import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { packPackage } from '../../../../scripts/lib/pack-package.ts';
import { INSTALL_TIMEOUT_MS, npmInstall } from '../../../../test/helpers/npm.ts';

t.setTimeout(INSTALL_TIMEOUT_MS);

/** A service with OpenTelemetry's SDK 3, which keeps its SDK. Prints the ended spans, and the answer's `traceresponse`. */
const SERVICE = `
  import { context, trace } from '@opentelemetry/api';
  import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
  import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
  import { fastifyTracing, withSpan } from '@tandem/telemetry';
  import Fastify from 'fastify';

  const exporter = new InMemorySpanExporter();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
  );
  const app = Fastify();
  await app.register(fastifyTracing);
  app.get('/api/things/:id', () => withSpan('work', {}, async () => 'ok'));
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  const answer = await fetch(origin + '/api/things/1');
  await answer.text();
  await app.close();
  const spans = exporter.getFinishedSpans().map((span) => ({
    name: span.name,
    kind: span.kind,
    parent: span.parentSpanContext?.spanId,
    status: span.attributes['http.response.status_code'],
    ...span.spanContext(),
  }));
  console.log(JSON.stringify({ spans, traceresponse: answer.headers.get('traceresponse') }));
`;

t.test(
  'fastifyTracing and withSpan make their spans with the SDK 3 and API 1.10 of their host',
  async (t) => {
    const directory = t.testdir();
    const tarball = await packPackage('telemetry', directory);
    await npmInstall(directory, [
      tarball,
      'fastify@5.12.8',
      '@opentelemetry/api@1.10.0',
      '@opentelemetry/context-async-hooks@3.1.1',
      '@opentelemetry/sdk-trace@3.1.1',
    ]);
    await writeFile(join(directory, 'service.mjs'), SERVICE);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['service.mjs'], {
      cwd: directory,
    });
    const { spans, traceresponse } = JSON.parse(stdout);
    const [work, server] = spans;
    t.match(server, { name: 'GET /api/things/:id', kind: 1, status: 200 });
    t.match(work, { name: 'work', parent: server.spanId, traceId: server.traceId });
    t.equal(spans.length, 2);
    t.match(traceresponse, new RegExp(`^00-${server.traceId}-${server.spanId}-0[13]$`));
    t.equal(stderr, '');
  },
);
