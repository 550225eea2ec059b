import { AsyncLocalStorage } from 'node:async_hooks';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { AlwaysOffSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import type { SpoolFiles } from '../../src/delivery/spool/spool-files.ts';
import { DISK_FILES } from '../../src/delivery/spool/spool-files.ts';
import { names, startDelivery, temporaryDirectory } from './harness.ts';

t.test('spans are sent within the schedule delay, without anybody asking', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  const { delivery, end } = startDelivery(t, {
    destinations: [{ url: receiver.tracesUrl, headers: { 'x-key': 'k' } }],
  });
  end('one', 'two');
  await receiver.waitFor(() => receiver.accepted.length === 2);
  t.same(receiver.accepted, ['one', 'two']);
  t.match(receiver.requests[0]?.headers, { 'x-key': 'k', 'content-type': 'application/x-protobuf' });
  await delivery.flush();
  t.match(delivery.counters().destinations, [{ ended: 2, exported: 2, queue: { items: 0, bytes: 0 } }]);
});

t.test('a full batch is sent at once, and none is larger than the setting', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  const batch = {
    maxQueueSize: 2048,
    maxExportBatchSize: 10,
    scheduleDelayMs: 3_600_000,
    exportTimeoutMs: 5_000,
  };
  const { end } = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], batch });
  end(...names(35));
  await receiver.waitFor(() => receiver.accepted.length === 30);
  t.ok(receiver.requests.every((request) => request.spans.length <= 10));
});

t.test('a span that cannot be encoded takes none of its neighbours with it', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }] });
  const [span] = harness.end('before', 'after') as [ReadableSpan];
  const broken: ReadableSpan = Object.create(span, {
    name: { value: 'broken' },
    attributes: { get: cannotBeRead },
  });
  for (let i = 0; i < 2; i++) harness.delivery.processor.onEnd(broken);
  harness.end('last');
  await harness.delivery.flush();
  t.same(receiver.accepted, ['before', 'after', 'last']);
  t.match(harness.delivery.counters().destinations, [{ ended: 5, exported: 3, lost: { unencodable: 2 } }]);
  t.equal(harness.logged.filter((line) => line === 'A span cannot be encoded').length, 1, 'said once');
  t.ok(harness.isBalanced());
});

t.test('a batch of any size is full at its limit, however many spans are encoded together', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  const batch = {
    maxQueueSize: 2048,
    maxExportBatchSize: 100,
    scheduleDelayMs: 3_600_000,
    exportTimeoutMs: 5_000,
  };
  const { delivery, end } = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], batch });
  const ended = names(350);
  end(...ended);
  await receiver.waitFor(() => receiver.accepted.length === 300);
  await delivery.flush();
  t.same(
    receiver.requests.map(({ spans }) => spans.length).toSorted((a, b) => b - a),
    [100, 100, 100, 50],
  );
  t.same(receiver.accepted.toSorted(), ended.toSorted(), 'each span once');
});

t.test('spans that a logger ends while others are encoded are sent once, and so are those', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  const log = { debug() {}, info() {}, warn() {}, error: () => void harness.end(...names(64, 'logger')) };
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], log });
  const [span] = harness.end('first') as [ReadableSpan];
  harness.delivery.processor.onEnd(Object.create(span, { attributes: { get: cannotBeRead } }));
  harness.end('last');
  await harness.delivery.flush();
  t.same(receiver.accepted.toSorted(), ['first', 'last', ...names(64, 'logger')].toSorted());
});

t.test('an unsampled span is not sent', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  const { delivery } = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }] });
  const provider = new TracerProvider({
    sampler: new AlwaysOffSampler(),
    spanProcessors: [delivery.processor],
  });
  provider.getTracer('test').startSpan('unsampled', { kind: SpanKind.SERVER }, ROOT_CONTEXT).end();
  await delivery.flush();
  t.equal(receiver.requests.length, 0);
});

