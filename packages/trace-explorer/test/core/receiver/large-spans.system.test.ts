import { encodeTraces } from '@tandem/otlp';
import { decodeExportResponse } from '@tandem/otlp/testing';
import t from 'tap';
import { buildReceiver } from '../../../src/core/receiver/build-receiver.ts';
import type { SpanStore } from '../../../src/core/store/store.ts';
import { readStoredSpan } from '../../../src/core/traces/read/stored-span.ts';
import type { PlainSpan } from '../../spans.ts';
import { decoded, randomId, temporaryStore } from '../../spans.ts';

const MIB = 1024 ** 2;

function span(bytes: number, more: Partial<PlainSpan> = {}) {
  return { traceId: randomId(16), spanId: randomId(8), attributes: { text: 'x'.repeat(bytes) }, ...more };
}

async function send(t: { teardown(fn: () => unknown): void }, store: SpanStore, spans: readonly PlainSpan[]) {
  const receiver = await buildReceiver({ store });
  t.teardown(() => receiver.close());
  const answer = await receiver.inject({
    method: 'POST',
    url: '/v1/traces',
    headers: { 'content-type': 'application/x-protobuf' },
    payload: Buffer.from(encodeTraces(decoded(spans))),
  });
  return { status: answer.statusCode, ...decodeExportResponse('traces', answer.rawPayload, 'protobuf') };
}

t.test(
  'a span of more than 4 MiB, with its resource, is a partial success that says so; the rest is stored',
  async (t) => {
    const store = await temporaryStore(t);
    const good = span(3.9 * MIB);
    const large = span(4.1 * MIB);
    const ofLargeResource = span(10, { service: 'other', resource: { text: 'y'.repeat(4.1 * MIB) } });
    t.match(await send(t, store, [large, good, ofLargeResource]), {
      status: 200,
      rejected: 2,
      errorMessage: /the span has, with its resource, more than 4 MiB/u,
    });
    t.equal((await readStoredSpan(store, good.traceId, good.spanId, 1)).copies, 1);
    t.equal(store.stats().spans, 1);
    t.equal(store.stats().dropped.rejected, 2);
  },
);
