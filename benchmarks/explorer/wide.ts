import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { attributesOf, encodeSpan, encodeTraces } from '@tandem/otlp';
import { senderOf } from '../lib/sender.ts';
import type { Figures } from './figures.ts';
import { shown } from './figures.ts';
import { sendAll, withServer } from './server-process.ts';

const BATCH = 512;
const BODIES = 20;
/** With the fields that the explorer writes itself, as many as have a column of their own. */
const NAMES = 1_950;
const ATTRIBUTES = 20;

/** Spans into a table of 2,000 columns: each has 20 attributes, each export has all of them. */
export async function measureWide(): Promise<Figures> {
  const bodies = Array.from({ length: BODIES }, (_, index) => wideBody(index));
  return withServer(async (server) => {
    // The columns are made before the clock starts.
    await sendAll(server, bodies.slice(0, 1));
    const before = await server.ask();
    const started = performance.now();
    await sendAll(server, bodies.slice(1));
    const seconds = (performance.now() - started) / 1000;
    const { rows, cpuMicroseconds, peak } = await server.ask('SELECT count(*) FROM spans');
    const spans = (BODIES - 1) * BATCH;
    return shown({
      'with 2,000 columns, spans/s (at least 10,000)': Math.round(spans / seconds),
      'spans lost (0)': BODIES * BATCH - Number(rows?.[0]?.[0]),
      'processor time of the server, µs per span': Math.round(
        (cpuMicroseconds - before.cpuMicroseconds) / spans,
      ),
      'peak resident memory, MB': Math.round(peak / 1e6),
    });
  });
}

function wideBody(seed: number): Buffer {
  const spans = Array.from({ length: BATCH }, (_, index) => wideSpan(seed * BATCH + index));
  const encoded = encodeTraces({
    scopeSpans: [{ ...senderOf({ 'service.name': 'wide' }, 'wide'), spans }],
  });
  return gzipSync(encoded, { level: 1 });
}

function wideSpan(index: number) {
  const time = BigInt(Date.now()) * 1_000_000n;
  const span = {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    parentSpanId: '',
    traceState: '',
    flags: 257,
    name: 'wide',
    kind: 2,
    startTimeUnixNano: time,
    endTimeUnixNano: time + 1_000_000n,
    attributes: attributesOf(
      Object.fromEntries(
        Array.from({ length: ATTRIBUTES }, (_, at) => {
          const name = (index * ATTRIBUTES + at) % NAMES;
          return [`app.field_${name}`, name % 2 === 0 ? index : `value ${index}`];
        }),
      ),
    ),
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: '',
  };
  return { ...span, raw: encodeSpan(span) };
}
