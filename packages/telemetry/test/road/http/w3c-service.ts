import { createServer } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import { propagatorOf } from '../../../src/chosen/propagators/propagator.ts';
import type { Engine } from '../../../src/road/spans/engine.ts';
import { samplerNamed } from '../../engines.ts';
import { serve } from '../../serve.ts';
import { exchange, start } from '../../service/fastify/harness.ts';

export type Headers = readonly (readonly [name: string, value: string])[];

/** The trace headers of one outgoing request, as on the wire. */
export interface Sent {
  readonly traceparent: string[];
  readonly tracestate: string[];
}

export interface Service {
  /** Sends raw headers to the service, which calls out `calls` times. Returns the headers of each call. */
  call(headers: Headers, calls?: number): Promise<Sent[]>;
}

/**
 * The service that the W3C's validation suite wants. Each request causes outgoing requests to a server that keeps their
 * headers. The real Fastify plugin, SDK and client instrumentation trace the service.
 */
export async function startService(
  t: Test,
  sampler: string,
  engine: Engine,
  traceClient: () => () => void,
): Promise<Service> {
  let sent: Sent[] = [];
  const callee = createServer((request, response) => {
    sent.push({
      traceparent: valuesOf(request.rawHeaders, 'traceparent'),
      tracestate: valuesOf(request.rawHeaders, 'tracestate'),
    });
    response.end();
  });
  const calleePort = await serve(t, callee);

  const addRoute = (app: FastifyInstance) =>
    void app.get<{ Querystring: { calls: string } }>('/', async (request) => {
      const calls = Array.from({ length: Number(request.query.calls) }, async () => {
        const response = await fetch(`http://127.0.0.1:${calleePort}/`);
        await response.text();
      });
      await Promise.all(calls);
      return 'done';
    });
  const telemetry = {
    propagator: propagatorOf(['tracecontext', 'baggage']),
    sampler: samplerNamed(sampler),
    engine,
  };
  const { port } = await start(t, addRoute, { telemetry });
  t.teardown(traceClient());

  return {
    async call(headers, calls = 1) {
      sent = [];
      // Bytes, because clients refuse or tidy the headers under test.
      const lines = [`GET /?calls=${calls} HTTP/1.1`, 'host: 127.0.0.1', 'connection: close'];
      for (const [name, value] of headers) lines.push(`${name}: ${value}`);
      const answer = await exchange(port, `${lines.join('\r\n')}\r\n\r\n`);
      if (!answer.startsWith('HTTP/1.1 200 '))
        throw new Error(`The service answered: ${answer.slice(0, 200)}`);
      return sent;
    },
  };
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
}
