import t from 'tap';
import { renderMermaid } from '../../../src/core/command/terminal/render-mermaid.ts';
import { findingsOf } from '../../../src/core/traces/findings/rules.ts';
import { describeTrace } from '../../../src/core/traces/forms/describe-trace.ts';
import { buildModel } from '../../../src/core/traces/model/trace-model.ts';
import { linkedWords, linkWait, waitWords } from '../../../src/core/traces/model/waits.ts';
import { foldingOf, visibleRows } from '../../../src/parts/trace/page/state/folding.ts';
import { withLinked } from '../../../src/parts/trace/page/state/with-linked.ts';
import { at, ids, temporaryExplorer } from '../../explorer.ts';
import { storeSpans } from '../../spans.ts';

const id = ids();
const DAY_MS = 86_400_000;

/** A span of its own trace. Times in milliseconds. */
const span = (name: string, more: object = {}) => ({
  traceId: id(name, 16),
  spanId: id(name),
  name,
  service: 'api',
  kind: 4,
  start: at(0),
  durationMs: 10,
  attributes: { 'messaging.destination.name': 'mail' },
  ...more,
});
const link = (name: string) => ({ traceId: id(name, 16), spanId: id(name) });

t.test(
  'a batch and its producers are linked in the outlines of both, with how long each message waited',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    const senders = Array.from({ length: 50 }, (_, nth) => `send ${nth}`);
    const outlineOf = async (name: string) => (await get(`/api/traces/${id(name, 16)}/outline`)).body;
    await storeSpans(
      store,
      senders.map((name, nth) => span(name, { name: 'send mail', start: at(nth) })),
    );
    t.notOk((await outlineOf('send 0')).linked, 'no span has a link');
    const process = span('process', {
      kind: 5,
      service: 'worker',
      start: at(DAY_MS),
      links: senders.map(link),
    });
    await storeSpans(store, [process, span('alone')]);
    t.notOk((await outlineOf('alone')).linked, 'a trace without links has none');

    const sender = buildModel(await outlineOf('send 0'));
    t.match(sender.linked, [
      { at: 0, side: 'after', trace_id: id('process', 16), span: { name: 'process', service: 'worker' } },
    ]);
    t.equal(linkedWords(sender.linked), '→ 1 job in another trace');
    const [first] = sender.linked;
    const wait = first && linkWait(sender, first);
    t.equal(wait && waitWords(wait), 'waited 24 h 00 min in mail');

    t.match(describeTrace(sender, []).spans[0], {
      linked_total: 1,
      linked: [
        {
          side: 'after',
          trace_id: id('process', 16),
          service: 'worker',
          waited_ms: DAY_MS - 10,
          queue: 'mail',
        },
      ],
    });
    t.match(renderMermaid(sender), 'p0->>p2: process (waited in mail 24 h 00 min)');

    const batch = withLinked(buildModel(await outlineOf('process')));
    t.match(renderMermaid(buildModel(await outlineOf('process'))), 'send mail ×50 (waited in mail');
    t.equal(batch.count, 51);
    t.equal(linkedWords(batch.linked), '← 50 jobs from other traces');
    t.equal(batch.offset[0], DAY_MS * 1e6, 'the axis begins with the first message');
    t.match(batch.wait(1), { from: 10e6, until: DAY_MS * 1e6, queue: 'mail' });
    t.equal(batch.traceOf(1), id('send 0', 16));
    t.equal(batch.indexOf(id('send 7')), 8);
    t.equal(
      visibleRows(batch, foldingOf(batch, { folded: [], depth: undefined, root: undefined })).length,
      2,
      'one row for fifty',
    );
  },
);

t.test(
  'the span behind a link that is not stored is said; links within a trace are not among them',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    await storeSpans(store, [
      span('one', { links: [link('gone'), link('one')] }),
      span('below', { ...link('one'), spanId: id('below'), parentSpanId: id('one'), links: [link('one')] }),
    ]);
    const model = buildModel((await get(`/api/traces/${id('one', 16)}/outline`)).body);
    t.strictSame(model.linked, [{ at: 0, side: 'before', trace_id: id('gone', 16), span_id: id('gone') }]);
    const shown = withLinked(model);
    t.strictSame(
      [shown.name(1), shown.marks(1), shown.wait(1)],
      [`span ${id('gone')}`, ['not_stored'], undefined],
    );
    t.equal(shown.own, model);
  },
);