t.test('one destination being down neither delays nor loses the spans of another', async (t) => {
  const [up, hanging] = [await startOtlpReceiver(), await startOtlpReceiver()];
  t.teardown(() => Promise.all([up.close(), hanging.close()]));
  hanging.answer = () => 'hang';
  const harness = startDelivery(t, {
    destinations: [
      { url: hanging.tracesUrl },
      { url: up.tracesUrl },
      { url: 'http://127.0.0.1:1/v1/traces' },
    ],
    spool: { directory: temporaryDirectory(t) },
  });
  for (let round = 0; round < 5; round++) {
    harness.end(...names(20, `round-${round}`));
    await up.waitFor(() => up.accepted.length === (round + 1) * 20);
  }
  await until(() => harness.delivery.counters().destinations.every(({ queue }) => queue.items === 0));
  t.match(harness.delivery.counters().destinations, [
    { exported: 0, spool: { items: 100 } },
    // On a busy machine a batch may be written down before it is acknowledged; it is sent once all the same.
    { exported: 100, requests: { taken: 5, retry: 0 }, spool: { items: 0 } },
    { exported: 0, spool: { items: 100 } },
  ]);
  t.ok(harness.isBalanced());
});

t.test('what was kept while the backend was away is sent in order when it is back', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  let isAway = true;
  receiver.answer = () => (isAway ? { status: 503, headers: { 'retry-after': '0' } } : { status: 200 });
  const directory = temporaryDirectory(t);
  const batch = { maxQueueSize: 2048, maxExportBatchSize: 7, scheduleDelayMs: 10, exportTimeoutMs: 5_000 };
  const harness = startDelivery(t, {
    destinations: [{ url: receiver.tracesUrl }],
    spool: { directory },
    batch,
  });
  const made = names(100);
  harness.end(...made.slice(0, 60));
  await harness.delivery.flush();
  harness.end(...made.slice(60));
  await harness.delivery.flush();
  t.match(harness.delivery.counters().destinations, [{ exported: 0, spool: { items: 100 } }]);
  isAway = false;
  await receiver.waitFor(() => receiver.accepted.length >= 100);
  t.same(receiver.accepted, made, 'each once, and in the order they ended');
  await until(() => harness.delivery.counters().destinations[0]?.spool?.bytes === 0);
  t.ok(harness.isBalanced());
  t.ok(harness.reports.includes('recovered'));
  t.ok(
    harness.reports.every((report) => report === 'recovered' || report.endsWith(' 0')),
    'nothing reported as lost',
  );
});

t.test('a backend that asks for time is left alone for that time', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  receiver.answer = () => ({ status: 429, headers: { 'retry-after': '3600' } });
  const harness = startDelivery(t, {
    destinations: [{ url: receiver.tracesUrl }],
    spool: { directory: temporaryDirectory(t) },
  });
  for (let round = 0; round < 3; round++) {
    harness.end(...names(10));
    await harness.delivery.flush();
  }
  t.equal(receiver.requests.length, 1);
  t.match(harness.delivery.counters().destinations, [{ spool: { items: 30 } }]);
});

t.test('a backend that fails is probed with one request at a time', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  let underWay = 0;
  const together: number[] = [];
  receiver.answer = async () => {
    together.push(++underWay);
    await new Promise((resolve) => setTimeout(resolve, 20));
    underWay--;
    return { status: 503, headers: { 'retry-after': '0' } };
  };
  const batch = { maxQueueSize: 100, maxExportBatchSize: 1, scheduleDelayMs: 10, exportTimeoutMs: 5_000 };
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], batch });
  harness.end(...names(20));
  await receiver.waitFor(() => receiver.requests.length >= 7);
  t.same(together.slice(0, 4), [1, 2, 3, 4]);
  t.same([...new Set(together.slice(4))], [1]);
});

