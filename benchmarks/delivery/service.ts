import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { PipelineOptions } from '../../packages/telemetry/src/export/pipeline.ts';
import { createPipeline } from '../../packages/telemetry/src/export/pipeline.ts';
import { LOG_RECORDS } from '../../packages/telemetry/src/export/signal.ts';
import type { LogEntry } from '../../packages/telemetry/src/logs/log-record.ts';
import { logRecordEncoder } from '../../packages/telemetry/src/wire/encode-log.ts';
import type { Delivery } from '../../packages/telemetry/test/export/harness.ts';
import { createDelivery, tracerOf } from '../../packages/telemetry/test/export/harness.ts';
import { createStockDelivery } from './stock-delivery.ts';

/** What a process under test is told to be, as JSON in its first argument. */
export interface ServiceOptions {
  readonly variant: 'ours' | 'stock';
  /** URL of the backend, without a path. */
  readonly backend: string;
  readonly directory: string;
  /** 0: any. */
  readonly port: number;
}

/** What a request made, by name; the stock delivery has no log records. */
export interface Made {
  readonly spans: readonly string[];
  readonly lines: readonly string[];
}

export type FromService =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'cost'; readonly microseconds: number };

/** Tells the process to end so many spans, export them and answer with what that cost. */
export interface ToService {
  readonly spans: number;
}

const STOCK_BATCH = {
  maxQueueSize: 2048,
  maxExportBatchSize: 512,
  scheduleDelayMs: 5_000,
  exportTimeoutMs: 30_000,
};
const OUR_BATCH = { ...STOCK_BATCH, maxQueueSize: 8192, maxExportBatchSize: 2048, scheduleDelayMs: 300 };
const RESOURCE = resourceFromAttributes({ 'service.name': 'bench' });

type MeasuredDelivery = Pick<Delivery, 'processor' | 'flush' | 'shutdown'>;

const options = JSON.parse(process.argv[2] ?? '') as ServiceOptions;
const delivery = create(options);
const lines = options.variant === 'ours' ? createLines(options) : undefined;
const tracer = tracerOf(delivery);
let requests = 0;

const server: Server = createServer((_request, response) => {
  const names = Array.from({ length: 3 }, (_, index) => `${process.pid}.${requests}.${index}`);
  requests++;
  for (const name of names) {
    endSpan(name);
    lines?.add(lineOf(name));
  }
  response.end(JSON.stringify({ spans: names, lines: lines === undefined ? [] : names } satisfies Made));
});
server.listen(options.port, '127.0.0.1', () => {
  send({ kind: 'listening', port: (server.address() as AddressInfo).port });
});
process.on('message', ({ spans }: ToService) => {
  cost(spans).then((microseconds) => send({ kind: 'cost', microseconds }));
});
process.on('SIGTERM', () => {
  Promise.all([delivery.shutdown(5_000), lines?.shutdown(5_000)]).then(() => process.exit(0));
});
// Nobody would stop it any more.
process.on('disconnect', () => process.exit(0));

/** The settings are the specification's for the stock pair, and the product's for ours. */
function create({ variant, backend, directory }: ServiceOptions): MeasuredDelivery {
  return variant === 'stock'
    ? createStockDelivery(`${backend}/v1/traces`, STOCK_BATCH)
    : createDelivery({ ...baseOf(`${backend}/v1/traces`), batch: OUR_BATCH, spool: { directory } });
}

function createLines({ backend, directory }: ServiceOptions) {
  const limits = { attributeCountLimit: 128, attributeValueLengthLimit: Number.POSITIVE_INFINITY };
  const options = { ...baseOf(`${backend}/v1/logs`), batch: OUR_BATCH, spool: { directory } };
  return createPipeline(LOG_RECORDS, logRecordEncoder({ limits, isRedacted: undefined }), options);
}

/** A line as it is told apart where it arrives: by its message. */
function lineOf(name: string): LogEntry {
  const time: [number, number] = [Math.floor(Date.now() / 1000), 0];
  return {
    resource: RESOURCE,
    instrumentationScope: { name: 'bench' },
    read: () => ({
      time,
      observedTime: time,
      severityNumber: 9,
      severityText: 'info',
      body: name,
      attributes: { handle: 'user-12', rows: 20, cached: false },
      spanContext: undefined,
      eventName: '',
    }),
  };
}

function baseOf(url: string): Omit<PipelineOptions, 'batch' | 'spool'> {
  const silent = () => {};
  return {
    serviceName: 'bench',
    destinations: [
      { name: 'backend', url, headers: {}, timeoutMs: 10_000, compression: 'none', tls: undefined },
    ],
    reporter: { report: silent, recovered: silent, finish: silent },
    log: { debug: silent, info: silent, warn: silent, error: silent },
  };
}

/** As many attributes as a SERVER span has. */
function endSpan(name: string): void {
  const span = tracer.startSpan(name, {
    kind: 1,
    attributes: {
      'http.request.method': 'GET',
      'http.route': '/api/activities/home',
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
      'http.response.status_code': 200,
    },
  });
  span.end();
}

/** CPU of ending and exporting, less that of making spans, which is the SDK's and the same for both. */
async function cost(spans: number): Promise<number> {
  const ended: Parameters<Delivery['processor']['onEnd']>[0][] = [];
  const { processor } = delivery;
  const collector = tracerOf({
    processor: {
      ...processor,
      onStart() {},
      onEnd: (span) => ended.push(span),
      forceFlush: () => processor.forceFlush(),
      shutdown: () => processor.shutdown(),
    },
  });
  for (let i = 0; i < 512; i++) {
    const span = collector.startSpan(`span ${i}`, {
      kind: 2,
      attributes: {
        'url.full': `http://localhost:4568/api/users?handle=${i}`,
        'http.request.method': 'GET',
        'server.address': 'localhost',
        'server.port': 4568,
        'http.response.status_code': 200,
        'network.peer.address': '127.0.0.1',
        'network.peer.port': 4568,
      },
    });
    span.end();
  }
  const before = process.cpuUsage();
  for (let sent = 0; sent < spans; sent += ended.length) {
    for (const span of ended) delivery.processor.onEnd(span);
    await delivery.flush();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / spans;
}

function send(message: FromService): void {
  process.send?.(message);
}