t.test('of more links than 1,000 the first are read, and more is said', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, [span('target')]);
  const linking = Array.from({ length: 1_200 }, (_, nth) =>
    span(`l ${nth}`, { kind: 5, links: [link('target')] }),
  );
  await storeSpans(store, linking);
  const model = buildModel((await get(`/api/traces/${id('target', 16)}/outline`)).body);
  t.equal(model.linked.length, 1_000);
  t.equal(model.hasMoreLinks, true);
});

t.test(
  'a CONSUMER waits from the end of the PRODUCER above it, a further attempt from the end of the one before',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    const traceId = id('job', 16);
    const of = (name: string, above: string, startMs: number, more: object = {}) =>
      span(name, {
        traceId,
        parentSpanId: above && id(above),
        start: at(startMs),
        service: 'worker',
        ...more,
      });
    const job = { attributes: { 'bullmq.queue.name': 'mail', 'bullmq.job.id': '7' } };
    await storeSpans(store, [
      of('add', '', 0, job),
      of('process', 'add', 510, { ...job, kind: 5 }),
      of('retry', 'process', 515, { ...job, kind: 1, durationMs: 1 }),
      of('process again', 'retry', 820, { ...job, kind: 5 }),
      of('process beside', 'add', 1_030, { ...job, kind: 5 }),
      of('other', 'add', 5, { kind: 1 }),
    ]);
    const model = buildModel((await get(`/api/traces/${traceId}/outline`)).body);
    const waits = Array.from({ length: model.count }, (_, index) => {
      const wait = model.wait(index);
      return [model.name(index), wait && waitWords(wait)];
    });
    t.strictSame(Object.fromEntries(waits), {
      add: undefined,
      other: undefined,
      process: 'waited 500 ms in mail',
      retry: undefined,
      'process again': 'waited 300 ms in mail',
      'process beside': 'waited 510 ms in mail',
    });
  },
);

t.test(
  'attempts of one message are one row, failed or not; other messages are rows of their own',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    const traceId = id('attempts', 16);
    const take = (nth: number, message: string, more: object = {}) =>
      span(`take ${nth}`, {
        traceId,
        parentSpanId: id('sent'),
        name: 'process mail',
        kind: 5,
        start: at(100 * nth),
        attributes: { 'messaging.message.id': message },
        ...more,
      });
    await storeSpans(store, [
      span('sent', { traceId }),
      take(1, 'a', { status: 2 }),
      span('retry', { traceId, parentSpanId: id('take 1'), start: at(110), kind: 1, durationMs: 1 }),
      take(2, 'a', { status: 2 }),
      take(3, 'a'),
      take(4, 'b'),
      take(5, 'c'),
    ]);
    const model = buildModel((await get(`/api/traces/${traceId}/outline`)).body);
    const rows = (folded: string[]) =>
      Array.from(visibleRows(model, foldingOf(model, { folded, depth: undefined, root: undefined })), (row) =>
        model.spanId(row),
      );
    t.strictSame(rows([]), [id('sent'), id('take 1'), id('take 4'), id('take 5')]);
    t.equal(rows([`~${id('take 1')}`]).length, 7, 'opened');
  },
);

t.test('attempts at a message of Kafka, which has a place and no id', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const taken = (name: string, start: number, more: object = {}) => ({
    ...span(name, { kind: 5, service: 'worker', name: 'process mail', start: at(start) }),
    traceId: id('send', 16),
    parentSpanId: id('send'),
    attributes: {
      'messaging.destination.name': 'mail',
      'messaging.consumer.group.name': 'mails',
      'messaging.destination.partition.id': '3',
      'kafka.offset': 7,
      ...more,
    },
  });
  const found = async () =>
    findingsOf(buildModel((await get(`/api/traces/${id('send', 16)}/outline`)).body)).map(({ rule }) => rule);
  const others = [
    taken('next', 40, { 'kafka.offset': 8 }),
    taken('audit', 60, { 'messaging.consumer.group.name': 'audit' }),
  ];
  await storeSpans(store, [span('send'), taken('first', 20), ...others]);
  t.strictSame(await found(), []);
  await storeSpans(store, [taken('second', 80)]);
  t.strictSame(await found(), ['attempts']);
});
