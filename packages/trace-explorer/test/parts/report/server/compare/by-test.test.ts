import t from 'tap';
import type { SectionName } from '../../../../../src/parts/report/sections.ts';
import { changesIn, sectionsOf } from '../../../../../src/parts/report/sections.ts';
import type { Change } from '../../../../../src/parts/report/server/compare/change.ts';
import type { RunReport } from '../../../../../src/parts/report/server/schemas.ts';
import { at, temporaryExplorer } from '../../../../explorer.ts';
import type { PlainSpan } from '../../../../spans.ts';
import { randomId, storeSpans } from '../../../../spans.ts';

interface Parts {
  readonly service?: string;
  readonly failed?: boolean;
  /** The requests of the test: the names of their spans, status, and the operations that each calls. */
  readonly requests?: readonly {
    readonly name?: string;
    readonly path?: string;
    readonly status?: number;
    readonly calls?: readonly string[];
    readonly ms?: number;
  }[];
}

/** A test that asks a server, in a trace of its own. */
function testOf(run: string, name: string, { service = 'shop', failed = false, requests = [] }: Parts) {
  const [traceId, spanId] = [randomId(16), randomId(8)];
  const span = { traceId, service, resource: { 'tandem.run.id': run }, start: at(0), durationMs: 5 };
  const attributes = {
    'test.case.name': name,
    'code.file.path': 'test/app.test.js',
    'test.case.result.status': failed ? 'fail' : 'pass',
  };
  return [
    { ...span, spanId, name, attributes, ...(failed && { status: 2 as const, statusMessage: 'not equal' }) },
    ...requests.flatMap(({ name = 'GET /a', path = '/a', status = 200, calls = [], ms = 5 }): PlainSpan[] => {
      const [call, request] = [randomId(8), randomId(8)];
      const answer = { 'http.response.status_code': status };
      const error = { status: status >= 500 ? (2 as const) : (0 as const) };
      const url = { 'url.full': `http://127.0.0.1:41234${path}` };
      const client = { ...span, ...error, spanId: call, parentSpanId: spanId, name: 'GET', kind: 3 };
      return [
        { ...client, attributes: { ...answer, ...url } },
        {
          ...span,
          ...error,
          durationMs: ms,
          spanId: request,
          parentSpanId: call,
          name,
          kind: 2,
          attributes: answer,
        },
        ...calls.map((operation) => {
          const attributes = { 'db.system.name': 'postgresql' };
          return { ...span, durationMs: ms, parentSpanId: request, name: operation, kind: 3, attributes };
        }),
      ];
    }),
  ];
}

/** The report of two runs with these tests by their names. */
async function reportOf(
  base: Readonly<Record<string, Parts>>,
  head: Readonly<Record<string, Parts>>,
  query = '',
): Promise<RunReport & { readonly told: (section: SectionName) => Change[] }> {
  const { store, get } = await temporaryExplorer(t);
  for (const [run, tests] of Object.entries({ base, head }))
    for (const [key, parts] of Object.entries(tests))
      await storeSpans(store, testOf(run, key.replace(/^.*: /, ''), parts));
  const { status, body } = await get(`/api/report?run=head&base=base${query}`);
  t.equal(status, 200);
  return { ...body, told: (section) => changesIn(body.changes, section) };
}

const said = (list: readonly Change[]) =>
  list.map(({ how, route, sentence }) => `${how} in ${route}: ${sentence}`).toSorted();

t.test('tests of one file and name in two packages are two tests', async () => {
  const ask = [{}];
  const { tests, told } = await reportOf(
    {
      'a: answers': { service: 'a', requests: ask, failed: true },
      'b: answers': { service: 'b', requests: ask },
    },
    {
      'a: answers': { service: 'a', requests: ask },
      'b: answers': { service: 'b', requests: ask, failed: true },
    },
  );
  t.equal(tests, 2);
  t.match(told('failing'), [{ sentence: 'b: test/app.test.js › answers' }]);
  t.match(told('mended'), [{ sentence: 'a: test/app.test.js › answers' }]);
  // A package that has another name has the same tests.
  const renamed = await reportOf(
    { answers: { service: 'a', requests: ask } },
    { answers: { service: 'c', requests: ask } },
  );
  t.same([renamed.told('newTests'), renamed.told('goneTests')], [[], []]);
});

t.test('fewer calls and another status in the same test are told, each under its title', async () => {
  const report = await reportOf(
    {
      calls: { requests: [{ name: 'GET /calls', calls: ['SELECT a', 'SELECT a'] }] },
      status: { requests: [{ name: 'GET /status' }] },
    },
    {
      calls: { requests: [{ name: 'GET /calls', calls: ['SELECT a'] }] },
      status: { requests: [{ name: 'GET /status', status: 404 }] },
    },
  );
  t.same(said(report.told('calls')), ['fewer in GET /calls: SELECT a 2 → 1']);
  t.same(said(report.told('answers')), ['other in GET /status: status 200 → 404']);
  const titles = sectionsOf(report).map(({ title }) => title);
  t.same(titles.slice(0, 2), ['Calls per request', 'Answers']);
});

