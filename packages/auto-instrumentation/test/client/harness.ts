import { once } from 'node:events';
import type { ClientRequest, IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { TestTelemetry, TestTelemetryOptions } from '@tandem/telemetry/testing';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import type { Test } from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { traceUndici } from '../../../telemetry/src/client/undici-client.ts';
import { ENGINE } from '../../../telemetry/test/engines.ts';
import { serve } from '../../../telemetry/test/serve.ts';
import { OpenSpans } from '../../../telemetry/test/server/harness.ts';
import { traceHttpClients } from '../../src/client/http-client.ts';

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

/** Starts a server that keeps received requests, and the tracing of both clients. */
export async function start(
  t: Test,
  handler: Handler = (_, response) => void response.end('ok'),
  options: TestTelemetryOptions = {},
): Promise<Harness> {
  const openSpans = new OpenSpans();
  const telemetry = createTestTelemetry({ engine: ENGINE, ...options, spanProcessors: [openSpans] });
  const stops = [traceHttpClients(), traceUndici()];
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
