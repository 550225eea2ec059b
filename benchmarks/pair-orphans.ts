import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeRequest } from '../packages/telemetry/test/delivery/decode.ts';

/** What is wrong with the trees that were exported. */
export interface TreeCheck {
  readonly spans: number;
  readonly traces: number;
  /** Spans whose parent was never exported in their trace. */
  readonly orphans: number;
  /** Traces with no root, or more than one. */
  readonly brokenTraces: number;
  /** How many spans a trace has → in how many traces. */
  readonly sizes: Readonly<Record<number, number>>;
}

/** An OTLP receiver that keeps the bytes of exports while it is told to. */
export interface ByteReceiver {
  readonly url: string;
  keep: boolean;
  readonly bodies: Buffer[];
  close(): void;
}

export async function startByteReceiver(): Promise<ByteReceiver> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (receiver.keep) receiver.bodies.push(Buffer.concat(chunks));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: ByteReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keep: false,
    bodies: [],
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return receiver;
}

/** Puts exported spans together by trace, from the bytes. */
export function checkTrees(bodies: readonly Uint8Array[]): TreeCheck {
  const traces = new Map<string, { ids: Set<string>; parents: string[] }>();
  let spans = 0;
  for (const body of bodies) {
    for (const { scopeSpans } of decodeRequest(body).resourceSpans) {
      for (const span of scopeSpans.flatMap(
        (scope) => scope.spans as readonly unknown[] as readonly WireSpan[],
      )) {
        spans++;
        const trace = traces.get(span.traceId) ?? { ids: new Set(), parents: [] };
        traces.set(span.traceId, trace);
        trace.ids.add(span.spanId);
        trace.parents.push(span.parentSpanId);
      }
    }
  }
  let orphans = 0;
  let brokenTraces = 0;
  const sizes: Record<number, number> = {};
  for (const { ids, parents } of traces.values()) {
    orphans += parents.filter((parent) => parent !== '' && !ids.has(parent)).length;
    if (parents.filter((parent) => parent === '').length !== 1) brokenTraces++;
    sizes[parents.length] = (sizes[parents.length] ?? 0) + 1;
  }
  return { spans, traces: traces.size, orphans, brokenTraces, sizes };
}

interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
}
