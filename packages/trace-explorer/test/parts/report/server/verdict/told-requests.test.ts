import t from 'tap';
import type { Verdict } from '../../../../../src/parts/report/server/verdict/schemas.ts';
import { at, temporaryExplorer } from '../../../../explorer.ts';
import type { PlainSpan } from '../../../../spans.ts';
import { randomId, storeSpans } from '../../../../spans.ts';

let clock = 0;

/** A request that calls GET /flaky again and again, with these answers. */
function retry(answers: readonly number[], service = 'shop'): PlainSpan[] {
  clock += 1000;
  const base = { traceId: randomId(16), resource: { 'tandem.run.id': 'now' } };
  const own = randomId(8);
  const calls = answers.flatMap((status, nth): PlainSpan[] => {
    const call = { ...base, spanId: randomId(8), start: at(clock + 40 * nth), durationMs: 20 };
    const failed = { ...(status >= 500 && { status: 2 as const }) };
    const more = { 'http.response.status_code': status };
    return [
      {
        ...{ ...call, ...failed, service: 'shop', parentSpanId: own, name: 'GET', kind: 3 },
        attributes: { ...more, 'url.full': 'http://stock:80/flaky' },
      },
      {
        ...{
          ...call,
          ...failed,
          service,
          spanId: randomId(8),
          parentSpanId: call.spanId,
          kind: 2,
          name: 'GET',
        },
        attributes: { ...more, 'url.path': '/flaky' },
      },
    ];
  });
  return [
    {
      ...{ ...base, service: 'shop', spanId: own, name: 'GET /retry', kind: 2 },
      ...{ start: at(clock), durationMs: 40 * answers.length },
      attributes: { 'http.response.status_code': 200 },
    },
    ...calls,
  ];
}

for (const service of ['shop', 'stock'])
  t.test(`tries are counted in the requests that made them, of ${service}`, async (t) => {
    const { store, get } = await temporaryExplorer(t);
    await storeSpans(store, [
      ...retry([503, 200], service),
      ...retry([503, 503, 200], service),
      ...retry([200]),
    ]);
    const { causes } = (await get('/api/verdict?run=now')).body as Verdict;
    t.match(causes, [
      {
        sentence: /^GET \/retry tried GET \/flaky 3 times and only the last one succeeded/,
        ...{ route: 'GET /retry', unit: 'request', seen: 2, of: 3 },
      },
    ]);
    t.equal(causes.length, 1);
  });
