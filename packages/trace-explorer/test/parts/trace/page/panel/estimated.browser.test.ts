import t from 'tap';
import { IS_NIGHT } from '../../../../../../../test/helpers/nightly.ts';
import { at } from '../../../../explorer.ts';
import { openPage } from '../../../../page/browser.ts';
import { storeSpans } from '../../../../spans.ts';
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
