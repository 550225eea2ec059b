import t from 'tap';
import { honeycombQueryUrl, honeycombTraceUrl } from '../../../src/page/honeycomb/honeycomb-links.ts';

const us = { team: 'my-team', environment: 'test', region: 'US' } as const;
const query = { calculations: [{ op: 'COUNT' }], time_range: 600 } as const;

t.test('a query template link holds the same specification, in the region of the team', (t) => {
  const url = new URL(honeycombQueryUrl(us, '__all__', query));
  t.equal(url.origin + url.pathname, 'https://ui.honeycomb.io/my-team/environments/test/datasets/__all__');
  t.same(JSON.parse(url.searchParams.get('query') ?? ''), query);
  const eu = new URL(honeycombQueryUrl({ ...us, region: 'EU' }, 'My Service', query));
  t.equal(
    eu.origin + eu.pathname,
    'https://ui.eu1.honeycomb.io/my-team/environments/test/datasets/my-service',
  );
  const classic = new URL(honeycombQueryUrl({ ...us, environment: '' }, 'api', query));
  t.equal(classic.pathname, '/my-team/datasets/api');
  t.end();
});

t.test('a trace link names the trace, the span and a time around both', (t) => {
  const url = new URL(
    honeycombTraceUrl(us, { id: 'abc', span: 'def', dataset: 'My Service', start: 1000.5, end: 1002.2 }),
  );
  t.equal(url.pathname, '/my-team/environments/test/trace');
  t.same(Object.fromEntries(url.searchParams), {
    trace_id: 'abc',
    span: 'def',
    trace_start_ts: '940',
    trace_end_ts: '1063',
  });
  const trace = { id: 'abc', dataset: 'My Service', start: 1, end: 2 };
  const classic = new URL(honeycombTraceUrl({ ...us, environment: '' }, trace));
  t.equal(classic.pathname, '/my-team/datasets/my-service/trace', 'classic teams have traces in datasets');
  t.end();
});
