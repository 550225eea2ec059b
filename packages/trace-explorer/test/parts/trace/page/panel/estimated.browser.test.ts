import t from 'tap';
import { IS_NIGHT } from '../../../../../../../test/helpers/nightly.ts';
import { at } from '../../../../explorer.ts';
import { openPage } from '../../../../page/browser.ts';
import { randomId, storeSpans } from '../../../../spans.ts';
import { askFor } from '../../../query/page/open-query.ts';

const SAYS = /Estimated from a sample of the spans: a span with sample rate 10 stands for 10 spans/;

t.test('the page says where numbers are estimated from sampled spans, and only there', async (t) => {
  for (const rate of [10, 1]) {
    const { page, origin, problems, violations } = await openPage(t, {
      path: false,
      fill: (store) =>
        storeSpans(
          store,
          Array.from({ length: 3 }, () => ({
            service: 'shop',
            kind: 2,
            name: 'GET /',
            start: at(0),
            durationMs: 5,
            attributes: { SampleRate: rate },
          })),
        ),
    });
    for (const path of ['/map', askFor({ calculations: [{ op: 'COUNT' }] })]) {
      await page.goto(origin + path);
      await page.locator('.map-node, .data-table').first().waitFor();
      t.equal(await page.getByText(SAYS).count(), rate === 1 ? 0 : 1, `${path} with rate ${rate}`);
      const drawn = await page.locator('.map-node').allTextContents();
      for (const text of drawn) t.equal(text.includes('≈'), rate === 10, text);
    }
    if (IS_NIGHT) t.same(await violations(), []);
    await page.goto(`${origin}/traces`);
    await page.locator('.root-name').first().waitFor();
    t.equal(await page.getByTitle('Stands for 10 traces').count(), rate === 1 ? 0 : 3);
    t.same(problems, []);
  }
});

t.test('the slowest of sampled spans is the slowest, also beside those that it stands for', async (t) => {
  const traceIds = Array.from({ length: 5 }, () => randomId(16));
  const spans = traceIds.map((traceId, n) => ({
    ...{ traceId, service: 'shop', kind: 2, name: 'GET /', start: at(0), durationMs: 5 * (n + 1) },
    attributes: { SampleRate: 10 },
  }));
  const { page, problems } = await openPage(t, {
    path: `/trace/${traceIds[4]}?tab=durations`,
    fill: (store) => storeSpans(store, spans),
  });
  await page.locator('.span-row').first().click();
  await page.getByRole('tab', { name: 'Durations' }).click();
  const said = page.getByText(/Beside \d+ other spans/);
  await said.waitFor();
  t.match(await said.textContent(), /Beside 40 other spans .* it is the slowest/);
  t.same(problems, []);
});
