import { decodeExportResponse, encodeTraces } from '@tandem/otlp';
import t from 'tap';
import { buildReceiver } from '../../src/receiver/build-receiver.ts';
import type { SpanStore } from '../../src/store/types.ts';
import { readStoredSpan } from '../../src/traces/read/stored-span.ts';
import type { PlainSpan } from '../spans.ts';
import { decoded, randomId, temporaryStore } from '../spans.ts';

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
  'what a small store never can keep is a partial success that says so; the rest is stored',
  async (t) => {
    const store = await temporaryStore(t, { maxBytes: 16 * MIB });
    const good = span(10);
    const large = span(6 * MIB);
    const ofLargeResource = span(10, { service: 'other', resource: { text: 'y'.repeat(6 * MIB) } });
    t.match(await send(t, store, [large, good, ofLargeResource]), {
      status: 200,
      rejected: 2,
      errorMessage: /^2 spans are larger, with the resource, than 5\.6 MiB.*EXPLORER_MAX_BYTES/u,
    });
    t.equal(store.stats().spans, 1);
    t.equal((await readStoredSpan(store, good.traceId, good.spanId, 1)).copies, 1);
    t.equal(store.stats().dropped.rejected, 2);
    t.match(await send(t, store, [large]), {
      status: 200,
      rejected: 1,
      errorMessage: /^1 span is larger/u,
    });
  },
);