t.test('a report has the causes of the run, errors first, and none of the machine', async () => {
  const { store, get } = await temporaryExplorer(t);
  const stall = (from: number, kind: string) => {
    const attributes = { 'tandem.stall.kind': kind, 'tandem.stall.duration_ms': 400 };
    return { name: 'stall', time: at(from), attributes };
  };
  const kinds = { '/loop': 'ran', '/starved': 'waited_for_processor', '/fails': undefined };
  // What only the first request of a route needs is no problem of time.
  for (const path of Object.keys(kinds))
    await storeSpans(store, [
      {
        resource: { 'tandem.run.id': 'run' },
        ...{
          service: 'shop',
          traceId: randomId(16),
          name: `GET ${path}`,
          kind: 2,
          start: at(-1_000),
          durationMs: 5,
        },
      },
    ]);
  for (const [index, [path, kind]] of Object.entries(kinds).entries())
    await storeSpans(store, [
      {
        resource: { 'tandem.run.id': 'run' },
        service: 'shop',
        traceId: randomId(16),
        name: `GET ${path}`,
        kind: 2,
        start: at(index),
        durationMs: kind ? 405 : 5,
        ...(kind
          ? { attributes: { 'tandem.stalled_ms': 400 }, events: [stall(index, kind)] }
          : { status: 2 }),
      },
    ]);
  const { body } = await get('/api/report?run=run');
  const routes = body.causes.map(({ route }: { route: string }) => route);
  t.same(routes, ['GET /fails', 'GET /loop'], 'errors come first, as at the end of the run');
});

t.test('what differs by the order and the pace of tests is no change', async () => {
  const load = { name: 'GET /a', calls: ['SELECT prices', 'SELECT a'] };
  const loaded = { name: 'GET /a', calls: ['SELECT a'] };
  const wait = { name: 'GET /ready', path: '/ready', status: 503 };
  const connected = { name: 'GET /a', calls: ['SELECT a', 'pg.connect', 'pg-pool.connect'] };
  const { told } = await reportOf(
    {
      'loads first': { requests: [load] },
      'loads second': { requests: [loaded] },
      waits: { requests: [wait, { name: 'GET /ready', path: '/ready' }] },
      connects: { requests: [loaded] },
    },
    {
      'loads first': { requests: [loaded] },
      'loads second': { requests: [load] },
      waits: { requests: [wait, wait, wait, { name: 'GET /ready', path: '/ready' }] },
      connects: { requests: [connected] },
    },
  );
  t.same([told('calls'), told('answers'), told('causes')], [[], [], []]);
});

t.test('a new error of a server whose requests have one name is new for each route', async () => {
  const ask = (path: string, status: number) => ({ requests: [{ name: 'GET', path, status }] });
  const { told } = await reportOf(
    { old: ask('/old', 500), orders: ask('/orders', 200), items: ask('/items', 200) },
    { old: ask('/old', 500), orders: ask('/orders', 500), items: ask('/items', 500) },
  );
  t.same(
    told('causes')
      .map(({ route }) => route)
      .toSorted(),
    ['GET /items', 'GET /orders'],
  );
  t.same(told('gone'), []);
});

t.test('where times cannot be compared, no cause of time is new, either', async () => {
  const tests = (ms: number) => ({ a: { requests: [{ calls: ['SELECT a'], ms }] } });
  const slower = async (query: string) => {
    const { told, not_compared } = await reportOf(tests(5), tests(900), query);
    return [not_compared?.times === undefined, told('slower').length, told('causes').length];
  };
  t.same(await slower(''), [true, 1, 1]);
  t.same(await slower('&times=false'), [false, 0, 0]);
});

t.test('a cause is gone or new only where the other run could have shown it', async () => {
  const news = async (base: Parts, head: Parts, [ofBase, ofHead] = ['a', 'a']) => {
    const { told } = await reportOf({ [ofBase]: base }, { [ofHead]: head });
    return [told('causes').length, told('gone').length];
  };
  const [fails, works] = [{ requests: [{ status: 500 }] }, { requests: [{}] }];
  const elsewhere = { requests: [{ name: 'GET /b', path: '/b' }] };
  t.same(await news(fails, works), [0, 1], 'the same test');
  t.same(await news(works, fails), [1, 0]);
  t.same(await news(fails, works, ['a', 'b']), [0, 0], 'another test, and one request');
  t.same(await news(fails, elsewhere, ['a', 'b']), [0, 0], 'nobody asked for it');
  t.same(await news(elsewhere, fails, ['a', 'b']), [0, 0]);
  t.same(await news(works, fails, ['a', 'b']), [1, 0], 'the route was there');
  t.same(await news(fails, { failed: true }), [0, 0], 'the test failed before it asked');
  const three = ({ requests: [one] }: typeof fails) => ({
    requests: [one, one, one].flatMap((each) => each ?? []),
  });
  t.same(
    await news(three(fails), three({ requests: [{ status: 200 }] }), ['a', 'b']),
    [0, 1],
    'often enough in both',
  );
});
