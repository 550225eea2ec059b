import t from 'tap';
import type { Cause } from '../../../../src/core/problems/schemas.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { randomId, storeSpans } from '../../../spans.ts';

const PARTS = 5;
const PART_S = 120;
const [PRODUCER, CONSUMER] = [4, 5];

/** A message as it was sent, and when it was processed; in seconds from the range's begin. */
interface Message {
  readonly queue: string;
  readonly sent?: number;
  readonly processed?: readonly number[];
  readonly rate?: number;
}

/** What is sent to a queue and processed of it in each part. */
function messages(
  queue: string,
  sent: number[],
  processed: number[],
  more: Partial<Message> = {},
): Message[] {
  const times = (counts: number[]) =>
    counts.flatMap((count, part) =>
      Array.from({ length: count }, (_, at) => PART_S * (part + (at + 0.5) / count)),
    );
  const [sentAt, processedAt] = [times(sent), times(processed)];
  return Array.from({ length: Math.max(sentAt.length, processedAt.length) }, (_, at) => ({
    queue,
    ...(sentAt[at] !== undefined && { sent: sentAt[at] }),
    ...(processedAt[at] !== undefined && { processed: [processedAt[at]] }),
    ...more,
  }));
}

/** The queues that grow, worked out message by message. */
function growing(all: readonly Message[]): string[] {
  const queues = new Set(all.map(({ queue }) => queue));
  return [...queues].filter((queue) => {
    const own = all.filter((message) => message.queue === queue);
    const processed = own.flatMap(({ processed = [] }) => processed.slice(0, 1));
    if (processed.length === 0 || own.some(({ rate = 1 }) => rate > 1)) return false;
    return [2, 3, 4].every((part) => {
      const isIn = (second: number) => second >= part * PART_S && second < (part + 1) * PART_S;
      return own.filter(({ sent = -1 }) => isIn(sent)).length > processed.filter(isIn).length;
    });
  });
}

t.test('a queue that grows is a cause, and no other queue is', async (t) => {
  const { app, store, get } = await temporaryExplorer(t);
  const begin = Math.floor(Date.now() / 1000) - PARTS * PART_S - 60;
  const all: Message[] = [
    ...messages('grows', [10, 10, 20, 25, 30], [10, 10, 9, 8, 7]),
    ...messages('steady', [20, 20, 20, 20, 20], [20, 20, 20, 20, 20]),
    ...messages('late', [10, 10, 10, 30, 30], [10, 10, 10, 10, 10]),
    ...messages('recovers', [10, 20, 20, 20, 10], [10, 10, 10, 10, 40]),
    ...messages('nobody takes', [10, 10, 10, 10, 10], []),
    ...messages('sampled', [10, 10, 20, 20, 20], [10, 10, 5, 5, 5], { rate: 4 }),
    // Each message is tried three times: by spans, more is processed than is sent.
    ...messages('tried again', [10, 10, 20, 20, 20], [10, 10, 8, 8, 8]).map((message) => ({
      ...message,
      processed: (message.processed ?? []).flatMap((at) => [at, at + 1, at + 2]),
    })),
  ];
  const at = (second: number) => BigInt(Math.round((begin + second) * 1e9));
  const spans = all.flatMap(({ queue, sent, processed = [], rate }, index): PlainSpan[] => {
    const attributes = {
      'messaging.destination.name': queue,
      'messaging.message.id': `${index}`,
      ...(rate !== undefined && { SampleRate: rate }),
    };
    const [traceId, spanId] = [randomId(16), randomId(8)];
    const one = { traceId, durationMs: 5, attributes };
    return [
      ...(sent === undefined
        ? []
        : [{ ...one, spanId, service: 'shop', name: `send ${queue}`, kind: PRODUCER, start: at(sent) }]),
      ...processed.map((second) => ({
        ...one,
        traceId: randomId(16),
        service: 'worker',
        name: `process ${queue}`,
        kind: CONSUMER,
        start: at(second),
      })),
    ];
  });
  // BullMQ's jobs that are to begin later are no growth.
  for (let part = 0; part < PARTS; part++) {
    const attributes = { 'bullmq.queue.name': 'delayed', 'bullmq.job.options': '{"delay":900000}' };
    for (let nth = 0; nth < 10; nth++)
      spans.push({
        service: 'shop',
        name: 'add',
        kind: PRODUCER,
        start: at(part * PART_S + nth),
        attributes,
      });
    const taken = { 'bullmq.queue.name': 'delayed', 'bullmq.job.id': `${part}` };
    spans.push({
      service: 'worker',
      name: 'process',
      kind: CONSUMER,
      start: at(part * PART_S + 5),
      attributes: taken,
    });
  }
  // A worker that takes ten messages at a time has one span for them.
  for (let part = 0; part < PARTS; part++) {
    const attributes = { 'messaging.destination.name': 'in batches' };
    const links = Array.from({ length: 10 }, () => ({ traceId: randomId(16), spanId: randomId(8) }));
    for (const [nth, link] of links.entries())
      spans.push({
        ...link,
        service: 'shop',
        name: 'send',
        kind: PRODUCER,
        start: at(part * PART_S + nth),
        attributes,
      });
    spans.push({
      service: 'worker',
      name: 'process',
      kind: CONSUMER,
      start: at(part * PART_S + 60),
      attributes,
      links,
    });
  }
  await storeSpans(store, spans);
  const range = `start_time=${begin}&end_time=${begin + PARTS * PART_S}`;
  const { body } = await get(`/api/causes?rule=growing-queue&${range}`);
  const causes: readonly Cause[] = body.causes;
  const ever = await get('/api/causes?start_time=0');
  t.equal(ever.body.status, undefined, `a range of decades, too: ${ever.body.detail}`);
  t.same(new Set(causes.map(({ name }) => name)), new Set(growing(all)));
  t.same(new Set(growing(all)), new Set(['grows', 'tried again']));
  const cause = causes.find(({ name }) => name === 'grows');
  t.match(cause, {
    sentence: 'More comes to the queue grows of worker than its workers process',
    example:
      'In the last 6 min 00 s, 75 messages came to grows, and its workers processed 24 of its messages',
    advice: /^Run more workers/,
    counted: 'all',
    traces: 95,
    first: new Date(1000 * (begin + 2 * PART_S)).toISOString(),
    routes: [{ service: 'shop', name: 'send grows' }],
  });
  t.equal(
    cause?.spark.reduce((sum, each) => sum + each, 0),
    95,
  );
  // Eleven, seventeen and twenty-three messages more: those of before, and half of each part's own.
  t.equal(cause?.lost_ms, 1000 * PART_S * (11 / 2 + (11 + 17 / 2) + (28 + 23 / 2)));
  const detail = (await get(`/api/causes/${cause?.id}?${range}`)).body;
  const { traces } = (await get(`/api/causes/${cause?.id}/traces?limit=200&${range}`)).body;
  t.equal(traces.length, 95);
  t.equal(detail.cause.trace_id, traces[0].trace_id, 'the newest message shows it');
  const longer = (await get(`/api/causes?start_time=${begin - 600}&end_time=${begin + 300}`)).body;
  t.notOk(
    longer.causes.some(({ rule }: Cause) => rule === 'growing-queue'),
    'another range has other fifths',
  );
  const put = await app.inject({ method: 'PUT', url: `/api/causes/${cause?.id}/known?${range}` });
  t.equal(put.statusCode, 200);
});
