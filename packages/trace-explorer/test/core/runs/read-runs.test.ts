import t from 'tap';
import { at, temporaryExplorer } from '../../explorer.ts';
import { storeSpans } from '../../spans.ts';

const span = (name: string, ms: number) => ({
  kind: 2,
  start: at(ms),
  resource: { 'vcs.ref.head.revision': name },
});

t.test('runs are listed by their newest spans', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, [{ kind: 2 }]);
  t.same((await get('/api/runs')).body, { runs: [] });
  await storeSpans(store, [span('main', 0), span('main', 10), span('feature', 5)]);
  t.match((await get('/api/runs')).body, {
    runs: [
      { name: 'main', spans: 2 },
      { name: 'feature', spans: 1 },
    ],
  });
});

t.test('the name of a branch means its newest run', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const ofBranch = (branch: string, revision: string, ms: number) => ({
    ...span(revision, ms),
    resource: { 'vcs.ref.head.revision': revision, 'vcs.ref.head.name': branch },
  });
  await storeSpans(store, [
    ofBranch('main', 'a1', 0),
    ofBranch('main', 'b2', 10),
    ofBranch('cart', 'c3', 20),
  ]);
  t.match((await get('/api/report?base=main')).body, {
    base: { name: 'b2', branch: 'main' },
    run: { name: 'c3', branch: 'cart' },
  });
  t.match((await get('/api/compare?base=main')).body, { base: { name: 'b2' }, head: { name: 'c3' } });
  t.match((await get('/api/compare?base=main&head=main')).body, {
    base: { name: 'a1' },
    head: { name: 'b2' },
  });
  t.equal((await get('/api/compare')).status, 400, 'without a base');
  t.match((await get('/api/report?base=a1&run=cart')).body, { base: { name: 'a1' }, run: { name: 'c3' } });
  t.match(
    (await get('/api/report?run=main&base=main')).body,
    { base: { name: 'a1' }, run: { name: 'b2' } },
    'the base of a branch is not the run itself',
  );
  t.match((await get('/api/report?run=c3&base=cart')).body.detail, 'No span of another run has');
});

t.test('a run that is not stored is named, with those that are', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const none = await get('/api/report?base=main');
  t.equal(none.status, 404);
  t.match(none.body.detail, 'vcs.ref.head.revision "main". The explorer has the runs: none.');
  await storeSpans(store, [span('main', 0)]);
  t.match(
    (await get('/api/report?base=main')).body.detail,
    'No run other than main is stored. The explorer has the runs: "main".',
  );
  await storeSpans(store, [span('older', -9), span('newer', 9)]);
  t.match((await get('/api/report?base=main')).body, { base: { name: 'main' }, run: { name: 'newer' } });
  t.match((await get('/api/report?base=main&run=older')).body.run, { name: 'older' });
  const wrong = await get('/api/report?base=main&run=mian');
  t.match(wrong.body.detail, '"mian". The explorer has the runs: "newer", "main", "older".');
});
