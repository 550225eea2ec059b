import t from 'tap';
import { openTrace } from './open-trace.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`${colorScheme}: nothing for axe to complain of, wide and at 400 pixels`, async (t) => {
    const { page, ids, goto, violations, problems } = await openTrace(t, {
      colorScheme,
      trace: { failing: true, skewMs: 700, extra: [{ name: 'orphan', parentSpanId: '1234567890abcdef' }] },
    });
    const places = [
      '',
      `?span=${ids.users}&columns=user.id&path=critical`,
      `?span=${ids.users}&tab=events&q=users`,
      `?span=${ids.data}&tab=links`,
      `?span=${ids.users}&tab=durations`,
      `?span=${ids.users}&tab=otlp&depth=1`,
    ];
    for (const place of places) {
      await goto(place);
      await page.waitForTimeout(150);
      t.same(await violations(), [], place);
    }
    await page.keyboard.press('?');
    t.same(await violations(), [], 'the list of keys');
    await page.setViewportSize({ width: 400, height: 800 });
    await goto(`?span=${ids.users}`);
    t.same(await violations(), [], '400 pixels');
    t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400, 'nothing sticks out');
    const sheet = await page.locator('.span-panel').boundingBox();
    t.ok(sheet !== null && sheet.y < 500 && sheet.y + sheet.height <= 801, 'the panel is in sight at once');
    await page.emulateMedia({ forcedColors: 'active' });
    const bar = page.locator('.bar').first();
    const background = await bar.evaluate((element) => getComputedStyle(element).backgroundColor);
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    t.not(background, ground, 'high contrast leaves the bars');
    t.same(problems, []);
  });
}