t.test('while a long backlog is sent at its limited rate, new spans do not wait for its end', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  let isAway = true;
  receiver.answer = () => (isAway ? { status: 503, headers: { 'retry-after': '0' } } : { status: 200 });
  const spool = { directory: temporaryDirectory(t) };
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], spool });
  const backlog = names(700, 'backlog'.padEnd(10_000, '.'));
  harness.end(...backlog);
  await harness.delivery.flush();
  isAway = false;
  await receiver.waitFor(() => receiver.accepted.length > 0);
  harness.end('fresh');
  await receiver.waitFor(() => receiver.accepted.length === backlog.length + 1);
  t.ok(receiver.accepted.indexOf('fresh') < backlog.length / 2);
  t.same(
    receiver.accepted.filter((name) => name !== 'fresh'),
    backlog,
  );
});

t.test('without a spool, spans wait in memory and are sent when the backend is back', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  let isAway = true;
  receiver.answer = () => (isAway ? { status: 429, headers: { 'retry-after': '0' } } : { status: 200 });
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }] });
  harness.end(...names(50));
  await harness.delivery.flush();
  t.match(harness.delivery.counters().destinations, [{ exported: 0, queue: { items: 50 } }]);
  isAway = false;
  await receiver.waitFor(() => receiver.accepted.length >= 50);
  t.same(receiver.accepted, names(50));
});

t.test('memory is bounded in bytes, and what does not fit is counted', async (t) => {
  const maxQueueBytes = 100_000;
  const harness = startDelivery(t, {
    destinations: [{ url: 'http://127.0.0.1:1/v1/traces' }],
    maxQueueBytes,
  });
  for (let round = 0; round < 40; round++) {
    harness.end(...names(100, 'x'.repeat(400)));
    await harness.delivery.flush();
    const [counters] = harness.delivery.counters().destinations;
    t.ok((counters?.queue.bytes ?? Number.NaN) <= maxQueueBytes);
  }
  harness.end('x'.repeat(maxQueueBytes));
  await harness.delivery.flush();
  const [counters] = harness.delivery.counters().destinations;
  t.ok((counters?.lost.queue_full ?? 0) > 3_000);
  t.equal(counters?.lost.too_large, 1);
  t.ok(harness.isBalanced());
  t.match(
    harness.logged,
    [/^Spans for destination-0 are lost, so far: queue_full \d+\.$/],
    'and said, seldom',
  );
  await harness.delivery.shutdown(0);
  t.match(harness.logged[1], /queue_full \d+, too_large 1, shutdown \d+/, 'in the end with all of it');
});

t.test('the number of waiting spans is bounded by OTEL_BSP_MAX_QUEUE_SIZE', async (t) => {
  const batch = { maxQueueSize: 20, maxExportBatchSize: 10, scheduleDelayMs: 10, exportTimeoutMs: 5_000 };
  const harness = startDelivery(t, { destinations: [{ url: 'http://127.0.0.1:1/v1/traces' }], batch });
  harness.end(...names(50));
  await harness.delivery.flush();
  t.match(harness.delivery.counters().destinations, [{ queue: { items: 20 }, lost: { queue_full: 30 } }]);
});

t.test(
  'a batch refused as too large is split until it fits; a span too large alone is counted',
  async (t) => {
    const receiver = await startOtlpReceiver();
    t.teardown(() => receiver.close());
    receiver.answer = ({ body }) => ({ status: body.length > 2_000 ? 413 : 200 });
    const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }] });
    const huge = 'huge'.repeat(1000);
    harness.end(...names(30), huge, ...names(30, 'after'));
    await harness.delivery.flush();
    t.same(receiver.accepted, [...names(30), ...names(30, 'after')]);
    t.match(harness.delivery.counters().destinations, [{ exported: 60, lost: { too_large: 1 } }]);
    t.ok(harness.reports.includes('too-large 1'));
  },
);

