import { once } from 'node:events';
import type { ClientRequest, IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { traceHttpClients } from '../../../src/guest/node/http-client.ts';
import { undiciChannels } from '../../../src/guest/node/undici.ts';
import type { TestTelemetry, TestTelemetryOptions } from '../../../src/service/testing/index.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';
import { undici } from '../../../src/service/undici.ts';
import { ENGINE } from '../../engines.ts';
import { serve } from '../../serve.ts';
import { OpenSpans } from '../../service/fastify/harness.ts';

/** A context that a caller forwards. */
export const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Harness {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  readonly received: IncomingMessage[];
  readonly telemetry: TestTelemetry;
  /** Waits until no span is open, and returns all spans. */
  spans(count: number): Promise<ReadableSpan[]>;
}

/** Starts the tracing of a client, and returns how to stop. */
export type TraceClient = () => () => void;

export type Start = (t: Test, handler?: Handler, options?: TestTelemetryOptions) => Promise<Harness>;

/** The clients that strangers' processes have: requests of `node:http`, `fetch` and undici. */
export const start: Start = (t, handler, options) =>
  startWith([traceHttpClients, undiciChannels()], t, handler, options);

/** Both ways to trace `fetch` and undici: by undici's channels, and by OpenTelemetry's instrumentation. */
export const UNDICI_CLIENTS: Readonly<Record<string, TraceClient>> = {
  channels: undiciChannels(),
  UndiciInstrumentation: undici(),
};

/** A test of each way to trace `fetch` and undici, with requests of `node:http` traced beside. */
export function testUndici(
  name: string,
  test: (t: Test, start: Start, trace: TraceClient) => Promise<void>,
): void {
  for (const [client, trace] of Object.entries(UNDICI_CLIENTS)) {
    t.test(`${client}: ${name}`, (t) =>
      test(t, (t, handler, options) => startWith([traceHttpClients, trace], t, handler, options), trace),
    );
  }
}

/** Starts a server that keeps received requests, and the tracing of clients. */
export async function startWith(
  clients: readonly TraceClient[],
  t: Test,
  handler: Handler = (_, response) => void response.end('ok'),
  options: TestTelemetryOptions = {},
): Promise<Harness> {
  const openSpans = new OpenSpans();
  const telemetry = createTestTelemetry({ engine: ENGINE, ...options, spanProcessors: [openSpans] });
  const stops = clients.map((trace) => trace());
  const received: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    received.push(request);
    handler(request, response);
  });
  const port = await serve(t, server);
  t.teardown(async () => {
    for (const stop of stops) stop();
    await telemetry.shutdown();
  });
  return {
    server,
    port,
    url: `http://127.0.0.1:${port}`,
    received,
    telemetry,
    async spans(count) {
      await until(() => telemetry.spans().length >= count && openSpans.open.size === 0);
      t.equal(telemetry.spans().length, count);
      t.equal(openSpans.ends, count, 'each span ended once');
      return telemetry.spans();
    },
  };
}

/** Cuts `/drop` off at once, `/half` in the middle of its answer, and lets other requests wait. */
export function breakOff({ url, socket }: IncomingMessage, response: ServerResponse): void {
  if (url === '/drop') socket.destroy();
  if (url === '/half') response.writeHead(200, { 'content-length': 10 }).write('x', () => socket.destroy());
}

/** Ends a request of `node:http` and reads its answer. */
export async function answerOf(sent: ClientRequest): Promise<string> {
  const [response] = await once(sent.end(), 'response');
  return Buffer.concat(await response.toArray()).toString();
}
