import type { AddressInfo } from 'node:net';
import t from 'tap';
import { at, temporaryExplorer } from '../../explorer.ts';
import { randomId, storeSpans } from '../../spans.ts';
import { runCli } from './run-cli.ts';

const { app, store } = await temporaryExplorer(t);
await app.listen({ port: 0, host: '127.0.0.1' });
const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
const report = (...args: string[]) => runCli('report', ['--url', url, ...args]);

/** Requests of a route, outside of tests, which make so many calls. */
async function storeRun(run: string, requests: number, calls: number, more = {}) {
  const spans = Array.from({ length: requests }, (_, n) => {
    const [traceId, spanId] = [randomId(16), randomId(8)];
    const span = { traceId, resource: { 'tandem.run.id': run }, start: at(n), durationMs: 5 };
    return [
      { ...span, spanId, name: 'GET /a', kind: 2, attributes: { 'http.response.status_code': 200, ...more } },
      ...Array.from({ length: calls }, () => ({ ...span, parentSpanId: spanId, name: 'SELECT a', kind: 3 })),
    ];
  });
  await storeSpans(store, spans.flat());
}

await storeRun('few', 3, 1);
await storeRun('few-more', 3, 6);
await storeRun('many', 60, 1, { 'http.response.body.size': 1_000 });
await storeRun('many-more', 60, 2, { 'http.response.body.size': 100_000 });
await storeSpans(store, [{ resource: { 'tandem.run.id': 'none' }, name: 'work', kind: 1, start: at(0) }]);

t.test('a gate that had nothing to compare ends with 2 and says so, and the report is written', async (t) => {
  for (const kind of ['more-calls', 'slower']) {
    const { code, out, error } = await report('few-more', '--base', 'few', '--fail-on', kind);
    t.equal(code, 2, kind);
    t.match(error, `--fail-on ${kind} had nothing to compare: `);
    t.match(out, /0 new problems/);
    t.notMatch(out, /no route calls more|nothing is slower/);
  }
  t.match(await report('none', '--base', 'few', '--fail-on', 'new-causes'), {
    code: 2,
    error: /causes are of requests/,
  });
  t.match(await report('few', '--fail-on', 'new-causes'), { code: 2, error: /Name it: --base/ });
  t.match(await report('few-more', '--base', 'few', '--fail-on', 'new-causes'), { code: 0 });
  t.match(await runCli('compare', ['--url', url, 'few', 'few-more']), {
    code: 2,
    error: /^Nothing was compared/m,
  });
});

t.test('without tests a gate compares the routes with enough requests in both runs', async (t) => {
  const more = await report('many-more', '--base', 'many', '--fail-on', 'more-calls');
  t.equal(more.code, 1, more.error);
  t.match(more.out, /### Calls per request\n\n- GET \/a: SELECT a 1 → 2 per request/);
  t.match(more.out, /### Answers\n\n- GET \/a: .* 1 → 100 kB/);
  t.notMatch(more.out, '### Slower');
  const less = await report('many', '--base', 'many-more', '--fail-on', 'more-calls,slower');
  t.equal(less.code, 0, less.error);
  t.match(less.out, /SELECT a 2 → 1 per request/);
  // One kind found something, and another one had nothing to look at.
  t.match(await report('many', '--base', 'none', '--fail-on', 'new-causes,more-calls'), { code: 2 });
});
