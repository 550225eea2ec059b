import t from 'tap';
import { buildTree } from '../../../../src/core/traces/tree/tree.ts';
import { at, temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { randomId, storeLogs, storeSpans } from '../../../spans.ts';
import { client, findingsIn, sentences, server, span } from '../make-span.ts';

const logged = 'TypeError: total is not a function';
const loggedFrame = 'at total (file:///srv/app/src/total.mjs:2:15)';
const root = (more: object = {}) =>
  server('root', '', 0, 20, { name: 'GET /total', statusCode: '200', logged, loggedFrame, ...more });

t.test('an error that a request logged before it succeeded is a fact', async (t) => {
  const [found, ...others] = findingsIn(buildTree([root()]));
  t.same(others, []);
  t.match(found, {
    rule: 'logged-error',
    sentence: `GET /total of api answered 200, and logged ${logged} (/srv/app/src/total.mjs:2)`,
    advice: 'If the answer is whole without it, log it as a warning.',
    line: '/srv/app/src/total.mjs:2',
    cost: 0,
  });
  const python = 'File "/srv/app/shop/total.py", line 31, in total';
  const lines = Object.entries({
    [python]: '/srv/app/shop/total.py:31',
    'at com.shop.Total.sum(Total.java:7)': 'Total.java:7',
    'at file:///C:/app/total.mjs:2:15': 'C:/app/total.mjs:2',
    'at <anonymous>': undefined,
  });
  for (const [frame, line] of lines)
    t.equal(findingsIn(buildTree([root({ loggedFrame: frame })]))[0]?.line, line, frame);
  const inside = [
    root({ logged: '', loggedFrame: '' }),
    span('sum', 'root', 2, 8, { name: 'sum', logged, loggedFrame }),
    span('again', 'root', 9, 12, { name: 'sum', logged, loggedFrame }),
  ];
  t.strictSame(sentences(inside), [
    `logged-error: GET /total of api answered 200, and logged ${logged} (/srv/app/src/total.mjs:2) in sum`,
  ]);
});

t.test('it is silent beside a failure, a refusal, and where no request says its status', async (t) => {
  const none = (name: string, spans: Parameters<typeof sentences>[0]) =>
    t.notMatch(sentences(spans).join(), 'logged-error', name);
  none('refused', [root({ statusCode: '404' })]);
  none('unknown', [root({ statusCode: '' })]);
  none('no request', [root({ kind: 'internal' })]);
  none('failed', [root({ error: true, statusCode: '500' })]);
  none('a swallowed error says it', [root(), client('call', 'root', 2, 8, { error: true })]);
});

t.test('of log records, those with an exception and the level of an error are read', async (t) => {
  const exception = {
    'exception.type': 'TypeError',
    'exception.message': 'no total',
    'exception.stacktrace': loggedFrame,
  };
  const said = async (records: readonly { severity?: number; attributes?: object }[], status = 200) => {
    const { store, trace, get } = await temporaryExplorer(t);
    const [traceId, spanId] = [randomId(16), randomId(8)];
    const attributes = { 'http.response.status_code': status, 'http.route': '/total' };
    const request: PlainSpan = {
      ...{
        traceId,
        spanId,
        service: 'shop',
        name: 'GET /total',
        kind: 2,
        start: at(0),
        durationMs: 9,
        attributes,
      },
    };
    await storeSpans(store, [request]);
    await storeLogs(
      store,
      records.map((record, nth) => ({ traceId, spanId, body: '', time: at(nth + 1), ...record }) as never),
    );
    const { findings } = await trace(traceId);
    const { causes } = (await get('/api/causes')).body;
    t.same(
      causes.map(({ failed, lost_ms }: Record<string, number>) => [failed, lost_ms]),
      findings.map(() => [0, 0]),
    );
    const verdict = (await get('/api/verdict')).body;
    t.notOk(verdict.causes.some(({ failure }: { failure: boolean }) => failure));
    return findings.map(({ sentence }: { sentence: string }) => sentence);
  };
  const error = { severity: 17, attributes: exception };
  t.match(await said([error]), [
    /GET \/total of shop answered 200, and logged TypeError: no total \(\/srv\/app\/src\/total/,
  ]);
  t.match(await said([{ severity: 13, attributes: { 'exception.type': 'Retry' } }, error]), [
    /logged TypeError/,
  ]);
  t.same(await said([{ severity: 13, attributes: exception }]), [], 'a warning');
  t.same(await said([{ severity: 9, attributes: exception }]), [], 'a line of a stack');
  t.same(await said([{ severity: 17 }]), [], 'no exception');
  t.same(await said([error], 404), [], 'a refusal');
});
