import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { countSpans, startOtlpReceiver } from '@tandem/otlp/testing';
import { countDatadogSpans, countElasticSpans, countNewRelicSpans, countSentrySpans } from './count-spans.ts';

/** Which backend a sink pretends to be. */
export type Protocol = 'otlp' | 'otlp-logs' | 'datadog' | 'elastic' | 'newrelic' | 'sentry';

type OtherProtocol = Exclude<Protocol, 'otlp' | 'otlp-logs'>;

/** What the parent process is told first: where each variant's tracer may send to. */
export interface SinkPorts {
  readonly ports: Readonly<Record<string, number>>;
}

// A process of its own, so that nothing leaves the machine and decoding costs neither the services nor the load.
// Arguments: the variants with their protocols as JSON, and the paths of a certificate and its key.
const [variants = '{}', certificate = '', key = ''] = process.argv.slice(2);
const counts: Record<string, number> = {};
const ports: Record<string, number> = {};
for (const [name, protocol] of Object.entries(JSON.parse(variants) as Record<string, Protocol>)) {
  counts[name] = 0;
  const count = (spans: number) => {
    counts[name] = (counts[name] ?? 0) + spans;
  };
  if (protocol === 'otlp' || protocol === 'otlp-logs') {
    ports[name] = await startOtlpSink(protocol === 'otlp' ? '/v1/traces' : '/v1/logs', count);
    continue;
  }
  const listener = listenerFor(protocol, count);
  const server =
    protocol === 'newrelic'
      ? createSecureServer({ cert: readFileSync(certificate), key: readFileSync(key) }, listener)
      : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ports[name] = (server.address() as AddressInfo).port;
}
process.on('message', () => process.send?.({ counts }));
process.on('disconnect', () => process.exit(0));
process.send?.({ ports } satisfies SinkPorts);

/** Counts what is sent to one path: log records have the place in their request that spans have in theirs. */
async function startOtlpSink(counted: string, count: (items: number) => void): Promise<number> {
  const receiver = await startOtlpReceiver();
  receiver.isKeeping = false;
  receiver.answer = ({ path, body }) => {
    if (path === counted) count(countSpans(body));
    return { status: 200 };
  };
  return receiver.port;
}

function listenerFor(protocol: OtherProtocol, count: (spans: number) => void): RequestListener {
  return async (request, response) => {
    try {
      const body = await read(request, request.headers['content-encoding']);
      const url = new URL(request.url ?? '/', `http://localhost:${request.socket.localPort}`);
      const { status, answer, spans } = answerFor(protocol, url, body);
      count(spans);
      response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
    } catch {
      response.destroy(); // a service that is being stopped cuts its last request off
    }
  };
}

async function read(request: Readable, encoding: string | undefined): Promise<Buffer> {
  const plain =
    encoding === 'gzip'
      ? request.pipe(createGunzip())
      : encoding === 'deflate'
        ? request.pipe(createInflate())
        : request;
  const chunks: Buffer[] = [];
  for await (const chunk of plain) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function answerFor(
  protocol: OtherProtocol,
  url: URL,
  body: Buffer,
): { status: number; answer: string; spans: number } {
  switch (protocol) {
    case 'datadog':
      if (url.pathname === '/info') {
        const info = { version: '7.60.0', endpoints: ['/v0.4/traces'], client_drop_p0s: false };
        return { status: 200, answer: JSON.stringify(info), spans: 0 };
      }
      return {
        status: 200,
        answer: '{"rate_by_service":{"service:,env:":1}}',
        spans: url.pathname === '/v0.4/traces' ? countDatadogSpans(body) : 0,
      };
    case 'elastic':
      return url.pathname === '/'
        ? { status: 200, answer: '{"version":"8.16.0"}', spans: 0 }
        : { status: 202, answer: '', spans: countElasticSpans(body) };
    case 'sentry':
      return { status: 200, answer: '{}', spans: countSentrySpans(body) };
    case 'newrelic': {
      const method = url.searchParams.get('method');
      const value =
        method === 'preconnect'
          ? { redirect_host: url.host }
          : method === 'connect'
            ? NEW_RELIC_CONNECT
            : null;
      return {
        status: 200,
        answer: JSON.stringify({ return_value: value }),
        spans: method === 'span_event_data' ? countNewRelicSpans(body) : 0,
      };
    }
  }
}

/** Accounts as the agent needs them for distributed tracing. */
const NEW_RELIC_CONNECT = {
  agent_run_id: '1',
  account_id: '1',
  primary_application_id: '1',
  trusted_account_key: '1',
  entity_guid: 'MXxBUE18QVBQTElDQVRJT058MQ',
  data_report_period: 60,
  event_harvest_config: {
    report_period_ms: 5000,
    harvest_limits: { span_event_data: 2000, analytic_event_data: 833, error_event_data: 8 },
  },
  span_event_harvest_config: { report_period_ms: 5000, harvest_limit: 2000 },
};