t.test('a backend that answers 413 to everything is left alone after a few single spans', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  receiver.answer = () => ({ status: 413, headers: { 'retry-after': '3600' } });
  for (const maxExportBatchSize of [512, 1]) {
    receiver.requests.length = 0;
    const batch = { maxQueueSize: 2048, maxExportBatchSize, scheduleDelayMs: 10, exportTimeoutMs: 5_000 };
    const spool = { directory: temporaryDirectory(t) };
    const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], spool, batch });
    harness.end(...names(400));
    await harness.delivery.flush();
    harness.end(...names(100, 'later'));
    await harness.delivery.flush();
    const [counters] = harness.delivery.counters().destinations;
    t.ok(receiver.requests.length < 40, `${receiver.requests.length} requests for 500 spans`);
    const lost = counters?.lost.too_large ?? Number.NaN;
    t.ok(lost >= 8 && lost <= 12, `${lost} were refused alone, the other four requests under way included`);
    t.equal(counters?.spool?.items, 500 - lost, 'the rest is kept');
    t.ok(harness.isBalanced());
  }
});

t.test('after such a wait the backend is asked again, and gets what was kept', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  let isAway = true;
  receiver.answer = () => (isAway ? { status: 413, headers: { 'retry-after': '0' } } : { status: 200 });
  const spool = { directory: temporaryDirectory(t) };
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], spool });
  harness.end(...names(100));
  await until(() => (harness.delivery.counters().destinations[0]?.lost.too_large ?? 0) >= 16);
  isAway = false;
  await until(() => {
    const [counters] = harness.delivery.counters().destinations;
    return counters && counters.exported + counters.lost.too_large === 100;
  });
  const lost = harness.delivery.counters().destinations[0]?.lost.too_large ?? Number.NaN;
  t.equal(lost % 8, 0);
  t.same(receiver.accepted, names(100).slice(lost));
  t.ok(harness.isBalanced());
});

t.test('more huge spans in a row than that do not keep the good ones behind them for ever', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  receiver.answer = ({ body }) => ({
    status: body.length > 2_000 ? 413 : 200,
    headers: { 'retry-after': '0' },
  });
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }] });
  harness.end(...names(30, 'huge'.repeat(1000)), ...names(30));
  await until(() => harness.delivery.counters().destinations[0]?.exported === 30);
  t.same(receiver.accepted, names(30));
  t.match(harness.delivery.counters().destinations, [{ exported: 30, lost: { too_large: 30 } }]);
});

t.test('the part of a split batch that could not be sent is kept, and only that part', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  let answers = 0;
  receiver.answer = ({ spans }) => {
    if (spans.length > 25) return { status: 413 };
    return ++answers === 3 ? { status: 503, headers: { 'retry-after': '0' } } : { status: 200 };
  };
  const spool = { directory: temporaryDirectory(t) };
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], spool });
  harness.end(...names(100));
  await receiver.waitFor(() => receiver.accepted.length >= 100);
  t.same(receiver.accepted, names(100));
});

t.test('spans that the backend refuses for good are counted and not sent again', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  for (const status of [301, 307, 400, 401, 403, 404, 500]) {
    receiver.requests.length = 0;
    receiver.answer = () => ({ status, headers: { location: receiver.tracesUrl } });
    const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }] });
    harness.end('refused');
    await harness.delivery.flush();
    t.equal(receiver.requests.length, 1, `${status} is asked once`);
    t.match(harness.delivery.counters().destinations, [{ lost: { rejected: 1 }, queue: { items: 0 } }]);
    t.match(harness.reports, [/ 1$/]);
  }
});

t.test('spans that a backend did not take out of an accepted request are counted and reported', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  // partial_success { rejected_spans: 3, error_message: "no" }
  receiver.answer = () => ({ status: 200, body: Uint8Array.of(0x0a, 6, 0x08, 3, 0x12, 2, 0x6e, 0x6f) });
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }] });
  harness.end(...names(10));
  await harness.delivery.flush();
  t.match(harness.delivery.counters().destinations, [{ exported: 7, lost: { rejected: 3 } }]);
  t.same(harness.reports, ['partly-rejected 3']);
});

