import type { Test } from 'tap';
import t from 'tap';
import { saidOf } from '../../../src/core/problems/said.ts';
import type { Cause } from '../../../src/core/problems/schemas.ts';
import { at, temporaryExplorer } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';
import { randomId, storeSpans } from '../../spans.ts';

const RUN = { 'tandem.run.id': 'now' };
let clock = 0;

/** A request that waited for one of two connections. @param by who held both, where telemetry knows */
function waiting(ms: number, by?: string, at_?: string): PlainSpan[] {
  clock += 1000;
  const [traceId, spanId] = [randomId(16), randomId(8)];
  const base = { traceId, service: 'desk', resource: RUN, start: at(clock) };
  const route = { 'http.route': '/tickets', 'http.request.method': 'GET' };
  const held = by !== undefined && {
    'tandem.call.held': 2,
    'tandem.call.held_by': by,
    'tandem.code.held_at': at_ ?? '',
  };
  const wait = { 'db.system.name': 'postgresql', 'tandem.call.pool_size': 2, 'tandem.call.waiting_ms': ms };
  return [
    { ...base, spanId, name: 'GET /tickets', kind: 2, durationMs: ms + 20, attributes: route },
    {
      ...{ ...base, parentSpanId: spanId, name: 'pg-pool.connect', kind: 3, durationMs: ms },
      attributes: { ...wait, ...held },
    },
  ];
}
const close = (ms: number) => waiting(ms, 'POST /close', 'src/tickets.js:31');

async function saidOn(t: Test, spans: readonly PlainSpan[]) {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, spans);
  const [cause] = (await get('/api/causes')).body.causes as Cause[];
  const [ending] = (await get('/api/verdict?run=now')).body.causes as { sentence: string }[];
  const [reported] = (await get('/api/report?run=now')).body.causes as { sentence: string }[];
  const said = cause && saidOf(cause);
  t.equal(reported?.sentence, said);
  t.equal(ending?.sentence, cause && saidOf(cause, true));
  return said;
}

t.test('of a wait for a connection a holder that is known is told, and how often it was', async (t) => {
  // The longest wait of all does not know, and the first request of a route counts no time.
  const said = await saidOn(t, [
    ...waiting(50),
    ...waiting(900),
    ...close(400),
    ...close(300),
    ...waiting(800),
  ]);
  t.equal(
    said,
    '1 call of desk waited 400 ms for one of 2 connections; 2 of 2 connections were held by POST /close, src/tickets.js:31; so it was in 2 of 4 such waits',
  );
});

t.test('the holder of most waits is told where the longest wait had another one', async (t) => {
  const said = await saidOn(t, [
    ...waiting(20),
    ...close(300),
    ...waiting(900, 'GET /export', 'src/export.js:6'),
    ...close(200),
  ]);
  t.match(
    said,
    /held by GET \/export, src\/export\.js:6; in 2 of 3 such waits POST \/close, src\/tickets\.js:31 held them$/,
  );
});

t.test('nothing more is said where nobody knows, or of one wait', async (t) => {
  t.notMatch(await saidOn(t, [...waiting(50), ...waiting(900), ...waiting(800)]), /held|such waits/);
  t.match(await saidOn(t, [...waiting(50), ...close(400)]), /held by POST \/close, src\/tickets\.js:31/);
});
