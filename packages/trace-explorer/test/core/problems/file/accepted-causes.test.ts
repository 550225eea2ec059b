import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { AcceptedEntry } from '../../../../src/core/problems/file/accepted.ts';
import type { Cause } from '../../../../src/core/problems/schemas.ts';
import type { CauseDetail } from '../../../../src/parts/causes/server/schemas.ts';
import { textOf } from '../../../../src/parts/known/command/write-file.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { shopSpans } from '../../../parts/known/shop-run.ts';
import { storeSpans } from '../../../spans.ts';

const loop: AcceptedEntry = {
  ...{ rule: 'repeated-call', service: 'shop', route: 'GET /orders', operation: 'SELECT items' },
  ...{ statement: 'select name from items where id = ?', file: 'packages/shop/src/orders.js' },
  ...{ by: 'orders team', why: 'a report', since: '2026-11-29' },
};

t.test('a cause that the project of its run accepted says by whom, by the file of now', async (t) => {
  const { app, store, get } = await temporaryExplorer(t);
  const folder = t.testdir({ '.git': {}, packages: { shop: {} } });
  const path = join(folder, 'tandem-known.json');
  const own = join(folder, 'packages/shop');
  await app.inject({ method: 'POST', url: '/api/code-folder', payload: { run: 'r1', folder: own } });
  await storeSpans(store, shopSpans({}, 'r1'));
  const causes = async () => (await get('/api/causes')).body.causes as Cause[];
  const accepted = async () =>
    (await causes()).filter((cause) => cause.accepted !== undefined).map(({ name }) => name);
  t.equal((await causes()).length, 3);
  t.same(await accepted(), []);
  writeFileSync(path, textOf([loop]));
  t.same(await accepted(), ['SELECT items']);
  const [cause] = (await causes()).filter(({ name }) => name === 'SELECT items');
  t.match(cause, { accepted: { by: 'orders team', why: 'a report' }, hidden: undefined });
  const detail = (await get(`/api/causes/${cause?.id}`)).body as CauseDetail;
  t.match(detail, { cause: { accepted: { by: 'orders team' } }, accept: /known add [0-9a-f]{12} --why/ });
  writeFileSync(path, textOf([{ ...loop, until: '2026-01-01', since: '2025-01-01' }]));
  t.same(await accepted(), [], 'an entry that has ended');
  writeFileSync(path, textOf([{ ...loop, file: 'src/orders.js' }]));
  t.same(await accepted(), [], 'another file of the repository');
  writeFileSync(path, '{');
  t.same(await accepted(), [], 'a file with a fault');
});

t.test('spans of a run whose folder nobody knows, and of another project, are not accepted', async (t) => {
  const { app, store, get } = await temporaryExplorer(t);
  const folder = t.testdir({ one: { '.git': {} }, two: { '.git': {} } });
  writeFileSync(join(folder, 'one/tandem-known.json'), textOf([{ ...loop, file: 'src/orders.js' }]));
  mkdirSync(join(folder, 'two/.git'), { recursive: true });
  await app.inject({
    method: 'POST',
    url: '/api/code-folder',
    payload: { run: 'r2', folder: join(folder, 'two') },
  });
  await storeSpans(store, [
    ...shopSpans({ routes: ['orders'] }, 'r2'),
    ...shopSpans({ routes: ['orders'] }, 'r3'),
  ]);
  const { causes } = (await get('/api/causes')).body as { causes: Cause[] };
  t.match(causes, [{ name: 'SELECT items', accepted: undefined }]);
});

t.test('kinds of sightings come with the traces that show them, where they are asked for', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, shopSpans({}, 'r4'));
  const asked = (await get('/api/causes?sightings=true')).body.causes as Cause[];
  const [found] = asked.filter(({ name }) => name === 'SELECT items');
  t.match(found?.sightings, [{ route: 'GET /orders', statement: loop.statement, trace_ids: { length: 3 } }]);
  t.equal(((await get('/api/causes')).body.causes as Cause[])[0]?.sightings, undefined);
});

t.test('agents are told what is known in one line, and last', async (t) => {
  const { app, store } = await temporaryExplorer(t);
  const folder = t.testdir({ '.git': {}, 'tandem-known.json': textOf([{ ...loop, file: 'src/orders.js' }]) });
  await app.inject({ method: 'POST', url: '/api/code-folder', payload: { run: 'r5', folder } });
  await storeSpans(store, shopSpans({ routes: ['orders', 'sku'] }, 'r5'));
  const { whatIsWrong } = await import('../../../../src/parts/causes/tools/causes.ts');
  const ask = async (path: string) => (await app.inject(path)).json();
  const answer = await whatIsWrong.run({}, { ask, page: 'http://localhost:4319' } as never);
  t.match(answer, {
    causes_total: 1,
    causes: [{ rule: 'error' }],
    known: '1 known problem (tandem-known.json)',
  });
});

t.test(
  'an error is compared without the names of its variables, and with those of its members',
  async (t) => {
    const messageOf = async (says: string) => {
      const { store, get } = await temporaryExplorer(t);
      await storeSpans(store, shopSpans({ routes: ['sku'], says }, 'r6'));
      const { causes } = (await get('/api/causes?sightings=true')).body as { causes: Cause[] };
      return causes[0]?.sightings?.[0]?.message;
    };
    t.equal(await messageOf('order.total is not a function'), '….total is not a function');
    t.equal(await messageOf('e.total is not a function'), '….total is not a function');
    t.equal(await messageOf('orderOf(...).total is not a function'), '….total is not a function');
    t.equal(await messageOf('{(intermediate value)}.total is not a function'), '….total is not a function');
    t.equal(await messageOf('order.lines.map is not a function'), '….map is not a function');
    t.equal(await messageOf('totalOf is not a function'), 'totalOf is not a function', 'that is what lacks');
    t.equal(
      await messageOf("Cannot destructure property 'sku' of 'order' as it is undefined."),
      await messageOf("Cannot destructure property 'sku' of 'n' as it is undefined."),
    );
    t.not(
      await messageOf("Cannot destructure property 'sku' of 'order' as it is undefined."),
      await messageOf("Cannot destructure property 'price' of 'order' as it is undefined."),
    );
  },
);
