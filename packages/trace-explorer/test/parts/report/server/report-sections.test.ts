import t from 'tap';
import { chooseColours } from '../../../../src/core/command/terminal/colours.ts';
import { nameOf, titleOf } from '../../../../src/core/runs/run-words.ts';
import { reportText } from '../../../../src/parts/report/command/report-text.ts';
import { renderReport } from '../../../../src/parts/report/markdown-report.ts';
import { changesIn, sectionsOf } from '../../../../src/parts/report/sections.ts';
import type { RunReport } from '../../../../src/parts/report/server/schemas.ts';
import { at, temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { randomId, storeSpans } from '../../../spans.ts';

/** A test with a request, in a trace of its own. */
function testOf(
  run: string,
  name: string,
  route: string,
  { failed = false, calls = 1, longest = 1 } = {},
): readonly PlainSpan[] {
  const [traceId, spanId, request] = [randomId(16), randomId(8), randomId(8)];
  const resource = { 'tandem.run.id': run };
  const status = failed ? 2 : 0;
  const attributes = {
    'test.case.name': name,
    'code.file.path': 'shop.test.js',
    'test.case.result.status': failed ? 'fail' : 'pass',
  };
  const start = at(run === 'base' ? 0 : 5_000);
  const below = { traceId, resource, start, end: start + 1_000_000n };
  return [
    { ...below, spanId, name, attributes, status, statusMessage: failed ? 'not equal' : '' },
    { ...below, spanId: request, parentSpanId: spanId, name: `GET ${route}`, kind: 2 },
    ...Array.from({ length: calls }, (_, index) => {
      const attributes = { 'db.system.name': 'sqlite', 'server.address': 'db.example' };
      const end = start + BigInt(index === 0 ? longest : 1) * 1_000_000n;
      return { ...below, end, parentSpanId: request, name: 'SELECT items', kind: 3, attributes };
    }),
  ];
}

t.test('each line of a report leads to a stored trace, or to the telemetry of the run', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, [
    ...testOf('base', 'lists', '/items'),
    ...testOf('base', 'breaks', '/breaks'),
    ...testOf('base', 'is mended', '/mended', { failed: true }),
    ...testOf('base', 'is gone', '/gone'),
    ...testOf('base', 'moves', '/old', { calls: 0 }),
    ...testOf('head', 'lists', '/items', { calls: 3 }),
    ...testOf('head', 'breaks', '/breaks', { failed: true }),
    ...testOf('head', 'is mended', '/mended'),
    ...testOf('head', 'is new', '/new'),
    ...testOf('head', 'moves', '/moved', { calls: 0 }),
  ]);
  const report: RunReport = (await get('/api/report?run=head&base=base')).body;
  const sections = sectionsOf(report);
  const titles = sections.map(({ title }) => title);
  for (const title of ['Renamed routes', 'New tests', 'Tests that are gone', 'Newly failing', 'Mended'])
    t.ok(titles.includes(title), `${title}: ${titles}`);
  for (const { title, rows } of sections)
    for (const { cells, place } of rows) {
      const line = `${title}: ${cells.join(': ')}`;
      if (place === undefined) t.fail(line);
      else if (place.view === 'verify') t.ok(Number(place.params.end) > Number(place.params.start), line);
      else
        for (const id of [place.id, ...Object.values(place.params)])
          t.equal((await get(`/api/traces/${id}/outline`)).status, 200, line);
    }
  const compared = sections.filter(({ rows }) =>
    rows.some(({ place }) => 'compare' in (place?.params ?? {})),
  );
  t.same(
    compared.map(({ title }) => title),
    ['Calls per request', 'Renamed routes', 'Newly failing', 'Mended'],
    'what both runs have is shown beside each other',
  );
});

t.test(
  'a call that is made more often is not slower, too: the longest of more calls is longer by chance',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    const slow = { longest: 800 };
    await storeSpans(store, [
      ...['more', 'slower', 'same'].flatMap((name) => testOf('base', name, `/${name}`)),
      ...testOf('head', 'more', '/more', { ...slow, calls: 15 }),
      ...testOf('head', 'slower', '/slower', slow),
      ...testOf('head', 'same', '/same'),
    ]);
    const { changes }: RunReport = (await get('/api/report?run=head&base=base')).body;
    t.match(changesIn(changes ?? [], 'calls'), [{ how: 'more', route: 'GET /more' }]);
    t.same(
      changesIn(changes ?? [], 'slower').map(({ route }) => route),
      ['GET /slower'],
    );
  },
);

t.test('a run has one name in all places', (t) => {
  const run = { id: '1', spans: 1, first: '', last: '', requests: 0, errors: 0, tests: 0, failed: 0 };
  const commit = '1f0c9a7be1d24c551f0c9a7be1d24c551f0c9a7b';
  const [plain, named] = [
    { ...run, name: 'npm test', command: 'npm test' },
    { ...run, name: commit, branch: 'main', command: 'npm test' },
  ];
  t.equal(nameOf(plain), 'npm test');
  t.equal(nameOf({ ...plain, branch: 'main' }), 'main');
  t.equal(nameOf({ ...run, name: 'before the move to node 26' }), 'before the move to node 26');
  t.equal(titleOf(plain), 'npm test');
  t.equal(titleOf(named, plain), 'npm test: main 1f0c9a7be1d2 compared with npm test');
  t.ok(nameOf({ ...run, name: 'x'.repeat(1_000_000) }).length < 100);
  t.end();
});

t.test('a terminal, which renders no Markdown, gets the texts as they are', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, testOf('base', 'lists_all [1]', '/items/:id', { failed: true }));
  const report: RunReport = (await get('/api/report?run=base')).body;
  const [text, markdown] = [reportText(report, chooseColours(1)), await renderReport(report)];
  t.match(markdown, 'lists\\_all \\[1\\]');
  t.match(text, 'lists_all [1]: not equal');
  t.match(text, /lists_all \[1\]: 1\.00 ms/, 'with the times of the longest');
  t.notMatch(text, /\\[[_]/);
});
