import { setTimeout } from 'node:timers/promises';
import { decoded } from '@tandem/otlp/testing';
import t from 'tap';
import { deadlineIn } from '../../../../src/lib/time/deadline.ts';
import { at, ids, temporaryExplorer } from '../../../explorer.ts';
import { storeSpans } from '../../../spans.ts';

const id = ids();

/** Never ends by itself; says when it is under way. */
const ENDLESS = 'SELECT sum(hash(range)) FROM range(1000000000000000)';
/** More than the store runs at the same time. */
const SCANS = 6;
/** Others take all readers for so long; others than these statements may take time, too. */
const BUSY_MS = 300;

t.test(
  'one trace, one span, their fields and the status are read beside as many scans as there can be',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    const [traceId, spanId] = [id('trace', 16), id('span')];
    await storeSpans(store, [{ traceId, spanId, name: 'GET /', service: 'shop', start: at(0) }]);
    const ending = new AbortController();
    const scans = Array.from({ length: SCANS }, () => store.read(ENDLESS, [], { signal: ending.signal }));
    const ended = Promise.allSettled(scans);
    let areRunning = true;
    void ended.then(() => {
      areRunning = false;
    });
    const answers = {
      [`/api/traces/${traceId}/outline`]: { trace_id: traceId, span_ids: spanId },
      [`/api/traces/${traceId}/fields`]: { fields: Array },
      [`/api/traces/${traceId}/spans/${spanId}`]: {},
      [`/api/logs?trace_id=${traceId}`]: { logs: [] },
      '/api/fields': { rows: 1 },
      '/api/status': { spans: 1 },
      '/health/ready': {},
    };
    for (const [url, body] of Object.entries(answers)) t.match(await get(url), { status: 200, body }, url);
    await store.write(decoded([{ traceId, spanId: id('other'), service: 'shop', start: at(1) }]));
    t.match(await get('/health/ready'), { status: 200 });
    t.match(await get('/api/status'), { body: { spans: 2 } }, 'what comes in is stored');
    t.ok(areRunning, 'all of it while the scans ran');
    ending.abort();
    for (const { status } of await ended) t.equal(status, 'rejected');
  },
);

t.test(
  'whoever finds no free reader until the deadline, or leaves, waits no longer; the next one is served',
  async (t) => {
    const { store } = await temporaryExplorer(t);
    const [ending, leaving] = [new AbortController(), new AbortController()];
    const scans = Array.from({ length: SCANS / 2 }, () => store.read(ENDLESS, [], { signal: ending.signal }));
    const ended = Promise.allSettled(scans);
    const late = store.read('SELECT 1', [], { deadline: deadlineIn(50) });
    const gone = store.read('SELECT 1', [], { signal: leaving.signal });
    const patient = store.read('SELECT 1');
    await t.rejects(late, {
      code: 'STORE_BUSY',
      retryAfterSeconds: 5,
      message: /Too much else is being read/,
    });
    leaving.abort(new Error('left'));
    await t.rejects(gone, { message: 'left' });
    ending.abort();
    await ended;
    t.same((await patient).rows, [[1]]);
  },
);

t.test(
  'a request whose statements waited for most of its time, each for a part of it, is asked to come again',
  async (t) => {
    const { store } = await temporaryExplorer(t);
    const deadline = deadlineIn(8 * BUSY_MS);
    for (let statement = 0; statement < 5; statement++) {
      const ending = new AbortController();
      const others = Array.from({ length: SCANS }, () => store.read(ENDLESS, [], { signal: ending.signal }));
      const ended = Promise.allSettled(others);
      const own = store.read('SELECT 1', [], { deadline });
      await setTimeout(BUSY_MS);
      ending.abort();
      await Promise.all([ended, own]);
    }
    await t.rejects(store.read(ENDLESS, [], { deadline }), { code: 'STORE_BUSY', retryAfterSeconds: 5 });
    const alone = deadlineIn(BUSY_MS, 100 * BUSY_MS);
    await t.rejects(store.read(ENDLESS, [], { deadline: alone }), { code: 'QUERY_TIMEOUT' });
  },
);

t.test(
  'at its deadline a request that ran beside others is asked to come again, one that had them to itself is not',
  async (t) => {
    const { store } = await temporaryExplorer(t);
    const ending = new AbortController();
    const beside = (short: boolean) => store.read(ENDLESS, [], { short, signal: ending.signal });
    const others = Promise.allSettled([beside(true), beside(true), beside(false)]);
    const shared = store.read(ENDLESS, [], { deadline: deadlineIn(4 * BUSY_MS) });
    await t.rejects(shared, { code: 'STORE_BUSY', retryAfterSeconds: 5 });
    ending.abort();
    await others;
    const deadline = deadlineIn(4 * BUSY_MS, 400 * BUSY_MS);
    // Its own statements are no others.
    const own = [false, false, true, true].map((short) => store.read(ENDLESS, [], { short, deadline }));
    for (const result of await Promise.allSettled(own))
      t.match(result, { status: 'rejected', reason: { code: 'QUERY_TIMEOUT' } });
  },
);

t.test('a request may use its own time, however long others hold it up, and no more', async (t) => {
  const { store } = await temporaryExplorer(t);
  const ending = new AbortController();
  const others = Array.from({ length: SCANS }, () => store.read(ENDLESS, [], { signal: ending.signal }));
  const ended = Promise.allSettled(others);
  const deadline = deadlineIn(BUSY_MS, 100 * BUSY_MS);
  const waiting = store.read('SELECT 1', [], { deadline });
  await setTimeout(2 * BUSY_MS);
  ending.abort();
  await ended;
  t.same((await waiting).rows, [[1]], 'it waited for longer than it may use');
  await t.rejects(store.read(ENDLESS, [], { deadline }), { code: 'QUERY_TIMEOUT' });
  t.ok(deadline.used >= BUSY_MS);
  t.ok(deadline.at > performance.now(), 'long before the clock would have ended it');
});

t.test(
  'a request that waits for a processor, which other programs have, uses none of its own time',
  async (t) => {
    const { store } = await temporaryExplorer(t);
    const ran = process.cpuUsage();
    t.intercept(process, 'cpuUsage', { value: () => ran });
    const deadline = deadlineIn(BUSY_MS, 4 * BUSY_MS);
    await t.rejects(store.read(ENDLESS, [], { deadline }), { code: 'STORE_BUSY', retryAfterSeconds: 5 });
    t.equal(deadline.used, 0);
  },
);
