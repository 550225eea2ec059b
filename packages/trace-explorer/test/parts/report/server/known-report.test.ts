import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { AcceptedEntry } from '../../../../src/core/problems/file/accepted.ts';
import { textOf } from '../../../../src/parts/known/command/write-file.ts';
import { sectionsOf } from '../../../../src/parts/report/sections.ts';
import type { RunReport } from '../../../../src/parts/report/server/schemas.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { storeSpans } from '../../../spans.ts';
import { shopSpans } from '../../known/shop-run.ts';

const loop: AcceptedEntry = {
  ...{ rule: 'repeated-call', service: 'shop', route: 'GET /orders', operation: 'SELECT items' },
  ...{ statement: 'select name from items where id = ?', file: 'packages/shop/src/orders.js' },
  ...{ by: 'orders team', why: 'a report', since: '2026-11-29', until: '2999-01-01' },
};
const gone = { ...loop, operation: 'SELECT gone', statement: 'select a', sentence: 'SELECT gone was called' };

t.test('a report of the page says what the project of its run has accepted, in full and last', async (t) => {
  const { app, store, get } = await temporaryExplorer(t);
  const folder = t.testdir({ '.git': {}, packages: { shop: {} } });
  const path = join(folder, 'tandem-known.json');
  const payload = { run: 'r1', folder: join(folder, 'packages/shop') };
  await app.inject({ method: 'POST', url: '/api/code-folder', payload });
  await storeSpans(store, shopSpans({}, 'r1'));
  const report = async (): Promise<RunReport> => (await get('/api/report?run=r1&known=true')).body;
  const titles = async () =>
    sectionsOf(await report(), { inFull: true }).map(({ title, rows }) => [title, rows.length]);
  t.same(await titles(), [['Problems', 3]], 'without a file');
  writeFileSync(path, textOf([loop, gone]));
  t.same(await titles(), [
    ['Problems', 2],
    ['Known problems', 2],
  ]);
  const told = await report();
  t.match(told.causes.at(-1), { rule: 'repeated-call', accepted: { by: 'orders team', why: 'a report' } });
  t.match(told.unseen, [{ sentence: 'SELECT gone was called', asked: 3 }]);
  t.notOk(
    told.causes.some(({ sightings }) => sightings),
    'what is compared is not told',
  );
  const known = sectionsOf(told, { inFull: true }).at(-1);
  t.match(known, {
    sentences: [/^1 known problem \(.*tandem-known\.json\)$/],
    rows: [
      { cells: [/^SELECT items was called 15 times/], place: { view: 'trace' } },
      { cells: ['SELECT gone was called'] },
    ],
  });
  t.equal(known?.rows[0]?.details?.at(-1), 'accepted by orders team until 2999-01-01: a report');
  t.match(
    (await get('/api/report?run=r1')).body,
    { causes: { length: 3 }, unseen: undefined },
    'a command reads its own file',
  );
});

t.test('a broken file hides nothing in a report, which says so', async (t) => {
  const { app, store, get } = await temporaryExplorer(t);
  const folder = t.testdir({ '.git': {}, 'tandem-known.json': '{"version": 1,\n"known": [}' });
  await app.inject({ method: 'POST', url: '/api/code-folder', payload: { run: 'r2', folder } });
  await storeSpans(store, shopSpans({}, 'r2'));
  const { causes, known_fault }: RunReport = (await get('/api/report?run=r2&known=true')).body;
  t.equal(causes.filter(({ accepted }) => accepted).length, 0);
  t.equal(known_fault, 'tandem-known.json:2: this is no JSON');
});

t.test('beside a base, a known problem is no news', async (t) => {
  const { app, store, get } = await temporaryExplorer(t);
  const file = textOf([{ ...loop, file: 'src/orders.js' }]);
  const folder = t.testdir({ '.git': {}, 'tandem-known.json': file });
  for (const run of ['base', 'head'])
    await app.inject({ method: 'POST', url: '/api/code-folder', payload: { run, folder } });
  await storeSpans(store, shopSpans({ mended: ['orders', 'sku'] }, 'base'));
  await storeSpans(store, shopSpans({}, 'head'));
  const report: RunReport = (await get('/api/report?run=head&base=base&known=true')).body;
  const news = sectionsOf(report, { inFull: true }).find(({ title }) => title === 'New problems');
  t.match(news?.rows, [{ cells: [/reading 'sku'/] }]);
  t.equal(news?.rows.length, 1);
});
