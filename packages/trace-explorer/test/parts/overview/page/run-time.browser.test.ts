import t from 'tap';
import { openPage } from '../../../page/browser.ts';
import { storeSpans } from '../../../spans.ts';

t.test('the address that `run` names shows the time of its run', async (t) => {
  const start = BigInt(Date.now() - 7_200_000) * 1_000_000n;
  const { page, origin, problems } = await openPage(t, {
    path: '/',
    fill: (store) =>
      storeSpans(store, [{ kind: 2, name: 'GET /then', start, resource: { 'tandem.run.id': 'then' } }]),
  });
  await page.goto(`${origin}/?run=then`);
  await page.waitForURL((url) => url.searchParams.get('start') !== null);
  const { searchParams } = new URL(page.url());
  const [from, to] = [Number(searchParams.get('start')), Number(searchParams.get('end'))];
  t.ok(from * 1e9 <= Number(start) && Number(start) < to * 1e9);
  t.equal(searchParams.get('run'), 'then');
  t.same(problems, []);
});