t.test(
  'shutdown sends what waits; with a backend that hangs it keeps the deadline, and the spans',
  async (t) => {
    const receiver = await startOtlpReceiver();
    t.teardown(() => receiver.close());
    const directory = temporaryDirectory(t);
    const first = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], spool: { directory } });
    first.end('sent');
    await first.delivery.shutdown(5_000);
    t.same(receiver.accepted, ['sent']);
    t.notOk(existsSync(join(directory, 'test-service')), 'nothing is made on disk when all is well');

    receiver.answer = () => 'hang';
    const second = startDelivery(t, {
      destinations: [{ url: receiver.tracesUrl, timeoutMs: 60_000 }],
      spool: { directory },
    });
    second.end(...names(10));
    await second.delivery.shutdown(20);
    t.match(second.delivery.counters().destinations, [{ exported: 0, lost: { shutdown: 0 } }]);
    second.end('late');
    t.match(second.delivery.counters().destinations, [{ lost: { shutdown: 1 } }]);

    receiver.answer = () => ({ status: 200 });
    const third = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], spool: { directory } });
    await receiver.waitFor(() => receiver.accepted.length === 11);
    t.same(receiver.accepted, ['sent', ...names(10)]);
    t.match(third.delivery.counters().destinations, [{ recovered: 10 }]);
  },
);

t.test('shutdown sends the spool too, without minding the rate, when the backend takes it', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  receiver.answer = () => ({ status: 503, headers: { 'retry-after': '3600' } });
  const spool = { directory: temporaryDirectory(t) };
  const first = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], spool });
  first.end(...names(20, 'x'.repeat(500_000)));
  await first.delivery.shutdown(60_000);
  t.match(first.delivery.counters().destinations, [{ exported: 0, lost: { shutdown: 0 } }]);
  receiver.answer = () => ({ status: 200 });
  const second = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], spool });
  second.end('last');
  await second.delivery.shutdown(60_000);
  t.match(second.delivery.counters().destinations, [{ exported: 21, recovered: 20 }]);
});

t.test('shutdown without a spool counts what it could not send', async (t) => {
  const harness = startDelivery(t, { destinations: [{ url: 'http://127.0.0.1:1/v1/traces' }] });
  harness.end(...names(10));
  await harness.delivery.shutdown(20);
  t.match(harness.delivery.counters().destinations, [{ lost: { shutdown: 10 }, queue: { items: 0 } }]);
  await harness.delivery.shutdown(20);
  t.ok(harness.isBalanced());
});

t.test('a spool directory that cannot be written is reported once, and spans wait in memory', async (t) => {
  const harness = startDelivery(t, {
    destinations: [{ url: 'http://127.0.0.1:1/v1/traces' }],
    spool: { directory: '/dev/null/spool' },
  });
  for (let round = 0; round < 3; round++) {
    harness.end(...names(10));
    await harness.delivery.flush();
  }
  t.match(harness.delivery.counters().destinations, [{ queue: { items: 30 }, spooled: 0 }]);
  t.equal(harness.logged.filter((line) => line.includes('/dev/null/spool')).length, 1);
});

t.test('a FIFO or a link in the place of the spool is named, and spans wait in memory', async (t) => {
  for (const place of ['', 'test-service', 'test-service/destination-0']) {
    for (const plant of ['mkfifo', 'ln'] as const) {
      const parent = temporaryDirectory(t);
      const elsewhere = temporaryDirectory(t);
      chmodSync(elsewhere, 0o755);
      const directory = join(parent, 'spool');
      const planted = join(directory, place);
      mkdirSync(dirname(planted), { recursive: true });
      execFileSync(plant, plant === 'ln' ? ['-s', elsewhere, planted] : [planted]);
      const harness = startDelivery(t, {
        destinations: [{ url: 'http://127.0.0.1:1/v1/traces' }],
        spool: { directory },
      });
      for (let round = 0; round < 3; round++) {
        harness.end(...names(10));
        await harness.delivery.flush();
      }
      t.match(harness.delivery.counters().destinations, [{ queue: { items: 30 }, spooled: 0 }]);
      t.equal(harness.logged.filter((line) => line.includes(`${planted} is`)).length, 1, 'named once');
      t.same(readdirSync(elsewhere), [], 'nothing is written behind the link');
      t.equal(statSync(elsewhere).mode & 0o777, 0o755);
    }
  }
});

