import type { AddressInfo } from 'node:net';
import { trace } from '@opentelemetry/api';
import fastify, { LogController } from 'fastify';

/** The spans and lines of a request, by name. */
export interface Made {
  readonly spans: readonly string[];
  readonly lines: readonly string[];
}

// The process that outage.ts measures; what exports its spans, and maybe its lines, was loaded before it.
const exportsLines = process.argv[2] === 'lines';
const port = Number(process.argv[3]);
const SPANS_PER_REQUEST = 3;
/** As many attributes as a SERVER span has. */
const ATTRIBUTES = {
  'http.request.method': 'GET',
  'http.route': '/api/activities/home',
  'http.response.status_code': 200,
  'url.path': '/api/activities/home',
  'url.query': 'limit=20',
  'url.scheme': 'http',
  'server.address': '127.0.0.1',
  'server.port': 4567,
  'client.address': '127.0.0.1',
  'network.peer.address': '127.0.0.1',
  'network.peer.port': 50_000,
  'network.protocol.version': '1.1',
  'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)',
};

const tracer = trace.getTracer('bench');
const app = fastify({
  logger: exportsLines,
  logController: new LogController({ disableRequestLogging: true }),
});
let requests = 0;
app.get('/', (request): Made => {
  const names = Array.from({ length: SPANS_PER_REQUEST }, (_, n) => `${process.pid}.${requests}.${n}`);
  requests++;
  for (const name of names) {
    tracer.startSpan(name, { attributes: ATTRIBUTES }).end();
    request.log.info(name);
  }
  return { spans: names, lines: exportsLines ? names : [] };
});
await app.listen({ host: '127.0.0.1', port });
process.send?.({ port: (app.server.address() as AddressInfo).port });
// Nobody would stop it any more.
process.on('disconnect', () => process.exit(0));
