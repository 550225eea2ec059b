import t from 'tap';
import { findingsOf } from '../../../../../src/core/traces/findings/rules.ts';
import { buildModel } from '../../../../../src/core/traces/model/trace-model.ts';
import { outlineTree } from '../../../../../src/core/traces/tree/outline-tree.ts';
import { buildTree } from '../../../../../src/core/traces/tree/tree.ts';
import { at, temporaryExplorer } from '../../../../explorer.ts';
import { randomId, storeSpans } from '../../../../spans.ts';
import { client, sentences } from '../../make-span.ts';

const of = (lost: 'before' | 'after') => {
  const outline = outlineTree(
    't',
    buildTree([client('call', '', 0, 12, { name: 'GET /users', service: 'api' })]),
  );
  return findingsOf(buildModel({ ...outline, lost: [[0, lost]] })).map(({ sentence }) => sentence);
};

t.test('a call whose other half is another trace says which half', async (t) => {
  t.match(of('before'), [
    /^The trace begins with GET \/users, a call of 12.0 ms by api, which answers requests/,
  ]);
  t.match(of('after'), [
    /^The trace ends with GET \/users, a call of 12.0 ms by api: its callee sends spans/,
  ]);
});

t.test('a call alone says nothing', async (t) => {
  t.strictSame(sentences([client('call', '', 0, 12)]), []);
});

t.test('a stored call without an address is no half of any other trace', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const [alone, other] = [randomId(16), randomId(16)];
  const half = { name: 'GET', start: at(0), durationMs: 5 };
  await storeSpans(store, [
    { ...half, traceId: alone, spanId: randomId(8), kind: 3, service: 'web' },
    { ...half, traceId: other, spanId: randomId(8), kind: 2, service: 'api' },
  ]);
  const { body } = await get(`/api/traces/${alone}/outline`);
  t.strictSame(body.lost, []);
});

const span = (kind: number, service: string, startMs: number, durationMs: number, more: object = {}) => ({
  traceId: randomId(16),
  spanId: randomId(8),
  kind,
  service,
  start: at(startMs),
  durationMs,
  ...more,
});

t.test('the half before is the one request that its service answered during the call', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const lost = async (traceId: string) => (await get(`/api/traces/${traceId}/outline`)).body.lost;
  const [torn, timer] = [span(3, 'api', 10, 20), span(3, 'api', 5000, 20)];
  await storeSpans(store, [span(2, 'api', 0, 40), torn, timer]);
  t.same(await lost(torn.traceId), [[0, 'before']]);
  t.same(await lost(timer.traceId), [], 'the service answered requests, but none at that time');
  const [job, busy] = [span(3, 'worker', 10, 20), span(2, 'worker', 0, 40)];
  const made = { ...span(3, 'worker', 11, 5), traceId: busy.traceId, parentSpanId: busy.spanId };
  await storeSpans(store, [busy, made, job]);
  t.same(await lost(job.traceId), [], 'the request at that time has calls of its own');
});

t.test('the half after is a request without a parent at the called address during the call', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const lost = async (traceId: string) => (await get(`/api/traces/${traceId}/outline`)).body.lost;
  const there = { attributes: { 'server.address': 'users', 'server.port': 4568 } };
  const [torn, later] = [span(3, 'api', 10, 20, there), span(3, 'api', 5000, 20, there)];
  await storeSpans(store, [torn, later, span(2, 'users', 12, 10, there)]);
  t.same(await lost(torn.traceId), [[0, 'after']]);
  t.same(await lost(later.traceId), []);
});