t.test('spans of damaged records are counted as found and lost, and a line names the file', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  receiver.answer = () => ({ status: 503, headers: { 'retry-after': '3600' } });
  const spool = { directory: temporaryDirectory(t) };
  const batch = { maxQueueSize: 2048, maxExportBatchSize: 5, scheduleDelayMs: 10, exportTimeoutMs: 5_000 };
  const first = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], spool, batch });
  first.end(...names(100));
  await first.delivery.shutdown(0);
  const files = readdirSync(spool.directory, { recursive: true }) as string[];
  const file = join(spool.directory, files.find((name) => name.endsWith('.spans')) ?? '');
  const bytes = readFileSync(file);
  bytes[5] = (bytes[5] ?? 0) ^ 1; // the first record's length
  writeFileSync(file, bytes);
  receiver.answer = () => ({ status: 200 });
  const second = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], spool });
  await until(() => second.delivery.counters().destinations[0]?.exported === 95);
  t.match(second.delivery.counters().destinations, [{ recovered: 100, lost: { spool_damaged: 5 } }]);
  t.ok(second.isBalanced());
  t.ok(second.logged.some((line) => line.includes(file) && line.includes('5 spans')));
});

/** The file system, whose writes stand still until they are told to go on. */
function stallingFiles() {
  const { promise: goesOn, resolve: goOn } = Promise.withResolvers<void>();
  let stalled = 0;
  const files: SpoolFiles = {
    ...DISK_FILES,
    async write(...write) {
      stalled++;
      await goesOn;
      await DISK_FILES.write(...write);
    },
  };
  return { files, goOn, stalled: () => stalled };
}

t.test(
  'a disk that stands still holds nobody up, and gets all that fits in memory when it goes on',
  async (t) => {
    const { files, goOn, stalled } = stallingFiles();
    const receiver = await startOtlpReceiver();
    t.teardown(() => receiver.close());
    let isAway = true;
    receiver.answer = () => (isAway ? { status: 503, headers: { 'retry-after': '0' } } : { status: 200 });
    const batch = { maxQueueSize: 2048, maxExportBatchSize: 10, scheduleDelayMs: 10, exportTimeoutMs: 5_000 };
    const harness = startDelivery(t, {
      destinations: [{ url: receiver.tracesUrl }],
      spool: { directory: temporaryDirectory(t), files },
      maxQueueBytes: 100_000,
      batch,
    });
    harness.end('first');
    await until(() => stalled() === 1);
    const made = ['first', ...names(60, 'x'.repeat(1_000))];
    harness.end(...made.slice(1));
    // The event loop turns: each of these waits is one.
    await until(() => harness.delivery.counters().destinations[0]?.ended === 61);
    t.match(harness.delivery.counters().destinations, [
      { queue: { items: 61 }, spool: { items: 0 }, spooled: 0, exported: 0 },
    ]);
    t.equal(stalled(), 1, 'one after the other');
    harness.end(...names(400, 'y'.repeat(1_000)));
    await until(() => harness.delivery.counters().destinations[0]?.ended === 461);
    const [counters] = harness.delivery.counters().destinations;
    const lost = counters?.lost.queue_full ?? Number.NaN;
    t.ok(
      lost > 200 && (counters?.queue.bytes ?? Number.NaN) <= 200_000,
      'memory is bounded, the rest is counted',
    );
    t.ok(harness.isBalanced());
    goOn();
    await until(() => (harness.delivery.counters().destinations[0]?.spool?.items ?? 0) > 0);
    isAway = false;
    await until(() => harness.delivery.counters().destinations[0]?.exported === 461 - lost);
    t.same(
      receiver.accepted.filter((name) => !name.startsWith('y')),
      made,
      'in order',
    );
    t.ok(harness.isBalanced());
  },
);

