import t from 'tap';
import { STALLED_SENTENCES, STALLED_SPANS, STALLED_TRACE } from '../../../core/traces/stalled-spans.ts';
import { openPage } from '../../../page/browser.ts';
import { shownText } from '../../../page/trace-fixtures.ts';
import { storeSpans } from '../../../spans.ts';

const { page, store, origin, problems } = await openPage(t, { path: false });

t.test('a process that stood still is hatched, and a call shows its parts', async (t) => {
  await storeSpans(store, STALLED_SPANS);
  await page.goto(`${origin}/trace/${STALLED_TRACE}`);
  const row = (name: string) => page.locator('.span-row', { hasText: name });
  await row('GET /home').waitFor();
  for (const [name, at] of Object.entries({ 'GET /home': 0, 'GET users': 1, 'GET /users': 2 })) {
    const stalls = page.locator('.span-row').nth(at).locator('.bar-stall');
    t.equal(await stalls.count(), 1, name);
  }
  const [before, bar] = await Promise.all(
    ['.bar-stall', '.bar'].map((sign) => row('GET /users').locator(sign).boundingBox()),
  );
  t.ok(before && bar && before.x + before.width <= bar.x + 1, 'before the request that could not begin');
  t.equal(await row('GET /home').locator('.event-mark').count(), 2, 'stalls are no events beside it');
  for (const sentence of STALLED_SENTENCES) t.match(await shownText(page.locator('.findings')), sentence);
  t.match(await shownText(page.locator('.stall-legend')), /stood still:\s+api 301 ms, users 250 ms/);
  const [legend, tools] = await Promise.all(
    ['.stall-legend', '.trace-toolbar'].map((part) => page.locator(part).boundingBox()),
  );
  t.ok(legend && tools && legend.y >= tools.y, 'the legend is in the row of the tools');
  t.ok(legend && tools && legend.y + legend.height <= tools.y + tools.height, 'and takes no row of its own');
  await row('GET users').locator('.bar').hover();
  const tip = page.locator('.call-tip:popover-open');
  t.match(
    await shownText(tip),
    /^GET users of api: .*connecting 2\.00 ms.*waiting for the first byte 600 ms/s,
  );
  t.ok(await tip.locator('.service-bar > .firstByte').isVisible(), 'as one bar');
  await page.mouse.move(0, 0);
  await tip.waitFor({ state: 'detached' });
  await row('GET users').click();
  t.match(
    await shownText(page.locator('.span-panel .call-parts')),
    /connecting 2\.00 ms.*waiting for the first byte 600 ms/s,
  );
  await page.keyboard.press('?');
  t.match(await shownText(page.getByRole('dialog')), /the span’s process stood still/);
  t.same(problems, []);
});
