import t from 'tap';
import { openPage } from '../../../page/browser.ts';
import { storeSpans } from '../../../spans.ts';

t.test('the address that `run` names shows the time of its run', async (t) => {
  const start = BigInt(Date.now() - 7_200_000) * 1_000_000n;
  const { page, origin, problems } = await openPage(t, {
    path: '/',
    fill: (store) =>
      storeSpans(store, [
        {
          ...{ kind: 2, name: 'GET /then', start },
          resource: {
            'tandem.run.id': 'then',
            'tandem.run.name': 'feature/recommend 9b2e4d6f8a0c',
            'tandem.run.command': 'npm run test:integration -- --runInBand',
          },
        },
      ]),
  });
  await page.goto(`${origin}/?run=then`);
  await page.waitForURL((url) => url.searchParams.get('start') !== null);
  const { searchParams } = new URL(page.url());
  const [from, to] = [Number(searchParams.get('start')), Number(searchParams.get('end'))];
  t.ok(from * 1e9 <= Number(start) && Number(start) < to * 1e9);
  t.equal(searchParams.get('run'), 'then');
  await page.getByRole('button', { name: /^Time: / }).click();
  const list = page.getByRole('dialog', { name: 'Time' });
  await list
    .getByRole('button', { name: /recommend|npm/ })
    .first()
    .waitFor();
  t.ok(await list.evaluate((each) => each.scrollWidth <= each.clientWidth), 'a long name sticks out nowhere');
  t.same(problems, []);
});
