import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

/** As many spans as BatchSpanProcessor and our delivery send at once. */
const USUAL_SPANS = 512;

/** At 10 KB each, what a backend takes in one request. */
const LARGE_SPANS = 64;

/** Batches of ended spans, by the kind of their content. */
export const BATCHES: Readonly<Record<string, () => ReadableSpan[]>> = {
  [`${USUAL_SPANS} usual spans`]: () => makeSpans(USUAL_SPANS, addUsual),
  [`${LARGE_SPANS} spans of 10 KB`]: () => makeSpans(LARGE_SPANS, addLarge),
};

type Tracer = ReturnType<BasicTracerProvider['getTracer']>;

function makeSpans(count: number, add: (tracer: Tracer, index: number) => void): ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'activities-api',
      'service.instance.id': '3f1c9a52-7b61-4a0e-9a55-5a6f0d6f0a11',
      'host.name': 'localhost',
      'process.pid': 4567,
    }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('@tandem/telemetry', '0.1.0');
  for (let index = 0; index < count; index++) add(tracer, index);
  return exporter.getFinishedSpans();
}

/** A request as a service sees it: 12 attributes; every 16th has an event, every 50th fails. */
function addUsual(tracer: Tracer, index: number): void {
  const route = `/api/activities/route-${index % 40}`;
  const span = tracer.startSpan(`GET ${route}`, { kind: SpanKind.SERVER });
  span.setAttributes({
    'http.request.method': 'GET',
    'http.route': route,
    'http.response.status_code': index % 50 === 0 ? 500 : 200,
    'url.scheme': 'http',
    'url.path': route,
    'server.address': 'localhost',
    'server.port': 4567,
    'network.protocol.version': '1.1',
    'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'user.id': `user-${index % 1000}`,
    'app.result_length': index % 20,
    'app.cache_hit': index % 3 === 0,
  });
  if (index % 16 === 0) span.addEvent('retry', { attempt: 2 });
  if (index % 50 === 0) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** A statement with a long text, a long URL, a list and an exception with its stack. */
function addLarge(tracer: Tracer, index: number): void {
  const span = tracer.startSpan('SELECT activities', { kind: SpanKind.CLIENT });
  span.setAttributes({
    'db.system.name': 'postgresql',
    'db.query.text': `select "uuid", "message" from "activities" where "handle" in (${'?, '.repeat(1200)}?)`,
    'url.full': `http://localhost:4567/api/activities/search?term=${'caf%C3%A9+'.repeat(80)}`,
    'app.message': 'Ein längerer Text mit Umlauten und ☕. '.repeat(40),
    'app.handles': Array.from({ length: 40 }, (_, i) => `user-${index}-${i}`),
  });
  const error = new Error('connection terminated');
  error.stack = Array.from({ length: 40 }, (_, i) => `    at step${i} (/app/src/database.ts:${i}:11)`).join(
    '\n',
  );
  span.recordException(error);
  span.end();
}