t.test('what a stalled disk has not got is sent from memory when the backend is back', async (t) => {
  const { files, goOn, stalled } = stallingFiles();
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  let isAway = true;
  receiver.answer = () => (isAway ? { status: 503, headers: { 'retry-after': '0' } } : { status: 200 });
  const harness = startDelivery(t, {
    destinations: [{ url: receiver.tracesUrl }],
    spool: { directory: temporaryDirectory(t), files },
  });
  harness.end(...names(50));
  await until(() => stalled() > 0);
  isAway = false;
  await until(() => harness.delivery.counters().destinations[0]?.exported === 50);
  t.same(receiver.accepted, names(50));
  goOn();
  await harness.delivery.flush();
  t.match(harness.delivery.counters().destinations, [{ queue: { items: 0 }, spool: { items: 0, bytes: 0 } }]);
  t.ok(harness.isBalanced());
});

t.test('a dying process writes what a stalled write has not, before it returns', async (t) => {
  const { files, goOn, stalled } = stallingFiles();
  const spool = { directory: temporaryDirectory(t) };
  const harness = startDelivery(t, {
    destinations: [{ url: 'http://127.0.0.1:1/v1/traces' }],
    spool: { ...spool, files },
  });
  harness.end(...names(30));
  await until(() => stalled() > 0);
  harness.end(...names(30, 'late'));
  t.equal(harness.delivery.spillSync(), 0);
  t.match(harness.delivery.counters().destinations, [{ queue: { items: 0 }, spool: { items: 60 } }]);
  t.ok(harness.isBalanced());
  goOn(); // the write under way comes to the same place
  await harness.delivery.shutdown(0);
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], spool });
  await receiver.waitFor(() => receiver.accepted.length >= 60);
  t.same(receiver.accepted, [...names(30), ...names(30, 'late')], 'each once, in order');
});

t.test(
  'shutdown does not wait for a disk that stands still for long, and counts what it has not got',
  async (t) => {
    const { files, stalled } = stallingFiles();
    const harness = startDelivery(t, {
      destinations: [{ url: 'http://127.0.0.1:1/v1/traces' }],
      spool: { directory: temporaryDirectory(t), files },
    });
    harness.end(...names(30));
    await until(() => stalled() > 0);
    await harness.delivery.shutdown(0);
    t.match(harness.delivery.counters().destinations, [{ queue: { items: 0 }, lost: { shutdown: 30 } }]);
    t.ok(harness.isBalanced());
  },
);

t.test('a write that fails gives its batch, and those behind it in the file, back to memory', async (t) => {
  const spool = { directory: temporaryDirectory(t) };
  let failures = 1;
  const files: SpoolFiles = {
    ...DISK_FILES,
    write: (path, bytes, offset, isNew) =>
      offset > 0 && bytes.length > 1 && failures-- > 0
        ? Promise.reject(new Error('ENOSPC: no space left on device'))
        : DISK_FILES.write(path, bytes, offset, isNew),
  };
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  let isAway = true;
  receiver.answer = () => (isAway ? { status: 503, headers: { 'retry-after': '0' } } : { status: 200 });
  const batch = { maxQueueSize: 2048, maxExportBatchSize: 10, scheduleDelayMs: 10, exportTimeoutMs: 5_000 };
  const harness = startDelivery(t, {
    destinations: [{ url: receiver.tracesUrl }],
    spool: { ...spool, files },
    batch,
  });
  harness.end(...names(100));
  await until(() => failures < 1);
  await harness.delivery.flush();
  t.ok(harness.isBalanced());
  t.equal(harness.logged.filter((line) => line.includes(spool.directory)).length, 1);
  isAway = false;
  await until(() => harness.delivery.counters().destinations[0]?.exported === 100);
  t.same(receiver.accepted.toSorted(), names(100).toSorted(), 'each once');
  t.ok(harness.isBalanced());
});

