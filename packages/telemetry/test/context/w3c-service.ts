import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { connect } from 'node:net';
import Fastify from 'fastify';
import { traceUndici } from '../../src/client/undici-client.ts';
import { propagatorOf } from '../../src/context/propagator.ts';
import { fastifyTracing } from '../../src/server/fastify-tracing.ts';
import type { Engine } from '../../src/spans/engine.ts';
import { createTestTelemetry } from '../../src/testing/index.ts';
import { samplerNamed } from '../engines.ts';

export type Headers = readonly (readonly [name: string, value: string])[];

/** The trace headers of one outgoing request, as on the wire. */
export interface Sent {
  readonly traceparent: string[];
  readonly tracestate: string[];
}

export interface Service {
  /** Sends raw headers to the service, which calls out `calls` times. Returns the headers of each call. */
  call(headers: Headers, calls?: number): Promise<Sent[]>;
  close(): Promise<void>;
}

/**
 * The service that the W3C's validation suite wants. Each request causes outgoing requests to a server that keeps their
 * headers. The real Fastify plugin, SDK and client instrumentation trace the service.
 */
export async function startService(sampler: string, engine: Engine): Promise<Service> {
  const telemetry = createTestTelemetry({
    propagator: propagatorOf(['tracecontext', 'baggage']),
    sampler: samplerNamed(sampler),
    engine,
  });
  const stop = traceUndici();
  let sent: Sent[] = [];
  const callee = createServer((request, response) => {
    sent.push({
      traceparent: valuesOf(request.rawHeaders, 'traceparent'),
      tracestate: valuesOf(request.rawHeaders, 'tracestate'),
    });
    response.end();
  });
  const calleePort = await listen(callee);

  const app = Fastify();
  await app.register(fastifyTracing);
  app.get<{ Querystring: { calls: string } }>('/', async (request) => {
    const calls = Array.from({ length: Number(request.query.calls) }, async () => {
      const response = await fetch(`http://127.0.0.1:${calleePort}/`);
      await response.text();
    });
    await Promise.all(calls);
    return 'done';
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;

  return {
    async call(headers, calls = 1) {
      sent = [];
      await requestRaw(port, `/?calls=${calls}`, headers);
      return sent;
    },
    async close() {
      await app.close();
      callee.closeAllConnections();
      callee.close();
      stop();
      await telemetry.shutdown();
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Writes to a socket, because clients refuse or tidy the headers under test. */
async function requestRaw(port: number, path: string, headers: Headers): Promise<void> {
  const lines = [`GET ${path} HTTP/1.1`, 'host: 127.0.0.1', 'connection: close'];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  const socket = connect(port, '127.0.0.1');
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  let response = '';
  for await (const chunk of socket) response += chunk;
  if (!response.startsWith('HTTP/1.1 200 '))
    throw new Error(`The service answered: ${response.slice(0, 200)}`);
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
}
