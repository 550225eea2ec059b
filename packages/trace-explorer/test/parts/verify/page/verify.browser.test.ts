import t from 'tap';
import { openPage } from '../../../page/browser.ts';
import { eachLook, pageWidth } from '../../../page/looks.ts';
import { shownText } from '../../../page/trace-fixtures.ts';
import { storeSpans } from '../../../spans.ts';

t.test(
  'what fails is said by rule, in plain words first, with what mends it and every service',
  async (t) => {
    const { page, problems, violations } = await openPage(t, {
      path: '/verify',
      fill: (store) =>
        storeSpans(store, [
          ...['a', 'b', 'c'].map((service) => ({ service, kind: 2, name: 'GET /' })),
          {
            service: 'old',
            kind: 2,
            name: 'GET',
            attributes: { 'http.method': 'GET', 'http.url': 'http://a/' },
          },
        ]),
    });
    const rule = page.locator('.verify-rule', { hasText: 'Instances of a service look like one' });
    await rule.waitFor();
    t.match(await shownText(rule), /look like one\s+4 services[\s\S]*Normal$/);
    await rule.getByRole('button').focus();
    await page.keyboard.press('Enter');
    t.match(await shownText(rule), /RES-001[\s\S]*service\.instance\.id/);
    t.equal(await rule.locator('tbody tr').count(), 4);
    const old = page.locator('.verify-rule', { hasText: 'Old names of attributes' });
    await old.getByRole('button').first().click();
    await eachLook(page, async ({ width }, look) => {
      t.same(await violations(), [], look);
      t.ok((await pageWidth(page)) <= width, `${look}: nothing sticks out`);
      const names = page.locator('.verify-rule .strong, .verify-rule [title]');
      const cut = await names.evaluateAll((all) =>
        all
          .filter((each) => each.scrollWidth > each.clientWidth && each.clientWidth > 0)
          .map((each) => each.textContent),
      );
      t.same(cut, [], `${look}: a rule and how much it costs are whole`);
      const table = old.locator('.table-scroller');
      t.ok(
        await table.evaluate((each) => each.scrollWidth <= each.clientWidth),
        `${look}: what shows it is in sight`,
      );
    });
    await old.getByRole('link', { name: 'a span or line' }).first().click();
    await page.waitForURL(/\/trace\/[0-9a-f]{32}\?span=/);
    await page.goBack();
    await page.getByRole('link', { name: 'old' }).last().click();
    await page.waitForURL((url) => url.pathname === '/service/old');
    t.same(problems, []);
  },
);

t.test('before the first span it says how to send one', async (t) => {
  const { page, problems } = await openPage(t, { path: '/verify?last=60' });
  await page.getByRole('heading', { name: 'No spans yet' }).waitFor();
  t.same(problems, []);
});