t.test('on a volume that is nearly full spans are given up, by a reason of their own', async (t) => {
  const MIB = 1024 * 1024;
  let freeMib = 65;
  const onDisk = () => spooled()?.bytes ?? 0;
  const spool = {
    directory: temporaryDirectory(t),
    statfs: async () => {
      await null; // the harness is there
      return { bsize: MIB, blocks: 200, bavail: freeMib - onDisk() / MIB };
    },
  };
  const harness = startDelivery(t, {
    destinations: [{ url: 'http://127.0.0.1:1/v1/traces' }],
    maxQueueBytes: 100_000,
    spool,
  });
  const spooled = () => harness.delivery.counters().destinations[0]?.spool;
  harness.end(...names(10));
  await harness.delivery.flush();
  for (let round = 0; round < 30; round++) {
    harness.end(...names(10, 'x'.repeat(10_000)));
    await harness.delivery.flush();
    t.ok((spooled()?.bytes ?? Number.NaN) <= MIB, 'less than what is above 64 MiB');
  }
  t.match(harness.delivery.counters().destinations, [{ lost: { spool_full: 0, queue_full: 0 } }]);
  t.ok((spooled()?.items ?? 0) >= 60, 'the room that there is is used');
  t.ok((harness.delivery.counters().destinations[0]?.lost.disk_full ?? 0) >= 190);
  freeMib = 60;
  await until(() => spooled()?.items === 0, { what: 'the spool to give its room back' });
  harness.end(...names(10, 'x'.repeat(20_000)));
  await harness.delivery.flush();
  t.equal(spooled()?.items, 0);
  t.ok(harness.isBalanced());
  t.ok(harness.logged.some((line) => line.includes('disk_full')));
});

t.test('a spool directory removed while it is in use is made again', async (t) => {
  const directory = temporaryDirectory(t);
  const harness = startDelivery(t, {
    destinations: [{ url: 'http://127.0.0.1:1/v1/traces' }],
    spool: { directory },
  });
  harness.end(...names(10));
  await harness.delivery.flush();
  rmSync(directory, { recursive: true });
  harness.end(...names(5));
  await harness.delivery.flush();
  t.match(harness.delivery.counters().destinations, [{ spool: { items: 5 }, lost: { spool_damaged: 10 } }]);
  t.ok(harness.isBalanced());
});

t.test('sending does not keep the context of the request in which a batch became full', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  const storage = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  const reporter = { report() {}, finish() {}, recovered: () => void seen.push(storage.getStore()) };
  const batch = { maxQueueSize: 10, maxExportBatchSize: 1, scheduleDelayMs: 10, exportTimeoutMs: 5_000 };
  const harness = startDelivery(t, { destinations: [{ url: receiver.tracesUrl }], reporter, batch });
  storage.run('request', () => harness.end('one'));
  await until(() => seen.length > 0);
  t.same(seen, [undefined]);
});

t.test('the spool stays inside its directory, whatever service and destination are called', async (t) => {
  const directory = join(temporaryDirectory(t), 'spool');
  for (const name of ['../../outside', '..', '.', '', '/etc', 'ünï code*']) {
    const harness = startDelivery(t, {
      serviceName: name,
      destinations: [{ name, url: 'http://127.0.0.1:1/v1/traces' }],
      spool: { directory },
    });
    harness.end('one');
    await harness.delivery.flush();
    t.match(harness.delivery.counters().destinations, [{ spool: { items: 1 } }], name);
  }
  t.same(readdirSync(join(directory, '..')), ['spool']);
  t.ok(readdirSync(directory).every((name) => /^[\w.%-]+$/.test(name)));
});

function cannotBeRead(): never {
  throw new Error('These attributes cannot be read');
}
